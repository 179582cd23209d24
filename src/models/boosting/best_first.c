/* Leaf-wise growth: which leaf is split next. */
#include "src/models/boosting/best_first.h"

#include <string.h>

static bool before(const struct best_first_item *one, const struct best_first_item *other)
{
    return one->gain > other->gain || (one->gain == other->gain && one->position < other->position);
}

static void swap(struct best_first_item *one, struct best_first_item *other)
{
    struct best_first_item swapped = *one;
    *one = *other;
    *other = swapped;
}

int32_t best_first_push(struct best_first *queue, struct best_first_item item)
{
    if (queue->count == queue->capacity) {
        uint32_t capacity = queue->capacity == 0 ? 16 : 2 * queue->capacity;
        struct best_first_item *items = memory_resize(queue->context, queue->items, capacity, sizeof *items);
        if (items == NULL) {
            return context_out_of_memory(queue->context);
        }
        queue->items = items;
        queue->capacity = capacity;
    }
    uint32_t place = queue->count++;
    queue->items[place] = item;
    while (place > 0 && before(&queue->items[place], &queue->items[(place - 1) / 2])) {
        swap(&queue->items[place], &queue->items[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    return FATE_OK;
}

bool best_first_pop(struct best_first *queue, struct best_first_item *item)
{
    if (queue->count == 0) {
        return false;
    }
    *item = queue->items[0];
    queue->items[0] = queue->items[--queue->count];
    for (uint32_t place = 0, child = 1; child < queue->count; place = child, child = 2 * place + 1) {
        if (child + 1 < queue->count && before(&queue->items[child + 1], &queue->items[child])) {
            child++;
        }
        if (!before(&queue->items[child], &queue->items[place])) {
            break;
        }
        swap(&queue->items[child], &queue->items[place]);
    }
    return true;
}

void best_first_free(struct best_first *queue)
{
    memory_free(queue->context, queue->items);
    memset(queue, 0, sizeof *queue);
}

int32_t best_first_splits(fate_context *context, const struct tree *tree, const uint8_t *found, const double *gains, uint32_t splits,
                          uint8_t *taken)
{
    struct best_first queue = {.context = context};
    struct best_first_item item;
    int32_t result = FATE_OK;
    memset(taken, 0, tree->count);
    if (found[0] != 0) {
        result = best_first_push(&queue, (struct best_first_item){gains[0], 0, 0});
    }
    while (splits > 0 && result == FATE_OK && best_first_pop(&queue, &item)) {
        uint32_t left = tree->nodes[item.node].left;
        taken[item.node] = 1;
        splits--;
        for (uint32_t child = left; left != 0 && child < left + 2 && result == FATE_OK; child++) {
            if (found[child] != 0) {
                result = best_first_push(&queue, (struct best_first_item){gains[child], child, child});
            }
        }
    }
    best_first_free(&queue);
    return result;
}
