/* The holder of a stored set: keeps it, has its own ids multiplied by the set's key, and looks them up. */
#include "src/models/psi/stored_party.h"

#include <sodium.h>
#include <string.h>

#include "lib/memory.h"
#include "src/models/psi/sort.h"

enum { ROUNDS = 4, PLACE = 4, PAIR = 8 };

static int32_t find_held(fate_turn *turn, const struct psi_party *party)
{
    struct stored *stored = party->stored;
    const uint8_t *bytes;
    uint64_t length;
    int32_t result = fate_turn_get(turn, stored->name, &bytes, &length);
    if (result != FATE_OK && result != FATE_EMPTY) return result;
    if (result == FATE_EMPTY || !stored_held_read(&stored->held, bytes, length)) memset(&stored->held, 0, sizeof stored->held);
    stored->said.holds = stored->held.complete && stored->held.count == party->peers[0].count &&
                         !stored_is_old(stored->held.taken, fate_turn_date(turn), party->parameters.stored_days);
    if (stored->said.holds) memcpy(stored->said.id, stored->held.id, STORED_ID);
    stored->decided = true;
    return FATE_OK;
}

int32_t stored_holder_say(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    struct buffer bytes;
    int32_t result = party->stored->decided ? FATE_OK : find_held(turn, party);
    if (result != FATE_OK) return result;
    buffer_init(&bytes, party->context);
    stored_said_write(&party->stored->said, &bytes);
    result = bytes.failed ? context_out_of_memory(party->context)
                          : fate_turn_send(turn, party_message(party, MESSAGE_SAID), party->peers[0].party, bytes.bytes, bytes.length, 1);
    buffer_free(&bytes);
    return result == FATE_OK ? fate_turn_checkpoint_first(turn) : result;
}

/* What the owner offers must be the set that is held, or a new one. NULL, or what is wrong. */
static const char *check_offer(const struct psi_party *party, const struct stored_offer *offer)
{
    const struct stored *stored = party->stored;
    bool same = stored->said.holds && memcmp(offer->id, stored->said.id, STORED_ID) == 0;
    if (offer->count != party->peers[0].count) return "a stored set of another size than was announced";
    if (offer->fresh) return same ? "a new stored set under the number of an old one" : NULL;
    if (!same) return "the number of a stored set that this party does not hold";
    return memcmp(offer->domain, stored->held.domain, EXCHANGE_KEY) == 0 ? NULL : "another domain for a stored set";
}

static int32_t put_record(fate_turn *turn, const struct stored *stored)
{
    struct buffer record;
    buffer_init(&record, fate_turn_context(turn));
    stored_held_write(&stored->held, &record);
    int32_t result = stored_put_record(turn, stored->name, &record);
    buffer_free(&record);
    return result;
}

static void take_offer(const fate_turn *turn, struct stored *stored, const struct stored_offer *offer)
{
    struct stored_held *held = &stored->held;
    uint64_t parts = stored_parts(offer->count);
    memcpy(held->id, offer->id, STORED_ID);
    memcpy(held->domain, offer->domain, EXCHANGE_KEY);
    held->complete = false;
    held->count = offer->count;
    held->taken = fate_turn_date(turn);
    if (held->parts < parts) held->parts = parts;
}

/* A set that is being replaced is given up first: its parts are no longer of one set. */
int32_t stored_holder_hear(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    struct stored *stored = party->stored;
    struct stored_offer offer;
    const uint8_t *bytes;
    uint64_t length;
    int32_t result = fate_turn_received(turn, party->peers[0].party, &bytes, &length);
    if (result != FATE_OK) return result;
    if (!stored_offer_read(&offer, bytes, length))
        return party_violation(turn, party->peers[0].party, "a stored set's head that cannot be read");
    const char *wrong = stored->stage == 0 ? check_offer(party, &offer) : NULL;
    if (wrong != NULL) return party_violation(turn, party->peers[0].party, wrong);
    stored->fresh = offer.fresh;
    stored->stage = 1;
    if (offer.fresh) {
        take_offer(turn, stored, &offer);
        result = put_record(turn, stored);
        if (result != FATE_OK) return result;
    }
    stored->stage = 0;
    memcpy(party->exchange.domain, stored->held.domain, EXCHANGE_KEY);
    uint32_t own = party->role == PSI_GUEST ? GUEST_HOLDS : HOST_HOLDS;
    return offer.fresh ? FATE_OK : fate_turn_go_to(turn, own + 3);
}

static int32_t take_part(fate_turn *turn, const struct psi_party *party, struct psi_peer *owner)
{
    struct stored *stored = party->stored;
    struct psi_part part;
    int32_t result = stored_read_part(turn, owner->party, &part, owner->taken, owner->count, EXCHANGE_TAG, owner->last_tag,
                                      "a stored set whose ids repeat or do not ascend");
    if (result != FATE_OK) return result;
    owner->taken += part.count;
    buffer_append(&stored->waiting, part.items, part.count * EXCHANGE_TAG);
    return stored->waiting.failed ? context_out_of_memory(party->context) : FATE_OK;
}

/* Stores what has come, in parts of one size. */
static int32_t put_parts(fate_turn *turn, struct stored *stored, bool last)
{
    struct buffer *waiting = &stored->waiting;
    for (uint64_t items = waiting->length / EXCHANGE_TAG; items >= STORED_ITEMS || (last && items > 0);) {
        uint64_t count = items < STORED_ITEMS ? items : STORED_ITEMS;
        int32_t result = stored_put_part(turn, stored->name, stored->held.id, stored->number, waiting->bytes, count, EXCHANGE_TAG);
        if (result != FATE_OK) return result;
        stored->number++;
        items -= count;
        waiting->length = items * EXCHANGE_TAG;
        memmove(waiting->bytes, waiting->bytes + count * EXCHANGE_TAG, (size_t)waiting->length);
    }
    return FATE_OK;
}

static int32_t complete(fate_turn *turn, struct stored *stored)
{
    int32_t result = stored_delete_parts(turn, stored->name, &stored->number, stored->held.parts);
    if (result != FATE_OK) return result;
    stored->held.parts = stored_parts(stored->held.count);
    stored->held.complete = true;
    result = put_record(turn, stored);
    if (result != FATE_OK) return result;
    stored->number = 0;
    return fate_turn_checkpoint(turn);
}

int32_t stored_holder_keep(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    struct stored *stored = party->stored;
    bool last = fate_turn_last(turn) != 0;
    int32_t result = stored->stage == 0 ? take_part(turn, party, &party->peers[0]) : FATE_OK;
    if (result != FATE_OK) return result;
    stored->stage = 1;
    result = put_parts(turn, stored, last);
    if (result == FATE_OK && last) result = complete(turn, stored);
    if (result != FATE_OK) return result;
    stored->stage = 0;
    if (last) party->peers[0].taken = 0;
    return fate_turn_progress(turn, 1, ROUNDS, 0, 0, party->peers[0].taken);
}

static int32_t unmask(fate_turn *turn, struct psi_party *party, const struct psi_peer *owner, const struct psi_part *part)
{
    struct exchange inverse;
    uint64_t bad = 0;
    if (part->count == 0) return FATE_OK;
    uint8_t *elements = memory_allocate(party->context, part->count, EXCHANGE_ELEMENT);
    if (elements == NULL) return context_out_of_memory(party->context);
    exchange_invert(&inverse, &party->exchange);
    int32_t result = exchange_mask_elements(&inverse, party->context, part->items, part->count, elements, &bad);
    exchange_wipe(&inverse);
    if (result == FATE_OK && bad < part->count)
        result = party_violation(turn, owner->party, "a returned id that is no canonical encoding of an element, or is the identity");
    for (uint64_t i = 0; i < part->count && result == FATE_OK; i++)
        memcpy(party->stored->items + (owner->returned + i) * EXCHANGE_TAG, elements + i * EXCHANGE_ELEMENT, EXCHANGE_TAG);
    memory_free(party->context, elements);
    return result;
}

/* The own ids under the set's key, in the order in which they come back. */
int32_t stored_holder_take(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    struct stored *stored = party->stored;
    struct psi_peer *owner = &party->peers[0];
    struct psi_part part;
    int32_t result = stored_read_part(turn, owner->party, &part, owner->returned, party->set.count, EXCHANGE_ELEMENT, owner->last,
                                      "returned ids that repeat or do not ascend");
    if (result != FATE_OK) return result;
    if (stored->items == NULL) stored->items = memory_allocate(party->context, party->set.count, EXCHANGE_TAG);
    if (stored->items == NULL) return context_out_of_memory(party->context);
    result = unmask(turn, party, owner, &part);
    if (result != FATE_OK) return result;
    owner->returned += part.count;
    if (fate_turn_last(turn) != 0) {
        stored->order = psi_sort(party->context, stored->items, party->set.count, EXCHANGE_TAG);
        if (stored->order == NULL) return context_out_of_memory(party->context);
    }
    return fate_turn_progress(turn, 3, ROUNDS, 0, 0, owner->returned);
}

static int32_t make_matches(const struct psi_party *party, struct psi_peer *owner)
{
    struct stored *stored = party->stored;
    if (stored->found != NULL) return FATE_OK;
    stored->found = memory_allocate(party->context, party->set.count, sizeof *stored->found);
    owner->matches = memory_allocate(party->context, party->set.count, sizeof *owner->matches);
    return stored->found != NULL && owner->matches != NULL ? FATE_OK : context_out_of_memory(party->context);
}

/* Compares a part of the set with the own ids; both ascend. */
static void compare(const struct psi_party *party, struct psi_peer *owner, const uint8_t *items, uint64_t first, uint64_t count)
{
    struct stored *stored = party->stored;
    for (uint64_t i = 0; i < count && stored->cursor < party->set.count;) {
        uint32_t own = stored->order[stored->cursor];
        int order = memcmp(stored->items + (uint64_t)own * EXCHANGE_TAG, items + i * EXCHANGE_TAG, EXCHANGE_TAG);
        if (order == 0) {
            stored->found[owner->match_count] = own;
            owner->matches[owner->match_count++] = (uint32_t)(first + i);
        }
        stored->cursor += order <= 0;
        i += order >= 0;
    }
}

int32_t stored_holder_look_up(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    struct stored *stored = party->stored;
    struct psi_peer *owner = &party->peers[0];
    const uint8_t *items = NULL;
    uint64_t first = stored->number * STORED_ITEMS, left = stored->held.count - first;
    int32_t result = make_matches(party, owner);
    if (result != FATE_OK) return result;
    if (stored->number == stored_parts(stored->held.count)) {
        stored->number = 0;
        return FATE_OK;
    }
    uint64_t count = left < STORED_ITEMS ? left : STORED_ITEMS;
    result = stored_get_part(turn, stored->name, stored->held.id, stored->number, count, EXCHANGE_TAG, &items);
    if (result != FATE_OK) return result;
    compare(party, owner, items, first, count);
    stored->number++;
    return FATE_AGAIN;
}

int32_t stored_holder_tell_common(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    struct psi_peer *owner = &party->peers[0];
    int32_t result = stored_set_common(turn, party, owner->match_count);
    return result == FATE_OK ? party_send_number(turn, party_message(party, MESSAGE_COMMON), owner->party, owner->match_count) : result;
}

/* Each of the own masked ids stands at one place. */
static bool take_places(struct stored *stored, const struct psi_part *part, uint64_t taken, uint64_t count)
{
    for (uint64_t i = 0; i < part->count; i++) {
        uint32_t place = bytes_load_u32(part->items + i * PLACE);
        if (place >= count || stored->places[count + place] != 0) return false;
        stored->places[taken + i] = place;
        stored->places[count + place] = 1;
    }
    return true;
}

/* Of a guest: where the ids that came back stand among its masked ids. */
int32_t stored_holder_take_places(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    struct stored *stored = party->stored;
    struct psi_peer *host = &party->peers[0];
    struct psi_part part;
    uint64_t count = party->set.count;
    if (stored->places == NULL) stored->places = memory_zeroed(party->context, 2 * count, sizeof *stored->places);
    if (stored->places == NULL) return context_out_of_memory(party->context);
    int32_t result = party_read_part(turn, host->party, &part, stored->number, count, PLACE);
    if (result != FATE_OK) return result;
    if (!take_places(stored, &part, stored->number, count))
        return party_violation(turn, host->party, "places that are none of the guest's ids, or one twice");
    stored->number += part.count;
    if (fate_turn_last(turn) == 0) return FATE_OK;
    host->own = memory_allocate(party->context, host->match_count, sizeof *host->own);
    if (host->own == NULL) return context_out_of_memory(party->context);
    for (uint64_t i = 0; i < host->match_count; i++) host->own[i] = stored->places[stored->found[i]];
    host->own_count = host->match_count;
    return fate_turn_go_to(turn, GUEST_JOIN);
}

/* Of a host: which ids of the set are common, and with which of those that came back. */
int32_t stored_holder_tell_pairs(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    const struct psi_peer *guest = &party->peers[0];
    struct buffer bytes;
    buffer_init(&bytes, party->context);
    buffer_u64(&bytes, party->position);
    for (uint64_t i = 0; i < psi_part_items(PAIR) && party->position < guest->match_count; i++) {
        buffer_u32(&bytes, guest->matches[party->position]);
        buffer_u32(&bytes, party->stored->found[party->position++]);
    }
    int32_t last = party->position == guest->match_count;
    int32_t result = bytes.failed ? context_out_of_memory(party->context)
                                  : fate_turn_send(turn, MESSAGE_PAIRS, guest->party, bytes.bytes, bytes.length, last);
    buffer_free(&bytes);
    if (result != FATE_OK || last == 0) return result == FATE_OK ? FATE_AGAIN : result;
    party->position = 0;
    return party->parameters.learn == PSI_LEARN_GUEST ? party_finish(turn, party) : fate_turn_go_to(turn, HOST_HEAR_RESULT);
}
