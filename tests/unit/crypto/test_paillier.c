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
        /* In plain C their tables take seconds; test_comb.c tries those. */
        bool taken = vectors.key->key->bits <= 1024 || !crypto_is_slow();
        if (strcmp(vectors.word, "encrypt") == 0) {
            if (taken) check_encrypt(&vectors);
            encryptions++;
        } else if (strcmp(vectors.word, "decrypt") == 0) {
            if (taken || decryptions % 6 == 0) check_decrypt(&vectors);
            decryptions++;
        }
    }
    assert_int_equal(encryptions, 78);
    assert_int_equal(decryptions, 90);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers_agree),
        cmocka_unit_test(every_message_and_exponent_of_tiny_keys),
        cmocka_unit_test(every_ciphertext_of_a_tiny_key),
        cmocka_unit_test(few_at_a_time_are_many_in_all),
    };
    static const struct scheme_tried tried = {"paillier", 256, {16, 18, 66, 128, 130, 254, 256, 510, 768}};
    int failed = 0;
    for (int i = 0; i < CRYPTO_KERNELS; i++) {
        if (crypto_choose_kernel(crypto_kernels[i])) failed += cmocka_run_group_tests_name(crypto_kernels[i], tests, setup, teardown);
        failed += schemes_test(&tried, crypto_kernels[i]);
    }
    return failed;
}
