/* The guest chooses the splits of a level: completes the sums, searches all parties' columns, tells the winners and all children. */
#include <string.h>
#include "src/models/boosting/guest_lattice.h"
#include "src/models/boosting/peer.h"
#include "src/models/boosting/protocol.h"
#include "src/models/boosting/sum_bounds.h"

enum { PIECE_NODES = 16 };

/* ---- sums ---- */

/* The fullest bin of a host's column has what the others leave of the node, for one output. */
static void fill_fullest(const struct guest *guest, struct bin_sum *sums, uint32_t bins, uint32_t fullest, const struct bin_sum *total)
{
    uint64_t outputs = guest->parameters.tree_outputs;
    struct bin_sum *filled = &sums[fullest * outputs], left = *total;
    for (uint32_t i = 0; i < bins; i++) {
        if (i != fullest) {
            left.gradient -= sums[i * outputs].gradient;
            left.hessian -= sums[i * outputs].hessian;
        }
    }
    filled->gradient = left.gradient;
    filled->hessian = left.hessian;
}

/* A summed node, and its sibling where that has the differences. */
struct summed {
    uint32_t slot, node, parent, sibling;
    bool difference;
    struct sum_bounds *node_bounds, *sibling_bounds; /* of each output */
};

/* The sibling's sums: the differences. false: the smaller one has more rows than their parent. */
static bool complete_sibling(const struct guest *guest, const struct guest_party *party, const struct summed *summed, uint32_t column)
{
    uint64_t outputs = guest->parameters.tree_outputs, count = party->bins[column] * outputs;
    const struct bin_sum *sums = guest_sums(guest, party, summed->node, column);
    const struct bin_sum *parent =
        party->parent_sums + ((summed->parent - guest->growth.parent_first) * party->total_bins + party->offsets[column]) * outputs;
    for (uint64_t i = 0; i < count; i++) {
        if (sums[i].count > parent[i].count) {
            return false;
        }
    }
    histogram_subtract(guest_sums(guest, party, summed->sibling, column), parent, sums, count);
    return party->own || guest->lattice == NULL ||
           guest_lattice_count_difference(guest, guest_sums(guest, party, summed->sibling, column), party->bins[column]);
}

/* Whether a host's sums are such as the rows of a node can give. */
static bool bounds_hold(const struct guest *guest, const struct sum_bounds *bounds, const struct bin_sum *sums, uint32_t bins)
{
    uint32_t outputs = guest->parameters.tree_outputs;
    if (guest->lattice != NULL && !guest->lattice->counted) {
        return sum_bounds_hold_uncounted(bounds, sums, bins, outputs);
    }
    return sum_bounds_hold(bounds, sums, bins, outputs);
}

/* Completes a column at one summed node, and checks a host's sums: those of both siblings must be such as their rows can give. */
static bool complete_column(const struct guest *guest, const struct guest_party *party, const struct summed *summed, uint32_t column)
{
    uint32_t bins = party->bins[column], outputs = guest->parameters.tree_outputs;
    struct bin_sum *sums = guest_sums(guest, party, summed->node, column);
    const struct bin_sum *total = guest_total(guest, summed->node);
    for (uint32_t i = 0; i < outputs && !party->own; i++) {
        fill_fullest(guest, sums + i, bins, *guest_fullest(guest, party, column, summed->slot), total + i);
    }
    if (!party->own && guest->lattice != NULL &&
        !guest_lattice_count(guest, sums, bins, *guest_fullest(guest, party, column, summed->slot), total)) {
        return false;
    }
    if (!party->own && !bounds_hold(guest, summed->node_bounds, sums, bins)) {
        return false;
    }
    if (!summed->difference) {
        return true;
    }
    return complete_sibling(guest, party, summed, column) &&
           (party->own || bounds_hold(guest, summed->sibling_bounds, guest_sums(guest, party, summed->sibling, column), bins));
}

static void make_bounds(const struct guest *guest, struct sum_bounds *bounds, uint32_t node)
{
    uint64_t count;
    const uint32_t *rows = tree_rows_of(&guest->growth.rows, node, &count);
    sum_bounds_make(bounds, guest->pairs, guest->parameters.tree_outputs, guest->growth.sampled, rows, count);
}

/* Completes all parties' columns at one summed node. */
static int32_t complete_node(fate_turn *turn, const struct guest *guest, const struct summed *summed)
{
    if (guest->shared) {
        make_bounds(guest, summed->node_bounds, summed->node);
    }
    if (guest->shared && summed->difference) {
        make_bounds(guest, summed->sibling_bounds, summed->sibling);
    }
    for (uint32_t p = 0; p < guest->party_count; p++) {
        const struct guest_party *party = &guest->parties[p];
        for (uint32_t column = 0; column < party->count && (party->own || guest->shared); column++) {
            if (party->sampled[column] != 0 && !complete_column(guest, party, summed, column)) {
                return peer_violation(turn, party->party, "sums that do not add up to those of their node");
            }
        }
    }
    return FATE_OK;
}

static int32_t complete_level(fate_turn *turn, const struct guest *guest)
{
    const struct growth *growth = &guest->growth;
    uint32_t outputs = guest->parameters.tree_outputs;
    struct sum_bounds *bounds = memory_zeroed(guest->context, 2 * (uint64_t)outputs, sizeof *bounds);
    int32_t result = bounds == NULL ? context_out_of_memory(guest->context) : FATE_OK;
    for (uint32_t i = 0; i < growth->summed_count && result == FATE_OK; i++) {
        struct summed summed = {.slot = i,
                                .node = growth->summed[i],
                                .difference = growth->level > 0 && growth->differences,
                                .node_bounds = bounds,
                                .sibling_bounds = bounds + outputs};
        if (summed.difference) {
            summed.parent = growth->tree.nodes[summed.node].parent;
            const struct tree_node *above = &growth->tree.nodes[summed.parent];
            summed.sibling = above->left == summed.node ? above->right : above->left;
        }
        result = complete_node(turn, guest, &summed);
    }
    memory_free_secret(guest->context, bounds, 2 * (uint64_t)outputs * sizeof *bounds);
    return result;
}

/* ---- the search ---- */

static int32_t add_tie(struct guest *guest, uint32_t column, const struct split_candidate *candidate)
{
    if (guest->tie_count == guest->tie_capacity) {
        uint64_t capacity = guest->tie_capacity == 0 ? 64 : 2 * guest->tie_capacity;
        struct guest_tie *ties = memory_resize(guest->context, guest->ties, capacity, sizeof *ties);
        if (ties == NULL) {
            return context_out_of_memory(guest->context);
        }
        guest->ties = ties;
        guest->tie_capacity = capacity;
    }
    guest->ties[guest->tie_count++] = (struct guest_tie){.column = column, .candidate = *candidate};
    return FATE_OK;
}

/* Appends the best candidates of one party: of its own columns the first of the greatest gain, of a host's all with the greatest gain. */
static int32_t search_party(struct guest *guest, const struct guest_party *party, uint32_t node)
{
    uint64_t first = guest->tie_count;
    struct bin_sum scratch[GAIN_OUTPUTS_MOST];
    for (uint32_t column = 0; column < party->count; column++) {
        if (party->sampled[column] == 0) {
            continue;
        }
        const struct bin_sum *sums = guest_sums(guest, party, node, column), *total = guest_total(guest, node);
        if (!party->own && guest->lattice != NULL) {
            total = guest_lattice_node(guest, sums, party->bins[column], total, scratch);
        }
        struct split_candidate candidate =
            gain_best(&guest->terms, &party->shapes[column], sums, total, guest_range(guest, node), guest->order);
        bool equal = candidate.found && guest->tie_count > first && candidate.gain == guest->ties[first].candidate.gain;
        struct split_candidate none = {.found = false};
        if (gain_better(&candidate, guest->tie_count > first ? &guest->ties[first].candidate : &none)) {
            guest->tie_count = first;
        } else if (!equal || party->own) {
            continue;
        }
        int32_t result = add_tie(guest, column, &candidate);
        if (result != FATE_OK) {
            return result;
        }
    }
    return FATE_OK;
}

/* Finds the node's split among all parties' columns. Ties of earlier parties that were beaten are dropped. */
static int32_t choose_node(struct guest *guest, uint32_t number)
{
    struct guest_node *node = &guest->nodes[number];
    struct split_candidate best = {.found = false};
    uint64_t first = guest->tie_count;
    for (uint32_t p = 0; p < guest->party_count; p++) {
        const struct guest_party *party = &guest->parties[p];
        if (!party->own && !guest->shared) {
            continue;
        }
        uint64_t begin = guest->tie_count;
        int32_t result = search_party(guest, party, number);
        if (result != FATE_OK) {
            return result;
        }
        uint64_t count = guest->tie_count - begin;
        if (count == 0 || !gain_better(&guest->ties[begin].candidate, &best)) {
            guest->tie_count = begin;
            continue;
        }
        memmove(&guest->ties[first], &guest->ties[begin], count * sizeof *guest->ties);
        guest->tie_count = first + count;
        best = guest->ties[first].candidate;
        node->owner = p;
        node->host = !party->own;
        node->tie_first = first;
        node->tie_count = (uint32_t)count;
        node->column = guest->ties[first].column;
        node->candidate = best;
    }
    return FATE_OK;
}

/* ---- telling the winners ---- */

/* Fills the message for one tied column: the bins that go left. bits: room for its bins. */
static void fill_candidate(struct guest *guest, uint32_t number, const struct guest_tie *tie, message_candidate *candidate, uint8_t *bits)
{
    const struct guest_party *party = &guest->parties[guest->nodes[number].owner];
    gain_left_bins(&guest->terms, &party->shapes[tie->column], guest_sums(guest, party, number, tie->column), &tie->candidate, guest->order,
                   guest->left);
    for (uint32_t bin = 0; bin < party->bins[tie->column]; bin++) {
        if (guest->left[bin] != 0) {
            message_set_bit(bits, bin);
        }
    }
    boosting_message__candidate__init(candidate);
    candidate->column = tie->column + 1;
    candidate->left = (ProtobufCBinaryData){.len = message_bit_bytes(party->bins[tie->column]), .data = bits};
}

/* Memory of one splits message: arrays that protobuf-c wants as arrays of pointers. */
struct splits_memory {
    message_node_split *nodes;
    message_node_split **node_pointers;
    message_candidate *candidates;
    message_candidate **candidate_pointers;
    uint8_t *bits;
};

static bool splits_allocate(struct guest *guest, struct splits_memory *memory, uint32_t host)
{
    uint64_t nodes = 0, candidates = 0, bits = 0;
    for (uint32_t node = guest->growth.first; node < guest->growth.end; node++) {
        const struct guest_node *own = &guest->nodes[node];
        if (own->split && own->owner == host) {
            nodes++;
            candidates += own->tie_count;
            for (uint32_t i = 0; i < own->tie_count; i++) {
                bits += message_bit_bytes(guest->parties[host].bins[guest->ties[own->tie_first + i].column]);
            }
        }
    }
    memory->nodes = memory_zeroed(guest->context, nodes, sizeof *memory->nodes);
    memory->node_pointers = memory_zeroed(guest->context, nodes, sizeof *memory->node_pointers);
    memory->candidates = memory_zeroed(guest->context, candidates, sizeof *memory->candidates);
    memory->candidate_pointers = memory_zeroed(guest->context, candidates, sizeof *memory->candidate_pointers);
    memory->bits = memory_zeroed(guest->context, bits, 1);
    return memory->nodes != NULL && memory->node_pointers != NULL && memory->candidates != NULL && memory->candidate_pointers != NULL &&
           memory->bits != NULL;
}

static void splits_free(fate_context *context, struct splits_memory *memory)
{
    memory_free(context, memory->nodes);
    memory_free(context, memory->node_pointers);
    memory_free(context, memory->candidates);
    memory_free(context, memory->candidate_pointers);
    memory_free(context, memory->bits);
}

static void splits_fill(struct guest *guest, const struct splits_memory *memory, uint32_t host, message_splits *splits)
{
    uint64_t candidate = 0;
    uint8_t *bits = memory->bits;
    for (uint32_t node = guest->growth.first; node < guest->growth.end; node++) {
        const struct guest_node *own = &guest->nodes[node];
        if (!own->split || own->owner != host) {
            continue;
        }
        message_node_split *entry = &memory->nodes[splits->n_nodes];
        boosting_message__node_split__init(entry);
        entry->node = node;
        entry->tied = &memory->candidate_pointers[candidate];
        for (uint32_t i = 0; i < own->tie_count; i++) {
            fill_candidate(guest, node, &guest->ties[own->tie_first + i], &memory->candidates[candidate], bits);
            bits += memory->candidates[candidate].left.len;
            memory->candidate_pointers[candidate] = &memory->candidates[candidate];
            entry->n_tied++;
            candidate++;
        }
        memory->node_pointers[splits->n_nodes++] = entry;
    }
}

static int32_t send_splits(fate_turn *turn, struct guest *guest, uint32_t host)
{
    struct splits_memory memory;
    int32_t result = FATE_OK;
    if (!splits_allocate(guest, &memory, host)) {
        result = context_out_of_memory(guest->context);
    } else {
        message_splits splits = BOOSTING_MESSAGE__SPLITS__INIT;
        splits.tree = guest->tree;
        splits.level = guest->growth.level;
        splits.nodes = memory.node_pointers;
        splits_fill(guest, &memory, host, &splits);
        result = peer_send_message(turn, MESSAGE_SPLITS, guest->parties[host].party, &splits.base);
    }
    splits_free(guest->context, &memory);
    return result;
}

int32_t guest_choose(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    const struct growth *growth = &guest->growth;
    int32_t result = guest->position == 0 ? complete_level(turn, guest) : FATE_OK;
    for (uint32_t i = 0; i < PIECE_NODES && growth->first + guest->position < growth->end && result == FATE_OK; i++) {
        uint32_t node = growth->first + (uint32_t)guest->position++;
        if (growth_examined(growth, node)) {
            result = choose_node(guest, node);
        }
    }
    if (result != FATE_OK) {
        return result;
    }
    if (growth->first + guest->position < growth->end) {
        return FATE_AGAIN;
    }
    guest->position = 0;
    result = guest_settle_splits(guest);
    if (result != FATE_OK) {
        return result;
    }
    if (!guest->shared) {
        return fate_turn_go_to(turn, GUEST_ASSIGN);
    }
    if (guest->lattice != NULL) {
        guest_lattice_free_level(guest);
        result = guest_send_node_rows(turn, guest);
    }
    for (uint32_t p = 0; p < guest->party_count && result == FATE_OK; p++) {
        if (!guest->parties[p].own) {
            result = send_splits(turn, guest, p);
        }
    }
    return result;
}
