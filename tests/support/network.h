/* Networks, rows and numbers for tests of horizontal training. */
#ifndef TESTS_SUPPORT_NETWORK_H
#define TESTS_SUPPORT_NETWORK_H

#include "tests/support/unit.h"

#include <math.h>
#include <stdlib.h>

#include "src/models/horizontal/examples.h"
#include "src/models/horizontal/network.h"

/* Evenly from -1 to 1; the same numbers for the same state. */
static inline float test_draw(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (float)((double)(*state >> 40) / 8388608.0 - 1.0);
}

static inline float *test_floats(uint64_t count, uint64_t seed)
{
    float *values = malloc((size_t)count * sizeof *values + 1);
    assert_non_null(values);
    for (uint64_t i = 0; i < count; i++) values[i] = test_draw(&seed);
    return values;
}

static inline struct network test_network(int32_t loss, uint32_t hidden_count, int32_t activation)
{
    struct network network = {.inputs = 5, .outputs = loss == NETWORK_SOFTMAX ? 4 : 1, .hidden_count = hidden_count, .hidden = {7, 3}};
    network.loss = loss;
    network.activation = activation;
    network.huber_delta = 0.5;
    return network;
}

/* A label that the loss accepts. */
static inline float test_label(const struct network *network, uint64_t *state)
{
    float drawn = test_draw(state);
    switch (network->loss) {
    case NETWORK_LOGISTIC: return drawn > 0 ? 1.0f : 0.0f;
    case NETWORK_SOFTMAX: return floorf((drawn + 1) * 1.9999f);
    case NETWORK_POISSON: return floorf((drawn + 1) * 2);
    default: return drawn * 2;
    }
}

/* Rows drawn from a seed; freed with test_examples_free. */
static inline struct examples test_examples(const struct network *network, uint64_t rows, bool weighted, uint64_t seed)
{
    struct examples examples = {.rows = rows, .columns = network->inputs};
    examples.inputs = test_floats(rows * network->inputs, seed);
    examples.labels = test_floats(rows, seed);
    examples.weights = weighted ? test_floats(rows, seed + 1) : NULL;
    for (uint64_t i = 0; i < rows; i++) {
        examples.labels[i] = test_label(network, &seed);
        if (weighted) examples.weights[i] = 1.5f + examples.weights[i];
    }
    return examples;
}

static inline void test_examples_free(struct examples *examples)
{
    free(examples->inputs);
    free(examples->labels);
    free(examples->weights);
}

static inline void assert_near(double value, double expected, double error)
{
    if (!(fabs(value - expected) <= error)) fail_msg("%.12g is not %.12g", value, expected);
}

#endif
