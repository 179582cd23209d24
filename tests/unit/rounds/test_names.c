/* Names of columns as bytes. */
#include "src/models/rounds/names.h"

#include "tests/support/rounds_world.h"

static void split(void **state)
{
    (void)state;
    const char *names[8];
    assert_true(names_split((const uint8_t *)"age\0x\0", 6, names) == 2);
    assert_string_equal(names[0], "age");
    assert_string_equal(names[1], "x");
    assert_true(names_split((const uint8_t *)"age\0x", 5, NULL) == 0);
    assert_true(names_split((const uint8_t *)"age\0\0", 5, NULL) == 0);
    assert_true(names_split((const uint8_t *)"", 0, NULL) == 0);
    names[0] = NULL;
    assert_true(names_split((const uint8_t *)"a\0b\0c", 5, names) == 0);
    assert_null(names[0]); /* there may be no room for what is malformed */
}

static void in_order(void **state)
{
    (void)state;
    fate_context *context;
    struct buffer out;
    uint64_t rows;
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    fate_table *table = rounds_table(context, 1, 5); /* y stands before x */
    assert_string_equal(fate_table_column_name(table, 0), "y");
    buffer_init(&out, context);
    assert_int_equal(names_write(context, table, &out), FATE_OK);
    assert_true(out.length == 4 && memcmp(out.bytes, "x\0y", 4) == 0);
    assert_ptr_equal(names_column(table, "x", &rows), fate_table_numbers(table, 1));
    assert_true(rows == 5);
    assert_null(names_column(table, "z", &rows));
    buffer_free(&out);
    fate_table_free(table);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(split), cmocka_unit_test(in_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
