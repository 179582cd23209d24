/* Every operation of both schemes gives the same bytes with every kernel, for keys of all lengths that are offered, and right plaintexts. */
#include "tests/support/unit.h"

#include "tests/support/crypto.h"

enum { MOST_ITEMS = 19, MOST_BYTES = 1024 };

/* What operations made of the same plaintexts: ciphertexts as bytes, and numbers. */
struct outcome {
    uint8_t bytes[10][MOST_ITEMS * MOST_BYTES];
    uint64_t values[MOST_ITEMS];
    double numbers[MOST_ITEMS];
};

static void keep(struct outcome *outcome, int step, const fate_ciphertexts *vector)
{
    uint64_t count = fate_ciphertexts_count(vector);
    assert_int_equal(fate_ciphertexts_write(vector, 0, count, outcome->bytes[step]), FATE_OK);
}

static void sums_of(struct outcome *outcome, fate_secret_key *key, const fate_ciphertexts *vector)
{
    uint32_t index[MOST_ITEMS];
    fate_ciphertexts *bins = crypto_vector(key, 3), *sum = NULL;
    for (uint32_t i = 0; i < MOST_ITEMS; i++) index[i] = i % 4 == 3 ? UINT32_MAX : i % 3;
    assert_int_equal(fate_ciphertexts_gather_add(bins, vector, 0, vector->count, index), FATE_OK);
    keep(outcome, 7, bins);
    assert_int_equal(fate_ciphertexts_negate(bins), FATE_OK);
    keep(outcome, 8, bins);
    assert_int_equal(fate_ciphertexts_sum(vector, &sum), FATE_OK);
    keep(outcome, 9, sum);
    fate_ciphertexts_free(bins);
    fate_ciphertexts_free(sum);
}

static void operate(struct outcome *outcome, fate_secret_key *key, uint64_t count)
{
    uint64_t plain[MOST_ITEMS], words = key->key->ciphertext_bytes;
    double numbers[MOST_ITEMS];
    int64_t factors[MOST_ITEMS];
    uint8_t seed[RANDOM_KEY];
    fate_public_key *public_key = NULL;
    fate_ciphertexts *packed = NULL;
    for (uint64_t i = 0; i < count; i++) {
        plain[i] = i * 1000003 % 65521;
        numbers[i] = (double)i - 5.5;
        factors[i] = (int64_t)i - 7;
    }
    assert_int_equal(fate_secret_key_public(key, &public_key), FATE_OK);
    fate_ciphertexts *owner = crypto_encrypted(key, plain, count, 1), *vector = crypto_vector(key, count),
                     *read = crypto_vector(key, count);
    keep(outcome, 0, owner);
    assert_int_equal(fate_public_key_encrypt(public_key, vector, 0, count, plain, 1, crypto_seed(seed, 1)), FATE_OK);
    keep(outcome, 1, vector);
    assert_int_equal(fate_ciphertexts_add(vector, owner), FATE_OK);
    keep(outcome, 2, vector);
    assert_int_equal(fate_ciphertexts_rerandomise(vector, crypto_seed(seed, 2)), FATE_OK);
    keep(outcome, 3, vector);
    assert_int_equal(fate_ciphertexts_read(read, 0, count, outcome->bytes[3], count * words), FATE_OK);
    assert_true(crypto_same_items(read, vector));
    assert_int_equal(fate_ciphertexts_pack(vector, &packed, 19, 5), FATE_OK);
    keep(outcome, 4, packed);
    assert_int_equal(fate_ciphertexts_subtract(vector, owner), FATE_OK);
    keep(outcome, 5, vector);
    assert_int_equal(fate_secret_key_decrypt(key, vector, 0, count, outcome->values, 1), FATE_OK);
    assert_memory_equal(outcome->values, plain, count * sizeof plain[0]);
    assert_int_equal(fate_public_key_encrypt_numbers(public_key, read, 0, count, numbers, 3, crypto_seed(seed, 3)), FATE_OK);
    assert_int_equal(fate_secret_key_encrypt_numbers(key, owner, 0, count, numbers, 3, seed), FATE_OK);
    assert_true(crypto_same_items(read, owner));
    assert_int_equal(fate_ciphertexts_multiply(read, factors), FATE_OK);
    keep(outcome, 6, read);
    assert_int_equal(fate_secret_key_decrypt_numbers(key, read, 0, count, outcome->numbers, 3), FATE_OK);
    for (uint64_t i = 0; i < count; i++) assert_true(outcome->numbers[i] >= numbers[i] * (double)factors[i]);
    for (uint64_t i = 0; i < count; i++) assert_true(outcome->numbers[i] <= numbers[i] * (double)factors[i]);
    sums_of(outcome, key, vector);
    fate_ciphertexts_free(owner);
    fate_ciphertexts_free(vector);
    fate_ciphertexts_free(read);
    fate_ciphertexts_free(packed);
    fate_public_key_free(public_key);
}

static const struct {
    const char *scheme;
    uint32_t bits;
    uint64_t count;
} cases[] = {
    {"paillier", 128, 1},          {"paillier", 128, 2},          {"paillier", 126, 8},          {"paillier", 256, 19},
    {"paillier", 300, 7},          {"paillier", 1024, 9},         {"paillier", 2048, 3},         {"paillier", 3072, 3},
    {"paillier", 4096, 3},         {"okamoto-uchiyama", 384, 1},  {"okamoto-uchiyama", 401, 19}, {"okamoto-uchiyama", 768, 9},
    {"okamoto-uchiyama", 2048, 9}, {"okamoto-uchiyama", 3072, 9}, {"okamoto-uchiyama", 4096, 9},
};

static void all_kernels_give_equal_bytes(void **state)
{
    (void)state;
    static struct outcome first, other;
    struct test_allocator counted;
    fate_context *context = crypto_context(&counted, -1, 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int kernel = 0; kernel < CRYPTO_KERNELS; kernel++) {
            if (fate_context_set_kernel(context, crypto_kernels[kernel]) != FATE_OK) continue;
            if (cases[i].bits >= 2048 && strcmp(crypto_kernels[kernel], "plain") == 0) continue; /* slow */
            if (cases[i].bits > 2048 && EFFORT_STRIDE > 1) continue;
            fate_secret_key *key = crypto_scheme_key(context, cases[i].scheme, cases[i].bits, 5);
            memset(kernel == 0 ? &first : &other, 0, sizeof first);
            context->threads = 1 + (uint32_t)(kernel % 3);
            operate(kernel == 0 ? &first : &other, key, cases[i].count);
            if (kernel != 0) assert_memory_equal(&first, &other, sizeof first);
            fate_secret_key_free(key);
        }
    fate_context_free(context);
    assert_int_equal(atomic_load(&counted.live), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_kernels_give_equal_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
