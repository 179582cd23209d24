/* Which of a level's splits are made when a tree may have so many leaves alone. */
#include "src/models/boosting/leaves.h"

#include <stdlib.h>

struct ranked {
    double gain;
    uint32_t index;
};

uint32_t leaves_room(uint32_t max_leaves, uint32_t nodes)
{
    uint32_t leaves = (nodes + 1) / 2;
    return max_leaves == 0 ? UINT32_MAX : leaves >= max_leaves ? 0 : max_leaves - leaves;
}

static int compare(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;
    if (a->gain != b->gain) {
        return a->gain > b->gain ? -1 : 1;
    }
    return a->index < b->index ? -1 : a->index > b->index;
}

int32_t leaves_limit(fate_context *context, uint8_t *split, const double *gains, uint32_t count, uint32_t room)
{
    uint32_t wanted = 0;
    struct ranked *ranked = memory_allocate(context, count, sizeof *ranked);
    if (ranked == NULL) {
        return context_out_of_memory(context);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (split[i] != 0) {
            ranked[wanted++] = (struct ranked){gains[i], i};
        }
    }
    qsort(ranked, wanted, sizeof *ranked, compare);
    for (uint32_t i = room; i < wanted; i++) {
        split[ranked[i].index] = 0;
    }
    memory_free(context, ranked);
    return FATE_OK;
}
