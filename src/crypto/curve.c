/* Which kernel a context's curve arithmetic uses, and items shared between its threads. */
#include "src/crypto/curve.h"
#include "lib/threads.h"
#include "src/crypto/limbs.h"

#include <sodium.h>
#include <string.h>

static const struct curve_kernel *const kernels[] = {
#ifdef __x86_64__
    &curve_avx512,   &curve_avx2,
#endif
    &curve_portable, &curve_plain, &curve_plain_ten, /* the last two on request alone */
};

enum { KERNELS = sizeof kernels / sizeof kernels[0] };

const struct curve_kernel *curve_kernel_find(const char *name)
{
    for (int i = 0; i < KERNELS; i++)
        if (strcmp(kernels[i]->name, name) == 0) return kernels[i]->available() ? kernels[i] : NULL;
    return NULL;
}

const struct curve_kernel *curve_kernel_of(const fate_context *context)
{
    const struct curve_kernel *chosen = context->kernel == NULL ? NULL : curve_kernel_find(context->kernel);
    for (int i = 0; chosen == NULL; i++)
        if (kernels[i]->available()) chosen = kernels[i];
    return chosen;
}

struct run {
    void (*run)(const struct curve_batch *batch);
    const struct curve_batch *whole;
    uint32_t in_bytes, out_bytes;
    struct scratch scratch;
};

static int32_t run_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct run *run = argument;
    struct curve_batch batch = *run->whole;
    batch.scratch = scratch_of(&run->scratch, worker);
    for (uint64_t at = first; at < end; at += CURVE_BATCH) {
        batch.in = run->whole->in + at * run->in_bytes;
        batch.out = run->whole->out + at * run->out_bytes;
        batch.count = end - at < CURVE_BATCH ? (uint32_t)(end - at) : CURVE_BATCH;
        run->run(&batch);
    }
    return FATE_OK;
}

int32_t curve_run(fate_context *context, void (*body)(const struct curve_batch *batch), const struct curve_batch *whole, uint64_t count,
                  uint32_t in_bytes, uint32_t out_bytes)
{
    struct run run = {.run = body, .whole = whole, .in_bytes = in_bytes, .out_bytes = out_bytes};
    int32_t result = scratch_new(&run.scratch, context, fate_context_threads(context), (mp_size_t)curve_kernel_of(context)->itch);
    if (result != FATE_OK) return result;
    result = threads_run(context, count, CURVE_BATCH, run_items, &run);
    scratch_free(&run.scratch);
    return result;
}

uint64_t curve_first_zero(const uint8_t *elements, uint64_t count)
{
    uint64_t i = 0;
    while (i < count && !sodium_is_zero(elements + i * CURVE_BYTES, CURVE_BYTES)) i++;
    return i;
}
