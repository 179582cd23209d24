/* Encryption and decryption: known answers, every message and many exponents of tiny keys, both paths, threads, numbers. */
#include "tests/support/unit.h"

#include "tests/support/crypto.h"
#include "tests/support/paillier.h"
#include <math.h>

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

static void check_encrypt(struct paillier_vectors *vectors)
{
    for (int owner = 0; owner < 2; owner++) {
        fate_ciphertexts *vector = crypto_vector(vectors->key, 1);
        paillier_test_encrypt(vectors->key, owner, vector, 0, vectors->numbers[0], vectors->numbers[1]);
        paillier_test_expect(vector, 0, vectors->numbers[2]);
        paillier_test_decrypts(vectors->key, vector, 0, vectors->numbers[0]);
        fate_ciphertexts_free(vector);
    }
}

static void check_decrypt(struct paillier_vectors *vectors)
{
    fate_ciphertexts *vector = crypto_vector(vectors->key, 1);
    paillier_test_put(vector, 0, vectors->numbers[0]);
    paillier_test_decrypts(vectors->key, vector, 0, vectors->numbers[1]);
    fate_ciphertexts_free(vector);
}

static void known_answers_agree(void **state)
{
    (void)state;
    struct paillier_vectors vectors;
    int encryptions = 0, decryptions = 0;
    paillier_vectors_open(&vectors, context);
    while (paillier_vectors_next(&vectors)) {
        if (strcmp(vectors.word, "encrypt") == 0) {
            check_encrypt(&vectors);
            encryptions++;
        } else if (strcmp(vectors.word, "decrypt") == 0) {
            check_decrypt(&vectors);
            decryptions++;
        }
    }
    assert_int_equal(encryptions, 78);
    assert_int_equal(decryptions, 90);
    paillier_vectors_close(&vectors);
}

static uint64_t power_modulo(uint64_t base, uint64_t exponent, uint64_t modulus)
{
    uint64_t power = 1;
    for (; exponent != 0; exponent >>= 1, base = base * base % modulus)
        if (exponent & 1) power = power * base % modulus;
    return power;
}

/* Keys of 10 to 16 bits: numbers below n^2 < 2^32, so that machine integers can say what is right. */
static const struct {
    uint64_t p, q;
    uint32_t bits;
} tiny[] = {{19, 31, 10}, {31, 23, 10}, {43, 59, 12}, {59, 47, 12}, {83, 127, 14}, {199, 251, 16}};

static void every_message_and_exponent_of_tiny_keys(void **state)
{
    (void)state;
    uint64_t tried = 0;
    for (size_t k = 0; k < sizeof tiny / sizeof tiny[0]; k++) {
        uint64_t n = tiny[k].p * tiny[k].q, x = 5, square = n * n;
        fate_secret_key *key = paillier_test_key(context, tiny[k].bits, tiny[k].p, tiny[k].q, x);
        uint64_t base = power_modulo(n - x * x % n, n, square);
        fate_ciphertexts *vector = crypto_vector(key, 1);
        uint64_t step = tiny[k].bits > 12 ? 17 : 1;
        for (uint64_t exponent = 0; exponent < (uint64_t)1 << tiny[k].bits / 2; exponent += step)
            for (uint64_t message = 0; message<n; message += tiny[k].bits> 14 ? 13 : 1) {
                uint64_t wanted = (1 + message * n) % square * power_modulo(base, exponent, square) % square;
                paillier_test_encrypt_small(key, message & 1, vector, 0, message, exponent);
                assert_true(paillier_test_get_small(vector, 0) == wanted);
                assert_true(paillier_test_decrypt_small(key, vector, 0) == message);
                tried++;
            }
        fate_ciphertexts_free(vector);
        fate_secret_key_free(key);
    }
    assert_true(tried > 400000);
}

/* Every unit modulo n^2 decrypts to the message that it was made of, whatever its random part. */
static void every_ciphertext_of_a_tiny_key(void **state)
{
    (void)state;
    uint64_t n = 19 * 31;
    fate_secret_key *key = paillier_test_key(context, 10, 19, 31, 2);
    fate_ciphertexts *vector = crypto_vector(key, 1);
    for (uint64_t unit = 1; unit < n; unit++) {
        if (unit % 19 == 0 || unit % 31 == 0) continue;
        uint64_t random = power_modulo(unit, n, n * n);
        for (uint64_t message = 0; message < n; message++) {
            paillier_test_put_small(vector, 0, (1 + message * n) % (n * n) * random % (n * n));
            assert_true(paillier_test_decrypt_small(key, vector, 0) == message);
        }
    }
    fate_ciphertexts_free(vector);
    fate_secret_key_free(key);
}

static void both_paths_and_all_thread_counts_give_equal_bytes(void **state)
{
    (void)state;
    static const uint32_t lengths[] = {16, 18, 66, 128, 130, 254, 256, 510, 768};
    enum { COUNT = 37 };
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        fate_secret_key *key = crypto_key(context, lengths[i], i);
        fate_public_key *public_key;
        assert_int_equal(fate_secret_key_public(key, &public_key), FATE_OK);
        uint64_t values[COUNT], back[COUNT];
        uint8_t seed[RANDOM_KEY];
        for (uint64_t j = 0; j < COUNT; j++) values[j] = j * j * 23;
        fate_ciphertexts *first = crypto_vector(key, COUNT);
        assert_int_equal(fate_public_key_encrypt(public_key, first, 0, COUNT, values, 1, crypto_seed(seed, i)), FATE_OK);
        for (uint32_t threads = 1; threads <= 4; threads++) {
            context->threads = threads;
            fate_ciphertexts *owner = crypto_encrypted(key, values, COUNT, i);
            fate_ciphertexts *parts = crypto_vector(key, COUNT); /* item numbers, not calls, choose the obfuscators */
            assert_int_equal(fate_public_key_encrypt(public_key, parts, 0, 5, values, 1, seed), FATE_OK);
            assert_int_equal(fate_public_key_encrypt(public_key, parts, 5, COUNT - 5, values + 5, 1, seed), FATE_OK);
            assert_true(crypto_same_items(first, owner));
            assert_true(crypto_same_items(first, parts));
            assert_int_equal(fate_secret_key_decrypt(key, owner, 0, COUNT, back, 1), FATE_OK);
            assert_memory_equal(back, values, sizeof values);
            fate_ciphertexts_free(owner);
            fate_ciphertexts_free(parts);
        }
        context->threads = 1;
        fate_ciphertexts_free(first);
        fate_public_key_free(public_key);
        fate_secret_key_free(key);
    }
}

static void seeds_and_items_give_different_obfuscators(void **state)
{
    (void)state;
    fate_secret_key *key = crypto_key(context, 256, 1);
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
    fate_secret_key *key = crypto_key(context, 256, 2);
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
    fate_secret_key *key = crypto_key(context, 256, 3);
    fate_public_key *public_key;
    assert_int_equal(fate_secret_key_public(key, &public_key), FATE_OK);
    fate_ciphertexts *vector = crypto_vector(key, NUMBERS);
    uint8_t seed[RANDOM_KEY];
    double back[NUMBERS];
    assert_int_equal(fate_public_key_encrypt_numbers(public_key, vector, 0, NUMBERS, numbers, SCALE, crypto_seed(seed, 1)), FATE_OK);
    assert_int_equal(fate_secret_key_decrypt_numbers(key, vector, 0, NUMBERS, back, SCALE), FATE_OK);
    for (int i = 0; i < NUMBERS; i++) assert_true(back[i] == round(numbers[i] * 0x1p20) / 0x1p20);
    assert_int_equal(fate_ciphertexts_add(vector, vector), FATE_OK);
    assert_int_equal(fate_secret_key_decrypt_numbers(key, vector, 0, NUMBERS, back, SCALE), FATE_OK);
    for (int i = 0; i < NUMBERS; i++) assert_true(back[i] == 2 * round(numbers[i] * 0x1p20) / 0x1p20);
    fate_ciphertexts_free(vector);
    fate_public_key_free(public_key);
    fate_secret_key_free(key);
}

static void numbers_out_of_range_are_refused(void **state)
{
    (void)state;
    const double bad[] = {0x1p42, -0x1p42, INFINITY, -INFINITY, NAN, 0x1p1000, 1e300};
    fate_secret_key *key = crypto_key(context, 256, 3);
    fate_public_key *public_key;
    assert_int_equal(fate_secret_key_public(key, &public_key), FATE_OK);
    fate_ciphertexts *vector = crypto_vector(key, 2), *zero = crypto_vector(key, 2);
    uint8_t seed[RANDOM_KEY];
    crypto_seed(seed, 1);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        double pair[2] = {1, bad[i]};
        assert_int_equal(fate_public_key_encrypt_numbers(public_key, vector, 0, 2, pair, SCALE, seed), FATE_E_RANGE);
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
    fate_secret_key *key = crypto_key(context, 256, 4);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers_agree),
        cmocka_unit_test(every_message_and_exponent_of_tiny_keys),
        cmocka_unit_test(every_ciphertext_of_a_tiny_key),
        cmocka_unit_test(both_paths_and_all_thread_counts_give_equal_bytes),
        cmocka_unit_test(seeds_and_items_give_different_obfuscators),
        cmocka_unit_test(rerandomising_keeps_messages_and_changes_bytes),
        cmocka_unit_test(numbers_keep_their_scale_and_sign),
        cmocka_unit_test(numbers_out_of_range_are_refused),
        cmocka_unit_test(plaintexts_that_need_more_words_are_refused_and_wiped),
    };
    int failed = 0;
    for (int i = 0; i < CRYPTO_KERNELS; i++)
        if (crypto_choose_kernel(crypto_kernels[i])) failed += cmocka_run_group_tests_name(crypto_kernels[i], tests, setup, teardown);
    return failed;
}
