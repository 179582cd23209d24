/* Writes and reads Paillier keys. What is read is checked before it is used. */
#include "src/crypto/paillier_bytes.h"
#include "src/crypto/prime.h"
#include <string.h>

static uint64_t bytes_for_bits(uint64_t bits)
{
    return (bits + 7) / 8;
}

static void append_limbs(struct buffer *buffer, const mp_limb_t *limbs, mp_size_t size, uint64_t length)
{
    if (!buffer_reserve(buffer, length)) return;
    for (uint64_t at = 0; at < length; at++) buffer_u8(buffer, (uint8_t)((at / 8 < (uint64_t)size ? limbs[at / 8] : 0) >> (at % 8 * 8)));
}

static void append_base(const struct paillier_key *key, struct buffer *buffer)
{
    struct scratch scratch;
    mp_size_t size = key->ring.size;
    if (scratch_new(&scratch, buffer->context, 1, size + pair_itch(&key->ring)) != FATE_OK) {
        buffer->failed = true;
        return;
    }
    pair_leave(&key->ring, scratch.limbs, key->base, scratch.limbs + size);
    append_limbs(buffer, scratch.limbs, size, key->head.ciphertext_bytes);
    scratch_free(&scratch);
}

void paillier_public_export(const struct scheme_key *key, struct buffer *buffer)
{
    const struct paillier_key *paillier = paillier_key_of(key);
    append_limbs(buffer, paillier->ring.modulus.modulus, paillier->ring.modulus.size, bytes_for_bits(key->bits));
    append_base(paillier, buffer);
}

void paillier_secret_export(const fate_secret_key *secret, struct buffer *buffer)
{
    for (int i = 0; i < 2; i++) {
        const struct montgomery *prime = &paillier_secret_of(secret)->halves[i].ring.modulus;
        append_limbs(buffer, prime->modulus, prime->size, bytes_for_bits(secret->key->bits / 2));
    }
    append_base(paillier_key_of(secret->key), buffer);
}

static int32_t refuse(fate_context *context, const char *what)
{
    return context_fail(context, FATE_E_KEY, "the paillier key is malformed: %s", what);
}

/* Whether all of a fixed-length field fits the number of bits, and has the highest one set. */
static bool has_exactly(const mp_limb_t *limbs, mp_size_t size, uint64_t bits)
{
    return limbs_bits(limbs, size) == bits;
}

/* out = number^exponent mod 2^(64*size); exponent > 0. scratch: 3*size limbs. */
static void power_truncated(mp_limb_t *out, const mp_limb_t *number, uint32_t exponent, mp_size_t size, mp_limb_t *scratch)
{
    mp_limb_t *square = scratch, *product = square + size;
    bool empty = true;
    mpn_copyi(square, number, size);
    for (; exponent != 0; exponent >>= 1) {
        if (exponent & 1) {
            mpn_mul_n(product, empty ? number : out, square, size);
            mpn_copyi(out, empty ? square : product, size);
            empty = false;
        }
        mpn_sqr(product, square, size);
        mpn_copyi(square, product, size);
    }
}

/* An odd number has exactly one k-th root modulo a power of two for odd k: builds it bit by bit, as long as a true root would be, and
 * raises it again. scratch: 5*size limbs; size leaves room for a power that is longer than the number. */
static bool is_odd_power(const mp_limb_t *number, uint32_t bits, uint32_t exponent, mp_size_t size, mp_limb_t *scratch)
{
    mp_limb_t *root = scratch, *power = root + size;
    uint32_t root_bits = (bits + exponent - 1) / exponent;
    mpn_zero(root, size);
    root[0] = 1;
    for (uint32_t bit = 1; bit < root_bits; bit++) {
        power_truncated(power, root, exponent, limbs_for_bits(bit + 1), power + size);
        mp_limb_t wrong = (power[bit / 64] ^ number[bit / 64]) >> (bit % 64) & 1;
        root[bit / 64] |= wrong << (bit % 64);
    }
    power_truncated(power, root, exponent, size, power + size);
    return mpn_cmp(power, number, size) == 0;
}

int32_t paillier_is_perfect_power(fate_context *context, bool *power, const mp_limb_t *number, uint32_t bits)
{
    mp_size_t number_size = limbs_for_bits(bits);
    mp_size_t size = limbs_for_bits(2 * (uint64_t)bits) + 1; /* a root of ceil(bits/k) bits to the k has below bits + k bits */
    struct scratch scratch;
    *power = false;
    int32_t result = scratch_new(&scratch, context, 1, 6 * size);
    if (result != FATE_OK) return result;
    mpn_zero(scratch.limbs, size);
    mpn_copyi(scratch.limbs, number, number_size);
    *power = mpn_perfect_square_p(number, number_size) != 0;
    /* Above 128 bits the smallest factor has more than 13 bits. Odd exponents that are not prime are merely superfluous. */
    uint32_t most = bits > 128 ? bits / 13 : bits;
    for (uint32_t exponent = 3; !*power && exponent <= most; exponent += 2)
        *power = is_odd_power(scratch.limbs, bits, exponent, size, scratch.limbs + size);
    scratch_free(&scratch);
    return FATE_OK;
}

static int32_t check_modulus(fate_context *context, const mp_limb_t *modulus, uint32_t bits)
{
    mp_size_t size = limbs_for_bits(bits);
    if (!has_exactly(modulus, size, bits)) return refuse(context, "its modulus does not have the stated number of bits");
    if ((modulus[0] & 1) == 0) return refuse(context, "its modulus is even");
    /* Only keys of tests can consist of primes below the bound. */
    if (bits > 128 && prime_small_factor(modulus, size) != 0) return refuse(context, "its modulus has a small factor");
    bool power;
    int32_t result = paillier_is_perfect_power(context, &power, modulus, bits);
    if (result == FATE_OK && power) result = refuse(context, "its modulus is a power of another number");
    return result;
}

/* base: plain, limbs_for_bits(2*bits) limbs. */
static int32_t check_base(fate_context *context, const mp_limb_t *base, const mp_limb_t *modulus, uint32_t bits)
{
    mp_size_t size = limbs_for_bits(bits), square_size = limbs_for_bits(2 * (uint64_t)bits);
    struct scratch scratch;
    int32_t result = scratch_new(&scratch, context, 1, 3 * size + limbs_modulo_itch(square_size, size) + limbs_invert_itch(size));
    if (result != FATE_OK) return result;
    mp_limb_t *square = scratch.limbs, *rest = square, *free_limbs = square + 2 * size;
    mpn_sqr(square, modulus, size);
    if (mpn_cmp(base, square, square_size) >= 0) result = refuse(context, "its base is not below the square of the modulus");
    limbs_modulo(rest, base, square_size, modulus, size, free_limbs);
    if (result == FATE_OK && !limbs_invert(rest + size, rest, modulus, size, free_limbs))
        result = refuse(context, "its base is not a unit");
    if (result == FATE_OK && limbs_bits(base, square_size) == 1) result = refuse(context, "its base is 1, which hides nothing");
    scratch_free(&scratch);
    return result;
}

static int32_t check_length(fate_context *context, const struct reader *reader, uint64_t wanted)
{
    if (!reader->failed && reader_left(reader) == wanted) return FATE_OK;
    return context_fail(context, FATE_E_FORMAT, "the paillier key is %s", reader_left(reader) < wanted ? "truncated" : "too long");
}

int32_t paillier_public_import(fate_context *context, struct scheme_key **key, uint32_t bits, struct reader *reader)
{
    int32_t result = paillier_check_bits(context, bits);
    if (result != FATE_OK) return result;
    uint64_t modulus_bytes = bytes_for_bits(bits), base_bytes = bytes_for_bits(2 * (uint64_t)bits);
    result = check_length(context, reader, modulus_bytes + base_bytes);
    mp_size_t size = limbs_for_bits(bits), square_size = limbs_for_bits(2 * (uint64_t)bits);
    struct scratch scratch = {.context = context};
    if (result == FATE_OK) result = scratch_new(&scratch, context, 1, size + square_size);
    if (result != FATE_OK) return result;
    mp_limb_t *modulus = scratch.limbs, *base = modulus + size;
    limbs_load(modulus, size, reader_bytes(reader, modulus_bytes), modulus_bytes);
    limbs_load(base, square_size, reader_bytes(reader, base_bytes), base_bytes);
    result = check_modulus(context, modulus, bits);
    if (result == FATE_OK) result = check_base(context, base, modulus, bits);
    if (result == FATE_OK) result = paillier_key_new(context, key, bits, modulus, base);
    scratch_free(&scratch);
    return result;
}

static int32_t check_prime(fate_context *context, const mp_limb_t *prime, uint32_t bits)
{
    static const uint8_t bases[RANDOM_KEY] = "bases to test an own prime";
    mp_size_t size = limbs_for_bits(bits);
    if (!has_exactly(prime, size, bits) || (prime[0] & 3) != 3) return refuse(context, "a prime has the wrong length or form");
    struct random_stream stream;
    random_stream_init(&stream, bases, 0);
    bool is_prime = false;
    int32_t result = prime_test(context, &is_prime, prime, bits, &stream);
    if (result == FATE_OK && !is_prime) result = refuse(context, "what should be a prime is none");
    return result;
}

/* The base must be an n-th power, else encryptions would not decrypt: base^(p-1) = 1 mod p^2, and for q alike. */
static int32_t check_powers(fate_context *context, const fate_secret_key *secret)
{
    const struct paillier_secret *paillier = paillier_secret_of(secret);
    struct scratch scratch;
    mp_size_t size = paillier->halves[0].ring.size;
    int32_t result = scratch_new(&scratch, context, 1, size + pair_power_itch(&paillier->halves[0].ring));
    if (result != FATE_OK) return result;
    for (int i = 0; i < 2; i++) {
        const struct paillier_half *half = &paillier->halves[i];
        pair_power(&half->ring, scratch.limbs, half->base, half->minus_one, secret->key->bits / 2, scratch.limbs + size);
        if (!limbs_equal(scratch.limbs, half->ring.one, size)) result = refuse(context, "its base does not belong to its primes");
    }
    scratch_free(&scratch);
    return result;
}

/* p, q and base are loaded; modulus is room for n. */
static int32_t import_checked(fate_context *context, fate_secret_key **secret, uint32_t bits, mp_limb_t *modulus, const mp_limb_t *p,
                              const mp_limb_t *q, const mp_limb_t *base, mp_limb_t *scratch)
{
    mp_size_t half_size = limbs_for_bits(bits / 2);
    int32_t result = check_prime(context, p, bits / 2);
    if (result == FATE_OK) result = check_prime(context, q, bits / 2);
    if (result == FATE_OK && !limbs_less(q, p, half_size)) result = refuse(context, "its primes are not in descending order");
    mpn_sec_mul(modulus, p, half_size, q, half_size, scratch);
    if (result == FATE_OK && !has_exactly(modulus, 2 * half_size, bits))
        result = refuse(context, "its modulus does not have the stated number of bits");
    if (result == FATE_OK) result = check_base(context, base, modulus, bits);
    struct scheme_key *key = NULL;
    fate_secret_key *made = NULL;
    if (result == FATE_OK) result = paillier_key_new(context, &key, bits, modulus, base);
    if (result == FATE_OK) result = paillier_secret_new(context, &made, key, p, q, base);
    scheme_key_free(key);
    if (result == FATE_OK) result = check_powers(context, made);
    if (result != FATE_OK)
        fate_secret_key_free(made);
    else
        *secret = made;
    return result;
}

int32_t paillier_secret_import(fate_context *context, fate_secret_key **secret, uint32_t bits, struct reader *reader)
{
    int32_t result = paillier_check_bits(context, bits);
    if (result != FATE_OK) return result;
    uint64_t prime_bytes = bytes_for_bits(bits / 2), base_bytes = bytes_for_bits(2 * (uint64_t)bits);
    result = check_length(context, reader, 2 * prime_bytes + base_bytes);
    mp_size_t half_size = limbs_for_bits(bits / 2), square_size = limbs_for_bits(2 * (uint64_t)bits);
    struct scratch scratch = {.context = context};
    if (result == FATE_OK) result = scratch_new(&scratch, context, 1, 4 * half_size + square_size + mpn_sec_mul_itch(half_size, half_size));
    if (result != FATE_OK) return result;
    mp_limb_t *p = scratch.limbs, *q = p + half_size, *modulus = q + half_size, *base = modulus + 2 * half_size;
    limbs_load(p, half_size, reader_bytes(reader, prime_bytes), prime_bytes);
    limbs_load(q, half_size, reader_bytes(reader, prime_bytes), prime_bytes);
    limbs_load(base, square_size, reader_bytes(reader, base_bytes), base_bytes);
    result = import_checked(context, secret, bits, modulus, p, q, base, base + square_size);
    scratch_free(&scratch);
    return result;
}
