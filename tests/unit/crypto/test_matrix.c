/* Matrices times vectors of ciphertexts: against the products of what is decrypted, ranges, digits, threads, failed allocations. */
#include "tests/support/unit.h"

#include "src/crypto/matrix.h"
#include "tests/support/crypto.h"

static const char *const schemes[] = {"paillier", "okamoto-uchiyama"};
static struct random_stream stream;

static int setup(void **state)
{
    (void)state;
    uint8_t seed[RANDOM_KEY];
    random_stream_init(&stream, crypto_seed(seed, 11), 0);
    return 0;
}

static void digits_make_up_their_factor(void **state)
{
    (void)state;
    static const int64_t factors[] = {0, 1, -1, 2, -2, 3, 7, 8, -8, 127, 128, -128, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};
    for (uint32_t window = 1; window <= 10; window++)
        for (size_t i = 0; i < 200; i++) {
            int64_t factor = i < sizeof factors / sizeof factors[0] ? factors[i] : (int64_t)(random_stream_u64(&stream) >> i % 64);
            uint64_t size = factor < 0 ? 0 - (uint64_t)factor : (uint64_t)factor, sum = 0;
            int32_t digits[65], half = 1 << (window - 1);
            struct matrix_plan plan = {window, (uint32_t)limbs_bits(&size, 1) / window + 1};
            matrix_digits(&plan, digits, factor);
            for (uint32_t w = plan.windows; w-- > 0;) {
                assert_true(digits[w] >= -half && digits[w] <= half);
                sum = (sum << window) + (uint64_t)(int64_t)digits[w];
            }
            assert_true(sum == (uint64_t)factor);
        }
}

static void plans_grow_with_the_columns(void **state)
{
    (void)state;
    uint32_t before = 0;
    for (uint64_t columns = 1; columns < UINT64_C(1) << 33; columns *= 4) {
        struct matrix_plan plan = matrix_plan_for(columns, 20);
        assert_true(plan.window >= before && plan.window <= 10 && plan.window * plan.windows > 20);
        before = plan.window;
    }
    assert_int_equal(before, 7); /* wider ones have as many positions */
    assert_int_equal(matrix_plan_for(5, 0).windows, 1);
    assert_true(matrix_plan_for(5, 64).windows <= 65);
}

/* Factors of up to so many bits against plaintexts of 20 bits; two numbers of threads. */
static void check_product(fate_secret_key *key, uint64_t rows, uint64_t columns, uint32_t bits)
{
    enum { MOST = 2000 };
    static int64_t matrix[MOST];
    uint64_t values[MOST];
    fate_context *context = key->key->context;
    assert_true(rows * columns <= MOST && columns <= MOST && rows <= MOST);
    for (uint64_t i = 0; i < columns; i++) values[i] = random_stream_u64(&stream) >> 44;
    for (uint64_t i = 0; i < rows * columns; i++) {
        uint64_t draw = random_stream_u64(&stream);
        int64_t size = bits == 0 ? 0 : (int64_t)(draw >> (64 - bits));
        matrix[i] = draw % 5 == 0 ? 0 : draw % 2 == 0 ? size : -size;
    }
    fate_ciphertexts *vector = crypto_encrypted(key, values, columns, 1), *products = NULL, *again = NULL;
    assert_int_equal(fate_ciphertexts_multiply_matrix(vector, &products, matrix, rows, 20), FATE_OK);
    assert_int_equal(fate_ciphertexts_count(products), rows);
    for (uint64_t row = 0; row < rows; row++) {
        double back = 0;
        int64_t wanted = 0;
        for (uint64_t i = 0; i < columns; i++) wanted += matrix[row * columns + i] * (int64_t)values[i];
        assert_int_equal(fate_secret_key_decrypt_numbers(key, products, row, 1, &back, 0), FATE_OK);
        assert_true(back == (double)wanted);
    }
    context->threads = 3;
    assert_int_equal(fate_ciphertexts_multiply_matrix(vector, &again, matrix, rows, 20), FATE_OK);
    context->threads = 1;
    assert_true(crypto_same_items(products, again));
    fate_ciphertexts_free(vector);
    fate_ciphertexts_free(products);
    fate_ciphertexts_free(again);
}

static void products_agree_on_every_kernel(void **state)
{
    (void)state;
    static const struct {
        uint64_t rows, columns;
        uint32_t bits;
    } shapes[] = {{0, 0, 1}, {0, 5, 9}, {5, 0, 9}, {1, 1, 1}, {1, 1, 33}, {3, 1, 0}, {1, 7, 20}, {9, 9, 2}, {2, 1000, 20}, {40, 3, 31}};
    int checked = 0;
    for (int kernel = 0; kernel < CRYPTO_KERNELS; kernel++) {
        if (!crypto_choose_kernel(crypto_kernels[kernel])) continue;
        for (int scheme = 0; scheme < 2; scheme++) {
            struct test_allocator allocator;
            fate_context *context = crypto_context(&allocator, -1, 1);
            fate_secret_key *key = crypto_scheme_key(context, schemes[scheme], scheme == 0 ? 256 : 768, 4);
            for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
                check_product(key, shapes[i].rows, shapes[i].columns, shapes[i].bits);
            fate_secret_key_free(key);
            fate_context_free(context);
            assert_int_equal(atomic_load(&allocator.live), 0);
            checked++;
        }
    }
    crypto_kernel = NULL;
    assert_true(checked >= 4); /* portable and plain are everywhere */
}

/* The same bytes as products and sums one by one, the longest factors among them. */
static void longest_factors_are_exact(void **state)
{
    (void)state;
    static const int64_t matrix[] = {INT64_MIN, INT64_MAX, INT64_MIN + 1, -1, 0, INT64_MIN, INT64_MIN, INT64_MIN};
    const uint64_t values[] = {3, 5, 7, 11};
    struct test_allocator allocator;
    fate_context *context = crypto_context(&allocator, -1, 1);
    for (int scheme = 0; scheme < 2; scheme++) {
        fate_secret_key *key = crypto_scheme_key(context, schemes[scheme], 768, 4);
        fate_ciphertexts *vector = crypto_encrypted(key, values, 4, 1), *products = NULL;
        assert_int_equal(fate_ciphertexts_multiply_matrix(vector, &products, matrix, 2, 4), FATE_OK);
        for (uint64_t row = 0; row < 2; row++) {
            fate_ciphertexts *each = crypto_encrypted(key, values, 4, 1), *sum = NULL;
            assert_int_equal(fate_ciphertexts_multiply(each, matrix + 4 * row), FATE_OK);
            assert_int_equal(fate_ciphertexts_sum(each, &sum), FATE_OK);
            assert_true(crypto_same_item(products, row, sum, 0));
            fate_ciphertexts_free(each);
            fate_ciphertexts_free(sum);
        }
        fate_ciphertexts_free(vector);
        fate_ciphertexts_free(products);
        fate_secret_key_free(key);
    }
    fate_context_free(context);
    assert_int_equal(atomic_load(&allocator.live), 0);
}

/* The bound is that of the plaintexts' range, to the last one: what is allowed is decrypted as it is, one more is refused. */
static void what_could_wrap_is_refused(void **state)
{
    (void)state;
    enum { BITS = 160, RANGE = BITS - 2 }; /* paillier: products stay below 2^RANGE */
    struct test_allocator allocator;
    fate_context *context = crypto_context(&allocator, -1, 1);
    fate_secret_key *key = crypto_key(context, BITS, 4);
    uint64_t values[2] = {1, 1};
    fate_ciphertexts *vector = crypto_encrypted(key, values, 2, 1), *products = vector;
    for (uint32_t value_bits = 0; value_bits <= BITS; value_bits++)
        for (uint32_t factor_bits = 0; factor_bits < 63; factor_bits++) {
            const int64_t power = (int64_t)1 << factor_bits, signs[] = {1, -1};
            for (int sign = 0; sign < 2; sign++) {
                const int64_t exact[2] = {signs[sign] * power, 0}, above[4] = {0, 0, signs[sign] * power, 1};
                int32_t wanted = value_bits <= RANGE && value_bits + factor_bits <= RANGE ? FATE_OK : FATE_E_RANGE;
                bool last = value_bits + factor_bits == RANGE;
                if (wanted == FATE_OK && !last && factor_bits != 0) continue; /* well inside */
                assert_int_equal(fate_ciphertexts_multiply_matrix(vector, &products, exact, 1, value_bits), wanted);
                assert_int_equal(products == NULL, wanted != FATE_OK);
                fate_ciphertexts_free(products);
                if (!last) continue;
                assert_int_equal(fate_ciphertexts_multiply_matrix(vector, &products, above, 2, value_bits), FATE_E_RANGE);
                assert_non_null(strstr(fate_context_error(context), "row 1 "));
                assert_null(products);
            }
        }
    const int64_t zeros[2] = {0, 0};
    assert_int_equal(fate_ciphertexts_multiply_matrix(vector, &products, zeros, 1, RANGE + 1), FATE_E_RANGE);
    assert_int_equal(fate_ciphertexts_multiply_matrix(vector, &products, zeros, 1, UINT32_MAX), FATE_E_RANGE);
    fate_ciphertexts_free(vector);
    fate_secret_key_free(key);
    fate_context_free(context);
    assert_int_equal(atomic_load(&allocator.live), 0);
}

/* Sums of magnitudes that need more than 64 bits. */
static void long_sums_are_counted_in_full(void **state)
{
    (void)state;
    enum { COLUMNS = 8, BITS = 160, RANGE = BITS - 2 };
    struct test_allocator allocator;
    fate_context *context = crypto_context(&allocator, -1, 1);
    fate_secret_key *key = crypto_key(context, BITS, 4);
    uint64_t values[COLUMNS] = {1, 1, 1, 1, 1, 1, 1, 1};
    int64_t row[COLUMNS];
    fate_ciphertexts *vector = crypto_encrypted(key, values, COLUMNS, 1), *products = NULL;
    for (int i = 0; i < COLUMNS; i++) row[i] = INT64_MIN; /* 2^66 together */
    assert_int_equal(fate_ciphertexts_multiply_matrix(vector, &products, row, 1, RANGE - 66), FATE_OK);
    fate_ciphertexts_free(products);
    assert_int_equal(fate_ciphertexts_multiply_matrix(vector, &products, row, 1, RANGE - 65), FATE_E_RANGE);
    row[0] = 0;
    row[1] = INT64_MAX;
    assert_int_equal(fate_ciphertexts_multiply_matrix(vector, &products, row, 1, RANGE - 66), FATE_OK);
    fate_ciphertexts_free(products);
    assert_int_equal(fate_ciphertexts_multiply_matrix(vector, &products, row, 1, RANGE - 64), FATE_E_RANGE);
    fate_ciphertexts_free(vector);
    fate_secret_key_free(key);
    fate_context_free(context);
    assert_int_equal(atomic_load(&allocator.live), 0);
}

static void arguments_are_checked(void **state)
{
    (void)state;
    const uint64_t values[2] = {1, 2};
    const int64_t matrix[2] = {1, 1};
    struct test_allocator allocator;
    fate_context *context = crypto_context(&allocator, -1, 1);
    fate_secret_key *key = crypto_key(context, 128, 4);
    fate_ciphertexts *vector = crypto_encrypted(key, values, 2, 1), *products = vector;
    assert_int_equal(fate_ciphertexts_multiply_matrix(NULL, &products, matrix, 1, 8), FATE_E_ARGUMENT);
    assert_null(products);
    assert_int_equal(fate_ciphertexts_multiply_matrix(vector, NULL, matrix, 1, 8), FATE_E_ARGUMENT);
    products = vector;
    assert_int_equal(fate_ciphertexts_multiply_matrix(vector, &products, NULL, 1, 8), FATE_E_ARGUMENT);
    assert_null(products);
    assert_int_equal(fate_ciphertexts_multiply_matrix(vector, &products, matrix, UINT64_MAX, 8), FATE_E_ARGUMENT);
    fate_ciphertexts_free(vector);
    fate_secret_key_free(key);
    fate_context_free(context);
    assert_int_equal(atomic_load(&allocator.live), 0);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    const uint64_t values[3] = {1, 2, 3};
    const int64_t matrix[6] = {1, -20, 300, -4000, 50000, 0};
    for (int scheme = 0; scheme < 2; scheme++) {
        int32_t result = FATE_E_MEMORY;
        long long fail = 0;
        for (; result != FATE_OK; fail++) {
            struct test_allocator own;
            fate_context *failing = crypto_context(&own, -1, 2);
            fate_secret_key *key = crypto_scheme_key(failing, schemes[scheme], scheme == 0 ? 128 : 384, 4);
            fate_ciphertexts *vector = crypto_encrypted(key, values, 3, 1), *products = vector;
            atomic_store(&own.calls, 0);
            own.fail = fail;
            result = fate_ciphertexts_multiply_matrix(vector, &products, matrix, 2, 8);
            own.fail = -1;
            if (result != FATE_OK) assert_int_equal(result, FATE_E_MEMORY);
            assert_int_equal(products != NULL, result == FATE_OK);
            fate_ciphertexts_free(products);
            fate_ciphertexts_free(vector);
            fate_secret_key_free(key);
            fate_context_free(failing);
            assert_int_equal(atomic_load(&own.live), 0);
        }
        assert_true(fail > 15);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_make_up_their_factor),    cmocka_unit_test(plans_grow_with_the_columns),
        cmocka_unit_test(products_agree_on_every_kernel), cmocka_unit_test(longest_factors_are_exact),
        cmocka_unit_test(what_could_wrap_is_refused),     cmocka_unit_test(long_sums_are_counted_in_full),
        cmocka_unit_test(arguments_are_checked),          cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
