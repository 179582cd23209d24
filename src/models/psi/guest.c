/* The guest's part of private set intersection after the comparison; see guest.h. */
#include "src/models/psi/guest.h"

#include <sodium.h>
#include <string.h>

#include "lib/random.h"

enum { PLACE = 4, PLACED = 8 };

int32_t guest_hear_common(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    int32_t result = party_hear_common(turn, party);
    return result == FATE_OK && party->parameters.learn == PSI_LEARN_COUNT ? party_finish(turn, party) : result;
}

/* The host says which of this party's masked ids are common, in the order of the tags. */
int32_t guest_take_matches(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    struct psi_part part;
    struct psi_peer *peer = party_peer(party, fate_turn_from(turn));
    const uint8_t *bytes;
    uint64_t length;
    int32_t result = fate_turn_received(turn, peer->party, &bytes, &length);
    if (result != FATE_OK) return result;
    if (!psi_part_read(&part, bytes, length, peer->own_count, peer->match_count, PLACE) ||
        (fate_turn_last(turn) != 0) != (peer->own_count + part.count == peer->match_count))
        return party_violation(turn, peer->party, "another number of matches than there are common ids");
    if (peer->own == NULL) peer->own = memory_allocate(party->context, peer->match_count, sizeof *peer->own);
    if (peer->own == NULL) return context_out_of_memory(party->context);
    for (uint64_t i = 0; i < part.count; i++) {
        uint32_t place = bytes_load_u32(part.items + i * PLACE);
        if (place >= party->set.count) return party_violation(turn, peer->party, "a match that is none of the guest's ids");
        peer->own[peer->own_count++] = place;
    }
    return FATE_OK;
}

/* For every own id its place among each host's. */
static int32_t find_partners(fate_turn *turn, struct psi_party *party)
{
    uint64_t count = party->set.count, most = (uint64_t)party->peer_count * count;
    party->partners = memory_allocate(party->context, most, sizeof *party->partners);
    party->kept = memory_allocate(party->context, count, 1);
    if (party->partners == NULL || party->kept == NULL) return context_out_of_memory(party->context);
    memset(party->partners, 0xff, (size_t)most * sizeof *party->partners);
    memset(party->kept, 1, (size_t)count);
    for (uint32_t i = 0; i < party->peer_count; i++) {
        struct psi_peer *peer = &party->peers[i];
        uint32_t *partners = party->partners + i * count;
        for (uint64_t match = 0; match < peer->match_count; match++) {
            uint32_t *partner = &partners[party->order[peer->own[match]]];
            if (*partner != TABLE_NO_ROW) return party_violation(turn, peer->party, "one id as two matches");
            *partner = peer->matches[match];
        }
        for (uint64_t id = 0; id < count; id++) party->kept[id] = party->kept[id] && partners[id] != TABLE_NO_ROW;
    }
    return FATE_OK;
}

/* The id of a row. */
static uint64_t id_of(const struct psi_set *set, uint32_t row)
{
    if (set->first == NULL) return row;
    uint64_t least = 0, end = set->count;
    while (end - least > 1) {
        uint64_t middle = least + (end - least) / 2;
        if (set->first[middle] <= row)
            least = middle;
        else
            end = middle;
    }
    return least;
}

/* Rows that are common to all, in the order of their ids. */
static int32_t keep_common(struct psi_party *party)
{
    uint64_t rows = 0;
    for (uint64_t id = 0; id < party->set.count; id++)
        if (party->kept[id]) rows += psi_set_rows(&party->set, id);
    int32_t result = alignment_reserve(&party->alignment, rows);
    if (result != FATE_OK) return result;
    rows = 0;
    for (uint64_t id = 0; id < party->set.count; id++)
        for (uint32_t i = 0; party->kept[id] && i < psi_set_rows(&party->set, id); i++)
            party->alignment.rows[rows++] = psi_set_row(&party->set, id) + i;
    for (uint32_t i = 0; i < party->peer_count; i++) party->peers[i].pairs = rows;
    return FATE_OK;
}

/* All rows, in an order that tells nothing of the ids that a host does not have. */
static int32_t keep_all(fate_turn *turn, struct psi_party *party)
{
    struct alignment *alignment = &party->alignment;
    struct random_stream stream;
    uint8_t seed[RANDOM_KEY];
    uint64_t rows = fate_table_rows(party->set.table);
    int32_t result = alignment_reserve(alignment, rows);
    if (result == FATE_OK) result = fate_turn_common_seed(turn, "psi order", alignment->tag);
    if (result == FATE_OK) result = fate_turn_seed(turn, "psi order", 0, seed);
    if (result != FATE_OK) return result;
    alignment->left = true;
    random_stream_init(&stream, seed, 0);
    for (uint64_t i = 0; i < rows; i++) { /* Fisher and Yates, inside out */
        uint64_t place = random_stream_below(&stream, i + 1);
        alignment->rows[i] = alignment->rows[place];
        alignment->rows[place] = (uint32_t)i;
    }
    random_stream_wipe(&stream);
    sodium_memzero(seed, sizeof seed);
    for (uint32_t i = 0; i < party->peer_count; i++)
        for (uint64_t id = 0; id < party->set.count; id++)
            if (party->partners[i * party->set.count + id] != TABLE_NO_ROW) party->peers[i].pairs += psi_set_rows(&party->set, id);
    return FATE_OK;
}

static int32_t tell_results(fate_turn *turn, const struct psi_party *party)
{
    int32_t result = FATE_OK;
    for (uint32_t i = 0; i < party->peer_count && result == FATE_OK; i++) {
        struct buffer bytes;
        buffer_init(&bytes, party->context);
        psi_result_write(&bytes, (struct psi_result){party->alignment.count, party->peers[i].pairs});
        result = bytes.failed ? context_out_of_memory(party->context)
                              : fate_turn_send(turn, MESSAGE_RESULT, party->peers[i].party, bytes.bytes, bytes.length, 1);
        buffer_free(&bytes);
    }
    return result;
}

int32_t guest_join(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    uint64_t common = 0;
    int32_t result = find_partners(turn, party);
    if (result != FATE_OK) return result;
    for (uint64_t id = 0; id < party->set.count; id++) common += party->kept[id];
    result = party_refuse(turn, party, psi_parameters_check_intersection(party->context, &party->parameters, common));
    party->alignment.intersection = common;
    if (result == FATE_OK) result = party->parameters.left ? keep_all(turn, party) : keep_common(party);
    if (result != FATE_OK) return result;
    return party->parameters.learn == PSI_LEARN_GUEST ? party_finish(turn, party) : tell_results(turn, party);
}

/* Appends what a host hears of the row at a place of the common order: where its own is among its masked ids, and with a left join the place,
 * where it has one. */
static void write_row(const struct psi_party *party, struct buffer *bytes, uint64_t place)
{
    uint64_t id = id_of(&party->set, party->alignment.rows[place]);
    uint32_t partner = party->partners[party->at * party->set.count + id];
    if (partner == TABLE_NO_ROW) return;
    if (party->parameters.left) buffer_u32(bytes, (uint32_t)place);
    buffer_u32(bytes, partner);
}

int32_t guest_send_rows(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    struct psi_peer *peer = &party->peers[party->at];
    struct buffer bytes;
    uint32_t size = party->parameters.left ? PLACED : PLACE;
    buffer_init(&bytes, party->context);
    buffer_u64(&bytes, peer->returned_rows);
    while (party->position < party->alignment.count && bytes.length + size <= PSI_PART_HEAD + PSI_PART_BYTES)
        write_row(party, &bytes, party->position++);
    int32_t last = party->position == party->alignment.count;
    int32_t result = bytes.failed ? context_out_of_memory(party->context)
                                  : fate_turn_send(turn, MESSAGE_ROWS, peer->party, bytes.bytes, bytes.length, last);
    if (!bytes.failed) peer->returned_rows += (bytes.length - PSI_PART_HEAD) / size;
    buffer_free(&bytes);
    if (result != FATE_OK || last == 0) return result == FATE_OK ? FATE_AGAIN : result;
    party->position = 0;
    if (++party->at < party->peer_count) return FATE_AGAIN;
    return party_finish(turn, party);
}
