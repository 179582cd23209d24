/* Names of columns as bytes. */
#include "src/models/horizontal/names.h"

#include "tests/support/rounds_world.h"
#include "tests/support/sample_job.h"

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

static int32_t check(fate_context *context, const char *columns, const char *names, uint64_t length)
{
    char text[1024];
    fate_job *job;
    snprintf(
        text, sizeof text,
        "{'algorithm':'horizontal-statistics','id':'i','parameters':{'columns':'%s'},'parties':[{'name':'a','role':'aggregator','key':'$1'},"
        "{'name':'b','role':'client','key':'$2'},{'name':'c','role':'client','key':'$3'}]}",
        columns);
    assert_int_equal(sample_parse(context, &job, text), FATE_OK);
    int32_t result = names_check(context, job, (const uint8_t *)names, length);
    fate_job_free(job);
    return result;
}

static void of_the_job(void **state)
{
    (void)state;
    fate_context *context;
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    assert_int_equal(check(context, "", "a\0b\0", 4), FATE_OK);
    assert_int_equal(check(context, "b,a", "a\0b\0", 4), FATE_OK);
    assert_int_equal(check(context, "b,a,cc", "a\0b\0", 4), FATE_E_TABLE);
    assert_non_null(strstr(fate_context_error(context), "column cc of the job"));
    assert_int_equal(check(context, "b", "a\0b\0", 4), FATE_E_TABLE);
    assert_non_null(strstr(fate_context_error(context), "column a is none"));
    assert_int_equal(check(context, "a", "aa\0", 3), FATE_E_TABLE);
    assert_int_equal(check(context, "a", "a", 1), FATE_E_TABLE);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(split), cmocka_unit_test(in_order), cmocka_unit_test(of_the_job)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
