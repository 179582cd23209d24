/* A minibatch through a network, forwards to margins, and backwards to the slopes of its parameters. */
#ifndef SRC_MODELS_HORIZONTAL_PROPAGATION_H
#define SRC_MODELS_HORIZONTAL_PROPAGATION_H

#include "src/models/horizontal/network.h"

/* What a hidden layer had and gave, rows * outputs numbers each. */
struct propagation_layer {
    struct network_layer place;
    float *normal;  /* with layer norm: before gains and shifts; else NULL */
    float *inverse; /* with layer norm: of each row, 1/deviation; else NULL */
    float *in;      /* of the activation */
    float *out;     /* of the activation */
    float *mask;    /* with dropout: 0 or 1/(1-dropout); else NULL */
    float *kept;    /* out after dropout; without dropout out itself */
};

struct propagation {
    fate_context *context;
    const struct network *network; /* borrowed */
    uint32_t most;                 /* rows */
    bool portable;                 /* a linear model: the same bits everywhere */
    struct propagation_layer *hidden;
    struct network_layer last;
    float *margins;  /* rows * outputs */
    float *delta[2]; /* rows * the widest layer: slopes of margins stand in the first */
    float *memory;
};

/* Room for minibatches of up to `most` rows. FATE_E_MEMORY. */
int32_t propagation_init(struct propagation *propagation, fate_context *context, const struct network *network, uint32_t most);
void propagation_free(struct propagation *propagation);
/* propagation->margins of rows, at most `most`. inputs: rows * inputs.
 * key: 32 bytes, of dropout; NULL: nothing is left out. step: a number that is another one for each minibatch under one key. */
void propagation_forward(struct propagation *propagation, const float *parameters, const float *inputs, uint32_t rows, const uint8_t *key,
                         uint64_t step);
/* After propagation_forward on the same rows, with propagation->delta[0] holding the slopes of margins: slopes of all parameters, overwritten. */
void propagation_backward(struct propagation *propagation, const float *parameters, const float *inputs, uint32_t rows, float *slopes);

#endif
