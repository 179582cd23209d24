/* Shapes of networks: limits, places of parameters, first parameters. */
#include "src/models/horizontal/network.h"

#include <math.h>
#include <string.h>

#include "lib/random.h"

static const char *const activations[] = {NULL, "relu", "tanh", "sigmoid", "gelu"};
static const char *const losses[] = {NULL, "logistic", "softmax", "squared", "huber", "poisson"};
enum { ACTIVATIONS = sizeof activations / sizeof *activations, LOSSES = sizeof losses / sizeof *losses };

static const char *name_of(const char *const *names, int32_t count, int32_t kind)
{
    return kind > 0 && kind < count ? names[kind] : NULL;
}

static int32_t find(const char *const *names, int32_t count, const char *name)
{
    for (int32_t kind = 1; kind < count; kind++)
        if (strcmp(names[kind], name) == 0) return kind;
    return 0;
}

const char *network_activation_name(int32_t activation)
{
    return name_of(activations, ACTIVATIONS, activation);
}

int32_t network_activation_find(const char *name)
{
    return find(activations, ACTIVATIONS, name);
}

const char *network_loss_name(int32_t loss)
{
    return name_of(losses, LOSSES, loss);
}

int32_t network_loss_find(const char *name)
{
    return find(losses, LOSSES, name);
}

struct network_layer network_layer(const struct network *network, uint32_t number)
{
    struct network_layer layer = {0};
    for (uint32_t i = 0; i <= number; i++) {
        bool hidden = i < network->hidden_count;
        layer.inputs = i == 0 ? network->inputs : layer.outputs;
        layer.outputs = hidden ? network->hidden[i] : network->outputs;
        layer.norm = hidden && network->layer_norm;
        layer.weights = layer.end;
        layer.biases = layer.weights + (uint64_t)layer.inputs * layer.outputs;
        layer.end = layer.biases + layer.outputs;
        layer.gains = layer.norm ? layer.end : 0;
        layer.shifts = layer.norm ? layer.end + layer.outputs : 0;
        layer.end += layer.norm ? 2 * (uint64_t)layer.outputs : 0;
    }
    return layer;
}

uint64_t network_parameters(const struct network *network)
{
    return network_layer(network, network->hidden_count).end;
}

static int32_t check_width(fate_context *context, const char *what, uint32_t width, int32_t code)
{
    if (width == 0 || width > NETWORK_WIDTH_MOST)
        return context_fail(context, code, "a network with %u %s: choose from 1 to %d", (unsigned)width, what, (int)NETWORK_WIDTH_MOST);
    return FATE_OK;
}

int32_t network_check(fate_context *context, const struct network *network, int32_t code)
{
    int32_t result = check_width(context, "inputs", network->inputs, code);
    if (result == FATE_OK) result = check_width(context, "outputs", network->outputs, code);
    if (result == FATE_OK && network->hidden_count > NETWORK_HIDDEN_MOST)
        return context_fail(context, code, "a network with %u hidden layers: at most %d", (unsigned)network->hidden_count,
                            (int)NETWORK_HIDDEN_MOST);
    for (uint32_t i = 0; i < network->hidden_count && result == FATE_OK; i++)
        result = check_width(context, "units in a hidden layer", network->hidden[i], code);
    if (result != FATE_OK) return result;
    if (network_loss_name(network->loss) == NULL || (network->hidden_count > 0 && network_activation_name(network->activation) == NULL))
        return context_fail(context, code, "a network with a loss or an activation that this version does not know");
    if ((network->loss == NETWORK_SOFTMAX) != (network->outputs > 1))
        return context_fail(context, code,
                            "a network with %u outputs and the loss %s: softmax has an output for each class, at least 2, other losses one",
                            (unsigned)network->outputs, network_loss_name(network->loss));
    if (!(network->dropout >= 0 && network->dropout <= 0.99))
        return context_fail(context, code, "the dropout of a network must be from 0 to 0.99");
    if (network->loss == NETWORK_HUBER && !(network->huber_delta > 0 && network->huber_delta <= 1e30))
        return context_fail(context, code, "the huber_delta of a network must be above 0");
    /* 17 layers of 2^32 weights each do not overflow */
    if (network_parameters(network) > NETWORK_PARAMETERS_MOST)
        return context_fail(context, code, "a network with %llu parameters: at most %d", (unsigned long long)network_parameters(network),
                            (int)NETWORK_PARAMETERS_MOST);
    return FATE_OK;
}

/* 24 bits and a sign; exact products up to one rounding. */
static void draw(float *weights, uint64_t count, double bound, struct random_stream *stream)
{
    for (uint64_t i = 0; i < count; i++) {
        double unit = (double)(random_stream_u64(stream) >> 39) / 16777216.0; /* 0 to below 2 */
        weights[i] = (float)((unit - 1.0) * bound);
    }
}

void network_initialise(const struct network *network, float *parameters, const uint8_t *key)
{
    bool rectified = network->activation == NETWORK_RELU || network->activation == NETWORK_GELU;
    memset(parameters, 0, (size_t)network_parameters(network) * sizeof *parameters);
    if (network->hidden_count == 0) return;
    for (uint32_t number = 0; number <= network->hidden_count; number++) {
        struct network_layer layer = network_layer(network, number);
        struct random_stream stream;
        double fan = number < network->hidden_count && rectified ? layer.inputs : (double)layer.inputs + layer.outputs;
        random_stream_init(&stream, key, number);
        draw(parameters + layer.weights, layer.biases - layer.weights, sqrt(6.0 / fan), &stream);
        for (uint32_t i = 0; i < layer.outputs && layer.norm; i++) parameters[layer.gains + i] = 1.0f;
        random_stream_wipe(&stream);
    }
}
