/* Tables made of another table's rows. */
#include "src/data/table.h"
#include "tests/support/data.h"
#include <math.h>

static const char csv[] = "id,y,w,c,x\na,1,2,u,10\nb,0,3,,20\nc,1,4,v,\n";

static void rows_are_picked(void **state)
{
    (void)state;
    static const uint32_t rows[] = {2, TABLE_NO_ROW, 0, 0};
    static const uint8_t tag[TABLE_TAG] = {1}, other[TABLE_TAG] = {2}, key[32] = {3};
    uint8_t one[32], two[32];
    uint64_t length;
    fate_table *table = NULL, *picked = NULL, *twin = NULL;
    assert_int_equal(fate_table_parse_csv(context, &table, "t", (const uint8_t *)csv, sizeof csv - 1, schema), FATE_OK);
    assert_int_equal(table_pick(table, rows, 4, tag, &picked), FATE_OK);
    assert_int_equal(fate_table_rows(picked), 4);
    assert_memory_equal(fate_table_row_id(picked, 0, &length), "c", 1);
    fate_table_row_id(picked, 1, &length);
    assert_int_equal(length, 0);
    assert_memory_equal(fate_table_row_id(picked, 3, &length), "a", 1);
    assert_true(fate_table_label(picked)[0] == 1 && fate_table_weight(picked)[2] == 2);
    assert_int_equal(fate_table_codes(picked, 0)[0], 1);
    assert_true(fate_table_codes(picked, 0)[1] == UINT32_MAX);
    assert_string_equal(fate_table_category(picked, 0, 1), "v");
    assert_true(isnan(fate_table_numbers(picked, 1)[0]) && isnan(fate_table_numbers(picked, 1)[1]));
    assert_true(fate_table_numbers(picked, 1)[2] == 10);
    assert_int_equal(fate_table_id_digest(picked, one, key), FATE_OK);
    assert_int_equal(table_pick(table, rows, 4, other, &twin), FATE_OK); /* another order, with the same ids here */
    assert_int_equal(fate_table_id_digest(twin, two, key), FATE_OK);
    assert_memory_not_equal(one, two, sizeof one);
    fate_table_free(twin);
    fate_table_free(picked);
    fate_table_free(table);
}

static void without_a_tag_ids_count(void **state)
{
    (void)state;
    static const uint32_t all[] = {0, 1, 2};
    static const uint8_t key[32] = {3};
    uint8_t one[32], two[32];
    fate_table *table = NULL, *picked = NULL;
    assert_int_equal(fate_table_parse_csv(context, &table, "t", (const uint8_t *)csv, sizeof csv - 1, schema), FATE_OK);
    assert_int_equal(table_pick(table, all, 3, NULL, &picked), FATE_OK);
    assert_int_equal(fate_table_digest(table, one), FATE_OK);
    assert_int_equal(fate_table_digest(picked, two), FATE_OK);
    assert_memory_equal(one, two, sizeof one);
    assert_int_equal(fate_table_id_digest(table, one, key), FATE_OK);
    assert_int_equal(fate_table_id_digest(picked, two, key), FATE_OK);
    assert_memory_equal(one, two, sizeof one);
    fate_table_free(picked);
    assert_int_equal(table_pick(table, all, 0, NULL, &picked), FATE_OK);
    assert_int_equal(fate_table_rows(picked), 0);
    fate_table_free(picked);
    fate_table_free(table);
}

static int32_t pick_once(void)
{
    static const uint32_t rows[] = {1, TABLE_NO_ROW};
    static const uint8_t tag[TABLE_TAG] = {1};
    fate_table *table = NULL, *picked = NULL;
    int32_t result = fate_table_parse_csv(context, &table, "t", (const uint8_t *)csv, sizeof csv - 1, schema);
    if (result == FATE_OK) result = table_pick(table, rows, 2, tag, &picked);
    fate_table_free(picked);
    fate_table_free(table);
    return result;
}

static void allocations_may_fail(void **state)
{
    (void)state;
    data_fail_allocations(pick_once);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_are_picked, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(without_a_tag_ids_count, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(allocations_may_fail, data_setup, data_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
