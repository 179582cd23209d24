/* Measures of several classes: against numbers worked out by hand, and their refusals. */
#include <fate/metrics.h>
#include <math.h>
#include <stdlib.h>
#include "lib/context.h"
#include "tests/support/allocator.h"
#include "tests/support/unit.h"

enum { ROWS = 4 };

static const double scores[ROWS * 3] = {0.7, 0.2, 0.1, 0.1, 0.1, 0.8, 0.4, 0.4, 0.2, 0, 1, 0};
static const double labels[ROWS] = {0, 2, 1, 0};

static double value_of(const fate_metrics *metrics, const char *name)
{
    double value = 0;
    assert_int_equal(fate_metrics_value(metrics, name, &value), FATE_OK);
    return value;
}

/* Predicted are 0, 2, 0 (the first of two equal ones) and 1. */
static void test_values(void **state)
{
    (void)state;
    fate_context *context;
    fate_metrics *metrics = NULL;
    char *text = NULL;
    double value = 7;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(fate_metrics_new_classes(context, &metrics, 3, scores, labels, NULL, ROWS), FATE_OK);
    assert_string_equal(fate_metrics_task(metrics), "multiclass");
    assert_true(value_of(metrics, "accuracy") == 0.5);
    assert_true(fabs(value_of(metrics, "macro_f1") - 0.5) < 1e-15);
    assert_true(fabs(value_of(metrics, "log_loss") + (log(0.7) + log(0.8) + log(0.4) + log(1e-15)) / 4) < 1e-14);
    assert_int_equal(fate_metrics_value(metrics, "auc", &value), FATE_EMPTY);
    assert_int_equal(fate_metrics_lift(metrics, 1, &value, &value), FATE_EMPTY);
    assert_true(value == 7);
    assert_int_equal(fate_metrics_dump(metrics, "json", &text), FATE_OK);
    assert_non_null(strstr(text, "\"confusion_matrix\": [[1, 1, 0], [1, 0, 0], [0, 0, 1]]}"));
    fate_free(context, text);
    assert_int_equal(fate_metrics_dump(metrics, "text", &text), FATE_OK);
    assert_non_null(strstr(text, "accuracy      0.500000\n"));
    assert_non_null(strstr(text, "\n2                  0         0         1\n"));
    fate_free(context, text);
    fate_metrics_free(metrics);
    fate_context_free(context);
}

/* A class that is neither a label nor predicted does not count in the mean of f1; weights count as rows. */
static void test_weights_and_unseen_classes(void **state)
{
    (void)state;
    fate_context *context;
    fate_metrics *metrics = NULL, *repeated = NULL;
    const double four[8] = {0.6, 0.3, 0.1, 0, 0.6, 0.3, 0.1, 0}, first[2] = {0, 1}, weights[2] = {2, 1};
    const double three[12] = {0.6, 0.3, 0.1, 0, 0.6, 0.3, 0.1, 0, 0.6, 0.3, 0.1, 0}, again[3] = {0, 0, 1};
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(fate_metrics_new_classes(context, &metrics, 4, four, first, weights, 2), FATE_OK);
    assert_int_equal(fate_metrics_new_classes(context, &repeated, 4, three, again, NULL, 3), FATE_OK);
    assert_true(fabs(value_of(metrics, "macro_f1") - 0.4) < 1e-15);
    assert_true(fabs(value_of(metrics, "accuracy") - 2.0 / 3) < 1e-15);
    assert_true(fabs(value_of(metrics, "log_loss") - value_of(repeated, "log_loss")) < 1e-15);
    assert_true(value_of(metrics, "macro_f1") == value_of(repeated, "macro_f1"));
    fate_metrics_free(metrics);
    fate_metrics_free(repeated);
    fate_context_free(context);
}

static void test_refusals(void **state)
{
    (void)state;
    fate_context *context;
    fate_metrics *metrics = NULL;
    double bad_labels[ROWS] = {0, 3, 1, 0}, bad_scores[ROWS * 3] = {1.5}, none[ROWS] = {0};
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(fate_metrics_new_classes(context, &metrics, 3, scores, bad_labels, NULL, ROWS), FATE_E_ARGUMENT);
    assert_non_null(strstr(fate_context_error(context), "row 2"));
    bad_labels[1] = 0.5;
    assert_int_equal(fate_metrics_new_classes(context, &metrics, 3, scores, bad_labels, NULL, ROWS), FATE_E_ARGUMENT);
    assert_int_equal(fate_metrics_new_classes(context, &metrics, 3, bad_scores, labels, NULL, ROWS), FATE_E_ARGUMENT);
    bad_scores[0] = (double)NAN;
    assert_int_equal(fate_metrics_new_classes(context, &metrics, 3, bad_scores, labels, NULL, ROWS), FATE_E_ARGUMENT);
    assert_int_equal(fate_metrics_new_classes(context, &metrics, 3, scores, labels, none, ROWS), FATE_E_ARGUMENT);
    assert_int_equal(fate_metrics_new_classes(context, &metrics, 1, scores, labels, NULL, ROWS), FATE_E_ARGUMENT);
    assert_int_equal(fate_metrics_new_classes(context, &metrics, 1001, scores, labels, NULL, ROWS), FATE_E_ARGUMENT);
    assert_int_equal(fate_metrics_new_classes(context, &metrics, 3, scores, labels, NULL, 0), FATE_E_ARGUMENT);
    assert_int_equal(fate_metrics_new_classes(context, &metrics, 3, scores, labels, NULL, UINT32_MAX), FATE_E_LIMIT);
    assert_int_equal(fate_metrics_new_classes(context, &metrics, 3, NULL, labels, NULL, ROWS), FATE_E_ARGUMENT);
    assert_int_equal(fate_metrics_new_classes(context, &metrics, 3, scores, NULL, NULL, ROWS), FATE_E_ARGUMENT);
    assert_int_equal(fate_metrics_new_classes(context, NULL, 3, scores, labels, NULL, ROWS), FATE_E_ARGUMENT);
    assert_null(metrics);
    fate_context_free(context);
}

static void test_lack_of_memory(void **state)
{
    (void)state;
    int32_t result = FATE_E_MEMORY;
    for (long long fail = 0; result == FATE_E_MEMORY; fail++) {
        struct test_allocator test;
        fate_allocator allocator = test_allocator(&test, -1);
        fate_context *context;
        fate_metrics *metrics = NULL;
        assert_int_equal(context_new(&context, &allocator), FATE_OK);
        test.fail = atomic_load(&test.calls) + fail;
        result = fate_metrics_new_classes(context, &metrics, 3, scores, labels, NULL, ROWS);
        assert_true((metrics != NULL) == (result == FATE_OK));
        fate_metrics_free(metrics);
        fate_context_free(context);
        assert_int_equal(atomic_load(&test.live), 0);
        assert_true(fail < 3 || result == FATE_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_weights_and_unseen_classes),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
