/* What every scheme does in the same way: both paths of encryption, seeds, re-randomising, numbers, plaintexts of several words. */
#include "tests/support/unit.h"

#include "tests/support/crypto.h"
#include "tests/support/schemes.h"
#include <math.h>

static struct test_allocator counted;
static fate_context *context;
static const struct scheme_tried *tried;

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

static fate_secret_key *key_of(uint64_t number)
{
    return crypto_scheme_key(context, tried->scheme, tried->bits, number);
}

static void both_paths_and_all_thread_counts_give_equal_bytes(void **state)
{
    (void)state;
    enum { COUNT = 37, FEW = 5, MANY = 130 }; /* for so many the tables are larger than for so few */
    for (size_t i = 0; i < SCHEME_LENGTHS && tried->lengths[i] != 0; i++) {
        fate_secret_key *key = crypto_scheme_key(context, tried->scheme, tried->lengths[i], i);
        fate_public_key *public_key;
        assert_int_equal(fate_secret_key_public(key, &public_key), FATE_OK);
        uint64_t values[MANY], back[COUNT];
        uint8_t seed[RANDOM_KEY];
        for (uint64_t j = 0; j < MANY; j++) values[j] = (j * j * 23 + j % 2) % 31489; /* below every key */
        fate_ciphertexts *few = crypto_vector(key, FEW), *many = crypto_vector(key, MANY), *first = crypto_vector(key, COUNT);
        assert_int_equal(fate_public_key_encrypt(public_key, few, 0, FEW, values, 1, crypto_seed(seed, i)), FATE_OK);
        assert_int_equal(fate_public_key_encrypt(public_key, many, 0, MANY, values, 1, seed), FATE_OK);
        assert_int_equal(fate_public_key_encrypt(public_key, first, 0, COUNT, values, 1, seed), FATE_OK);
        for (uint64_t j = 0; j < FEW; j++) assert_true(crypto_same_item(few, j, many, j));
        for (uint64_t j = 0; j < COUNT; j++) assert_true(crypto_same_item(first, j, many, j));
        for (uint32_t threads = 1; threads <= 4; threads++) {
            context->threads = threads;
            fate_ciphertexts *owner = crypto_encrypted(key, values, COUNT, i);
            fate_ciphertexts *parts = crypto_vector(key, COUNT); /* item numbers, not calls, choose the obfuscators */
            assert_int_equal(fate_public_key_encrypt(public_key, parts, 0, FEW, values, 1, seed), FATE_OK);
            assert_int_equal(fate_public_key_encrypt(public_key, parts, FEW, COUNT - FEW, values + FEW, 1, seed), FATE_OK);
            assert_true(crypto_same_items(first, owner));
            assert_true(crypto_same_items(first, parts));
            assert_int_equal(fate_secret_key_decrypt(key, owner, 0, COUNT, back, 1), FATE_OK);
            assert_memory_equal(back, values, sizeof back);
            fate_ciphertexts_free(owner);
            fate_ciphertexts_free(parts);
        }
        context->threads = 1;
        fate_ciphertexts_free(few);
        fate_ciphertexts_free(many);
        fate_ciphertexts_free(first);
        fate_public_key_free(public_key);
        fate_secret_key_free(key);
    }
}

static void seeds_and_items_give_different_obfuscators(void **state)
{
    (void)state;
    fate_secret_key *key = key_of(1);
    const uint64_t values[2] = {7, 7};
    fate_ciphertexts *one = crypto_encrypted(key, values, 2, 1), *other = crypto_encrypted(key, values, 2, 2);
    assert_false(crypto_same_item(one, 0, one, 1));
    assert_false(crypto_same_item(one, 0, other, 0));
    assert_false(crypto_same_item(one, 1, other, 1));
    fate_ciphertexts_free(one);
    fate_ciphertexts_free(other);
    fate_secret_key_free(key);
}

static void rerandomising_keeps_messages_and_changes_bytes(void **state)
{
    (void)state;
    fate_secret_key *key = key_of(2);
    uint64_t values[20], back[20];
    uint8_t seed[RANDOM_KEY];
    for (uint64_t i = 0; i < 20; i++) values[i] = i;
    fate_ciphertexts *vector = crypto_encrypted(key, values, 20, 1), *twin = crypto_encrypted(key, values, 20, 1);
    assert_int_equal(fate_ciphertexts_rerandomise(vector, crypto_seed(seed, 9)), FATE_OK);
    for (uint64_t i = 0; i < 20; i++) assert_false(crypto_same_item(vector, i, twin, i));
    context->threads = 3;
    assert_int_equal(fate_ciphertexts_rerandomise(twin, seed), FATE_OK);
    context->threads = 1;
    assert_true(crypto_same_items(vector, twin));
    assert_int_equal(fate_secret_key_decrypt(key, vector, 0, 20, back, 1), FATE_OK);
    assert_memory_equal(back, values, sizeof values);
    fate_ciphertexts_free(vector);
    fate_ciphertexts_free(twin);
    fate_secret_key_free(key);
}

static const double numbers[] = {0,       -0.0,      1,       -1,      0.5,      -0.5,           0.1,     -0.3,
                                 1234.56, -98765.43, 0x1p-21, 0x1p-22, -0x1p-21, 0x1.fffffep+39, -0x1p40, 0x0.fffffffffffffp41};
enum { NUMBERS = sizeof numbers / sizeof numbers[0], SCALE = 20 };

static void numbers_keep_their_scale_and_sign(void **state)
{
    (void)state;
    fate_secret_key *key = key_of(3);
    fate_public_key *public_key;
    assert_int_equal(fate_secret_key_public(key, &public_key), FATE_OK);
    fate_ciphertexts *vector = crypto_vector(key, NUMBERS), *own = crypto_vector(key, NUMBERS);
    uint8_t seed[RANDOM_KEY];
    double back[NUMBERS];
    assert_int_equal(fate_public_key_encrypt_numbers(public_key, vector, 0, NUMBERS, numbers, SCALE, crypto_seed(seed, 1)), FATE_OK);
    assert_int_equal(fate_secret_key_encrypt_numbers(key, own, 0, NUMBERS, numbers, SCALE, seed), FATE_OK);
    assert_true(crypto_same_items(own, vector));
    assert_int_equal(fate_secret_key_decrypt_numbers(key, vector, 0, NUMBERS, back, SCALE), FATE_OK);
    for (int i = 0; i < NUMBERS; i++) assert_true(back[i] == round(numbers[i] * 0x1p20) / 0x1p20);
    assert_int_equal(fate_ciphertexts_add(vector, vector), FATE_OK);
    assert_int_equal(fate_secret_key_decrypt_numbers(key, vector, 0, NUMBERS, back, SCALE), FATE_OK);
    for (int i = 0; i < NUMBERS; i++) assert_true(back[i] == 2 * round(numbers[i] * 0x1p20) / 0x1p20);
    fate_ciphertexts_free(own);
    fate_ciphertexts_free(vector);
    fate_public_key_free(public_key);
    fate_secret_key_free(key);
}

static void numbers_out_of_range_are_refused(void **state)
{
    (void)state;
    const double bad[] = {0x1p42, -0x1p42, INFINITY, -INFINITY, NAN, 0x1p1000, 1e300};
    fate_secret_key *key = key_of(3);
    fate_public_key *public_key;
    assert_int_equal(fate_secret_key_public(key, &public_key), FATE_OK);
    fate_ciphertexts *vector = crypto_vector(key, 2), *zero = crypto_vector(key, 2);
    uint8_t seed[RANDOM_KEY];
    crypto_seed(seed, 1);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        double pair[2] = {1, bad[i]};
        assert_int_equal(fate_public_key_encrypt_numbers(public_key, vector, 0, 2, pair, SCALE, seed), FATE_E_RANGE);
        assert_int_equal(fate_secret_key_encrypt_numbers(key, vector, 0, 2, pair, SCALE, seed), FATE_E_RANGE);
        assert_true(crypto_same_items(vector, zero));
    }
    double back[2] = {5, 5}, largest[2] = {0x0.fffffffffffffp42, -0x0.fffffffffffffp42};
    assert_int_equal(fate_public_key_encrypt_numbers(public_key, vector, 0, 2, largest, SCALE, seed), FATE_OK);
    assert_int_equal(fate_secret_key_decrypt_numbers(key, vector, 0, 2, back, SCALE), FATE_OK);
    assert_true(back[0] == largest[0] && back[1] == largest[1]);
    assert_int_equal(fate_ciphertexts_add(vector, vector), FATE_OK); /* 2^63 less something: above 62 bits */
    assert_int_equal(fate_secret_key_decrypt_numbers(key, vector, 0, 1, back, SCALE), FATE_E_RANGE);
    assert_true(back[0] == 0);
    assert_int_equal(fate_secret_key_decrypt_numbers(key, vector, 1, 1, back, SCALE), FATE_E_RANGE);
    fate_ciphertexts_free(vector);
    fate_ciphertexts_free(zero);
    fate_public_key_free(public_key);
    fate_secret_key_free(key);
}

static void plaintexts_that_need_more_words_are_refused_and_wiped(void **state)
{
    (void)state;
    fate_secret_key *key = key_of(4);
    fate_ciphertexts *vector = crypto_vector(key, 3);
    uint8_t seed[RANDOM_KEY];
    const uint64_t values[3][4] = {{1, 0, 0, 0}, {0, 1, 0, 0}, {5, 6, 7, (uint64_t)1 << 62}};
    uint64_t back[3 * 64];
    assert_int_equal(fate_secret_key_encrypt(key, vector, 0, 3, values[0], 4, crypto_seed(seed, 1)), FATE_OK);
    for (uint32_t words = 1; words <= 64; words++) {
        memset(back, 0xff, sizeof back);
        int32_t result = fate_secret_key_decrypt(key, vector, 0, 3, back, words);
        assert_int_equal(result, words < 4 ? FATE_E_RANGE : FATE_OK);
        for (uint32_t i = 0; i < 3; i++)
            for (uint32_t j = 0; j < words; j++) assert_true(back[i * words + j] == (words < 4 || j >= 4 ? 0 : values[i][j]));
    }
    fate_ciphertexts_free(vector);
    fate_secret_key_free(key);
}

int schemes_test(const struct scheme_tried *scheme, const char *kernel)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_paths_and_all_thread_counts_give_equal_bytes),
        cmocka_unit_test(seeds_and_items_give_different_obfuscators),
        cmocka_unit_test(rerandomising_keeps_messages_and_changes_bytes),
        cmocka_unit_test(numbers_keep_their_scale_and_sign),
        cmocka_unit_test(numbers_out_of_range_are_refused),
        cmocka_unit_test(plaintexts_that_need_more_words_are_refused_and_wiped),
    };
    if (!crypto_choose_kernel(kernel)) return 0;
    tried = scheme;
    return cmocka_run_group_tests_name(kernel, tests, setup, teardown);
}
