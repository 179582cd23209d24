/* The host splits the nodes that its columns won, takes over all children, and ends a tree. */
#include <string.h>
#include "src/models/boosting/host_lattice.h"
#include "src/models/boosting/peer.h"
#include "src/models/boosting/protocol.h"

enum { OUTCOME_PART_ROWS = 4096, OUTCOME_PART_BYTES = 500000 };

/* Of tied columns the one that stands first in the table. */
static uint32_t first_in_table(const struct host *host, const message_node_split *node)
{
    uint32_t chosen = 0;
    for (uint32_t i = 1; i < node->n_tied; i++) {
        if (host->real[node->tied[i]->column] < host->real[node->tied[chosen]->column]) {
            chosen = i;
        }
    }
    return chosen;
}

/* Numbers are split between two neighbouring bins; the missing values' own bin may be on either side. */
static bool left_fits(const struct column_shape *shape, const ProtobufCBinaryData *left)
{
    if (shape->kind != FATE_COLUMN_NUMBER) return true;
    for (uint32_t bin = 1; bin < shape->value_bins; bin++) {
        if (message_bit(left->data, bin) && !message_bit(left->data, bin - 1)) return false;
    }
    return message_bit(left->data, 0);
}

/* Keeps the condition of a node, and says of its rows which go right. */
static int32_t split_node(fate_turn *turn, struct host *host, const message_node_split *node, message_node_partition *answer)
{
    answer->node = node->node;
    uint32_t chosen = first_in_table(host, node);
    answer->chosen = chosen + 1;
    const message_candidate *candidate = node->tied[chosen];
    uint32_t column = host->real[candidate->column], bins = host->bins[candidate->column];
    if (!left_fits(&host->columns.shapes[column], &candidate->left)) {
        return peer_violation(turn, host->guest, "a split that no column of its kind can have");
    }
    uint64_t count;
    const uint32_t *rows = host->lattice == NULL ? tree_rows_of(&host->growth.rows, node->node, &count)
                                                 : node_rows_of(&host->lattice->node_rows, node->node, &count);
    if (rows == NULL) {
        return peer_violation(turn, host->guest, "a split of a node whose rows it had not named");
    }
    uint8_t *left = memory_zeroed(host->context, bins, 1);
    answer->right.len = message_bit_bytes(count);
    answer->right.data = memory_zeroed(host->context, answer->right.len, 1);
    if (left == NULL || answer->right.data == NULL) {
        memory_free(host->context, left);
        return context_out_of_memory(host->context);
    }
    for (uint32_t bin = 0; bin < bins; bin++) {
        left[bin] = message_bit(candidate->left.data, bin);
    }
    for (uint64_t i = 0; i < count; i++) {
        if (left[host->columns.data[column][rows[i]]] == 0) {
            message_set_bit(answer->right.data, i);
        }
    }
    int32_t result = conditions_add(&host->conditions, node->node, column, left, bins);
    memory_free(host->context, left);
    return result;
}

static int32_t answer_splits(fate_turn *turn, struct host *host, const message_splits *splits)
{
    message_partition partition = BOOSTING_MESSAGE__PARTITION__INIT;
    size_t count = splits->n_nodes;
    message_node_partition *nodes = memory_zeroed(host->context, count, sizeof *nodes);
    message_node_partition **pointers = memory_zeroed(host->context, count, sizeof *pointers);
    int32_t result = nodes == NULL || pointers == NULL ? context_out_of_memory(host->context) : FATE_OK;
    for (size_t i = 0; i < count && result == FATE_OK; i++) {
        boosting_message__node_partition__init(&nodes[i]);
        pointers[i] = &nodes[i];
        result = split_node(turn, host, splits->nodes[i], &nodes[i]);
    }
    partition.tree = host->tree;
    partition.level = host->growth.level;
    partition.n_nodes = count;
    partition.nodes = pointers;
    if (result == FATE_OK) {
        result = peer_send_message(turn, MESSAGE_PARTITION, host->guest, &partition.base);
    }
    for (size_t i = 0; i < count && nodes != NULL; i++) {
        memory_free(host->context, nodes[i].right.data);
    }
    memory_free(host->context, nodes);
    memory_free(host->context, pointers);
    return result;
}

static struct message_level this_level(const struct host *host)
{
    return (struct message_level){.tree = host->tree,
                                  .level = host->growth.level,
                                  .first = host->growth.first,
                                  .end = host->growth.end,
                                  .bins = host->bins,
                                  .column_count = host->columns.count};
}

int32_t host_split(fate_turn *turn, void *state)
{
    struct host *host = state;
    struct message_level level = this_level(host);
    const uint8_t *bytes;
    uint64_t length;
    message_splits *splits = NULL;
    int32_t result = fate_turn_received(turn, host->guest, &bytes, &length);
    if (result == FATE_OK) {
        result = peer_checked(turn, host->guest, message_decode_splits(host->context, &splits, bytes, length, &level));
    }
    if (result == FATE_OK) {
        result = answer_splits(turn, host, splits);
    }
    if (splits != NULL) {
        message_free(host->context, &splits->base);
    }
    return result;
}

/* Which splits of the whole tree stay, when the present level is its last; NULL: all of them. *kept: to be freed. */
static int32_t take_kept(fate_turn *turn, struct host *host, const message_children *children, const uint8_t *split, uint8_t **kept)
{
    const struct growth *growth = &host->growth;
    uint32_t nodes = growth->end, count = 0;
    bool last = host->parameters.leaf_wise && growth_ends(growth, &host->parameters, split);
    bool fits = message_has_bits(&children->kept, last ? nodes : 0);
    if (!last || !fits) {
        return fits ? FATE_OK : peer_violation(turn, host->guest, "splits that stay, of other nodes than the tree has");
    }
    /* Up to two children follow each of the level's nodes. */
    *kept = memory_zeroed(host->context, nodes + 2 * ((uint64_t)growth->end - growth->first), 1);
    if (*kept == NULL) {
        return context_out_of_memory(host->context);
    }
    for (uint32_t node = 0; node < nodes && fits; node++) {
        (*kept)[node] = message_bit(children->kept.data, node);
        bool is_split = node >= growth->first ? split[node - growth->first] != 0 : growth->tree.nodes[node].left != 0;
        fits = (*kept)[node] == 0 || (is_split && (node == 0 || (*kept)[growth->tree.nodes[node].parent] != 0));
        count += (*kept)[node];
    }
    return fits && count < host->parameters.max_leaves ? FATE_OK
                                                       : peer_violation(turn, host->guest, "splits that stay without being there");
}

/* Ends a tree: takes back the splits that do not stay, and writes the others into the model. */
static int32_t record_tree(struct host *host, const uint8_t *kept)
{
    uint32_t index, count = host->growth.tree.count;
    if (kept != NULL) {
        uint32_t *map = memory_zeroed(host->context, count, sizeof *map);
        if (map == NULL) {
            return context_out_of_memory(host->context);
        }
        growth_prune(&host->growth, kept, map);
        conditions_prune(&host->conditions, kept, map);
        memory_free(host->context, map);
    }
    int32_t result = FATE_OK;
    for (uint32_t node = 0; node < host->growth.tree.count && result == FATE_OK; node++) {
        if (host->growth.tree.nodes[node].left == 0) {
            continue;
        }
        const struct condition *condition = conditions_find(&host->conditions, node, &index);
        result = boosting_model_split(&host->model, node, 0, 0);
        if (result == FATE_OK && condition != NULL) {
            result = boosting_model_own(&host->model, node, &host->columns.bins[condition->column], condition->left, host->table,
                                        condition->column);
        }
    }
    return result;
}

/* The rows of a split node: at this host's own nodes they must go where this host sent them. */
static bool take_rows(struct host *host, uint32_t node, const uint8_t *right, uint64_t first_bit)
{
    uint32_t index;
    uint64_t count;
    const struct condition *condition = conditions_find(&host->conditions, node, &index);
    const uint32_t *rows = tree_rows_of(&host->growth.rows, node, &count);
    for (uint64_t i = 0; i < count; i++) {
        uint8_t goes_left = !message_bit(right, first_bit + i);
        host->goes_left[rows[i]] = goes_left;
        if (condition != NULL && condition->left[host->columns.data[condition->column][rows[i]]] != goes_left) {
            return false;
        }
    }
    return true;
}

/* Reads which nodes are split, and where their rows go. split: one byte for each node of the level. */
static int32_t take_children(fate_turn *turn, struct host *host, const message_children *children, uint8_t *split)
{
    uint64_t bits = 0, count, first_bit = 0;
    uint32_t index;
    for (uint32_t node = host->growth.first; node < host->growth.end; node++) {
        split[node - host->growth.first] = message_bit(children->split.data, node - host->growth.first);
        if (split[node - host->growth.first] != 0) {
            tree_rows_of(&host->growth.rows, node, &count);
            bits += count;
        } else if (conditions_find(&host->conditions, node, &index) != NULL) {
            return peer_violation(turn, host->guest, "children without the split that it had asked for");
        }
    }
    if (!message_has_bits(&children->right, bits)) {
        return peer_violation(turn, host->guest, "children of too few or too many rows");
    }
    for (uint32_t node = host->growth.first; node < host->growth.end; node++) {
        if (split[node - host->growth.first] == 0) {
            continue;
        }
        if (!take_rows(host, node, children->right.data, first_bit)) {
            return peer_violation(turn, host->guest, "children that contradict this party's own conditions");
        }
        tree_rows_of(&host->growth.rows, node, &count);
        first_bit += count;
    }
    return FATE_OK;
}

static int32_t end_level(fate_turn *turn, struct host *host, const message_children *children)
{
    uint8_t *split = memory_zeroed(host->context, host->growth.end - host->growth.first, 1), *kept = NULL;
    if (split == NULL) {
        return context_out_of_memory(host->context);
    }
    int32_t result = take_children(turn, host, children, split);
    if (result == FATE_OK) {
        result = take_kept(turn, host, children, split, &kept);
    }
    if (result == FATE_OK) {
        result = growth_next_level(&host->growth, split, host->goes_left);
    }
    if (result == FATE_OK && growth_done(&host->growth, &host->parameters)) {
        result = record_tree(host, kept);
    }
    memory_free(host->context, split);
    memory_free(host->context, kept);
    host->rows_done += fate_table_rows(host->table);
    if (result != FATE_OK) {
        return result;
    }
    if (growth_done(&host->growth, &host->parameters)) {
        host_free_level(host);
        host->position = 0;
        return FATE_OK;
    }
    result = host_begin_level(turn, host);
    return result == FATE_OK ? fate_turn_go_to(turn, host->lattice == NULL ? HOST_COUNT : HOST_VECTORS) : result;
}

int32_t host_children(fate_turn *turn, void *state)
{
    struct host *host = state;
    struct message_level level = this_level(host);
    const uint8_t *bytes;
    uint64_t length;
    message_children *children = NULL;
    int32_t result = fate_turn_received(turn, host->guest, &bytes, &length);
    if (result == FATE_OK) {
        result = peer_checked(turn, host->guest, message_decode_children(host->context, &children, bytes, length, &level));
    }
    if (result == FATE_OK) {
        result = end_level(turn, host, children);
    }
    if (children != NULL) {
        message_free(host->context, &children->base);
    }
    return result;
}

/* Sends the outcomes of the next validation rows. */
static int32_t send_outcomes(fate_turn *turn, struct host *host)
{
    uint64_t rows = fate_table_rows(host->validation), row_bytes = message_bit_bytes(host->conditions.count);
    uint64_t most = row_bytes == 0                                       ? rows
                    : OUTCOME_PART_BYTES / row_bytes < OUTCOME_PART_ROWS ? OUTCOME_PART_BYTES / row_bytes
                                                                         : OUTCOME_PART_ROWS;
    uint64_t left = rows - host->position;
    struct outcome_part part = {.first = host->position, .count = left < most ? left : most};
    uint32_t *stack = memory_allocate(host->context, host->growth.tree.count, sizeof *stack);
    struct buffer bytes;
    buffer_init(&bytes, host->context);
    outcome_part_head(&bytes, &part);
    int32_t result = FATE_OK;
    if (stack == NULL || !buffer_reserve(&bytes, part.count * row_bytes)) {
        result = context_out_of_memory(host->context);
    }
    for (uint64_t i = 0; i < part.count && row_bytes > 0 && result == FATE_OK; i++) {
        conditions_outcomes(&host->conditions, &host->growth.tree, host->columns.validation_data, part.first + i,
                            bytes.bytes + bytes.length, stack);
        bytes.length += row_bytes;
    }
    host->position += part.count;
    if (result == FATE_OK) {
        result = fate_turn_send(turn, MESSAGE_OUTCOMES, host->guest, bytes.bytes, bytes.length, host->position == rows);
    }
    memory_free(host->context, stack);
    buffer_free(&bytes);
    return result;
}

int32_t host_outcomes(fate_turn *turn, void *state)
{
    struct host *host = state;
    if (host->validation != NULL) {
        int32_t result = send_outcomes(turn, host);
        if (result != FATE_OK) {
            return result;
        }
        if (host->position < fate_table_rows(host->validation)) {
            return FATE_AGAIN;
        }
    }
    fate_ciphertexts_free(host->gradients);
    host->gradients = NULL;
    host->tree++;
    int32_t result = fate_turn_checkpoint(turn);
    return result == FATE_OK ? fate_turn_go_to(turn, HOST_ROUND) : result;
}
