/* A tree as every party of a federated run sees it grow. */
#include "src/models/boosting/growth.h"

#include <string.h>
#include "src/models/boosting/columns.h"
#include "src/models/boosting/sampling.h"

int32_t growth_init(struct growth *growth, fate_context *context, uint64_t rows)
{
    memset(growth, 0, sizeof *growth);
    growth->context = context;
    if (tree_rows_init(&growth->rows, context, rows) != FATE_OK) {
        memset(&growth->rows, 0, sizeof growth->rows);
        return context_out_of_memory(context);
    }
    growth->sampled = memory_zeroed(context, rows, 1);
    growth->sample = memory_allocate(context, rows, sizeof *growth->sample);
    growth->slot = memory_allocate(context, rows, sizeof *growth->slot);
    if (growth->sampled == NULL || growth->sample == NULL || growth->slot == NULL) {
        return context_out_of_memory(context);
    }
    return FATE_OK;
}

void growth_free(struct growth *growth)
{
    if (growth->context == NULL) {
        return;
    }
    if (growth->tree.context != NULL) {
        tree_free(&growth->tree);
    }
    if (growth->rows.context != NULL) {
        tree_rows_free(&growth->rows);
    }
    memory_free(growth->context, growth->sampled);
    memory_free(growth->context, growth->sample);
    memory_free(growth->context, growth->slot);
    memory_free(growth->context, growth->summed);
    memset(growth, 0, sizeof *growth);
}

uint64_t growth_sampled(const struct growth *growth, uint32_t node)
{
    return tree_rows_sampled(&growth->rows, node, growth->sampled);
}

bool growth_examined(const struct growth *growth, uint32_t node)
{
    return growth_sampled(growth, node) >= 2;
}

/* Adds a node to those that are added up, and gives its rows their slot. */
static void sum_node(struct growth *growth, uint32_t node)
{
    uint64_t count;
    const uint32_t *rows = tree_rows_of(&growth->rows, node, &count);
    for (uint64_t i = 0; i < count; i++) {
        growth->slot[rows[i]] = growth->summed_count;
    }
    growth->summed[growth->summed_count++] = node;
}

static int32_t plan_level(struct growth *growth)
{
    uint32_t nodes = growth->end - growth->first;
    uint32_t *summed = memory_resize(growth->context, growth->summed, (uint64_t)nodes + 1, sizeof *summed);
    if (summed == NULL) {
        return context_out_of_memory(growth->context);
    }
    growth->summed = summed;
    growth->summed_count = 0;
    for (uint64_t row = 0; row < growth->rows.count; row++) {
        growth->slot[row] = GROWTH_NO_SLOT;
    }
    if (growth->level == 0) {
        sum_node(growth, 0);
        return FATE_OK;
    }
    for (uint32_t node = growth->first; node < growth->end && !growth->differences; node++) {
        if (growth_examined(growth, node)) {
            sum_node(growth, node);
        }
    }
    if (!growth->differences) {
        return FATE_OK;
    }
    /* Children of one parent stand side by side. */
    for (uint32_t left = growth->first; left < growth->end; left += 2) {
        uint64_t left_sampled = growth_sampled(growth, left), right_sampled = growth_sampled(growth, left + 1);
        if (left_sampled >= 2 || right_sampled >= 2) {
            sum_node(growth, tree_left_is_smaller(left_sampled, right_sampled) ? left : left + 1);
        }
    }
    return FATE_OK;
}

int32_t growth_begin(struct growth *growth, const struct boosting_parameters *parameters, uint32_t number, const uint8_t *given)
{
    uint64_t rows = growth->rows.count;
    growth->number = number;
    growth->level = 0;
    growth->differences = !columns_by_level(parameters);
    if (growth->tree.context != NULL) {
        tree_free(&growth->tree);
    }
    memset(&growth->tree, 0, sizeof growth->tree);
    if (tree_init(&growth->tree, growth->context) != FATE_OK) {
        memset(&growth->tree, 0, sizeof growth->tree);
        return context_out_of_memory(growth->context);
    }
    tree_rows_reset(&growth->rows);
    int32_t result = FATE_OK;
    if (given != NULL && rows > 0) {
        memcpy(growth->sampled, given, rows);
    } else {
        result = sampling_rows(growth->context, growth->sampled, parameters->seed, number, rows, parameters->subsample);
    }
    if (result != FATE_OK) {
        return result;
    }
    growth->sample_count = 0;
    for (uint64_t row = 0; row < rows; row++) {
        if (growth->sampled[row] != 0) {
            growth->sample[growth->sample_count++] = (uint32_t)row;
        }
    }
    growth->first = growth->parent_first = growth->parent_end = 0;
    growth->end = 1;
    return plan_level(growth);
}

static int32_t split_node(struct growth *growth, uint32_t node, const uint8_t *goes_left, uint8_t *scratch)
{
    uint64_t count;
    const uint32_t *rows = tree_rows_of(&growth->rows, node, &count);
    for (uint64_t i = 0; i < count; i++) {
        scratch[i] = goes_left[rows[i]];
    }
    int32_t result = tree_split(&growth->tree, node);
    if (result != FATE_OK) {
        return result;
    }
    return tree_rows_split(&growth->rows, node, growth->tree.nodes[node].left, scratch);
}

int32_t growth_next_level(struct growth *growth, const uint8_t *split, const uint8_t *goes_left)
{
    uint8_t *scratch = memory_allocate(growth->context, growth->rows.count, 1);
    if (scratch == NULL) {
        return context_out_of_memory(growth->context);
    }
    tree_next_level(&growth->tree);
    int32_t result = FATE_OK;
    for (uint32_t node = growth->first; node < growth->end && result == FATE_OK; node++) {
        if (split[node - growth->first] != 0) {
            result = split_node(growth, node, goes_left, scratch);
        }
    }
    memory_free(growth->context, scratch);
    if (result != FATE_OK) {
        return result;
    }
    growth->level++;
    growth->parent_first = growth->first;
    growth->parent_end = growth->end;
    growth->first = growth->tree.level_first;
    growth->end = growth->tree.count;
    return plan_level(growth);
}

bool growth_done(const struct growth *growth, const struct boosting_parameters *parameters)
{
    return growth->first == growth->end || growth->level == parameters->depth;
}

bool growth_ends(const struct growth *growth, const struct boosting_parameters *parameters, const uint8_t *split)
{
    return growth->level + 1 == parameters->depth || memchr(split, 1, growth->end - growth->first) == NULL;
}

void growth_prune(struct growth *growth, const uint8_t *kept, uint32_t *map)
{
    uint32_t count = growth->tree.count;
    tree_prune(&growth->tree, kept, map);
    tree_rows_prune(&growth->rows, map, count);
    growth->first = growth->end = growth->tree.count;
}
