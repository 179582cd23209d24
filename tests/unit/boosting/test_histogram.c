/* Sums by bin, and the sibling's by difference. */
#include "tests/support/boosting.h"
#include "src/models/boosting/histogram.h"

enum { ROWS = 500, BINS = 7 };

static void test_sums(void **state)
{
    (void)state;
    uint64_t random = 9;
    struct gradient_pair pairs[ROWS];
    uint16_t bins[ROWS];
    uint8_t sampled[ROWS];
    uint32_t left[ROWS], right[ROWS], all[ROWS];
    uint32_t left_count = 0, right_count = 0;
    for (uint32_t row = 0; row < ROWS; row++) {
        pairs[row].gradient = (int32_t)test_below(&random, 1 << 24) - (1 << 23);
        pairs[row].hessian = (int32_t)test_below(&random, 1 << 24);
        bins[row] = (uint16_t)test_below(&random, BINS);
        sampled[row] = test_below(&random, 3) > 0;
        all[row] = row;
        if (test_below(&random, 3) > 0)
            left[left_count++] = row;
        else
            right[right_count++] = row;
    }
    for (uint32_t round = 0; round < 2; round++) {
        const uint8_t *mask = round ? sampled : NULL;
        struct bin_sum node[BINS] = {{0, 0, 0}}, first[BINS] = {{0, 0, 0}}, second[BINS] = {{0, 0, 0}}, total = {0, 0, 0};
        histogram_add(node, bins, pairs, 1, mask, all, ROWS);
        histogram_add(first, bins, pairs, 1, mask, left, left_count);
        histogram_add(second, bins, pairs, 1, mask, right, right_count);
        for (uint32_t row = 0; row < ROWS; row++) {
            if (mask == NULL || mask[row]) {
                node[bins[row]].gradient -= pairs[row].gradient;
                node[bins[row]].hessian -= pairs[row].hessian;
                node[bins[row]].count--;
                total.gradient += pairs[row].gradient;
                total.hessian += pairs[row].hessian;
                total.count++;
            }
        }
        for (uint32_t bin = 0; bin < BINS; bin++) assert_true(node[bin].gradient == 0 && node[bin].hessian == 0 && node[bin].count == 0);
        histogram_add(node, bins, pairs, 1, mask, all, ROWS);
        histogram_subtract(node, node, first, BINS);
        assert_memory_equal(node, second, sizeof node);
        struct bin_sum sum;
        histogram_total(&sum, pairs, 1, mask, all, ROWS);
        assert_memory_equal(&sum, &total, sizeof sum);
    }
}

/* Two outputs side by side are the sums of each alone. */
static void test_two_outputs(void **state)
{
    (void)state;
    uint64_t random = 9;
    struct gradient_pair pairs[2 * ROWS], one[2][ROWS];
    uint16_t bins[ROWS];
    uint32_t all[ROWS];
    struct bin_sum sums[2 * BINS] = {{0, 0, 0}}, alone[2][BINS] = {{{0, 0, 0}}}, total[2], single;
    for (uint32_t row = 0; row < ROWS; row++) {
        for (uint32_t i = 0; i < 2; i++) {
            one[i][row] = (struct gradient_pair){(int32_t)test_below(&random, 99) - 50, (int32_t)test_below(&random, 99)};
            pairs[2 * row + i] = one[i][row];
        }
        bins[row] = (uint16_t)test_below(&random, BINS);
        all[row] = row;
    }
    histogram_add(sums, bins, pairs, 2, NULL, all, ROWS);
    histogram_total(total, pairs, 2, NULL, all, ROWS);
    for (uint32_t i = 0; i < 2; i++) {
        histogram_add(alone[i], bins, one[i], 1, NULL, all, ROWS);
        histogram_total(&single, one[i], 1, NULL, all, ROWS);
        assert_memory_equal(&total[i], &single, sizeof single);
        for (uint32_t bin = 0; bin < BINS; bin++) assert_memory_equal(&sums[2 * bin + i], &alone[i][bin], sizeof single);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sums), cmocka_unit_test(test_two_outputs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
