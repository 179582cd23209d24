/* Forwards and backwards through the layers of a network. */
#include "src/models/horizontal/propagation.h"

#include <math.h>
#include <string.h>

#include "lib/bytes.h"
#include "lib/random.h"
#include "src/models/horizontal/activation.h"
#include "src/models/horizontal/matrix.h"

/* Added to the variance in layer norm (Ba, Kiros and Hinton 2016). */
static const float NORM_LEAST = 1e-5f;

/* Floats of one row, of all layers together, and the widest layer. */
static uint64_t measure(const struct network *network, uint32_t *widest)
{
    uint64_t arrays = 2 + (network->layer_norm ? 1u : 0u) + (network->dropout > 0 ? 2u : 0u), row = network->outputs;
    *widest = network->outputs;
    for (uint32_t i = 0; i < network->hidden_count; i++) {
        row += network->hidden[i] * arrays + (network->layer_norm ? 1 : 0);
        *widest = network->hidden[i] > *widest ? network->hidden[i] : *widest;
    }
    return row + 2 * (uint64_t)*widest;
}

static float *take(float **memory, uint64_t count)
{
    float *taken = *memory;
    *memory += count;
    return taken;
}

static void lay_out(struct propagation *propagation, uint32_t widest)
{
    const struct network *network = propagation->network;
    float *memory = propagation->memory;
    uint64_t most = propagation->most;
    propagation->margins = take(&memory, most * network->outputs);
    propagation->delta[0] = take(&memory, most * widest);
    propagation->delta[1] = take(&memory, most * widest);
    for (uint32_t i = 0; i < network->hidden_count; i++) {
        struct propagation_layer *layer = &propagation->hidden[i];
        uint64_t count = most * network->hidden[i];
        layer->place = network_layer(network, i);
        layer->in = take(&memory, count);
        layer->out = take(&memory, count);
        layer->normal = network->layer_norm ? take(&memory, count) : NULL;
        layer->inverse = network->layer_norm ? take(&memory, most) : NULL;
        layer->mask = network->dropout > 0 ? take(&memory, count) : NULL;
        layer->kept = network->dropout > 0 ? take(&memory, count) : layer->out;
    }
}

int32_t propagation_init(struct propagation *propagation, fate_context *context, const struct network *network, uint32_t most)
{
    uint32_t widest = 0;
    uint64_t row = measure(network, &widest);
    *propagation = (struct propagation){.context = context, .network = network, .most = most, .portable = network->hidden_count == 0};
    propagation->last = network_layer(network, network->hidden_count);
    propagation->hidden = memory_zeroed(context, network->hidden_count, sizeof *propagation->hidden);
    propagation->memory = memory_zeroed(context, most, row * sizeof(float));
    if (propagation->hidden == NULL || propagation->memory == NULL) {
        propagation_free(propagation);
        return context_out_of_memory(context);
    }
    lay_out(propagation, widest);
    return FATE_OK;
}

void propagation_free(struct propagation *propagation)
{
    memory_free(propagation->context, propagation->hidden);
    memory_free(propagation->context, propagation->memory);
    propagation->hidden = NULL;
    propagation->memory = NULL;
}

/* ---- forwards ---- */

static void multiply(const struct propagation *propagation, const struct network_layer *place, const float *parameters, float *out,
                     const float *in, uint32_t rows)
{
    matrix_product(out, in, parameters + place->weights, rows, place->outputs, place->inputs, propagation->portable);
    for (uint64_t row = 0; row < rows; row++) matrix_add(out + row * place->outputs, 1.0f, parameters + place->biases, place->outputs);
}

static void normalise(struct propagation_layer *layer, const float *parameters, uint32_t rows)
{
    uint32_t width = layer->place.outputs;
    for (uint64_t row = 0; row < rows; row++) {
        float *in = layer->in + row * width, *normal = layer->normal + row * width;
        float mean = matrix_sum(in, width) / (float)width;
        for (uint32_t i = 0; i < width; i++) normal[i] = in[i] - mean;
        float inverse = 1.0f / sqrtf(matrix_dot(normal, normal, width) / (float)width + NORM_LEAST);
        for (uint32_t i = 0; i < width; i++) normal[i] *= inverse;
        layer->inverse[row] = inverse;
        matrix_times(in, normal, parameters + layer->place.gains, width);
        matrix_add(in, 1.0f, parameters + layer->place.shifts, width);
    }
}

/* 16 bits of the stream of (key, step, layer) decide for each number: the expectation of a mask is exactly 1. */
static void drop(const struct propagation *propagation, uint32_t number, uint32_t rows, const uint8_t *key, uint64_t step)
{
    struct propagation_layer *layer = &propagation->hidden[number];
    uint32_t least = (uint32_t)(propagation->network->dropout * 65536.0 + 0.5);
    float scale = 65536.0f / (float)(65536 - least);
    uint64_t count = (uint64_t)rows * layer->place.outputs;
    struct random_stream stream;
    uint8_t bytes[512];
    random_stream_init(&stream, key, step * NETWORK_HIDDEN_MOST + number);
    for (uint64_t i = 0; i < count; i += sizeof bytes / 2) {
        random_stream_bytes(&stream, bytes, sizeof bytes);
        for (uint64_t j = 0; j < sizeof bytes / 2 && i + j < count; j++) {
            uint32_t drawn = bytes[2 * j] | (uint32_t)bytes[2 * j + 1] << 8;
            layer->mask[i + j] = drawn < least ? 0.0f : scale;
        }
    }
    random_stream_wipe(&stream);
    matrix_times(layer->kept, layer->out, layer->mask, count);
}

void propagation_forward(struct propagation *propagation, const float *parameters, const float *inputs, uint32_t rows, const uint8_t *key,
                         uint64_t step)
{
    const struct network *network = propagation->network;
    const float *in = inputs;
    for (uint32_t i = 0; i < network->hidden_count; i++) {
        struct propagation_layer *layer = &propagation->hidden[i];
        uint64_t count = (uint64_t)rows * layer->place.outputs;
        multiply(propagation, &layer->place, parameters, layer->in, in, rows);
        if (layer->normal != NULL) normalise(layer, parameters, rows);
        activation_apply(network->activation, layer->out, layer->in, count);
        in = layer->out;
        if (layer->mask != NULL && key != NULL) {
            drop(propagation, i, rows, key, step);
            in = layer->kept;
        } else if (layer->mask != NULL) { /* nothing is left out */
            memcpy(layer->kept, layer->out, (size_t)count * sizeof(float));
            for (uint64_t j = 0; j < count; j++) layer->mask[j] = 1.0f;
        }
    }
    multiply(propagation, &propagation->last, parameters, propagation->margins, in, rows);
}

/* ---- backwards ---- */

static void slopes_of(const struct propagation *propagation, const struct network_layer *place, const float *in, const float *delta,
                      uint32_t rows, float *slopes)
{
    float *biases = slopes + place->biases;
    matrix_product_left(slopes + place->weights, in, delta, place->inputs, place->outputs, rows, propagation->portable);
    memset(biases, 0, place->outputs * sizeof *biases);
    for (uint64_t row = 0; row < rows; row++) matrix_add(biases, 1.0f, delta + row * place->outputs, place->outputs);
}

/* With n = (z - mean) / deviation and d = slope of n: the slope of z is (d - mean(d) - n mean(d n)) / deviation. */
static void normalise_back(const struct propagation_layer *layer, const float *parameters, float *delta, uint32_t rows, float *slopes)
{
    uint32_t width = layer->place.outputs;
    float *gains = slopes + layer->place.gains, *shifts = slopes + layer->place.shifts;
    memset(gains, 0, width * sizeof *gains);
    memset(shifts, 0, width * sizeof *shifts);
    for (uint64_t row = 0; row < rows; row++) {
        float *own = delta + row * width;
        const float *normal = layer->normal + row * width;
        for (uint32_t i = 0; i < width; i++) gains[i] += own[i] * normal[i];
        matrix_add(shifts, 1.0f, own, width);
        matrix_times(own, own, parameters + layer->place.gains, width);
        float mean = matrix_sum(own, width) / (float)width, common = matrix_dot(own, normal, width) / (float)width;
        for (uint32_t i = 0; i < width; i++) own[i] = (own[i] - mean - normal[i] * common) * layer->inverse[row];
    }
}

void propagation_backward(struct propagation *propagation, const float *parameters, const float *inputs, uint32_t rows, float *slopes)
{
    const struct network *network = propagation->network;
    const struct network_layer *place = &propagation->last;
    float *delta = propagation->delta[0], *other = propagation->delta[1];
    for (uint32_t number = network->hidden_count; number > 0; number--) {
        struct propagation_layer *layer = &propagation->hidden[number - 1];
        uint64_t count = (uint64_t)rows * layer->place.outputs;
        slopes_of(propagation, place, layer->kept, delta, rows, slopes);
        matrix_product_right(other, delta, parameters + place->weights, rows, place->inputs, place->outputs, propagation->portable);
        if (layer->mask != NULL) matrix_times(other, other, layer->mask, count);
        activation_slope(network->activation, other, layer->in, layer->out, count);
        if (layer->normal != NULL) normalise_back(layer, parameters, other, rows, slopes);
        place = &layer->place;
        float *swapped = delta;
        delta = other;
        other = swapped;
    }
    slopes_of(propagation, place, inputs, delta, rows, slopes);
}
