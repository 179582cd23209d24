/* Scores: columns of numbers, one for each row of a table. */
#ifndef SRC_MODELS_SCORES_H
#define SRC_MODELS_SCORES_H

#include <fate/train.h>
#include "lib/memory.h"

/* No columns yet. id: the name of the id column in the job. */
int32_t scores_new(fate_context *context, fate_scores **scores, const char *id, uint64_t rows);
/* Adds a column; values: rows numbers, copied. */
int32_t scores_add(fate_scores *scores, const char *name, const double *values);
/* The context that they were made from, and the name of the id column. */
fate_context *scores_context(const fate_scores *scores);
const char *scores_id(const fate_scores *scores);

#endif
