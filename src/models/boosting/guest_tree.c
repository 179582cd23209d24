/* The guest settles which splits are made, and writes a tree that is grown into its model. */
#include <string.h>
#include "src/models/boosting/best_first.h"
#include "src/models/boosting/guest.h"
#include "src/models/boosting/leaves.h"

const struct weight_range *guest_range(const struct guest *guest, uint32_t node)
{
    return guest->directed ? &guest->nodes[node].range : NULL;
}

/* Of the splits found at the level, those for which the tree has leaves left. */
static int32_t settle_level(struct guest *guest, const uint8_t *found, const double *gains, uint8_t *taken)
{
    const struct growth *growth = &guest->growth;
    uint32_t first = growth->first;
    memcpy(taken, found, growth->end);
    return leaves_limit(guest->context, taken + first, gains + first, growth->end - first,
                        leaves_room(guest->parameters.max_leaves, growth->tree.count));
}

int32_t guest_settle_splits(struct guest *guest)
{
    const struct growth *growth = &guest->growth;
    uint32_t count = growth->end;
    uint8_t *found = memory_zeroed(guest->context, count, 1);
    double *gains = memory_zeroed(guest->context, count, sizeof *gains);
    memory_free(guest->context, guest->taken);
    guest->taken = memory_zeroed(guest->context, count, 1);
    int32_t result = found == NULL || gains == NULL || guest->taken == NULL ? context_out_of_memory(guest->context) : FATE_OK;
    for (uint32_t node = 0; node < count && result == FATE_OK; node++) {
        found[node] = guest->nodes[node].candidate.found;
        gains[node] = guest->nodes[node].candidate.gain;
    }
    if (result == FATE_OK && guest->parameters.leaf_wise) {
        result = best_first_splits(guest->context, &growth->tree, found, gains, guest->parameters.max_leaves - 1, guest->taken);
    } else if (result == FATE_OK) {
        result = settle_level(guest, found, gains, guest->taken);
    }
    for (uint32_t node = growth->first; node < count && result == FATE_OK; node++) {
        guest->nodes[node].split = guest->taken[node] != 0;
    }
    memory_free(guest->context, found);
    memory_free(guest->context, gains);
    return result;
}

/* Takes back the splits that were tried and are not among the best. */
static int32_t prune(struct guest *guest)
{
    uint32_t count = guest->growth.tree.count;
    uint8_t *kept = memory_zeroed(guest->context, count, 1);
    uint32_t *map = memory_zeroed(guest->context, count, sizeof *map);
    int32_t result = kept == NULL || map == NULL ? context_out_of_memory(guest->context) : FATE_OK;
    if (result == FATE_OK) {
        memcpy(kept, guest->taken, guest->growth.parent_end);
        growth_prune(&guest->growth, kept, map);
        conditions_prune(&guest->conditions, kept, map);
    }
    for (uint32_t node = 0; node < count && result == FATE_OK; node++) {
        if (map[node] != TREE_NO_NODE) {
            guest->nodes[node].split = kept[node] != 0;
            guest->nodes[map[node]] = guest->nodes[node];
            memmove(guest_total(guest, map[node]), guest_total(guest, node), guest->parameters.tree_outputs * sizeof *guest->totals);
        }
    }
    memory_free(guest->context, kept);
    memory_free(guest->context, map);
    return result;
}

/* The number of a host's column in the model: by first use, so that it says nothing about the host's numbering. */
static uint32_t model_column(struct guest_party *host, uint32_t column)
{
    if (host->model_number[column] == 0) {
        host->model_number[column] = ++host->model_numbers;
    }
    return host->model_number[column];
}

/* Writes a split into the model, and numbers it among its host's conditions. */
static int32_t record_node(struct guest *guest, uint32_t number)
{
    struct guest_node *node = &guest->nodes[number];
    struct guest_party *owner = &guest->parties[node->owner];
    int32_t result = boosting_model_split(&guest->model, number, owner->party, node->host ? model_column(owner, node->column) : 0);
    if (result == FATE_OK && !node->host) {
        uint32_t index;
        const struct condition *condition = conditions_find(&guest->conditions, number, &index);
        result = boosting_model_own(&guest->model, number, &guest->columns.bins[node->column], condition->left, guest->table, node->column);
    }
    if (node->host) {
        node->condition = owner->conditions++;
    }
    if (result == FATE_OK) {
        guest->model.trees[guest->model.tree_count - 1].nodes[number].gain = node->candidate.gain;
    }
    return result;
}

int32_t guest_record_tree(struct guest *guest)
{
    int32_t result = guest->parameters.leaf_wise ? prune(guest) : FATE_OK;
    for (uint32_t node = 0; node < guest->growth.tree.count && result == FATE_OK; node++) {
        if (guest->growth.tree.nodes[node].left != 0) {
            result = record_node(guest, node);
        }
    }
    return result;
}
