/* Bins are the sums of their rows, however these fall, on every kernel and for every number of threads. */
#include "tests/support/unit.h"

#include "src/crypto/group_gather.h"
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

static void check_gather(fate_secret_key *key, const fate_ciphertexts *values, const uint64_t *plain, enum shape shape, uint32_t bins)
{
    enum { FIRST = 7, COUNT = 901 };
    uint32_t index[COUNT], rows[COUNT], turned[COUNT];
    uint64_t wanted[64] = {0}, back[64], begin[64];
    for (uint32_t bin = 0; bin < bins; bin++) wanted[bin] = begin[bin] = bin;
    for (uint64_t i = 0; i < COUNT; i++) {
        index[i] = bin_of(shape, i, bins);
        if (index[i] != UINT32_MAX) wanted[index[i]] += plain[FIRST + i];
    }
    for (uint32_t i = 0; i < COUNT; i++) { /* the same rows, last first */
        rows[i] = FIRST + COUNT - 1 - i;
        turned[i] = index[COUNT - 1 - i];
    }
    fate_ciphertexts *first = NULL;
    for (uint32_t threads = 1; threads <= 5; threads++) {
        context->threads = threads;
        fate_ciphertexts *sums = crypto_encrypted(key, begin, bins, 4);
        assert_int_equal(fate_ciphertexts_gather_add(sums, values, FIRST, COUNT, index), FATE_OK);
        assert_int_equal(fate_secret_key_decrypt(key, sums, 0, bins, back, 1), FATE_OK);
        assert_memory_equal(back, wanted, bins * sizeof back[0]);
        fate_ciphertexts *again = crypto_encrypted(key, begin, bins, 4);
        assert_int_equal(fate_ciphertexts_gather_add_rows(again, values, rows, turned, COUNT), FATE_OK);
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
    enum { ROWS = 1000 };
    static const uint32_t lengths[] = {1, 2, 33, 64};
    fate_secret_key *key = okamoto_key(context, 258, 4);
    uint64_t plain[ROWS];
    for (uint64_t i = 0; i < ROWS; i++) plain[i] = random_stream_below(&stream, 1 << 30);
    fate_ciphertexts *values = crypto_encrypted(key, plain, ROWS, 3);
    for (enum shape shape = SPREAD; shape < SHAPES; shape++)
        for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) check_gather(key, values, plain, shape, lengths[i]);
    fate_ciphertexts_free(values);
    fate_secret_key_free(key);
}

static void small_batches_and_empty_ones_are_gathered_too(void **state)
{
    (void)state;
    fate_secret_key *key = okamoto_key(context, 258, 5);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bins_are_the_sums_of_their_rows),
        cmocka_unit_test(small_batches_and_empty_ones_are_gathered_too),
    };
    int failed = 0;
    for (int i = 0; i < CRYPTO_KERNELS; i++)
        if (crypto_choose_kernel(crypto_kernels[i])) failed += cmocka_run_group_tests_name(crypto_kernels[i], tests, setup, teardown);
    return failed;
}
