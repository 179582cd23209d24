/* Keys: what seeds give, which sizes are offered, what each half holds. */
#include "tests/support/unit.h"

#include "tests/support/crypto.h"
#include "tests/support/paillier.h"

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
    context->accepts_small_keys = false;
    for (uint32_t bits = 0; bits < 4200; bits++)
        assert_int_equal(paillier_check_bits(context, bits), bits == 2048 || bits == 3072 || bits == 4096 ? FATE_OK : FATE_E_KEY);
    assert_int_equal(paillier_check_bits(context, UINT32_MAX), FATE_E_KEY);
    context->accepts_small_keys = true;
    for (uint32_t bits = 0; bits < 4200; bits++) {
        bool offered = bits == 2048 || bits == 3072 || bits == 4096 || (bits >= 10 && bits < 2048 && bits % 2 == 0);
        assert_int_equal(paillier_check_bits(context, bits), offered ? FATE_OK : FATE_E_KEY);
    }
}

/* gcd(n, phi(n)) = 1, p and q are primes that are 3 modulo 4, and base is an n-th power with the stated length. */
static void check_key(fate_secret_key *key, uint32_t bits)
{
    const struct paillier_secret *secret = paillier_secret_of(key);
    const struct paillier_key *public_half = paillier_key_of(key->key);
    mpz_t p, q, n, phi, base;
    mpz_inits(p, q, n, phi, base, NULL);
    crypto_to_mpz(p, secret->halves[0].ring.modulus.modulus, secret->halves[0].ring.modulus.size);
    crypto_to_mpz(q, secret->halves[1].ring.modulus.modulus, secret->halves[1].ring.modulus.size);
    crypto_to_mpz(n, public_half->ring.modulus.modulus, public_half->ring.modulus.size);
    assert_true(mpz_sizeinbase(p, 2) == bits / 2 && mpz_sizeinbase(q, 2) == bits / 2);
    assert_true(mpz_sizeinbase(n, 2) == bits && mpz_cmp(p, q) > 0);
    assert_true(mpz_fdiv_ui(p, 4) == 3 && mpz_fdiv_ui(q, 4) == 3);
    assert_true(mpz_probab_prime_p(p, 20) && mpz_probab_prime_p(q, 20));
    mpz_mul(phi, p, q);
    assert_int_equal(mpz_cmp(phi, n), 0);
    mpz_sub(phi, phi, p);
    mpz_sub(phi, phi, q);
    mpz_add_ui(phi, phi, 1);
    mpz_gcd(base, n, phi);
    assert_int_equal(mpz_cmp_ui(base, 1), 0);
    mp_limb_t plain[PAILLIER_TEST_LIMBS], scratch[2 * PAILLIER_TEST_LIMBS];
    pair_leave(&public_half->ring, plain, public_half->base, scratch);
    crypto_to_mpz(base, plain, public_half->ring.size);
    mpz_mul(n, n, n);
    mpz_powm(base, base, phi, n);
    assert_int_equal(mpz_cmp_ui(base, 1), 0);
    mpz_clears(p, q, n, phi, base, NULL);
}

static void generated_keys_have_the_form(void **state)
{
    (void)state;
    for (uint32_t bits = 16; bits <= 200; bits += 2)
        for (uint64_t number = 0; number < 3; number++) {
            fate_secret_key *key = crypto_key(context, bits, number);
            check_key(key, bits);
            fate_secret_key_free(key);
        }
    static const uint32_t offered[] = {2048, 3072, 4096};
    for (int i = 0; i < 3; i++) {
        fate_secret_key *key = crypto_key(context, offered[i], 1);
        check_key(key, offered[i]);
        fate_secret_key_free(key);
    }
}

static void a_seed_gives_one_key(void **state)
{
    (void)state;
    fate_secret_key *one = crypto_key(context, 256, 1), *same = crypto_key(context, 256, 1), *other = crypto_key(context, 256, 2);
    fate_secret_key *fresh[2] = {NULL};
    assert_true(paillier_same(one->key, same->key));
    assert_false(paillier_same(one->key, other->key));
    for (int i = 0; i < 2; i++) assert_int_equal(fate_secret_key_generate(context, &fresh[i], "paillier", 256, NULL), FATE_OK);
    assert_false(paillier_same(fresh[0]->key, fresh[1]->key));
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
    static const uint8_t modulus[] = {0xcd, 0x7a, 0x28, 0xf3, 0x6b, 0x83, 0xe7, 0x23, 0x93, 0xad, 0x61, 0xe7, 0xc8, 0xa3, 0x73, 0xe9};
    fate_secret_key *key = crypto_key(context, 128, 0);
    uint8_t bytes[16];
    limbs_store(bytes, sizeof bytes, paillier_key_of(key->key)->ring.modulus.modulus, 2);
    assert_memory_equal(bytes, modulus, sizeof bytes);
    fate_secret_key_free(key);
}

static void unusable_parts_are_refused(void **state)
{
    (void)state;
    fate_secret_key *key = NULL;
    mp_limb_t p = 19, q = 23, x = 5;
    assert_int_equal(paillier_secret_from_primes(context, &key, 10, &p, &q, &x), FATE_E_KEY); /* 437 has 9 bits */
    p = 31;
    x = 62;
    assert_int_equal(paillier_secret_from_primes(context, &key, 10, &p, &q, &x), FATE_E_KEY); /* 62 is a multiple of 31 */
    assert_null(key);
    x = 1;
    assert_int_equal(paillier_secret_from_primes(context, &key, 10, &p, &q, &x), FATE_OK);
    fate_secret_key_free(key);
    uint8_t seed[RANDOM_KEY];
    assert_int_equal(fate_secret_key_generate(context, &key, "paillier", 12, crypto_seed(seed, 1)), FATE_E_KEY);
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
        result = fate_secret_key_generate(failing, &key, "paillier", 66, crypto_seed(seed, 3));
        assert_int_equal(key != NULL, result == FATE_OK);
        if (result != FATE_OK) assert_int_equal(result, FATE_E_MEMORY);
        fate_secret_key_free(key);
        fate_context_free(failing);
        assert_int_equal(atomic_load(&own.live), 0);
    }
    assert_true(fail > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_long_keys_are_offered), cmocka_unit_test(generated_keys_have_the_form),
        cmocka_unit_test(a_seed_gives_one_key),       cmocka_unit_test(a_known_seed_gives_the_known_key),
        cmocka_unit_test(unusable_parts_are_refused), cmocka_unit_test(failed_allocations_leave_nothing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
