/* SGD with momentum, Adam, and soft thresholds; sixteen numbers at a time. */
#include "src/models/horizontal/optimiser.h"

#include <math.h>
#include <string.h>

#include "src/models/horizontal/matrix.h"

int32_t optimiser_init(struct optimiser *optimiser, fate_context *context, const struct optimiser_options *options, uint64_t count)
{
    bool adam = options->kind == OPTIMISER_ADAM;
    *optimiser = (struct optimiser){.context = context, .options = *options, .count = count, .power1 = 1, .power2 = 1};
    if (adam || options->momentum > 0) optimiser->first = memory_zeroed(context, count, sizeof(float));
    if (adam) optimiser->second = memory_zeroed(context, count, sizeof(float));
    if (((adam || options->momentum > 0) && optimiser->first == NULL) || (adam && optimiser->second == NULL)) {
        optimiser_free(optimiser);
        return context_out_of_memory(context);
    }
    return FATE_OK;
}

void optimiser_free(struct optimiser *optimiser)
{
    memory_free(optimiser->context, optimiser->first);
    memory_free(optimiser->context, optimiser->second);
    optimiser->first = NULL;
    optimiser->second = NULL;
}

static void descend(float *restrict weights, float *restrict velocity, const float *restrict slopes, float momentum, float rate,
                    uint64_t count)
{
    uint64_t i = 0;
    for (; i + MATRIX_LANES <= count; i += MATRIX_LANES) {
        for (uint32_t lane = 0; lane < MATRIX_LANES; lane++) velocity[i + lane] = momentum * velocity[i + lane] + slopes[i + lane];
        for (uint32_t lane = 0; lane < MATRIX_LANES; lane++) weights[i + lane] -= rate * velocity[i + lane];
    }
    for (; i < count; i++) {
        velocity[i] = momentum * velocity[i] + slopes[i];
        weights[i] -= rate * velocity[i];
    }
}

/* What Adam multiplies with in one step. */
struct moments {
    float keep1, take1, keep2, take2, rate, scale, epsilon;
};

static void adapt_block(float *restrict weights, float *restrict first, float *restrict second, const float *restrict slopes,
                        const struct moments *restrict by)
{
    float size[MATRIX_LANES];
    for (uint32_t i = 0; i < MATRIX_LANES; i++) first[i] = by->keep1 * first[i] + by->take1 * slopes[i];
    for (uint32_t i = 0; i < MATRIX_LANES; i++) second[i] = by->keep2 * second[i] + by->take2 * slopes[i] * slopes[i];
    for (uint32_t i = 0; i < MATRIX_LANES; i++) size[i] = sqrtf(second[i]) * by->scale + by->epsilon;
    for (uint32_t i = 0; i < MATRIX_LANES; i++) weights[i] -= by->rate * first[i] / size[i];
}

static void adapt(struct optimiser *optimiser, float *weights, const float *slopes, double rate)
{
    const struct optimiser_options *options = &optimiser->options;
    uint64_t i = 0;
    optimiser->power1 *= options->beta1;
    optimiser->power2 *= options->beta2;
    struct moments by = {.keep1 = (float)options->beta1,
                         .take1 = (float)(1 - options->beta1),
                         .keep2 = (float)options->beta2,
                         .take2 = (float)(1 - options->beta2),
                         .rate = (float)(rate / (1 - optimiser->power1)),
                         .scale = (float)(1 / sqrt(1 - optimiser->power2)),
                         .epsilon = (float)options->epsilon};
    for (; i + MATRIX_LANES <= optimiser->count; i += MATRIX_LANES)
        adapt_block(weights + i, optimiser->first + i, optimiser->second + i, slopes + i, &by);
    if (i < optimiser->count) {
        float blocks[4][MATRIX_LANES] = {{0}};
        size_t size = (size_t)(optimiser->count - i) * sizeof(float);
        memcpy(blocks[0], weights + i, size);
        memcpy(blocks[1], optimiser->first + i, size);
        memcpy(blocks[2], optimiser->second + i, size);
        memcpy(blocks[3], slopes + i, size);
        adapt_block(blocks[0], blocks[1], blocks[2], blocks[3], &by);
        memcpy(weights + i, blocks[0], size);
        memcpy(optimiser->first + i, blocks[1], size);
        memcpy(optimiser->second + i, blocks[2], size);
    }
}

void optimiser_step(struct optimiser *optimiser, float *weights, const float *slopes, double rate)
{
    if (optimiser->options.kind == OPTIMISER_ADAM)
        adapt(optimiser, weights, slopes, rate);
    else if (optimiser->first != NULL)
        descend(weights, optimiser->first, slopes, (float)optimiser->options.momentum, (float)rate, optimiser->count);
    else
        matrix_add(weights, (float)-rate, slopes, optimiser->count);
}

void optimiser_shrink(float *weights, uint64_t count, float threshold)
{
    for (uint64_t i = 0; i < count; i++) {
        float size = fabsf(weights[i]) - threshold;
        weights[i] = size <= 0.0f ? 0.0f : copysignf(size, weights[i]); /* what is no number stays none */
    }
}
