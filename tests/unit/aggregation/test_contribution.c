/* Tables as numbers of a ring: exact where they fit, an error where they do not. */
#include "src/models/aggregation/contribution.h"

#include <math.h>

#include "lib/context.h"
#include "tests/support/unit.h"

static fate_context *context;

static int open_context(void **state)
{
    (void)state;
    return context_new(&context, NULL);
}

static int close_context(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

static fate_table *table_of(const char *csv, const char *category)
{
    fate_table *table;
    fate_schema *schema;
    assert_int_equal(fate_schema_new(context, &schema), FATE_OK);
    assert_int_equal(fate_schema_set_id(schema, "id"), FATE_OK);
    if (category != NULL) assert_int_equal(fate_schema_add_categorical(schema, category), FATE_OK);
    assert_int_equal(fate_table_parse_csv(context, &table, "t", (const uint8_t *)csv, strlen(csv), schema), FATE_OK);
    fate_schema_free(schema);
    return table;
}

static void there_and_back(void **state)
{
    (void)state;
    fate_table *table = table_of("id,x,y\na,1.5,-100\nb,-0.25,99.125\n", NULL);
    for (uint32_t width = 4; width <= 8; width += 4) {
        struct aggregation_parameters parameters = {.width = width, .bound = 100, .weight_bound = 1, .fraction = width == 4 ? 16 : 40};
        uint8_t values[4 * 8], sum[4 * 8];
        double out[4];
        assert_int_equal(contribution_count(&parameters, table), 4);
        assert_int_equal(contribution_make(context, values, &parameters, table), FATE_OK);
        memcpy(sum, values, sizeof sum);
        for (int i = 0; i < 3; i++)
            for (uint32_t at = 0; at < 4; at++) {
                if (width == 4) bytes_store_u32(sum + 4 * at, bytes_load_u32(sum + 4 * at) + bytes_load_u32(values + 4 * at));
                if (width == 8) bytes_store_u64(sum + 8 * at, bytes_load_u64(sum + 8 * at) + bytes_load_u64(values + 8 * at));
            }
        contribution_read(out, 4, 2, sum, &parameters);
        assert_true(out[0] == 6.0 && out[1] == -1.0 && out[2] == -400.0 && out[3] == 396.5);
    }
    fate_table_free(table);
}

static void means_divide_afterwards(void **state)
{
    (void)state;
    fate_table *table = table_of("id,w,x\na,4,2\nb,0.5,3\n", NULL);
    struct aggregation_parameters parameters = {
        .mean = true, .weight = "w", .width = 8, .bound = 100, .weight_bound = 4, .fraction = 30, .weight_fraction = 40};
    uint8_t values[4 * 8];
    double out[2];
    assert_int_equal(contribution_count(&parameters, table), 4);
    assert_int_equal(contribution_make(context, values, &parameters, table), FATE_OK);
    contribution_read(out, 2, 2, values, &parameters);
    assert_true(out[0] == 2.0 && out[1] == 3.0);
    assert_true(bytes_load_u64(values) == (uint64_t)8 << 30 && bytes_load_u64(values + 16) == (uint64_t)4 << 40);
    bytes_store_u64(values + 16, 0);
    contribution_read(out, 2, 2, values, &parameters);
    assert_true(isnan(out[0]) && out[1] == 3.0);
    fate_table_free(table);
}

static void weights_that_cannot_be(void **state)
{
    (void)state;
    struct aggregation_parameters parameters = {.mean = true, .weight = "w", .width = 8, .bound = 100, .weight_bound = 4};
    const char *const tables[] = {"id,x\na,1\n", "id,w,x\na,-1,1\n", "id,w,x\na,5,1\n", "id,w,x\na,,1\n"};
    const char *const sentences[] = {"no column \"w\"", "column \"w\"", "bound of 4", "missing"};
    for (int i = 0; i < 4; i++) {
        fate_table *table = table_of(tables[i], NULL);
        uint8_t values[4 * 8];
        assert_int_equal(contribution_make(context, values, &parameters, table), FATE_E_TABLE);
        if (strstr(fate_context_error(context), sentences[i]) == NULL) fail_msg("%s", fate_context_error(context));
        fate_table_free(table);
    }
}

static void what_cannot_be_summed(void **state)
{
    (void)state;
    const struct {
        const char *csv, *category, *sentence;
    } cases[] = {{"id,x\na,1\nb,\n", NULL, "row \"b\", column \"x\": the value is missing"},
                 {"id,x\na,1\nb,100.5\n", NULL, "row \"b\", column \"x\": the value is beyond the job's bound of 100"},
                 {"id,x\na,-101\n", NULL, "row \"a\""},
                 {"id,x\na,red\n", "x", "column \"x\" has no numbers"},
                 {"id\na\n", NULL, "no numbers to add up"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fate_table *table = table_of(cases[i].csv, cases[i].category);
        struct aggregation_parameters parameters = {.width = 8, .bound = 100, .weight_bound = 1, .fraction = 40};
        uint8_t values[8 * 8];
        assert_int_equal(contribution_make(context, values, &parameters, table), FATE_E_TABLE);
        if (strstr(fate_context_error(context), cases[i].sentence) == NULL) fail_msg("%s", fate_context_error(context));
        fate_table_free(table);
    }
}

static void layouts(void **state)
{
    (void)state;
    const char *const tables[] = {"id,x,y\na,1,2\n", "id,x,z\na,1,2\n", "id,x,y\nb,1,2\n", "id,xy\na,1\n"};
    uint8_t digests[4][LAYOUT_DIGEST], same[LAYOUT_DIGEST];
    for (int i = 0; i < 4; i++) {
        fate_table *table = table_of(tables[i], NULL);
        contribution_layout(digests[i], table);
        fate_table_free(table);
        for (int j = 0; j < i; j++) assert_memory_not_equal(digests[i], digests[j], LAYOUT_DIGEST);
    }
    fate_table *table = table_of("id,x,y\na,7,8\n", NULL);
    contribution_layout(same, table);
    assert_memory_equal(same, digests[0], LAYOUT_DIGEST);
    fate_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(there_and_back), cmocka_unit_test(means_divide_afterwards),
                                       cmocka_unit_test(weights_that_cannot_be), cmocka_unit_test(what_cannot_be_summed),
                                       cmocka_unit_test(layouts)};
    return cmocka_run_group_tests(tests, open_context, close_context);
}
