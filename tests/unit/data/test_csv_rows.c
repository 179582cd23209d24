/* Rows of a CSV file in another order: every piece size gives the same bytes; fields keep their text; what does not fit is refused. */
#include "src/data/csv_rows.h"
#include "lib/file.h"
#include "tests/support/data.h"

#include <unistd.h>

static char from[64], to[64];

static void write_file(const char *text)
{
    snprintf(from, sizeof from, "/tmp/csv_rows_%ld.csv", (long)getpid());
    snprintf(to, sizeof to, "/tmp/csv_rows_%ld.out", (long)getpid());
    assert_int_equal(file_replace(context, from, text, strlen(text)), FATE_OK);
}

static void expect(const uint32_t *rows, uint64_t count, bool numbered, const char *expected)
{
    static const uint64_t pieces[] = {1, 8, 20, 1 << 20};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct buffer found;
        buffer_init(&found, context);
        assert_int_equal(csv_rows_write(context, from, to, rows, count, numbered, pieces[i]), FATE_OK);
        assert_int_equal(file_read(context, &found, to, 1 << 20), FATE_OK);
        buffer_u8(&found, 0);
        assert_string_equal((const char *)found.bytes, expected);
        buffer_free(&found);
    }
}

static void rows_come_in_any_order(void **state)
{
    (void)state;
    write_file("id,\"a,b\"\r\nx,\" 1\"\r\n\r\ny,\"say \"\"no\"\"\nor\"\r\nz,\r\n");
    expect((const uint32_t[]){2, 0, 1}, 3, false, "id,\"a,b\"\nz,\"\"\nx,\" 1\"\ny,\"say \"\"no\"\"\nor\"\n");
    expect((const uint32_t[]){0, 0, UINT32_MAX, 2}, 4, true, "row,id,\"a,b\"\n1,x,\" 1\"\n2,x,\" 1\"\n3,\"\",\"\"\n4,z,\"\"\n");
    expect(NULL, 0, true, "row,id,\"a,b\"\n");
    uint32_t many[12] = {0};
    assert_int_equal(csv_rows_write(context, from, to, many, 12, true, 10), FATE_OK);
    struct buffer found;
    buffer_init(&found, context);
    assert_int_equal(file_read(context, &found, to, 1 << 20), FATE_OK);
    assert_memory_equal(found.bytes + strlen("row,id,\"a,b\"\n"), "01,x", 4);
    buffer_free(&found);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    static const uint32_t third[] = {2};
    write_file("id,x\na,1\nb,2\n");
    assert_int_equal(csv_rows_write(context, from, to, third, 1, false, 100), FATE_E_TABLE);
    assert_int_equal(csv_rows_write(context, "/nowhere/x.csv", to, third, 1, false, 100), FATE_E_FILE);
    assert_int_equal(csv_rows_write(context, from, "/nowhere/x.csv", third, 0, false, 100), FATE_E_FILE);
    write_file("id,x\na,1,2\n");
    assert_int_equal(csv_rows_write(context, from, to, third, 1, false, 100), FATE_E_TABLE);
    write_file("");
    assert_int_equal(csv_rows_write(context, from, to, third, 0, false, 100), FATE_E_TABLE);
}

static int32_t write_once(void)
{
    static const uint32_t rows[] = {1, 0, UINT32_MAX};
    return csv_rows_write(context, from, to, rows, 3, true, 12);
}

static void allocations_may_fail(void **state)
{
    (void)state;
    write_file("id,x\na,1\nb,2\n");
    data_fail_allocations(write_once);
    unlink(from);
    unlink(to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_come_in_any_order, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(what_does_not_fit_is_refused, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(allocations_may_fail, data_setup, data_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
