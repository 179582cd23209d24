/* Leaf weights of losses whose gradients say the direction alone (absolute, quantile): once a tree's shape is known, a leaf moves its rows by the
 * quantile of what they still lack, as XGBoost and LightGBM do. The guest alone does it: it has labels and margins.
 *
 * The quantile at a is that of the leaf's sampled rows by weight: the least value with at least a of the weight at or below it, or,
 * when exactly a is, the middle between it and the next one. So weights of 1 change nothing, and the median of an even number of values is the
 * middle of the two in the middle. Weight of the leaf: quantile times learning_rate; lambda and alpha govern the choice of splits alone. */
#ifndef SRC_MODELS_BOOSTING_RENEWAL_H
#define SRC_MODELS_BOOSTING_RENEWAL_H

#include "lib/memory.h"
#include "src/models/boosting/parameters.h"

/* true when leaves of the objective are renewed. */
bool renewal_applies(int32_t objective);

/* *weight = the new weight of a leaf; 0 when none of its sampled rows has a weight.
 * margins, labels, weights  in: of all rows, margins as they were before this tree; weights may be NULL
 * sampled  in: one byte a row, NULL when all are
 * amplification  in: by what the weights of rows that are SAMPLING_AMPLIFIED are multiplied
 * rows     in: count numbers of the leaf's rows, in any order
 * FATE_E_MEMORY. */
int32_t renewal_weight(fate_context *context, double *weight, const struct boosting_parameters *parameters, const double *margins,
                       const double *labels, const double *weights, const uint8_t *sampled, double amplification, const uint32_t *rows,
                       uint64_t count);

#endif
