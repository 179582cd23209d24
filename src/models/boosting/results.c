/* Scores as columns of results. */
#include "src/models/boosting/results.h"

#include <fate/protocol.h>
#include "src/models/boosting/classes.h"
#include "src/models/scores.h"

int32_t results_scores(fate_context *context, results_add *add, void *target, const double *scores, uint64_t rows, uint32_t outputs)
{
    char name[CLASSES_NAME];
    double *column = memory_allocate(context, rows, sizeof *column);
    int32_t result = column == NULL ? context_out_of_memory(context) : FATE_OK;
    for (uint32_t i = 0; i < outputs && result == FATE_OK; i++) {
        for (uint64_t row = 0; row < rows; row++) {
            column[row] = scores[row * outputs + i];
        }
        result = add(target, classes_score_name(name, outputs, i), column, rows);
    }
    memory_free(context, column);
    return result;
}

int32_t results_leaves(results_add *add, void *target, const double *leaves, uint64_t rows, uint32_t trees)
{
    char name[CLASSES_NAME];
    int32_t result = FATE_OK;
    for (uint32_t tree = 0; tree < trees && result == FATE_OK; tree++) {
        result = add(target, classes_leaf_name(name, tree), leaves + tree * rows, rows);
    }
    return result;
}

int32_t results_folds(fate_context *context, results_add *add, void *target, const uint8_t *of_row, uint64_t rows)
{
    double *column = memory_allocate(context, rows, sizeof *column);
    if (column == NULL) {
        return context_out_of_memory(context);
    }
    for (uint64_t row = 0; row < rows; row++) {
        column[row] = of_row[row] + 1;
    }
    int32_t result = add(target, "fold", column, rows);
    memory_free(context, column);
    return result;
}

int32_t results_to_turn(void *target, const char *name, const double *values, uint64_t rows)
{
    return fate_turn_set_result(target, name, values, rows);
}

int32_t results_to_scores(void *target, const char *name, const double *values, uint64_t rows)
{
    (void)rows; /* as many as the scores have */
    return scores_add(target, name, values);
}
