/* A host takes in encrypted vectors, adds them up over its bins, as many at once as the cipher can, and replies when all have come. */
#include "src/models/boosting/host_lattice.h"

#include <string.h>

#include "src/crypto/lattice_wire.h"
#include "src/models/boosting/peer.h"
#include "src/models/boosting/protocol.h"

/* A step adds so many rows of columns, or at least a group for each thread. */
enum { STEP_CELLS = 1 << 23, PART_BYTES = 524288 };

static uint64_t vector_bytes(const struct host_lattice *lattice)
{
    return lattice_items(&lattice->plan, LATTICE_VECTOR) * lattice->plan.profile->bytes;
}

/* Vectors of the pass. */
static uint32_t pass_vectors(const struct host_lattice *lattice)
{
    const uint64_t left = lattice->vectors - lattice->pass;
    return left < LATTICE_MOST_VECTORS ? (uint32_t)left : LATTICE_MOST_VECTORS;
}

/* ---- what is answered ---- */

static int32_t list_bins(struct host *host)
{
    struct host_lattice *lattice = host->lattice;
    int32_t result = host_lattice_list(host);
    if (result != FATE_OK) return result;
    lattice->bins = memory_allocate(host->context, lattice->listed_bins, sizeof *lattice->bins);
    lattice->bin_places = memory_allocate(host->context, lattice->listed_bins, sizeof *lattice->bin_places);
    if (lattice->bins == NULL || lattice->bin_places == NULL) return context_out_of_memory(host->context);
    for (uint32_t i = 0; i < lattice->listed_count; i++) {
        const uint32_t number = lattice->listed[i];
        for (uint32_t bin = 0; bin < host->bins[number]; bin++) {
            if (bin == lattice->fullest[number]) continue;
            lattice->bins[lattice->bin_count] = lattice->offsets[number] + bin;
            lattice->bin_places[lattice->bin_count++] = lattice->places[number] + bin;
        }
    }
    lattice->replies = memory_allocate(host->context, lattice->vectors * lattice->bin_count, lattice->plan.reply_bytes);
    return lattice->replies == NULL ? context_out_of_memory(host->context) : FATE_OK;
}

static int32_t take_head(fate_turn *turn, struct host *host, const uint8_t *bytes, uint64_t length)
{
    struct host_lattice *lattice = host->lattice;
    const struct message_level level = {.tree = host->tree, .level = host->growth.level};
    struct vectors_head head;
    host_lattice_free_level(host);
    lattice->begun = true;
    const uint32_t nodes = host->columns.count == 0 ? 0 : host->growth.end - host->growth.first;
    if (!vectors_head_read(&head, bytes, length, &level, host->parameters.tree_outputs, nodes, lattice->limit))
        return peer_violation(turn, host->guest, "vectors of another tree or level, or too many of them");
    lattice->first = head.first;
    lattice->vectors = (uint64_t)head.nodes * head.node_vectors;
    if (lattice->vectors == 0) return FATE_OK;
    if (lattice->first != lattice->used)
        return peer_violation(turn, host->guest, "vectors under numbers that were used before, or skipped");
    lattice->used += lattice->vectors;
    return list_bins(host);
}

/* ---- vectors ---- */

static int32_t take_items(fate_turn *turn, struct host *host, const uint8_t *bytes, uint64_t length)
{
    struct host_lattice *lattice = host->lattice;
    const uint64_t size = lattice->plan.profile->bytes;
    struct lattice_head head;
    const uint8_t *body;
    if (lattice->vector == lattice->vectors) return peer_violation(turn, host->guest, "more vectors than it had said");
    int32_t result =
        peer_checked(turn, host->guest, lattice_head_read(host->context, &lattice->plan, LATTICE_VECTOR, &head, bytes, length, &body));
    if (result != FATE_OK) return result;
    if (head.number != lattice->first + lattice->vector || head.attempt != 0 || head.first != lattice->item)
        return peer_violation(turn, host->guest, "a part of a vector that does not follow");
    if (lattice->bytes == NULL) lattice->bytes = memory_allocate(host->context, pass_vectors(lattice), vector_bytes(lattice));
    if (lattice->bytes == NULL) return context_out_of_memory(host->context);
    memcpy(lattice->bytes + (lattice->vector - lattice->pass) * vector_bytes(lattice) + head.first * size, body, head.count * size);
    lattice->item += head.count;
    if (lattice->item == lattice_items(&lattice->plan, LATTICE_VECTOR)) {
        lattice->item = 0;
        lattice->vector++;
    }
    return FATE_OK;
}

/* All vectors of the pass are there. */
static int32_t begin_adding(struct host *host)
{
    struct host_lattice *lattice = host->lattice;
    const uint32_t count = pass_vectors(lattice);
    struct lattice_sent sent[LATTICE_MOST_VECTORS];
    for (uint32_t i = 0; i < count; i++)
        sent[i] = (struct lattice_sent){lattice->first + lattice->pass + i, 0, lattice->bytes + i * vector_bytes(lattice)};
    int32_t result = lattice_rows_new(host->context, &lattice->rows, &lattice->plan, count);
    if (result == FATE_OK) result = lattice_rows_take(host->context, &lattice->rows, &lattice->blinding, sent);
    memory_free(host->context, lattice->bytes);
    lattice->bytes = NULL;
    if (result != FATE_OK) return result;
    lattice->sums = lattice_allocate(host->context, lattice->listed_bins, lattice_stride(lattice->plan.profile, count) * sizeof(uint64_t));
    lattice->group = 0;
    lattice->adding = true;
    return lattice->sums == NULL ? context_out_of_memory(host->context) : FATE_OK;
}

/* Adds some groups; FATE_AGAIN until there are no more. */
static int32_t add_groups(struct host *host)
{
    struct host_lattice *lattice = host->lattice;
    const uint32_t first = lattice->group, least = (uint32_t)fate_context_threads(host->context);
    uint64_t cells = 0;
    while (lattice->group < lattice->group_count && (cells < STEP_CELLS || lattice->group - first < least))
        cells += lattice->terms.rows * lattice->groups[lattice->group++].columns;
    int32_t result = lattice_add(host->context, &lattice->rows, lattice->public_part.ring.kernel, lattice->groups + first,
                                 lattice->group - first, lattice->sums);
    return result == FATE_OK && lattice->group < lattice->group_count ? FATE_AGAIN : result;
}

/* Keeps the pass's replies. */
static int32_t end_pass(struct host *host)
{
    struct host_lattice *lattice = host->lattice;
    uint8_t *to = lattice->replies + lattice->pass * lattice->bin_count * lattice->plan.reply_bytes;
    int32_t result = lattice_reply(host->context, &lattice->rows, lattice->public_part.ring.kernel, &lattice->blinding, lattice->sums,
                                   lattice->bins, lattice->bin_places, lattice->bin_count, to);
    lattice_rows_free(host->context, &lattice->rows);
    lattice_free(host->context, lattice->sums, 0);
    lattice->sums = NULL;
    lattice->adding = false;
    lattice->pass = lattice->vector;
    return result;
}

int32_t host_vectors(fate_turn *turn, void *state)
{
    struct host *host = state;
    struct host_lattice *lattice = host->lattice;
    const uint8_t *bytes;
    uint64_t length;
    int32_t result = fate_turn_received(turn, host->guest, &bytes, &length);
    if (result == FATE_OK && !lattice->begun)
        result = take_head(turn, host, bytes, length);
    else if (result == FATE_OK && !lattice->adding) {
        result = take_items(turn, host, bytes, length);
        if (result == FATE_OK && lattice->item == 0 && lattice->vector == lattice->pass + pass_vectors(lattice))
            result = begin_adding(host);
    }
    if (result == FATE_OK && lattice->adding) {
        result = add_groups(host);
        if (result == FATE_OK) result = end_pass(host);
    }
    if (result != FATE_OK || fate_turn_last(turn) == 0) return result;
    if (lattice->vector < lattice->vectors) return peer_violation(turn, host->guest, "fewer vectors than it had said");
    lattice->vector = lattice->item = 0;
    lattice->begun = false;
    return FATE_OK;
}

/* ---- replies ---- */

static int32_t send_head(fate_turn *turn, const struct host *host)
{
    const struct host_lattice *lattice = host->lattice;
    uint8_t *columns = memory_zeroed(host->context, message_bit_bytes(host->columns.count), 1);
    struct replies_head head = {host->tree, host->growth.level, columns};
    struct buffer bytes;
    if (columns == NULL) return context_out_of_memory(host->context);
    for (uint32_t number = 0; number < host->columns.count && lattice->vectors > 0; number++)
        if (host->sampled[host->real[number]] != 0) message_set_bit(columns, number);
    buffer_init(&bytes, host->context);
    replies_head_write(&bytes, &head, host->columns.count);
    int32_t result = bytes.failed ? context_out_of_memory(host->context)
                                  : fate_turn_send(turn, MESSAGE_REPLIES, host->guest, bytes.bytes, bytes.length,
                                                   lattice->vectors * lattice->bin_count == 0);
    buffer_free(&bytes);
    memory_free(host->context, columns);
    return result;
}

static int32_t send_part(fate_turn *turn, struct host *host)
{
    struct host_lattice *lattice = host->lattice;
    const uint64_t size = lattice->plan.reply_bytes, left = lattice->bin_count - lattice->item;
    const uint64_t count = left < PART_BYTES / size ? left : PART_BYTES / size;
    const struct lattice_head head = {LATTICE_REPLY, (uint32_t)count, lattice->item, lattice->first + lattice->vector, 0};
    uint8_t bytes[LATTICE_HEAD];
    struct buffer part;
    buffer_init(&part, host->context);
    lattice_head_write(&lattice->plan, bytes, &head);
    buffer_append(&part, bytes, sizeof bytes);
    buffer_append(&part, lattice->replies + (lattice->vector * lattice->bin_count + lattice->item) * size, count * size);
    lattice->item += count;
    if (count == left) {
        lattice->item = 0;
        lattice->vector++;
    }
    int32_t result = part.failed
                         ? context_out_of_memory(host->context)
                         : fate_turn_send(turn, MESSAGE_REPLIES, host->guest, part.bytes, part.length, lattice->vector == lattice->vectors);
    buffer_free(&part);
    return result;
}

int32_t host_reply(fate_turn *turn, void *state)
{
    struct host *host = state;
    struct host_lattice *lattice = host->lattice;
    int32_t result = FATE_OK;
    if (!lattice->begun)
        result = send_head(turn, host);
    else
        result = send_part(turn, host);
    lattice->begun = true;
    if (result != FATE_OK) return result;
    if (lattice->bin_count > 0 && lattice->vector < lattice->vectors) return FATE_AGAIN;
    host_lattice_free_level(host);
    return FATE_OK;
}

/* ---- rows of nodes that this host is to split ---- */

int32_t host_node_rows(fate_turn *turn, void *state)
{
    struct host *host = state;
    const struct message_level level = {
        .tree = host->tree, .level = host->growth.level, .first = host->growth.first, .end = host->growth.end};
    const uint8_t *bytes;
    uint64_t length;
    node_rows_free(&host->lattice->node_rows);
    int32_t result = fate_turn_received(turn, host->guest, &bytes, &length);
    if (result != FATE_OK) return result;
    result = peer_checked(turn, host->guest,
                          node_rows_read(host->context, &host->lattice->node_rows, bytes, length, &level, fate_table_rows(host->table)));
    return result == FATE_OK ? fate_turn_go_to(turn, HOST_SPLIT) : result;
}
