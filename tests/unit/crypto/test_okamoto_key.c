/* Keys: what seeds give, which sizes are offered, what each half holds. */
#include "tests/support/unit.h"

#include "tests/support/okamoto.h"

static struct test_allocator counted;
static fate_context *context;

static int setup(void **state)
{
    (void)state;
    context = crypto_context(&counted, -1, 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fate_context_free(context);
    return atomic_load(&counted.live) == 0 ? 0 : -1;
}

static void only_long_keys_are_offered(void **state)
{
    (void)state;
    for (int small = 0; small < 2; small++) {
        context->accepts_small_keys = small;
        for (uint32_t bits = 0; bits < 4200; bits++) {
            bool offered = bits == 2048 || bits == 3072 || bits == 4096 || (small && bits >= 12 && bits < 2048);
            assert_int_equal(okamoto_check_bits(context, bits), offered ? FATE_OK : FATE_E_KEY);
        }
        assert_int_equal(okamoto_check_bits(context, UINT32_MAX), FATE_E_KEY);
    }
}

/* p and q are primes that are 3 modulo 4, n has its length, p divides the order of g mod p^2, g is a square mod q, h = g^n. */
static void check_key(fate_secret_key *key, uint32_t bits)
{
    const struct okamoto_secret *secret = okamoto_secret_of(key);
    const struct okamoto_key *public_half = okamoto_key_of(key->key);
    mpz_t p, q, n, g, h, rest;
    mpz_inits(p, q, n, g, h, rest, NULL);
    crypto_to_mpz(p, secret->ring.modulus.modulus, secret->ring.modulus.size);
    crypto_to_mpz(q, secret->other, secret->other_size);
    crypto_to_mpz(n, public_half->modulus.modulus, public_half->modulus.size);
    assert_true(mpz_sizeinbase(p, 2) == okamoto_prime_bits(bits) && mpz_sizeinbase(q, 2) == okamoto_other_bits(bits));
    assert_true(mpz_fdiv_ui(p, 4) == 3 && mpz_fdiv_ui(q, 4) == 3 && mpz_cmp(p, q) != 0);
    assert_true(mpz_probab_prime_p(p, 20) && mpz_probab_prime_p(q, 20));
    mpz_mul(rest, p, p);
    mpz_mul(rest, rest, q);
    assert_int_equal(mpz_cmp(rest, n), 0);
    assert_int_equal(mpz_sizeinbase(n, 2), bits);
    crypto_to_mpz(g, public_half->generator, public_half->modulus.size);
    okamoto_test_row(h, &public_half->ring.group, public_half->ring.base);
    mpz_powm(rest, g, n, n);
    assert_int_equal(mpz_cmp(rest, h), 0);
    assert_int_equal(mpz_jacobi(g, q), 1);
    assert_int_equal(mpz_jacobi(g, p), 1);
    mpz_mul(n, p, p);
    mpz_sub_ui(p, p, 1);
    mpz_powm(rest, g, p, n);
    assert_int_not_equal(mpz_cmp_ui(rest, 1), 0);
    mpz_powm(rest, h, p, n);
    assert_int_equal(mpz_cmp_ui(rest, 1), 0);
    mpz_clears(p, q, n, g, h, rest, NULL);
}

static void generated_keys_have_the_form(void **state)
{
    (void)state;
    for (uint32_t bits = 24; bits <= 200; bits++)
        for (uint64_t number = 0; number < 3; number++) {
            fate_secret_key *key = okamoto_key(context, bits, number);
            check_key(key, bits);
            fate_secret_key_free(key);
        }
    static const uint32_t offered[] = {2048, 3072, 4096};
    for (int i = 0; i < 3; i++) {
        fate_secret_key *key = okamoto_key(context, offered[i], 1);
        check_key(key, offered[i]);
        fate_secret_key_free(key);
    }
}

/* 128 bits of p are never used, and obfuscators have twice the security level. */
static void bounds_are_those_of_the_header(void **state)
{
    (void)state;
    static const uint32_t wanted[][4] = {{2048, 554, 224, 256}, {3072, 895, 256, 384}, {4096, 1237, 304, 512}};
    for (int i = 0; i < 3; i++) {
        mpz_t p, q, g;
        mpz_inits(p, q, g, NULL);
        mpz_setbit(p, okamoto_prime_bits(wanted[i][0])); /* numbers of the right length are enough */
        mpz_sub_ui(p, p, 1);
        mpz_setbit(q, okamoto_other_bits(wanted[i][0]));
        mpz_sub_ui(q, q, 1);
        mpz_set_ui(g, 2);
        mpz_sub_ui(p, p, 2);
        mp_limb_t limbs[2][OKAMOTO_TEST_LIMBS], modulus[OKAMOTO_TEST_LIMBS], generator[OKAMOTO_TEST_LIMBS] = {2};
        crypto_from_mpz(limbs[0], OKAMOTO_TEST_LIMBS, p);
        mpz_mul(p, p, p);
        mpz_mul(p, p, q);
        crypto_from_mpz(modulus, OKAMOTO_TEST_LIMBS, p);
        struct scheme_key *key = NULL;
        assert_int_equal(okamoto_key_new(context, &key, wanted[i][0], modulus, generator), FATE_OK);
        assert_int_equal(key->plaintext_bits, wanted[i][1]);
        assert_true(key->plaintext_bits + 129 == okamoto_prime_bits(wanted[i][0]));
        assert_int_equal(key->obfuscator_bits, wanted[i][2]);
        assert_int_equal(key->ciphertext_bytes, wanted[i][3]);
        scheme_key_free(key);
        mpz_clears(p, q, g, NULL);
    }
}

static void a_seed_gives_one_key(void **state)
{
    (void)state;
    fate_secret_key *one = okamoto_key(context, 256, 1), *same = okamoto_key(context, 256, 1), *other = okamoto_key(context, 256, 2);
    fate_secret_key *fresh[2] = {NULL};
    assert_true(okamoto_same(one->key, same->key));
    assert_false(okamoto_same(one->key, other->key));
    for (int i = 0; i < 2; i++) assert_int_equal(fate_secret_key_generate(context, &fresh[i], "okamoto-uchiyama", 256, NULL), FATE_OK);
    assert_false(okamoto_same(fresh[0]->key, fresh[1]->key));
    fate_secret_key_free(one);
    fate_secret_key_free(same);
    fate_secret_key_free(other);
    fate_secret_key_free(fresh[0]);
    fate_secret_key_free(fresh[1]);
}

/* The key of this seed stays the same in all versions: restarted parties rebuild it. */
static void a_known_seed_gives_the_known_key(void **state)
{
    (void)state;
    static const uint8_t modulus[] = {0xc7, 0x32, 0xe4, 0xe4, 0x42, 0x01, 0x01, 0x1c, 0x3a, 0xc5, 0xf6, 0x5c, 0x5f, 0xb9, 0xe8, 0xab};
    fate_secret_key *key = okamoto_key(context, 128, 0);
    uint8_t bytes[16];
    limbs_store(bytes, sizeof bytes, okamoto_key_of(key->key)->modulus.modulus, 2);
    assert_memory_equal(bytes, modulus, sizeof bytes);
    fate_secret_key_free(key);
}

static void unusable_parts_are_refused(void **state)
{
    (void)state;
    fate_secret_key *key = NULL;
    mp_limb_t p = 31, q = 23, g = 6, one = 1;
    assert_int_equal(okamoto_secret_from_primes(context, &key, 14, &p, &q, &g), FATE_E_KEY); /* 22103 has 15 bits */
    assert_int_equal(okamoto_secret_from_primes(context, &key, 15, &p, &q, &one), FATE_E_KEY);
    mp_limb_t order = 31 * 2; /* a multiple of p */
    assert_int_equal(okamoto_secret_from_primes(context, &key, 15, &p, &q, &order), FATE_E_KEY);
    mp_limb_t power = 1; /* an n-th power has no part of order p */
    for (int i = 0; i < 31 * 31 * 23; i++) power = power * 6 % (31 * 31 * 23);
    assert_int_equal(okamoto_secret_from_primes(context, &key, 15, &p, &q, &power), FATE_E_KEY);
    assert_null(key);
    assert_int_equal(okamoto_secret_from_primes(context, &key, 15, &p, &q, &g), FATE_OK);
    fate_secret_key_free(key);
    uint8_t seed[RANDOM_KEY];
    assert_int_equal(fate_secret_key_generate(context, &key, "okamoto-uchiyama", 23, crypto_seed(seed, 1)), FATE_E_KEY);
    assert_null(key);
}

static void failed_allocations_leave_nothing(void **state)
{
    (void)state;
    int32_t result = FATE_E_MEMORY;
    long long fail = 0;
    for (; result == FATE_E_MEMORY; fail++) {
        struct test_allocator own;
        fate_context *failing = crypto_context(&own, fail, 1);
        uint8_t seed[RANDOM_KEY];
        fate_secret_key *key = NULL;
        result = fate_secret_key_generate(failing, &key, "okamoto-uchiyama", 66, crypto_seed(seed, 3));
        assert_int_equal(key != NULL, result == FATE_OK);
        if (result != FATE_OK) assert_int_equal(result, FATE_E_MEMORY);
        fate_secret_key_free(key);
        fate_context_free(failing);
        assert_int_equal(atomic_load(&own.live), 0);
    }
    assert_true(fail > 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_long_keys_are_offered),       cmocka_unit_test(generated_keys_have_the_form),
        cmocka_unit_test(bounds_are_those_of_the_header),   cmocka_unit_test(a_seed_gives_one_key),
        cmocka_unit_test(a_known_seed_gives_the_known_key), cmocka_unit_test(unusable_parts_are_refused),
        cmocka_unit_test(failed_allocations_leave_nothing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
