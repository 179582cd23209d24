/* A party's own conditions of the tree that is growing. */
#include "src/models/boosting/conditions.h"

#include <string.h>

void conditions_init(struct conditions *conditions, fate_context *context)
{
    memset(conditions, 0, sizeof *conditions);
    conditions->context = context;
}

void conditions_clear(struct conditions *conditions)
{
    for (uint32_t i = 0; i < conditions->count; i++) {
        memory_free(conditions->context, conditions->items[i].left);
    }
    conditions->count = 0;
}

void conditions_free(struct conditions *conditions)
{
    if (conditions->context != NULL) {
        conditions_clear(conditions);
        memory_free(conditions->context, conditions->items);
    }
    memset(conditions, 0, sizeof *conditions);
}

int32_t conditions_add(struct conditions *conditions, uint32_t node, uint32_t column, const uint8_t *left, uint32_t bins)
{
    if (conditions->count == conditions->capacity) {
        uint32_t capacity = conditions->capacity == 0 ? 8 : 2 * conditions->capacity;
        struct condition *items = memory_resize(conditions->context, conditions->items, capacity, sizeof *items);
        if (items == NULL) {
            return context_out_of_memory(conditions->context);
        }
        conditions->items = items;
        conditions->capacity = capacity;
    }
    uint8_t *copy = memory_copy(conditions->context, left, bins);
    if (copy == NULL) {
        return context_out_of_memory(conditions->context);
    }
    conditions->items[conditions->count++] = (struct condition){.node = node, .column = column, .left = copy};
    return FATE_OK;
}

void conditions_prune(struct conditions *conditions, const uint8_t *kept, const uint32_t *map)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < conditions->count; i++) {
        struct condition condition = conditions->items[i];
        if (kept[condition.node] != 0) {
            condition.node = map[condition.node];
            conditions->items[count++] = condition;
        } else {
            memory_free(conditions->context, condition.left);
        }
    }
    conditions->count = count;
}

const struct condition *conditions_find(const struct conditions *conditions, uint32_t node, uint32_t *index)
{
    uint32_t low = 0, high = conditions->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (conditions->items[middle].node < node) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *index = low;
    return low < conditions->count && conditions->items[low].node == node ? &conditions->items[low] : NULL;
}

void conditions_outcomes(const struct conditions *conditions, const struct tree *tree, uint16_t *const *columns, uint64_t row,
                         uint8_t *bits, uint32_t *stack)
{
    memset(bits, 0, conditions->count / 8 + (conditions->count % 8 != 0));
    uint32_t waiting = 1;
    stack[0] = 0;
    while (waiting > 0) {
        const struct tree_node *node = &tree->nodes[stack[--waiting]];
        if (node->left == 0) {
            continue;
        }
        uint32_t index;
        const struct condition *condition = conditions_find(conditions, (uint32_t)(node - tree->nodes), &index);
        if (condition == NULL) {
            stack[waiting++] = node->left;
            stack[waiting++] = node->right;
        } else if (condition->left[columns[condition->column][row]] != 0) {
            stack[waiting++] = node->left;
        } else {
            bits[index / 8] = (uint8_t)(bits[index / 8] | 1u << (index % 8));
            stack[waiting++] = node->right;
        }
    }
}
