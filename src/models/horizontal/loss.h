/* What margins cost beside labels, how the cost changes with them, and the scores that they stand for. */
#ifndef SRC_MODELS_HORIZONTAL_LOSS_H
#define SRC_MODELS_HORIZONTAL_LOSS_H

#include "src/models/horizontal/network.h"

/* The sum of weight * loss over rows; *weight: the sum of weights. margins: rows * outputs. weights NULL: all 1. delta: NULL, or rows * outputs
 * numbers out, the slopes of the weighted mean of the loss (0 when all weights are 0). */
double loss_sum(const struct network *network, const float *margins, const float *labels, const float *weights, uint32_t rows, float *delta,
                double *weight);
/* One row's scores from its margins, outputs of each: a probability, probabilities of the classes, the margin itself, or exp(margin). */
void loss_scores(const struct network *network, const float *margins, double *scores);
/* Whether a label can be one of this loss. */
bool loss_accepts(const struct network *network, double label);

#endif
