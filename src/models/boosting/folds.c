/* Cross-validation: dealing rows into folds, samples without held-out rows, and the scores of these. */
#include "src/models/boosting/folds.h"

#include <math.h>
#include <string.h>
#include "src/models/boosting/measure.h"
#include "src/models/boosting/objective.h"
#include "src/models/boosting/sampling.h"

/* Draws a fraction of the eligible rows; number: of the draw. */
static int32_t draw(fate_context *context, uint8_t *drawn, const uint8_t *eligible, uint64_t rows, uint64_t seed, uint32_t number,
                    double fraction)
{
    uint64_t count = 0, next = 0;
    for (uint64_t row = 0; row < rows; row++) {
        count += eligible[row];
    }
    uint8_t *chosen = memory_zeroed(context, count, 1);
    int32_t result = chosen == NULL ? context_out_of_memory(context) : sampling_rows(context, chosen, seed, number, count, fraction);
    for (uint64_t row = 0; row < rows && result == FATE_OK; row++) {
        drawn[row] = eligible[row] != 0 && chosen[next++] != 0;
    }
    memory_free(context, chosen);
    return result;
}

/* One fold after the other is drawn from the rows that are left; draws are numbered from above, where no tree is. */
static int32_t deal(struct folds *folds, const struct boosting_parameters *parameters, uint8_t *eligible, uint8_t *drawn)
{
    uint32_t last = parameters->folds - 1;
    int32_t result = FATE_OK;
    memset(eligible, 1, folds->rows);
    memset(folds->of_row, (int)last, folds->rows);
    for (uint32_t fold = 0; fold < last && result == FATE_OK; fold++) {
        result = draw(folds->context, drawn, eligible, folds->rows, parameters->seed, UINT32_MAX - fold, 1.0 / (parameters->folds - fold));
        for (uint64_t row = 0; row < folds->rows && result == FATE_OK; row++) {
            folds->of_row[row] = drawn[row] != 0 ? (uint8_t)fold : folds->of_row[row];
            eligible[row] = eligible[row] != 0 && drawn[row] == 0;
        }
    }
    return result;
}

int32_t folds_init(struct folds *folds, fate_context *context, const struct boosting_parameters *parameters, uint64_t rows, bool scores)
{
    *folds = (struct folds){.context = context, .rows = rows};
    if (parameters->folds == 0) {
        return FATE_OK;
    }
    if (rows < parameters->folds) {
        return context_fail(context, FATE_E_TABLE, "the table has %llu rows, fewer than the %u folds of the job", (unsigned long long)rows,
                            (unsigned)parameters->folds);
    }
    folds->of_row = memory_zeroed(context, rows, 1);
    folds->scores = scores ? memory_zeroed(context, rows, parameters->outputs * sizeof *folds->scores) : NULL;
    uint8_t *scratch = memory_zeroed(context, rows, 2);
    bool made = folds->of_row != NULL && (folds->scores != NULL || !scores) && scratch != NULL;
    int32_t result = made ? deal(folds, parameters, scratch, scratch + rows) : context_out_of_memory(context);
    memory_free(context, scratch);
    return result;
}

void folds_free(struct folds *folds)
{
    if (folds->context != NULL) {
        memory_free(folds->context, folds->of_row);
        memory_free(folds->context, folds->scores);
    }
    memset(folds, 0, sizeof *folds);
}

uint32_t folds_of_tree(const struct boosting_parameters *parameters, uint32_t tree)
{
    return parameters->folds == 0 ? 0 : tree / parameters->fold_trees;
}

bool folds_guest_alone(const struct boosting_parameters *parameters, uint32_t tree)
{
    return tree - folds_of_tree(parameters, tree) * parameters->fold_trees < parameters->guest_trees;
}

int32_t folds_sample(const struct folds *folds, const struct boosting_parameters *parameters, uint32_t tree, uint8_t *sampled)
{
    uint32_t fold = folds_of_tree(parameters, tree);
    uint8_t *eligible = memory_zeroed(folds->context, folds->rows, 1);
    if (eligible == NULL) {
        return context_out_of_memory(folds->context);
    }
    for (uint64_t row = 0; row < folds->rows; row++) {
        eligible[row] = folds->of_row[row] != fold;
    }
    int32_t result = draw(folds->context, sampled, eligible, folds->rows, parameters->seed, tree, parameters->subsample);
    memory_free(folds->context, eligible);
    return result;
}

/* The measure of the rows that are held out: all others weigh nothing. */
static int32_t measure_held_out(const struct folds *folds, const struct boosting_parameters *parameters, uint32_t fold,
                                const struct margins *margins, const double *labels, const double *weights, double *value)
{
    double *own = memory_allocate(folds->context, folds->rows, sizeof *own), total = 0;
    if (own == NULL) {
        return context_out_of_memory(folds->context);
    }
    for (uint64_t row = 0; row < folds->rows; row++) {
        own[row] = folds->of_row[row] != fold ? 0 : weights == NULL ? 1 : weights[row];
        total += own[row];
    }
    *value = (double)NAN;
    int32_t result = total > 0 ? measure_value(folds->context, value, parameters, margins->values, labels, own, folds->rows) : FATE_OK;
    memory_free(folds->context, own);
    return result;
}

int32_t folds_end_tree(struct folds *folds, const struct boosting_parameters *parameters, uint32_t tree, struct margins *margins,
                       const double *labels, const double *weights, bool *ended, double *value)
{
    uint32_t fold = folds_of_tree(parameters, tree), outputs = parameters->outputs;
    *ended = parameters->folds > 0 && (tree + 1) % parameters->fold_trees == 0;
    if (!*ended) {
        return FATE_OK;
    }
    for (uint64_t row = 0; row < folds->rows; row++) {
        if (folds->of_row[row] == fold) {
            objective_scores(parameters->objective, margins->values + row * outputs, folds->scores + row * outputs, outputs);
        }
    }
    int32_t result = measure_held_out(folds, parameters, fold, margins, labels, weights, value);
    margins_reset(margins, parameters);
    return result;
}

void folds_save(const struct folds *folds, const struct boosting_parameters *parameters, struct buffer *bytes)
{
    for (uint64_t i = 0; folds->scores != NULL && i < folds->rows * parameters->outputs; i++) {
        buffer_double(bytes, folds->scores[i]);
    }
}

bool folds_load(struct folds *folds, const struct boosting_parameters *parameters, struct reader *reader)
{
    for (uint64_t i = 0; folds->scores != NULL && i < folds->rows * parameters->outputs; i++) {
        folds->scores[i] = reader_double(reader);
        if (reader->failed || !isfinite(folds->scores[i])) {
            return false;
        }
    }
    return true;
}
