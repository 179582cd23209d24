/* Measures of scores against labels. Every sum is compensated and taken in a fixed order. */
#include "src/data/metrics.h"
#include "lib/mathematics.h"
#include "src/data/order.h"
#include <math.h>
#include <string.h>

/* Scores, labels and weights of the rows; order: rows by falling score. */
struct sample {
    const double *scores;
    const double *labels;
    const double *weights; /* NULL: all 1 */
    uint64_t count;
    const uint32_t *order;
    double positive; /* weights of the labels 1 and 0 */
    double negative;
};

void metrics_add(struct metrics_sum *sum, double value)
{
    double total = sum->total + value;
    sum->lost += fabs(sum->total) >= fabs(value) ? (sum->total - total) + value : (value - total) + sum->total;
    sum->total = total;
}

double metrics_sum_value(const struct metrics_sum *sum)
{
    return sum->total + sum->lost;
}

static double weight_of(const struct sample *sample, uint64_t row)
{
    return sample->weights ? sample->weights[row] : 1.0;
}

const char *metrics_name(int32_t measure)
{
    static const char *const names[METRICS_COUNT] = {
        [METRICS_AUC] = "auc",
        [METRICS_KS] = "ks",
        [METRICS_ACCURACY] = "accuracy",
        [METRICS_PRECISION] = "precision",
        [METRICS_RECALL] = "recall",
        [METRICS_F1] = "f1",
        [METRICS_LOG_LOSS] = "log_loss",
        [METRICS_TRUE_POSITIVE] = "true_positive",
        [METRICS_FALSE_POSITIVE] = "false_positive",
        [METRICS_TRUE_NEGATIVE] = "true_negative",
        [METRICS_FALSE_NEGATIVE] = "false_negative",
        [METRICS_RMSE] = "rmse",
        [METRICS_MAE] = "mae",
        [METRICS_R2] = "r2",
        [METRICS_MACRO_F1] = "macro_f1",
    };
    return names[measure];
}

static double ratio(double part, double whole)
{
    return whole > 0 ? part / whole : (double)NAN;
}

/* Accuracy and its kin, from the four cells of the confusion matrix. */
static void measure_decisions(fate_metrics *metrics, const struct sample *sample)
{
    struct metrics_sum cells[2][2] = {{{0, 0}, {0, 0}}, {{0, 0}, {0, 0}}}; /* [label][predicted] */
    for (uint64_t row = 0; row < sample->count; row++)
        metrics_add(&cells[sample->labels[row] > 0][sample->scores[row] >= 0.5], weight_of(sample, row));
    double true_positive = metrics_sum_value(&cells[1][1]), false_positive = metrics_sum_value(&cells[0][1]);
    double true_negative = metrics_sum_value(&cells[0][0]), false_negative = metrics_sum_value(&cells[1][0]);
    metrics->values[METRICS_TRUE_POSITIVE] = true_positive;
    metrics->values[METRICS_FALSE_POSITIVE] = false_positive;
    metrics->values[METRICS_TRUE_NEGATIVE] = true_negative;
    metrics->values[METRICS_FALSE_NEGATIVE] = false_negative;
    metrics->values[METRICS_ACCURACY] =
        ratio(true_positive + true_negative, true_positive + true_negative + false_positive + false_negative);
    metrics->values[METRICS_PRECISION] = ratio(true_positive, true_positive + false_positive);
    metrics->values[METRICS_RECALL] = ratio(true_positive, true_positive + false_negative);
    metrics->values[METRICS_F1] = ratio(2 * true_positive, 2 * true_positive + false_positive + false_negative);
}

static double log_loss(const struct sample *sample)
{
    struct metrics_sum loss = {0, 0}, weights = {0, 0};
    for (uint64_t row = 0; row < sample->count; row++) {
        double score = sample->scores[row] < 1e-15 ? 1e-15 : sample->scores[row] > 1 - 1e-15 ? 1 - 1e-15 : sample->scores[row];
        metrics_add(&loss, -weight_of(sample, row) * mathematics_log(sample->labels[row] > 0 ? score : 1 - score));
        metrics_add(&weights, weight_of(sample, row));
    }
    return ratio(metrics_sum_value(&loss), metrics_sum_value(&weights));
}

/* Rows of equal score: weights of both classes in them and in all rows above. */
struct group {
    uint64_t end; /* position in order behind the group */
    double positive;
    double negative;
    double positive_above;
    double negative_above;
};

/* Goes on to the next group; false: there is none. above: sums over all rows so far. */
static bool next_group(const struct sample *sample, struct group *group, struct metrics_sum *positive, struct metrics_sum *negative)
{
    uint64_t first = group->end;
    if (first == sample->count) return false;
    group->positive_above = metrics_sum_value(positive);
    group->negative_above = metrics_sum_value(negative);
    double score = sample->scores[sample->order[first]];
    for (; group->end < sample->count && !(sample->scores[sample->order[group->end]] < score); group->end++) {
        uint32_t row = sample->order[group->end];
        metrics_add(sample->labels[row] > 0 ? positive : negative, weight_of(sample, row));
    }
    group->positive = metrics_sum_value(positive) - group->positive_above;
    group->negative = metrics_sum_value(negative) - group->negative_above;
    return true;
}

/* The area under the curve, and the largest distance from the diagonal, by ranks: a pair counts when the label 1 has the higher score. */
static void measure_ranks(fate_metrics *metrics, const struct sample *sample)
{
    struct group group = {0, 0, 0, 0, 0};
    struct metrics_sum positive = {0, 0}, negative = {0, 0}, pairs = {0, 0};
    double largest = 0;
    while (next_group(sample, &group, &positive, &negative)) {
        metrics_add(&pairs, group.negative * group.positive_above);
        metrics_add(&pairs, group.negative * group.positive / 2);
        double distance =
            fabs(ratio(metrics_sum_value(&positive), sample->positive) - ratio(metrics_sum_value(&negative), sample->negative));
        largest = distance > largest ? distance : largest;
    }
    bool both = sample->positive > 0 && sample->negative > 0;
    metrics->values[METRICS_AUC] = both ? metrics_sum_value(&pairs) / sample->positive / sample->negative : (double)NAN;
    metrics->values[METRICS_KS] = both ? largest : (double)NAN;
}

/* The gain curve at each tenth; groups are passed through in a straight line. */
static void measure_tenths(fate_metrics *metrics, const struct sample *sample)
{
    struct group group = {0, 0, 0, 0, 0};
    struct metrics_sum positive = {0, 0}, negative = {0, 0};
    double all = sample->positive + sample->negative;
    uint32_t tenth = 1;
    while (next_group(sample, &group, &positive, &negative)) {
        double above = group.positive_above + group.negative_above;
        double size = group.positive + group.negative;
        for (; tenth < METRICS_TENTHS && above + size >= all * tenth / METRICS_TENTHS && size > 0; tenth++) {
            double found = group.positive_above + group.positive * ((all * tenth / METRICS_TENTHS - above) / size);
            metrics->gain[tenth - 1] = ratio(found, sample->positive);
        }
    }
    for (; tenth <= METRICS_TENTHS; tenth++) metrics->gain[tenth - 1] = ratio(sample->positive, sample->positive);
    for (tenth = 1; tenth <= METRICS_TENTHS; tenth++) metrics->lift[tenth - 1] = metrics->gain[tenth - 1] * METRICS_TENTHS / tenth;
}

static int32_t compare_scores(const void *argument, uint32_t left, uint32_t right)
{
    const double *scores = argument;
    return scores[left] > scores[right] ? -1 : scores[left] < scores[right];
}

static int32_t measure_binary(fate_metrics *metrics, struct sample *sample)
{
    struct metrics_sum positive = {0, 0}, negative = {0, 0};
    uint32_t *order = order_new(metrics->context, sample->count, compare_scores, sample->scores);
    if (!order) return context_out_of_memory(metrics->context);
    sample->order = order;
    for (uint64_t row = 0; row < sample->count; row++) metrics_add(sample->labels[row] > 0 ? &positive : &negative, weight_of(sample, row));
    sample->positive = metrics_sum_value(&positive);
    sample->negative = metrics_sum_value(&negative);
    measure_decisions(metrics, sample);
    metrics->values[METRICS_LOG_LOSS] = log_loss(sample);
    measure_ranks(metrics, sample);
    measure_tenths(metrics, sample);
    memory_free(metrics->context, order);
    return FATE_OK;
}

static void measure_numbers(fate_metrics *metrics, const struct sample *sample)
{
    struct metrics_sum weights = {0, 0}, labels = {0, 0}, squares = {0, 0}, distances = {0, 0}, spread = {0, 0};
    for (uint64_t row = 0; row < sample->count; row++) {
        metrics_add(&weights, weight_of(sample, row));
        metrics_add(&labels, weight_of(sample, row) * sample->labels[row]);
    }
    double mean = metrics_sum_value(&labels) / metrics_sum_value(&weights);
    for (uint64_t row = 0; row < sample->count; row++) {
        double error = sample->scores[row] - sample->labels[row];
        double distance = sample->labels[row] - mean;
        metrics_add(&squares, weight_of(sample, row) * error * error);
        metrics_add(&distances, weight_of(sample, row) * fabs(error));
        metrics_add(&spread, weight_of(sample, row) * distance * distance);
    }
    metrics->values[METRICS_RMSE] = sqrt(metrics_sum_value(&squares) / metrics_sum_value(&weights));
    metrics->values[METRICS_MAE] = metrics_sum_value(&distances) / metrics_sum_value(&weights);
    metrics->values[METRICS_R2] = 1 - ratio(metrics_sum_value(&squares), metrics_sum_value(&spread));
}

static bool is_binary(const struct sample *sample, uint64_t row)
{
    return (sample->labels[row] == 0 || sample->labels[row] == 1) && sample->scores[row] >= 0 && sample->scores[row] <= 1;
}

/* FATE_OK and whether the task is binary. */
static int32_t choose_task(fate_context *context, const struct sample *sample, const char *task, bool *binary)
{
    bool automatic = strcmp(task, "auto") == 0;
    *binary = automatic || strcmp(task, "binary") == 0;
    if (!*binary && strcmp(task, "regression") != 0)
        return context_fail(context, FATE_E_ARGUMENT, "there is no task of that name; binary, regression and auto are possible");
    for (uint64_t row = 0; row < sample->count && *binary; row++) {
        if (is_binary(sample, row)) continue;
        if (!automatic)
            return context_fail(context, FATE_E_ARGUMENT,
                                "row %llu (counted from 1): for the task binary labels are 0 or 1 and scores lie between 0 and 1",
                                (unsigned long long)row + 1);
        *binary = false;
    }
    return FATE_OK;
}

static int32_t check(fate_context *context, const struct sample *sample)
{
    struct metrics_sum weights = {0, 0};
    if (sample->count == 0) return context_fail(context, FATE_E_ARGUMENT, "there are no rows to measure");
    if (sample->count >= UINT32_MAX) return context_fail(context, FATE_E_LIMIT, "measures are taken of at most 4294967294 rows");
    for (uint64_t row = 0; row < sample->count; row++) {
        double weight = weight_of(sample, row);
        if (!isfinite(sample->scores[row]) || !isfinite(sample->labels[row]) || !isfinite(weight) || weight < 0)
            return context_fail(context, FATE_E_ARGUMENT,
                                "row %llu (counted from 1): score, label and weight must be finite, and the weight not negative",
                                (unsigned long long)row + 1);
        metrics_add(&weights, weight);
    }
    if (!(metrics_sum_value(&weights) > 0) || !isfinite(metrics_sum_value(&weights)))
        return context_fail(context, FATE_E_ARGUMENT, "the weights are all 0, or too large to be summed");
    return FATE_OK;
}

FATE_API int32_t fate_metrics_new(fate_context *context, fate_metrics **metrics, const char *task, const double *scores,
                                  const double *labels, const double *weights, uint64_t count)
{
    struct sample sample = {scores, labels, weights, count, NULL, 0, 0};
    bool binary = false;
    if (metrics) *metrics = NULL;
    if (!context || !metrics || !task || !scores || !labels)
        return context_bad_argument(context, "fate_metrics_new: context, metrics, task, scores or labels is NULL");
    int32_t result = check(context, &sample);
    if (result == FATE_OK) result = choose_task(context, &sample, task, &binary);
    if (result != FATE_OK) return result;
    fate_metrics *made = memory_zeroed(context, 1, sizeof *made);
    if (!made) return context_out_of_memory(context);
    made->context = context_hold(context);
    made->binary = binary;
    for (uint32_t i = 0; i < METRICS_COUNT; i++) made->values[i] = (double)NAN;
    if (binary)
        result = measure_binary(made, &sample);
    else
        measure_numbers(made, &sample);
    if (result == FATE_OK)
        *metrics = made;
    else
        fate_metrics_free(made);
    return result;
}

FATE_API void fate_metrics_free(fate_metrics *metrics)
{
    if (!metrics) return;
    fate_context *context = metrics->context;
    memory_free(context, metrics->confusion);
    memory_free(context, metrics);
    fate_context_free(context);
}

FATE_API const char *fate_metrics_task(const fate_metrics *metrics)
{
    return !metrics ? NULL : metrics->classes > 0 ? "multiclass" : metrics->binary ? "binary" : "regression";
}

FATE_API int32_t fate_metrics_value(const fate_metrics *metrics, const char *name, double *value)
{
    if (!metrics) return FATE_E_ARGUMENT;
    if (!name || !value) return context_bad_argument(metrics->context, "fate_metrics_value: name or value is NULL");
    for (int32_t i = 0; i < METRICS_COUNT; i++) {
        if (strcmp(metrics_name(i), name) != 0) continue;
        if (!isfinite(metrics->values[i])) return FATE_EMPTY;
        *value = metrics->values[i];
        return FATE_OK;
    }
    return context_fail(metrics->context, FATE_E_ARGUMENT, "fate_metrics_value: there is no measure \"%.64s\"", name);
}

FATE_API int32_t fate_metrics_lift(const fate_metrics *metrics, uint32_t tenth, double *lift, double *gain)
{
    if (!metrics) return FATE_E_ARGUMENT;
    if (!lift || !gain || tenth < 1 || tenth > METRICS_TENTHS)
        return context_bad_argument(metrics->context, "fate_metrics_lift: lift or gain is NULL, or tenth is not 1 to 10");
    if (!metrics->binary || !isfinite(metrics->gain[tenth - 1])) return FATE_EMPTY;
    *lift = metrics->lift[tenth - 1];
    *gain = metrics->gain[tenth - 1];
    return FATE_OK;
}
