/* The measures of each fold of a cross-validation, their mean and their standard deviation. */
#include "tools/folds.h"
#include "tools/message.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEASURES_MOST = 8 };

/* The rows of one fold, brought together. */
struct fold {
    double *scores, *labels, *weights; /* weights: NULL without */
    uint64_t rows;
};

struct measures {
    const char *names[MEASURES_MOST];
    uint32_t count, folds, classes; /* classes: columns of scores */
    const char *task;
    double *values; /* folds * count; NaN: not defined */
};

static void choose(struct measures *measures, const fate_job *job)
{
    static const char *const binary[] = {"auc", "ks", "accuracy", "f1", "log_loss"};
    static const char *const numbers[] = {"rmse", "mae", "r2"};
    static const char *const several[] = {"accuracy", "macro_f1", "log_loss"};
    const char *objective = "";
    (void)fate_job_text(job, "objective", &objective);
    int logistic = strcmp(objective, "logistic") == 0;
    const char *const *names = measures->classes > 1 ? several : logistic ? binary : numbers;
    measures->count = measures->classes > 1 ? 3 : logistic ? 5 : 3;
    measures->task = logistic ? "binary" : "regression";
    memcpy(measures->names, names, measures->count * sizeof *names);
}

static void fold_free(struct fold *fold)
{
    free(fold->scores);
    free(fold->labels);
    free(fold->weights);
}

/* Collects the rows of a fold, which is numbered from 1. */
static int fold_make(struct fold *fold, const fate_scores *scores, const fate_table *labels, uint32_t number, uint32_t classes)
{
    uint64_t rows = fate_scores_rows(scores);
    const double *of_row = fate_scores_values(scores, classes), *weights = fate_table_weight(labels);
    fold->scores = malloc((size_t)rows * classes * sizeof *fold->scores);
    fold->labels = malloc((size_t)rows * sizeof *fold->labels);
    fold->weights = weights ? malloc((size_t)rows * sizeof *fold->weights) : NULL;
    if (!fold->scores || !fold->labels || (weights && !fold->weights)) return message_failed(FATE_E_MEMORY, NULL);
    for (uint64_t row = 0; row < rows; row++) {
        if (of_row[row] != number) continue;
        for (uint32_t i = 0; i < classes; i++) fold->scores[fold->rows * classes + i] = fate_scores_values(scores, i)[row];
        if (weights) fold->weights[fold->rows] = weights[row];
        fold->labels[fold->rows++] = fate_table_label(labels)[row];
    }
    return 0;
}

static int measure_fold(fate_context *context, const struct measures *measures, const struct fold *fold, double *values)
{
    fate_metrics *metrics = NULL;
    double total = 0;
    for (uint64_t row = 0; row < fold->rows; row++) total += fold->weights ? fold->weights[row] : 1;
    for (uint32_t i = 0; i < measures->count; i++) values[i] = (double)NAN;
    if (!(total > 0)) return 0; /* nothing to measure */
    int32_t result =
        measures->classes > 1
            ? fate_metrics_new_classes(context, &metrics, measures->classes, fold->scores, fold->labels, fold->weights, fold->rows)
            : fate_metrics_new(context, &metrics, measures->task, fold->scores, fold->labels, fold->weights, fold->rows);
    for (uint32_t i = 0; i < measures->count && result == FATE_OK; i++) (void)fate_metrics_value(metrics, measures->names[i], &values[i]);
    fate_metrics_free(metrics);
    return result == FATE_OK ? 0 : message_context(context, result);
}

static int measure(fate_context *context, struct measures *measures, const fate_scores *scores, const fate_table *labels)
{
    int code = 0;
    measures->values = calloc((size_t)measures->folds * measures->count, sizeof *measures->values);
    if (!measures->values) return message_failed(FATE_E_MEMORY, NULL);
    for (uint32_t i = 0; i < measures->folds && !code; i++) {
        struct fold fold = {NULL, NULL, NULL, 0};
        code = fold_make(&fold, scores, labels, i + 1, measures->classes);
        if (!code) code = measure_fold(context, measures, &fold, measures->values + (size_t)i * measures->count);
        fold_free(&fold);
    }
    return code;
}

/* Over the folds in which the measure is defined; the deviation is that of a sample. */
static void summarise(const struct measures *measures, uint32_t which, double *mean, double *deviation)
{
    double sum = 0, squares = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < measures->folds; i++) {
        double value = measures->values[(size_t)i * measures->count + which];
        if (isnan(value)) continue;
        sum += value;
        count++;
    }
    *mean = count > 0 ? sum / count : (double)NAN;
    for (uint32_t i = 0; i < measures->folds; i++) {
        double value = measures->values[(size_t)i * measures->count + which];
        if (!isnan(value)) squares += (value - *mean) * (value - *mean);
    }
    *deviation = count > 1 ? sqrt(squares / (count - 1)) : (double)NAN;
}

static void print_value(double value, int json)
{
    if (json && isnan(value))
        printf("null");
    else if (json)
        printf("%.17g", value);
    else if (isnan(value))
        printf("%12s", "-");
    else
        printf("%12.6f", value);
}

static void print_line(const struct measures *measures, const char *name, const double *values, int json)
{
    if (!json) printf("%-10s", name);
    for (uint32_t i = 0; i < measures->count; i++) {
        if (json) printf("%s\"%s\": ", i ? ", " : "", measures->names[i]);
        print_value(values[i], json);
    }
    if (!json) printf("\n");
}

static void print_all(const struct measures *measures, int json)
{
    double mean[MEASURES_MOST], deviation[MEASURES_MOST];
    for (uint32_t i = 0; i < measures->count; i++) summarise(measures, i, &mean[i], &deviation[i]);
    if (json)
        printf("{\"folds\": [");
    else
        printf("%-10s", "");
    for (uint32_t i = 0; i < measures->count && !json; i++) printf("%12s", measures->names[i]);
    if (!json) printf("\n");
    for (uint32_t i = 0; i < measures->folds; i++) {
        char name[24];
        snprintf(name, sizeof name, "fold %u", (unsigned)i + 1);
        if (json) printf("%s\n  {", i ? "," : "");
        print_line(measures, name, measures->values + (size_t)i * measures->count, json);
        if (json) printf("}");
    }
    if (json) printf("],\n \"mean\": {");
    print_line(measures, "mean", mean, json);
    if (json) printf("},\n \"deviation\": {");
    print_line(measures, "deviation", deviation, json);
    if (json) printf("}}\n");
}

int folds_print(fate_context *context, const fate_job *job, const fate_scores *scores, const fate_table *labels, int json)
{
    int64_t folds = 0;
    struct measures measures = {.classes = fate_scores_columns(scores) - 1};
    (void)fate_job_integer(job, "folds", &folds);
    measures.folds = (uint32_t)folds;
    choose(&measures, job);
    int code = measure(context, &measures, scores, labels);
    if (!code) print_all(&measures, json);
    free(measures.values);
    return code;
}
