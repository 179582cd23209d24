/* Measures of margins: against formulas written out, the library's own, and what is not defined. */
#include "tests/support/allocator.h"
#include "tests/support/boosting.h"

#include <fate/metrics.h>

enum { ROWS = 6 };

static fate_context *context;
static const double margins[ROWS] = {-1, 0, 0.5, 2, -0.25, 1};
static const double numbers[ROWS] = {0.5, 1, 3, 2, 0.25, 4};
static const double classes[ROWS] = {0, 1, 0, 1, 0, 1};
static const double weights[ROWS] = {1, 2, 0, 0.5, 1, 3};

static int start(void **state)
{
    (void)state;
    return context_new(&context, NULL);
}

static int stop(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

static double measured(int32_t objective, const char *name, const double *labels)
{
    struct boosting_parameters parameters = test_parameters();
    double value = 0;
    parameters.objective = objective;
    parameters.measure = measure_find(name, objective);
    parameters.huber_delta = 0.75;
    parameters.quantile_alpha = 0.9;
    parameters.tweedie_power = 1.3;
    assert_true(measure_fits(parameters.measure, objective));
    assert_int_equal(measure_value(context, &value, &parameters, margins, labels, weights, ROWS), FATE_OK);
    return value;
}

/* The weighted mean of a row's loss. */
static double mean(double (*loss)(double margin, double label), const double *labels)
{
    double sum = 0, total = 0;
    for (uint32_t row = 0; row < ROWS; row++) {
        sum += weights[row] * loss(margins[row], labels[row]);
        total += weights[row];
    }
    return sum / total;
}

static double log_loss(double margin, double label)
{
    return log(1 + exp(label == 1 ? -margin : margin));
}

static double square(double margin, double label)
{
    return (margin - label) * (margin - label);
}

static double distance(double margin, double label)
{
    return fabs(margin - label);
}

static double huber(double margin, double label)
{
    double error = fabs(margin - label);
    return error < 0.75 ? error * error / 2 : 0.75 * (error - 0.375);
}

static double pinball(double margin, double label)
{
    return label > margin ? 0.9 * (label - margin) : 0.1 * (margin - label);
}

static double poisson(double margin, double label)
{
    return 2 * (label * log(label / exp(margin)) - (label - exp(margin)));
}

static double gamma_deviance(double margin, double label)
{
    return 2 * (label / exp(margin) - 1 - log(label / exp(margin)));
}

static double tweedie(double margin, double label)
{
    double score = exp(margin);
    return 2 * (pow(label, 0.7) / (-0.3 * 0.7) - label * pow(score, -0.3) / -0.3 + pow(score, 0.7) / 0.7);
}

static void near(double value, double expected)
{
    assert_true(fabs(value - expected) <= 1e-12 * (1 + fabs(expected)));
}

static void test_losses(void **state)
{
    (void)state;
    near(measured(OBJECTIVE_LOGISTIC, "auto", classes), mean(log_loss, classes));
    near(measured(OBJECTIVE_SQUARED, "auto", numbers), sqrt(mean(square, numbers)));
    near(measured(OBJECTIVE_ABSOLUTE, "auto", numbers), mean(distance, numbers));
    near(measured(OBJECTIVE_HUBER, "auto", numbers), mean(huber, numbers));
    near(measured(OBJECTIVE_QUANTILE, "auto", numbers), mean(pinball, numbers));
    near(measured(OBJECTIVE_POISSON, "auto", numbers), mean(poisson, numbers));
    near(measured(OBJECTIVE_GAMMA, "auto", numbers), mean(gamma_deviance, numbers));
    near(measured(OBJECTIVE_TWEEDIE, "auto", numbers), mean(tweedie, numbers));
    near(measured(OBJECTIVE_GAMMA, "tweedie_deviance", numbers), mean(tweedie, numbers));
}

static void test_zero_labels(void **state)
{
    (void)state;
    const double zeros[ROWS] = {0};
    double sum = 0, total = 0;
    for (uint32_t row = 0; row < ROWS; row++) {
        sum += weights[row] * 2 * exp(margins[row]);
        total += weights[row];
    }
    near(measured(OBJECTIVE_POISSON, "auto", zeros), sum / total);
    assert_true(isfinite(measured(OBJECTIVE_TWEEDIE, "auto", zeros)));
}

/* The same as of the scores in fate_metrics. */
static void test_library(void **state)
{
    (void)state;
    static const char *const names[] = {"auc", "ks", "accuracy", "precision", "recall", "f1"};
    double scores[ROWS], value = 0;
    fate_metrics *metrics = NULL;
    for (uint32_t row = 0; row < ROWS; row++) scores[row] = objective_score(OBJECTIVE_LOGISTIC, margins[row]);
    assert_int_equal(fate_metrics_new(context, &metrics, "binary", scores, classes, weights, ROWS), FATE_OK);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(fate_metrics_value(metrics, names[i], &value), FATE_OK);
        assert_true(measured(OBJECTIVE_LOGISTIC, names[i], classes) == value);
        assert_true(measure_greater(measure_find(names[i], OBJECTIVE_LOGISTIC)));
    }
    fate_metrics_free(metrics);
    assert_int_equal(fate_metrics_new(context, &metrics, "regression", margins, numbers, weights, ROWS), FATE_OK);
    assert_int_equal(fate_metrics_value(metrics, "r2", &value), FATE_OK);
    assert_true(measured(OBJECTIVE_HUBER, "r2", numbers) == value);
    fate_metrics_free(metrics);
}

static void test_not_defined(void **state)
{
    (void)state;
    const double ones[ROWS] = {1, 1, 1, 1, 1, 1};
    assert_true(isnan(measured(OBJECTIVE_LOGISTIC, "auc", ones)));
    struct boosting_parameters parameters = test_parameters();
    double value = 0, huge = 1e6, one = 1;
    parameters.objective = OBJECTIVE_POISSON;
    parameters.measure = MEASURE_R2;
    assert_int_equal(measure_value(context, &value, &parameters, &huge, &one, NULL, 1), FATE_OK);
    assert_true(isnan(value));
}

static void test_names(void **state)
{
    (void)state;
    for (int32_t measure = 1; measure < MEASURE_END; measure++) {
        assert_int_equal(measure_find(measure_name(measure), OBJECTIVE_SQUARED), measure);
    }
    for (int32_t objective = 1; objective < OBJECTIVE_END; objective++) {
        assert_true(measure_fits(measure_find("auto", objective), objective));
        assert_false(measure_greater(measure_find("auto", objective)));
    }
    assert_int_equal(measure_find("beauty", OBJECTIVE_SQUARED), 0);
    assert_false(measure_fits(MEASURE_GAMMA_DEVIANCE, OBJECTIVE_POISSON));
    assert_false(measure_fits(MEASURE_AUC, OBJECTIVE_SQUARED));
    assert_true(measure_loss(MEASURE_AUC, 0.75) == -0.75 && measure_loss(MEASURE_MAE, 0.75) == 0.75);
}

static void test_extremes(void **state)
{
    (void)state;
    struct boosting_parameters parameters = test_parameters();
    const double far[2] = {1000, 0}, labels[2] = {0, 1}, shares[2] = {1, 3};
    double value = 0;
    assert_int_equal(measure_value(context, &value, &parameters, far, labels, shares, 2), FATE_OK);
    assert_true(fabs(value - (34.538776394910684 + 3 * 0.6931471805599453) / 4) < 0.1);
}

static void test_no_memory(void **state)
{
    (void)state;
    struct test_allocator memory;
    fate_allocator allocator = test_allocator(&memory, -1);
    fate_context *poor = NULL;
    struct boosting_parameters parameters = test_parameters();
    double value = 0;
    parameters.measure = MEASURE_AUC;
    assert_int_equal(context_new(&poor, &allocator), FATE_OK);
    int32_t result = FATE_E_MEMORY;
    for (long long fail = 0; result != FATE_OK; fail++) {
        memory.fail = memory.calls + fail;
        result = measure_value(poor, &value, &parameters, margins, classes, weights, ROWS);
        assert_true(result == FATE_OK || result == FATE_E_MEMORY);
    }
    fate_context_free(poor);
    assert_int_equal(memory.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_losses),      cmocka_unit_test(test_zero_labels), cmocka_unit_test(test_library),
        cmocka_unit_test(test_not_defined), cmocka_unit_test(test_names),       cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
