/* One step of a client's optimiser over flat vectors. */
#ifndef SRC_MODELS_HORIZONTAL_OPTIMISER_H
#define SRC_MODELS_HORIZONTAL_OPTIMISER_H

#include "lib/memory.h"

enum optimiser_kind { OPTIMISER_SGD = 1, OPTIMISER_ADAM };

struct optimiser_options {
    int32_t kind;                 /* enum optimiser_kind */
    double momentum;              /* SGD: v = momentum v + slope, w -= rate v (Polyak 1964); 0 to below 1 */
    double beta1, beta2, epsilon; /* ADAM: Kingma and Ba 2015, algorithm 1 */
};

struct optimiser {
    fate_context *context;
    struct optimiser_options options;
    uint64_t count;        /* of parameters */
    float *first, *second; /* momentum or moments; NULL where there is none */
    double power1, power2; /* beta1 and beta2 to the number of steps */
};

/* FATE_E_MEMORY. */
int32_t optimiser_init(struct optimiser *optimiser, fate_context *context, const struct optimiser_options *options, uint64_t count);
void optimiser_free(struct optimiser *optimiser);
void optimiser_step(struct optimiser *optimiser, float *weights, const float *slopes, double rate);
/* The proximal step of threshold |w|: towards 0 by threshold, and no further. */
void optimiser_shrink(float *weights, uint64_t count, float threshold);

#endif
