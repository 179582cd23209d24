/* Trial division and Miller-Rabin tests in constant time for the number that is accepted. */
#include "src/crypto/prime.h"
#include "src/crypto/montgomery.h"

/* The number modulo a 32-bit divisor. One division instruction a half limb: no branch, no address. */
static uint32_t remainder_small(const mp_limb_t *number, mp_size_t size, uint32_t divisor)
{
    uint64_t rest = 0;
    for (mp_size_t i = size - 1; i >= 0; i--) {
        rest = ((rest << 32) | (number[i] >> 32)) % divisor;
        rest = ((rest << 32) | (number[i] & UINT32_MAX)) % divisor;
    }
    return (uint32_t)rest;
}

static bool small_is_prime(uint64_t number)
{
    if (number < 3 || number % 2 == 0) return number == 2;
    for (uint64_t divisor = 3; divisor * divisor <= number; divisor += 2)
        if (number % divisor == 0) return false;
    return true;
}

uint32_t prime_small_factor(const mp_limb_t *number, mp_size_t size)
{
    uint32_t next = 3;
    while (next < PRIME_TRIAL_BOUND) {
        uint32_t factors[16], count = 0; /* 3*5*7*...*29 < 2^32 has nine factors: no group is longer */
        uint64_t product = 1;
        for (; next < PRIME_TRIAL_BOUND; next += 2) {
            if (!small_is_prime(next)) continue;
            if (product * next > UINT32_MAX) break;
            product *= next;
            factors[count++] = next;
        }
        uint32_t rest = remainder_small(number, size, (uint32_t)product);
        for (uint32_t i = 0; i < count; i++)
            if (rest % factors[i] == 0) return factors[i];
    }
    return 0;
}

/* FIPS 186-5, table B.1, for the primes of an RSA modulus of 2048 bits (5 rounds, error below 2^-112) and 3072 bits (4 rounds, below
 * 2^-128). Shorter primes stand only in test keys: there 40 rounds hold for any number, random or not. */
static uint32_t rounds_for(uint64_t bits)
{
    return bits >= 1536 ? 4 : bits >= 1024 ? 5 : 40;
}

/* Miller-Rabin for a number that is 3 modulo 4: a base b passes when b^((number-1)/2) is 1 or -1. */
static bool miller_rabin(const struct montgomery *montgomery, uint64_t bits, struct random_stream *stream, mp_limb_t *scratch)
{
    mp_size_t size = montgomery->size;
    mp_limb_t *exponent = scratch, *base = exponent + size, *minus_one = base + size;
    scratch = minus_one + size;
    mpn_rshift(exponent, montgomery->modulus, size, 1);
    mpn_sub_n(minus_one, montgomery->modulus, montgomery->one, size);
    mp_limb_t passed = 1;
    for (uint32_t round = 0; passed && round < rounds_for(bits); round++) {
        do /* a base other than 0, 1 and -1, in Montgomery's form as it is */
            limbs_random(base, size, bits, stream);
        while (!limbs_less(base, montgomery->modulus, size) || limbs_is_zero(base, size) || limbs_equal(base, montgomery->one, size) ||
               limbs_equal(base, minus_one, size));
        montgomery_power(montgomery, base, base, exponent, bits - 1, scratch);
        passed = limbs_equal(base, montgomery->one, size) | limbs_equal(base, minus_one, size);
    }
    return passed != 0;
}

int32_t prime_test(fate_context *context, bool *is_prime, const mp_limb_t *number, uint64_t bits, struct random_stream *stream)
{
    mp_size_t size = limbs_for_bits(bits);
    *is_prime = false;
    if (bits <= 32) {
        *is_prime = small_is_prime(number[0]);
        return FATE_OK;
    }
    if (prime_small_factor(number, size) != 0) return FATE_OK;
    struct montgomery montgomery;
    int32_t result = montgomery_init(&montgomery, context, number, size);
    if (result != FATE_OK) return result;
    struct scratch scratch;
    result = scratch_new(&scratch, context, 1, 3 * size + montgomery_power_itch(&montgomery));
    if (result == FATE_OK) {
        *is_prime = miller_rabin(&montgomery, bits, stream, scratch.limbs);
        scratch_free(&scratch);
    }
    montgomery_free(&montgomery, context);
    return result;
}

int32_t prime_generate(fate_context *context, mp_limb_t *prime, uint64_t bits, struct random_stream *stream)
{
    mp_size_t size = limbs_for_bits(bits);
    bool found = false;
    int32_t result = FATE_OK;
    while (result == FATE_OK && !found) {
        limbs_random(prime, size, bits, stream);
        prime[0] |= 3;
        prime[(bits - 1) / 64] |= (mp_limb_t)1 << ((bits - 1) % 64);
        prime[(bits - 2) / 64] |= (mp_limb_t)1 << ((bits - 2) % 64);
        result = prime_test(context, &found, prime, bits, stream);
    }
    return result;
}
