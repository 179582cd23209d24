/* The owner of a stored set: masks its ids once, counts how often they are asked for, and answers with its key. */
#include "src/models/psi/stored_party.h"

#include <sodium.h>
#include <string.h>

#include "lib/memory.h"
#include "src/models/psi/sort.h"

enum { ROUNDS = 4, PLACE = 4, PAIR = 8 };

/* A key, a domain and a number of the set's own follow from this run's seed: a restart of the run makes the same set. */
static int32_t make_new(fate_turn *turn, struct psi_party *party, uint64_t parts)
{
    struct stored_owned *owned = &party->stored->owned;
    uint8_t id[EXCHANGE_KEY];
    memset(owned, 0, sizeof *owned);
    int32_t result = fate_turn_seed(turn, "psi stored set", 0, owned->key);
    if (result == FATE_OK) result = fate_turn_seed(turn, "psi stored domain", 0, owned->domain);
    if (result == FATE_OK) result = fate_turn_seed(turn, "psi stored id", 0, id);
    if (result != FATE_OK) return result;
    memcpy(owned->id, id, STORED_ID);
    memcpy(owned->ids, party->alignment.ids, sizeof owned->ids);
    owned->count = party->set.count;
    owned->queries = 1;
    owned->made = fate_turn_date(turn);
    owned->parts = parts > stored_parts(owned->count) ? parts : stored_parts(owned->count);
    return FATE_OK;
}

/* Whether the set that is kept, and that the holder says it holds, may be asked for once more. */
static bool is_usable(const fate_turn *turn, const struct psi_party *party, const struct stored_said *said)
{
    const struct stored_owned *owned = &party->stored->owned;
    return owned->complete && said->holds && memcmp(said->id, owned->id, STORED_ID) == 0 && owned->count == party->set.count &&
           memcmp(owned->ids, party->alignment.ids, sizeof owned->ids) == 0 && owned->queries < party->parameters.stored_queries &&
           !stored_is_old(owned->made, fate_turn_date(turn), party->parameters.stored_days);
}

static int32_t decide(fate_turn *turn, struct psi_party *party)
{
    struct stored *stored = party->stored;
    struct stored_said said;
    const uint8_t *bytes, *heard;
    uint64_t length, heard_length;
    int32_t result = fate_turn_get(turn, stored->name, &bytes, &length);
    if (result != FATE_OK && result != FATE_EMPTY) return result;
    bool kept = result == FATE_OK && stored_owned_read(&stored->owned, bytes, length);
    result = fate_turn_received(turn, party->peers[0].party, &heard, &heard_length);
    if (result != FATE_OK) return result;
    if (!stored_said_read(&said, heard, heard_length))
        return party_violation(turn, party->peers[0].party, "the number of a stored set that cannot be read");
    stored->fresh = !kept || !is_usable(turn, party, &said);
    stored->decided = true;
    if (stored->fresh) return make_new(turn, party, kept ? stored->owned.parts : 0);
    stored->owned.queries++;
    return FATE_OK;
}

static int32_t put_record(fate_turn *turn, const struct stored *stored)
{
    struct buffer record;
    buffer_init(&record, fate_turn_context(turn));
    record.secret = true;
    stored_owned_write(&stored->owned, &record);
    int32_t result = stored_put_record(turn, stored->name, &record);
    buffer_free(&record);
    return result;
}

static int32_t tell_offer(fate_turn *turn, const struct psi_party *party)
{
    const struct stored *stored = party->stored;
    struct stored_offer offer = {.fresh = stored->fresh, .count = stored->owned.count};
    struct buffer bytes;
    memcpy(offer.id, stored->owned.id, STORED_ID);
    memcpy(offer.domain, stored->owned.domain, EXCHANGE_KEY);
    buffer_init(&bytes, party->context);
    stored_offer_write(&offer, &bytes);
    int32_t result = bytes.failed
                         ? context_out_of_memory(party->context)
                         : fate_turn_send(turn, party_message(party, MESSAGE_OFFER), party->peers[0].party, bytes.bytes, bytes.length, 1);
    buffer_free(&bytes);
    return result;
}

/* The alignment is counted before anything is said. After a crash in between it counts twice, never not at all. */
int32_t stored_owner_choose(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    struct stored *stored = party->stored;
    int32_t result = stored->decided ? FATE_OK : decide(turn, party);
    if (result == FATE_OK) result = put_record(turn, stored);
    if (result == FATE_OK) result = tell_offer(turn, party);
    if (result == FATE_OK) result = fate_turn_checkpoint_first(turn);
    if (result != FATE_OK) return result;
    exchange_init(&party->exchange, false, stored->owned.key, stored->owned.domain);
    uint32_t own = party->role == PSI_GUEST ? GUEST_OWNS : HOST_OWNS;
    return stored->fresh ? FATE_OK : fate_turn_go_to(turn, own + 4);
}

/* Keeps the order of the masked ids part by part, drops parts of a larger set before, and says at last that the set is complete. */
int32_t stored_owner_keep(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    struct stored *stored = party->stored;
    uint64_t parts = stored_parts(stored->owned.count), count = stored->owned.count - stored->number * STORED_ITEMS;
    if (stored->number < parts) {
        uint64_t items = count < STORED_ITEMS ? count : STORED_ITEMS;
        uint8_t *bytes = memory_allocate(party->context, items, PLACE);
        if (bytes == NULL) return context_out_of_memory(party->context);
        for (uint64_t i = 0; i < items; i++) bytes_store_u32(bytes + i * PLACE, party->order[stored->number * STORED_ITEMS + i]);
        int32_t result = stored_put_part(turn, stored->name, stored->owned.id, stored->number, bytes, items, PLACE);
        memory_free(party->context, bytes);
        stored->number += result == FATE_OK;
        return result == FATE_OK ? FATE_AGAIN : result;
    }
    int32_t result = stored_delete_parts(turn, stored->name, &stored->number, stored->owned.parts);
    if (result != FATE_OK) return result;
    stored->owned.parts = parts;
    stored->owned.complete = true;
    result = put_record(turn, stored);
    if (result == FATE_OK) stored->number = 0;
    return result;
}

int32_t stored_owner_send(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    uint64_t count = party->set.count;
    int32_t result = party_send_part(turn, party, party_message(party, MESSAGE_STORED), &party->peers[0], party->elements, EXCHANGE_ELEMENT,
                                     EXCHANGE_TAG, party->order, count);
    if (result != FATE_OK || party->position < count) return result == FATE_OK ? FATE_AGAIN : result;
    party->position = 0;
    memory_free(party->context, party->elements);
    party->elements = NULL;
    return FATE_OK;
}

/* The holder's masked ids, multiplied by the set's key as they come. */
int32_t stored_owner_take(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    struct stored *stored = party->stored;
    struct psi_peer *peer = &party->peers[0];
    struct psi_part part;
    uint64_t bad = 0;
    int32_t result = stored_read_part(turn, peer->party, &part, peer->taken, peer->count, EXCHANGE_ELEMENT, peer->last,
                                      "masked ids that repeat or do not ascend");
    if (result != FATE_OK) return result;
    if (stored->items == NULL) stored->items = memory_allocate(party->context, peer->count, EXCHANGE_ELEMENT);
    if (stored->items == NULL) return context_out_of_memory(party->context);
    result = exchange_mask_elements(&party->exchange, party->context, part.items, part.count,
                                    stored->items + peer->taken * EXCHANGE_ELEMENT, &bad);
    if (result != FATE_OK) return result;
    if (bad < part.count)
        return party_violation(turn, peer->party, "a masked id that is no canonical encoding of an element, or is the identity");
    peer->taken += part.count;
    if (fate_turn_last(turn) != 0) {
        stored->order = psi_sort(party->context, stored->items, peer->count, EXCHANGE_ELEMENT);
        if (stored->order == NULL) return context_out_of_memory(party->context);
    }
    return fate_turn_progress(turn, 2, ROUNDS, 0, 0, peer->taken);
}

/* In the order of their bytes, which the holder cannot bring together with its own. */
int32_t stored_owner_return(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    struct stored *stored = party->stored;
    uint64_t count = party->peers[0].count;
    int32_t result = party_send_part(turn, party, party_message(party, MESSAGE_MASKED_TWICE), &party->peers[0], stored->items,
                                     EXCHANGE_ELEMENT, EXCHANGE_ELEMENT, stored->order, count);
    if (result != FATE_OK || party->position < count) return result == FATE_OK ? FATE_AGAIN : result;
    party->position = 0;
    memory_free(party->context, stored->items);
    stored->items = NULL;
    return FATE_OK;
}

int32_t stored_owner_hear_common(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    uint64_t most = party->set.count < party->peers[0].count ? party->set.count : party->peers[0].count, count = 0;
    int32_t result = party_read_number(turn, party->peers[0].party, &count);
    if (result == FATE_OK && count > most)
        result = party_violation(turn, party->peers[0].party, "more common ids than one of the sets has");
    return result == FATE_OK ? stored_set_common(turn, party, count) : result;
}

/* Of a host: for each id that was returned its place among the guest's masked ids. */
int32_t stored_owner_tell_places(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    const struct psi_peer *guest = &party->peers[0];
    struct buffer bytes;
    buffer_init(&bytes, party->context);
    buffer_u64(&bytes, party->position);
    for (uint64_t i = 0; i < psi_part_items(PLACE) && party->position < guest->count; i++)
        buffer_u32(&bytes, party->stored->order[party->position++]);
    int32_t last = party->position == guest->count;
    int32_t result = bytes.failed ? context_out_of_memory(party->context)
                                  : fate_turn_send(turn, MESSAGE_PLACES, guest->party, bytes.bytes, bytes.length, last);
    buffer_free(&bytes);
    if (result != FATE_OK || last == 0) return result == FATE_OK ? FATE_AGAIN : result;
    party->position = 0;
    return party->parameters.learn == PSI_LEARN_GUEST ? party_finish(turn, party) : FATE_OK;
}

/* The order of the own ids in the set, where it was not made in this run. */
int32_t stored_owner_read_order(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    struct stored *stored = party->stored;
    const uint8_t *items = NULL;
    uint64_t count = party->set.count, first = stored->number * STORED_ITEMS,
             least = count - first < STORED_ITEMS ? count - first : STORED_ITEMS;
    if (stored->stage == 0 && party->order == NULL) {
        party->order = memory_allocate(party->context, count, sizeof *party->order);
        if (party->order == NULL) return context_out_of_memory(party->context);
        stored->stage = 1;
    }
    if (stored->stage == 1 && stored->number < stored_parts(count)) {
        int32_t result = stored_get_part(turn, stored->name, stored->owned.id, stored->number, least, PLACE, &items);
        if (result != FATE_OK) return result;
        for (uint64_t i = 0; i < least; i++) party->order[first + i] = bytes_load_u32(items + i * PLACE);
        for (uint64_t i = 0; i < least; i++)
            if (party->order[first + i] >= count) return context_fail(party->context, FATE_E_STORE, "the stored set is damaged");
        stored->number++;
        return FATE_AGAIN;
    }
    stored->stage = 0;
    stored->number = 0;
    return party->role == PSI_HOST ? fate_turn_go_to(turn, HOST_HEAR_RESULT) : FATE_OK;
}

static int32_t make_pairs(const struct psi_party *party, struct psi_peer *host)
{
    struct stored *stored = party->stored;
    if (host->own != NULL) return FATE_OK;
    host->own = memory_allocate(party->context, host->match_count, sizeof *host->own);
    host->matches = memory_allocate(party->context, host->match_count, sizeof *host->matches);
    stored->found = memory_zeroed(party->context, host->count, sizeof *stored->found);
    return host->own != NULL && host->matches != NULL && stored->found != NULL ? FATE_OK : context_out_of_memory(party->context);
}

/* One pair: an id of the set, and one of those that were returned. NULL, or what is wrong. */
static const char *take_pair(const struct psi_party *party, struct psi_peer *host, uint32_t place, uint32_t returned)
{
    struct stored *stored = party->stored;
    uint64_t taken = host->own_count;
    if (place >= party->set.count || (taken > 0 && place <= host->own[taken - 1]))
        return "pairs whose places in the stored set do not ascend";
    if (returned >= host->count || stored->found[returned] != 0) return "a pair with an id that was not returned, or is in another pair";
    stored->found[returned] = 1;
    host->own[taken] = place;
    host->matches[taken] = stored->order[returned];
    host->own_count++;
    return NULL;
}

/* Of a guest: which ids of the set are common, and with which of those that it returned. */
int32_t stored_owner_take_pairs(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    struct psi_peer *host = &party->peers[0];
    struct psi_part part;
    int32_t result = make_pairs(party, host);
    if (result == FATE_OK) result = party_read_part(turn, host->party, &part, host->own_count, host->match_count, PAIR);
    if (result != FATE_OK) return result;
    for (uint64_t i = 0; i < part.count; i++) {
        const uint8_t *item = part.items + i * PAIR;
        const char *wrong = take_pair(party, host, bytes_load_u32(item), bytes_load_u32(item + PLACE));
        if (wrong != NULL) return party_violation(turn, host->party, wrong);
    }
    return fate_turn_go_to(turn, GUEST_JOIN);
}
