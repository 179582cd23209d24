/* Row callbacks: the same table as CSV, and every code of a callback. */
#include "tests/support/data.h"

#include <fate/table.h>

static const char *const columns[] = {"c", "id", "n", "y"};
static const char *const cells[][4] = {{"red", "r2", "1.5", "1"}, {NULL, "r1", "", "0"}, {"blue, \"light\"", "r3", "NA", "1"}};
static const char text[] = "c,id,n,y\nred,r2,1.5,1\n,r1,,0\n\"blue, \"\"light\"\"\",r3,NA,1\n";

/* A source that gives a code of its own at one call. */
struct source {
    uint32_t row; /* from 1 */
    uint32_t calls;
    uint32_t fail_at;
    int32_t code;
};

static int32_t next(void *given)
{
    struct source *source = given;
    if (source->calls++ == source->fail_at) return source->code;
    return source->row++ < sizeof cells / sizeof cells[0] ? FATE_OK : FATE_EMPTY;
}

static int32_t field(void *given, uint32_t column, const uint8_t **bytes, uint64_t *length)
{
    struct source *source = given;
    if (source->calls++ == source->fail_at) return source->code;
    *bytes = (const uint8_t *)cells[source->row - 1][column];
    *length = *bytes ? strlen(cells[source->row - 1][column]) : 77;
    return FATE_OK;
}

static int32_t read_with(struct source *source, fate_table **table)
{
    fate_row_source hooks = {sizeof hooks, FATE_ABI_VERSION, source, next, field};
    return fate_table_read_rows(context, table, columns, 4, &hooks, schema);
}

static void rows_equal_csv(void **state)
{
    (void)state;
    struct source source = {0, 0, UINT32_MAX, 0};
    fate_table *table, *other = data_table(text);
    assert_int_equal(read_with(&source, &table), FATE_OK);
    data_equal(table, other);
    fate_table_free(table);
    fate_table_free(other);
}

static void codes_of_the_application_come_back(void **state)
{
    (void)state;
    struct source whole = {0, 0, UINT32_MAX, 0};
    fate_table *table;
    assert_int_equal(read_with(&whole, &table), FATE_OK);
    fate_table_free(table);
    for (uint32_t call = 0; call < whole.calls; call++) {
        struct source own = {0, 0, call, FATE_E_APPLICATION - 7}, wrong = {0, 0, call, FATE_E_STATE};
        assert_int_equal(read_with(&own, &table), FATE_E_APPLICATION - 7);
        assert_null(table);
        assert_non_null(strstr(fate_context_error(context), "failed with its own code -1007"));
        assert_int_equal(read_with(&wrong, &table), FATE_E_ARGUMENT);
        assert_non_null(strstr(fate_context_error(context), "returned -3"));
    }
    struct source empty_field = {0, 0, 1, FATE_EMPTY};
    assert_int_equal(read_with(&empty_field, &table), FATE_E_ARGUMENT);
    assert_string_equal(fate_context_error(context),
                        "the row source's field returned 3, which is neither FATE_OK nor a code of the application");
}

static void bad_sources_are_refused(void **state)
{
    (void)state;
    static const char *const hole[] = {"id", NULL};
    struct source source = {0, 0, UINT32_MAX, 0};
    fate_row_source good = {sizeof good, FATE_ABI_VERSION, &source, next, field}, bad = good;
    fate_table *table = (fate_table *)&source;
    assert_int_equal(fate_table_read_rows(NULL, &table, columns, 4, &good, schema), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_read_rows(context, NULL, columns, 4, &good, schema), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_read_rows(context, &table, NULL, 4, &good, schema), FATE_E_ARGUMENT);
    assert_null(table);
    assert_int_equal(fate_table_read_rows(context, &table, columns, 4, NULL, schema), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_read_rows(context, &table, columns, 4, &good, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_read_rows(context, &table, hole, 2, &good, schema), FATE_E_TABLE);
    assert_string_equal(fate_context_error(context), "column 2 has no name; the first line must name every column");
    for (uint32_t size = 0; size < sizeof bad; size++) {
        bad.struct_size = size;
        assert_int_equal(fate_table_read_rows(context, &table, columns, 4, &bad, schema), FATE_E_VERSION);
    }
    bad = good;
    bad.abi_version = 2;
    assert_int_equal(fate_table_read_rows(context, &table, columns, 4, &bad, schema), FATE_E_VERSION);
    bad = good;
    bad.next = NULL;
    assert_int_equal(fate_table_read_rows(context, &table, columns, 4, &bad, schema), FATE_E_ARGUMENT);
    bad = good;
    bad.field = NULL;
    assert_int_equal(fate_table_read_rows(context, &table, columns, 4, &bad, schema), FATE_E_ARGUMENT);
    assert_int_equal(source.calls, 0);
}

static int32_t build(void)
{
    struct source source = {0, 0, UINT32_MAX, 0};
    fate_table *table;
    int32_t result = read_with(&source, &table);
    fate_table_free(table);
    return result;
}

static void failing_allocations(void **state)
{
    (void)state;
    data_fail_allocations(build);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_equal_csv),
        cmocka_unit_test(codes_of_the_application_come_back),
        cmocka_unit_test(bad_sources_are_refused),
        cmocka_unit_test(failing_allocations),
    };
    return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
