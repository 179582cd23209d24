/* Encryption and decryption: known answers, every message and many exponents of tiny keys, both paths, threads, numbers. */
#include "tests/support/unit.h"

#include "tests/support/crypto.h"
#include "tests/support/paillier.h"
#include "tests/support/schemes.h"
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

static void check_encrypt(struct crypto_vectors *vectors)
{
    for (int owner = 0; owner < 2; owner++) {
        fate_ciphertexts *vector = crypto_vector(vectors->key, 1);
        paillier_test_encrypt(vectors->key, owner, vector, 0, vectors->numbers[0], vectors->numbers[1]);
        crypto_expect(vector, 0, vectors->numbers[2]);
        crypto_decrypts(vectors->key, vector, 0, vectors->numbers[0]);
        fate_ciphertexts_free(vector);
    }
}

static void check_decrypt(struct crypto_vectors *vectors)
{
    fate_ciphertexts *vector = crypto_vector(vectors->key, 1);
    crypto_put(vector, 0, vectors->numbers[0]);
    crypto_decrypts(vectors->key, vector, 0, vectors->numbers[1]);
    fate_ciphertexts_free(vector);
}

static void known_answers_agree(void **state)
{
    (void)state;
    struct crypto_vectors vectors;
    int encryptions = 0, decryptions = 0;
    paillier_vectors_open(&vectors, context);
    while (crypto_vectors_next(&vectors)) {
        /* In plain C their tables take seconds, and with sanitizers those of the longest keys; test_comb.c tries those. */
        bool taken = vectors.key->key->bits <= (crypto_is_slow() ? 1024 : EFFORT_STRIDE > 1 ? 2048 : 4096);
        if (strcmp(vectors.word, "encrypt") == 0) {
            if (taken) check_encrypt(&vectors);
            encryptions++;
        } else if (strcmp(vectors.word, "decrypt") == 0) {
            if (taken || decryptions % 6 == 0) check_decrypt(&vectors);
            decryptions++;
        }
    }
    assert_int_equal(encryptions, 90);
    assert_int_equal(decryptions, 105);
    crypto_vectors_close(&vectors);
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
        uint64_t step = tiny[k].bits > 12 ? 17 * crypto_stride(5) : crypto_stride(7);
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
    assert_true(tried > 400000 / crypto_stride(7));
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
        for (uint64_t message = unit % crypto_stride(5); message < n; message += crypto_stride(5)) {
            paillier_test_put_small(vector, 0, (1 + message * n) % (n * n) * random % (n * n));
            assert_true(paillier_test_decrypt_small(key, vector, 0) == message);
        }
    }
    fate_ciphertexts_free(vector);
    fate_secret_key_free(key);
}

/* Who asks for few obfuscators again and again gets large tables in the end. */
static void few_at_a_time_are_many_in_all(void **state)
{
    (void)state;
    enum { FEW = 128, CALLS = 32 };
    static uint64_t values[FEW];
    uint8_t seed[RANDOM_KEY];
    if (strcmp(crypto_kernel, "plain") == 0) skip(); /* slow */
    fate_secret_key *key = crypto_scheme_key(context, "paillier", 256, 0);
    const struct paillier_key *public_half = paillier_key_of(key->key);
    fate_public_key *public_key;
    fate_ciphertexts *vector = crypto_vector(key, FEW);
    assert_int_equal(fate_secret_key_public(key, &public_key), FATE_OK);
    crypto_seed(seed, 1);
    for (int call = 0; call <= CALLS; call++) {
        assert_null(slot_look(public_half->obfuscators));
        assert_int_equal(fate_public_key_encrypt(public_key, vector, 0, FEW, values, 1, seed), FATE_OK);
    }
    assert_non_null(slot_look(public_half->obfuscators));
    fate_ciphertexts_free(vector);
    fate_public_key_free(public_key);
    fate_secret_key_free(key);
}

enum { SHORT_KEY = 256, SHORT_ITEMS = 19 }; /* 64 bits are a quarter */

/* Encrypts values of four words, and expects `result` of the plaintexts as one word each, and the same plaintexts in four. */
static void expect_short(fate_secret_key *key, const uint64_t *values, uint64_t count, int32_t result)
{
    uint8_t seed[RANDOM_KEY];
    uint64_t words[SHORT_ITEMS], whole[4 * SHORT_ITEMS];
    fate_ciphertexts *vector = crypto_vector(key, count);
    assert_int_equal(fate_secret_key_encrypt(key, vector, 0, count, values, 4, crypto_seed(seed, 3)), FATE_OK);
    assert_int_equal(fate_secret_key_decrypt(key, vector, 0, count, words, 1), result);
    for (uint64_t i = 0; i < count; i++) assert_true(words[i] == (result == FATE_OK ? values[4 * i] : 0));
    assert_int_equal(fate_secret_key_decrypt(key, vector, 0, count, whole, 4), FATE_OK);
    assert_memory_equal(whole, values, 4 * count * sizeof *whole);
    fate_ciphertexts_free(vector);
}

/* Plaintexts of up to a quarter of n's bits come from one prime; which are too long is seen there too. */
static void short_plaintexts_come_from_one_prime(void **state)
{
    (void)state;
    fate_secret_key *key = crypto_scheme_key(context, "paillier", SHORT_KEY, 0);
    uint64_t values[4 * SHORT_ITEMS] = {0};
    for (uint64_t i = 0; i < SHORT_ITEMS; i++) values[4 * i] = i % 3 == 0 ? UINT64_MAX - i : i;
    for (uint64_t count = 1; count <= SHORT_ITEMS; count += 9) expect_short(key, values, count, FATE_OK);
    for (int word = 1; word < 4; word++) {
        uint64_t *last = values + 4 * (SHORT_ITEMS - 1);
        last[word] = 1;
        expect_short(key, values, SHORT_ITEMS, FATE_E_RANGE);
        expect_short(key, last, 1, FATE_E_RANGE);
        last[word] = 0;
    }
    fate_secret_key_free(key);
}

/* n-1, n-2, ... are as far from small as can be. */
static void negative_plaintexts_are_not_short(void **state)
{
    (void)state;
    uint8_t seed[RANDOM_KEY];
    uint64_t values[SHORT_ITEMS], words[SHORT_ITEMS];
    fate_secret_key *key = crypto_scheme_key(context, "paillier", SHORT_KEY, 0);
    fate_ciphertexts *vector = crypto_vector(key, SHORT_ITEMS);
    for (uint64_t i = 0; i < SHORT_ITEMS; i++) values[i] = i + 1;
    assert_int_equal(fate_secret_key_encrypt(key, vector, 0, SHORT_ITEMS, values, 1, crypto_seed(seed, 3)), FATE_OK);
    assert_int_equal(fate_ciphertexts_negate(vector), FATE_OK);
    for (uint64_t i = 0; i < SHORT_ITEMS; i++) assert_int_equal(fate_secret_key_decrypt(key, vector, i, 1, words, 1), FATE_E_RANGE);
    assert_int_equal(fate_ciphertexts_negate(vector), FATE_OK);
    assert_int_equal(fate_secret_key_decrypt(key, vector, 0, SHORT_ITEMS, words, 1), FATE_OK);
    assert_memory_equal(words, values, sizeof values);
    fate_ciphertexts_free(vector);
    fate_secret_key_free(key);
}

/* What only those can make who know p: see primes_for in src/crypto/paillier.c. */
static void a_multiple_of_p_more_is_not_seen(void **state)
{
    (void)state;
    uint8_t seed[RANDOM_KEY];
    fate_secret_key *key = crypto_scheme_key(context, "paillier", SHORT_KEY, 0);
    const mp_limb_t *p = paillier_secret_of(key)->halves[0].ring.modulus.modulus;
    uint64_t value[4] = {p[0] + 5, p[1] + (p[0] > UINT64_MAX - 5), 0, 0}, word;
    fate_ciphertexts *vector = crypto_vector(key, 1);
    assert_int_equal(fate_secret_key_encrypt(key, vector, 0, 1, value, 4, crypto_seed(seed, 4)), FATE_OK);
    assert_int_equal(fate_secret_key_decrypt(key, vector, 0, 1, &word, 1), FATE_OK);
    assert_true(word == 5);
    fate_ciphertexts_free(vector);
    fate_secret_key_free(key);
}

/* Numbers of both signs up to 62 bits, and the first beyond. */
static void numbers_come_from_one_prime(void **state)
{
    (void)state;
    enum { NUMBERS = 5 };
    const double numbers[NUMBERS] = {0, -1, 0x1p60, -0x1p61, -0x1.fffffffffffffp61};
    double back[NUMBERS];
    uint8_t seed[RANDOM_KEY];
    fate_public_key *public_key;
    fate_secret_key *key = crypto_scheme_key(context, "paillier", SHORT_KEY, 0);
    fate_ciphertexts *vector = crypto_vector(key, NUMBERS);
    assert_int_equal(fate_secret_key_public(key, &public_key), FATE_OK);
    assert_int_equal(fate_public_key_encrypt_numbers(public_key, vector, 0, NUMBERS, numbers, 0, crypto_seed(seed, 5)), FATE_OK);
    assert_int_equal(fate_secret_key_decrypt_numbers(key, vector, 0, NUMBERS, back, 0), FATE_OK);
    for (int i = 0; i < NUMBERS; i++) assert_true(back[i] == numbers[i]);
    /* Twice: 2^61 fits, -2^62 is the first that does not. */
    assert_int_equal(fate_ciphertexts_add(vector, vector), FATE_OK);
    assert_int_equal(fate_secret_key_decrypt_numbers(key, vector, 0, 3, back, 0), FATE_OK);
    for (int i = 0; i < 3; i++) assert_true(back[i] == 2 * numbers[i]);
    for (uint64_t i = 3; i < NUMBERS; i++) {
        assert_int_equal(fate_secret_key_decrypt_numbers(key, vector, i, 1, back, 0), FATE_E_RANGE);
        assert_true(back[0] == 0);
    }
    fate_ciphertexts_free(vector);
    fate_public_key_free(public_key);
    fate_secret_key_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers_agree),
        cmocka_unit_test(every_message_and_exponent_of_tiny_keys),
        cmocka_unit_test(every_ciphertext_of_a_tiny_key),
        cmocka_unit_test(few_at_a_time_are_many_in_all),
        cmocka_unit_test(short_plaintexts_come_from_one_prime),
        cmocka_unit_test(negative_plaintexts_are_not_short),
        cmocka_unit_test(a_multiple_of_p_more_is_not_seen),
        cmocka_unit_test(numbers_come_from_one_prime),
    };
    static const struct scheme_tried tried = {"paillier", 256, {16, 18, 66, 128, 130, 254, 256, 510, 768}};
    int failed = 0;
    for (int i = 0; i < CRYPTO_KERNELS; i++) {
        if (crypto_choose_kernel(crypto_kernels[i])) failed += cmocka_run_group_tests_name(crypto_kernels[i], tests, setup, teardown);
        failed += schemes_test(&tried, crypto_kernels[i]);
    }
    return failed;
}
