/* Tables from CSV: the demo's data, shuffled files, and sentences that name file, line, column, reason and remedy. */
#include "tests/support/data.h"

#include <fate/table.h>
#include <stdlib.h>
#include <unistd.h>

static void refuse(const char *text, const char *sentence)
{
    data_refuse(text, strlen(text), FATE_E_TABLE, sentence);
}

static void a_bad_table_is_explained(void **state)
{
    (void)state;
    refuse("id,income\na,1\n\"b\",\"\n2\"\n", "t.csv, line 3, column \"income\": \"\\x0a2\" is not a number; list the column under "
                                              "\"categorical\" in the job or correct the value");
    refuse("id,n\na,1\nb,1,2\n", "t.csv, line 3: the number of fields is 3, but the first line names 2 columns; check commas and quotes");
    refuse("id,n\na\n", "t.csv, line 2: the number of fields is 1, but the first line names 2 columns; check commas and quotes");
    refuse("id,n\na,1\n\"b\n\",2\n\n\"b\n\",3\n",
           "t.csv, lines 3 and 6 have the same id \"b\\x0a\"; every id occurs once, unless the job says \"duplicates\": \"first\"");
    refuse("id,n,n\n", "t.csv: columns 2 and 3 are both named \"n\"; give each a name of its own");
    refuse("id,n,\n", "t.csv: column 3 has no name; the first line must name every column");
    refuse("", "t.csv is empty; the first line must name the columns");
    refuse("\n\r\n", "t.csv is empty; the first line must name the columns");
    refuse("id;n\na;1\n",
           "t.csv: there is no column \"id\", which the job names as the id; the only column is \"id;n\": separate the fields by commas");
    refuse("id,n\n,1\n", "t.csv, line 2, column \"id\": the id is missing; give the row an id or leave it out");
    refuse("id,n\na,\"1", "t.csv, line 2, field 2: a quoted field begins here and never ends; close it with a quote");
}

static void long_names_leave_room_for_the_reason(void **state)
{
    (void)state;
    char name[3000];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = 0;
    fate_table *table;
    assert_int_equal(fate_table_parse_csv(context, &table, name, (const uint8_t *)"id,n\na,b\n", 9, schema), FATE_E_TABLE);
    assert_non_null(strstr(fate_context_error(context), "nnn, line 2, column \"n\": \"b\" is not a number; list"));
    assert_int_equal(fate_table_read_csv(context, &table, name, schema), FATE_E_FILE);
    assert_non_null(strstr(fate_context_error(context), "cannot open \"nnn"));
}

static void sizes_at_the_edge(void **state)
{
    (void)state;
    fate_table *table = data_table("id");
    assert_int_equal(fate_table_rows(table), 0);
    assert_int_equal(fate_table_columns(table), 0);
    fate_table_free(table);
    table = data_table("id,n,c,y,w\n");
    assert_int_equal(fate_table_rows(table), 0);
    assert_int_equal(fate_table_columns(table), 2);
    assert_non_null(fate_table_label(table));
    assert_non_null(fate_table_codes(table, 1));
    fate_table_free(table);
    table = data_table("id\nb\na\n");
    assert_int_equal(fate_table_rows(table), 2);
    assert_null(fate_table_label(table));
    assert_null(fate_table_weight(table));
    fate_table_free(table);
}

static void ids_are_any_bytes(void **state)
{
    (void)state;
    static const char text[] = "id,n\n\xff,4\n\"a\0\",2\n\"a\0b\",3\na,1\n \xc3,0\n";
    fate_table *table;
    assert_int_equal(fate_table_parse_csv(context, &table, "t.csv", (const uint8_t *)text, sizeof text - 1, schema), FATE_OK);
    for (uint64_t row = 0; row < 5; row++) assert_true(fate_table_numbers(table, 0)[row] == (double)row);
    fate_table_free(table);
}

static void arguments_are_checked(void **state)
{
    (void)state;
    fate_table *table;
    static const uint8_t text[] = "id\n";
    assert_int_equal(fate_table_parse_csv(NULL, &table, "t", text, 3, schema), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_parse_csv(context, NULL, "t", text, 3, schema), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_parse_csv(context, &table, NULL, text, 3, schema), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_parse_csv(context, &table, "t", NULL, 3, schema), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_parse_csv(context, &table, "t", text, 3, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_parse_csv(context, &table, "t", NULL, 0, schema), FATE_E_TABLE);
    assert_int_equal(fate_table_read_csv(NULL, &table, "t", schema), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_read_csv(context, NULL, "t", schema), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_read_csv(context, &table, NULL, schema), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_read_csv(context, &table, "t", NULL), FATE_E_ARGUMENT);
}

static void files_that_cannot_be_read(void **state)
{
    (void)state;
    fate_table *table;
    assert_int_equal(fate_table_read_csv(context, &table, "no/such.csv", schema), FATE_E_FILE);
    assert_string_equal(fate_context_error(context), "cannot open \"no/such.csv\": No such file or directory");
    assert_null(table);
    assert_int_equal(fate_table_read_csv(context, &table, "/", schema), FATE_E_FILE);
    assert_non_null(strstr(fate_context_error(context), "cannot read \"/\""));
}

static void other_formats_are_named(void **state)
{
    static const struct {
        const char *bytes, *sentence;
    } cases[] = {{"\x1f\x8b\x08 and so on", ": this looks like a compressed file; unpack it first"},
                 {"PK\x03\x04 and so on", ": this looks like a spreadsheet or an archive; save the table as CSV"},
                 {"PK", ": there is no column \"id\", which the job names as the id; the only column is \"PK\""}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[] = "/tmp/fate-test-XXXXXX";
        FILE *file = fdopen(mkstemp(path), "w");
        fate_table *table;
        assert_non_null(file);
        fputs(cases[i].bytes, file);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(fate_table_read_csv(context, &table, path, schema), FATE_E_TABLE);
        unlink(path);
        const char *sentence = fate_context_error(context);
        assert_int_equal(strncmp(sentence, path, strlen(path)), 0);
        assert_string_equal(sentence + strlen(path), cases[i].sentence);
    }
}

/* A file longer than one piece of reading equals its text, in any order of rows. */
static void shuffled_files_give_equal_tables(void **state)
{
    (void)state;
    enum { ROWS = 9000, WIDTH = 24 };
    static char rows[ROWS][WIDTH];
    static uint32_t order[ROWS];
    uint64_t chance = 17;
    fate_table *tables[2];
    for (uint32_t i = 0; i < ROWS; i++)
        snprintf(rows[i], WIDTH, "u%u,%u.%u,\"c%u\n\"\n", i, data_below(&chance, 1000), i % 10, data_below(&chance, 20));
    for (uint32_t round = 0; round < 2; round++) {
        char path[] = "/tmp/fate-test-XXXXXX";
        int descriptor = mkstemp(path);
        FILE *file = fdopen(descriptor, "w");
        assert_non_null(file);
        fputs("id,n,c\n", file);
        for (uint32_t i = 0; i < ROWS; i++) {
            uint32_t j = round ? data_below(&chance, i + 1) : i;
            order[i] = order[j];
            order[j] = i;
        }
        for (uint32_t i = 0; i < ROWS; i++) fputs(rows[order[i]], file);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(fate_table_read_csv(context, &tables[round], path, schema), FATE_OK);
        unlink(path);
    }
    assert_int_equal(fate_table_rows(tables[0]), ROWS);
    assert_int_equal(fate_table_category_count(tables[0], 1), 20);
    data_equal(tables[0], tables[1]);
    fate_table_free(tables[0]);
    fate_table_free(tables[1]);
}

static fate_table *read_demo(const char *name)
{
    static const char *const categorical[] = {
        "purpose",        "personal_status", "job",           "telephone",        "foreign_worker", "checking_account", "savings",
        "credit_history", "other_plans",     "other_debtors", "employment_since", "property",       "housing"};
    char path[100];
    fate_table *table;
    for (size_t i = 0; i < sizeof categorical / sizeof categorical[0]; i++)
        assert_int_equal(fate_schema_add_categorical(schema, categorical[i]), FATE_OK);
    snprintf(path, sizeof path, "examples/data/%s.csv", name);
    assert_int_equal(fate_table_read_csv(context, &table, path, schema), FATE_OK);
    return table;
}

static void the_demo_has_the_same_rows_on_both_sides(void **state)
{
    (void)state;
    static const char *const parts[] = {"train", "test"};
    static const uint64_t sizes[] = {700, 300};
    static const double bad[] = {220, 80};
    static const uint8_t key[32] = {0};
    for (uint32_t part = 0; part < 2; part++) {
        char name[32];
        uint8_t digests[2][32];
        double sum = 0;
        snprintf(name, sizeof name, "bank_%s", parts[part]);
        fate_table *bank = read_demo(name);
        snprintf(name, sizeof name, "partner_%s", parts[part]);
        fate_table *partner = read_demo(name);
        assert_int_equal(fate_table_rows(bank), sizes[part]);
        assert_int_equal(fate_table_columns(bank) + fate_table_columns(partner), 20);
        assert_int_equal(fate_table_id_digest(bank, digests[0], key), FATE_OK);
        assert_int_equal(fate_table_id_digest(partner, digests[1], key), FATE_OK);
        assert_memory_equal(digests[0], digests[1], 32);
        for (uint64_t row = 0; row < sizes[part]; row++) sum += fate_table_label(bank)[row];
        assert_true(sum == bad[part]);
        fate_table_free(bank);
        fate_table_free(partner);
    }
}

static void thirty_thousand_rows(void **state)
{
    (void)state;
    static const char path[] = "../shared/data/default_credit_hetero_guest.csv";
    fate_table *table;
    if (access(path, R_OK) != 0) {
        print_message("skipped: %s is not here\n", path);
        skip();
    }
    assert_int_equal(fate_table_read_csv(context, &table, path, schema), FATE_OK);
    assert_int_equal(fate_table_rows(table), 30000);
    assert_int_equal(fate_table_columns(table), 13);
    uint64_t length;
    assert_memory_equal(fate_table_row_id(table, 1, &length), "10", 2);
    assert_int_equal(length, 2);
    fate_table_free(table);
}

static int32_t read_small(void)
{
    fate_table *table;
    int32_t result = fate_table_read_csv(context, &table, "examples/data/bank_test.csv", schema);
    fate_table_free(table);
    return result;
}

static void failing_allocations(void **state)
{
    (void)state;
    fate_table_free(read_demo("bank_test")); /* names the categorical columns */
    data_fail_allocations(read_small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_bad_table_is_explained, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(long_names_leave_room_for_the_reason, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(sizes_at_the_edge, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(ids_are_any_bytes, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(arguments_are_checked, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(files_that_cannot_be_read, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(other_formats_are_named, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(shuffled_files_give_equal_tables, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(the_demo_has_the_same_rows_on_both_sides, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(thirty_thousand_rows, data_setup, data_teardown),
        cmocka_unit_test_setup_teardown(failing_allocations, data_setup, data_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
