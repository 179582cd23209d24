/* Scores: columns by number, the CSV file, and allocation failures. */
#include "tests/support/allocator.h"
#include "tests/support/unit.h"
#include "src/models/scores.h"

#include <stdio.h>
#include <unistd.h>

static fate_context *context;
static fate_table *table;
static char path[] = "/tmp/fate-scores-XXXXXX";

static int start(void **state)
{
    (void)state;
    static const char ids[] = "a,b"
                              "c\"d"
                              "plain"
                              " e";
    static const uint64_t offsets[] = {0, 3, 6, 11, 13};
    int file = mkstemp(path);
    if (file < 0 || close(file) != 0 || context_new(&context, NULL) != FATE_OK) return 1;
    return fate_table_new(context, &table, 4) != FATE_OK || fate_table_set_ids(table, (const uint8_t *)ids, offsets) != FATE_OK ||
           fate_table_finish(table) != FATE_OK;
}

static int stop(void **state)
{
    (void)state;
    fate_table_free(table);
    fate_context_free(context);
    return unlink(path);
}

static void test_file(void **state)
{
    (void)state;
    static const double values[4] = {0.1, 1, -2.5e-300, 1.0 / 3};
    static const char expected[] =
        "\"the id,\",score,other\n\" e\",0.1,1\n\"a,b\",1,1\n\"c\"\"d\",-2.5e-300,1\nplain,0.3333333333333333,1\n";
    const double ones[4] = {1, 1, 1, 1};
    fate_scores *scores = NULL;
    char text[256] = "";
    assert_int_equal(scores_new(context, &scores, "the id,", 4), FATE_OK);
    assert_int_equal(scores_add(scores, "score", values), FATE_OK);
    assert_int_equal(scores_add(scores, "other", ones), FATE_OK);
    assert_int_equal(fate_scores_write_csv(scores, table, path), FATE_OK);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(text, 1, sizeof text - 1, file), sizeof expected - 1);
    fclose(file);
    assert_string_equal(text, expected);
    assert_int_equal(fate_scores_rows(scores), 4);
    assert_int_equal(fate_scores_columns(scores), 2);
    assert_string_equal(fate_scores_column_name(scores, 1), "other");
    assert_memory_equal(fate_scores_values(scores, 0), values, sizeof values);
    assert_null(fate_scores_values(scores, 2));
    assert_null(fate_scores_column_name(scores, 2));
    fate_scores_free(scores);
}

static void test_refused(void **state)
{
    (void)state;
    fate_scores *scores = NULL;
    assert_int_equal(scores_new(context, &scores, "id", 3), FATE_OK);
    assert_int_equal(fate_scores_write_csv(scores, table, path), FATE_E_ARGUMENT);
    assert_int_equal(fate_scores_write_csv(scores, NULL, path), FATE_E_ARGUMENT);
    assert_int_equal(fate_scores_write_csv(NULL, table, path), FATE_E_ARGUMENT);
    fate_scores_free(scores);
    assert_int_equal(scores_new(context, &scores, "id", 4), FATE_OK);
    assert_int_equal(fate_scores_write_csv(scores, table, "/no such directory/scores.csv"), FATE_E_FILE);
    fate_scores_free(scores);
    fate_scores_free(NULL);
    assert_int_equal(fate_scores_rows(NULL), 0);
    assert_int_equal(fate_scores_columns(NULL), 0);
    assert_null(fate_scores_values(NULL, 0));
    assert_null(fate_scores_column_name(NULL, 0));
}

static int32_t make(fate_context *poor)
{
    static const double values[4] = {1, 2, 3, 4};
    fate_scores *scores = NULL;
    int32_t result = scores_new(poor, &scores, "id", 4);
    if (result == FATE_OK) result = scores_add(scores, "score", values);
    if (result == FATE_OK) result = scores_add(scores, "more", values);
    if (result == FATE_OK) result = fate_scores_write_csv(scores, table, path);
    fate_scores_free(scores);
    return result;
}

static void test_no_memory(void **state)
{
    (void)state;
    int32_t result = FATE_E_MEMORY;
    for (long long call = 0; result == FATE_E_MEMORY; call++) {
        struct test_allocator memory;
        fate_allocator allocator = test_allocator(&memory, -1);
        fate_context *poor = NULL;
        assert_int_equal(context_new(&poor, &allocator), FATE_OK);
        memory.fail = memory.calls + call;
        result = make(poor);
        assert_true(result == FATE_OK || result == FATE_E_MEMORY);
        fate_context_free(poor);
        assert_int_equal(memory.live, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_file), cmocka_unit_test(test_refused), cmocka_unit_test(test_no_memory)};
    return cmocka_run_group_tests(tests, start, stop);
}
