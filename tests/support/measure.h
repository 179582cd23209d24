/* An allocator for tests that measures: bytes in use, and the most there have been. One thread. */
#ifndef TESTS_SUPPORT_MEASURE_H
#define TESTS_SUPPORT_MEASURE_H

#include <fate/context.h>
#include <stddef.h>
#include <stdlib.h>

struct measure {
    uint64_t live, peak; /* bytes */
};

struct measured_block {
    size_t size;
    max_align_t bytes[];
};

static inline struct measured_block *measure_block(void *pointer)
{
    return (struct measured_block *)(void *)((uint8_t *)pointer - offsetof(struct measured_block, bytes));
}

static inline void *measure_resize(void *context, void *old, size_t size)
{
    struct measure *measure = context;
    size_t before = old == NULL ? 0 : measure_block(old)->size;
    struct measured_block *block = realloc(old == NULL ? NULL : measure_block(old), sizeof *block + size);
    if (block == NULL) return NULL;
    block->size = size;
    measure->live += size - before;
    if (measure->live > measure->peak) measure->peak = measure->live;
    return block->bytes;
}

static inline void *measure_allocate(void *context, size_t size)
{
    return measure_resize(context, NULL, size);
}

static inline void measure_release(void *context, void *old)
{
    struct measure *measure = context;
    if (old == NULL) return;
    measure->live -= measure_block(old)->size;
    free(measure_block(old));
}

static inline fate_allocator measure_allocator(struct measure *measure)
{
    *measure = (struct measure){0};
    fate_allocator allocator = {sizeof allocator, FATE_ABI_VERSION, measure, measure_allocate, measure_resize, measure_release};
    return allocator;
}

#endif
