/* Samples of rows and columns: their sizes, that they repeat, and that seed, tree and party matter. */
#include "tests/support/allocator.h"
#include "tests/support/boosting.h"
#include "src/models/boosting/sampling.h"

enum { ROWS = 1000 };

static fate_context *context;

static int start(void **state)
{
    (void)state;
    return context_new(&context, NULL);
}

static int stop(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

static uint32_t drawn(const uint8_t *sampled, uint32_t count)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        assert_true(sampled[i] <= 1);
        sum += sampled[i];
    }
    return sum;
}

static void test_count(void **state)
{
    (void)state;
    assert_int_equal(sampling_count(1, 10), 10);
    assert_int_equal(sampling_count(0.5, 10), 5);
    assert_int_equal(sampling_count(0.5, 11), 6);
    assert_int_equal(sampling_count(1e-6, 10), 1);
    assert_int_equal(sampling_count(1e-6, 0), 0);
    assert_int_equal(sampling_count(0.999, 1), 1);
}

static void test_sizes(void **state)
{
    (void)state;
    uint8_t sampled[ROWS];
    for (uint32_t rows = 0; rows < 60; rows++) {
        for (uint32_t tenths = 1; tenths <= 10; tenths++) {
            memset(sampled, 9, sizeof sampled);
            assert_int_equal(sampling_rows(context, sampled, 3, 4, rows, tenths / 10.0), FATE_OK);
            assert_int_equal(drawn(sampled, rows), sampling_count(tenths / 10.0, rows));
            assert_int_equal(sampled[rows], 9);
        }
    }
}

static void test_repeats(void **state)
{
    (void)state;
    uint8_t first[ROWS], again[ROWS], other[ROWS];
    assert_int_equal(sampling_rows(context, first, 1, 2, ROWS, 0.3), FATE_OK);
    assert_int_equal(sampling_rows(context, again, 1, 2, ROWS, 0.3), FATE_OK);
    assert_memory_equal(first, again, ROWS);
    assert_int_equal(sampling_rows(context, other, 2, 2, ROWS, 0.3), FATE_OK);
    assert_memory_not_equal(first, other, ROWS);
    assert_int_equal(sampling_rows(context, other, 1, 3, ROWS, 0.3), FATE_OK);
    assert_memory_not_equal(first, other, ROWS);
    assert_int_equal(sampling_columns(context, first, 1, 2, 0, ROWS, 0.3), FATE_OK);
    assert_int_equal(sampling_columns(context, other, 1, 2, 1, ROWS, 0.3), FATE_OK);
    assert_memory_not_equal(first, other, ROWS);
}

/* A larger fraction draws the same rows and more: the ranks do not depend on it. */
static void test_nested(void **state)
{
    (void)state;
    uint8_t small[ROWS], large[ROWS];
    assert_int_equal(sampling_rows(context, small, 5, 0, ROWS, 0.2), FATE_OK);
    assert_int_equal(sampling_rows(context, large, 5, 0, ROWS, 0.7), FATE_OK);
    for (uint32_t row = 0; row < ROWS; row++) assert_true(small[row] <= large[row]);
}

/* Over many trees every row is drawn about as often as the fraction says: 2000 draws, standard deviation below 0.012. */
static void test_even(void **state)
{
    (void)state;
    uint32_t often[40] = {0};
    for (uint32_t tree = 0; tree < 2000; tree++) {
        uint8_t sampled[40];
        assert_int_equal(sampling_rows(context, sampled, 11, tree, 40, 0.25), FATE_OK);
        for (uint32_t row = 0; row < 40; row++) often[row] += sampled[row];
    }
    for (uint32_t row = 0; row < 40; row++) assert_in_range(often[row], 400, 600);
}

/* These rows are part of what a job's seed means: they may not change between versions. Computed by another implementation, in Python. */
static void test_known(void **state)
{
    (void)state;
    uint8_t sampled[16];
    uint32_t bits = 0;
    assert_int_equal(sampling_rows(context, sampled, 7, 1, 16, 0.5), FATE_OK);
    for (uint32_t row = 0; row < 16; row++) bits |= (uint32_t)sampled[row] << row;
    assert_int_equal(bits, 0xde41);
}

/* Of a tree's columns each level draws its own. */
static void test_levels(void **state)
{
    (void)state;
    uint8_t tree[40], level[40], used[40] = {0};
    assert_int_equal(sampling_columns(context, tree, 5, 3, 1, 40, 0.5), FATE_OK);
    for (uint32_t depth = 0; depth < 30; depth++) {
        uint32_t count = 0;
        memcpy(level, tree, sizeof level);
        assert_int_equal(sampling_level(context, level, 5, 3, depth, 1, 40, 0.3), FATE_OK);
        for (uint32_t i = 0; i < 40; i++) {
            assert_true(level[i] == 0 || tree[i] != 0);
            used[i] |= level[i];
            count += level[i];
        }
        assert_int_equal(count, 6);
    }
    for (uint32_t i = 0; i < 40; i++) assert_int_equal(used[i], tree[i]); /* thirty draws of 6 of 20 reach all, with this seed */
    memcpy(level, tree, sizeof level);
    assert_int_equal(sampling_level(context, level, 5, 3, 0, 1, 40, 1), FATE_OK);
    assert_memory_equal(level, tree, sizeof level);
    memset(level, 0, sizeof level);
    assert_int_equal(sampling_level(context, level, 5, 3, 0, 1, 40, 0.5), FATE_OK);
    for (uint32_t i = 0; i < 40; i++) assert_int_equal(level[i], 0);
}

static void test_no_memory(void **state)
{
    (void)state;
    struct test_allocator memory;
    fate_allocator allocator = test_allocator(&memory, -1);
    fate_context *poor = NULL;
    uint8_t sampled[4];
    assert_int_equal(context_new(&poor, &allocator), FATE_OK);
    memory.fail = memory.calls;
    assert_int_equal(sampling_rows(poor, sampled, 1, 1, 4, 0.5), FATE_E_MEMORY);
    assert_int_equal(sampling_rows(poor, sampled, 1, 1, 4, 1), FATE_OK); /* needs none */
    fate_context_free(poor);
    assert_int_equal(memory.live, 0);
}

/* The greatest by magnitude, the first of equal ones; of the others so many, by the seed. */
static void test_gradients(void **state)
{
    (void)state;
    uint8_t sampled[ROWS], again[ROWS];
    double magnitudes[ROWS];
    uint64_t random = 9;
    for (uint32_t rows = 1; rows < 200; rows += 7) {
        uint64_t top = sampling_count(0.2, rows), counts[3] = {0};
        for (uint32_t row = 0; row < rows; row++) magnitudes[row] = test_below(&random, 3) == 0 ? -0.0 : test_below(&random, 20) / 8.0;
        assert_int_equal(sampling_gradients(context, sampled, magnitudes, 3, rows, rows, 0.2, 0.3), FATE_OK);
        assert_int_equal(sampling_gradients(context, again, magnitudes, 3, rows, rows, 0.2, 0.3), FATE_OK);
        assert_memory_equal(sampled, again, rows);
        for (uint32_t row = 0; row < rows; row++) {
            uint64_t before = 0; /* rows that are greater, or as great and earlier */
            for (uint32_t other = 0; other < rows; other++) {
                before += magnitudes[other] > magnitudes[row] || (magnitudes[other] == magnitudes[row] && other < row);
            }
            assert_int_equal(sampled[row] == 1, before < top);
            counts[sampled[row]]++;
        }
        assert_int_equal(counts[1] + counts[SAMPLING_AMPLIFIED], sampling_gradients_count(rows, 0.2, 0.3));
        double factor = sampling_amplification(rows, 0.2, 0.3);
        assert_true(fabs(factor * (double)counts[2] - (double)(rows - top)) < 1e-9 || counts[2] == 0);
    }
    assert_int_equal(sampling_gradients(context, sampled, magnitudes, 3, 1, 190, 0.2, 0.3), FATE_OK);
    assert_int_equal(sampling_gradients(context, again, magnitudes, 4, 1, 190, 0.2, 0.3), FATE_OK);
    assert_memory_not_equal(sampled, again, 190);
    assert_int_equal(sampling_gradients_count(10, 0.2, 0.8), 10);
    assert_int_equal(sampling_gradients_count(10, 0.25, 0.75), 10);
    assert_true(sampling_amplification(1, 0.5, 0.5) == 1);
}

static void test_gradients_without_memory(void **state)
{
    (void)state;
    struct test_allocator memory;
    fate_allocator allocator = test_allocator(&memory, -1);
    fate_context *poor = NULL;
    uint8_t sampled[4];
    const double magnitudes[4] = {1, 2, 3, 4};
    assert_int_equal(context_new(&poor, &allocator), FATE_OK);
    for (long long fail = 0; fail < 2; fail++) {
        memory.fail = memory.calls + fail;
        assert_int_equal(sampling_gradients(poor, sampled, magnitudes, 1, 1, 4, 0.5, 0.5), FATE_E_MEMORY);
    }
    fate_context_free(poor);
    assert_int_equal(memory.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradients), cmocka_unit_test(test_gradients_without_memory),
        cmocka_unit_test(test_count),     cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_repeats),   cmocka_unit_test(test_nested),
        cmocka_unit_test(test_even),      cmocka_unit_test(test_known),
        cmocka_unit_test(test_no_memory), cmocka_unit_test(test_levels),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
