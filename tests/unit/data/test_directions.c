/* Directions of columns: set, read, part of the digest, kept by tables that are picked. */
#include "src/data/table.h"
#include "tests/support/data.h"

static const char csv[] = "id,y,c,x,z\na,1,u,10,1\nb,0,,20,2\n";

static void set_and_read(void **state)
{
    (void)state;
    static const uint32_t rows[] = {1, 0};
    uint8_t before[32], after[32];
    fate_table *table = NULL, *picked = NULL;
    assert_int_equal(fate_table_parse_csv(context, &table, "t", (const uint8_t *)csv, sizeof csv - 1, schema), FATE_OK);
    assert_int_equal(fate_table_digest(table, before), FATE_OK);
    assert_int_equal(fate_table_set_direction(table, "z", -1), FATE_OK);
    assert_int_equal(fate_table_direction(table, 2), -1);
    assert_int_equal(fate_table_direction(table, 1), 0);
    assert_int_equal(fate_table_direction(table, 3), 0);
    assert_int_equal(fate_table_direction(NULL, 0), 0);
    assert_int_equal(fate_table_digest(table, after), FATE_OK);
    assert_memory_not_equal(before, after, sizeof before);
    assert_int_equal(table_pick(table, rows, 2, NULL, &picked), FATE_OK);
    assert_int_equal(fate_table_direction(picked, 2), -1);
    fate_table_free(picked);
    assert_int_equal(fate_table_set_direction(table, "z", 1), FATE_OK);
    assert_int_equal(fate_table_digest(table, before), FATE_OK);
    assert_memory_not_equal(before, after, sizeof before);
    assert_int_equal(fate_table_set_direction(table, "z", 0), FATE_OK);
    assert_int_equal(fate_table_direction(table, 2), 0);
    fate_table_free(table);
}

static void what_has_none(void **state)
{
    (void)state;
    fate_table *table = NULL;
    assert_int_equal(fate_table_parse_csv(context, &table, "t", (const uint8_t *)csv, sizeof csv - 1, schema), FATE_OK);
    assert_int_equal(fate_table_set_direction(table, "c", 1), FATE_E_TABLE);
    assert_non_null(strstr(fate_context_error(context), "categories"));
    assert_int_equal(fate_table_set_direction(table, "y", 1), FATE_E_TABLE);
    assert_non_null(strstr(fate_context_error(context), "does not have"));
    assert_int_equal(fate_table_set_direction(table, "x", 2), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_set_direction(table, NULL, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_set_direction(NULL, "x", 1), FATE_E_ARGUMENT);
    fate_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(set_and_read, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(what_has_none, data_setup, data_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
