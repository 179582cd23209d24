/* Public functions on keys: arguments, lifetimes, facts. */
#include "tests/support/unit.h"

#include "tests/support/crypto.h"

static struct test_allocator counted;
static fate_context *context;
static uint8_t seed[RANDOM_KEY];

static int setup(void **state)
{
    (void)state;
    crypto_seed(seed, 1);
    context = crypto_context(&counted, -1, 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fate_context_free(context);
    return atomic_load(&counted.live) == 0 ? 0 : -1;
}

static void schemes_are_found_by_their_whole_name(void **state)
{
    (void)state;
    assert_ptr_equal(scheme_find("paillier", 8), &scheme_paillier);
    assert_ptr_equal(scheme_find("okamoto-uchiyama", 16), &scheme_okamoto_uchiyama);
    assert_null(scheme_find("paillier", 7));
    assert_null(scheme_find("paillier!", 9));
    assert_null(scheme_find("", 0));
    fate_secret_key *key = (fate_secret_key *)seed;
    assert_int_equal(fate_secret_key_generate(context, &key, "rsa", 2048, seed), FATE_E_UNSUPPORTED);
    assert_null(key);
    assert_non_null(strstr(fate_context_error(context), "rsa"));
}

static void missing_arguments_are_errors(void **state)
{
    (void)state;
    fate_secret_key *secret = NULL, *key = crypto_key(context, 128, 1);
    fate_public_key *public_key = NULL;
    uint8_t *bytes = NULL;
    uint64_t length = 0;
    assert_int_equal(fate_secret_key_generate(NULL, &secret, "paillier", 128, seed), FATE_E_ARGUMENT);
    assert_int_equal(fate_secret_key_generate(context, NULL, "paillier", 128, seed), FATE_E_ARGUMENT);
    assert_int_equal(fate_secret_key_generate(context, &secret, NULL, 128, seed), FATE_E_ARGUMENT);
    assert_int_equal(fate_secret_key_public(NULL, &public_key), FATE_E_ARGUMENT);
    assert_int_equal(fate_secret_key_public(key, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_secret_key_export(NULL, &bytes, &length), FATE_E_ARGUMENT);
    assert_int_equal(fate_secret_key_export(key, NULL, &length), FATE_E_ARGUMENT);
    assert_int_equal(fate_secret_key_export(key, &bytes, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_secret_key_import(NULL, &secret, seed, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_secret_key_import(context, NULL, seed, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_secret_key_import(context, &secret, NULL, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_public_key_import(NULL, &public_key, seed, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_public_key_import(context, NULL, seed, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_public_key_import(context, &public_key, NULL, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_public_key_export(NULL, &bytes, &length), FATE_E_ARGUMENT);
    assert_int_equal(fate_secret_key_public(key, &public_key), FATE_OK);
    assert_int_equal(fate_public_key_export(public_key, NULL, &length), FATE_E_ARGUMENT);
    assert_int_equal(fate_public_key_export(public_key, &bytes, NULL), FATE_E_ARGUMENT);
    fate_public_key_free(public_key);
    fate_secret_key_free(key);
    fate_public_key_free(NULL);
    fate_secret_key_free(NULL);
    scheme_key_free(NULL);
}

static void facts_are_those_of_the_key(void **state)
{
    (void)state;
    fate_secret_key *key = crypto_key(context, 130, 1);
    fate_public_key *public_key;
    assert_int_equal(fate_secret_key_public(key, &public_key), FATE_OK);
    assert_string_equal(fate_public_key_scheme(public_key), "paillier");
    assert_int_equal(fate_public_key_bits(public_key), 130);
    assert_int_equal(fate_public_key_plaintext_bits(public_key), 129);
    assert_int_equal(fate_public_key_ciphertext_bytes(public_key), 33);
    assert_null(fate_public_key_scheme(NULL));
    assert_int_equal(fate_public_key_bits(NULL), 0);
    assert_int_equal(fate_public_key_plaintext_bits(NULL), 0);
    assert_int_equal(fate_public_key_ciphertext_bytes(NULL), 0);
    fate_public_key_free(public_key);
    fate_secret_key_free(key);
}

/* Whatever is freed first, the rest goes on living: the context's own hold too. */
static void frees_may_come_in_any_order(void **state)
{
    (void)state;
    for (int order = 0; order < 24; order++) {
        struct test_allocator own;
        fate_context *mine = crypto_context(&own, -1, 1);
        fate_secret_key *secret = crypto_key(mine, 64, 1);
        fate_public_key *public_key;
        fate_ciphertexts *vector = crypto_vector(secret, 3);
        assert_int_equal(fate_secret_key_public(secret, &public_key), FATE_OK);
        int rest[4] = {0, 1, 2, 3}, left = 4, number = order;
        while (left > 0) {
            int pick = number % left, what = rest[pick];
            number /= left--;
            rest[pick] = rest[left];
            if (what == 0)
                fate_context_free(mine);
            else if (what == 1)
                fate_secret_key_free(secret);
            else if (what == 2)
                fate_public_key_free(public_key);
            else
                fate_ciphertexts_free(vector);
            assert_int_equal(atomic_load(&own.live) == 0, left == 0);
        }
    }
}

static void the_same_key_is_recognised_across_contexts(void **state)
{
    (void)state;
    struct test_allocator own;
    fate_context *other = crypto_context(&own, -1, 1);
    fate_secret_key *here = crypto_key(context, 128, 1), *there = crypto_key(other, 128, 1), *different = crypto_key(other, 128, 2);
    fate_secret_key *longer = crypto_key(other, 192, 1);
    assert_true(scheme_key_same(here->key, there->key));
    assert_false(scheme_key_same(here->key, different->key));
    assert_false(scheme_key_same(here->key, longer->key));
    const uint64_t value = 77;
    uint64_t back = 0;
    fate_ciphertexts *vector = crypto_encrypted(there, &value, 1, 1), *own_vector = crypto_encrypted(here, &value, 1, 2);
    assert_int_equal(fate_ciphertexts_add(own_vector, vector), FATE_OK);
    assert_int_equal(fate_secret_key_decrypt(here, own_vector, 0, 1, &back, 1), FATE_OK);
    assert_int_equal(back, 154);
    fate_ciphertexts_free(vector);
    fate_ciphertexts_free(own_vector);
    fate_secret_key_free(here);
    fate_secret_key_free(there);
    fate_secret_key_free(different);
    fate_secret_key_free(longer);
    fate_context_free(other);
    assert_int_equal(atomic_load(&own.live), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schemes_are_found_by_their_whole_name),
        cmocka_unit_test(missing_arguments_are_errors),
        cmocka_unit_test(facts_are_those_of_the_key),
        cmocka_unit_test(frees_may_come_in_any_order),
        cmocka_unit_test(the_same_key_is_recognised_across_contexts),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
