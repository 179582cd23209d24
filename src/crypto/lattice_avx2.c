/* The kernel of the lattice cipher for processors with AVX2 and FMA: residues are integers in doubles, not above 4p in size.
 *
 * A product x*w with |x| <= cp, c <= 4, and |w| <= p/2: h = fl(x*w), low = x*w - h exactly (fma). quotient = x*(w/p) rounded to an integer by
 * adding and taking away 1.5*2^52; it is below 2^51, and off from h/p by at most 1/2 + c/16. Then h - quotient*p is an integer below 2^53, so its
 * fma is exact, and the result is the integer x*w - quotient*p of size at most (1/2 + c/8)p, as |low| <= cp/16. Nothing is rounded
 * anywhere that shows. The rounding mode is to nearest, as C programs have it. */
#ifdef __x86_64__
#include "src/crypto/lattice_ring.h"
#include "src/crypto/unroll.h"

#include <immintrin.h>
#include <string.h>

#define VECTOR static inline __attribute__((always_inline, target("avx2,fma")))
#define TARGET __attribute__((target("avx2,fma")))

static const double prime = (double)LATTICE_PRIME, per_prime = 1.0 / (double)LATTICE_PRIME, magic = 6755399441055744.0;

static bool available(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

VECTOR __m256d load(const uint64_t *from)
{
    return _mm256_loadu_pd((const double *)(const void *)from);
}

VECTOR void store(uint64_t *to, __m256d value)
{
    _mm256_storeu_pd((double *)(void *)to, value);
}

VECTOR __m256d broadcast(const uint64_t *from)
{
    return _mm256_broadcast_sd((const double *)(const void *)from);
}

VECTOR __m256d nearest(__m256d value, __m256d factor)
{
    const __m256d shift = _mm256_set1_pd(magic);
    return _mm256_sub_pd(_mm256_fmadd_pd(value, factor, shift), shift);
}

/* |value| <= 4p to at most p/2 and a little: the quotient is off by less than 1/2 + 2^-50. */
VECTOR __m256d reduce(__m256d value)
{
    return _mm256_fnmadd_pd(nearest(value, _mm256_set1_pd(per_prime)), _mm256_set1_pd(prime), value);
}

VECTOR __m256d times(__m256d value, __m256d factor, __m256d quotient)
{
    __m256d high = _mm256_mul_pd(value, factor), low = _mm256_fmsub_pd(value, factor, high);
    return _mm256_add_pd(_mm256_fnmadd_pd(nearest(value, quotient), _mm256_set1_pd(prime), high), low);
}

/* Both at most 0.6p in size: the quotient h/p is off by at most 1/2 + 1/16, the result below p. */
VECTOR __m256d product(__m256d left, __m256d right)
{
    __m256d high = _mm256_mul_pd(left, right), low = _mm256_fmsub_pd(left, right, high);
    return _mm256_add_pd(_mm256_fnmadd_pd(nearest(high, _mm256_set1_pd(per_prime)), _mm256_set1_pd(prime), high), low);
}

static void prepare(uint64_t *factor, uint64_t *quotient, uint64_t root)
{
    double balanced = root > LATTICE_PRIME / 2 ? -(double)(LATTICE_PRIME - root) : (double)root, ratio = balanced / prime;
    memcpy(factor, &balanced, sizeof *factor);
    memcpy(quotient, &ratio, sizeof *quotient);
}

static uint64_t last_factor(uint64_t inverse_degree)
{
    return inverse_degree;
}

VECTOR void load_integers(uint64_t *out, const int64_t *in, uint32_t count)
{
    const __m256d shift = _mm256_set1_pd(magic);
    for (uint32_t i = 0; i < count; i += 4) {
        __m256i value = _mm256_loadu_si256((const __m256i *)(const void *)(in + i));
        store(out + i, _mm256_sub_pd(_mm256_castsi256_pd(_mm256_add_epi64(value, _mm256_castpd_si256(shift))), shift));
    }
}

/* Two stages of the forward transform at once. From x at most cp in size, a stage leads to c + 1/2 + c/8; with its first operand reduced, to
 * 1 + c/8. Here every second stage reduces: c <= 1.33 leads to 2, then to 1.25. */
VECTOR void forward_stages(const struct lattice_ring *ring, uint64_t *out, uint32_t groups, uint32_t quarter)
{
    for (uint32_t group = 0; group < groups; group++) {
        const uint64_t *factors = &ring->forward[2 * (groups + group)], *quotients = &ring->forward_quotient[2 * (groups + group)];
        const __m256d last = broadcast(&ring->forward[groups + group]), last_quotient = broadcast(&ring->forward_quotient[groups + group]);
        const __m256d first = broadcast(factors), first_quotient = broadcast(quotients);
        const __m256d second = broadcast(factors + 1), second_quotient = broadcast(quotients + 1);
        uint64_t *at = out + 4 * (size_t)group * quarter;
        for (uint32_t i = 0; i < quarter; i += 4, at += 4) {
            __m256d a = load(at), b = load(at + quarter);
            __m256d c = times(load(at + 2 * (size_t)quarter), last, last_quotient),
                    d = times(load(at + 3 * (size_t)quarter), last, last_quotient);
            __m256d sum = reduce(_mm256_add_pd(a, c)), difference = reduce(_mm256_sub_pd(a, c));
            __m256d left = times(_mm256_add_pd(b, d), first, first_quotient), right = times(_mm256_sub_pd(b, d), second, second_quotient);
            store(at, _mm256_add_pd(sum, left));
            store(at + quarter, _mm256_sub_pd(sum, left));
            store(at + 2 * (size_t)quarter, _mm256_add_pd(difference, right));
            store(at + 3 * (size_t)quarter, _mm256_sub_pd(difference, right));
        }
    }
}

/* The first stage of an odd number. */
VECTOR void forward_stage(const struct lattice_ring *ring, uint64_t *out)
{
    const __m256d factor = broadcast(&ring->forward[1]), quotient = broadcast(&ring->forward_quotient[1]);
    uint64_t *second = out + ring->degree / 2;
    for (uint32_t i = 0; i < ring->degree / 2; i += 4) {
        __m256d left = load(out + i), right = times(load(second + i), factor, quotient);
        store(out + i, _mm256_add_pd(left, right));
        store(second + i, _mm256_sub_pd(left, right));
    }
}

/* Two factors, each twice. */
VECTOR __m256d twice(const uint64_t *from)
{
    return _mm256_permute4x64_pd(_mm256_castpd128_pd256(_mm_loadu_pd((const double *)(const void *)from)), 0x50);
}

/* The stages of halves 2 and 1; the numbers stay in the order in which these leave them. Reduced, so that a product may be formed. */
VECTOR void forward_end(const struct lattice_ring *ring, uint64_t *out)
{
    const uint32_t quarter = ring->degree / 4, half = ring->degree / 2;
    for (uint32_t i = 0; i < ring->degree; i += 8) {
        __m256d a = load(out + i), b = load(out + i + 4);
        __m256d left = reduce(_mm256_permute2f128_pd(a, b, 0x20)), right = _mm256_permute2f128_pd(a, b, 0x31);
        right = times(right, twice(&ring->forward[quarter + i / 4]), twice(&ring->forward_quotient[quarter + i / 4]));
        a = _mm256_add_pd(left, right);
        b = _mm256_sub_pd(left, right);
        left = _mm256_unpacklo_pd(a, b);
        right = times(_mm256_unpackhi_pd(a, b), load(&ring->forward[half + i / 2]), load(&ring->forward_quotient[half + i / 2]));
        store(out + i, reduce(_mm256_add_pd(left, right)));
        store(out + i + 4, reduce(_mm256_sub_pd(left, right)));
    }
}

TARGET static void forward(const struct lattice_ring *ring, uint64_t *out, const int64_t *in)
{
    uint32_t groups = 1;
    load_integers(out, in, ring->degree);
    if (ring->log_degree % 2 == 1) {
        forward_stage(ring, out);
        groups = 2;
    }
    for (; groups <= ring->degree / 16; groups *= 4) forward_stages(ring, out, groups, ring->degree / groups / 4);
    forward_end(ring, out);
}

/* The stages of halves 1 and 2. From c <= 1: the sums are at most 2p, then 4p, and reduced; products at most (1/2 + 4/8)p. So c <= 1 again. */
VECTOR void inverse_begin(const struct lattice_ring *ring, uint64_t *in)
{
    const uint32_t quarter = ring->degree / 4, half = ring->degree / 2;
    for (uint32_t i = 0; i < ring->degree; i += 8) {
        __m256d left = load(in + i), right = load(in + i + 4), a = _mm256_add_pd(left, right);
        __m256d b = times(_mm256_sub_pd(left, right), load(&ring->inverse[half + i / 2]), load(&ring->inverse_quotient[half + i / 2]));
        left = _mm256_unpacklo_pd(a, b);
        right = _mm256_unpackhi_pd(a, b);
        a = reduce(_mm256_add_pd(left, right));
        b = times(_mm256_sub_pd(left, right), twice(&ring->inverse[quarter + i / 4]), twice(&ring->inverse_quotient[quarter + i / 4]));
        store(in + i, _mm256_permute2f128_pd(a, b, 0x20));
        store(in + i + 4, _mm256_permute2f128_pd(a, b, 0x31));
    }
}

/* Two stages at once, of which the second one reduces sums; c <= 1 before and after, as in inverse_begin. */
VECTOR void inverse_stages(const struct lattice_ring *ring, uint64_t *in, uint32_t groups, uint32_t half)
{
    for (uint32_t group = 0; group < groups / 2; group++) {
        const uint64_t *factors = &ring->inverse[groups + 2 * group], *quotients = &ring->inverse_quotient[groups + 2 * group];
        const __m256d first = broadcast(factors), first_quotient = broadcast(quotients);
        const __m256d second = broadcast(factors + 1), second_quotient = broadcast(quotients + 1);
        const __m256d last = broadcast(&ring->inverse[groups / 2 + group]),
                      last_quotient = broadcast(&ring->inverse_quotient[groups / 2 + group]);
        uint64_t *at = in + 4 * (size_t)group * half;
        for (uint32_t i = 0; i < half; i += 4, at += 4) {
            __m256d a = load(at), b = load(at + half), c = load(at + 2 * (size_t)half), d = load(at + 3 * (size_t)half);
            __m256d sum = _mm256_add_pd(a, b), other = _mm256_add_pd(c, d);
            b = times(_mm256_sub_pd(a, b), first, first_quotient);
            d = times(_mm256_sub_pd(c, d), second, second_quotient);
            store(at, reduce(_mm256_add_pd(sum, other)));
            store(at + 2 * (size_t)half, times(_mm256_sub_pd(sum, other), last, last_quotient));
            store(at + half, reduce(_mm256_add_pd(b, d)));
            store(at + 3 * (size_t)half, times(_mm256_sub_pd(b, d), last, last_quotient));
        }
    }
}

/* The last stage of an odd number. */
VECTOR void inverse_stage(const struct lattice_ring *ring, uint64_t *in)
{
    const __m256d factor = broadcast(&ring->inverse[1]), quotient = broadcast(&ring->inverse_quotient[1]);
    uint64_t *second = in + ring->degree / 2;
    for (uint32_t i = 0; i < ring->degree / 2; i += 4) {
        __m256d left = load(in + i), right = load(second + i);
        store(in + i, _mm256_add_pd(left, right));
        store(second + i, times(_mm256_sub_pd(left, right), factor, quotient));
    }
}

TARGET static void inverse(const struct lattice_ring *ring, int64_t *out, uint64_t *in)
{
    uint32_t groups = ring->degree / 8;
    inverse_begin(ring, in);
    for (uint32_t half = 4; groups > 1; groups /= 4, half *= 4) inverse_stages(ring, in, groups, half);
    if (groups == 1) inverse_stage(ring, in);
    const __m256d shift = _mm256_set1_pd(magic);
    for (uint32_t i = 0; i < ring->degree; i += 4) {
        __m256i bits = _mm256_castpd_si256(_mm256_add_pd(reduce(load(in + i)), shift));
        _mm256_storeu_si256((__m256i *)(void *)(out + i), _mm256_sub_epi64(bits, _mm256_castpd_si256(shift)));
    }
}

TARGET static void scale(const struct lattice_ring *ring, uint64_t *transformed)
{
    const __m256d factor = broadcast(&ring->last), quotient = broadcast(&ring->last_quotient);
    for (uint32_t i = 0; i < ring->degree; i += 4) store(transformed + i, reduce(times(load(transformed + i), factor, quotient)));
}

TARGET static void multiply(const struct lattice_ring *ring, uint64_t *out, const uint64_t *left, const uint64_t *right)
{
    for (uint32_t i = 0; i < ring->degree; i += 4) store(out + i, product(load(left + i), load(right + i)));
}

TARGET static void accumulate(const struct lattice_ring *ring, uint64_t *sums, const uint64_t *left, const uint64_t *right)
{
    for (uint32_t i = 0; i < ring->degree; i += 4)
        store(sums + i, reduce(_mm256_add_pd(load(sums + i), product(load(left + i), load(right + i)))));
}

VECTOR int32_t add_lanes(__m256i lanes)
{
    __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));
    sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1)));
}

VECTOR void inner_planes(int32_t *out, const int8_t *small, const int16_t *planes, uint32_t plane_count, uint32_t count)
{
    __m256i sums[LATTICE_MOST_PLANES];
    FIELD_UNROLL
    for (uint32_t plane = 0; plane < plane_count; plane++) sums[plane] = _mm256_setzero_si256();
    for (uint32_t i = 0; i < count; i += 16) {
        __m256i factors = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)(small + i)));
        FIELD_UNROLL
        for (uint32_t plane = 0; plane < plane_count; plane++) {
            __m256i digits = _mm256_loadu_si256((const __m256i *)(const void *)(planes + (size_t)plane * count + i));
            sums[plane] = _mm256_add_epi32(sums[plane], _mm256_madd_epi16(digits, factors));
        }
    }
    FIELD_UNROLL
    for (uint32_t plane = 0; plane < plane_count; plane++) out[plane] += add_lanes(sums[plane]);
}

TARGET static void inner(int32_t *out, const int8_t *small, const int16_t *planes, uint32_t plane_count, uint32_t count)
{
    if (plane_count == 7)
        inner_planes(out, small, planes, 7, count);
    else if (plane_count == 8)
        inner_planes(out, small, planes, 8, count);
    else
        for (uint32_t plane = 0; plane < plane_count; plane++) inner_planes(out + plane, small, planes + (size_t)plane * count, 1, count);
}

VECTOR __m256i ones(__m256i bits)
{
    const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const __m256i nibble = _mm256_set1_epi8(15);
    __m256i counts = _mm256_add_epi8(_mm256_shuffle_epi8(table, _mm256_and_si256(bits, nibble)),
                                     _mm256_shuffle_epi8(table, _mm256_and_si256(_mm256_srli_epi16(bits, 4), nibble)));
    return _mm256_madd_epi16(_mm256_maddubs_epi16(counts, _mm256_set1_epi8(1)), _mm256_set1_epi16(1));
}

TARGET static void binomial(int32_t *out, const uint8_t *bytes, uint32_t count)
{
    const uint8_t *rest = bytes + 4 * (size_t)count;
    for (uint32_t i = 0; i < count; i += 8) {
        __m256i words = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + 4 * (size_t)i));
        __m256i more = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)(const void *)(rest + 2 * (size_t)i)));
        more = _mm256_slli_epi32(_mm256_and_si256(more, _mm256_set1_epi32(0x3ff)), 11);
        __m256i less = ones(_mm256_or_si256(_mm256_srli_epi32(words, 21), more));
        __m256i value = _mm256_sub_epi32(ones(_mm256_and_si256(words, _mm256_set1_epi32(0x1fffff))), less);
        _mm256_storeu_si256((__m256i *)(void *)(out + i), value);
    }
}

VECTOR void add_vectors(uint64_t *cells, const uint64_t *rows, const uint16_t *index, uint64_t row_count, uint32_t columns,
                        const uint32_t vectors)
{
    __m256i values[LATTICE_MOST_VECTORS];
    for (uint64_t row = 0; row < row_count; row++, index += columns) {
        FIELD_UNROLL
        for (uint32_t i = 0; i < vectors; i++)
            values[i] = _mm256_loadu_si256((const __m256i *)(const void *)(rows + (row * vectors + i) * 4));
        for (uint32_t column = 0; column < columns; column++) {
            __m256i *to = (__m256i *)(void *)(cells + (uint64_t)index[column] * vectors * 4);
            FIELD_UNROLL
            for (uint32_t i = 0; i < vectors; i++) _mm256_storeu_si256(to + i, _mm256_add_epi64(_mm256_loadu_si256(to + i), values[i]));
        }
    }
}

TARGET static void add_rows(uint64_t *cells, const uint64_t *rows, const uint16_t *index, uint64_t row_count, uint32_t columns,
                            uint32_t stride)
{
    switch (stride / 4) {
    case 1: add_vectors(cells, rows, index, row_count, columns, 1); break;
    case 2: add_vectors(cells, rows, index, row_count, columns, 2); break;
    case 3: add_vectors(cells, rows, index, row_count, columns, 3); break;
    case 4: add_vectors(cells, rows, index, row_count, columns, 4); break;
    case 5: add_vectors(cells, rows, index, row_count, columns, 5); break;
    case 6: add_vectors(cells, rows, index, row_count, columns, 6); break;
    case 7: add_vectors(cells, rows, index, row_count, columns, 7); break;
    default: add_vectors(cells, rows, index, row_count, columns, 8); break;
    }
}

const struct lattice_kernel lattice_avx2 = {.name = "avx2",
                                            .available = available,
                                            .prepare = prepare,
                                            .last_factor = last_factor,
                                            .forward = forward,
                                            .scale = scale,
                                            .multiply = multiply,
                                            .accumulate = accumulate,
                                            .inverse = inverse,
                                            .inner = inner,
                                            .binomial = binomial,
                                            .add_rows = add_rows};
#else
extern int lattice_avx2_needs_x86_64;
#endif
