/* Tables as sets of ids: with ids that stand in several rows, and without. */
#include "src/models/psi/set.h"
#include "tests/support/data.h"

static void check(const char *csv, uint64_t count, const uint32_t *first, const uint32_t *rows)
{
    fate_table *table = NULL;
    struct psi_set set;
    assert_int_equal(fate_schema_set_duplicates(schema, "many"), FATE_OK);
    assert_int_equal(fate_table_parse_csv(context, &table, "t", (const uint8_t *)csv, strlen(csv), schema), FATE_OK);
    assert_int_equal(psi_set_make(&set, context, table), FATE_OK);
    assert_int_equal(set.count, count);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t length, other;
        assert_int_equal(psi_set_row(&set, i), first[i]);
        assert_int_equal(psi_set_rows(&set, i), rows[i]);
        assert_ptr_equal(psi_set_id(&set, i, &length), fate_table_row_id(table, first[i], &other));
        assert_int_equal(length, other);
    }
    psi_set_free(&set);
    fate_table_free(table);
}

static void ids_are_counted_once(void **state)
{
    (void)state;
    check("id\n", 0, NULL, NULL);
    check("id\na\n", 1, (const uint32_t[]){0}, (const uint32_t[]){1});
    check("id\nb\na\nab\n", 3, (const uint32_t[]){0, 1, 2}, (const uint32_t[]){1, 1, 1});
    check("id\nb\na\nb\na\na\nc\n", 3, (const uint32_t[]){0, 3, 5}, (const uint32_t[]){3, 2, 1});
    check("id\na\na\n", 1, (const uint32_t[]){0}, (const uint32_t[]){2});
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(ids_are_counted_once, data_setup, data_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
