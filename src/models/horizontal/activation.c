/* Activations, sixteen numbers at a time. */
#include "src/models/horizontal/activation.h"

#include <string.h>

#include "src/models/horizontal/matrix.h"
#include "src/models/horizontal/network.h"

static const float GELU_SCALE = 0.7978845608f; /* sqrt(2/pi) */
static const float GELU_CUBE = 0.044715f;

/* exp(-|x|), within 1e-7 of it. |x| = k ln 2 + r with |r| <= ln 2 / 2; the first term left out of exp(r) is r^8/8! < 6e-9. Beyond 87 it stays at
 * exp(-87), which added to 1 is nothing. */
static inline float fall(float x)
{
    float size = x < 0.0f ? -x : x;
    size = size < 87.0f ? size : 87.0f;
    int32_t k = (int32_t)(size * 1.44269504f + 0.5f);
    float r = ((float)k * 0.693359375f - size) + (float)k * -2.12194440e-4f; /* ln 2 in two parts: the first product is exact */
    float sum = 1.0f / 5040.0f;
    sum = sum * r + 1.0f / 720.0f;
    sum = sum * r + 1.0f / 120.0f;
    sum = sum * r + 1.0f / 24.0f;
    sum = sum * r + 1.0f / 6.0f;
    sum = sum * r + 0.5f;
    sum = sum * r + 1.0f;
    sum = sum * r + 1.0f;
    uint32_t bits = (uint32_t)(127 - k) << 23; /* 2^-k */
    float scale;
    memcpy(&scale, &bits, sizeof scale);
    return sum * scale;
}

static inline float logistic(float x)
{
    float e = fall(x);
    return (x < 0.0f ? e : 1.0f) / (1.0f + e);
}

static inline float hyperbolic(float x)
{
    float e = fall(2.0f * x);
    float size = (1.0f - e) / (1.0f + e);
    return x < 0.0f ? -size : size;
}

static inline float gelu_argument(float x)
{
    return 2.0f * GELU_SCALE * (x + GELU_CUBE * x * x * x);
}

static inline float gelu_slope(float x)
{
    float s = logistic(gelu_argument(x));
    return s + x * s * (1.0f - s) * 2.0f * GELU_SCALE * (1.0f + 3.0f * GELU_CUBE * x * x);
}

/* Results stand in a block of their own first: what could overlap is not made into wide instructions. */
static void apply_block(int32_t kind, float *out, const float *in)
{
    float block[MATRIX_LANES];
    switch (kind) {
    case NETWORK_RELU:
        for (uint32_t i = 0; i < MATRIX_LANES; i++) block[i] = in[i] > 0.0f ? in[i] : 0.0f;
        break;
    case NETWORK_TANH:
        for (uint32_t i = 0; i < MATRIX_LANES; i++) block[i] = hyperbolic(in[i]);
        break;
    case NETWORK_SIGMOID:
        for (uint32_t i = 0; i < MATRIX_LANES; i++) block[i] = logistic(in[i]);
        break;
    default:
        for (uint32_t i = 0; i < MATRIX_LANES; i++) block[i] = in[i] * logistic(gelu_argument(in[i]));
        break;
    }
    memcpy(out, block, sizeof block);
}

static void slope_block(int32_t kind, float *delta, const float *in, const float *out)
{
    float block[MATRIX_LANES];
    switch (kind) {
    case NETWORK_RELU:
        for (uint32_t i = 0; i < MATRIX_LANES; i++) block[i] = in[i] > 0.0f ? 1.0f : 0.0f;
        break;
    case NETWORK_TANH:
        for (uint32_t i = 0; i < MATRIX_LANES; i++) block[i] = 1.0f - out[i] * out[i];
        break;
    case NETWORK_SIGMOID:
        for (uint32_t i = 0; i < MATRIX_LANES; i++) block[i] = out[i] * (1.0f - out[i]);
        break;
    default:
        for (uint32_t i = 0; i < MATRIX_LANES; i++) block[i] = gelu_slope(in[i]);
        break;
    }
    for (uint32_t i = 0; i < MATRIX_LANES; i++) block[i] *= delta[i];
    memcpy(delta, block, sizeof block);
}

void activation_apply(int32_t kind, float *out, const float *in, uint64_t count)
{
    uint64_t i = 0;
    for (; i + MATRIX_LANES <= count; i += MATRIX_LANES) apply_block(kind, out + i, in + i);
    if (i < count) {
        float block[MATRIX_LANES] = {0};
        memcpy(block, in + i, (size_t)(count - i) * sizeof *in);
        apply_block(kind, block, block);
        memcpy(out + i, block, (size_t)(count - i) * sizeof *out);
    }
}

void activation_slope(int32_t kind, float *delta, const float *in, const float *out, uint64_t count)
{
    uint64_t i = 0;
    for (; i + MATRIX_LANES <= count; i += MATRIX_LANES) slope_block(kind, delta + i, in + i, out + i);
    if (i < count) {
        float blocks[3][MATRIX_LANES] = {{0}};
        size_t size = (size_t)(count - i) * sizeof *in;
        memcpy(blocks[0], delta + i, size);
        memcpy(blocks[1], in + i, size);
        memcpy(blocks[2], out + i, size);
        slope_block(kind, blocks[0], blocks[1], blocks[2]);
        memcpy(delta + i, blocks[0], size);
    }
}
