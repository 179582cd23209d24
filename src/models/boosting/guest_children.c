/* The guest learns from the winners which rows go where, and tells every host the children. */
#include <string.h>
#include "src/models/boosting/guest_lattice.h"
#include "src/models/boosting/peer.h"
#include "src/models/boosting/protocol.h"

/* Whether the rows that a host sends left have the very sums of the bins that were to go left. The rows are the guest's own knowledge, so sums that
 * belong to other rows do not get into a model. */
static bool sums_are_true(struct guest *guest, uint32_t number, const uint32_t *rows, uint64_t count)
{
    const struct guest_node *node = &guest->nodes[number];
    const struct guest_party *host = &guest->parties[node->owner];
    uint32_t outputs = guest->parameters.tree_outputs;
    const struct bin_sum *sums = guest_sums(guest, host, number, node->column);
    struct bin_sum left[GAIN_OUTPUTS_MOST];
    memset(left, 0, outputs * sizeof *left);
    for (uint64_t i = 0; i < count; i++) {
        if (guest->goes_left[rows[i]] != 0 && guest->growth.sampled[rows[i]] != 0) {
            histogram_add_one(left, &guest->pairs[(uint64_t)rows[i] * outputs], outputs);
        }
    }
    gain_left_bins(&guest->terms, &host->shapes[node->column], sums, &node->candidate, guest->order, guest->left);
    for (uint32_t bin = 0; bin < host->bins[node->column]; bin++) {
        if (guest->left[bin] != 0) {
            histogram_subtract(left, left, &sums[(uint64_t)bin * outputs], outputs);
        }
    }
    bool counted = guest->lattice == NULL || guest->lattice->counted;
    for (uint32_t i = 0; i < outputs; i++) {
        if (left[i].gradient != 0 || left[i].hessian != 0 || (counted && left[i].count != 0)) {
            return false;
        }
    }
    return true;
}

/* Takes the rows of one node that a host has split. false: they do not fit the sums that it sent. */
static bool take_node(struct guest *guest, uint32_t number, const message_node_partition *partition)
{
    struct guest_node *node = &guest->nodes[number];
    uint64_t count;
    const uint32_t *rows = tree_rows_of(&guest->growth.rows, number, &count);
    if (partition->node != number || partition->chosen >= node->tie_count || !message_has_bits(&partition->right, count)) {
        return false;
    }
    const struct guest_tie *tie = &guest->ties[node->tie_first + partition->chosen];
    node->column = tie->column;
    node->candidate = tie->candidate;
    for (uint64_t i = 0; i < count; i++) {
        guest->goes_left[rows[i]] = !message_bit(partition->right.data, i);
    }
    return sums_are_true(guest, number, rows, count);
}

static int32_t take_partition(fate_turn *turn, struct guest *guest, uint32_t host, const message_partition *message)
{
    size_t taken = 0;
    for (uint32_t node = guest->growth.first; node < guest->growth.end; node++) {
        if (!guest->nodes[node].split || guest->nodes[node].owner != host) {
            continue;
        }
        if (taken == message->n_nodes || !take_node(guest, node, message->nodes[taken])) {
            return peer_violation(turn, guest->parties[host].party, "a partition that does not fit the splits or its own sums");
        }
        taken++;
    }
    if (taken != message->n_nodes) {
        return peer_violation(turn, guest->parties[host].party, "a partition of a node that was not asked for");
    }
    return FATE_OK;
}

int32_t guest_partition(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    int32_t result = FATE_OK;
    struct message_level level = {
        .tree = guest->tree, .level = guest->growth.level, .first = guest->growth.first, .end = guest->growth.end};
    for (uint32_t p = 0; p < guest->party_count && result == FATE_OK; p++) {
        const uint8_t *bytes;
        uint64_t length;
        message_partition *message = NULL;
        if (guest->parties[p].own) {
            continue;
        }
        result = fate_turn_received(turn, guest->parties[p].party, &bytes, &length);
        if (result == FATE_OK) {
            result = peer_checked(turn, p, message_decode_partition(guest->context, &message, bytes, length, &level));
        }
        if (result == FATE_OK) {
            result = take_partition(turn, guest, p, message);
        }
        if (message != NULL) {
            message_free(guest->context, &message->base);
        }
    }
    return result;
}

/* Splits a node by the guest's own condition. */
static int32_t assign_own(struct guest *guest, uint32_t number)
{
    const struct guest_node *node = &guest->nodes[number];
    const struct guest_party *own = &guest->parties[guest->own];
    uint32_t column = node->column;
    gain_left_bins(&guest->terms, &own->shapes[column], guest_sums(guest, own, number, column), &node->candidate, guest->order,
                   guest->left);
    uint64_t count;
    const uint32_t *rows = tree_rows_of(&guest->growth.rows, number, &count);
    for (uint64_t i = 0; i < count; i++) {
        guest->goes_left[rows[i]] = guest->left[guest->columns.data[column][rows[i]]];
    }
    return conditions_add(&guest->conditions, number, column, guest->left, own->bins[column]);
}

/* Bits for an array of bytes, to be freed; NULL: out of memory. */
static uint8_t *make_bits(fate_context *context, const uint8_t *bytes, uint64_t count)
{
    uint8_t *bits = memory_zeroed(context, message_bit_bytes(count), 1);
    for (uint64_t i = 0; bits != NULL && i < count; i++) {
        if (bytes[i] != 0) {
            message_set_bit(bits, i);
        }
    }
    return bits;
}

/* Encodes the level's children: which nodes are split, and where each row of those goes. */
static int32_t send_children(fate_turn *turn, const struct guest *guest, const uint8_t *split)
{
    const struct growth *growth = &guest->growth;
    uint32_t nodes = growth->end - growth->first;
    uint64_t rows = guest->lattice == NULL ? growth->rows.count : 0, bit = 0; /* with the lattice cipher hosts need no rows */
    uint64_t kept = guest->parameters.leaf_wise && growth_ends(growth, &guest->parameters, split) ? growth->end : 0;
    uint8_t *split_bits = make_bits(guest->context, split, nodes), *kept_bits = make_bits(guest->context, guest->taken, kept);
    uint8_t *right_bits = memory_zeroed(guest->context, message_bit_bytes(rows), 1);
    bool made = split_bits != NULL && kept_bits != NULL && right_bits != NULL;
    int32_t result = made ? FATE_OK : context_out_of_memory(guest->context);
    for (uint32_t i = 0; i < nodes && rows > 0 && result == FATE_OK; i++) {
        if (split[i] == 0) {
            continue;
        }
        uint64_t count;
        const uint32_t *own = tree_rows_of(&growth->rows, growth->first + i, &count);
        for (uint64_t k = 0; k < count; k++, bit++) {
            if (guest->goes_left[own[k]] == 0) {
                message_set_bit(right_bits, bit);
            }
        }
    }
    message_children children = BOOSTING_MESSAGE__CHILDREN__INIT;
    children.tree = guest->tree;
    children.level = growth->level;
    children.split = (ProtobufCBinaryData){.len = message_bit_bytes(nodes), .data = split_bits};
    children.right = (ProtobufCBinaryData){.len = message_bit_bytes(bit), .data = right_bits};
    children.kept = (ProtobufCBinaryData){.len = message_bit_bytes(kept), .data = kept_bits};
    for (uint32_t p = 0; p < guest->party_count && result == FATE_OK; p++) {
        if (!guest->parties[p].own) {
            result = peer_send_message(turn, MESSAGE_CHILDREN, guest->parties[p].party, &children.base);
        }
    }
    memory_free(guest->context, split_bits);
    memory_free(guest->context, kept_bits);
    memory_free(guest->context, right_bits);
    return result;
}

/* What is known of the children: their totals, and what they may weigh. The guest has the gradients, so that no host's sums are needed. */
static int32_t add_children(struct guest *guest, uint32_t first, uint32_t end)
{
    const struct tree *tree = &guest->growth.tree;
    uint32_t outputs = guest->parameters.tree_outputs;
    int32_t result = guest_reserve_nodes(guest, tree->count);
    for (uint32_t node = first; node < end && result == FATE_OK; node++) {
        if (!guest->nodes[node].split) {
            continue;
        }
        uint32_t left = tree->nodes[node].left, right = tree->nodes[node].right;
        const struct guest_node *parent = &guest->nodes[node];
        guest->nodes[left] = guest->nodes[right] = (struct guest_node){.split = false};
        guest_add_total(guest, left);
        histogram_subtract(guest_total(guest, right), guest_total(guest, node), guest_total(guest, left), outputs);
        gain_split_range(&guest->terms, &guest->parties[parent->owner].shapes[parent->column], &parent->range, guest_total(guest, left),
                         guest_total(guest, right), &guest->nodes[left].range, &guest->nodes[right].range);
    }
    return result;
}

int32_t guest_assign(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    uint32_t first = guest->growth.first, end = guest->growth.end;
    uint8_t *split = memory_zeroed(guest->context, end - first, 1);
    int32_t result = split == NULL ? context_out_of_memory(guest->context) : FATE_OK;
    for (uint32_t node = first; node < end && result == FATE_OK; node++) {
        if (guest->nodes[node].split) {
            split[node - first] = 1;
            result = guest->nodes[node].host ? FATE_OK : assign_own(guest, node);
        }
    }
    if (result == FATE_OK && guest->shared) {
        result = send_children(turn, guest, split);
    }
    if (result == FATE_OK) {
        result = growth_next_level(&guest->growth, split, guest->goes_left);
    }
    if (result == FATE_OK) {
        result = add_children(guest, first, end);
    }
    memory_free(guest->context, split);
    guest->rows_done += guest->growth.rows.count;
    if (result != FATE_OK) {
        return result;
    }
    if (growth_done(&guest->growth, &guest->parameters)) {
        return guest_record_tree(guest);
    }
    result = guest_begin_level(turn, guest);
    return result == FATE_OK ? fate_turn_go_to(turn, guest->shared && guest->lattice != NULL ? GUEST_VECTORS : GUEST_SUM) : result;
}
