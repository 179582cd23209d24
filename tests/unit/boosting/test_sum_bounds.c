/* Bounds of sums: whatever bins rows are dealt out to, their sums are within; sums beyond what rows give are not. */
#include "tests/support/unit.h"

#include "lib/random.h"
#include "src/models/boosting/sum_bounds.h"

#include <string.h>

enum { ROWS = 200, BINS = 9, OUTPUTS = 2 };

static struct gradient_pair pairs[ROWS * OUTPUTS];
static uint8_t sampled[ROWS];
static uint16_t bins[ROWS];
static uint32_t rows[ROWS];

static void draw(uint64_t seed)
{
    struct random_stream stream;
    uint8_t key[RANDOM_KEY] = {0};
    random_stream_init(&stream, key, seed);
    for (uint32_t i = 0; i < ROWS; i++) {
        rows[i] = i;
        sampled[i] = random_stream_below(&stream, 4) != 0;
        bins[i] = (uint16_t)random_stream_below(&stream, BINS);
        for (uint32_t k = 0; k < OUTPUTS; k++) {
            pairs[i * OUTPUTS + k].gradient = (int32_t)random_stream_below(&stream, 2001) - 1000 + (k == 1) * 500;
            pairs[i * OUTPUTS + k].hessian = 100 + (int32_t)random_stream_below(&stream, 900);
        }
    }
}

static void sums_of_rows_are_within(void **state)
{
    (void)state;
    struct sum_bounds bounds[OUTPUTS];
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct bin_sum sums[BINS * OUTPUTS] = {{0}};
        draw(seed);
        sum_bounds_make(bounds, pairs, OUTPUTS, sampled, rows, ROWS);
        histogram_add(sums, bins, pairs, OUTPUTS, sampled, rows, ROWS);
        assert_true(sum_bounds_hold(bounds, sums, BINS, OUTPUTS));
        memset(sampled, 1, sizeof sampled); /* one row a bin: the bounds themselves are reached */
        for (uint32_t i = 0; i < ROWS; i++) {
            struct bin_sum one[OUTPUTS] = {{0}};
            sum_bounds_make(bounds, pairs, OUTPUTS, sampled, &rows[i], 1);
            histogram_add_one(one, &pairs[i * OUTPUTS], OUTPUTS);
            assert_true(sum_bounds_hold(bounds, one, 1, OUTPUTS));
            one[1].hessian++;
            assert_false(sum_bounds_hold(bounds, one, 1, OUTPUTS));
        }
    }
}

/* Each bound alone. */
static void sums_beyond_are_not(void **state)
{
    (void)state;
    static const struct gradient_pair four[] = {{-3, 10}, {5, 20}, {-1, 10}, {4, 15}};
    static const uint8_t all[] = {1, 1, 1, 1};
    struct sum_bounds bounds;
    sum_bounds_make(&bounds, four, 1, all, rows, 4);
    const struct bin_sum good[2] = {{-4, 20, 2}, {9, 35, 2}};
    assert_true(sum_bounds_hold(&bounds, good, 2, 1));
    const struct bin_sum bad[][2] = {
        {{-7, 20, 2}, {9, 35, 2}},                             /* below twice the least gradient */
        {{-4, 20, 2}, {11, 35, 2}},                            /* above twice the most */
        {{-4, 19, 2}, {9, 35, 2}},                             /* hessians likewise */
        {{-4, 20, 2}, {9, 41, 2}},  {{-5, 20, 2}, {9, 35, 2}}, /* more than all rows have together: 13 */
        {{-4, 20, 2}, {10, 35, 2}}, {{0, 1, 0}, {5, 54, 4}},   /* an empty bin with something in it */
        {{-1, 0, 0}, {6, 55, 4}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(sum_bounds_hold(&bounds, bad[i], 2, 1));
    }
}

static void no_rows(void **state)
{
    (void)state;
    struct sum_bounds bounds = {1, 1, 1, 1, 1};
    static const uint8_t none[ROWS] = {0};
    struct bin_sum sums[2] = {{0}};
    draw(1);
    sum_bounds_make(&bounds, pairs, 1, none, rows, ROWS);
    assert_true(sum_bounds_hold(&bounds, sums, 2, 1));
    sums[1].gradient = 1;
    assert_false(sum_bounds_hold(&bounds, sums, 2, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sums_of_rows_are_within), cmocka_unit_test(sums_beyond_are_not),
                                       cmocka_unit_test(no_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
