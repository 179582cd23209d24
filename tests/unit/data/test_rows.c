/* Rows of text fields: what is missing, a number, a category; and every sentence about a bad one. */
#include "tests/support/data.h"

#include "src/data/rows.h"
#include <math.h>

static struct rows_field field(const char *text)
{
    return (struct rows_field){(const uint8_t *)text, text ? strlen(text) : 0};
}

/* Begins rows with these columns, up to NULL. */
static int32_t begin(struct rows *rows, const char *name, const char *const *columns)
{
    struct rows_field names[8];
    uint64_t count = 0;
    for (; columns[count]; count++) names[count] = field(columns[count]);
    rows_init(rows, context, schema, name);
    return rows_set_columns(rows, names, count);
}

static void marks_are_missing(void **state)
{
    (void)state;
    static const char *const missing[] = {NULL, "", "NA", "N/A", "NaN", "null", "NULL", "None", "?"};
    static const char *const present[] = {"na", "NAN", "none", "Null", "N/A ", "??", " "};
    static const char *const columns[] = {"id", "c", "n", NULL};
    enum { MISSING = sizeof missing / sizeof missing[0], PRESENT = sizeof present / sizeof present[0] };
    struct rows rows;
    fate_table *table;
    assert_int_equal(begin(&rows, "f", columns), FATE_OK);
    for (uint32_t i = 0; i < MISSING + PRESENT; i++) {
        char id[] = {(char)('a' + i), 0};
        assert_int_equal(rows_begin(&rows, i), FATE_OK);
        assert_int_equal(rows_add(&rows, 0, field(id)), FATE_OK);
        assert_int_equal(rows_add(&rows, 1, field(i < MISSING ? missing[i] : present[i - MISSING])), FATE_OK);
        assert_int_equal(rows_add(&rows, 2, field(i < MISSING ? missing[i] : "1")), FATE_OK);
    }
    assert_int_equal(rows_finish(&rows, &table), FATE_OK);
    rows_free(&rows);
    for (uint32_t i = 0; i < MISSING + PRESENT; i++) {
        uint32_t code = fate_table_codes(table, 0)[i];
        assert_int_equal(code == UINT32_MAX, i < MISSING);
        assert_int_equal(isnan(fate_table_numbers(table, 1)[i]) != 0, i < MISSING);
        if (i >= MISSING) assert_string_equal(fate_table_category(table, 0, code), present[i - MISSING]);
    }
    fate_table_free(table);
}

static void blanks_around_numbers_do_not_count(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } cases[] = {{" 1.5", 1.5},     {"\t-2e3 ", -2000}, {"+.5", 0.5},      {" NA ", NAN},     {"  ", NAN},
                 {"1e-400", 0},     {"0x10", INFINITY}, {"1,5", INFINITY}, {"inf", INFINITY}, {"1e999", INFINITY},
                 {"1 2", INFINITY}, {"-", INFINITY},    {"nan", INFINITY}};
    static const char *const columns[] = {"id", "n", NULL};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct rows rows;
        assert_int_equal(begin(&rows, "f", columns), FATE_OK);
        assert_int_equal(rows_begin(&rows, 1), FATE_OK);
        int32_t result = rows_add(&rows, 1, field(cases[i].text));
        assert_int_equal(result, isinf(cases[i].value) ? FATE_E_TABLE : FATE_OK);
        if (result == FATE_OK) {
            double value = *(double *)rows.columns[1].values;
            assert_true(value == cases[i].value || (isnan(value) && isnan(cases[i].value)));
        }
        rows_free(&rows);
    }
}

static void refuse_columns(const char *name, const char *const *columns, int32_t code, const char *sentence)
{
    struct rows rows;
    assert_int_equal(begin(&rows, name, columns), code);
    assert_string_equal(fate_context_error(context), sentence);
    rows_free(&rows);
}

static void bad_columns_are_refused(void **state)
{
    (void)state;
    static const char *const twice[] = {"id", "a", "b", "a", NULL}, *const nameless[] = {"id", "", NULL}, *const no_id[] = {"a", "b", NULL};
    static const char *const no_columns[] = {NULL}, *const no_label[] = {"id", "w", NULL}, *const no_weight[] = {"id", "y", NULL};
    refuse_columns("f.csv", twice, FATE_E_TABLE, "f.csv: columns 2 and 4 are both named \"a\"; give each a name of its own");
    refuse_columns(NULL, nameless, FATE_E_TABLE, "column 2 has no name; the first line must name every column");
    refuse_columns("f.csv", no_id, FATE_E_TABLE,
                   "f.csv: there is no column \"id\", which the job names as the id; the columns are \"a\", \"b\"");
    refuse_columns(NULL, no_columns, FATE_E_TABLE, "there is no column \"id\", which the job names as the id; the columns are ");
    assert_int_equal(fate_schema_set_label(schema, "y", 1), FATE_OK);
    refuse_columns("f.csv", no_label, FATE_E_TABLE,
                   "f.csv: there is no column \"y\", which the job names as the label; the columns are \"id\", \"w\"");
    refuse_columns("f.csv", no_weight, FATE_E_TABLE,
                   "f.csv: there is no column \"w\", which the job names as the weight; the columns are \"id\", \"y\"");
    assert_int_equal(fate_schema_set_weight(schema, "id"), FATE_OK);
    refuse_columns("f.csv", no_id, FATE_E_ARGUMENT, "id, label and weight must be different columns; \"id\" is named for two of them");
}

static void zero_bytes_are_refused(void **state)
{
    (void)state;
    struct rows rows;
    static const char *const columns[] = {"id", "c", NULL};
    static const struct rows_field names[] = {{(const uint8_t *)"id", 2}, {(const uint8_t *)"a\0b", 3}};
    rows_init(&rows, context, schema, "f.csv");
    assert_int_equal(rows_set_columns(&rows, names, 2), FATE_E_TABLE);
    assert_string_equal(fate_context_error(context), "f.csv: column 2 has a zero byte in its name; the first line must name every column");
    rows_free(&rows);
    assert_int_equal(begin(&rows, "f.csv", columns), FATE_OK);
    assert_int_equal(rows_begin(&rows, 7), FATE_OK);
    assert_int_equal(rows_add(&rows, 0, (struct rows_field){(const uint8_t *)"a\0b", 3}), FATE_OK);
    assert_int_equal(rows_add(&rows, 1, (struct rows_field){(const uint8_t *)"a\0b", 3}), FATE_E_TABLE);
    assert_string_equal(fate_context_error(context), "f.csv, line 7, column \"c\": \"a\\x00b\" holds a zero byte; a category is a text");
    rows_free(&rows);
}

static void refuse_field(uint32_t column, struct rows_field given, int32_t code, const char *sentence)
{
    static const char *const columns[] = {"id", "y", "w", "c", "n", NULL};
    struct rows rows;
    assert_int_equal(begin(&rows, NULL, columns), FATE_OK);
    assert_int_equal(rows_begin(&rows, 1), FATE_OK);
    assert_int_equal(rows_begin(&rows, 2), FATE_OK);
    assert_int_equal(rows_add(&rows, column, given), code);
    assert_string_equal(fate_context_error(context), sentence);
    rows_free(&rows);
}

static void bad_fields_are_refused(void **state)
{
    (void)state;
    static const uint8_t byte = 0;
    refuse_field(0, field(""), FATE_E_TABLE, "row 2, column \"id\": the id is missing; give the row an id or leave it out");
    refuse_field(0, field("NA"), FATE_E_TABLE, "row 2, column \"id\": the id is missing; give the row an id or leave it out");
    refuse_field(1, field(NULL), FATE_E_TABLE, "row 2, column \"y\": the label is missing; give the row a label or leave it out");
    refuse_field(1, field("good"), FATE_E_TABLE, "row 2, column \"y\": \"good\" is not a number; labels are numbers: correct the value");
    refuse_field(2, field("?"), FATE_E_TABLE, "row 2, column \"w\": the weight is missing; give the row a weight or leave it out");
    refuse_field(2, field("-1e999"), FATE_E_TABLE,
                 "row 2, column \"w\": \"-1e999\" is too large for a double; correct it or leave the row out");
    refuse_field(2, field("x"), FATE_E_TABLE, "row 2, column \"w\": \"x\" is not a number; weights are numbers: correct the value");
    refuse_field(2, field("-1"), FATE_E_TABLE, "row 2, column \"w\": \"-1\" is negative; a weight is 0 or more: correct the value");
    refuse_field(4, field("abc"), FATE_E_TABLE,
                 "row 2, column \"n\": \"abc\" is not a number; list the column under \"categorical\" in the job or correct the value");
    refuse_field(3, (struct rows_field){&byte, rows_longest_field + 1}, FATE_E_LIMIT,
                 "row 2, column \"c\": the field is longer than 16 MiB; shorten it");
}

static void too_many_columns_are_refused(void **state)
{
    (void)state;
    struct rows rows;
    rows_init(&rows, context, schema, "f.csv");
    assert_int_equal(rows_set_columns(&rows, NULL, 65536), FATE_E_LIMIT);
    assert_string_equal(fate_context_error(context), "f.csv: there are more than 65535 columns");
    rows_free(&rows);
}

static void equal_ids_are_named_with_both_lines(void **state)
{
    (void)state;
    static const char *const columns[] = {"id", NULL}, *const ids[] = {"b", "a", "c", "a"};
    struct rows rows;
    fate_table *table = NULL;
    assert_int_equal(begin(&rows, "f.csv", columns), FATE_OK);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(rows_begin(&rows, 10 * i), FATE_OK);
        assert_int_equal(rows_add(&rows, 0, field(ids[i])), FATE_OK);
    }
    assert_int_equal(rows_finish(&rows, &table), FATE_E_TABLE);
    assert_null(table);
    assert_string_equal(
        fate_context_error(context),
        "f.csv, lines 10 and 30 have the same id \"a\"; every id occurs once, unless the job says \"duplicates\": \"first\"");
    rows_free(&rows);
}

static int32_t build(void)
{
    static const char *const columns[] = {"c", "n", "id", "y", "w", "d", NULL};
    struct rows rows;
    fate_table *table = NULL;
    int32_t result = begin(&rows, NULL, columns);
    for (uint32_t i = 0; i < 200 && result == FATE_OK; i++) {
        char text[16];
        snprintf(text, sizeof text, "%u", i);
        result = rows_begin(&rows, i);
        for (uint32_t column = 0; column < 6 && result == FATE_OK; column++) result = rows_add(&rows, column, field(text));
    }
    if (result == FATE_OK) result = rows_finish(&rows, &table);
    rows_free(&rows);
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
        cmocka_unit_test_setup_teardown(marks_are_missing, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(blanks_around_numbers_do_not_count, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(bad_columns_are_refused, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(zero_bytes_are_refused, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(bad_fields_are_refused, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(too_many_columns_are_refused, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(equal_ids_are_named_with_both_lines, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(failing_allocations, data_setup, data_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
