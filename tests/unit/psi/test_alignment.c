/* Alignments as bytes and back, held against tables; every damage is found or harmless. */
#include "src/models/psi/alignment.h"
#include "tests/support/data.h"

static const char csv[] = "id,x\na,1\nb,2\nc,3\n";

static fate_table *make_table(void)
{
    fate_table *table = NULL;
    assert_int_equal(fate_table_parse_csv(context, &table, "t", (const uint8_t *)csv, sizeof csv - 1, schema), FATE_OK);
    return table;
}

static void bytes_come_back(void **state)
{
    (void)state;
    fate_table *table = make_table();
    struct alignment made, read;
    struct buffer body;
    buffer_init(&body, context);
    assert_int_equal(alignment_init(&made, context, table), FATE_OK);
    made.own = 3;
    made.peer = 5;
    made.intersection = 2;
    assert_int_equal(alignment_reserve(&made, 2), FATE_OK);
    made.rows[0] = 2;
    made.rows[1] = 0;
    alignment_write(&made, &body);
    assert_int_equal(alignment_read(&read, context, body.bytes, body.length), FATE_OK);
    assert_true(read.has_rows && !read.left && read.own == 3 && read.peer == 5 && read.intersection == 2 && read.count == 2);
    assert_int_equal(alignment_check(&read, table), FATE_OK);
    assert_memory_equal(read.rows, made.rows, 8);
    read.rows[1] = TABLE_NO_ROW;
    assert_int_equal(alignment_check(&read, table), FATE_E_FORMAT);
    read.left = true;
    assert_int_equal(alignment_check(&read, table), FATE_OK);
    read.ids[0] ^= 1;
    assert_int_equal(alignment_check(&read, table), FATE_E_TABLE);
    alignment_free(&read);
    for (uint64_t length = 0; length < body.length; length++) {
        assert_int_equal(alignment_read(&read, context, body.bytes, length), FATE_E_FORMAT);
        alignment_free(&read);
    }
    body.bytes[0] = 2;
    assert_int_equal(alignment_read(&read, context, body.bytes, body.length), FATE_E_VERSION);
    body.bytes[0] = 1;
    body.bytes[1] = 0; /* no rows, and yet there are */
    assert_int_equal(alignment_read(&read, context, body.bytes, body.length), FATE_E_FORMAT);
    alignment_free(&made);
    buffer_free(&body);
    fate_table_free(table);
}

static void who_learns_no_rows_has_none(void **state)
{
    (void)state;
    fate_table *table = make_table();
    struct alignment made, read;
    struct buffer body;
    buffer_init(&body, context);
    assert_int_equal(alignment_init(&made, context, table), FATE_OK);
    alignment_write(&made, &body);
    assert_int_equal(alignment_read(&read, context, body.bytes, body.length), FATE_OK);
    assert_int_equal(alignment_check(&read, table), FATE_E_MODEL);
    alignment_free(&read);
    alignment_free(&made);
    buffer_free(&body);
    fate_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bytes_come_back, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(who_learns_no_rows_has_none, data_setup, data_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
