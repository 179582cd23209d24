/* The kernel of the lattice cipher in plain C: residues are integers below p, factors of the transforms have Shoup's quotients (floor of
 * w*2^64/p), and products of transformed polynomials carry Montgomery's 2^-64, which the last factor takes back.
 *
 * p = 2^50 - 16383. A coefficient of d*s is at most 2^(digit_bits - 1) times the sum of |s|'s, which `share` keeps below 2^(49 - digit_bits): so |d*s| <= 2^48 < p/2: the balanced residue is the integer itself. */
#include "src/crypto/lattice_public.h"
#include "src/crypto/lattice_wire.h"

#include "lib/bytes.h"

#include <sodium.h>
#include <string.h>

#define MINUS_INVERSE UINT64_C(0xff03fbffefffbfff) /* -1/p modulo 2^64 */

static bool available(void)
{
    return true;
}

/* x below 2p */
static inline uint64_t below_prime(uint64_t x)
{
    uint64_t less = x - LATTICE_PRIME;
    return less + (LATTICE_PRIME & (0 - (less >> 63)));
}

static inline uint64_t times(uint64_t x, uint64_t factor, uint64_t quotient)
{
    uint64_t high = (uint64_t)((lattice_wide)x * quotient >> 64);
    return below_prime(x * factor - high * LATTICE_PRIME);
}

/* left*right / 2^64 modulo p */
static inline uint64_t montgomery(uint64_t left, uint64_t right)
{
    lattice_wide product = (lattice_wide)left * right;
    uint64_t factor = (uint64_t)product * MINUS_INVERSE;
    return below_prime((uint64_t)((product + (lattice_wide)factor * LATTICE_PRIME) >> 64));
}

/* ---- roots of unity ---- */

enum { LOG_MOST_DEGREE = 13 };

static const uint64_t root_of_16384 = 971709613313032; /* a primitive one: its 8192nd power is -1; tests check it */

static uint64_t multiply_modulo(uint64_t left, uint64_t right)
{
    return (uint64_t)((lattice_wide)left * right % LATTICE_PRIME);
}

static uint64_t power(uint64_t base, uint64_t exponent)
{
    uint64_t result = 1;
    for (; exponent > 0; exponent >>= 1, base = multiply_modulo(base, base))
        if (exponent & 1) result = multiply_modulo(result, base);
    return result;
}

static uint32_t reversed(uint32_t index, uint32_t bits)
{
    uint32_t result = 0;
    for (uint32_t i = 0; i < bits; i++) result |= (index >> i & 1) << (bits - 1 - i);
    return result;
}

static void prepare(uint64_t *factor, uint64_t *quotient, uint64_t root)
{
    *factor = root;
    *quotient = (uint64_t)(((lattice_wide)root << 64) / LATTICE_PRIME);
}

static void fill(struct lattice_ring *ring)
{
    uint64_t root = power(root_of_16384, (uint64_t)1 << (LOG_MOST_DEGREE - ring->log_degree)), back = power(root, LATTICE_PRIME - 2);
    uint64_t there = 1, again = 1;
    for (uint32_t i = 0; i < ring->degree; i++) {
        uint32_t at = reversed(i, ring->log_degree);
        prepare(&ring->forward[at], &ring->forward_quotient[at], there);
        prepare(&ring->inverse[at], &ring->inverse_quotient[at], again);
        there = multiply_modulo(there, root);
        again = multiply_modulo(again, back);
    }
    prepare(&ring->last, &ring->last_quotient, (uint64_t)(((lattice_wide)power(ring->degree, LATTICE_PRIME - 2) << 64) % LATTICE_PRIME));
}

static double share(const struct lattice_profile *profile, uint64_t absolute, uint64_t squares)
{
    (void)squares;
    return (double)absolute / (double)((uint64_t)1 << (49 - profile->digit_bits));
}

/* ---- transforms ---- */

/* Longa and Naehrig, Speeding up the number theoretic transform (CANS 2016), algorithms 1 and 2. */
static void transform(const struct lattice_ring *ring, uint64_t *out)
{
    for (uint32_t groups = 1, half = ring->degree / 2; half > 0; groups *= 2, half /= 2)
        for (uint32_t group = 0; group < groups; group++) {
            uint64_t factor = ring->forward[groups + group], quotient = ring->forward_quotient[groups + group];
            uint64_t *first = out + 2 * (size_t)group * half, *second = first + half;
            for (uint32_t i = 0; i < half; i++) {
                uint64_t left = first[i], right = times(second[i], factor, quotient);
                first[i] = below_prime(left + right);
                second[i] = below_prime(left + LATTICE_PRIME - right);
            }
        }
}

static uint64_t residue(int64_t number)
{
    return (uint64_t)number + (LATTICE_PRIME & (0 - ((uint64_t)number >> 63)));
}

static void forward(const struct lattice_ring *ring, uint64_t *out, const int64_t *in)
{
    for (uint32_t i = 0; i < ring->degree; i++) out[i] = residue(in[i]);
    transform(ring, out);
}

static void forward_small(const struct lattice_ring *ring, uint64_t *out, const int8_t *in)
{
    for (uint32_t i = 0; i < ring->degree; i++) out[i] = residue(in[i]);
    transform(ring, out);
}

static void inverse(const struct lattice_ring *ring, int64_t *out, uint64_t *in)
{
    for (uint32_t groups = ring->degree / 2, half = 1; groups > 0; groups /= 2, half *= 2)
        for (uint32_t group = 0; group < groups; group++) {
            uint64_t factor = ring->inverse[groups + group], quotient = ring->inverse_quotient[groups + group];
            uint64_t *first = in + 2 * (size_t)group * half, *second = first + half;
            for (uint32_t i = 0; i < half; i++) {
                uint64_t left = first[i], right = second[i];
                first[i] = below_prime(left + right);
                second[i] = times(left + LATTICE_PRIME - right, factor, quotient);
            }
        }
    for (uint32_t i = 0; i < ring->degree; i++) {
        out[i] = (int64_t)(in[i] - (LATTICE_PRIME & (0 - ((LATTICE_PRIME / 2 - in[i]) >> 63))));
    }
}

static void scale(const struct lattice_ring *ring, uint64_t *transformed)
{
    for (uint32_t i = 0; i < ring->degree; i++) transformed[i] = times(transformed[i], ring->last, ring->last_quotient);
}

static void multiply(const struct lattice_ring *ring, int64_t *out, uint64_t *scratch, const uint64_t *left, const uint64_t *right,
                     uint32_t count)
{
    for (size_t at = 0; at < (size_t)count * ring->degree; at += ring->degree) {
        for (uint32_t i = 0; i < ring->degree; i++) scratch[i] = montgomery(left[at + i], right[i]);
        inverse(ring, out + at, scratch);
    }
}

static void accumulate(const struct lattice_ring *ring, uint64_t *sums, const uint64_t *const *left, const uint64_t *const *right,
                       uint32_t count)
{
    for (uint32_t product = 0; product < count; product++)
        for (uint32_t i = 0; i < ring->degree; i++) sums[i] = below_prime(sums[i] + montgomery(left[product][i], right[product][i]));
}

static void inner(int32_t *out, const int8_t *small, const int16_t *planes, uint32_t plane_count, uint32_t count)
{
    for (uint32_t plane = 0; plane < plane_count; plane++) {
        int32_t sum = 0;
        for (uint32_t i = 0; i < count; i++) sum += small[i] * planes[(size_t)plane * count + i];
        out[plane] += sum;
    }
}

static uint32_t ones(uint32_t bits)
{
    bits -= bits >> 1 & 0x55555555;
    bits = (bits & 0x33333333) + (bits >> 2 & 0x33333333);
    bits = (bits + (bits >> 4)) & 0x0f0f0f0f;
    return bits * 0x01010101 >> 24;
}

/* Ones among 42 bits, less their mean. */
static void binomial(int8_t *out, const uint8_t *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t part = i / 32 % 4, lane = i % 32;
        const uint8_t *group = bytes + (size_t)(i / LATTICE_BINOMIAL_GROUP) * LATTICE_BINOMIAL_BYTES,
                      *five = group + 160 * (size_t)part + lane;
        const uint32_t last = (uint32_t)(group[640 + lane] >> 2 * part & 3) << 8 | five[128];
        const uint32_t first = five[0] | (uint32_t)five[32] << 8 | (uint32_t)five[64] << 16 | (uint32_t)five[96] << 24;
        out[i] = (int8_t)((int32_t)(ones(first) + ones(last)) - LATTICE_NOISE);
    }
}

/* No branch and no address depends on what is drawn: the whole table is compared. */
static void gaussian(int8_t *out, const uint8_t *bytes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t drawn = bytes_load_u64(bytes + 8 * (size_t)i), value = drawn & (UINT64_MAX >> 1);
        uint64_t size = 0;
        for (uint32_t j = 0; j < LATTICE_WIDEST; j++) size += (lattice_gaussian_table[j] - 1 - value) >> 63;
        const int32_t sign = -(int32_t)(drawn >> 63);
        out[i] = (int8_t)(((int32_t)size ^ sign) - sign);
    }
}

static struct lattice_lengths lengths(const int8_t *numbers, uint32_t count)
{
    struct lattice_lengths lengths = {0, 0, 0};
    for (uint32_t i = 0; i < count; i++) {
        const int32_t number = numbers[i], sign = -(int32_t)((uint32_t)number >> 31);
        lengths.positive += (uint32_t)(number & ~sign);
        lengths.negative += (uint32_t)(-number & sign);
        lengths.squares += (uint32_t)(number * number);
    }
    return lengths;
}

static uint64_t hash(uint64_t *sums, const uint32_t *key, const int32_t *numbers, uint32_t count)
{
    uint64_t total = 0;
    memset(sums, 0, LATTICE_HASHES * sizeof *sums);
    for (uint32_t i = 0; i < count; i += 2) {
        const uint32_t first = (uint32_t)numbers[i], second = (uint32_t)numbers[i + 1];
        const uint32_t first_sign = 0 - (first >> 31), second_sign = 0 - (second >> 31);
        total += (uint64_t)((first ^ first_sign) - first_sign) + ((second ^ second_sign) - second_sign);
        for (uint32_t j = 0; j < LATTICE_HASHES; j++)
            sums[j] += (uint64_t)(uint32_t)(first + key[i + 2 * j]) * (uint32_t)(second + key[i + 1 + 2 * j]);
    }
    return total;
}

/* By pieces that stay in the first cache. */
static void write_words(const struct lattice_profile *profile, uint32_t scale, uint8_t *bytes, const int64_t *integers, const int8_t *noise,
                        const int32_t *values, uint32_t count)
{
    enum { PIECE = 256 };
    struct lattice_word words[PIECE];
    for (uint32_t first = 0; first < count; first += PIECE) {
        const uint32_t some = count - first < PIECE ? count - first : PIECE;
        for (uint32_t i = 0; i < some; i++) {
            const int64_t value = values == NULL ? 0 : values[first + i];
            words[i] = lattice_word_of(lattice_signed(noise[first + i]) + (lattice_signed(value) << scale));
        }
        lattice_public_join(profile, words, integers, first, some);
        lattice_words_write(profile, bytes + (uint64_t)first * profile->bytes, words, some);
    }
    sodium_memzero(words, (count < PIECE ? count : PIECE) * sizeof *words);
}

static void add_rows(uint64_t *cells, const uint64_t *rows, const uint16_t *index, uint64_t row_count, uint32_t columns, uint32_t stride)
{
    for (uint64_t row = 0; row < row_count; row++)
        for (uint32_t column = 0; column < columns; column++) {
            uint64_t *to = cells + (uint64_t)index[row * columns + column] * stride;
            for (uint32_t i = 0; i < stride; i++) to[i] += rows[row * stride + i];
        }
}

const struct lattice_kernel lattice_portable = {.name = "portable",
                                                .available = available,
                                                .fill = fill,
                                                .share = share,
                                                .forward = forward,
                                                .forward_small = forward_small,
                                                .scale = scale,
                                                .multiply = multiply,
                                                .accumulate = accumulate,
                                                .inverse = inverse,
                                                .inner = inner,
                                                .binomial = binomial,
                                                .gaussian = gaussian,
                                                .lengths = lengths,
                                                .hash = hash,
                                                .write = write_words,
                                                .add_rows = add_rows};
