/* The guest encrypts the gradients of a level's nodes as vectors over all rows, one after the other, and sends them part by part. */
#include "src/models/boosting/guest_lattice.h"

#include <sodium.h>
#include <string.h>

#include "src/crypto/lattice_wire.h"
#include "src/models/boosting/peer.h"
#include "src/models/boosting/protocol.h"

enum { PART_BYTES = 524288, STEP_PARTS = 4 };

void guest_lattice_begin_tree(struct guest *guest)
{
    const uint32_t outputs = guest->parameters.tree_outputs;
    bool counted = guest->parameters.min_samples > 1;
    for (uint64_t i = 0; i < guest->growth.sample_count && !counted; i++) {
        const struct gradient_pair *row = &guest->pairs[(uint64_t)guest->growth.sample[i] * outputs];
        bool any = false;
        for (uint32_t k = 0; k < outputs; k++) any = any || row[k].hessian > 0;
        counted = !any;
    }
    guest->lattice->counted = counted;
}

uint32_t guest_lattice_node_vectors(const struct guest *guest)
{
    return 2 * guest->parameters.tree_outputs + (guest->lattice->counted ? 1 : 0);
}

/* A host without columns gets the head alone. */
static int32_t send_heads(fate_turn *turn, const struct guest *guest)
{
    const struct guest_lattice *lattice = guest->lattice;
    int32_t result = FATE_OK;
    for (uint32_t p = 0; p < guest->party_count && result == FATE_OK; p++) {
        const struct vectors_head head = {guest->tree, guest->growth.level, guest->parties[p].count > 0 ? guest->growth.summed_count : 0,
                                          guest_lattice_node_vectors(guest), lattice->first};
        struct buffer bytes;
        if (guest->parties[p].own) continue;
        buffer_init(&bytes, guest->context);
        vectors_head_write(&bytes, &head);
        result = bytes.failed ? context_out_of_memory(guest->context)
                              : fate_turn_send(turn, MESSAGE_VECTORS, p, bytes.bytes, bytes.length, head.nodes == 0);
        buffer_free(&bytes);
    }
    return result;
}

static bool any_columns(const struct guest *guest)
{
    bool any = false;
    for (uint32_t p = 0; p < guest->party_count; p++) any = any || (!guest->parties[p].own && guest->parties[p].count > 0);
    return any;
}

static int32_t begin_level(fate_turn *turn, struct guest *guest)
{
    struct guest_lattice *lattice = guest->lattice;
    guest_lattice_free_level(guest);
    lattice->begun = true;
    lattice->first = lattice->used;
    const uint64_t count = (uint64_t)guest->growth.summed_count * guest_lattice_node_vectors(guest);
    lattice->vectors = any_columns(guest) ? count : 0;
    lattice->used += lattice->vectors;
    if (lattice->vectors > 0) {
        const uint64_t length = lattice_items(&lattice->plan, LATTICE_VECTOR) * lattice->plan.profile->bytes;
        lattice->secrets = memory_zeroed(guest->context, lattice->vectors, sizeof *lattice->secrets);
        lattice->values = memory_zeroed(guest->context, lattice->terms.rows, sizeof *lattice->values);
        lattice->bytes = memory_allocate(guest->context, LATTICE_HEAD + length, 1);
        if (lattice->secrets == NULL || lattice->values == NULL || lattice->bytes == NULL) return context_out_of_memory(guest->context);
    }
    return send_heads(turn, guest);
}

static int32_t value_of(const struct guest *guest, uint32_t row, uint32_t kind)
{
    const uint32_t outputs = guest->parameters.tree_outputs;
    if (kind == 2 * outputs) return guest->growth.sampled[row] != 0;
    const struct gradient_pair *pair = &guest->pairs[(uint64_t)row * outputs + kind / 2];
    return kind % 2 == 0 ? pair->gradient : pair->hessian;
}

static int32_t encrypt(fate_turn *turn, struct guest *guest)
{
    struct guest_lattice *lattice = guest->lattice;
    const uint32_t node_vectors = guest_lattice_node_vectors(guest), kind = (uint32_t)(lattice->vector % node_vectors);
    uint8_t seed[LATTICE_SEED];
    uint64_t count;
    const uint32_t *rows = tree_rows_of(&guest->growth.rows, guest->growth.summed[lattice->vector / node_vectors], &count);
    memset(lattice->values, 0, lattice->terms.rows * sizeof *lattice->values);
    for (uint64_t i = 0; i < count; i++) lattice->values[rows[i]] = value_of(guest, rows[i], kind);
    int32_t result = fate_turn_seed(turn, "lattice vectors", 0, seed);
    /* One attempt: a restarted guest encrypts the same, and lattice_encrypt would draw other secrets for anything else. */
    if (result == FATE_OK)
        result = lattice_encrypt(guest->context, &lattice->public_part, seed, lattice->first + lattice->vector, 0, lattice->values,
                                 lattice->bytes + LATTICE_HEAD, &lattice->secrets[lattice->vector]);
    sodium_memzero(seed, sizeof seed);
    return result;
}

/* Sends the next part of the vector to all hosts with columns. Its head stands where what was sent before is no longer needed. */
static int32_t send_part(fate_turn *turn, struct guest *guest)
{
    struct guest_lattice *lattice = guest->lattice;
    const uint64_t size = lattice->plan.profile->bytes, left = lattice_items(&lattice->plan, LATTICE_VECTOR) - lattice->item;
    const uint64_t count = left < PART_BYTES / size ? left : PART_BYTES / size;
    const struct lattice_head head = {LATTICE_VECTOR, (uint32_t)count, lattice->item, lattice->first + lattice->vector, 0};
    uint8_t *bytes = lattice->bytes + lattice->item * size;
    int32_t result = FATE_OK;
    lattice_head_write(&lattice->plan, bytes, &head);
    lattice->item += count;
    if (count == left) {
        lattice->item = 0;
        lattice->vector++;
    }
    for (uint32_t p = 0; p < guest->party_count && result == FATE_OK; p++)
        if (!guest->parties[p].own && guest->parties[p].count > 0)
            result = fate_turn_send(turn, MESSAGE_VECTORS, p, bytes, LATTICE_HEAD + count * size, lattice->vector == lattice->vectors);
    return result;
}

int32_t guest_vectors(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    struct guest_lattice *lattice = guest->lattice;
    int32_t result = lattice->begun ? FATE_OK : begin_level(turn, guest);
    for (uint32_t i = 0; i < STEP_PARTS && lattice->vector < lattice->vectors && result == FATE_OK; i++) {
        if (lattice->item == 0) result = encrypt(turn, guest);
        if (result == FATE_OK) result = send_part(turn, guest);
    }
    if (result != FATE_OK || lattice->vector < lattice->vectors) return result == FATE_OK ? FATE_AGAIN : result;
    memory_free_secret(guest->context, lattice->values, lattice->terms.rows * sizeof *lattice->values);
    memory_free(guest->context, lattice->bytes);
    lattice->values = NULL;
    lattice->bytes = NULL;
    lattice->begun = false;
    return fate_turn_go_to(turn, GUEST_SUM);
}

/* Of each row of the table, the place of its node among those that a host is to split. */
static void fill_places(const struct guest *guest, uint32_t host, uint32_t *nodes, uint32_t *count, uint32_t *place)
{
    memset(place, 0xff, guest->growth.rows.count * sizeof *place);
    *count = 0;
    for (uint32_t node = guest->growth.first; node < guest->growth.end; node++) {
        uint64_t rows;
        if (!guest->nodes[node].split || guest->nodes[node].owner != host) continue;
        const uint32_t *own = tree_rows_of(&guest->growth.rows, node, &rows);
        for (uint64_t i = 0; i < rows; i++) place[own[i]] = *count;
        nodes[(*count)++] = node;
    }
}

int32_t guest_send_node_rows(fate_turn *turn, const struct guest *guest)
{
    const struct growth *growth = &guest->growth;
    const struct message_level level = {.tree = guest->tree, .level = growth->level};
    uint32_t *nodes = memory_allocate(guest->context, growth->end - growth->first, sizeof *nodes);
    uint32_t *place = memory_allocate(guest->context, growth->rows.count, sizeof *place);
    int32_t result = nodes == NULL || place == NULL ? context_out_of_memory(guest->context) : FATE_OK;
    for (uint32_t p = 0; p < guest->party_count && result == FATE_OK; p++) {
        struct buffer bytes;
        uint32_t count;
        if (guest->parties[p].own) continue;
        buffer_init(&bytes, guest->context);
        fill_places(guest, p, nodes, &count, place);
        node_rows_write(&bytes, &level, nodes, count, place, growth->rows.count);
        result = peer_send(turn, MESSAGE_NODE_ROWS, p, &bytes);
        buffer_free(&bytes);
    }
    memory_free(guest->context, nodes);
    memory_free(guest->context, place);
    return result;
}
