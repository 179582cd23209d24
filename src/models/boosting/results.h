/* Scores as columns of results: names, and numbers that stand row after row. */
#ifndef SRC_MODELS_BOOSTING_RESULTS_H
#define SRC_MODELS_BOOSTING_RESULTS_H

#include "lib/memory.h"

/* Where columns go: the results of a turn, or an object of scores. values: rows numbers, copied. */
typedef int32_t results_add(void *target, const char *name, const double *values, uint64_t rows);

/* One column for each output: "score", or "score_0", "score_1", ... FATE_E_MEMORY, or what add returns. */
int32_t results_scores(fate_context *context, results_add *add, void *target, const double *scores, uint64_t rows, uint32_t outputs);
/* One column for each tree: "leaf_1", ...; leaves: rows numbers for each tree. */
int32_t results_leaves(results_add *add, void *target, const double *leaves, uint64_t rows, uint32_t trees);
/* The column "fold": the fold in which each row was held out, from 1. */
int32_t results_folds(fate_context *context, results_add *add, void *target, const uint8_t *of_row, uint64_t rows);

/* Adds to a turn's results; target: a fate_turn. Adds to scores that have so many rows; target: a fate_scores. */
results_add results_to_turn, results_to_scores;

#endif
