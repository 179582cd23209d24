/* A tree while it grows: shape and rows. */
#include "src/models/boosting/tree.h"

#include <string.h>

int32_t tree_init(struct tree *tree, fate_context *context)
{
    enum { FIRST_CAPACITY = 15 };
    memset(tree, 0, sizeof *tree);
    tree->context = context;
    tree->nodes = memory_zeroed(context, FIRST_CAPACITY, sizeof *tree->nodes);
    if (tree->nodes == NULL) {
        return context_out_of_memory(context);
    }
    tree->capacity = FIRST_CAPACITY;
    tree->count = 1;
    return FATE_OK;
}

void tree_free(struct tree *tree)
{
    memory_free(tree->context, tree->nodes);
    memset(tree, 0, sizeof *tree);
}

void tree_next_level(struct tree *tree)
{
    tree->level_first = tree->count;
}

int32_t tree_split(struct tree *tree, uint32_t node)
{
    if (tree->count + 2 > tree->capacity) {
        uint32_t capacity = 2 * tree->capacity + 1;
        struct tree_node *nodes = memory_resize(tree->context, tree->nodes, capacity, sizeof *nodes);
        if (nodes == NULL) {
            return context_out_of_memory(tree->context);
        }
        tree->nodes = nodes;
        tree->capacity = capacity;
    }
    struct tree_node child = {.parent = node, .left = 0, .right = 0, .depth = tree->nodes[node].depth + 1};
    tree->nodes[node].left = tree->count;
    tree->nodes[node].right = tree->count + 1;
    tree->nodes[tree->count] = child;
    tree->nodes[tree->count + 1] = child;
    tree->count += 2;
    return FATE_OK;
}

void tree_prune(struct tree *tree, const uint8_t *kept, uint32_t *map)
{
    uint32_t count = 1;
    map[0] = 0;
    for (uint32_t node = 1; node < tree->count; node++) {
        uint32_t parent = tree->nodes[node].parent;
        bool stays = map[parent] != TREE_NO_NODE && kept[parent] != 0;
        map[node] = stays ? count++ : TREE_NO_NODE;
    }
    /* In ascending order no node is overwritten before it was moved. */
    for (uint32_t node = 0; node < tree->count; node++) {
        struct tree_node moved = tree->nodes[node];
        if (map[node] == TREE_NO_NODE) {
            continue;
        }
        moved.parent = map[moved.parent];
        moved.left = kept[node] != 0 ? map[moved.left] : 0;
        moved.right = kept[node] != 0 ? map[moved.right] : 0;
        tree->nodes[map[node]] = moved;
    }
    tree->count = tree->level_first = count;
}

int32_t tree_rows_init(struct tree_rows *rows, fate_context *context, uint64_t count)
{
    enum { FIRST_CAPACITY = 15 };
    memset(rows, 0, sizeof *rows);
    rows->context = context;
    rows->count = count;
    rows->rows = memory_allocate(context, count, sizeof *rows->rows);
    rows->scratch = memory_allocate(context, count, sizeof *rows->scratch);
    rows->first = memory_allocate(context, FIRST_CAPACITY, sizeof *rows->first);
    rows->length = memory_allocate(context, FIRST_CAPACITY, sizeof *rows->length);
    rows->capacity = FIRST_CAPACITY;
    if (rows->rows == NULL || rows->scratch == NULL || rows->first == NULL || rows->length == NULL) {
        tree_rows_free(rows);
        return context_out_of_memory(context);
    }
    tree_rows_reset(rows);
    return FATE_OK;
}

void tree_rows_free(struct tree_rows *rows)
{
    memory_free(rows->context, rows->rows);
    memory_free(rows->context, rows->scratch);
    memory_free(rows->context, rows->first);
    memory_free(rows->context, rows->length);
    memset(rows, 0, sizeof *rows);
}

void tree_rows_reset(struct tree_rows *rows)
{
    for (uint64_t row = 0; row < rows->count; row++) {
        rows->rows[row] = (uint32_t)row;
    }
    rows->first[0] = 0;
    rows->length[0] = rows->count;
    rows->nodes = 1;
}

void tree_rows_prune(struct tree_rows *rows, const uint32_t *map, uint32_t count)
{
    rows->nodes = 0;
    for (uint32_t node = 0; node < count; node++) {
        if (map[node] != TREE_NO_NODE) {
            rows->first[map[node]] = rows->first[node];
            rows->length[map[node]] = rows->length[node];
            rows->nodes++;
        }
    }
}

/* Room for two more nodes. */
static int32_t tree_rows_grow(struct tree_rows *rows)
{
    if (rows->nodes + 2 <= rows->capacity) {
        return FATE_OK;
    }
    uint32_t capacity = 2 * rows->capacity + 1;
    uint64_t *first = memory_resize(rows->context, rows->first, capacity, sizeof *first);
    if (first == NULL) {
        return context_out_of_memory(rows->context);
    }
    rows->first = first;
    uint64_t *length = memory_resize(rows->context, rows->length, capacity, sizeof *length);
    if (length == NULL) {
        return context_out_of_memory(rows->context);
    }
    rows->length = length;
    rows->capacity = capacity;
    return FATE_OK;
}

int32_t tree_rows_split(struct tree_rows *rows, uint32_t node, uint32_t left, const uint8_t *goes_left)
{
    int32_t result = tree_rows_grow(rows);
    if (result != FATE_OK) {
        return result;
    }
    uint32_t *own = rows->rows + rows->first[node];
    uint64_t left_count = 0;
    uint64_t right_count = 0;
    for (uint64_t i = 0; i < rows->length[node]; i++) {
        if (goes_left[i]) {
            own[left_count++] = own[i];
        } else {
            rows->scratch[right_count++] = own[i];
        }
    }
    memcpy(own + left_count, rows->scratch, right_count * sizeof *own);
    rows->first[left] = rows->first[node];
    rows->length[left] = left_count;
    rows->first[left + 1] = rows->first[node] + left_count;
    rows->length[left + 1] = right_count;
    rows->nodes = left + 2;
    return FATE_OK;
}

const uint32_t *tree_rows_of(const struct tree_rows *rows, uint32_t node, uint64_t *count)
{
    *count = rows->length[node];
    return rows->rows + rows->first[node];
}

uint64_t tree_rows_sampled(const struct tree_rows *rows, uint32_t node, const uint8_t *sampled)
{
    uint64_t count = 0;
    const uint32_t *own = tree_rows_of(rows, node, &count);
    if (sampled == NULL) {
        return count;
    }
    uint64_t drawn = 0;
    for (uint64_t i = 0; i < count; i++) {
        drawn += sampled[own[i]] != 0;
    }
    return drawn;
}

bool tree_left_is_smaller(uint64_t left_sampled, uint64_t right_sampled)
{
    return left_sampled <= right_sampled;
}
