/* What guest and host do alike; see party.h. */
#include "src/models/psi/party.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "lib/memory.h"
#include "src/models/psi/sort.h"
#include "src/models/psi/spill.h"
#include "src/models/psi/stored_party.h"

enum { MASKED_AT_ONCE = 2048, ROUNDS = 4 };

uint32_t party_message(const struct psi_party *party, uint32_t kind)
{
    return kind + party->role;
}

struct psi_peer *party_peer(struct psi_party *party, uint32_t number)
{
    for (uint32_t i = 0; i < party->peer_count; i++)
        if (party->peers[i].party == number) return &party->peers[i];
    return NULL;
}

int32_t party_violation(fate_turn *turn, uint32_t number, const char *what)
{
    char sentence[CONTEXT_SENTENCE];
    snprintf(sentence, sizeof sentence, "%.200s sent what the protocol does not allow: %s",
             fate_job_party_name(fate_turn_job(turn), number), what);
    return fate_turn_fail(turn, FATE_E_PROTOCOL, sentence, sentence);
}

int32_t party_refuse(fate_turn *turn, const struct psi_party *party, int32_t result)
{
    char sentence[CONTEXT_SENTENCE];
    if (result != FATE_E_LIMIT) return result;
    snprintf(sentence, sizeof sentence, "%s", fate_context_error(party->context));
    return fate_turn_fail(turn, result, sentence, sentence);
}

/* ---- the state ---- */

static int32_t make_peers(fate_turn *turn, struct psi_party *party)
{
    uint32_t count = fate_job_party_count(fate_turn_job(turn));
    party->peers = memory_zeroed(party->context, count, sizeof *party->peers);
    if (party->peers == NULL) return context_out_of_memory(party->context);
    for (uint32_t i = 0; i < count; i++)
        if (i != fate_turn_party(turn) && fate_turn_role(turn, i) != party->role) party->peers[party->peer_count++].party = i;
    return FATE_OK;
}

int32_t party_start(fate_turn *turn, void **state)
{
    fate_context *context = fate_turn_context(turn);
    const fate_table *table = fate_turn_table(turn, FATE_TABLE_DATA);
    if (table == NULL) return context_fail(context, FATE_E_ARGUMENT, "there is no table to align: call fate_session_set_table");
    struct psi_party *party = memory_zeroed(context, 1, sizeof *party);
    if (party == NULL) return context_out_of_memory(context);
    *state = party;
    party->context = context;
    party->role = fate_turn_role(turn, fate_turn_party(turn));
    int32_t result = psi_parameters_read(context, &party->parameters, fate_turn_job(turn));
    if (result == FATE_OK) result = psi_set_make(&party->set, context, table);
    if (result == FATE_OK) result = alignment_init(&party->alignment, context, table);
    if (result == FATE_OK) result = make_peers(turn, party);
    return result == FATE_OK && party->parameters.stored != PSI_STORED_NONE ? stored_start(turn, party) : result;
}

/* Everything follows from the table, the run's seed and what peers send again: there is nothing to keep but which stored set counts, and what was
 * spilled. */
int32_t party_save(fate_turn *turn, const void *state)
{
    const struct psi_party *party = state;
    if (party->spill != NULL) return spill_save(turn, party);
    return party->stored != NULL ? stored_save(turn, party) : fate_turn_save(turn, NULL, 0);
}

int32_t party_load(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length)
{
    struct psi_party *party = state;
    if (party->stored != NULL) return stored_load(turn, party, bytes, length);
    return length == 0 ? FATE_OK : spill_load(turn, party, bytes, length);
}

static void free_peer(fate_context *context, struct psi_peer *peer)
{
    memory_free(context, peer->tags);
    memory_free(context, peer->order);
    memory_free(context, peer->matches);
    memory_free(context, peer->own);
}

void party_stop(fate_context *context, void *state)
{
    struct psi_party *party = state;
    if (party == NULL) return;
    for (uint32_t i = 0; i < party->peer_count; i++) free_peer(context, &party->peers[i]);
    memory_free(context, party->peers);
    memory_free(context, party->elements);
    memory_free(context, party->order);
    memory_free(context, party->partners);
    memory_free(context, party->kept);
    memory_free(context, party->places);
    alignment_free(&party->alignment);
    stored_free(party);
    spill_free(party);
    if (party->set.context != NULL) psi_set_free(&party->set);
    exchange_wipe(&party->exchange);
    memory_free(context, party);
}

/* ---- sizes ---- */

int32_t party_send_number(fate_turn *turn, uint32_t message, uint32_t to, uint64_t number)
{
    struct buffer bytes;
    buffer_init(&bytes, fate_turn_context(turn));
    psi_number_write(&bytes, number);
    int32_t result = bytes.failed ? context_out_of_memory(bytes.context) : fate_turn_send(turn, message, to, bytes.bytes, bytes.length, 1);
    buffer_free(&bytes);
    return result;
}

int32_t party_draw_key(fate_turn *turn, struct psi_party *party)
{
    uint8_t seed[EXCHANGE_KEY], domain[EXCHANGE_KEY];
    int32_t result = fate_turn_seed(turn, "psi scalar", 0, seed);
    if (result == FATE_OK) result = fate_turn_common_seed(turn, "psi domain", domain);
    if (result == FATE_OK) exchange_init(&party->exchange, party->parameters.x25519, seed, domain);
    sodium_memzero(seed, sizeof seed);
    return result;
}

int32_t party_tell_size(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    int32_t result = party_draw_key(turn, party);
    for (uint32_t i = 0; i < party->peer_count && result == FATE_OK; i++)
        result = party_send_number(turn, party_message(party, MESSAGE_SIZE), party->peers[i].party, party->set.count);
    return result;
}

int32_t party_read_number(fate_turn *turn, uint32_t from, uint64_t *number)
{
    const uint8_t *bytes;
    uint64_t length;
    int32_t result = fate_turn_received(turn, from, &bytes, &length);
    if (result == FATE_OK && !psi_number_read(bytes, length, number)) result = party_violation(turn, from, "a count that cannot be read");
    return result;
}

int32_t party_hear_sizes(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    int32_t result = FATE_OK;
    for (uint32_t i = 0; i < party->peer_count && result == FATE_OK; i++) {
        struct psi_peer *peer = &party->peers[i];
        result = party_read_number(turn, peer->party, &peer->count);
        if (result == FATE_OK)
            result =
                party_refuse(turn, party, psi_parameters_check_sizes(party->context, &party->parameters, party->set.count, peer->count));
    }
    party->alignment.own = party->set.count;
    party->alignment.peer = party->peer_count == 1 ? party->peers[0].count : 0;
    if (result != FATE_OK) return result;
    return party->stored != NULL ? stored_begin(turn, party) : spill_begin(turn, party);
}

/* ---- own ids ---- */

int32_t party_mask(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    uint64_t count = party->set.count, first = party->position, step = count - first < MASKED_AT_ONCE ? count - first : MASKED_AT_ONCE;
    if (party->elements == NULL) party->elements = memory_allocate(party->context, count, EXCHANGE_ELEMENT);
    if (party->elements == NULL) return context_out_of_memory(party->context);
    int32_t result =
        exchange_mask_ids(&party->exchange, party->context, &party->set, first, step, party->elements + first * EXCHANGE_ELEMENT);
    if (result != FATE_OK) return result;
    party->position += step;
    result = fate_turn_progress(turn, 1, ROUNDS, 0, 0, party->position);
    if (result != FATE_OK || party->position < count) return result == FATE_OK ? FATE_AGAIN : result;
    party->position = 0;
    party->order = psi_sort(party->context, party->elements, count, EXCHANGE_ELEMENT);
    return party->order == NULL ? context_out_of_memory(party->context) : FATE_OK;
}

int32_t party_send_part(fate_turn *turn, struct psi_party *party, uint32_t message, const struct psi_peer *to, const uint8_t *items,
                        uint32_t item, uint32_t size, const uint32_t *order, uint64_t count)
{
    uint8_t *bytes = memory_allocate(party->context, PSI_PART_HEAD + PSI_PART_BYTES, 1);
    uint64_t first = party->position, most = psi_part_items(size), step = count - first < most ? count - first : most;
    if (bytes == NULL) return context_out_of_memory(party->context);
    bytes_store_u64(bytes, first);
    for (uint64_t i = 0; i < step; i++) memcpy(bytes + PSI_PART_HEAD + i * size, items + (uint64_t)order[first + i] * item, size);
    party->position += step;
    int32_t last = party->position == count;
    int32_t result = to == NULL ? fate_turn_send_all(turn, message, bytes, PSI_PART_HEAD + step * size, last)
                                : fate_turn_send(turn, message, to->party, bytes, PSI_PART_HEAD + step * size, last);
    memory_free(party->context, bytes);
    return result;
}

int32_t party_send(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    int32_t result = party_send_part(turn, party, party_message(party, MESSAGE_MASKED), NULL, party->elements, EXCHANGE_ELEMENT,
                                     EXCHANGE_ELEMENT, party->order, party->set.count);
    if (result != FATE_OK || party->position < party->set.count) return result == FATE_OK ? FATE_AGAIN : result;
    party->position = 0;
    memory_free(party->context, party->elements);
    party->elements = NULL;
    return FATE_OK;
}

/* ---- the peer's ids ---- */

int32_t party_mask_part(fate_turn *turn, struct psi_party *party, struct psi_peer *peer, const struct psi_part *part, uint8_t *masked)
{
    uint64_t bad = 0;
    if (!psi_part_ascends(part, EXCHANGE_ELEMENT, peer->taken > 0 ? peer->last : NULL))
        return party_violation(turn, peer->party, "masked ids that repeat or do not ascend");
    int32_t result = exchange_mask_elements(&party->exchange, party->context, part->items, part->count, masked, &bad);
    if (result == FATE_OK && bad < part->count)
        result = party_violation(turn, peer->party, "a masked id that is no canonical encoding of an element, or is the identity or zero");
    memcpy(peer->last, part->items + (part->count - 1) * EXCHANGE_ELEMENT, EXCHANGE_ELEMENT);
    return result;
}

static int32_t take_elements(fate_turn *turn, struct psi_party *party, struct psi_peer *peer, const struct psi_part *part)
{
    if (part->count == 0) return FATE_OK;
    uint8_t *masked = memory_allocate(party->context, part->count, EXCHANGE_ELEMENT);
    if (masked == NULL) return context_out_of_memory(party->context);
    int32_t result = party_mask_part(turn, party, peer, part, masked);
    for (uint64_t i = 0; i < part->count && result == FATE_OK; i++)
        memcpy(peer->tags + (peer->taken + i) * EXCHANGE_TAG, masked + i * EXCHANGE_ELEMENT, EXCHANGE_TAG);
    memory_free(party->context, masked);
    return result;
}

int32_t party_read_part(fate_turn *turn, uint32_t from, struct psi_part *part, uint64_t taken, uint64_t total, uint32_t size)
{
    const uint8_t *bytes;
    uint64_t length;
    int32_t result = fate_turn_received(turn, from, &bytes, &length);
    if (result != FATE_OK) return result;
    if (!psi_part_read(part, bytes, length, taken, total, size))
        return party_violation(turn, from, "a part that does not follow the one before, or has more items than were announced");
    if ((fate_turn_last(turn) != 0) != (taken + part->count == total))
        return party_violation(turn, from, "another number of items than was announced");
    return FATE_OK;
}

int32_t party_take(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    struct psi_part part;
    struct psi_peer *peer = party_peer(party, fate_turn_from(turn));
    int32_t result = party_read_part(turn, peer->party, &part, peer->taken, peer->count, EXCHANGE_ELEMENT);
    if (result != FATE_OK) return result;
    if (peer->tags == NULL) peer->tags = memory_allocate(party->context, peer->count, EXCHANGE_TAG);
    if (peer->tags == NULL) return context_out_of_memory(party->context);
    result = take_elements(turn, party, peer, &part);
    if (result != FATE_OK) return result;
    peer->taken += part.count;
    if (fate_turn_last(turn) != 0) {
        peer->order = psi_sort(party->context, peer->tags, peer->count, EXCHANGE_TAG);
        if (peer->order == NULL) return context_out_of_memory(party->context);
    }
    return fate_turn_progress(turn, 2, ROUNDS, 0, 0, peer->taken);
}

int32_t party_return(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    const struct psi_peer *peer = &party->peers[party->at];
    int32_t result = party_send_part(turn, party, party_message(party, MESSAGE_RETURNED), peer, peer->tags, EXCHANGE_TAG, EXCHANGE_TAG,
                                     peer->order, peer->count);
    if (result != FATE_OK || party->position < peer->count) return result == FATE_OK ? FATE_AGAIN : result;
    party->position = 0;
    if (++party->at < party->peer_count) return FATE_AGAIN;
    party->at = 0;
    return FATE_OK;
}

/* ---- the comparison ---- */

static bool add_match(const struct psi_party *party, struct psi_peer *peer, uint32_t place)
{
    if (peer->match_count == peer->match_room) {
        uint64_t room = peer->match_room == 0 ? 1024 : 2 * peer->match_room;
        uint32_t *larger = memory_resize(party->context, peer->matches, room, sizeof *larger);
        if (larger == NULL) return false;
        peer->matches = larger;
        peer->match_room = room;
    }
    peer->matches[peer->match_count++] = place;
    return true;
}

static int32_t compare_tags(const struct psi_party *party, struct psi_peer *peer, const struct psi_part *part)
{
    for (uint64_t i = 0; i < part->count; i++) {
        const uint8_t *tag = part->items + i * EXCHANGE_TAG;
        int order = -1;
        while (peer->cursor < peer->count) {
            order = memcmp(peer->tags + (uint64_t)peer->order[peer->cursor] * EXCHANGE_TAG, tag, EXCHANGE_TAG);
            if (order >= 0) break;
            peer->cursor++;
        }
        if (peer->cursor == peer->count) return FATE_OK;
        if (order == 0 && !add_match(party, peer, peer->order[peer->cursor++])) return context_out_of_memory(party->context);
    }
    return FATE_OK;
}

int32_t party_compare(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    struct psi_part part;
    struct psi_peer *peer = party_peer(party, fate_turn_from(turn));
    int32_t result = party_read_part(turn, peer->party, &part, peer->returned, party->set.count, EXCHANGE_TAG);
    if (result != FATE_OK) return result;
    if (!psi_part_ascends(&part, EXCHANGE_TAG, peer->returned > 0 ? peer->last_tag : NULL))
        return party_violation(turn, peer->party, "ids masked by both that repeat or do not ascend");
    if (part.count > 0) memcpy(peer->last_tag, part.items + (part.count - 1) * EXCHANGE_TAG, EXCHANGE_TAG);
    result = compare_tags(party, peer, &part);
    peer->returned += part.count;
    return result == FATE_OK ? fate_turn_progress(turn, 3, ROUNDS, 0, 0, peer->returned) : result;
}

int32_t party_tell_common(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    int32_t result = FATE_OK;
    for (uint32_t i = 0; i < party->peer_count && result == FATE_OK; i++) {
        struct psi_peer *peer = &party->peers[i];
        result = party_refuse(turn, party, psi_parameters_check_intersection(party->context, &party->parameters, peer->match_count));
        if (result == FATE_OK) result = party_send_number(turn, party_message(party, MESSAGE_COMMON), peer->party, peer->match_count);
        memory_free(party->context, peer->tags);
        memory_free(party->context, peer->order);
        peer->tags = NULL;
        peer->order = NULL;
    }
    if (party->peer_count == 1) party->alignment.intersection = party->peers[0].match_count;
    return result;
}

int32_t party_hear_common(fate_turn *turn, struct psi_party *party)
{
    int32_t result = FATE_OK;
    for (uint32_t i = 0; i < party->peer_count && result == FATE_OK; i++) {
        struct psi_peer *peer = &party->peers[i];
        result = party_read_number(turn, peer->party, &peer->claimed);
        if (result == FATE_OK && peer->claimed != peer->match_count)
            result = party_violation(turn, peer->party, "another number of common ids than was found here: it did not mask all ids alike");
    }
    return result;
}

static int32_t tell_counts(fate_turn *turn, const struct psi_party *party)
{
    double counts[PSI_HOSTS_MOST];
    for (uint32_t i = 0; i < party->peer_count; i++) counts[i] = (double)party->peers[i].match_count;
    return fate_turn_set_result(turn, "common", counts, party->peer_count);
}

int32_t party_finish(fate_turn *turn, struct psi_party *party)
{
    struct buffer body;
    buffer_init(&body, party->context);
    alignment_write(&party->alignment, &body);
    int32_t result = body.failed ? context_out_of_memory(party->context) : fate_turn_set_model(turn, body.bytes, body.length);
    buffer_free(&body);
    if (result == FATE_OK) result = tell_counts(turn, party);
    if (result == FATE_OK) result = fate_turn_progress(turn, ROUNDS, ROUNDS, 0, 0, party->alignment.count);
    if (result != FATE_OK) return result;
    return party->spill != NULL ? spill_finish(turn, party) : fate_turn_finish(turn);
}
