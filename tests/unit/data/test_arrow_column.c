/* Single columns: format strings, every defect of their structures, offsets of texts, indices, unaligned buffers. */
#include "tests/support/data.h"

#include "src/data/arrow_column.h"
#include "tests/support/arrow.h"

static void formats(void **state)
{
    (void)state;
    static const char *const taken[] = {"n", "b", "c", "C", "s", "S", "i", "I", "l", "L", "f", "g", "u", "z", "U", "Z"};
    static const char *const others[] = {"", "e", "x", "vu", "vz", "w:4", "d:10,2", "tdD", "tsu:", "+l", "+s", "uu", "g "};
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        int32_t type = arrow_type(taken[i]);
        assert_int_not_equal(type, 0);
        assert_int_equal(arrow_is_text(type), strchr("uzUZ", *taken[i]) != NULL);
        assert_int_equal(arrow_is_integer(type), strchr("cCsSiIlL", *taken[i]) != NULL);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) assert_int_equal(arrow_type(others[i]), 0);
}

static const int32_t offsets[] = {0, 1, 3};
static const int8_t indices[] = {1, 0};

/* Column 0 is a text of two rows, column 1 an encoded one. */
static void begin(struct arrow_batch *batch)
{
    arrow_begin(batch, 2);
    arrow_add(batch, "t", "u", NULL, offsets, "abc");
    arrow_add(batch, "e", "c", NULL, indices, NULL);
    arrow_encode(batch, "u", 2, NULL, offsets, "xyz");
}

static int32_t open_column(struct arrow_batch *batch, int which, struct arrow_column *column)
{
    return arrow_column_open(context, column, &batch->columns[which], &batch->values[which], 0, 2, "name");
}

static void refuse(struct arrow_batch *batch, int which, const char *sentence)
{
    struct arrow_column column;
    assert_int_equal(open_column(batch, which, &column), FATE_E_FORMAT);
    assert_non_null(strstr(fate_context_error(context), "column \"name\" "));
    assert_non_null(strstr(fate_context_error(context), sentence));
}

static void defects(void **state)
{
    (void)state;
    struct arrow_batch batch;
    begin(&batch);
    batch.values[0].release = NULL;
    refuse(&batch, 0, "has been released");
    static const int64_t bad_lengths[] = {-1, INT64_MIN, INT64_MAX};
    for (size_t i = 0; i < 3; i++) {
        begin(&batch);
        batch.values[0].length = bad_lengths[i];
        refuse(&batch, 0, "length");
        begin(&batch);
        batch.values[0].offset = bad_lengths[i];
        refuse(&batch, 0, "offset");
        begin(&batch);
        batch.values[1].dictionary->length = bad_lengths[i];
        refuse(&batch, 1, "length");
    }
    static const int64_t bad_counts[] = {-2, 3, INT64_MIN, INT64_MAX};
    for (size_t i = 0; i < 4; i++) {
        begin(&batch);
        batch.values[0].null_count = bad_counts[i];
        refuse(&batch, 0, "null count");
        begin(&batch);
        batch.values[0].n_buffers = bad_counts[i] == 3 ? 2 : bad_counts[i];
        refuse(&batch, 0, "number of buffers");
        begin(&batch);
        batch.values[0].n_children = bad_counts[i];
        refuse(&batch, 0, "has children");
        begin(&batch);
        batch.columns[0].n_children = bad_counts[i];
        refuse(&batch, 0, "has children");
    }
    begin(&batch);
    batch.values[0].null_count = 1;
    refuse(&batch, 0, "no validity bitmap");
    begin(&batch);
    batch.values[0].length = 1;
    refuse(&batch, 0, "shorter");
    begin(&batch);
    batch.values[0].buffers = NULL;
    refuse(&batch, 0, "number of buffers");
    begin(&batch);
    batch.buffers[0][1] = NULL;
    refuse(&batch, 0, "no buffer of values");
}

static void defects_of_dictionaries(void **state)
{
    (void)state;
    struct arrow_batch batch;
    struct arrow_column column;
    begin(&batch);
    batch.values[1].dictionary = NULL;
    refuse(&batch, 1, "dictionary in one structure only");
    begin(&batch);
    batch.columns[1].dictionary = NULL;
    refuse(&batch, 1, "dictionary in one structure only");
    begin(&batch);
    batch.columns[1].format = "g";
    refuse(&batch, 1, "its indices are no integers");
    begin(&batch);
    batch.entries[1].format = NULL;
    refuse(&batch, 1, "without a format");
    begin(&batch);
    batch.dictionaries[1].release = NULL;
    refuse(&batch, 1, "has been released");
    begin(&batch);
    batch.entries[1].format = "g";
    assert_int_equal(open_column(&batch, 1, &column), FATE_E_UNSUPPORTED);
    begin(&batch);
    batch.entries[1].dictionary = &batch.entries[0];
    assert_int_equal(open_column(&batch, 1, &column), FATE_E_UNSUPPORTED);
    begin(&batch);
    batch.columns[1].format = "vu";
    assert_int_equal(open_column(&batch, 1, &column), FATE_E_UNSUPPORTED);
}

static void indices_lie_in_the_dictionary(void **state)
{
    (void)state;
    static const int8_t outside[] = {-1, 2};
    static const uint64_t huge[] = {UINT64_MAX, 2};
    struct arrow_batch batch;
    struct arrow_column column;
    uint64_t index;
    begin(&batch);
    assert_int_equal(open_column(&batch, 1, &column), FATE_OK);
    assert_true(arrow_index(&column, 0, &index) && index == 1);
    assert_true(arrow_index(&column, 1, &index) && index == 0);
    batch.buffers[1][1] = outside;
    assert_int_equal(open_column(&batch, 1, &column), FATE_OK);
    assert_false(arrow_index(&column, 0, &index));
    assert_false(arrow_index(&column, 1, &index));
    batch.buffers[1][1] = huge;
    batch.columns[1].format = "L";
    assert_int_equal(open_column(&batch, 1, &column), FATE_OK);
    assert_false(arrow_index(&column, 0, &index));
    assert_false(arrow_index(&column, 1, &index));
}

static void offsets_of_texts(void **state)
{
    (void)state;
    static const int32_t narrow[][3] = {{-1, 0, 1}, {2, 1, 1}, {INT32_MIN, INT32_MAX, 0}};
    static const int64_t wide[][3] = {{-1, 0, 1}, {2, 1, 1}, {INT64_MIN, INT64_MAX, 0}};
    struct arrow_batch batch;
    struct arrow_column column;
    const uint8_t *bytes;
    uint64_t length;
    begin(&batch);
    assert_int_equal(open_column(&batch, 0, &column), FATE_OK);
    assert_true(arrow_text(&column.own, 1, &bytes, &length) && length == 2 && memcmp(bytes, "bc", 2) == 0);
    for (size_t i = 0; i < 3; i++) {
        batch.columns[0].format = "z";
        batch.buffers[0][1] = narrow[i];
        assert_int_equal(open_column(&batch, 0, &column), FATE_OK);
        assert_false(arrow_text(&column.own, 0, &bytes, &length));
        batch.columns[0].format = "Z";
        batch.buffers[0][1] = wide[i];
        assert_int_equal(open_column(&batch, 0, &column), FATE_OK);
        assert_false(arrow_text(&column.own, 0, &bytes, &length));
    }
    begin(&batch); /* no text at all is fine as long as all are empty */
    static const int32_t empty[] = {0, 0, 1};
    batch.buffers[0][1] = empty;
    batch.buffers[0][2] = NULL;
    assert_int_equal(open_column(&batch, 0, &column), FATE_OK);
    assert_true(arrow_text(&column.own, 0, &bytes, &length) && length == 0);
    assert_false(arrow_text(&column.own, 1, &bytes, &length));
}

static void buffers_need_not_be_aligned(void **state)
{
    (void)state;
    uint8_t space[64];
    const double values[] = {1.25, -7};
    struct arrow_batch batch;
    struct arrow_column column;
    for (size_t shift = 0; shift < 8; shift++) {
        memcpy(space + shift, values, sizeof values);
        arrow_begin(&batch, 2);
        arrow_add(&batch, "n", "g", NULL, space + shift, NULL);
        assert_int_equal(open_column(&batch, 0, &column), FATE_OK);
        assert_true(arrow_number(&column.own, 0) == 1.25 && arrow_number(&column.own, 1) == -7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats),
        cmocka_unit_test(defects),
        cmocka_unit_test(defects_of_dictionaries),
        cmocka_unit_test(indices_lie_in_the_dictionary),
        cmocka_unit_test(offsets_of_texts),
        cmocka_unit_test(buffers_need_not_be_aligned),
    };
    return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
