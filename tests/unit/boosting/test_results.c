/* Columns of results: their names, and numbers that stood row after row. */
#include "tests/support/boosting.h"

#include "src/models/boosting/results.h"

struct seen {
    char names[8][32];
    double values[8][2];
    uint32_t count;
    int32_t answer;
};

static int32_t note(void *target, const char *name, const double *values, uint64_t rows)
{
    struct seen *seen = target;
    assert_int_equal(rows, 2);
    snprintf(seen->names[seen->count], sizeof seen->names[0], "%s", name);
    memcpy(seen->values[seen->count++], values, sizeof seen->values[0]);
    return seen->answer;
}

static void test_columns(void **state)
{
    (void)state;
    fate_context *context;
    struct seen seen = {.answer = FATE_OK};
    const double scores[6] = {1, 2, 3, 4, 5, 6};
    const uint8_t folds[2] = {0, 4};
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(results_scores(context, note, &seen, scores, 2, 3), FATE_OK);
    assert_int_equal(results_scores(context, note, &seen, scores, 2, 1), FATE_OK);
    assert_int_equal(results_leaves(note, &seen, scores, 2, 2), FATE_OK);
    assert_int_equal(results_folds(context, note, &seen, folds, 2), FATE_OK);
    assert_int_equal(seen.count, 7);
    assert_string_equal(seen.names[1], "score_1");
    assert_true(seen.values[1][0] == 2 && seen.values[1][1] == 5);
    assert_string_equal(seen.names[3], "score");
    assert_string_equal(seen.names[5], "leaf_2");
    assert_true(seen.values[5][0] == 3 && seen.values[5][1] == 4);
    assert_string_equal(seen.names[6], "fold");
    assert_true(seen.values[6][0] == 1 && seen.values[6][1] == 5);
    seen = (struct seen){.answer = FATE_E_MEMORY};
    assert_int_equal(results_scores(context, note, &seen, scores, 2, 3), FATE_E_MEMORY);
    assert_int_equal(results_leaves(note, &seen, scores, 2, 2), FATE_E_MEMORY);
    assert_int_equal(results_folds(context, note, &seen, folds, 2), FATE_E_MEMORY);
    assert_int_equal(seen.count, 3);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_columns)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
