/* Primes: against a sieve where they are small, known ones and known traps where they are long. */
#include "tests/support/unit.h"

#include "src/crypto/prime.h"
#include "tests/support/crypto.h"

static struct random_stream stream;
static struct test_allocator counted;
static fate_context *context;

static int setup(void **state)
{
    (void)state;
    uint8_t seed[RANDOM_KEY];
    random_stream_init(&stream, crypto_seed(seed, 3), 0);
    context = crypto_context(&counted, -1, 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fate_context_free(context);
    return atomic_load(&counted.live) == 0 ? 0 : -1;
}

static bool tested(const mp_limb_t *number, uint64_t bits)
{
    bool is_prime;
    assert_int_equal(prime_test(context, &is_prime, number, bits, &stream), FATE_OK);
    return is_prime;
}

static void small_numbers_agree_with_a_sieve(void **state)
{
    (void)state;
    enum { BOUND = 1 << 16 };
    static bool composite[BOUND];
    for (uint32_t i = 2; i < BOUND; i++)
        for (uint32_t j = 2 * i; !composite[i] && j < BOUND; j += i) composite[j] = true;
    for (mp_limb_t number = 3; number < BOUND; number += 4) assert_int_equal(tested(&number, limbs_bits(&number, 1)), !composite[number]);
}

static bool tested_text(const char *text)
{
    mp_limb_t limbs[16];
    mpz_t number;
    mpz_init_set_str(number, text, 0);
    crypto_from_mpz(limbs, 16, number);
    assert_int_equal(limbs[0] & 3, 3);
    mpz_clear(number);
    return tested(limbs, limbs_bits(limbs, 16));
}

static void known_numbers_are_told_apart(void **state)
{
    (void)state;
    assert_true(tested_text("0x1fffffffffffffff"));                 /* 2^61 - 1 */
    assert_true(tested_text("0x7fffffffffffffffffffffffffffffff")); /* 2^127 - 1 */
    assert_false(tested_text("0x7fffffffffffffffff"));              /* 2^71 - 1 = 228479 * ... */
    assert_false(tested_text("3825123056546413051"));               /* strong pseudoprime to bases 2 to 23 */
}

static void products_of_two_long_primes_are_composite(void **state)
{
    (void)state;
    for (uint64_t bits = 17; bits < 100; bits += 3) {
        mp_limb_t p[2], q[2], product[4] = {0};
        mp_size_t size = limbs_for_bits(bits);
        assert_int_equal(prime_generate(context, p, bits, &stream), FATE_OK);
        do limbs_random(q, size, bits, &stream);
        while (limbs_is_zero(q, size));
        mpz_t a;
        mpz_init(a);
        crypto_to_mpz(a, q, size);
        do mpz_nextprime(a, a);
        while (mpz_fdiv_ui(a, 4) != 1); /* 3 * 1 is 3 modulo 4 */
        crypto_from_mpz(q, 2, a);
        mpz_clear(a);
        mpn_mul_n(product, p, q, size);
        assert_false(tested(product, limbs_bits(product, 2 * size)));
    }
}

static void generated_primes_have_the_form(void **state)
{
    (void)state;
    static const uint64_t lengths[] = {5, 8, 16, 31, 32, 33, 48, 63, 64, 65, 66, 96, 128, 129, 256, 512};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        uint64_t bits = lengths[i];
        mp_limb_t prime[8], again[8];
        uint8_t seed[RANDOM_KEY];
        struct random_stream one, two;
        random_stream_init(&one, crypto_seed(seed, bits), 0);
        random_stream_init(&two, seed, 0);
        assert_int_equal(prime_generate(context, prime, bits, &one), FATE_OK);
        assert_int_equal(fate_context_set_threads(context, 2 + (uint32_t)i % 3), FATE_OK);
        assert_int_equal(prime_generate(context, again, bits, &two), FATE_OK);
        assert_int_equal(fate_context_set_threads(context, 1), FATE_OK);
        mp_size_t size = limbs_for_bits(bits);
        assert_int_equal(mpn_cmp(prime, again, size), 0);
        assert_true(random_stream_u64(&one) == random_stream_u64(&two)); /* which draws what comes after */
        assert_int_equal(limbs_bits(prime, size), bits);
        assert_int_equal(prime[0] & 3, 3);
        assert_true(prime[(bits - 2) / 64] >> (bits - 2) % 64 & 1);
        mpz_t number;
        mpz_init(number);
        crypto_to_mpz(number, prime, size);
        assert_int_not_equal(mpz_probab_prime_p(number, 30), 0);
        mpz_clear(number);
    }
}

static void every_small_factor_is_found(void **state)
{
    (void)state;
    mp_limb_t cofactor[3] = {UINT64_C(0xffffffffffffffff), UINT64_C(0x7fffffffffffffff), 0}; /* 2^127 - 1 */
    mp_limb_t product[3];
    assert_int_equal(prime_small_factor(cofactor, 2), 0);
    mpz_t factor;
    mpz_init_set_ui(factor, 2);
    uint32_t found = 0;
    for (mpz_nextprime(factor, factor); mpz_cmp_ui(factor, PRIME_TRIAL_BOUND) < 0; mpz_nextprime(factor, factor)) {
        product[2] = mpn_mul_1(product, cofactor, 2, mpz_get_ui(factor));
        assert_int_equal(prime_small_factor(product, 3), mpz_get_ui(factor));
        found++;
    }
    assert_int_equal(found, 1027); /* primes from 3 to 8191 */
    product[2] = mpn_mul_1(product, cofactor, 2, mpz_get_ui(factor));
    assert_int_equal(prime_small_factor(product, 3), 0);
    mpz_clear(factor);
}

static void failed_allocations_are_errors(void **state)
{
    (void)state;
    int32_t result = FATE_E_MEMORY;
    for (long long fail = 0; result == FATE_E_MEMORY; fail++) {
        struct test_allocator own;
        fate_context *failing = crypto_context(&own, fail, 1);
        mp_limb_t prime[2];
        uint8_t seed[RANDOM_KEY];
        struct random_stream again;
        random_stream_init(&again, crypto_seed(seed, 4), 0);
        result = prime_generate(failing, prime, 100, &again);
        assert_true(result == FATE_OK || fail < 1000);
        fate_context_free(failing);
        assert_int_equal(atomic_load(&own.live), 0);
    }
    assert_int_equal(result, FATE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_numbers_agree_with_a_sieve),
        cmocka_unit_test(known_numbers_are_told_apart),
        cmocka_unit_test(products_of_two_long_primes_are_composite),
        cmocka_unit_test(generated_primes_have_the_form),
        cmocka_unit_test(every_small_factor_is_found),
        cmocka_unit_test(failed_allocations_are_errors),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
