/* A network: the shape of a multi-layer perceptron, where each of its parameters stands in one flat vector, and how they begin. Without hidden
 * layers it is a linear model.
 *
 * A hidden layer is: products with weights, biases added; layer norm if there is one; activation; dropout. The last layer is products and biases
 * alone: its outputs are margins. The vector holds layer after layer: weights (row i: the weights of input i to every unit), biases, and, of a hidden
 * layer with layer norm, gains and shifts. */
#ifndef SRC_MODELS_HORIZONTAL_NETWORK_H
#define SRC_MODELS_HORIZONTAL_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/context.h"

enum {
    NETWORK_HIDDEN_MOST = 16,
    NETWORK_WIDTH_MOST = 65536,
    NETWORK_PARAMETERS_MOST = 1 << 26,
};

enum network_activation { NETWORK_RELU = 1, NETWORK_TANH, NETWORK_SIGMOID, NETWORK_GELU };

enum network_loss {
    NETWORK_LOGISTIC = 1, /* cross entropy of labels 0 and 1, one output */
    NETWORK_SOFTMAX,      /* cross entropy of classes 0, 1, 2, ..., an output for each */
    NETWORK_SQUARED,      /* half the squared error, one output */
    NETWORK_HUBER,        /* the same up to huber_delta, linear beyond, one output */
    NETWORK_POISSON,      /* negative log likelihood of counts with mean exp(margin), one output */
};

struct network {
    uint32_t inputs;
    uint32_t outputs;
    uint32_t hidden_count; /* 0: a linear model */
    uint32_t hidden[NETWORK_HIDDEN_MOST];
    int32_t activation; /* enum network_activation, of hidden layers */
    bool layer_norm;    /* of hidden layers */
    double dropout;     /* the part of a hidden layer's outputs that is left out in training: 0 to below 1 */
    int32_t loss;       /* enum network_loss */
    double huber_delta; /* above 0 */
};

/* Where the parameters of one layer begin. */
struct network_layer {
    uint32_t inputs, outputs;
    uint64_t weights, biases, gains, shifts; /* gains and shifts: 0 without layer norm */
    uint64_t end;                            /* one behind the last */
    bool norm;
};

/* FATE_OK, or code with a sentence that says what is wrong: sizes, kinds, or more than NETWORK_PARAMETERS_MOST parameters. */
int32_t network_check(fate_context *context, const struct network *network, int32_t code);
/* The layer of that number; the last has number hidden_count. */
struct network_layer network_layer(const struct network *network, uint32_t number);
/* How many parameters there are. */
uint64_t network_parameters(const struct network *network);
/* The first parameters: weights drawn evenly from [-b, b] with b = sqrt(6/inputs) before ReLU and GELU (He et al. 2015), else
 * sqrt(6/(inputs + outputs)) (Glorot and Bengio 2010); biases and shifts 0, gains 1. A linear model begins at 0. The same bytes on every machine.
 * key: 32 bytes */
void network_initialise(const struct network *network, float *parameters, const uint8_t *key);

const char *network_activation_name(int32_t activation); /* as in a job; NULL when unknown */
int32_t network_activation_find(const char *name);       /* 0 when unknown */
const char *network_loss_name(int32_t loss);
int32_t network_loss_find(const char *name);

#endif
