/* Tables filled by columns: order of ids, refused values, and failing allocations. */
#include "tests/support/data.h"

#include "src/data/table.h"
#include <math.h>

static const uint8_t ids[] = "bbabcb\0";
static const uint64_t offsets[] = {0, 1, 2 + 1, 5, 7}; /* b, ba, bc, b\0 */
static const double numbers[] = {1, NAN, -0.0, 4};
static const uint32_t codes[] = {0, 1, UINT32_MAX, 0};
static const char *const categories[] = {"z", "m", "unused"};
static const double label[] = {0, 1, 2, 3};
static const double weight[] = {0.5, 1, 0, 2};

static int32_t fill(fate_table *table)
{
    int32_t result = fate_table_set_ids(table, ids, offsets);
    if (result == FATE_OK) result = fate_table_add_numbers(table, "n", numbers);
    if (result == FATE_OK) result = fate_table_add_categories(table, "k", codes, categories, 3);
    if (result == FATE_OK) result = fate_table_set_label(table, label);
    if (result == FATE_OK) result = fate_table_set_weight(table, weight);
    return result;
}

static fate_table *new_table(uint64_t rows)
{
    fate_table *table;
    assert_int_equal(fate_table_new(context, &table, rows), FATE_OK);
    return table;
}

static void rows_stand_in_the_order_of_their_ids(void **state)
{
    (void)state;
    /* b, b\0, ba, bc: rows 0, 3, 1, 2 */
    static const uint32_t order[] = {0, 3, 1, 2};
    fate_table *table = new_table(4);
    assert_int_equal(fill(table), FATE_OK);
    assert_int_equal(fate_table_finish(table), FATE_OK);
    static const uint32_t sorted_codes[] = {2, 2, 0, UINT32_MAX};
    for (uint64_t row = 0; row < 4; row++) {
        uint64_t length;
        const uint8_t *id = fate_table_row_id(table, row, &length);
        assert_int_equal(length, offsets[order[row] + 1] - offsets[order[row]]);
        assert_memory_equal(id, ids + offsets[order[row]], length);
        double number = fate_table_numbers(table, 0)[row];
        assert_true(number == numbers[order[row]] || (isnan(number) && isnan(numbers[order[row]])));
        assert_false(number == 0 && signbit(number));
        assert_int_equal(fate_table_codes(table, 1)[row], sorted_codes[row]);
        assert_true(fate_table_label(table)[row] == label[order[row]]);
        assert_true(fate_table_weight(table)[row] == weight[order[row]]);
    }
    assert_string_equal(fate_table_category(table, 1, 0), "m");
    assert_string_equal(fate_table_category(table, 1, 1), "unused");
    assert_string_equal(fate_table_category(table, 1, 2), "z");
    fate_table_free(table);
}

static void a_finished_table_never_changes(void **state)
{
    (void)state;
    fate_table *table = new_table(4);
    assert_int_equal(fill(table), FATE_OK);
    assert_int_equal(fate_table_finish(table), FATE_OK);
    assert_int_equal(fate_table_finish(table), FATE_E_STATE);
    assert_int_equal(fate_table_set_ids(table, ids, offsets), FATE_E_STATE);
    assert_int_equal(fate_table_add_numbers(table, "m", numbers), FATE_E_STATE);
    assert_int_equal(fate_table_add_categories(table, "l", codes, categories, 3), FATE_E_STATE);
    assert_int_equal(fate_table_set_label(table, label), FATE_E_STATE);
    assert_int_equal(fate_table_set_weight(table, weight), FATE_E_STATE);
    fate_table_free(table);
}

static void setting_again_replaces(void **state)
{
    (void)state;
    static const double other[] = {9, 9, 9, 9};
    static const uint64_t others[] = {3, 4, 5, 6, 7}; /* b, c, b, \0: twice the same */
    fate_table *table = new_table(4);
    assert_int_equal(fill(table), FATE_OK);
    assert_int_equal(fate_table_set_label(table, other), FATE_OK);
    assert_int_equal(fate_table_set_weight(table, other), FATE_OK);
    assert_int_equal(fate_table_set_ids(table, ids, others), FATE_OK);
    assert_int_equal(fate_table_finish(table), FATE_E_TABLE);
    assert_string_equal(fate_context_error(context),
                        "rows 1 and 3 (counted from 1) have the same id \"b\"; every id occurs once: leave one of the rows out");
    assert_int_equal(fate_table_set_ids(table, ids, offsets), FATE_OK);
    assert_int_equal(fate_table_finish(table), FATE_OK);
    assert_true(fate_table_label(table)[0] == 9 && fate_table_weight(table)[3] == 9);
    fate_table_free(table);
}

static void bad_values_are_refused(void **state)
{
    (void)state;
    static const double infinite[] = {1, 2, -INFINITY, 3}, missing[] = {1, NAN, 1, 1}, negative[] = {1, 1, 1, -1};
    static const uint32_t high[] = {0, 3, 0, 0};
    static const uint64_t empty[] = {0, 1, 1, 2, 3}, falling[] = {0, 3, 2, 4, 5};
    static const char *const twice[] = {"a", "b", "a"}, *const hole[] = {"a", NULL};
    fate_table *table = new_table(4);
    assert_int_equal(fate_table_finish(table), FATE_E_TABLE);
    assert_string_equal(fate_context_error(context), "the table has 4 rows but no ids; call fate_table_set_ids");
    assert_int_equal(fill(table), FATE_OK);
    assert_int_equal(fate_table_add_numbers(table, "i", infinite), FATE_E_TABLE);
    assert_string_equal(fate_context_error(context),
                        "row 3 (counted from 1), column \"i\": the value is infinite; correct it or leave the row out");
    assert_int_equal(fate_table_set_label(table, missing), FATE_E_TABLE);
    assert_string_equal(fate_context_error(context),
                        "row 2 (counted from 1), label: the value is missing; correct it or leave the row out");
    assert_int_equal(fate_table_set_label(table, infinite), FATE_E_TABLE);
    assert_int_equal(fate_table_set_weight(table, missing), FATE_E_TABLE);
    assert_int_equal(fate_table_set_weight(table, negative), FATE_E_TABLE);
    assert_string_equal(fate_context_error(context),
                        "row 4 (counted from 1), weight: the value is negative; correct it or leave the row out");
    assert_int_equal(fate_table_add_categories(table, "l", high, categories, 3), FATE_E_TABLE);
    assert_string_equal(fate_context_error(context), "row 2 (counted from 1), column \"l\": code 3, but there are 3 categories");
    assert_int_equal(fate_table_add_categories(table, "l", codes, twice, 3), FATE_E_TABLE);
    assert_string_equal(fate_context_error(context), "column \"l\": the category \"a\" is listed twice");
    assert_int_equal(fate_table_add_categories(table, "l", codes, hole, 2), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_add_categories(table, "l", codes, NULL, 2), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_set_ids(table, ids, empty), FATE_E_TABLE);
    assert_int_equal(fate_table_set_ids(table, ids, falling), FATE_E_TABLE);
    assert_int_equal(fate_table_columns(table), 2);
    assert_int_equal(fate_table_finish(table), FATE_OK);
    fate_table_free(table);
}

static void bad_arguments_are_refused(void **state)
{
    (void)state;
    fate_table *table;
    assert_int_equal(fate_table_new(NULL, &table, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_new(context, NULL, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_new(context, &table, UINT32_MAX), FATE_E_LIMIT);
    assert_null(table);
    assert_int_equal(fate_table_set_ids(NULL, ids, offsets), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_add_numbers(NULL, "n", numbers), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_add_categories(NULL, "n", codes, categories, 3), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_set_label(NULL, label), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_set_weight(NULL, weight), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_finish(NULL), FATE_E_ARGUMENT);
    fate_table_free(NULL);
    table = new_table(4);
    assert_int_equal(fill(table), FATE_OK);
    assert_int_equal(fate_table_set_ids(table, ids, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_set_ids(table, NULL, offsets), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_add_numbers(table, NULL, numbers), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_add_numbers(table, "", numbers), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_add_numbers(table, "m", NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_add_categories(table, "n", codes, categories, 3), FATE_E_TABLE);
    assert_string_equal(fate_context_error(context), "two columns are named \"n\"; give each a name of its own");
    fate_table_free(table);
}

static void a_table_may_be_empty(void **state)
{
    (void)state;
    fate_table *table = new_table(0);
    assert_int_equal(fate_table_set_ids(table, NULL, NULL), FATE_OK);
    assert_int_equal(fate_table_add_numbers(table, "n", NULL), FATE_OK);
    assert_int_equal(fate_table_add_categories(table, "k", NULL, categories, 3), FATE_OK);
    assert_int_equal(fate_table_set_label(table, NULL), FATE_OK);
    assert_int_equal(fate_table_finish(table), FATE_OK);
    assert_int_equal(fate_table_columns(table), 2);
    assert_int_equal(fate_table_category_count(table, 1), 3);
    fate_table_free(table);
}

/* Rows in any order give the same table. */
static void shuffled_rows_give_equal_tables(void **state)
{
    (void)state;
    enum { ROWS = 50 };
    uint64_t chance = 9;
    fate_table *first = NULL;
    for (uint32_t round = 0; round < 20; round++) {
        uint32_t row[ROWS];
        uint8_t bytes[2 * ROWS];
        uint64_t starts[ROWS + 1] = {0};
        double values[ROWS];
        uint32_t code[ROWS];
        for (uint32_t i = 0; i < ROWS; i++) { /* shuffled from the front, Knuth's algorithm P */
            uint32_t j = data_below(&chance, i + 1);
            row[i] = row[j];
            row[j] = i;
        }
        for (uint32_t i = 0; i < ROWS; i++) {
            bytes[2 * i] = (uint8_t)(row[i] * 7);
            bytes[2 * i + 1] = (uint8_t)row[i];
            starts[i + 1] = 2 * (i + UINT64_C(1));
            values[i] = row[i] % 7 ? row[i] / 3.0 : NAN;
            code[i] = row[i] % 5 ? row[i] % 3 : UINT32_MAX;
        }
        fate_table *table = new_table(ROWS);
        assert_int_equal(fate_table_set_ids(table, bytes, starts), FATE_OK);
        assert_int_equal(fate_table_add_numbers(table, "n", values), FATE_OK);
        assert_int_equal(fate_table_add_categories(table, "k", code, categories, 3), FATE_OK);
        assert_int_equal(fate_table_finish(table), FATE_OK);
        if (first) data_equal(first, table);
        if (round > 0)
            fate_table_free(table);
        else
            first = table;
    }
    fate_table_free(first);
}

static int32_t build(void)
{
    fate_table *table;
    int32_t result = fate_table_new(context, &table, 4);
    if (result != FATE_OK) return result;
    result = fill(table);
    if (result == FATE_OK) result = fate_table_finish(table);
    fate_table_free(table);
    return result;
}

static void failing_allocations(void **state)
{
    (void)state;
    data_fail_allocations(build);
}

/* A call that ran out of memory leaves the table as it was. */
static void a_failed_call_changes_nothing(void **state)
{
    (void)state;
    fate_table *table = new_table(4), *other = new_table(4);
    assert_int_equal(fill(table), FATE_OK);
    assert_int_equal(fill(other), FATE_OK);
    for (long long k = 0; k < 3; k++) {
        atomic_store(&counted.calls, 0);
        counted.fail = k;
        assert_int_equal(fate_table_add_categories(table, "l", codes, categories, 3), FATE_E_MEMORY);
        atomic_store(&counted.calls, 0);
        assert_int_equal(fate_table_finish(table), FATE_E_MEMORY);
        counted.fail = -1;
    }
    assert_int_equal(fate_table_finish(table), FATE_OK);
    assert_int_equal(fate_table_finish(other), FATE_OK);
    data_equal(table, other);
    fate_table_free(table);
    fate_table_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_stand_in_the_order_of_their_ids),
        cmocka_unit_test(a_finished_table_never_changes),
        cmocka_unit_test(setting_again_replaces),
        cmocka_unit_test(bad_values_are_refused),
        cmocka_unit_test(bad_arguments_are_refused),
        cmocka_unit_test(a_table_may_be_empty),
        cmocka_unit_test(shuffled_rows_give_equal_tables),
        cmocka_unit_test(failing_allocations),
        cmocka_unit_test(a_failed_call_changes_nothing),
    };
    return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
