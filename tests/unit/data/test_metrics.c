/* Measures: equal to scikit-learn's on some hundred random samples, worked examples, and refused input. */
#include "tests/support/data.h"

#include "src/data/metrics.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void expect(const fate_metrics *metrics, const char *name, double expected)
{
    double value = -1;
    int32_t result = fate_metrics_value(metrics, name, &value);
    if (isnan(expected)) {
        assert_int_equal(result, FATE_EMPTY);
        assert_true(value == -1);
        return;
    }
    assert_int_equal(result, FATE_OK);
    if (!(fabs(value - expected) <= 1e-12 * (1 + fabs(expected)))) fail_msg("%s is %.17g, expected %.17g", name, value, expected);
}

static void expect_gain(const fate_metrics *metrics, uint32_t tenth, double expected)
{
    double lift = -1, gain = -1;
    int32_t result = fate_metrics_lift(metrics, tenth, &lift, &gain);
    assert_int_equal(result, isnan(expected) ? FATE_EMPTY : FATE_OK);
    if (result == FATE_OK && !(fabs(gain - expected) <= 1e-12 && fabs(lift - expected * 10 / tenth) <= 1e-11))
        fail_msg("gain of tenth %u is %.17g, expected %.17g", tenth, gain, expected);
}

enum { MOST_ROWS = 100 };

/* One case of the file; false at its end. The lines of expected values follow those of the rows. */
static bool check_case(FILE *file, uint32_t *checked)
{
    char name[64], task[16], line[128], measure[32], text[64];
    double scores[MOST_ROWS], labels[MOST_ROWS], weights[MOST_ROWS];
    unsigned count;
    fate_metrics *metrics;
    if (!fgets(line, sizeof line, file)) return false;
    assert_int_equal(sscanf(line, "case %63s %15s %u", name, task, &count), 3);
    assert_true(count <= MOST_ROWS);
    bool weighted = false;
    for (unsigned row = 0; row < count; row++) {
        assert_non_null(fgets(line, sizeof line, file));
        assert_int_equal(sscanf(line, "%lf %lf %lf", &scores[row], &labels[row], &weights[row]), 3);
        weighted = weighted || weights[row] != 1;
    }
    assert_int_equal(fate_metrics_new(context, &metrics, task, scores, labels, weighted ? weights : NULL, count), FATE_OK);
    assert_string_equal(fate_metrics_task(metrics), task);
    for (;;) {
        long position = ftell(file);
        if (!fgets(line, sizeof line, file)) break;
        if (sscanf(line, "= %31s %63s", measure, text) != 2) {
            fseek(file, position, SEEK_SET);
            break;
        }
        double expected = strcmp(text, "undefined") == 0 ? (double)NAN : strtod(text, NULL);
        if (strncmp(measure, "gain", 4) == 0)
            expect_gain(metrics, (uint32_t)atoi(measure + 4), expected);
        else
            expect(metrics, measure, expected);
        (*checked)++;
    }
    fate_metrics_free(metrics);
    return true;
}

static void equal_to_scikit_learn(void **state)
{
    (void)state;
    uint32_t checked = 0;
    FILE *file = fopen("tests/vectors/metrics.txt", "r");
    assert_non_null(file);
    while (check_case(file, &checked)) continue;
    fclose(file);
    assert_int_equal(checked, 1487);
}

static void a_worked_example(void **state)
{
    (void)state;
    /* by falling score: 1 0 (1 0) 0; the tie counts half */
    static const double scores[] = {0.9, 0.7, 0.5, 0.5, 0.1}, labels[] = {1, 0, 1, 0, 0};
    fate_metrics *metrics;
    assert_int_equal(fate_metrics_new(context, &metrics, "auto", scores, labels, NULL, 5), FATE_OK);
    expect(metrics, "auc", (3 + 1.5) / 6);
    expect(metrics, "ks", 0.5);
    expect(metrics, "true_positive", 2);
    expect(metrics, "false_positive", 2);
    expect(metrics, "true_negative", 1);
    expect(metrics, "false_negative", 0);
    expect(metrics, "accuracy", 0.6);
    expect_gain(metrics, 1, 0.25);
    expect_gain(metrics, 2, 0.5);
    expect_gain(metrics, 4, 0.5);
    expect_gain(metrics, 6, 0.75);
    expect_gain(metrics, 8, 1);
    expect_gain(metrics, 10, 1);
    fate_metrics_free(metrics);
}

static void auto_chooses_the_task(void **state)
{
    (void)state;
    static const double probabilities[] = {0, 1, 0.5}, others[] = {0, 1.1, 0.5}, classes[] = {0, 1, 0}, numbers[] = {0, 1, 2};
    fate_metrics *metrics;
    assert_int_equal(fate_metrics_new(context, &metrics, "auto", probabilities, classes, NULL, 3), FATE_OK);
    assert_string_equal(fate_metrics_task(metrics), "binary");
    fate_metrics_free(metrics);
    assert_int_equal(fate_metrics_new(context, &metrics, "auto", others, classes, NULL, 3), FATE_OK);
    assert_string_equal(fate_metrics_task(metrics), "regression");
    fate_metrics_free(metrics);
    assert_int_equal(fate_metrics_new(context, &metrics, "auto", probabilities, numbers, NULL, 3), FATE_OK);
    assert_string_equal(fate_metrics_task(metrics), "regression");
    fate_metrics_free(metrics);
}

static void refuse(const char *task, const double *scores, const double *labels, const double *weights, uint64_t count,
                   const char *sentence)
{
    fate_metrics *metrics = (fate_metrics *)&count;
    assert_int_equal(fate_metrics_new(context, &metrics, task, scores, labels, weights, count), FATE_E_ARGUMENT);
    assert_null(metrics);
    assert_string_equal(fate_context_error(context), sentence);
}

static void bad_input_is_refused(void **state)
{
    (void)state;
    static const double good[] = {0, 1}, missing[] = {0, NAN}, infinite[] = {INFINITY, 0}, high[] = {0.5, 1.5}, two[] = {2, 0};
    static const double zeros[] = {0, 0}, negative[] = {1, -1}, huge[] = {1.7e308, 1.7e308};
    static const char row_sentence[] = "row 2 (counted from 1): score, label and weight must be finite, and the weight not negative";
    fate_metrics *metrics;
    refuse("auto", good, good, NULL, 0, "there are no rows to measure");
    refuse("auto", missing, good, NULL, 2, row_sentence);
    refuse("auto", good, missing, NULL, 2, row_sentence);
    refuse("auto", good, good, missing, 2, row_sentence);
    refuse("auto", good, good, negative, 2, row_sentence);
    refuse("auto", infinite, good, NULL, 2, "row 1 (counted from 1): score, label and weight must be finite, and the weight not negative");
    refuse("auto", good, good, zeros, 2, "the weights are all 0, or too large to be summed");
    refuse("auto", good, good, huge, 2, "the weights are all 0, or too large to be summed");
    refuse("binary", high, good, NULL, 2, "row 2 (counted from 1): for the task binary labels are 0 or 1 and scores lie between 0 and 1");
    refuse("binary", good, two, NULL, 2, "row 1 (counted from 1): for the task binary labels are 0 or 1 and scores lie between 0 and 1");
    refuse("ranking", good, good, NULL, 2, "there is no task of that name; binary, regression and auto are possible");
    refuse(NULL, good, good, NULL, 2, "fate_metrics_new: context, metrics, task, scores or labels is NULL");
    refuse("auto", NULL, good, NULL, 2, "fate_metrics_new: context, metrics, task, scores or labels is NULL");
    refuse("auto", good, NULL, NULL, 2, "fate_metrics_new: context, metrics, task, scores or labels is NULL");
    assert_int_equal(fate_metrics_new(NULL, &metrics, "auto", good, good, NULL, 2), FATE_E_ARGUMENT);
    assert_int_equal(fate_metrics_new(context, NULL, "auto", good, good, NULL, 2), FATE_E_ARGUMENT);
    assert_int_equal(fate_metrics_new(context, &metrics, "auto", good, good, NULL, UINT32_MAX), FATE_E_LIMIT);
    fate_metrics_free(NULL);
}

static void accessors_check_their_arguments(void **state)
{
    (void)state;
    static const double good[] = {0, 1}, numbers[] = {5, 6};
    double value, gain;
    fate_metrics *metrics;
    assert_int_equal(fate_metrics_new(context, &metrics, "auto", good, good, NULL, 2), FATE_OK);
    assert_int_equal(fate_metrics_value(metrics, "auk", &value), FATE_E_ARGUMENT);
    assert_int_equal(fate_metrics_value(metrics, NULL, &value), FATE_E_ARGUMENT);
    assert_int_equal(fate_metrics_value(metrics, "auc", NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_metrics_value(NULL, "auc", &value), FATE_E_ARGUMENT);
    assert_int_equal(fate_metrics_lift(metrics, 0, &value, &gain), FATE_E_ARGUMENT);
    assert_int_equal(fate_metrics_lift(metrics, 11, &value, &gain), FATE_E_ARGUMENT);
    assert_int_equal(fate_metrics_lift(metrics, 1, NULL, &gain), FATE_E_ARGUMENT);
    assert_int_equal(fate_metrics_lift(NULL, 1, &value, &gain), FATE_E_ARGUMENT);
    assert_null(fate_metrics_task(NULL));
    fate_metrics_free(metrics);
    assert_int_equal(fate_metrics_new(context, &metrics, "auto", numbers, numbers, NULL, 2), FATE_OK);
    assert_int_equal(fate_metrics_lift(metrics, 1, &value, &gain), FATE_EMPTY);
    expect(metrics, "rmse", 0);
    expect(metrics, "r2", 1);
    fate_metrics_free(metrics);
}

/* Compensated sums: a million small weights beside a large one are not lost. */
static void small_weights_are_not_lost(void **state)
{
    (void)state;
    enum { ROWS = 1000001 };
    double *scores = calloc(ROWS, sizeof *scores), *labels = calloc(ROWS, sizeof *labels), *weights = calloc(ROWS, sizeof *weights);
    fate_metrics *metrics;
    assert_true(scores && labels && weights);
    for (uint32_t row = 0; row < ROWS; row++) {
        scores[row] = 1;
        weights[row] = row ? 1e-10 : 1e6; /* each is below half a unit in the last place of the first */
        labels[row] = row > 0;
    }
    labels[0] = 1;
    assert_int_equal(fate_metrics_new(context, &metrics, "binary", scores, labels, weights, ROWS), FATE_OK);
    double value = 0;
    assert_int_equal(fate_metrics_value(metrics, "true_positive", &value), FATE_OK);
    assert_true(fabs(value - (1e6 + 1e-4)) < 2e-10);
    fate_metrics_free(metrics);
    free(scores);
    free(labels);
    free(weights);
}

static int32_t measure(void)
{
    static const double scores[] = {0.1, 0.9, 0.5}, labels[] = {0, 1, 1};
    fate_metrics *metrics;
    int32_t result = fate_metrics_new(context, &metrics, "auto", scores, labels, NULL, 3);
    fate_metrics_free(metrics);
    return result;
}

static void failing_allocations(void **state)
{
    (void)state;
    data_fail_allocations(measure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_to_scikit_learn),
        cmocka_unit_test(a_worked_example),
        cmocka_unit_test(auto_chooses_the_task),
        cmocka_unit_test(bad_input_is_refused),
        cmocka_unit_test(accessors_check_their_arguments),
        cmocka_unit_test(small_weights_are_not_lost),
        cmocka_unit_test(failing_allocations),
    };
    return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
