/* Encryption and decryption: known answers, every message and many exponents of tiny keys, both paths, threads, numbers. */
#include "tests/support/unit.h"

#include <math.h>
#include "tests/support/okamoto.h"
#include "tests/support/schemes.h"

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
        okamoto_test_encrypt(vectors->key, owner, vector, 0, vectors->numbers[0], vectors->numbers[1]);
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
    okamoto_vectors_open(&vectors, context);
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
    assert_int_equal(encryptions, 80);
    assert_int_equal(decryptions, 80);
    crypto_vectors_close(&vectors);
}

static uint64_t power_modulo(uint64_t base, uint64_t exponent, uint64_t modulus)
{
    uint64_t power = 1;
    for (; exponent != 0; exponent >>= 1, base = base * base % modulus)
        if (exponent & 1) power = power * base % modulus;
    return power;
}

/* Numbers below n < 2^32, so that machine integers can say what is right. */
static const struct {
    uint64_t p, q;
    uint32_t bits;
} tiny[] = {{11, 23, 12}, {31, 23, 15}, {59, 31, 17}, {127, 103, 21}, {251, 239, 24}};

static void every_message_and_exponent_of_tiny_keys(void **state)
{
    (void)state;
    const uint64_t step = 7 * crypto_stride(14);
    const uint32_t first_strided = step > 7 ? 15 : 20;
    uint64_t tried = 0;
    for (size_t k = 0; k < sizeof tiny / sizeof tiny[0]; k++) {
        uint64_t n = tiny[k].p * tiny[k].p * tiny[k].q, g = 6;
        fate_secret_key *key = okamoto_test_key(context, tiny[k].bits, tiny[k].p, tiny[k].q, g);
        uint64_t base = power_modulo(g, n, n);
        fate_ciphertexts *vector = crypto_vector(key, 1);
        for (uint64_t exponent = 0; exponent<(uint64_t)1 << (tiny[k].bits + 1) / 2; exponent += tiny[k].bits> first_strided ? step : 1)
            for (uint64_t message = 0; message < (uint64_t)1 << key->key->plaintext_bits; message++) {
                uint64_t wanted = power_modulo(g, message, n) * power_modulo(base, exponent, n) % n;
                okamoto_test_encrypt_limbs(key, tried % 2, vector, 0, &message, &exponent);
                assert_true(okamoto_test_get_small(vector, 0) == wanted);
                assert_true(okamoto_test_decrypt_small(key, vector, 0) == message);
                tried++;
            }
        fate_ciphertexts_free(vector);
        fate_secret_key_free(key);
    }
    assert_true(tried > 40000 / crypto_stride(10));
}

/* Every unit modulo n decrypts to its discrete logarithm, whatever its random part: g^m * x^n for all m and x. */
static void every_ciphertext_of_a_tiny_key(void **state)
{
    (void)state;
    enum { P = 11, Q = 23, N = P * P * Q };
    static bool seen[N];
    uint64_t units = 0;
    memset(seen, 0, sizeof seen);
    fate_secret_key *key = okamoto_test_key(context, 12, P, Q, 6);
    fate_ciphertexts *vector = crypto_vector(key, 1);
    for (uint64_t unit = 1; unit < N; unit++) {
        if (unit % P == 0 || unit % Q == 0) continue;
        uint64_t random = power_modulo(unit, N, N);
        for (uint64_t message = 0; message < P; message++) {
            uint64_t number = power_modulo(6, message, N) * random % N;
            okamoto_test_put_small(vector, 0, number);
            if (unit % crypto_stride(3) == 0) assert_true(okamoto_test_decrypt_small(key, vector, 0) == message);
            units += !seen[number];
            seen[number] = true;
        }
    }
    assert_int_equal(units, P * (P - 1) * (Q - 1) / 11); /* 11 divides q-1: n-th powers are fewer here */
    fate_ciphertexts_free(vector);
    fate_secret_key_free(key);
}

/* g^x for numbers of any size, as somebody who has the public key alone can make them. */
static void put_power(fate_secret_key *key, fate_ciphertexts *vector, const mpz_t exponent)
{
    const struct okamoto_key *public_half = okamoto_key_of(key->key);
    mpz_t g, n;
    mpz_inits(g, n, NULL);
    crypto_to_mpz(g, public_half->generator, public_half->modulus.size);
    crypto_to_mpz(n, public_half->modulus.modulus, public_half->modulus.size);
    mpz_powm(g, g, exponent, n);
    crypto_put(vector, 0, g);
    mpz_clears(g, n, NULL);
}

static void expect_retired(fate_secret_key *key, const fate_ciphertexts *vector)
{
    uint64_t value = 1, length;
    double number = 1;
    uint8_t *bytes = NULL;
    assert_int_equal(fate_secret_key_decrypt(key, vector, 0, 1, &value, 1), FATE_E_KEY);
    assert_non_null(strstr(fate_context_error(context), "retired"));
    assert_int_equal(fate_secret_key_decrypt_numbers(key, vector, 0, 1, &number, 0), FATE_E_KEY);
    assert_int_equal(fate_secret_key_decrypt(key, vector, 0, 0, NULL, 1), FATE_E_KEY);
    assert_int_equal(fate_secret_key_export(key, &bytes, &length), FATE_E_KEY);
    assert_null(bytes);
}

/* kind 0 to 3: what a hostile party sends to learn p, and what a sum gives that has left its range. */
static void make_beyond(mpz_t exponent, const fate_secret_key *key, int kind)
{
    const struct montgomery *prime = &okamoto_secret_of(key)->ring.modulus;
    crypto_to_mpz(exponent, prime->modulus, prime->size);
    if (kind == 0) mpz_setbit(exponent, okamoto_prime_bits(key->key->bits) + 3); /* p and more: a remainder would tell p */
    if (kind == 1) mpz_sub_ui(exponent, exponent, 1);                            /* p-1, or -1 */
    if (kind == 2) mpz_fdiv_q_2exp(exponent, exponent, 1);
    if (kind == 3) mpz_set_ui(exponent, 0);
    if (kind == 3) mpz_setbit(exponent, key->key->plaintext_bits); /* the first one that is refused */
}

static void a_plaintext_beyond_the_bound_retires_the_key(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        fate_secret_key *key = okamoto_key(context, 882, 5);
        fate_ciphertexts *vector = crypto_vector(key, 3), *good = crypto_vector(key, 1);
        uint64_t values[3] = {1, 1, 1};
        mpz_t exponent;
        mpz_init(exponent);
        assert_int_equal(fate_secret_key_decrypt(key, good, 0, 1, values, 1), FATE_OK);
        make_beyond(exponent, key, kind);
        put_power(key, vector, exponent);
        context->threads = 1 + (uint32_t)kind % 3;
        assert_int_equal(fate_secret_key_decrypt(key, vector, 0, 3, values, 1), FATE_E_KEY);
        assert_non_null(strstr(fate_context_error(context), "retired"));
        for (int i = 0; i < 3; i++) assert_true(values[i] == 0);
        expect_retired(key, good);
        context->threads = 1;
        mpz_clear(exponent);
        fate_ciphertexts_free(vector);
        fate_ciphertexts_free(good);
        fate_secret_key_free(key);
    }
}

/* The largest plaintext is answered, and the one after it is not. */
static void the_bound_is_exact(void **state)
{
    (void)state;
    fate_secret_key *key = okamoto_key(context, 2048, 6);
    fate_ciphertexts *vector = crypto_vector(key, 1), *one = crypto_vector(key, 1);
    uint64_t words[9], back[9];
    uint8_t seed[RANDOM_KEY];
    for (int i = 0; i < 9; i++) words[i] = UINT64_MAX;
    assert_int_equal(fate_secret_key_encrypt(key, vector, 0, 1, words, 9, crypto_seed(seed, 1)), FATE_E_RANGE);
    words[8] >>= 9 * 64 - 554;
    assert_int_equal(fate_secret_key_encrypt(key, vector, 0, 1, words, 9, seed), FATE_OK);
    assert_int_equal(fate_secret_key_decrypt(key, vector, 0, 1, back, 9), FATE_OK);
    assert_memory_equal(back, words, sizeof words);
    memset(words, 0, sizeof words);
    words[0] = 1;
    assert_int_equal(fate_secret_key_encrypt(key, one, 0, 1, words, 1, crypto_seed(seed, 2)), FATE_OK);
    assert_int_equal(fate_ciphertexts_add(vector, one), FATE_OK);
    assert_int_equal(fate_secret_key_decrypt(key, vector, 0, 1, back, 9), FATE_E_KEY);
    expect_retired(key, one);
    fate_ciphertexts_free(vector);
    fate_ciphertexts_free(one);
    fate_secret_key_free(key);
}

/* Numbers are answered below and above zero, and nothing far from it. */
static void numbers_beyond_the_bound_retire_the_key_too(void **state)
{
    (void)state;
    for (int sign = 0; sign < 2; sign++) {
        fate_secret_key *key = okamoto_key(context, 882, 7);
        fate_ciphertexts *vector = crypto_vector(key, 1), *zero = crypto_vector(key, 1);
        double number = 3;
        mpz_t exponent;
        mpz_init(exponent);
        mpz_setbit(exponent, 62); /* too large for a number, but no sign of an attack */
        put_power(key, vector, exponent);
        if (sign) assert_int_equal(fate_ciphertexts_subtract(zero, vector), FATE_OK);
        assert_int_equal(fate_secret_key_decrypt_numbers(key, sign ? zero : vector, 0, 1, &number, 0), FATE_E_RANGE);
        assert_true(number == 0);
        mpz_mul_2exp(exponent, exponent, key->key->plaintext_bits - 62);
        put_power(key, vector, exponent);
        fate_ciphertexts_free(zero);
        zero = crypto_vector(key, 1);
        if (sign) assert_int_equal(fate_ciphertexts_subtract(zero, vector), FATE_OK);
        assert_int_equal(fate_secret_key_decrypt_numbers(key, sign ? zero : vector, 0, 1, &number, 0), FATE_E_KEY);
        expect_retired(key, zero);
        mpz_clear(exponent);
        fate_ciphertexts_free(vector);
        fate_ciphertexts_free(zero);
        fate_secret_key_free(key);
    }
}

/* Nothing is lost and nothing retired when memory runs out. */
static void failed_allocations_leave_keys_and_vectors(void **state)
{
    (void)state;
    for (int operation = 0; operation < 3; operation++) {
        int32_t result = FATE_E_MEMORY;
        long long fail = 0;
        for (; result == FATE_E_MEMORY; fail++) {
            struct test_allocator own;
            fate_context *failing = crypto_context(&own, -1, 2);
            fate_secret_key *key = okamoto_key(failing, 66, 1);
            fate_ciphertexts *vector = crypto_vector(key, 20), *zero = crypto_vector(key, 20);
            uint64_t values[20] = {0};
            uint8_t seed[RANDOM_KEY];
            crypto_seed(seed, 1);
            atomic_store(&own.calls, 0);
            own.fail = fail;
            result = operation == 0   ? fate_secret_key_encrypt(key, vector, 0, 20, values, 1, seed)
                     : operation == 1 ? fate_ciphertexts_rerandomise(vector, seed)
                                      : fate_secret_key_decrypt(key, vector, 0, 20, values, 1);
            own.fail = -1;
            assert_true(result == FATE_OK || result == FATE_E_MEMORY);
            assert_int_equal(crypto_same_items(vector, zero), result == FATE_E_MEMORY || operation == 2);
            assert_int_equal(fate_secret_key_decrypt(key, vector, 0, 20, values, 1), FATE_OK);
            fate_ciphertexts_free(vector);
            fate_ciphertexts_free(zero);
            fate_secret_key_free(key);
            fate_context_free(failing);
            assert_int_equal(atomic_load(&own.live), 0);
        }
        assert_true(fail > 1 && fail < 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers_agree),
        cmocka_unit_test(every_message_and_exponent_of_tiny_keys),
        cmocka_unit_test(every_ciphertext_of_a_tiny_key),
        cmocka_unit_test(a_plaintext_beyond_the_bound_retires_the_key),
        cmocka_unit_test(the_bound_is_exact),
        cmocka_unit_test(numbers_beyond_the_bound_retire_the_key_too),
        cmocka_unit_test(failed_allocations_leave_keys_and_vectors),
    };
    static const struct scheme_tried tried = {"okamoto-uchiyama", 882, {66, 72, 128, 190, 194, 254, 256, 383, 384, 768, 1025}};
    int failed = 0;
    for (int i = 0; i < CRYPTO_KERNELS; i++) {
        if (crypto_choose_kernel(crypto_kernels[i])) failed += cmocka_run_group_tests_name(crypto_kernels[i], tests, setup, teardown);
        failed += schemes_test(&tried, crypto_kernels[i]);
    }
    return failed;
}
