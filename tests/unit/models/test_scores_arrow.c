/* Scores as a record batch: what it holds, formats of ids, memory that outlives its makers, children moved out, allocations. */
#include "tests/support/data.h"

#include "src/models/scores.h"
#include <fate/arrow.h>

static const double first[] = {0.25, 1e-300, -4}, second[] = {1, 2, 3};

/* Scores of three rows with these ids of two bytes each, in order; two columns. */
static fate_scores *begin(fate_context *own, fate_table **table, const char *ids)
{
    static const uint64_t offsets[] = {0, 2, 4, 6};
    fate_scores *scores;
    assert_int_equal(fate_table_new(own, table, 3), FATE_OK);
    assert_int_equal(fate_table_set_ids(*table, (const uint8_t *)ids, offsets), FATE_OK);
    assert_int_equal(fate_table_finish(*table), FATE_OK);
    assert_int_equal(scores_new(own, &scores, "the id", 3), FATE_OK);
    assert_int_equal(scores_add(scores, "score", first), FATE_OK);
    assert_int_equal(scores_add(scores, "other", second), FATE_OK);
    return scores;
}

static void a_batch_outlives_its_makers(void **state)
{
    (void)state;
    static const int32_t offsets[] = {0, 2, 4, 6};
    struct test_allocator held;
    fate_allocator allocator = test_allocator(&held, -1);
    fate_context *own;
    fate_table *table;
    struct ArrowSchema out;
    struct ArrowArray array;
    assert_int_equal(context_new(&own, &allocator), FATE_OK);
    fate_scores *scores = begin(own, &table, "aabbcc");
    assert_int_equal(fate_scores_export_arrow(scores, table, &out, &array), FATE_OK);
    fate_scores_free(scores);
    fate_table_free(table);
    fate_context_free(own);
    assert_string_equal(out.format, "+s");
    assert_int_equal(out.n_children, 3);
    assert_string_equal(out.children[0]->format, "u");
    assert_string_equal(out.children[0]->name, "the id");
    assert_string_equal(out.children[1]->format, "g");
    assert_string_equal(out.children[1]->name, "score");
    assert_string_equal(out.children[2]->name, "other");
    assert_int_equal(array.length, 3);
    assert_int_equal(array.n_children, 3);
    assert_int_equal(array.n_buffers, 1);
    assert_null(array.buffers[0]);
    assert_int_equal(array.children[0]->n_buffers, 3);
    assert_memory_equal(array.children[0]->buffers[1], offsets, sizeof offsets);
    assert_memory_equal(array.children[0]->buffers[2], "aabbcc", 6);
    assert_memory_equal(array.children[1]->buffers[1], first, sizeof first);
    assert_memory_equal(array.children[2]->buffers[1], second, sizeof second);

    struct ArrowArray moved = *array.children[1]; /* as the specification lets a consumer do */
    array.children[1]->release = NULL;
    array.release(&array);
    out.release(&out);
    assert_null(array.release);
    assert_null(out.release);
    assert_memory_equal(moved.buffers[1], first, sizeof first);
    moved.release(&moved);
    assert_int_equal(atomic_load(&held.live), 0);
}

static void ids_that_are_no_text_are_binary(void **state)
{
    (void)state;
    static const struct {
        const char *ids, *format;
    } cases[] = {{"aa\xc3\xa4", "u"}, {"aa\xc3g", "z"}, {"aa\x80z", "z"}, {"aa\xc0\x80", "z"}, {"aa\xff\xff", "z"}, {"aa\xcf\xbf", "u"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char ids[7] = "AA";
        struct ArrowSchema out;
        struct ArrowArray array;
        fate_table *table;
        memcpy(ids + 2, cases[i].ids, 4);
        fate_scores *scores = begin(context, &table, ids);
        assert_int_equal(fate_scores_export_arrow(scores, table, &out, &array), FATE_OK);
        assert_string_equal(out.children[0]->format, cases[i].format);
        array.release(&array);
        out.release(&out);
        fate_scores_free(scores);
        fate_table_free(table);
    }
}

static void wrong_arguments(void **state)
{
    (void)state;
    struct ArrowSchema out = {.n_children = 77};
    struct ArrowArray array = {.length = 77};
    fate_table *table, *other;
    fate_scores *scores = begin(context, &table, "aabbcc");
    assert_int_equal(fate_table_new(context, &other, 0), FATE_OK);
    assert_int_equal(fate_scores_export_arrow(NULL, table, &out, &array), FATE_E_ARGUMENT);
    assert_int_equal(fate_scores_export_arrow(scores, NULL, &out, &array), FATE_E_ARGUMENT);
    assert_int_equal(fate_scores_export_arrow(scores, table, NULL, &array), FATE_E_ARGUMENT);
    assert_int_equal(fate_scores_export_arrow(scores, table, &out, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_scores_export_arrow(scores, other, &out, &array), FATE_E_ARGUMENT);
    assert_int_equal(out.n_children, 77);
    assert_int_equal(array.length, 77);
    fate_scores_free(scores);
    fate_table_free(table);
    fate_table_free(other);
}

static fate_scores *shared_scores;
static fate_table *shared_table;

static int32_t build(void)
{
    struct ArrowSchema out;
    struct ArrowArray array;
    int32_t result = fate_scores_export_arrow(shared_scores, shared_table, &out, &array);
    if (result != FATE_OK) return result;
    array.release(&array);
    out.release(&out);
    return FATE_OK;
}

static void failing_allocations(void **state)
{
    (void)state;
    shared_scores = begin(context, &shared_table, "aabbcc");
    data_fail_allocations(build);
    fate_scores_free(shared_scores);
    fate_table_free(shared_table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_outlives_its_makers),
        cmocka_unit_test(ids_that_are_no_text_are_binary),
        cmocka_unit_test(wrong_arguments),
        cmocka_unit_test(failing_allocations),
    };
    return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
