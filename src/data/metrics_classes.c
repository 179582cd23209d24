/* Measures of scores of several classes against labels. */
#include <math.h>
#include "lib/mathematics.h"
#include "src/data/metrics.h"

enum { CLASSES_LEAST = 2, CLASSES_MOST = 1000 };

/* Scores (a number for each class of each row), labels and weights. */
struct sample {
    uint32_t classes;
    const double *scores, *labels, *weights; /* weights: NULL for all 1 */
    uint64_t count;
};

static double weight_of(const struct sample *sample, uint64_t row)
{
    return sample->weights ? sample->weights[row] : 1.0;
}

static bool row_fits(const struct sample *sample, uint64_t row)
{
    double label = sample->labels[row], weight = weight_of(sample, row);
    bool fits = label >= 0 && label < sample->classes && label == floor(label) && isfinite(weight) && weight >= 0;
    for (uint32_t i = 0; i < sample->classes && fits; i++) {
        double score = sample->scores[row * sample->classes + i];
        fits = score >= 0 && score <= 1;
    }
    return fits;
}

static int32_t check(fate_context *context, const struct sample *sample)
{
    struct metrics_sum weights = {0, 0};
    if (sample->count == 0) return context_fail(context, FATE_E_ARGUMENT, "there are no rows to measure");
    if (sample->count >= UINT32_MAX) return context_fail(context, FATE_E_LIMIT, "measures are taken of at most 4294967294 rows");
    for (uint64_t row = 0; row < sample->count; row++) {
        if (!row_fits(sample, row))
            return context_fail(context, FATE_E_ARGUMENT,
                                "row %llu (counted from 1): labels are whole numbers from 0 to %u, scores lie between 0 and 1, and weights "
                                "are finite and not negative",
                                (unsigned long long)row + 1, (unsigned)sample->classes - 1);
        metrics_add(&weights, weight_of(sample, row));
    }
    if (!(metrics_sum_value(&weights) > 0) || !isfinite(metrics_sum_value(&weights)))
        return context_fail(context, FATE_E_ARGUMENT, "the weights are all 0, or too large to be summed");
    return FATE_OK;
}

/* The first class of the greatest score. */
static uint32_t predicted_class(const struct sample *sample, uint64_t row)
{
    const double *scores = sample->scores + row * sample->classes;
    uint32_t best = 0;
    for (uint32_t i = 1; i < sample->classes; i++) best = scores[i] > scores[best] ? i : best;
    return best;
}

static int32_t fill_confusion(fate_metrics *metrics, const struct sample *sample)
{
    uint64_t cells = (uint64_t)sample->classes * sample->classes;
    struct metrics_sum *sums = memory_zeroed(metrics->context, cells, sizeof *sums);
    metrics->confusion = memory_zeroed(metrics->context, cells, sizeof *metrics->confusion);
    int32_t result = sums == NULL || metrics->confusion == NULL ? context_out_of_memory(metrics->context) : FATE_OK;
    for (uint64_t row = 0; row < sample->count && result == FATE_OK; row++)
        metrics_add(&sums[(uint64_t)sample->labels[row] * sample->classes + predicted_class(sample, row)], weight_of(sample, row));
    for (uint64_t i = 0; i < cells && result == FATE_OK; i++) metrics->confusion[i] = metrics_sum_value(&sums[i]);
    memory_free(metrics->context, sums);
    return result;
}

/* Accuracy and the mean of f1, from the confusion matrix. */
static void measure_decisions(fate_metrics *metrics, const struct sample *sample)
{
    struct metrics_sum right = {0, 0}, all = {0, 0}, scores = {0, 0};
    uint32_t seen = 0;
    for (uint32_t i = 0; i < sample->classes; i++) {
        struct metrics_sum labelled = {0, 0}, predicted = {0, 0};
        double both = metrics->confusion[(uint64_t)i * sample->classes + i];
        for (uint32_t k = 0; k < sample->classes; k++) {
            metrics_add(&labelled, metrics->confusion[(uint64_t)i * sample->classes + k]);
            metrics_add(&predicted, metrics->confusion[(uint64_t)k * sample->classes + i]);
        }
        double either = metrics_sum_value(&labelled) + metrics_sum_value(&predicted);
        metrics_add(&right, both);
        metrics_add(&all, metrics_sum_value(&labelled));
        if (either > 0) {
            metrics_add(&scores, 2 * both / either);
            seen++;
        }
    }
    metrics->values[METRICS_ACCURACY] = metrics_sum_value(&right) / metrics_sum_value(&all);
    metrics->values[METRICS_MACRO_F1] = metrics_sum_value(&scores) / seen;
}

static double log_loss(const struct sample *sample)
{
    struct metrics_sum loss = {0, 0}, weights = {0, 0};
    for (uint64_t row = 0; row < sample->count; row++) {
        double score = sample->scores[row * sample->classes + (uint32_t)sample->labels[row]];
        metrics_add(&loss, -weight_of(sample, row) * mathematics_log(score < 1e-15 ? 1e-15 : score));
        metrics_add(&weights, weight_of(sample, row));
    }
    return metrics_sum_value(&loss) / metrics_sum_value(&weights);
}

FATE_API int32_t fate_metrics_new_classes(fate_context *context, fate_metrics **metrics, uint32_t classes, const double *scores,
                                          const double *labels, const double *weights, uint64_t count)
{
    struct sample sample = {classes, scores, labels, weights, count};
    if (metrics) *metrics = NULL;
    if (!context || !metrics || !scores || !labels || classes < CLASSES_LEAST || classes > CLASSES_MOST)
        return context_bad_argument(context, "fate_metrics_new_classes: metrics, scores or labels is NULL, or classes is not 2 to 1000");
    int32_t result = check(context, &sample);
    if (result != FATE_OK) return result;
    fate_metrics *made = memory_zeroed(context, 1, sizeof *made);
    if (!made) return context_out_of_memory(context);
    made->context = context_hold(context);
    made->classes = classes;
    for (uint32_t i = 0; i < METRICS_COUNT; i++) made->values[i] = (double)NAN;
    result = fill_confusion(made, &sample);
    if (result != FATE_OK) {
        fate_metrics_free(made);
        return result;
    }
    measure_decisions(made, &sample);
    made->values[METRICS_LOG_LOSS] = log_loss(&sample);
    *metrics = made;
    return FATE_OK;
}
