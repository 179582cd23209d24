/* The table that keys and vectors call is whole: an operation that is missing would be a jump to nowhere. And every operation gives the same
 * bytes with every kernel. */
#include "tests/support/unit.h"

#include "tests/support/crypto.h"

static void no_operation_is_missing(void **state)
{
    (void)state;
    const struct scheme *scheme = &scheme_paillier;
    assert_string_equal(scheme->name, "paillier");
    assert_true(scheme->generate && scheme->secret_export && scheme->secret_import && scheme->public_export && scheme->public_import);
    assert_true(scheme->key_free && scheme->secret_free && scheme->same && scheme->items_bytes && scheme->set_zero);
    assert_true(scheme->encrypt && scheme->decrypt && scheme->decrypt_numbers && scheme->add && scheme->subtract && scheme->multiply);
    assert_true(scheme->gather_add && scheme->pack && scheme->rerandomise && scheme->write && scheme->read);
}

enum { MOST_ITEMS = 19, MOST_BYTES = 768 };

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
    assert_int_equal(fate_ciphertexts_multiply(read, factors), FATE_OK);
    keep(outcome, 6, read);
    assert_int_equal(fate_secret_key_decrypt_numbers(key, read, 0, count, outcome->numbers, 3), FATE_OK);
    for (uint64_t i = 0; i < count; i++) assert_true(outcome->numbers[i] >= numbers[i] * (double)factors[i]);
    for (uint64_t i = 0; i < count; i++) assert_true(outcome->numbers[i] <= numbers[i] * (double)factors[i]);
    fate_ciphertexts_free(owner);
    fate_ciphertexts_free(vector);
    fate_ciphertexts_free(read);
    fate_ciphertexts_free(packed);
    fate_public_key_free(public_key);
}

static void all_kernels_give_equal_bytes(void **state)
{
    (void)state;
    static const char *const kernels[] = {"portable", "plain", "avx2", "avx512"};
    static const struct {
        uint32_t bits;
        uint64_t count;
    } cases[] = {{128, 1}, {128, 2}, {126, 8}, {256, 19}, {300, 7}, {1024, 9}, {2048, 3}, {3072, 3}};
    static struct outcome first, other;
    struct test_allocator counted;
    fate_context *context = crypto_context(&counted, -1, 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (size_t kernel = 0; kernel < sizeof kernels / sizeof kernels[0]; kernel++) {
            if (fate_context_set_kernel(context, kernels[kernel]) != FATE_OK) continue;
            if (cases[i].bits >= 2048 && strcmp(kernels[kernel], "plain") == 0) continue; /* slow */
            fate_secret_key *key = crypto_key(context, cases[i].bits, 5);
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
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_operation_is_missing),
        cmocka_unit_test(all_kernels_give_equal_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
