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

static const char *const schemes[] = {"paillier", "okamoto-uchiyama"};
enum { SCHEMES = sizeof schemes / sizeof schemes[0] };

static uint64_t option(const fate_secret_key *key, const char *name)
{
    fate_public_key *public_key;
    uint64_t value = UINT64_MAX;
    assert_int_equal(fate_secret_key_public(key, &public_key), FATE_OK);
    assert_int_equal(fate_public_key_option(public_key, name, &value), FATE_OK);
    fate_public_key_free(public_key);
    return value;
}

static fate_secret_key *key_with(const char *scheme, uint64_t obfuscator_bits, uint64_t scan_tables)
{
    static const char *const names[] = {"scan_tables", "obfuscator_bits"};
    const uint64_t values[] = {scan_tables, obfuscator_bits};
    fate_secret_key *key = NULL;
    assert_int_equal(fate_secret_key_generate_with(context, &key, scheme, 384, names, values, 2, seed), FATE_OK);
    return key;
}

static void options_have_their_defaults_and_bounds(void **state)
{
    (void)state;
    static const uint32_t wanted[][5] = {{2048, 1024, 448, 224, 224}, {3072, 1536, 512, 256, 256}, {4096, 2048, 608, 304, 304}};
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < SCHEMES; k++) {
            const struct scheme *scheme = scheme_find(schemes[k], strlen(schemes[k]));
            assert_int_equal(scheme->obfuscator_default(wanted[i][0]), wanted[i][1 + 2 * k]);
            assert_int_equal(scheme->obfuscator_least(wanted[i][0]), wanted[i][2 + 2 * k]);
        }
    const char *names[] = {"obfuscator_bits"};
    for (int k = 0; k < SCHEMES; k++) {
        fate_secret_key *plain = crypto_scheme_key(context, schemes[k], 384, 0), *none = NULL;
        assert_int_equal(option(plain, "obfuscator_bits"), 192);
        assert_int_equal(option(plain, "scan_tables"), 0);
        assert_int_equal(fate_secret_key_generate_with(context, &none, schemes[k], 384, NULL, NULL, 0, seed), FATE_OK);
        assert_int_equal(option(none, "obfuscator_bits"), 192);
        fate_secret_key_free(none);
        fate_secret_key_free(plain);
        uint64_t least = k == 0 ? 448 : 224; /* the shortest that a real key can have: one less is refused */
        uint64_t value = least - 1;
        assert_int_equal(fate_secret_key_generate_with(context, &none, schemes[k], 2048, names, &value, 1, seed), FATE_E_KEY);
        assert_null(none);
        value = 2049;
        assert_int_equal(fate_secret_key_generate_with(context, &none, schemes[k], 2048, names, &value, 1, seed), FATE_E_KEY);
        assert_non_null(strstr(fate_context_error(context), "obfuscator_bits is 2049"));
        value = least;
        assert_int_equal(fate_secret_key_generate_with(context, &none, schemes[k], 2048, names, &value, 1, seed), FATE_OK);
        assert_int_equal(option(none, "obfuscator_bits"), least);
        fate_secret_key_free(none);
    }
}

static void wrong_options_are_errors(void **state)
{
    (void)state;
    fate_secret_key *key = NULL, *plain = crypto_key(context, 128, 1);
    fate_public_key *public_key;
    const char *names[] = {"colour"}, *missing[] = {NULL};
    uint64_t value = 2;
    assert_int_equal(fate_secret_key_generate_with(context, &key, "paillier", 128, names, &value, 1, seed), FATE_E_ARGUMENT);
    assert_non_null(strstr(fate_context_error(context), "colour"));
    assert_int_equal(fate_secret_key_generate_with(context, &key, "paillier", 128, missing, &value, 1, seed), FATE_E_ARGUMENT);
    assert_int_equal(fate_secret_key_generate_with(context, &key, "paillier", 128, NULL, &value, 1, seed), FATE_E_ARGUMENT);
    assert_int_equal(fate_secret_key_generate_with(context, &key, "paillier", 128, names, NULL, 1, seed), FATE_E_ARGUMENT);
    assert_int_equal(fate_secret_key_generate_with(context, NULL, "paillier", 128, names, &value, 1, seed), FATE_E_ARGUMENT);
    assert_int_equal(fate_secret_key_generate_with(context, &key, NULL, 128, names, &value, 1, seed), FATE_E_ARGUMENT);
    assert_int_equal(fate_secret_key_generate_with(NULL, &key, "paillier", 128, names, &value, 1, seed), FATE_E_ARGUMENT);
    names[0] = "scan_tables";
    assert_int_equal(fate_secret_key_generate_with(context, &key, "paillier", 128, names, &value, 1, seed), FATE_E_KEY);
    assert_null(key);
    assert_int_equal(fate_secret_key_public(plain, &public_key), FATE_OK);
    assert_int_equal(fate_public_key_option(public_key, "colour", &value), FATE_E_ARGUMENT);
    assert_int_equal(fate_public_key_option(public_key, NULL, &value), FATE_E_ARGUMENT);
    assert_int_equal(fate_public_key_option(public_key, "scan_tables", NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_public_key_option(NULL, "scan_tables", &value), FATE_E_ARGUMENT);
    fate_public_key_free(public_key);
    fate_secret_key_free(plain);
}

static void expect_bytes(const fate_secret_key *key, int version)
{
    uint8_t *bytes;
    uint64_t length;
    fate_secret_key *again;
    fate_public_key *public_key, *back;
    assert_int_equal(fate_secret_key_export(key, &bytes, &length), FATE_OK);
    assert_int_equal(bytes[5], version);
    assert_int_equal(fate_secret_key_import(context, &again, bytes, length), FATE_OK);
    assert_true(scheme_key_same(again->key, key->key));
    fate_free(context, bytes);
    fate_secret_key_free(again);
    assert_int_equal(fate_secret_key_public(key, &public_key), FATE_OK);
    assert_int_equal(fate_public_key_export(public_key, &bytes, &length), FATE_OK);
    assert_int_equal(bytes[5], version);
    assert_int_equal(fate_public_key_import(context, &back, bytes, length), FATE_OK);
    assert_true(scheme_key_same(back->key, key->key));
    fate_public_key_free(back);
    if (version == 2) {
        uint64_t options = 8 + strlen(key->key->scheme->name) + 4;
        bytes[options + 4] |= 2;
        assert_int_equal(fate_public_key_import(context, &back, bytes, length), FATE_E_FORMAT);
        bytes[options + 4] &= 1;
        bytes[options + 2] = 1;
        assert_int_equal(fate_public_key_import(context, &back, bytes, length), FATE_E_KEY);
        assert_int_equal(fate_public_key_import(context, &back, bytes, options + 3), FATE_E_FORMAT);
    }
    fate_free(context, bytes);
    fate_public_key_free(public_key);
}

/* Keys without options are as they always were. */
static void options_travel_with_the_key(void **state)
{
    (void)state;
    for (int k = 0; k < SCHEMES; k++) {
        fate_secret_key *keys[] = {key_with(schemes[k], 0, 0), key_with(schemes[k], 192, 0), key_with(schemes[k], 70, 0),
                                   key_with(schemes[k], 0, 1), key_with(schemes[k], 384, 1)};
        for (int i = 0; i < 5; i++) expect_bytes(keys[i], i < 2 ? 1 : 2);
        assert_true(scheme_key_same(keys[0]->key, keys[1]->key));
        for (int i = 2; i < 5; i++) assert_false(scheme_key_same(keys[0]->key, keys[i]->key));
        assert_int_equal(option(keys[2], "obfuscator_bits"), 70);
        assert_int_equal(option(keys[4], "obfuscator_bits"), 384);
        assert_int_equal(option(keys[4], "scan_tables"), 1);
        for (int i = 0; i < 5; i++) fate_secret_key_free(keys[i]);
    }
}

/* Scanned tables give the bytes that others give; another length of exponents gives other ones; all decrypt. */
static void keys_with_options_encrypt_and_decrypt(void **state)
{
    (void)state;
    enum { COUNT = 20 };
    static const uint64_t choices[][2] = {{192, 0}, {192, 1}, {70, 0}, {70, 1}, {384, 1}, {1, 0}, {65, 1}};
    uint64_t values[COUNT], back[COUNT];
    uint8_t own[RANDOM_KEY];
    crypto_seed(own, 77);
    for (uint64_t i = 0; i < COUNT; i++) values[i] = i * i;
    for (int k = 0; k < SCHEMES; k++) {
        uint8_t first[3][COUNT * 96] = {{0}};
        for (size_t c = 0; c < sizeof choices / sizeof choices[0]; c++) {
            uint8_t bytes[COUNT * 96] = {0};
            fate_secret_key *key = key_with(schemes[k], choices[c][0], choices[c][1]);
            fate_public_key *public_key;
            assert_int_equal(fate_secret_key_public(key, &public_key), FATE_OK);
            fate_ciphertexts *vector = crypto_vector(key, COUNT), *other = crypto_vector(key, COUNT);
            assert_int_equal(fate_public_key_encrypt(public_key, vector, 0, COUNT, values, 1, own), FATE_OK);
            assert_int_equal(fate_secret_key_encrypt(key, other, 0, COUNT, values, 1, own), FATE_OK);
            assert_true(crypto_same_items(vector, other));
            assert_int_equal(fate_secret_key_decrypt(key, vector, 0, COUNT, back, 1), FATE_OK);
            assert_memory_equal(back, values, sizeof values);
            assert_int_equal(fate_ciphertexts_write(vector, 0, COUNT, bytes), FATE_OK);
            if (c == 0 || c == 2) memcpy(first[c], bytes, sizeof bytes);
            if (c == 1 || c == 3) assert_memory_equal(first[c - 1], bytes, sizeof bytes);
            if (c == 2) assert_memory_not_equal(first[0], bytes, sizeof bytes);
            fate_ciphertexts_free(vector);
            fate_ciphertexts_free(other);
            fate_public_key_free(public_key);
            fate_secret_key_free(key);
        }
    }
}

/* Every length that is offered, whatever kernel the machine has: sums of what was encrypted on both paths. */
static void keys_of_every_length_work(void **state)
{
    (void)state;
    enum { COUNT = 9 };
    for (int k = 0; k < SCHEMES; k++)
        for (uint32_t bits = 2048; bits <= 4096; bits += 1024) {
            uint64_t values[COUNT], back[COUNT];
            fate_secret_key *key = crypto_scheme_key(context, schemes[k], bits, 9);
            fate_public_key *public_key;
            for (uint64_t i = 0; i < COUNT; i++) values[i] = i << 40;
            assert_int_equal(fate_secret_key_public(key, &public_key), FATE_OK);
            assert_int_equal(fate_public_key_bits(public_key), bits);
            fate_ciphertexts *own = crypto_encrypted(key, values, COUNT, 1), *other = crypto_vector(key, COUNT);
            assert_int_equal(fate_public_key_encrypt(public_key, other, 0, COUNT, values, 1, seed), FATE_OK);
            assert_int_equal(fate_ciphertexts_add(own, other), FATE_OK);
            assert_int_equal(fate_secret_key_decrypt(key, own, 0, COUNT, back, 1), FATE_OK);
            for (uint64_t i = 0; i < COUNT; i++) assert_true(back[i] == 2 * values[i]);
            fate_ciphertexts_free(own);
            fate_ciphertexts_free(other);
            fate_public_key_free(public_key);
            fate_secret_key_free(key);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schemes_are_found_by_their_whole_name),
        cmocka_unit_test(missing_arguments_are_errors),
        cmocka_unit_test(facts_are_those_of_the_key),
        cmocka_unit_test(frees_may_come_in_any_order),
        cmocka_unit_test(the_same_key_is_recognised_across_contexts),
        cmocka_unit_test(keys_of_every_length_work),
        cmocka_unit_test(options_have_their_defaults_and_bounds),
        cmocka_unit_test(wrong_options_are_errors),
        cmocka_unit_test(options_travel_with_the_key),
        cmocka_unit_test(keys_with_options_encrypt_and_decrypt),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
