/* For how many rounds models of the tests of quality are trained, and for how many epochs those they are held against. `make quality-horizontal` chooses
 * again: of LENGTHS the one with the best AUC on a quarter of the training rows, which the model is not fitted to; and compares.
 * The rows that models are judged by have no part in it. Rates, batches and networks are the same on both sides. */
#ifndef TESTS_SUPPORT_QUALITY_LENGTHS_H
#define TESTS_SUPPORT_QUALITY_LENGTHS_H

#include <stdint.h>

static const uint32_t LENGTHS[] = {10, 30, 100, 300};

struct quality_lengths {
    uint32_t pooled, even, skewed;
};

/* Of the logistic model and of the perceptron. */
static const struct quality_lengths breast_lengths[2] = {{300, 300, 300}, {100, 100, 100}},
                                    credit_lengths[2] = {{30, 30, 30}, {30, 100, 300}};

#endif
