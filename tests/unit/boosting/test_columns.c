/* A party's columns: binned alike for training and validation tables, matched by name; tables that do not fit are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "src/models/boosting/columns.h"
#include "tests/support/allocator.h"

enum { ROWS = 6 };

static const double rising[ROWS] = {1, 2, 3, 4, 5, 6}, falling[ROWS] = {6, 5, 4, 3, 2, 1};

/* Two numeric columns, in this order. */
static fate_table *table(fate_context *context, const char *first, const double *first_values, const char *second,
                         const double *second_values)
{
    fate_table *made;
    const uint64_t offsets[ROWS + 1] = {0, 1, 2, 3, 4, 5, 6};
    assert_int_equal(fate_table_new(context, &made, ROWS), FATE_OK);
    assert_int_equal(fate_table_set_ids(made, (const uint8_t *)"abcdef", offsets), FATE_OK);
    assert_int_equal(fate_table_add_numbers(made, first, first_values), FATE_OK);
    if (second != NULL) {
        assert_int_equal(fate_table_add_numbers(made, second, second_values), FATE_OK);
    }
    assert_int_equal(fate_table_finish(made), FATE_OK);
    return made;
}

static const struct boosting_parameters parameters = {.bins = 32, .min_bin_rows = 1};

static void tables_are_matched_by_name(void **state)
{
    (void)state;
    fate_context *context;
    struct columns columns;
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    fate_table *data = table(context, "up", rising, "down", falling), *validation = table(context, "down", falling, "up", rising);
    assert_int_equal(columns_init(&columns, context, data, validation), FATE_OK);
    assert_int_equal(columns_bin(&columns, &parameters), FATE_AGAIN);
    assert_int_equal(columns_bin(&columns, &parameters), FATE_OK);
    assert_int_equal(columns_bin(&columns, &parameters), FATE_OK);
    for (uint32_t row = 0; row < ROWS; row++) {
        assert_int_equal(columns.data[0][row], row);
        assert_int_equal(columns.data[1][row], ROWS - 1 - row);
        assert_int_equal(columns.validation_data[0][row], row);
        assert_int_equal(columns.validation_data[1][row], ROWS - 1 - row);
    }
    assert_int_equal(columns.shapes[0].bins, ROWS);
    columns_free(&columns);
    fate_table_free(data);
    fate_table_free(validation);
    fate_context_free(context);
}

static void missing_columns_are_named(void **state)
{
    (void)state;
    fate_context *context;
    struct columns columns;
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    fate_table *data = table(context, "up", rising, "down", falling), *validation = table(context, "up", rising, NULL, NULL);
    assert_int_equal(columns_init(&columns, context, data, validation), FATE_E_TABLE);
    assert_non_null(strstr(fate_context_error(context), "\"down\""));
    columns_free(&columns);
    assert_int_equal(columns_init(&columns, context, validation, data), FATE_OK);
    columns_free(&columns);
    fate_table_free(data);
    fate_table_free(validation);
    fate_context_free(context);
}

static void drawn_for_a_tree_and_a_level(void **state)
{
    (void)state;
    fate_context *context;
    struct boosting_parameters all = {.colsample_bytree = 1, .colsample_bylevel = 1},
                               some = {.colsample_bytree = 0.5, .colsample_bylevel = 0.4};
    uint8_t first[20], second[20];
    uint32_t count = 0;
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    assert_int_equal(columns_draw(context, first, &all, 0, 0, 1, 20), FATE_OK);
    for (uint32_t i = 0; i < 20; i++) assert_int_equal(first[i], 1);
    assert_false(columns_by_level(&all));
    assert_int_equal(columns_drawn(&all, 20), 20);
    assert_true(columns_by_level(&some));
    assert_int_equal(columns_draw(context, first, &some, 0, 0, 1, 20), FATE_OK);
    assert_int_equal(columns_draw(context, second, &some, 0, 1, 1, 20), FATE_OK);
    assert_memory_not_equal(first, second, sizeof first);
    for (uint32_t i = 0; i < 20; i++) count += first[i];
    assert_int_equal(count, 4);
    assert_int_equal(columns_drawn(&some, 20), 4);
    fate_context_free(context);
}

static void lack_of_memory_is_an_error_like_any_other(void **state)
{
    (void)state;
    fate_context *own;
    assert_int_equal(fate_context_new(&own, NULL), FATE_OK);
    fate_table *data = table(own, "up", rising, "down", falling);
    int32_t result = FATE_E_MEMORY;
    for (long long fail = 1; result == FATE_E_MEMORY; fail++) {
        struct test_allocator test;
        fate_allocator allocator = test_allocator(&test, fail);
        fate_context *context;
        struct columns columns;
        assert_int_equal(context_new(&context, &allocator), FATE_OK);
        result = columns_init(&columns, context, data, data);
        while (result == FATE_OK && columns.ready < columns.count) {
            result = columns_bin(&columns, &parameters);
            result = result == FATE_AGAIN ? FATE_OK : result;
        }
        columns_free(&columns);
        fate_context_free(context);
        assert_int_equal(atomic_load(&test.live), 0);
    }
    assert_int_equal(result, FATE_OK);
    fate_table_free(data);
    fate_context_free(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_matched_by_name),
        cmocka_unit_test(missing_columns_are_named),
        cmocka_unit_test(drawn_for_a_tree_and_a_level),
        cmocka_unit_test(lack_of_memory_is_an_error_like_any_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
