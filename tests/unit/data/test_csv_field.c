/* Fields of CSV as they are written: in quotes where they must be. */
#include "src/data/csv_field.h"
#include "tests/support/data.h"

static void fields_are_quoted_where_they_must(void **state)
{
    (void)state;
    static const char *const cases[][2] = {{"", "\"\""},       {"a b", "a b"},     {"a ", "\"a \""},
                                           {"\"", "\"\"\"\""}, {"a,b", "\"a,b\""}, {"a\r", "\"a\r\""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer csv;
        buffer_init(&csv, context);
        csv_field_write(&csv, (const uint8_t *)cases[i][0], strlen(cases[i][0]));
        buffer_u8(&csv, 0);
        assert_string_equal((const char *)csv.bytes, cases[i][1]);
        buffer_free(&csv);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fields_are_quoted_where_they_must, data_setup, data_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
