/* Fields of exported keys, and the checks of numbers that were read. */
#include "src/crypto/key_bytes.h"
#include "src/crypto/prime.h"

uint64_t key_field_bytes(uint64_t bits)
{
    return (bits + 7) / 8;
}

void key_append(struct buffer *buffer, const mp_limb_t *limbs, mp_size_t size, uint64_t length)
{
    if (!buffer_reserve(buffer, length)) return;
    for (uint64_t at = 0; at < length; at++) buffer_u8(buffer, (uint8_t)((at / 8 < (uint64_t)size ? limbs[at / 8] : 0) >> (at % 8 * 8)));
}

int32_t key_refuse(fate_context *context, const char *scheme, const char *what)
{
    return context_fail(context, FATE_E_KEY, "the %s key is malformed: %s", scheme, what);
}

bool key_has_exactly(const mp_limb_t *limbs, mp_size_t size, uint64_t bits)
{
    return limbs_bits(limbs, size) == bits;
}

int32_t key_check_length(fate_context *context, const char *scheme, const struct reader *reader, uint64_t wanted)
{
    if (!reader->failed && reader_left(reader) == wanted) return FATE_OK;
    return context_fail(context, FATE_E_FORMAT, "the %s key is %s", scheme, reader_left(reader) < wanted ? "truncated" : "too long");
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

int32_t key_is_perfect_power(fate_context *context, bool *power, const mp_limb_t *number, uint32_t bits)
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

int32_t key_check_modulus(fate_context *context, const char *scheme, const mp_limb_t *modulus, uint32_t bits)
{
    mp_size_t size = limbs_for_bits(bits);
    if (!key_has_exactly(modulus, size, bits)) return key_refuse(context, scheme, "its modulus does not have the stated number of bits");
    if ((modulus[0] & 1) == 0) return key_refuse(context, scheme, "its modulus is even");
    /* Only keys of tests can consist of primes below the bound. */
    if (bits > 128 && prime_small_factor(modulus, size) != 0) return key_refuse(context, scheme, "its modulus has a small factor");
    bool power;
    int32_t result = key_is_perfect_power(context, &power, modulus, bits);
    if (result == FATE_OK && power) result = key_refuse(context, scheme, "its modulus is a power of another number");
    return result;
}

int32_t key_check_prime(fate_context *context, const char *scheme, const mp_limb_t *prime, uint32_t bits)
{
    static const uint8_t bases[RANDOM_KEY] = "bases to test an own prime";
    mp_size_t size = limbs_for_bits(bits);
    if (!key_has_exactly(prime, size, bits) || (prime[0] & 3) != 3)
        return key_refuse(context, scheme, "a prime has the wrong length or form");
    struct random_stream stream;
    random_stream_init(&stream, bases, 0);
    bool is_prime = false;
    int32_t result = prime_test(context, &is_prime, prime, bits, &stream);
    if (result == FATE_OK && !is_prime) result = key_refuse(context, scheme, "what should be a prime is none");
    return result;
}
