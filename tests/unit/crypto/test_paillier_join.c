/* The owner's way by both primes gives what the public one gives, on every kernel, for edge values of messages and exponents. */
#include "tests/support/unit.h"

#include "tests/support/crypto.h"
#include "tests/support/paillier.h"

enum { KINDS = 5 };

/* 0, 1, the greatest, the greatest less one, or random: below a limit of so many bits. */
static void make_number(mpz_t number, int kind, const mpz_t limit, gmp_randstate_t state)
{
    mpz_set_ui(number, (unsigned long)(kind == 1));
    if (kind == 2 || kind == 3) mpz_sub_ui(number, limit, (unsigned long)kind - 1);
    if (kind == 4) mpz_urandomm(number, state, limit);
}

static void compare(fate_secret_key *secret, fate_ciphertexts *vector, const mpz_t message, const mpz_t exponent)
{
    const struct paillier_key *key = paillier_key_of(secret->key);
    paillier_test_encrypt(secret, 0, vector, 0, message, exponent);
    paillier_test_encrypt(secret, 1, vector, 1, message, exponent);
    mp_limb_t pairs[2][PAILLIER_TEST_LIMBS];
    for (uint64_t i = 0; i < 2; i++) paillier_test_get_pair(vector, i, pairs[i]);
    assert_int_equal(mpn_cmp(pairs[0], pairs[1], key->ring.size), 0);
}

static void compare_key(fate_secret_key *secret)
{
    const struct paillier_key *key = paillier_key_of(secret->key);
    gmp_randstate_t state;
    mpz_t modulus, exponents, message, exponent;
    fate_ciphertexts *vector = crypto_vector(secret, 2);
    gmp_randinit_default(state);
    mpz_inits(modulus, exponents, message, exponent, NULL);
    mpz_import(modulus, (size_t)key->ring.modulus.size, -1, sizeof(mp_limb_t), 0, 0, key->ring.modulus.modulus);
    mpz_setbit(exponents, key->exponent_bits);
    for (int i = 0; i < KINDS * KINDS; i++) {
        make_number(message, i % KINDS, modulus, state);
        make_number(exponent, i / KINDS, exponents, state);
        compare(secret, vector, message, exponent);
    }
    fate_ciphertexts_free(vector);
    mpz_clears(modulus, exponents, message, exponent, NULL);
    gmp_randclear(state);
}

static void both_ways_agree(void **state)
{
    (void)state;
    static const uint32_t lengths[] = {16, 34, 62, 128, 130, 192, 510, 1024, 2048, 3072};
    for (int name = 0; name < CRYPTO_KERNELS; name++)
        for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
            if (!crypto_choose_kernel(crypto_kernels[name])) continue;
            const bool slow = crypto_is_slow() || (EFFORT_STRIDE > 1 && strcmp(crypto_kernel, "portable") != 0);
            if (slow && lengths[i] > 1024) continue;
            struct test_allocator counted;
            fate_context *context = crypto_context(&counted, -1, 1);
            fate_secret_key *secret = crypto_key(context, lengths[i], 31);
            compare_key(secret);
            fate_secret_key_free(secret);
            fate_context_free(context);
            assert_int_equal(atomic_load(&counted.live), 0);
        }
    crypto_kernel = NULL;
}

static void failed_allocations_leave_nothing(void **state)
{
    (void)state;
    struct test_allocator counted;
    assert_true(crypto_choose_kernel("plain"));
    fate_context *context = crypto_context(&counted, -1, 1);
    fate_secret_key *secret = crypto_key(context, 128, 32);
    int32_t result = FATE_E_MEMORY;
    for (long long fail = 0; result != FATE_OK; fail++) {
        struct paillier_join *join;
        atomic_store(&counted.calls, 0);
        counted.fail = fail;
        result = paillier_join_new(&join, context, paillier_key_of(secret->key), paillier_secret_of(secret));
        assert_true(fail < 10 && (result == FATE_OK || result == FATE_E_MEMORY));
        assert_int_equal(join != NULL, result == FATE_OK);
        paillier_join_free(join, context);
    }
    fate_secret_key_free(secret);
    fate_context_free(context);
    crypto_kernel = NULL;
    assert_int_equal(atomic_load(&counted.live), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways_agree),
        cmocka_unit_test(failed_allocations_leave_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
