/* Sums by bin: right, equal for every scheme, kernel and number of threads, however rows fall into bins; failed allocations. */
#include "tests/support/unit.h"

#include "tests/support/crypto.h"

static struct test_allocator counted;
static fate_context *context;
static struct random_stream stream;

/* Lengths of small keys. */
static const struct tried {
    const char *name;
    uint32_t bits;
} schemes[] = {{"paillier", 128}, {"okamoto-uchiyama", 258}};
static const struct tried *tried;

static int setup(void **state)
{
    (void)state;
    uint8_t seed[RANDOM_KEY];
    random_stream_init(&stream, crypto_seed(seed, 9), 0);
    context = crypto_context(&counted, -1, 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fate_context_free(context);
    return atomic_load(&counted.live) == 0 ? 0 : -1;
}

/* How rows fall into bins. */
enum shape { SPREAD, ONE_BIN, TWO_BINS, NONE, SORTED, SHAPES };

static uint32_t bin_of(enum shape shape, uint64_t row, uint32_t bins)
{
    switch (shape) {
    case SPREAD: return random_stream_below(&stream, 5) == 0 ? UINT32_MAX : (uint32_t)random_stream_below(&stream, bins);
    case ONE_BIN: return bins - 1;
    case TWO_BINS: return random_stream_below(&stream, 30) == 0 ? 0 : bins / 2;
    case SORTED: return (uint32_t)(row * bins / 1000);
    default: return UINT32_MAX;
    }
}

enum { FIRST = 7, ROWS = 901, BINS = 64, KERNELS = CRYPTO_KERNELS };

static const uint64_t begin[BINS] = {1, 2, 3};

/* The sums have equal bytes with each kernel and number of threads. */
static void check_gather(fate_secret_key *const *keys, fate_ciphertexts *const *values, const uint64_t *plain, enum shape shape,
                         uint32_t bins)
{
    uint32_t index[ROWS], rows[ROWS], turned[ROWS];
    uint64_t wanted[BINS], back[BINS];
    fate_ciphertexts *first = NULL;
    memcpy(wanted, begin, sizeof wanted);
    for (uint64_t i = 0; i < ROWS; i++) {
        index[i] = bin_of(shape, i, bins);
        if (index[i] != UINT32_MAX) wanted[index[i]] += plain[FIRST + i];
    }
    for (uint32_t i = 0; i < ROWS; i++) { /* the same rows, last first */
        rows[i] = FIRST + ROWS - 1 - i;
        turned[i] = index[ROWS - 1 - i];
    }
    for (int kernel = 0; kernel < KERNELS; kernel++)
        for (uint32_t threads = 1; threads <= 5 && keys[kernel] != NULL; threads += 1 + (uint32_t)(kernel == 1)) {
            context->threads = threads;
            fate_ciphertexts *sums = crypto_encrypted(keys[kernel], begin, bins, 4);
            assert_int_equal(fate_ciphertexts_gather_add(sums, values[kernel], FIRST, ROWS, index), FATE_OK);
            assert_int_equal(fate_secret_key_decrypt(keys[kernel], sums, 0, bins, back, 1), FATE_OK);
            assert_memory_equal(back, wanted, bins * sizeof back[0]);
            fate_ciphertexts *again = crypto_encrypted(keys[kernel], begin, bins, 4);
            assert_int_equal(fate_ciphertexts_gather_add_rows(again, values[kernel], rows, turned, ROWS), FATE_OK);
            assert_true(crypto_same_items(again, sums));
            fate_ciphertexts_free(again);
            if (first == NULL) {
                first = sums;
            } else {
                assert_true(crypto_same_items(first, sums));
                fate_ciphertexts_free(sums);
            }
        }
    context->threads = 1;
    fate_ciphertexts_free(first);
}

static void bins_are_the_sums_of_their_rows(void **state)
{
    (void)state;
    static const uint32_t lengths[] = {1, 2, 33, BINS};
    fate_secret_key *keys[KERNELS] = {NULL};
    fate_ciphertexts *values[KERNELS] = {NULL};
    uint64_t plain[FIRST + ROWS];
    for (uint64_t i = 0; i < FIRST + ROWS; i++) plain[i] = random_stream_below(&stream, 1 << 30);
    for (int kernel = 0; kernel < KERNELS; kernel++) {
        if (fate_context_set_kernel(context, crypto_kernels[kernel]) != FATE_OK) continue;
        keys[kernel] = crypto_scheme_key(context, tried->name, tried->bits, 4);
        values[kernel] = crypto_encrypted(keys[kernel], plain, FIRST + ROWS, 3);
        assert_true(crypto_same_items(values[0], values[kernel]));
    }
    assert_int_equal(fate_context_set_kernel(context, NULL), FATE_OK);
    for (enum shape shape = SPREAD; shape < SHAPES; shape++)
        for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) check_gather(keys, values, plain, shape, lengths[i]);
    for (int kernel = 0; kernel < KERNELS; kernel++) {
        fate_ciphertexts_free(values[kernel]);
        fate_secret_key_free(keys[kernel]);
    }
}

static void small_batches_and_empty_ones_are_gathered_too(void **state)
{
    (void)state;
    fate_secret_key *key = crypto_scheme_key(context, tried->name, tried->bits, 5);
    const uint64_t plain[3] = {3, 5, 7};
    const uint32_t index[3] = {1, UINT32_MAX, 1};
    uint64_t back[2];
    fate_ciphertexts *values = crypto_encrypted(key, plain, 3, 3);
    for (uint32_t threads = 1; threads <= 3; threads++) {
        context->threads = threads;
        fate_ciphertexts *sums = crypto_vector(key, 2), *none = crypto_vector(key, 0);
        assert_int_equal(fate_ciphertexts_gather_add(sums, values, 0, 3, index), FATE_OK);
        assert_int_equal(fate_ciphertexts_gather_add(sums, values, 3, 0, NULL), FATE_OK);
        assert_int_equal(fate_ciphertexts_gather_add(none, values, 1, 1, index + 1), FATE_OK);
        assert_int_equal(fate_ciphertexts_gather_add(sums, none, 0, 0, index), FATE_OK);
        assert_int_equal(fate_secret_key_decrypt(key, sums, 0, 2, back, 1), FATE_OK);
        assert_true(back[0] == 0 && back[1] == 10);
        fate_ciphertexts_free(sums);
        fate_ciphertexts_free(none);
    }
    context->threads = 1;
    fate_ciphertexts_free(values);
    fate_secret_key_free(key);
}

static void failed_allocations_leave_the_bins_alone(void **state)
{
    (void)state;
    enum { COUNT = 100 };
    static const char *const some[] = {"portable", "plain"};
    static const uint64_t plain[COUNT] = {1, 2, 3};
    uint32_t index[COUNT];
    for (uint32_t i = 0; i < COUNT; i++) index[i] = i % 3;
    for (int kernel = 0; kernel < 2; kernel++) {
        assert_int_equal(fate_context_set_kernel(context, some[kernel]), FATE_OK);
        fate_secret_key *key = crypto_scheme_key(context, tried->name, tried->bits, 6);
        fate_ciphertexts *values = crypto_encrypted(key, plain, COUNT, 1), *bins = crypto_vector(key, 3),
                         *untouched = crypto_vector(key, 3);
        int32_t result = FATE_E_MEMORY;
        long long fail = 0;
        context->threads = 2;
        for (; result != FATE_OK; fail++) {
            assert_true(crypto_same_items(bins, untouched));
            atomic_store(&counted.calls, 0);
            counted.fail = fail;
            result = fate_ciphertexts_gather_add(bins, values, 0, COUNT, index);
            assert_true(result == FATE_OK || result == FATE_E_MEMORY);
        }
        counted.fail = -1;
        context->threads = 1;
        assert_true(fail > 4);
        fate_ciphertexts_free(values);
        fate_ciphertexts_free(bins);
        fate_ciphertexts_free(untouched);
        fate_secret_key_free(key);
    }
    assert_int_equal(fate_context_set_kernel(context, NULL), FATE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bins_are_the_sums_of_their_rows),
        cmocka_unit_test(small_batches_and_empty_ones_are_gathered_too),
        cmocka_unit_test(failed_allocations_leave_the_bins_alone),
    };
    int failed = 0;
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        tried = &schemes[i];
        failed += cmocka_run_group_tests_name(tried->name, tests, setup, teardown);
    }
    return failed;
}
