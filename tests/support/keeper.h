/* An allocator for tests that keeps what was freed, so that it can be searched: a block that grows moves, and leaves its old place as it
 * was. One thread. */
#ifndef TESTS_SUPPORT_KEEPER_H
#define TESTS_SUPPORT_KEEPER_H

#include <fate/context.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct kept_block {
    struct kept_block *next; /* among those that were freed */
    size_t size;
    uint64_t number; /* of the allocation, from 0 */
    max_align_t bytes[];
};

struct keeper {
    struct kept_block *freed;
    uint64_t allocations, live;
};

static inline struct kept_block *keeper_block(void *pointer)
{
    return (struct kept_block *)(void *)((uint8_t *)pointer - offsetof(struct kept_block, bytes));
}

static inline void *keeper_allocate(void *context, size_t size)
{
    struct keeper *keeper = context;
    struct kept_block *block = malloc(sizeof *block + size);
    if (block == NULL) return NULL;
    block->size = size;
    block->number = keeper->allocations++;
    keeper->live++;
    return block->bytes;
}

static inline void keeper_release(void *context, void *old)
{
    struct keeper *keeper = context;
    if (old == NULL) return;
    struct kept_block *block = keeper_block(old);
    block->next = keeper->freed;
    keeper->freed = block;
    keeper->live--;
}

static inline void *keeper_resize(void *context, void *old, size_t size)
{
    void *grown = keeper_allocate(context, size);
    if (grown == NULL || old == NULL) return grown;
    size_t before = keeper_block(old)->size;
    memcpy(grown, old, before < size ? before : size);
    keeper_release(context, old);
    return grown;
}

static inline fate_allocator keeper_allocator(struct keeper *keeper)
{
    memset(keeper, 0, sizeof *keeper);
    fate_allocator allocator = {sizeof allocator, FATE_ABI_VERSION, keeper, keeper_allocate, keeper_resize, keeper_release};
    return allocator;
}

/* A freed block that holds these bytes; NULL: none. */
static inline const struct kept_block *keeper_find(const struct keeper *keeper, const uint8_t *bytes, size_t length)
{
    for (const struct kept_block *block = keeper->freed; block != NULL; block = block->next) {
        const uint8_t *at = (const uint8_t *)block->bytes, *end = at + block->size;
        while ((size_t)(end - at) >= length && (at = memchr(at, bytes[0], (size_t)(end - at) - length + 1)) != NULL) {
            if (memcmp(at, bytes, length) == 0) return block;
            at++;
        }
    }
    return NULL;
}

static inline void keeper_free(struct keeper *keeper)
{
    while (keeper->freed != NULL) {
        struct kept_block *block = keeper->freed;
        keeper->freed = block->next;
        free(block);
    }
}

#endif
