/* Normalisers: names, their order, and what they do to bytes; and ids of several columns, through the reader of CSV. */
#include "src/data/normalise.h"
#include "tests/support/data.h"

static void names_are_read_and_written(void **state)
{
    (void)state;
    static const char *const bad[] = {"trim trim", "Trim", " trim", "trim ", "trim  fold", "upper", " "};
    char text[NORMALISE_TEXT];
    for (uint32_t normalisers = 0; normalisers < 8; normalisers++) {
        uint32_t again = 99;
        normalise_write(text, normalisers);
        assert_true(normalise_read(text, &again));
        assert_int_equal(again, normalisers);
    }
    uint32_t found;
    assert_true(normalise_read("digits trim", &found));
    assert_int_equal(found, NORMALISE_TRIM | NORMALISE_DIGITS);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(normalise_read(bad[i], &found));
}

static void check(uint32_t normalisers, const char *from, const char *expected)
{
    uint8_t bytes[64];
    memcpy(bytes, from, strlen(from));
    uint64_t length = normalise_bytes(normalisers, bytes, strlen(from));
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(bytes, expected, length);
    assert_int_equal(normalise_bytes(normalisers, bytes, length), length); /* a second time changes nothing */
}

static void bytes_are_normalised(void **state)
{
    (void)state;
    check(0, " A b\t", " A b\t");
    check(NORMALISE_TRIM, " \t\r\nA b\v\f ", "A b");
    check(NORMALISE_TRIM, " \t ", "");
    check(NORMALISE_FOLD, "aZ@[\xc3\x84", "az@[\xc3\x84");
    check(NORMALISE_DIGITS, "+49 (0)30-12\xc2\xb2", "4903012");
    check(NORMALISE_TRIM | NORMALISE_FOLD, " AbC ", "abc");
    check(NORMALISE_TRIM | NORMALISE_FOLD | NORMALISE_DIGITS, " x9Y", "9");
}

static fate_schema *two_columns(const char *first, const char *second)
{
    fate_schema *made = NULL;
    assert_int_equal(fate_schema_new(context, &made), FATE_OK);
    assert_int_equal(fate_schema_add_id(made, "phone", first), FATE_OK);
    assert_int_equal(fate_schema_add_id(made, "birth", second), FATE_OK);
    return made;
}

static void assert_id(const fate_table *table, uint64_t row, const char *expected)
{
    uint64_t length = 0;
    const uint8_t *id = fate_table_row_id(table, row, &length);
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(id, expected, length);
}

static void several_columns_are_one_id(void **state)
{
    (void)state;
    static const char csv[] = "birth,x,phone\n 1970-01-02 ,1,030/12\n1|1,2,7\n\\,3,6\n";
    fate_schema *both = two_columns("digits", "trim");
    fate_table *table = NULL;
    assert_int_equal(fate_table_parse_csv(context, &table, "t", (const uint8_t *)csv, sizeof csv - 1, both), FATE_OK);
    assert_int_equal(fate_table_rows(table), 3);
    assert_id(table, 0, "03012|1970-01-02");
    assert_id(table, 1, "6|\\\\");
    assert_id(table, 2, "7|1\\|1");
    assert_true(fate_table_numbers(table, 0)[1] == 3);
    fate_table_free(table);
    static const char empty[] = "phone,birth\n--,1\n";
    assert_int_equal(fate_table_parse_csv(context, &table, "t", (const uint8_t *)empty, sizeof empty - 1, both), FATE_E_TABLE);
    assert_non_null(strstr(fate_context_error(context), "empty after the job's normalisers"));
    static const char missing[] = "phone\n1\n";
    assert_int_equal(fate_table_parse_csv(context, &table, "t", (const uint8_t *)missing, sizeof missing - 1, both), FATE_E_TABLE);
    assert_non_null(strstr(fate_context_error(context), "birth"));
    fate_schema_free(both);
}

static int32_t read_with(const char *rule, bool only, const char *csv, fate_table **table)
{
    fate_schema *made = NULL;
    assert_int_equal(fate_schema_new(context, &made), FATE_OK);
    assert_int_equal(fate_schema_add_id(made, "id", "fold"), FATE_OK);
    assert_int_equal(fate_schema_set_duplicates(made, rule), FATE_OK);
    assert_int_equal(fate_schema_set_ids_only(made, only), FATE_OK);
    int32_t result = fate_table_parse_csv(context, table, "t", (const uint8_t *)csv, strlen(csv), made);
    fate_schema_free(made);
    return result;
}

static void duplicates_follow_their_rule(void **state)
{
    (void)state;
    static const char csv[] = "id,x\nB,1\na,2\nb,3\nA,4\nb,5\n";
    fate_table *table = NULL;
    assert_int_equal(read_with("error", false, csv, &table), FATE_E_TABLE);
    assert_int_equal(read_with("first", false, csv, &table), FATE_OK);
    assert_int_equal(fate_table_rows(table), 2);
    assert_true(fate_table_numbers(table, 0)[0] == 2 && fate_table_numbers(table, 0)[1] == 1);
    fate_table_free(table);
    assert_int_equal(read_with("many", false, csv, &table), FATE_OK);
    static const double order[] = {2, 4, 1, 3, 5};
    assert_int_equal(fate_table_rows(table), 5);
    assert_memory_equal(fate_table_numbers(table, 0), order, sizeof order);
    fate_table_free(table);
    assert_int_equal(read_with("many", true, "id,x\nz,no number\n", &table), FATE_OK);
    assert_int_equal(fate_table_columns(table), 0);
    fate_table_free(table);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    assert_int_equal(fate_schema_add_id(NULL, "a", ""), FATE_E_ARGUMENT);
    assert_int_equal(fate_schema_add_id(schema, NULL, ""), FATE_E_ARGUMENT);
    assert_int_equal(fate_schema_add_id(schema, "a", NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_schema_add_id(schema, "a", "upper"), FATE_E_ARGUMENT);
    assert_int_equal(fate_schema_add_id(schema, "id", ""), FATE_E_ARGUMENT);
    assert_int_equal(fate_schema_set_duplicates(schema, "last"), FATE_E_ARGUMENT);
    assert_int_equal(fate_schema_set_duplicates(NULL, "many"), FATE_E_ARGUMENT);
    assert_int_equal(fate_schema_set_ids_only(NULL, 1), FATE_E_ARGUMENT);
}

static int32_t read_once(void)
{
    fate_schema *made = NULL;
    fate_table *table = NULL;
    static const char csv[] = "a,b\n1,2\n3,4\n1,2\n";
    int32_t result = fate_schema_new(context, &made);
    if (result == FATE_OK) result = fate_schema_add_id(made, "a", "trim");
    if (result == FATE_OK) result = fate_schema_add_id(made, "b", "");
    if (result == FATE_OK) result = fate_schema_set_duplicates(made, "first");
    if (result == FATE_OK) result = fate_table_parse_csv(context, &table, "t", (const uint8_t *)csv, sizeof csv - 1, made);
    fate_table_free(table);
    fate_schema_free(made);
    return result;
}

static void allocations_may_fail(void **state)
{
    (void)state;
    data_fail_allocations(read_once);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_read_and_written),
        cmocka_unit_test(bytes_are_normalised),
        cmocka_unit_test_setup_teardown(several_columns_are_one_id, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(duplicates_follow_their_rule, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(nonsense_is_refused, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(allocations_may_fail, data_setup, data_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
