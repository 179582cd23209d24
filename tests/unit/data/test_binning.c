/* Binning of table columns: thresholds, categories, missing values, and assignment to other tables. */
#include "tests/support/data.h"

#include "src/data/binning.h"
#include <float.h>
#include <math.h>
#include <stdlib.h>

enum { MOST_ROWS = 300 };

/* A table of one numeric column "n" and one categorical column "k" with ids 0, 1, ... in order. */
static fate_table *make_table(const double *numbers, const uint32_t *codes, uint32_t rows)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"};
    uint8_t ids[2 * MOST_ROWS];
    uint64_t offsets[MOST_ROWS + 1] = {0};
    fate_table *table;
    for (uint32_t i = 0; i < rows; i++) {
        ids[2 * i] = (uint8_t)(i >> 8);
        ids[2 * i + 1] = (uint8_t)i;
        offsets[i + 1] = 2 * (i + UINT64_C(1));
    }
    assert_int_equal(fate_table_new(context, &table, rows), FATE_OK);
    assert_int_equal(fate_table_set_ids(table, ids, offsets), FATE_OK);
    assert_int_equal(fate_table_add_numbers(table, "n", numbers), FATE_OK);
    assert_int_equal(fate_table_add_categories(table, "k", codes, names, 12), FATE_OK);
    assert_int_equal(fate_table_finish(table), FATE_OK);
    return table;
}

static void thresholds_lie_midway(void **state)
{
    (void)state;
    static const double pairs[][3] = {{1, 2, 1.5},
                                      {-1, 1, 0},
                                      {DBL_MAX / 2, DBL_MAX, DBL_MAX * 0.75},
                                      {-DBL_MAX, DBL_MAX, 0},
                                      {1, 1 + DBL_EPSILON, 1},
                                      {0, 4.9e-324, 0},
                                      {-4.9e-324, 0, -4.9e-324}};
    static const uint32_t codes[] = {0, 0};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct column_bins bins;
        uint16_t out[2];
        fate_table *table = make_table(pairs[i], codes, 2);
        assert_int_equal(binning_make(context, &bins, table, 0, 8, 1), FATE_OK);
        assert_int_equal(bins.value_bins, 2);
        assert_true(bins.upper[0] == pairs[i][2]);
        assert_int_equal(binning_assign(&bins, table, 0, out), FATE_OK);
        assert_int_equal(out[0], 0);
        assert_int_equal(out[1], 1);
        binning_free(&bins);
        fate_table_free(table);
    }
}

static void missing_values_have_a_bin_when_they_are_enough(void **state)
{
    (void)state;
    /* missing, values, most, smallest: bins, value_bins, missing_bin */
    static const uint32_t cases[][7] = {
        {0, 4, 8, 1, 4, 4, 0}, {1, 4, 8, 1, 5, 4, 4}, {1, 4, 8, 2, 2, 2, 0}, {2, 4, 8, 2, 3, 2, 2}, {2, 4, 2, 1, 2, 1, 1},
        {5, 0, 8, 1, 1, 1, 0}, {0, 0, 8, 1, 1, 1, 0}, {9, 2, 8, 5, 1, 1, 0}, {9, 1, 8, 0, 2, 1, 1}, {0, 3, 8, 5, 1, 1, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double numbers[MOST_ROWS];
        uint32_t codes[MOST_ROWS], rows = cases[i][0] + cases[i][1];
        for (uint32_t row = 0; row < rows; row++) {
            numbers[row] = row < cases[i][1] ? (double)row : (double)NAN;
            codes[row] = row < cases[i][1] ? row : UINT32_MAX;
        }
        fate_table *table = make_table(numbers, codes, rows);
        for (uint32_t column = 0; column < 2; column++) {
            struct column_bins bins;
            uint16_t out[MOST_ROWS];
            assert_int_equal(binning_make(context, &bins, table, column, cases[i][2], cases[i][3]), FATE_OK);
            if (column == 0) {
                assert_int_equal(bins.bins, cases[i][4]);
                assert_int_equal(bins.value_bins, cases[i][5]);
                assert_int_equal(bins.missing_bin, cases[i][6]);
            }
            assert_true(bins.bins == bins.value_bins || (bins.bins == bins.value_bins + 1 && bins.missing_bin == bins.value_bins));
            assert_int_equal(binning_assign(&bins, table, column, out), FATE_OK);
            for (uint32_t row = cases[i][1]; row < rows; row++) assert_int_equal(out[row], bins.missing_bin);
            binning_free(&bins);
        }
        fate_table_free(table);
    }
}

/* Counts per category, most, smallest; then the bin of each category that occurs, other_bin and value_bins. */
static void expect_categories(const uint32_t *counts, uint32_t categories, uint32_t missing, uint32_t most, uint64_t smallest,
                              const uint32_t *bin_of, uint32_t other_bin, uint32_t value_bins)
{
    static const double zeros[MOST_ROWS];
    uint32_t codes[MOST_ROWS], rows = 0, seen = 0;
    struct column_bins bins;
    for (uint32_t i = 0; i < categories; i++)
        for (uint32_t n = 0; n < counts[i]; n++) codes[rows++] = i;
    for (uint32_t n = 0; n < missing; n++) codes[rows++] = UINT32_MAX;
    fate_table *table = make_table(zeros, codes, rows);
    assert_int_equal(binning_make(context, &bins, table, 1, most, smallest), FATE_OK);
    for (uint32_t i = 0; i < categories; i++) {
        if (counts[i] == 0) continue;
        assert_string_equal(bins.categories[seen], fate_table_category(table, 1, i));
        assert_int_equal(bins.category_bin[seen], bin_of[i]);
        seen++;
    }
    assert_int_equal(bins.category_count, seen);
    assert_int_equal(bins.other_bin, other_bin);
    assert_int_equal(bins.value_bins, value_bins);
    binning_free(&bins);
    fate_table_free(table);
}

static void rare_categories_are_merged(void **state)
{
    (void)state;
    expect_categories((const uint32_t[]){5, 9, 7}, 3, 0, 8, 1, (const uint32_t[]){0, 1, 2}, 1, 3); /* others go to missing: the fullest */
    expect_categories((const uint32_t[]){5, 9, 7}, 3, 4, 8, 1, (const uint32_t[]){0, 1, 2}, 3, 3); /* missing has a bin of its own */
    expect_categories((const uint32_t[]){5, 0, 7}, 3, 0, 8, 1, (const uint32_t[]){0, 9, 1}, 1, 2);
    expect_categories((const uint32_t[]){2, 9, 3, 7}, 4, 0, 8, 5, (const uint32_t[]){2, 0, 2, 1}, 2, 3);
    expect_categories((const uint32_t[]){2, 9, 1, 7}, 4, 0, 8, 5, (const uint32_t[]){0, 0, 0, 1}, 0, 2); /* too few together: the fullest */
    expect_categories((const uint32_t[]){2, 1, 1}, 3, 0, 8, 3, (const uint32_t[]){0, 0, 0}, 0, 1);
    expect_categories((const uint32_t[]){6, 6, 6, 6}, 4, 0, 3, 1, (const uint32_t[]){0, 1, 2, 2}, 2, 3); /* ties: bytewise order */
    expect_categories((const uint32_t[]){6, 8, 7, 9}, 4, 2, 3, 1, (const uint32_t[]){1, 1, 1, 0}, 1, 2); /* missing takes one of three */
    expect_categories((const uint32_t[]){6, 8, 7, 9}, 4, 0, 4, 1, (const uint32_t[]){0, 1, 2, 3}, 3, 4);
    expect_categories((const uint32_t[]){6, 8}, 2, 3, 2, 1, (const uint32_t[]){0, 0}, 0, 1);
}

static void unseen_categories_go_to_the_other_bin(void **state)
{
    (void)state;
    fate_table *table = data_table("id,c\n1,x\n2,x\n3,y\n4,y\n5,r\n6,s\n7,\n8,\n");
    fate_table *later = data_table("id,c\n1,w\n2,zz\n3,y\n4,s\n5,x\n6,\n");
    struct column_bins bins;
    uint16_t out[6];
    static const uint16_t expected[] = {2, 2, 1, 2, 0, 3};
    assert_int_equal(binning_make(context, &bins, table, 0, 8, 2), FATE_OK);
    assert_int_equal(binning_assign(&bins, later, 0, out), FATE_OK);
    assert_memory_equal(out, expected, sizeof expected);
    binning_free(&bins);
    fate_table_free(table);
    fate_table_free(later);
}

static void values_outside_go_to_the_ends(void **state)
{
    (void)state;
    fate_table *table = data_table("id,n\n1,1\n2,2\n3,3\n4,\n");
    fate_table *later = data_table("id,n\n1,-1e300\n2,1.5\n3,1.6\n4,2.5\n5,1e300\n6,NA\n");
    struct column_bins bins;
    uint16_t out[6];
    static const uint16_t expected[] = {0, 0, 1, 1, 2, 3};
    assert_int_equal(binning_make(context, &bins, table, 0, 8, 1), FATE_OK);
    assert_int_equal(binning_assign(&bins, later, 0, out), FATE_OK);
    assert_memory_equal(out, expected, sizeof expected);
    binning_free(&bins);
    fate_table_free(table);
    fate_table_free(later);
}

static void another_kind_is_refused(void **state)
{
    (void)state;
    fate_table *table = data_table("id,n,c\n1,1,x\n");
    struct column_bins bins;
    uint16_t out[1];
    assert_int_equal(binning_make(context, &bins, table, 0, 8, 1), FATE_OK);
    assert_int_equal(binning_assign(&bins, table, 1, out), FATE_E_TABLE);
    assert_string_equal(fate_context_error(context), "column \"c\" holds categories, but held numbers in the table that the bins were made "
                                                     "from; read both with the same \"categorical\" list");
    binning_free(&bins);
    assert_int_equal(binning_make(context, &bins, table, 1, 8, 1), FATE_OK);
    assert_int_equal(binning_assign(&bins, table, 0, out), FATE_E_TABLE);
    assert_int_equal(binning_assign(&bins, table, 2, out), FATE_E_TABLE);
    binning_free(&bins);
    binning_free(NULL);
    assert_int_equal(binning_make(context, &bins, table, 0, 1, 1), FATE_E_ARGUMENT);
    assert_int_equal(binning_make(context, &bins, table, 0, 65536, 1), FATE_E_ARGUMENT);
    assert_int_equal(binning_make(context, &bins, table, 2, 8, 1), FATE_E_ARGUMENT);
    fate_table_free(table);
}

static uint32_t random_columns(uint64_t *chance, double *numbers, uint32_t *codes)
{
    uint32_t rows = data_below(chance, MOST_ROWS), distinct = 1 + data_below(chance, 200), missing = 1 + data_below(chance, 20);
    uint32_t categories = 1 + data_below(chance, 12);
    for (uint32_t row = 0; row < rows; row++) {
        numbers[row] = data_below(chance, missing) ? (double)data_below(chance, distinct) / 7 - 5 : NAN;
        codes[row] = data_below(chance, missing) ? data_below(chance, categories) * data_below(chance, 2) : UINT32_MAX;
    }
    return rows;
}

/* Every bin has enough rows, numbers are monotone, and categories stay together. */
static void check_bins(const struct column_bins *bins, const fate_table *table, uint32_t column, const uint16_t *out, uint64_t smallest)
{
    uint64_t rows[64] = {0}, filled = 0;
    const double *numbers = fate_table_numbers(table, column);
    for (uint64_t row = 0; row < fate_table_rows(table); row++) {
        assert_true(out[row] < bins->bins);
        rows[out[row]]++;
        if (!numbers || isnan(numbers[row])) continue;
        assert_true(out[row] < bins->value_bins);
        assert_true(out[row] == 0 || numbers[row] > bins->upper[out[row] - 1]);
        assert_true(out[row] + 1u == bins->value_bins || numbers[row] <= bins->upper[out[row]]);
    }
    for (uint32_t bin = 0; bin < bins->bins; bin++) {
        filled += rows[bin];
        assert_true(bins->bins == 1 || (rows[bin] > 0 && rows[bin] >= smallest));
        assert_true(!numbers || bin + 2 >= bins->value_bins || bins->upper[bin] < bins->upper[bin + 1]);
    }
    assert_int_equal(filled, fate_table_rows(table));
    if (bins->missing_bin < bins->value_bins && !numbers) assert_true(bins->other_bin < bins->value_bins);
}

static void what_holds_on_random_columns(void **state)
{
    (void)state;
    uint64_t chance = 33;
    for (uint32_t round = 0; round < 1500; round++) {
        double numbers[MOST_ROWS];
        uint32_t codes[MOST_ROWS], rows = random_columns(&chance, numbers, codes), most = 2 + data_below(&chance, 60);
        uint64_t smallest = data_below(&chance, 9);
        fate_table *table = make_table(numbers, codes, rows);
        for (uint32_t column = 0; column < 2; column++) {
            struct column_bins bins;
            uint16_t out[MOST_ROWS];
            assert_int_equal(binning_make(context, &bins, table, column, most, smallest), FATE_OK);
            assert_true(bins.bins >= 1 && bins.bins <= most);
            assert_int_equal(binning_assign(&bins, table, column, out), FATE_OK);
            check_bins(&bins, table, column, out, smallest);
            binning_free(&bins);
        }
        fate_table_free(table);
    }
}

static fate_table *small_table;

static int32_t make_and_assign(void)
{
    int32_t result = FATE_OK;
    for (uint32_t column = 0; column < 2 && result == FATE_OK; column++) {
        struct column_bins bins;
        uint16_t out[8];
        result = binning_make(context, &bins, small_table, column, 4, 1);
        if (result == FATE_OK) result = binning_assign(&bins, small_table, column, out);
        binning_free(&bins);
    }
    return result;
}

static void failing_allocations(void **state)
{
    (void)state;
    small_table = data_table("id,n,c\n1,5,x\n2,2,x\n3,3,y\n4,,y\n5,1,r\n6,4,s\n7,6,\n8,7,\n");
    data_fail_allocations(make_and_assign);
    fate_table_free(small_table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thresholds_lie_midway),         cmocka_unit_test(missing_values_have_a_bin_when_they_are_enough),
        cmocka_unit_test(rare_categories_are_merged),    cmocka_unit_test(unseen_categories_go_to_the_other_bin),
        cmocka_unit_test(values_outside_go_to_the_ends), cmocka_unit_test(another_kind_is_refused),
        cmocka_unit_test(what_holds_on_random_columns),  cmocka_unit_test(failing_allocations),
    };
    return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
