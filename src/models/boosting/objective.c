/* Losses: their gradients as integers, and their scores. */
#include "src/models/boosting/objective.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include "lib/mathematics.h"
#include "lib/number.h"
#include "src/data/quote.h"
#include "src/data/schema.h"
#include "src/models/boosting/classes.h"
#include "src/models/boosting/sampling.h"

/* Labels and weights up to this keep every product and square of sums finite in double: (2^32 * 1e30 * 2e30)^2 < 1e140. */
#define MAGNITUDE_LIMIT 1e30
/* Poisson's hessian is that of a margin greater by this, so that steps stay small where counts are (XGBoost's max_delta_step). */
#define POISSON_STEP 0.7
/* A greater exponent would make the factor itself infinite. */
enum { EXPONENT_LIMIT = 1000 };

static const char *const names[OBJECTIVE_END] = {
    [OBJECTIVE_LOGISTIC] = "logistic", [OBJECTIVE_SQUARED] = "squared",   [OBJECTIVE_ABSOLUTE] = "absolute",
    [OBJECTIVE_HUBER] = "huber",       [OBJECTIVE_QUANTILE] = "quantile", [OBJECTIVE_POISSON] = "poisson",
    [OBJECTIVE_GAMMA] = "gamma",       [OBJECTIVE_TWEEDIE] = "tweedie",   [OBJECTIVE_SOFTMAX] = "softmax",
};

int32_t objective_find(const char *name)
{
    for (int32_t objective = 1; objective < OBJECTIVE_END; objective++) {
        if (strcmp(names[objective], name) == 0) {
            return objective;
        }
    }
    return 0;
}

const char *objective_name(int32_t objective)
{
    return names[objective];
}

bool objective_log_link(int32_t objective)
{
    return objective == OBJECTIVE_POISSON || objective == OBJECTIVE_GAMMA || objective == OBJECTIVE_TWEEDIE;
}

bool objective_base_fits(int32_t objective, double base_score)
{
    if (objective == OBJECTIVE_LOGISTIC) {
        return base_score > 0 && base_score < 1;
    }
    return isfinite(base_score) && (base_score > 0 || !objective_log_link(objective));
}

/* What the labels of an objective must be; NULL when the label is. */
static const char *label_wrong(const struct boosting_parameters *parameters, double label)
{
    switch (parameters->objective) {
    case OBJECTIVE_LOGISTIC: return label == 0 || label == 1 ? NULL : "0 or 1";
    case OBJECTIVE_POISSON:
    case OBJECTIVE_TWEEDIE: return label >= 0 ? NULL : "numbers that are not below 0";
    case OBJECTIVE_GAMMA: return label > 0 ? NULL : "numbers above 0";
    case OBJECTIVE_SOFTMAX:
        return label >= 0 && label < parameters->outputs && label == floor(label) ? NULL : "whole numbers from 0 to classes - 1";
    default: return NULL;
    }
}

/* A row as the owner of the table can find it: by its id, and the column's name in the job. */
struct place {
    const fate_table *table;
    const char *what;   /* "table" */
    const char *column; /* NULL: the job names none */
};

/* FATE_E_TABLE: the table's label 2 of the row with the id "a7", column "y": reason. */
static int32_t fail_row(fate_context *context, const struct place *place, const char *kind, double value, uint64_t row, const char *reason)
{
    char number[NUMBER_TEXT], id[QUOTE_TEXT], column[QUOTE_TEXT];
    uint64_t length = 0;
    const uint8_t *bytes = fate_table_row_id(place->table, row, &length);
    number_write(number, value);
    return context_fail(context, FATE_E_TABLE, "the %s has the %s %s in the row with the id %s%s%s: %s", place->what, kind, number,
                        quote_bytes(id, bytes, length), place->column == NULL ? "" : ", column ",
                        place->column == NULL ? "" : quote_text(column, place->column), reason);
}

static int32_t check_labels(fate_context *context, const struct boosting_parameters *parameters, const struct place *place)
{
    const double *labels = fate_table_label(place->table);
    char reason[128];
    for (uint64_t row = 0; row < fate_table_rows(place->table); row++) {
        const char *needed = label_wrong(parameters, labels[row]);
        if (needed != NULL) {
            snprintf(reason, sizeof reason, "the objective \"%s\" needs %s", names[parameters->objective], needed);
            return fail_row(context, place, "label", labels[row], row, reason);
        }
        if (!(fabs(labels[row]) <= MAGNITUDE_LIMIT)) {
            return fail_row(context, place, "label", labels[row], row, "at most 1e30 is possible");
        }
    }
    return FATE_OK;
}

static int32_t check_weights(fate_context *context, const struct place *place)
{
    const double *weights = fate_table_weight(place->table);
    bool some = false;
    for (uint64_t row = 0; row < fate_table_rows(place->table); row++) {
        if (!(weights[row] >= 0 && weights[row] <= MAGNITUDE_LIMIT)) {
            return fail_row(context, place, "weight", weights[row], row, "0 to 1e30 is possible");
        }
        some = some || weights[row] > 0;
    }
    return some ? FATE_OK : context_fail(context, FATE_E_TABLE, "every weight of the %s is 0: nothing can be learned from it", place->what);
}

int32_t objective_check(fate_context *context, const struct boosting_parameters *parameters, const fate_table *table,
                        const fate_schema *schema, const char *what)
{
    if (fate_table_rows(table) == 0) {
        return context_fail(context, FATE_E_TABLE, "the %s has no rows", what);
    }
    if (fate_table_label(table) == NULL) {
        return context_fail(context, FATE_E_TABLE, "the %s of the guest has no label column", what);
    }
    const struct place label = {table, what, schema == NULL ? NULL : schema->label};
    const struct place weight = {table, what, schema == NULL ? NULL : schema->weight};
    int32_t result = check_labels(context, parameters, &label);
    return result != FATE_OK || fate_table_weight(table) == NULL ? result : check_weights(context, &weight);
}

double objective_base_margin(int32_t objective, double base_score)
{
    if (objective_log_link(objective)) {
        return mathematics_log(base_score);
    }
    return objective == OBJECTIVE_LOGISTIC ? mathematics_log(base_score / (1 - base_score)) : base_score;
}

double objective_score(int32_t objective, double margin)
{
    if (objective_log_link(objective)) {
        return mathematics_exp(margin);
    }
    return objective == OBJECTIVE_LOGISTIC ? mathematics_sigmoid(margin) : margin;
}

void objective_scores(int32_t objective, const double *margins, double *scores, uint32_t outputs)
{
    if (objective == OBJECTIVE_SOFTMAX) {
        classes_probabilities(margins, scores, outputs);
        return;
    }
    for (uint32_t i = 0; i < outputs; i++) {
        scores[i] = objective_score(objective, margins[i]);
    }
}

/* Of one row and output, weight left out. */
struct derivatives {
    double gradient, hessian;
};

static struct derivatives tweedie(double power, double margin, double label)
{
    double a = label * mathematics_exp((1 - power) * margin);
    double b = mathematics_exp((2 - power) * margin);
    return (struct derivatives){b - a, (2 - power) * b - (1 - power) * a};
}

static struct derivatives derive(const struct boosting_parameters *parameters, double margin, double label)
{
    double score = objective_score(parameters->objective, margin);
    double difference = score - label;
    double alpha = parameters->quantile_alpha, delta = parameters->huber_delta;
    switch (parameters->objective) {
    case OBJECTIVE_LOGISTIC: return (struct derivatives){difference, score * (1 - score)};
    case OBJECTIVE_ABSOLUTE: return (struct derivatives){difference > 0 ? 1 : difference < 0 ? -1 : difference, 1};
    case OBJECTIVE_HUBER: return (struct derivatives){difference > delta ? delta : difference < -delta ? -delta : difference, 1};
    case OBJECTIVE_QUANTILE: return (struct derivatives){difference >= 0 ? 1 - alpha : difference < 0 ? -alpha : difference, 1};
    case OBJECTIVE_POISSON: return (struct derivatives){difference, mathematics_exp(margin + POISSON_STEP)};
    case OBJECTIVE_GAMMA: {
        double ratio = label * mathematics_exp(-margin);
        return (struct derivatives){1 - ratio, ratio};
    }
    case OBJECTIVE_TWEEDIE: return tweedie(parameters->tweedie_power, margin, label);
    default: return (struct derivatives){difference, 1};
    }
}

static double weight_of(const struct boosting_parameters *parameters, const double *labels, const double *weights, uint64_t row)
{
    double weight = weights == NULL ? 1 : weights[row];
    return parameters->objective == OBJECTIVE_LOGISTIC && labels[row] == 1 ? weight * parameters->scale_pos_weight : weight;
}

/* One tree's gradients before they are rounded. */
struct gradient_work {
    const struct boosting_parameters *parameters;
    uint32_t output;              /* the first of the tree's outputs */
    double *gradients, *hessians; /* rows * tree_outputs */
    double *probabilities;        /* scratch: of one row's classes */
    double greatest[2];           /* |g| and h */
};

static int32_t work_init(struct gradient_work *work, fate_context *context, const struct boosting_parameters *parameters, uint32_t tree,
                         uint64_t rows)
{
    uint64_t numbers = rows * parameters->tree_outputs;
    *work = (struct gradient_work){.parameters = parameters, .output = tree % parameters->round_trees};
    work->gradients = memory_allocate(context, 2 * numbers + parameters->outputs, sizeof *work->gradients);
    if (work->gradients == NULL) {
        return context_out_of_memory(context);
    }
    work->hessians = work->gradients + numbers;
    work->probabilities = work->hessians + numbers;
    return FATE_OK;
}

static void work_free(struct gradient_work *work, fate_context *context, uint64_t rows)
{
    uint64_t numbers = rows * work->parameters->tree_outputs;
    memory_free_secret(context, work->gradients, (2 * numbers + work->parameters->outputs) * sizeof *work->gradients);
}

/* Keeps NaN. */
static void note_greatest(double *greatest, double magnitude)
{
    *greatest = magnitude <= *greatest || isnan(*greatest) ? *greatest : magnitude;
}

static void derive_row(struct gradient_work *work, double *gradients, double *hessians, const double *margins, double label, double weight)
{
    const struct boosting_parameters *parameters = work->parameters;
    bool several = parameters->objective == OBJECTIVE_SOFTMAX;
    if (several) {
        classes_probabilities(margins, work->probabilities, parameters->outputs);
    }
    for (uint32_t i = 0; i < parameters->tree_outputs; i++) {
        struct derivatives derivatives;
        if (several) {
            double share = work->probabilities[work->output + i];
            derivatives = (struct derivatives){share - (label == work->output + i), 2 * share * (1 - share)};
        } else {
            derivatives = derive(parameters, margins[0], label);
        }
        gradients[i] = weight * derivatives.gradient;
        hessians[i] = weight * derivatives.hessian;
        note_greatest(&work->greatest[0], fabs(gradients[i]));
        note_greatest(&work->greatest[1], hessians[i]);
    }
}

/* The gradients of the sampled rows in double, and the greatest |g| and h among them. */
static void gradients_of_rows(struct gradient_work *work, const double *margins, const double *labels, const double *weights,
                              const uint8_t *sampled, uint64_t rows)
{
    const struct boosting_parameters *parameters = work->parameters;
    double amplification = sampling_amplification(rows, parameters->goss_top, parameters->goss_other);
    uint64_t outputs = parameters->tree_outputs;
    for (uint64_t row = 0; row < rows; row++) {
        double *gradients = work->gradients + row * outputs, *hessians = work->hessians + row * outputs;
        if (sampled != NULL && !sampled[row]) {
            memset(gradients, 0, outputs * sizeof *gradients);
            memset(hessians, 0, outputs * sizeof *hessians);
            continue;
        }
        double weight = weight_of(parameters, labels, weights, row);
        if (sampled != NULL && sampled[row] == SAMPLING_AMPLIFIED) {
            weight *= amplification;
        }
        derive_row(work, gradients, hessians, margins + row * parameters->outputs, labels[row], weight);
    }
}

/* The exponent s with greatest * 2^s in [2^(bits-1), 2^bits); 0 when greatest is 0. */
static int32_t scale_exponent(double greatest, int bits)
{
    int exponent = 0;
    if (!(greatest > 0)) {
        return 0;
    }
    (void)frexp(greatest, &exponent);
    exponent = bits - exponent;
    return exponent > EXPONENT_LIMIT ? EXPONENT_LIMIT : exponent;
}

/* Half away from zero; a value just below 2^bits may round up to it and is then kept within. */
static int32_t round_number(double value, double factor, int32_t most)
{
    int32_t number = (int32_t)lround(value * factor);
    return number > most ? most : number < -most ? -most : number;
}

static int32_t out_of_range(fate_context *context)
{
    return context_fail(context, FATE_E_RANGE, "the scores have grown out of range: choose a smaller learning_rate or a greater lambda");
}

int32_t objective_sample(fate_context *context, const struct boosting_parameters *parameters, uint8_t *sampled, uint32_t tree,
                         const double *margins, const double *labels, const double *weights, uint64_t rows)
{
    struct gradient_work work;
    int32_t result = work_init(&work, context, parameters, tree, rows);
    if (result != FATE_OK) {
        return result;
    }
    gradients_of_rows(&work, margins, labels, weights, NULL, rows);
    for (uint64_t row = 0; row < rows; row++) {
        double magnitude = 0;
        for (uint32_t i = 0; i < parameters->tree_outputs; i++) {
            magnitude += fabs(work.gradients[row * parameters->tree_outputs + i]);
        }
        work.gradients[row] = magnitude; /* at or before what was read */
    }
    result = isfinite(work.greatest[0]) && isfinite(work.greatest[1]) ? FATE_OK : out_of_range(context);
    if (result == FATE_OK) {
        result = sampling_gradients(context, sampled, work.gradients, parameters->seed, tree, rows, parameters->goss_top,
                                    parameters->goss_other);
    }
    work_free(&work, context, rows);
    return result;
}

int32_t objective_gradients(fate_context *context, const struct boosting_parameters *parameters, struct gradient_pair *pairs,
                            struct gradient_scale *scale, uint32_t tree, const double *margins, const double *labels, const double *weights,
                            const uint8_t *sampled, uint64_t rows)
{
    enum { GRADIENT_MOST = (1 << (OBJECTIVE_BITS - 1)) - 1, HESSIAN_MOST = (1 << OBJECTIVE_BITS) - 1 };
    struct gradient_work work;
    int32_t result = work_init(&work, context, parameters, tree, rows);
    if (result != FATE_OK) {
        return result;
    }
    gradients_of_rows(&work, margins, labels, weights, sampled, rows);
    if (isfinite(work.greatest[0]) && isfinite(work.greatest[1])) {
        scale->gradient = scale_exponent(work.greatest[0], OBJECTIVE_BITS - 1);
        scale->hessian = scale_exponent(work.greatest[1], OBJECTIVE_BITS);
        double gradient_factor = ldexp(1, scale->gradient);
        double hessian_factor = ldexp(1, scale->hessian);
        for (uint64_t i = 0; i < rows * parameters->tree_outputs; i++) {
            pairs[i].gradient = round_number(work.gradients[i], gradient_factor, GRADIENT_MOST);
            pairs[i].hessian = round_number(work.hessians[i], hessian_factor, HESSIAN_MOST);
        }
    } else {
        result = out_of_range(context);
    }
    work_free(&work, context, rows);
    return result;
}
