/* How good margins are, for reports and for early stopping. */
#include "src/models/boosting/measure.h"

#include <fate/metrics.h>
#include <math.h>
#include <string.h>
#include "lib/mathematics.h"
#include "src/models/boosting/objective.h"

/* Probabilities are kept this far from 0 and 1 in the log loss. */
#define PROBABILITY_MARGIN 1e-15

/* Which objectives a measure makes sense of. */
enum { CLASSES = 1, NUMBERS = 2, COUNTS = 4, POSITIVE = 8, SEVERAL = 16 };

static const struct {
    const char *name;
    uint32_t objectives;
    bool greater;
} measures[MEASURE_END] = {
    [MEASURE_LOG_LOSS] = {"log_loss", CLASSES | SEVERAL, false},
    [MEASURE_RMSE] = {"rmse", CLASSES | NUMBERS | COUNTS | POSITIVE, false},
    [MEASURE_MAE] = {"mae", CLASSES | NUMBERS | COUNTS | POSITIVE, false},
    [MEASURE_HUBER] = {"huber", NUMBERS | COUNTS | POSITIVE, false},
    [MEASURE_PINBALL] = {"pinball", NUMBERS | COUNTS | POSITIVE, false},
    [MEASURE_POISSON_DEVIANCE] = {"poisson_deviance", COUNTS | POSITIVE, false},
    [MEASURE_GAMMA_DEVIANCE] = {"gamma_deviance", POSITIVE, false},
    [MEASURE_TWEEDIE_DEVIANCE] = {"tweedie_deviance", COUNTS | POSITIVE, false},
    [MEASURE_AUC] = {"auc", CLASSES, true},
    [MEASURE_KS] = {"ks", CLASSES, true},
    [MEASURE_ACCURACY] = {"accuracy", CLASSES | SEVERAL, true},
    [MEASURE_PRECISION] = {"precision", CLASSES, true},
    [MEASURE_RECALL] = {"recall", CLASSES, true},
    [MEASURE_F1] = {"f1", CLASSES, true},
    [MEASURE_MACRO_F1] = {"macro_f1", SEVERAL, true},
    [MEASURE_R2] = {"r2", NUMBERS | COUNTS | POSITIVE, true},
};

/* Of each objective: what it is among those, and the measure of its own loss. */
static const struct {
    uint32_t kind;
    int32_t measure;
} objectives[OBJECTIVE_END] = {
    [OBJECTIVE_LOGISTIC] = {CLASSES, MEASURE_LOG_LOSS},     [OBJECTIVE_SQUARED] = {NUMBERS, MEASURE_RMSE},
    [OBJECTIVE_ABSOLUTE] = {NUMBERS, MEASURE_MAE},          [OBJECTIVE_HUBER] = {NUMBERS, MEASURE_HUBER},
    [OBJECTIVE_QUANTILE] = {NUMBERS, MEASURE_PINBALL},      [OBJECTIVE_POISSON] = {COUNTS, MEASURE_POISSON_DEVIANCE},
    [OBJECTIVE_GAMMA] = {POSITIVE, MEASURE_GAMMA_DEVIANCE}, [OBJECTIVE_TWEEDIE] = {COUNTS, MEASURE_TWEEDIE_DEVIANCE},
    [OBJECTIVE_SOFTMAX] = {SEVERAL, MEASURE_LOG_LOSS},
};

int32_t measure_find(const char *name, int32_t objective)
{
    if (strcmp(name, "auto") == 0) {
        return objectives[objective].measure;
    }
    for (int32_t measure = 1; measure < MEASURE_END; measure++) {
        if (strcmp(measures[measure].name, name) == 0) {
            return measure;
        }
    }
    return 0;
}

const char *measure_name(int32_t measure)
{
    return measures[measure].name;
}

bool measure_fits(int32_t measure, int32_t objective)
{
    return (measures[measure].objectives & objectives[objective].kind) != 0;
}

bool measure_greater(int32_t measure)
{
    return measures[measure].greater;
}

double measure_loss(int32_t measure, double value)
{
    return measures[measure].greater ? -value : value;
}

static double log_loss(double score, double label)
{
    score = score < PROBABILITY_MARGIN ? PROBABILITY_MARGIN : score > 1 - PROBABILITY_MARGIN ? 1 - PROBABILITY_MARGIN : score;
    return -(label * mathematics_log(score) + (1 - label) * mathematics_log(1 - score));
}

static double huber(double error, double delta)
{
    double magnitude = fabs(error);
    return magnitude <= delta ? 0.5 * error * error : delta * (magnitude - 0.5 * delta);
}

/* Deviances (McCullagh, Nelder 1989) by the margin, which is the logarithm of the score: no score is too small for them. */
static double poisson_deviance(double margin, double label)
{
    double part = label > 0 ? label * (mathematics_log(label) - margin) : 0;
    return 2 * (part - label + mathematics_exp(margin));
}

static double gamma_deviance(double margin, double label)
{
    return 2 * (margin - mathematics_log(label) + label * mathematics_exp(-margin) - 1);
}

static double tweedie_deviance(double margin, double label, double power)
{
    double saturated = label > 0 ? mathematics_exp((2 - power) * mathematics_log(label)) / ((1 - power) * (2 - power)) : 0;
    double a = label * mathematics_exp((1 - power) * margin) / (1 - power);
    return 2 * (saturated - a + mathematics_exp((2 - power) * margin) / (2 - power));
}

/* The loss of one row. */
static double loss(const struct boosting_parameters *parameters, double margin, double label)
{
    double score = objective_score(parameters->objective, margin);
    double error = score - label;
    switch (parameters->measure) {
    case MEASURE_LOG_LOSS: return log_loss(score, label);
    case MEASURE_MAE: return fabs(error);
    case MEASURE_HUBER: return huber(error, parameters->huber_delta);
    case MEASURE_PINBALL: return error > 0 ? (1 - parameters->quantile_alpha) * error : -parameters->quantile_alpha * error;
    case MEASURE_POISSON_DEVIANCE: return poisson_deviance(margin, label);
    case MEASURE_GAMMA_DEVIANCE: return gamma_deviance(margin, label);
    case MEASURE_TWEEDIE_DEVIANCE: return tweedie_deviance(margin, label, parameters->tweedie_power);
    default: return error * error;
    }
}

/* A measure of the library's; NaN when a score is not finite, as no measure is defined then. */
static int32_t library_value(fate_context *context, double *value, const struct boosting_parameters *parameters, const double *margins,
                             const double *labels, const double *weights, uint64_t rows)
{
    const char *task = parameters->measure == MEASURE_R2 ? "regression" : "binary";
    fate_metrics *metrics = NULL;
    bool finite = true;
    uint32_t outputs = parameters->outputs;
    double *scores = memory_allocate(context, rows, outputs * sizeof *scores);
    if (scores == NULL) {
        return context_out_of_memory(context);
    }
    for (uint64_t row = 0; row < rows; row++) {
        objective_scores(parameters->objective, margins + row * outputs, scores + row * outputs, outputs);
        for (uint32_t i = 0; i < outputs; i++) {
            finite = finite && isfinite(scores[row * outputs + i]);
        }
    }
    *value = (double)NAN;
    int32_t result = FATE_OK;
    if (finite && outputs > 1) {
        result = fate_metrics_new_classes(context, &metrics, outputs, scores, labels, weights, rows);
    } else if (finite) {
        result = fate_metrics_new(context, &metrics, task, scores, labels, weights, rows);
    }
    (void)fate_metrics_value(metrics, measures[parameters->measure].name, value);
    fate_metrics_free(metrics);
    memory_free(context, scores);
    return result;
}

int32_t measure_value(fate_context *context, double *value, const struct boosting_parameters *parameters, const double *margins,
                      const double *labels, const double *weights, uint64_t rows)
{
    double sum = 0;
    double total = 0;
    if (parameters->measure >= MEASURE_AUC || parameters->outputs > 1) {
        return library_value(context, value, parameters, margins, labels, weights, rows);
    }
    for (uint64_t row = 0; row < rows; row++) {
        double weight = weights == NULL ? 1 : weights[row];
        sum += weight * loss(parameters, margins[row], labels[row]);
        total += weight;
    }
    *value = parameters->measure == MEASURE_RMSE ? sqrt(sum / total) : sum / total;
    return FATE_OK;
}
