/* Arithmetic on ciphertexts: known answers, all pairs of messages of tiny keys, long chains, edges, thread counts, failed allocations. */
#include "tests/support/unit.h"

#include "src/crypto/group_vector.h"
#include "tests/support/okamoto.h"

static struct test_allocator counted;
static fate_context *context;
static struct random_stream stream;

static int setup(void **state)
{
    (void)state;
    uint8_t seed[RANDOM_KEY];
    random_stream_init(&stream, crypto_seed(seed, 7), 0);
    context = crypto_context(&counted, -1, 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fate_context_free(context);
    return atomic_load(&counted.live) == 0 ? 0 : -1;
}

static void known_answers_agree(void **state)
{
    (void)state;
    struct okamoto_vectors vectors;
    int sums = 0, differences = 0, products = 0;
    okamoto_vectors_open(&vectors, context);
    while (okamoto_vectors_next(&vectors)) {
        fate_ciphertexts *one = crypto_vector(vectors.key, 1), *other = crypto_vector(vectors.key, 1);
        if (strcmp(vectors.word, "add") == 0 || strcmp(vectors.word, "subtract") == 0) {
            bool sum = vectors.word[0] == 'a';
            okamoto_test_put(one, 0, vectors.numbers[0]);
            okamoto_test_put(other, 0, vectors.numbers[1]);
            assert_int_equal(sum ? fate_ciphertexts_add(one, other) : fate_ciphertexts_subtract(one, other), FATE_OK);
            okamoto_test_expect(one, 0, vectors.numbers[2]);
            sums += sum;
            differences += !sum;
        } else if (strcmp(vectors.word, "multiply") == 0) {
            okamoto_test_put(one, 0, vectors.numbers[0]);
            assert_int_equal(fate_ciphertexts_multiply(one, &vectors.factor), FATE_OK);
            okamoto_test_expect(one, 0, vectors.numbers[1]);
            products++;
        }
        fate_ciphertexts_free(one);
        fate_ciphertexts_free(other);
    }
    assert_true(sums == 50 && differences == 50 && products == 50);
    okamoto_vectors_close(&vectors);
}

/* Every message of a tiny key once, with varying random parts: 6 is a generator. */
static fate_ciphertexts *all_messages(fate_secret_key *key, uint64_t p, uint64_t n)
{
    fate_ciphertexts *vector = crypto_vector(key, p);
    for (uint64_t message = 0; message < p; message++) {
        uint64_t number = 1, base = 6;
        for (uint64_t exponent = message + n * (message % 29); exponent != 0; exponent >>= 1, base = base * base % n)
            if (exponent & 1) number = number * base % n;
        okamoto_test_put_small(vector, message, number);
        assert_true(okamoto_test_decrypt_small(key, vector, message) == message);
    }
    return vector;
}

static void all_sums_and_differences_of_tiny_keys(void **state)
{
    (void)state;
    static const uint64_t primes[][3] = {{31, 23, 15}, {59, 31, 17}, {127, 103, 21}};
    for (size_t k = 0; k < 3; k++) {
        uint64_t p = primes[k][0], n = p * p * primes[k][1];
        fate_secret_key *key = okamoto_test_key(context, (uint32_t)primes[k][2], p, primes[k][1], 6);
        fate_ciphertexts *all = all_messages(key, p, n), *sums = crypto_vector(key, p), *one = crypto_vector(key, p);
        for (uint64_t message = 0; message < p; message++) {
            for (uint64_t i = 0; i < p; i++) okamoto_test_copy(sums, i, all, i);
            for (uint64_t i = 0; i < p; i++) okamoto_test_copy(one, i, all, message);
            assert_int_equal(fate_ciphertexts_add(sums, one), FATE_OK);
            for (uint64_t i = 0; i < p; i++) assert_true(okamoto_test_decrypt_small(key, sums, i) == (i + message) % p);
            assert_int_equal(fate_ciphertexts_subtract(sums, one), FATE_OK);
            assert_true(crypto_same_items(sums, all));
            assert_int_equal(fate_ciphertexts_subtract(sums, one), FATE_OK);
            for (uint64_t i = 0; i < p; i++) assert_true(okamoto_test_decrypt_small(key, sums, i) == (i + p - message) % p);
        }
        fate_ciphertexts_free(all);
        fate_ciphertexts_free(sums);
        fate_ciphertexts_free(one);
        fate_secret_key_free(key);
    }
}

static void all_multiples_of_a_tiny_key(void **state)
{
    (void)state;
    enum { P = 31 };
    int64_t factors[P];
    fate_secret_key *key = okamoto_test_key(context, 15, P, 23, 6);
    fate_ciphertexts *all = all_messages(key, P, P * P * 23), *products = crypto_vector(key, P);
    for (int64_t factor = -3 * P; factor <= 3 * P; factor++) {
        for (uint64_t i = 0; i < P; i++) okamoto_test_copy(products, i, all, i);
        for (int64_t i = 0; i < P; i++) factors[i] = factor;
        assert_int_equal(fate_ciphertexts_multiply(products, factors), FATE_OK);
        for (int64_t i = 0; i < P; i++)
            assert_true(okamoto_test_decrypt_small(key, products, (uint64_t)i) == (uint64_t)((factor * i % P + P) % P));
    }
    fate_ciphertexts_free(all);
    fate_ciphertexts_free(products);
    fate_secret_key_free(key);
}

static void mixed_factors_do_not_disturb_each_other(void **state)
{
    (void)state;
    static const int64_t factors[] = {0, 1, -1, 2, -2, INT64_MAX, INT64_MIN, INT64_MIN + 1, 12345, -54321, 1 << 30, -(1 << 30)};
    enum { COUNT = sizeof factors / sizeof factors[0] };
    uint64_t values[COUNT];
    double back[COUNT];
    fate_secret_key *key = okamoto_key(context, 768, 1);
    for (int i = 0; i < COUNT; i++) values[i] = i < 5 || i > 7 ? 1000 + (uint64_t)i : 0;
    fate_ciphertexts *vector = crypto_encrypted(key, values, COUNT, 1), *alone = crypto_encrypted(key, values, COUNT, 1);
    assert_int_equal(fate_ciphertexts_multiply(vector, factors), FATE_OK);
    assert_int_equal(fate_secret_key_decrypt_numbers(key, vector, 0, COUNT, back, 0), FATE_OK);
    for (int i = 0; i < COUNT; i++) {
        assert_true(back[i] == (double)values[i] * (double)factors[i]);
        fate_ciphertexts *single = crypto_vector(key, 1); /* other lengths of factors, the same product */
        okamoto_test_copy(single, 0, alone, (uint64_t)i);
        assert_int_equal(fate_ciphertexts_multiply(single, &factors[i]), FATE_OK);
        assert_true(crypto_same_item(single, 0, vector, (uint64_t)i));
        fate_ciphertexts_free(single);
    }
    fate_ciphertexts_free(vector);
    fate_ciphertexts_free(alone);
    fate_secret_key_free(key);
}

static void chains_of_thousands_of_additions_are_exact(void **state)
{
    (void)state;
    enum { CHAIN = 5000 };
    static const uint32_t lengths[] = {384, 512, 768};
    for (size_t i = 0; i < 3; i++) {
        fate_secret_key *key = okamoto_key(context, lengths[i], 2);
        uint64_t values[2] = {UINT64_C(0xffffffffffffffff), 1}, back[4];
        fate_ciphertexts *one = crypto_encrypted(key, values, 2, 1), *sum = crypto_vector(key, 2);
        for (int j = 0; j < CHAIN; j++) assert_int_equal(fate_ciphertexts_add(sum, one), FATE_OK);
        assert_int_equal(fate_secret_key_decrypt(key, sum, 0, 2, back, 2), FATE_OK);
        assert_true(back[0] == 0 - (uint64_t)CHAIN && back[1] == CHAIN - 1);
        assert_true(back[2] == CHAIN && back[3] == 0);
        for (int j = 0; j < CHAIN; j++) assert_int_equal(fate_ciphertexts_subtract(sum, one), FATE_OK);
        fate_ciphertexts *zero = crypto_vector(key, 2);
        assert_true(crypto_same_items(sum, zero));
        fate_ciphertexts_free(zero);
        fate_ciphertexts_free(one);
        fate_ciphertexts_free(sum);
        fate_secret_key_free(key);
    }
}

static void a_vector_may_meet_itself(void **state)
{
    (void)state;
    enum { COUNT = 300 };
    fate_secret_key *key = okamoto_key(context, 258, 3);
    uint64_t values[COUNT], back[COUNT];
    for (uint64_t i = 0; i < COUNT; i++) values[i] = i;
    fate_ciphertexts *vector = crypto_encrypted(key, values, COUNT, 1), *zero = crypto_vector(key, COUNT);
    assert_int_equal(fate_ciphertexts_add(vector, vector), FATE_OK);
    assert_int_equal(fate_secret_key_decrypt(key, vector, 0, COUNT, back, 1), FATE_OK);
    for (uint64_t i = 0; i < COUNT; i++) assert_true(back[i] == 2 * i);
    assert_int_equal(fate_ciphertexts_subtract(vector, vector), FATE_OK);
    assert_true(crypto_same_items(vector, zero));
    fate_ciphertexts_free(vector);
    fate_ciphertexts_free(zero);
    fate_secret_key_free(key);
}

static void check_pack(fate_secret_key *key, uint64_t count, uint32_t slot_bits, uint32_t slots)
{
    uint64_t values[32], back[16 * 4], wanted[16 * 4] = {0};
    for (uint64_t i = 0; i < count; i++) {
        values[i] = random_stream_u64(&stream) >> (64 - slot_bits);
        uint64_t at = i % slots * slot_bits, *word = wanted + i / slots * 4;
        word[at / 64] |= values[i] << at % 64;
        if (at % 64 + slot_bits > 64) word[at / 64 + 1] |= values[i] >> (64 - at % 64);
    }
    fate_ciphertexts *vector = crypto_encrypted(key, values, count, 5), *packed = NULL, *again = NULL;
    assert_int_equal(fate_ciphertexts_pack(vector, &packed, slot_bits, slots), FATE_OK);
    uint64_t length = (count + slots - 1) / slots;
    assert_int_equal(fate_ciphertexts_count(packed), length);
    assert_int_equal(fate_secret_key_decrypt(key, packed, 0, length, back, 4), FATE_OK);
    assert_memory_equal(back, wanted, length * 4 * sizeof back[0]);
    context->threads = 3;
    assert_int_equal(fate_ciphertexts_pack(vector, &again, slot_bits, slots), FATE_OK);
    context->threads = 1;
    assert_true(crypto_same_items(packed, again));
    fate_ciphertexts_free(vector);
    fate_ciphertexts_free(packed);
    fate_ciphertexts_free(again);
}

static void packing_puts_each_value_into_its_slot(void **state)
{
    (void)state;
    fate_secret_key *key = okamoto_key(context, 864, 6); /* 252 bits of plaintext */
    for (uint64_t count = 0; count <= 13; count++) {
        check_pack(key, count, 1, 2);
        check_pack(key, count, 50, 5);
        check_pack(key, count, 64, 3);
        check_pack(key, count, 16, 15);
        check_pack(key, count, 60, 1);
    }
    fate_ciphertexts *vector = crypto_vector(key, 2), *packed = vector;
    assert_int_equal(fate_ciphertexts_pack(vector, &packed, 64, 4), FATE_E_ARGUMENT);
    assert_null(packed);
    assert_int_equal(fate_ciphertexts_pack(vector, &packed, UINT32_MAX, UINT32_MAX), FATE_E_ARGUMENT);
    assert_int_equal(fate_ciphertexts_pack(vector, &packed, 0, 4), FATE_E_ARGUMENT);
    assert_int_equal(fate_ciphertexts_pack(vector, &packed, 4, 0), FATE_E_ARGUMENT);
    fate_ciphertexts_free(vector);
    fate_secret_key_free(key);
}

/* Each operation, with the allocation number `fail` failing in it: the vector is as before, or the result is right. */
static bool failing_operation(int operation, long long fail)
{
    enum { COUNT = 100 };
    struct test_allocator own;
    fate_context *failing = crypto_context(&own, -1, 2);
    fate_secret_key *key = okamoto_key(failing, 66, 7);
    uint64_t values[COUNT];
    int64_t factors[COUNT];
    uint32_t index[COUNT];
    for (uint32_t i = 0; i < COUNT; i++) {
        values[i] = i;
        factors[i] = (int64_t)i - 50;
        index[i] = i % 3;
    }
    fate_ciphertexts *vector = crypto_encrypted(key, values, COUNT, 1), *before = crypto_encrypted(key, values, COUNT, 1);
    fate_ciphertexts *other = crypto_encrypted(key, values, COUNT, 2), *packed = NULL;
    atomic_store(&own.calls, 0);
    own.fail = fail;
    int32_t result = operation == 0   ? fate_ciphertexts_add(vector, other)
                     : operation == 1 ? fate_ciphertexts_subtract(vector, other)
                     : operation == 2 ? fate_ciphertexts_multiply(vector, factors)
                     : operation == 3 ? fate_ciphertexts_gather_add(vector, other, 0, COUNT, index)
                     : operation == 4 ? fate_ciphertexts_pack(other, &packed, 3, 4)
                     : operation == 5 ? fate_ciphertexts_sum(other, &packed)
                                      : fate_ciphertexts_negate(vector);
    own.fail = -1;
    assert_true(result == FATE_OK || result == FATE_E_MEMORY);
    if (result == FATE_E_MEMORY) assert_string_not_equal(fate_context_error(failing), "");
    bool makes = operation == 4 || operation == 5; /* another vector */
    assert_int_equal(crypto_same_items(vector, before), result == FATE_E_MEMORY || makes);
    assert_int_equal(packed != NULL, result == FATE_OK && makes);
    fate_ciphertexts_free(vector);
    fate_ciphertexts_free(before);
    fate_ciphertexts_free(other);
    fate_ciphertexts_free(packed);
    fate_secret_key_free(key);
    fate_context_free(failing);
    assert_int_equal(atomic_load(&own.live), 0);
    return result == FATE_OK;
}

static void failed_allocations_leave_vectors_as_they_were(void **state)
{
    (void)state;
    for (int operation = 0; operation < 7; operation++) {
        long long fail = 0;
        while (!failing_operation(operation, fail)) fail++;
        assert_true(fail > 0 && fail < 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers_agree),
        cmocka_unit_test(all_sums_and_differences_of_tiny_keys),
        cmocka_unit_test(all_multiples_of_a_tiny_key),
        cmocka_unit_test(mixed_factors_do_not_disturb_each_other),
        cmocka_unit_test(chains_of_thousands_of_additions_are_exact),
        cmocka_unit_test(a_vector_may_meet_itself),
        cmocka_unit_test(packing_puts_each_value_into_its_slot),
        cmocka_unit_test(failed_allocations_leave_vectors_as_they_were),
    };
    int failed = 0;
    for (int i = 0; i < CRYPTO_KERNELS; i++)
        if (crypto_choose_kernel(crypto_kernels[i])) failed += cmocka_run_group_tests_name(crypto_kernels[i], tests, setup, teardown);
    return failed;
}
