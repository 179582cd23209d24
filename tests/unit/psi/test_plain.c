/* The plain intersection on sets that a person can check. */
#include "src/models/psi/plain.h"
#include "tests/support/data.h"

static void check(const char *const *texts, uint32_t count, bool left, const uint32_t *const *expected, uint64_t rows, uint64_t common)
{
    fate_table *tables[3];
    struct alignment alignments[3];
    struct psi_parameters parameters = {.learn = PSI_LEARN_BOTH, .left = left, .maximum_ratio = 100};
    assert_int_equal(fate_schema_set_duplicates(schema, "many"), FATE_OK);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(fate_table_parse_csv(context, &tables[i], "t", (const uint8_t *)texts[i], strlen(texts[i]), schema), FATE_OK);
    assert_int_equal(plain_align(context, alignments, &parameters, (const fate_table *const *)tables, count, 0), FATE_OK);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(alignments[i].count, rows);
        assert_memory_equal(alignments[i].rows, expected[i], rows * sizeof **expected);
        if (i == 0) assert_int_equal(alignments[i].intersection, common);
        alignment_free(&alignments[i]);
        fate_table_free(tables[i]);
    }
}

static void small_sets(void **state)
{
    (void)state;
    check((const char *const[]){"id\nb\na\nc\nb\n", "id\nc\nd\nb\n"}, 2, false,
          (const uint32_t *const[]){(const uint32_t[]){1, 2, 3}, (const uint32_t[]){0, 0, 1}}, 3, 2);
    check((const char *const[]){"id\nb\na\nc\n", "id\nc\nd\nb\n"}, 2, true,
          (const uint32_t *const[]){(const uint32_t[]){0, 1, 2}, (const uint32_t[]){TABLE_NO_ROW, 0, 1}}, 3, 2);
    check((const char *const[]){"id\na\nb\nc\n", "id\na\nb\n", "id\nb\nc\n"}, 3, false,
          (const uint32_t *const[]){(const uint32_t[]){1}, (const uint32_t[]){1}, (const uint32_t[]){0}}, 1, 1);
    check((const char *const[]){"id\n", "id\na\n"}, 2, false, (const uint32_t *const[]){(const uint32_t[]){0}, (const uint32_t[]){0}}, 0,
          0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(small_sets, data_setup, data_teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
