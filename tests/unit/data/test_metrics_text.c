/* Dumps of measures: JSON with exactly the documented keys, readable text, null for what is not defined. */
#include "tests/support/data.h"

#include <fate/metrics.h>
#include <jansson.h>
#include <stdlib.h>

static const double scores[] = {0.9, 0.7, 0.5, 0.4, 0.1}, labels[] = {1, 0, 1, 0, 0};

static char *dump(const char *task, const double *given, const double *expected, const char *format)
{
    fate_metrics *metrics;
    char *text;
    assert_int_equal(fate_metrics_new(context, &metrics, task, given, expected, NULL, 5), FATE_OK);
    assert_int_equal(fate_metrics_dump(metrics, format, &text), FATE_OK);
    fate_metrics_free(metrics);
    return text;
}

/* The object has exactly these keys, up to NULL. */
static void expect_keys(const json_t *object, const char *const *keys)
{
    size_t count = 0;
    for (; keys[count]; count++) assert_non_null(json_object_get(object, keys[count]));
    assert_int_equal(json_object_size(object), count);
}

static void json_has_the_documented_keys(void **state)
{
    (void)state;
    static const char *const binary[] = {"auc",      "ks",   "accuracy", "precision",        "recall", "f1",
                                         "log_loss", "lift", "gain",     "confusion_matrix", NULL};
    static const char *const cells[] = {"true_positive", "false_positive", "true_negative", "false_negative", NULL};
    static const char *const numbers[] = {"rmse", "mae", "r2", NULL};
    char *text = dump("binary", scores, labels, "json");
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(root);
    expect_keys(root, binary);
    expect_keys(json_object_get(root, "confusion_matrix"), cells);
    assert_int_equal(json_array_size(json_object_get(root, "lift")), 10);
    assert_int_equal(json_array_size(json_object_get(root, "gain")), 10);
    assert_true(json_number_value(json_object_get(root, "auc")) == 5.0 / 6);
    assert_true(json_number_value(json_array_get(json_object_get(root, "lift"), 1)) == 2.5);
    assert_true(json_number_value(json_object_get(json_object_get(root, "confusion_matrix"), "true_positive")) == 2);
    json_decref(root);
    fate_free(context, text);
    text = dump("regression", scores, labels, "json");
    root = json_loads(text, 0, NULL);
    expect_keys(root, numbers);
    json_decref(root);
    fate_free(context, text);
}

static void what_is_not_defined_is_null(void **state)
{
    (void)state;
    static const double none[] = {0, 0, 0, 0, 0};
    char *text = dump("binary", none, none, "json");
    json_t *root = json_loads(text, 0, NULL);
    assert_true(json_is_null(json_object_get(root, "auc")));
    assert_true(json_is_null(json_object_get(root, "precision")));
    assert_true(json_is_null(json_array_get(json_object_get(root, "gain"), 9)));
    assert_true(json_is_number(json_object_get(root, "accuracy")));
    json_decref(root);
    fate_free(context, text);
}

static void text_is_readable(void **state)
{
    (void)state;
    static const double none[] = {0, 0, 0, 0, 0}, large[] = {-2e13, 0, 0, 0, 0};
    char *text = dump("binary", scores, labels, "text");
    assert_string_equal(text, "auc           0.833333\n"
                              "ks            0.666667\n"
                              "accuracy      0.800000\n"
                              "precision     0.666667\n"
                              "recall        1.000000\n"
                              "f1            0.800000\n"
                              "log_loss      0.523733\n"
                              "\n"
                              "               predicted 1     predicted 0\n"
                              "label 1                  2               0\n"
                              "label 0                  1               2\n"
                              "\n"
                              "best rows             lift            gain\n"
                              "      10 %          2.5000          0.2500\n"
                              "      20 %          2.5000          0.5000\n"
                              "      30 %          1.6667          0.5000\n"
                              "      40 %          1.2500          0.5000\n"
                              "      50 %          1.5000          0.7500\n"
                              "      60 %          1.6667          1.0000\n"
                              "      70 %          1.4286          1.0000\n"
                              "      80 %          1.2500          1.0000\n"
                              "      90 %          1.1111          1.0000\n"
                              "     100 %          1.0000          1.0000\n");
    fate_free(context, text);
    text = dump("regression", large, none, "text");
    assert_string_equal(text, "rmse      8944271909999.16\nmae       4000000000000\nr2                   -\n");
    fate_free(context, text);
}

static void arguments_are_checked(void **state)
{
    (void)state;
    fate_metrics *metrics;
    char *text = (char *)&metrics;
    assert_int_equal(fate_metrics_new(context, &metrics, "auto", scores, labels, NULL, 5), FATE_OK);
    assert_int_equal(fate_metrics_dump(metrics, "xml", &text), FATE_E_ARGUMENT);
    assert_null(text);
    assert_int_equal(fate_metrics_dump(metrics, NULL, &text), FATE_E_ARGUMENT);
    assert_int_equal(fate_metrics_dump(metrics, "json", NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_metrics_dump(NULL, "json", &text), FATE_E_ARGUMENT);
    fate_metrics_free(metrics);
}

static int32_t dump_both(void)
{
    fate_metrics *metrics;
    char *text = NULL;
    int32_t result = fate_metrics_new(context, &metrics, "auto", scores, labels, NULL, 5);
    if (result == FATE_OK) result = fate_metrics_dump(metrics, "json", &text);
    fate_free(context, text);
    text = NULL;
    if (result == FATE_OK) result = fate_metrics_dump(metrics, "text", &text);
    fate_free(context, text);
    fate_metrics_free(metrics);
    return result;
}

static void failing_allocations(void **state)
{
    (void)state;
    data_fail_allocations(dump_both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_has_the_documented_keys), cmocka_unit_test(what_is_not_defined_is_null), cmocka_unit_test(text_is_readable),
        cmocka_unit_test(arguments_are_checked),        cmocka_unit_test(failing_allocations),
    };
    return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
