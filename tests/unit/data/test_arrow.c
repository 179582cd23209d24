/* Record batches as tables: equal to the same CSV, every role and type, what is against the specification, releases, allocations. */
#include "tests/support/data.h"

#include "tests/support/arrow.h"
#include <math.h>

static const int32_t id_offsets[] = {0, 2, 4, 6};
static const double labels[] = {1, 0, 1}, weights[] = {1, 0.5, 2}, numbers[] = {1.5, NAN, -3};
static const int32_t category_offsets[] = {0, 3, 3, 7};
static const uint8_t second_null[] = {5};

/* Three rows with every role; the same as the text. */
static const char text[] = "id,y,w,n,c,e\nr2,1,1,1.5,red,x\nr1,0,0.5,,,yy\nr3,1,2,-3,blue,x\n";

static void begin(struct arrow_batch *batch)
{
    static const int8_t indices[] = {1, 0, 1};
    static const int64_t entries[] = {0, 2, 3};
    arrow_begin(batch, 3);
    arrow_add(batch, "id", "u", NULL, id_offsets, "r2r1r3");
    arrow_add(batch, "y", "g", NULL, labels, NULL);
    arrow_add(batch, "w", "g", NULL, weights, NULL);
    arrow_add(batch, "n", "g", NULL, numbers, NULL);
    arrow_add(batch, "c", "u", second_null, category_offsets, "redblue");
    arrow_add(batch, "e", "c", NULL, indices, NULL);
    arrow_encode(batch, "U", 2, NULL, entries, "yyx");
}

static int32_t import(struct arrow_batch *batch, fate_table **table)
{
    return fate_table_import_arrow(context, table, &batch->schema, &batch->array, 1, schema);
}

/* Must be refused, and nothing be released. */
static void refuse(struct arrow_batch *batch, int32_t code, const char *sentence)
{
    fate_table *table = (fate_table *)batch;
    int releases = arrow_releases;
    assert_int_equal(import(batch, &table), code);
    assert_null(table);
    if (!strstr(fate_context_error(context), sentence)) print_message("%s\n", fate_context_error(context));
    assert_non_null(strstr(fate_context_error(context), sentence));
    assert_int_equal(arrow_releases, releases);
}

static void a_batch_equals_the_same_csv(void **state)
{
    (void)state;
    struct arrow_batch batch;
    fate_table *table, *other;
    fate_schema *own;
    begin(&batch);
    arrow_releases = 0;
    assert_int_equal(import(&batch, &table), FATE_OK);
    assert_int_equal(arrow_releases, 1);
    assert_null(batch.array.release);
    assert_non_null(batch.schema.release);
    assert_int_equal(import(&batch, &other), FATE_E_ARGUMENT);
    assert_string_equal(fate_context_error(context), "record batch 1 has been released");
    assert_int_equal(fate_schema_new(context, &own), FATE_OK);
    assert_int_equal(fate_schema_set_id(own, "id"), FATE_OK);
    assert_int_equal(fate_schema_set_label(own, "y", 1), FATE_OK);
    assert_int_equal(fate_schema_set_weight(own, "w"), FATE_OK);
    assert_int_equal(fate_schema_add_categorical(own, "c"), FATE_OK);
    assert_int_equal(fate_schema_add_categorical(own, "e"), FATE_OK);
    assert_int_equal(fate_table_parse_csv(context, &other, "t.csv", (const uint8_t *)text, sizeof text - 1, own), FATE_OK);
    data_equal(table, other);
    fate_table_free(table);
    fate_table_free(other);
    fate_schema_free(own);
}

/* Rows 1 and 2 of the batch by an offset of the struct or of its columns, and the rest as a second batch. */
static void offsets_and_several_batches(void **state)
{
    (void)state;
    for (int where = 0; where < 2; where++) {
        struct arrow_batch first, second;
        fate_table *table, *other;
        begin(&first);
        begin(&second);
        second.array.length = 2;
        if (where == 0) second.array.offset = 1;
        for (int64_t i = 0; i < second.array.n_children; i++) {
            if (where == 1) second.values[i].offset = 1;
            if (where == 1) second.values[i].length = 2;
            first.values[i].length = 1;
        }
        first.array.length = 1;
        struct ArrowArray batches[2] = {first.array, second.array};
        arrow_releases = 0;
        assert_int_equal(fate_table_import_arrow(context, &table, &first.schema, batches, 2, schema), FATE_OK);
        assert_int_equal(arrow_releases, 2);
        begin(&first);
        assert_int_equal(import(&first, &other), FATE_OK);
        data_equal(table, other);
        fate_table_free(table);
        fate_table_free(other);
    }
}

static void no_batches_and_no_rows(void **state)
{
    (void)state;
    struct arrow_batch batch;
    fate_table *table;
    begin(&batch);
    assert_int_equal(fate_table_import_arrow(context, &table, &batch.schema, NULL, 0, schema), FATE_OK);
    assert_int_equal(fate_table_rows(table), 0);
    assert_int_equal(fate_table_columns(table), 3);
    fate_table_free(table);
    batch.array.length = 0;
    for (int i = 0; i < 6; i++) memset(batch.buffers[i], 0, sizeof batch.buffers[i]);
    assert_int_equal(import(&batch, &table), FATE_OK);
    assert_int_equal(fate_table_rows(table), 0);
    fate_table_free(table);
}

/* Two elements, in little-endian order, in the machine's. */
static const uint8_t *in_machine_order(uint8_t *to, const uint8_t *from, const char *format)
{
    const uint16_t one = 1;
    size_t size = strchr("cCb", *format) ? 1 : strchr("sS", *format) ? 2 : strchr("iIf", *format) ? 4 : 8;
    bool is_little = *(const uint8_t *)&one == 1;
    for (size_t i = 0; i < 2 * size; i++) to[i] = from[is_little ? i : i / size * size + size - 1 - i % size];
    return to;
}

/* Every type as a feature, an id and a category. */
static void every_type(void **state)
{
    (void)state;
    static const uint8_t bits[] = {5};
    static const struct {
        const char *format;
        uint8_t bytes[24]; /* little-endian */
        double numbers[2];
        const char *texts[2]; /* in bytewise order; NULL: no id */
        bool no_category;
    } cases[] = {
        {"c", {0x80, 3}, {-128, 3}, {"-128", "3"}, false},
        {"C", {200, 9}, {200, 9}, {"200", "9"}, false},
        {"s", {0, 0x80, 5, 0}, {-32768, 5}, {"-32768", "5"}, false},
        {"S", {0xff, 0xff, 7, 0}, {65535, 7}, {"65535", "7"}, false},
        {"i", {0, 0, 0, 0x80, 1, 0, 0, 0}, {-2147483648.0, 1}, {"-2147483648", "1"}, false},
        {"I", {0xff, 0xff, 0xff, 0xff, 5}, {4294967295.0, 5}, {"4294967295", "5"}, false},
        {"l", {0, 0, 0, 0, 0, 0, 0, 0x80, 1}, {-9223372036854775808.0, 1}, {"-9223372036854775808", "1"}, false},
        {"L", {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2}, {18446744073709551615.0, 2}, {"18446744073709551615", "2"}, false},
        {"f", {0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0}, {1, -2.5}, {NULL, NULL}, true},
        {"g", {0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 4, 0xc0}, {1, -2.5}, {NULL, NULL}, true},
        {"b", {2}, {0, 1}, {NULL, NULL}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct arrow_batch batch;
        fate_table *table;
        uint8_t place[16];
        const uint8_t *bytes = in_machine_order(place, cases[i].bytes, cases[i].format);
        arrow_begin(&batch, 2);
        arrow_add(&batch, "id", "u", NULL, id_offsets, "r1r2");
        arrow_add(&batch, "n", cases[i].format, bits + 0, bytes, NULL);
        batch.values[1].null_count = 0; /* the bitmap then does not count */
        assert_int_equal(import(&batch, &table), FATE_OK);
        assert_memory_equal(fate_table_numbers(table, 0), cases[i].numbers, sizeof cases[i].numbers);
        fate_table_free(table);

        arrow_begin(&batch, 2);
        arrow_add(&batch, "id", cases[i].format, NULL, bytes, NULL);
        if (!cases[i].texts[0]) {
            refuse(&batch, FATE_E_UNSUPPORTED, "ids are texts or integers");
        } else {
            assert_int_equal(import(&batch, &table), FATE_OK);
            for (uint64_t row = 0; row < 2; row++) {
                uint64_t length;
                const uint8_t *id = fate_table_row_id(table, row, &length);
                assert_int_equal(length, strlen(cases[i].texts[row]));
                assert_memory_equal(id, cases[i].texts[row], length);
            }
            fate_table_free(table);
        }

        arrow_begin(&batch, 2);
        arrow_add(&batch, "id", "z", NULL, id_offsets, "r1r2");
        arrow_add(&batch, "c", cases[i].format, NULL, bytes, NULL);
        if (cases[i].no_category) {
            refuse(&batch, FATE_E_UNSUPPORTED, "categories are texts, integers or bools");
            continue;
        }
        assert_int_equal(import(&batch, &table), FATE_OK);
        assert_string_equal(fate_table_category(table, 0, 0), cases[i].texts[0] ? cases[i].texts[0] : "false");
        assert_string_equal(fate_table_category(table, 0, 1), cases[i].texts[1] ? cases[i].texts[1] : "true");
        fate_table_free(table);
    }
}

static void nulls_are_missing(void **state)
{
    (void)state;
    static const int16_t indices[] = {0, 1, 1};
    static const int32_t entries[] = {0, 1, 2};
    static const uint8_t first_null[] = {2}, none_valid[] = {0};
    struct arrow_batch batch;
    fate_table *table;
    arrow_begin(&batch, 3);
    arrow_add(&batch, "id", "u", NULL, id_offsets, "r1r2r3");
    arrow_add(&batch, "n", "i", second_null, category_offsets, NULL);
    arrow_add(&batch, "m", "n", NULL, NULL, NULL);
    arrow_add(&batch, "c", "n", NULL, NULL, NULL);
    arrow_add(&batch, "e", "s", second_null, indices, NULL);
    arrow_encode(&batch, "u", 2, first_null, entries, "ab");
    assert_int_equal(import(&batch, &table), FATE_OK);
    assert_true(fate_table_numbers(table, 0)[0] == 0 && isnan(fate_table_numbers(table, 0)[1]) && fate_table_numbers(table, 0)[2] == 3);
    assert_true(isnan(fate_table_numbers(table, 1)[0]) && isnan(fate_table_numbers(table, 1)[2]));
    assert_int_equal(fate_table_category_count(table, 2), 0);
    assert_int_equal(fate_table_codes(table, 2)[1], UINT32_MAX);
    assert_int_equal(fate_table_codes(table, 3)[0], UINT32_MAX); /* the entry is null */
    assert_int_equal(fate_table_codes(table, 3)[1], UINT32_MAX); /* the index is null */
    assert_int_equal(fate_table_codes(table, 3)[2], 0);
    assert_string_equal(fate_table_category(table, 3, 0), "b");
    fate_table_free(table);

    for (int i = 0; i < 3; i++) {
        static const char *const reasons[] = {"row 2, column \"id\": the id is missing", "row 2, column \"y\": the label is missing",
                                              "row 2, column \"w\": the weight is missing"};
        begin(&batch);
        batch.buffers[i][0] = second_null;
        batch.values[i].null_count = 1;
        refuse(&batch, FATE_E_TABLE, reasons[i]);
    }
    begin(&batch);
    batch.none[0] = second_null;
    batch.array.null_count = 1;
    refuse(&batch, FATE_E_TABLE, "rows that are null as a whole");
    batch.none[0] = none_valid;
    batch.array.null_count = -1;
    refuse(&batch, FATE_E_TABLE, "rows that are null as a whole");
}

static void bad_values_are_refused(void **state)
{
    (void)state;
    static const double infinite[] = {1, INFINITY, 2}, negative[] = {1, 1, -0.5}, no_label[] = {NAN, 1, 1};
    static const int32_t empty_id[] = {0, 2, 2, 4};
    struct arrow_batch batch;
    begin(&batch);
    batch.buffers[3][1] = infinite;
    refuse(&batch, FATE_E_TABLE, "row 2, column \"n\": the value is infinite");
    begin(&batch);
    batch.buffers[2][1] = negative;
    refuse(&batch, FATE_E_TABLE, "row 3, column \"w\": \"-0.5\" is negative");
    begin(&batch);
    batch.buffers[1][1] = no_label;
    refuse(&batch, FATE_E_TABLE, "row 1, column \"y\": the label is missing");
    begin(&batch);
    batch.buffers[0][1] = empty_id;
    refuse(&batch, FATE_E_TABLE, "row 2, column \"id\": the id is missing");
    begin(&batch);
    batch.buffers[0][2] = "r1r2r1";
    refuse(&batch, FATE_E_TABLE, "rows 1 and 3 have the same id \"r1\"");
    begin(&batch);
    batch.buffers[4][2] = "re\0blue";
    refuse(&batch, FATE_E_TABLE, "column \"c\": \"re\\x00\" holds a zero byte");
    begin(&batch);
    batch.columns[3].name = "c";
    refuse(&batch, FATE_E_TABLE, "columns 4 and 5 are both named \"c\"");
    batch.columns[3].name = NULL;
    refuse(&batch, FATE_E_TABLE, "column 4 has no name");
    begin(&batch);
    batch.columns[0].name = "key";
    refuse(&batch, FATE_E_TABLE, "there is no column \"id\"");
    begin(&batch);
    batch.columns[4].name = "t";
    refuse(&batch, FATE_E_UNSUPPORTED, "list it under \"categorical\"");
    begin(&batch);
    batch.columns[3].format = "tdD";
    refuse(&batch, FATE_E_UNSUPPORTED, "column \"n\" is of the Arrow type \"tdD\"");
    begin(&batch);
    batch.columns[1].format = "u";
    refuse(&batch, FATE_E_UNSUPPORTED, "labels and weights are numbers");
}

static void bad_structures_are_refused(void **state)
{
    (void)state;
    struct arrow_batch batch;
    fate_table *table = (fate_table *)&batch;
    begin(&batch);
    assert_int_equal(fate_table_import_arrow(NULL, &table, &batch.schema, &batch.array, 1, schema), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_import_arrow(context, NULL, &batch.schema, &batch.array, 1, schema), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_import_arrow(context, &table, NULL, &batch.array, 1, schema), FATE_E_ARGUMENT);
    assert_null(table);
    assert_int_equal(fate_table_import_arrow(context, &table, &batch.schema, NULL, 1, schema), FATE_E_ARGUMENT);
    assert_int_equal(fate_table_import_arrow(context, &table, &batch.schema, &batch.array, 1, NULL), FATE_E_ARGUMENT);
    int64_t *const numbers_of[] = {&batch.array.length, &batch.array.offset, &batch.array.n_children, &batch.array.n_buffers,
                                   &batch.schema.n_children};
    for (size_t i = 0; i < sizeof numbers_of / sizeof *numbers_of; i++) {
        begin(&batch);
        *numbers_of[i] = -1;
        refuse(&batch, FATE_E_FORMAT, "");
    }
    begin(&batch);
    batch.schema.release = NULL;
    refuse(&batch, FATE_E_ARGUMENT, "has been released");
    begin(&batch);
    batch.schema.format = "+l";
    refuse(&batch, FATE_E_UNSUPPORTED, "\"+s\"");
    begin(&batch);
    batch.schema.format = NULL;
    refuse(&batch, FATE_E_UNSUPPORTED, "\"+s\"");
    begin(&batch);
    batch.schema.n_children = 65536;
    refuse(&batch, FATE_E_LIMIT, "65535 columns");
    begin(&batch);
    batch.schema.children = NULL;
    refuse(&batch, FATE_E_FORMAT, "number of children");
    begin(&batch);
    batch.schema_pointers[2] = NULL;
    refuse(&batch, FATE_E_FORMAT, "column 3 of the Arrow schema is NULL");
    begin(&batch);
    batch.columns[2].release = NULL;
    refuse(&batch, FATE_E_FORMAT, "column 3 of the Arrow schema is NULL");
    begin(&batch);
    batch.columns[3].format = NULL;
    refuse(&batch, FATE_E_FORMAT, "column \"n\" has no format");
    begin(&batch);
    batch.pointers[2] = NULL;
    refuse(&batch, FATE_E_FORMAT, "has a column that is NULL");
    begin(&batch);
    batch.array.children = NULL;
    refuse(&batch, FATE_E_FORMAT, "has no columns");
    begin(&batch);
    batch.array.n_children = 5;
    refuse(&batch, FATE_E_FORMAT, "another number of columns");
    begin(&batch);
    batch.array.dictionary = &batch.values[0];
    refuse(&batch, FATE_E_FORMAT, "has a dictionary");
    begin(&batch);
    batch.array.null_count = 1;
    refuse(&batch, FATE_E_FORMAT, "null count");
    begin(&batch);
    batch.array.length = INT64_MAX;
    refuse(&batch, FATE_E_LIMIT, "there are more than 4294967294 rows");
    begin(&batch);
    batch.array.length = 4;
    refuse(&batch, FATE_E_FORMAT, "is shorter than the record batch");
}

static int32_t build(void)
{
    struct arrow_batch batch;
    fate_table *table;
    begin(&batch);
    int32_t result = import(&batch, &table);
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
        cmocka_unit_test(a_batch_equals_the_same_csv), cmocka_unit_test(offsets_and_several_batches),
        cmocka_unit_test(no_batches_and_no_rows),      cmocka_unit_test(every_type),
        cmocka_unit_test(nulls_are_missing),           cmocka_unit_test(bad_values_are_refused),
        cmocka_unit_test(bad_structures_are_refused),  cmocka_unit_test(failing_allocations),
    };
    return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
