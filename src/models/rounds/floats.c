/* Floats as bytes; see floats.h. */
#include "src/models/rounds/floats.h"

#include <math.h>
#include <string.h>

#include "lib/context.h"

void floats_write(struct buffer *out, const float *values, uint64_t count)
{
    if (!buffer_reserve(out, 4 * count)) return;
    for (uint64_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        buffer_u32(out, bits);
    }
}

bool floats_read(struct reader *in, float *values, uint64_t count)
{
    if (reader_left(in) / 4 < count) return false;
    for (uint64_t i = 0; i < count; i++) {
        uint32_t bits = reader_u32(in);
        memcpy(&values[i], &bits, sizeof bits);
        if (!isfinite(values[i])) return false;
    }
    return true;
}

int32_t floats_deliver(fate_turn *turn, const struct kind *kind, const void *model, const float *weights, uint64_t count)
{
    fate_context *context = fate_turn_context(turn);
    struct buffer body;
    buffer_init(&body, context);
    int32_t result = kind->model(turn, model, weights, &body);
    if (result == FATE_OK) result = body.failed ? context_out_of_memory(context) : fate_turn_set_model(turn, body.bytes, body.length);
    buffer_free(&body);
    double *numbers = result == FATE_OK ? memory_allocate(context, count + 1, sizeof *numbers) : NULL;
    if (result == FATE_OK && numbers == NULL) result = context_out_of_memory(context);
    for (uint64_t i = 0; i < count && result == FATE_OK; i++) numbers[i] = (double)weights[i];
    if (result == FATE_OK) result = fate_turn_set_result(turn, "weights", numbers, count);
    memory_free(context, numbers);
    return result;
}
