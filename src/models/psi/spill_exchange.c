/* The steps of an exchange that goes through the store; see spill.h. */
#include "src/models/psi/spill.h"

#include <string.h>

#include "lib/memory.h"

enum { ROUNDS = 4 };

static struct buckets *own_of(const struct psi_party *party)
{
    return &party->spill->sets[0];
}

static uint32_t number_of(const struct psi_party *party, const struct psi_peer *peer)
{
    return (uint32_t)(peer - party->peers);
}

static struct buckets *tags_of(const struct psi_party *party, const struct psi_peer *peer)
{
    return &party->spill->sets[1 + 2 * number_of(party, peer)];
}

static struct buckets *matches_of(const struct psi_party *party, const struct psi_peer *peer)
{
    return &party->spill->sets[2 + 2 * number_of(party, peer)];
}

/* A party that was started again begins within the table of steps. */
static int32_t draw_key(fate_turn *turn, struct psi_party *party)
{
    if (party->spill->keyed) return FATE_OK;
    party->spill->keyed = true;
    return party_draw_key(turn, party);
}

/* ---- own ids ---- */

static int32_t mask_some(struct psi_party *party, struct buckets *own, uint64_t first, uint64_t step)
{
    uint8_t *elements = memory_allocate(party->context, step, EXCHANGE_ELEMENT), *items = buckets_room(own);
    int32_t result = elements == NULL || items == NULL ? context_out_of_memory(party->context) : FATE_OK;
    if (result == FATE_OK) result = exchange_mask_ids(&party->exchange, party->context, &party->set, first, step, elements);
    for (uint64_t i = 0; i < step && result == FATE_OK; i++) {
        memcpy(items + i * SPILL_OWN, elements + i * EXCHANGE_ELEMENT, EXCHANGE_ELEMENT);
        bytes_store_u32(items + i * SPILL_OWN + EXCHANGE_ELEMENT, (uint32_t)(first + i));
    }
    if (result == FATE_OK) own->filled += step;
    memory_free(party->context, elements);
    return result;
}

int32_t spill_mask(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    struct buckets *own = own_of(party);
    uint64_t left = party->set.count - party->position, step = left < BUCKETS_CHUNK ? left : BUCKETS_CHUNK;
    int32_t result = draw_key(turn, party);
    if (result != FATE_OK) return result;
    if (left > 0 && !buckets_full(own)) {
        result = mask_some(party, own, party->position, step);
        if (result != FATE_OK) return result;
        party->position += step;
        result = fate_turn_progress(turn, 1, ROUNDS, 0, 0, party->position);
        return result == FATE_OK ? FATE_AGAIN : result;
    }
    result = buckets_store(turn, own);
    if (result != FATE_OK) return result;
    result = fate_turn_checkpoint(turn);
    if (result != FATE_OK || left > 0) return result == FATE_OK ? FATE_AGAIN : result;
    party->position = 0;
    return FATE_OK;
}

/* The bucket where position stands, and at which position it begins. */
static uint32_t find_bucket(const struct buckets *buckets, uint64_t position, uint64_t *begin)
{
    uint32_t which = 0;
    *begin = 0;
    for (uint64_t items; which + 1 < buckets->count && *begin + (items = buckets_items(buckets, which)) <= position; which++)
        *begin += items;
    return which;
}

/* The next part of sorted items, to one peer or (NULL) to all; FATE_OK after the last. The state is stored after each bucket. */
static int32_t send_some(fate_turn *turn, struct psi_party *party, struct buckets *from, uint32_t kind, const struct psi_peer *to,
                         uint32_t size, uint64_t count)
{
    uint64_t begin, first = party->position, most = psi_part_items(size);
    uint32_t which = find_bucket(from, first, &begin);
    int32_t result = buckets_load(turn, from, which);
    if (result != FATE_OK) return result;
    uint64_t left = begin + from->loaded_count - first, step = left < most ? left : most;
    uint8_t *bytes = memory_allocate(party->context, PSI_PART_HEAD + step * size, 1);
    if (bytes == NULL) return context_out_of_memory(party->context);
    bytes_store_u64(bytes, first);
    for (uint64_t i = 0; i < step; i++) memcpy(bytes + PSI_PART_HEAD + i * size, buckets_item(from, first - begin + i), size);
    party->position += step;
    int32_t last = party->position == count;
    uint32_t message = party_message(party, kind);
    result = to == NULL ? fate_turn_send_all(turn, message, bytes, PSI_PART_HEAD + step * size, last)
                        : fate_turn_send(turn, message, to->party, bytes, PSI_PART_HEAD + step * size, last);
    memory_free(party->context, bytes);
    if (result == FATE_OK && step == left) {
        buckets_unload(from);
        result = fate_turn_checkpoint(turn);
    }
    if (result != FATE_OK || last == 0) return result == FATE_OK ? FATE_AGAIN : result;
    party->position = 0;
    return FATE_OK;
}

int32_t spill_send(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    return send_some(turn, party, own_of(party), MESSAGE_MASKED, NULL, EXCHANGE_ELEMENT, party->set.count);
}

int32_t spill_return(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    const struct psi_peer *peer = &party->peers[party->at];
    int32_t result = send_some(turn, party, tags_of(party, peer), MESSAGE_RETURNED, peer, EXCHANGE_TAG, peer->count);
    if (result != FATE_OK) return result;
    if (++party->at < party->peer_count) return FATE_AGAIN;
    party->at = 0;
    return FATE_OK;
}

/* ---- the peer's ids ---- */

static int32_t take_part(fate_turn *turn, struct psi_party *party, struct psi_peer *peer)
{
    struct psi_part part;
    struct buckets *tags = tags_of(party, peer);
    int32_t result = party_read_part(turn, peer->party, &part, peer->taken, peer->count, EXCHANGE_ELEMENT);
    if (result != FATE_OK || part.count == 0) return result;
    uint8_t *masked = memory_allocate(party->context, part.count, EXCHANGE_ELEMENT), *items = buckets_room(tags);
    result = masked == NULL || items == NULL ? context_out_of_memory(party->context) : party_mask_part(turn, party, peer, &part, masked);
    for (uint64_t i = 0; i < part.count && result == FATE_OK; i++) {
        memcpy(items + i * SPILL_TAG, masked + i * EXCHANGE_ELEMENT, EXCHANGE_TAG);
        bytes_store_u32(items + i * SPILL_TAG + EXCHANGE_TAG, (uint32_t)(peer->taken + i));
    }
    memory_free(party->context, masked);
    if (result != FATE_OK) return result;
    tags->filled += part.count;
    peer->taken += part.count;
    return fate_turn_progress(turn, 2, ROUNDS, 0, 0, peer->taken);
}

int32_t spill_take(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    struct psi_peer *peer = party_peer(party, fate_turn_from(turn));
    struct buckets *tags = tags_of(party, peer);
    int32_t result = draw_key(turn, party);
    if (result == FATE_OK && !party->spill->begun) result = take_part(turn, party, peer);
    if (result != FATE_OK) return result;
    party->spill->begun = true;
    if (buckets_full(tags) || fate_turn_last(turn) != 0) {
        result = buckets_store(turn, tags);
        if (result == FATE_OK) result = fate_turn_checkpoint(turn);
    }
    if (result == FATE_OK) party->spill->begun = false;
    return result;
}

/* ---- the comparison ---- */

static int32_t begin_part(fate_turn *turn, struct psi_party *party, struct psi_peer *peer, struct psi_part *part)
{
    struct spill *spill = party->spill;
    int32_t result = party_read_part(turn, peer->party, part, peer->returned, party->set.count, EXCHANGE_TAG);
    if (result != FATE_OK || spill->begun) return result;
    if (!psi_part_ascends(part, EXCHANGE_TAG, peer->returned > 0 ? peer->last_tag : NULL))
        return party_violation(turn, peer->party, "ids masked by both that repeat or do not ascend");
    if (buckets_room(matches_of(party, peer)) == NULL) return context_out_of_memory(party->context);
    spill->begun = true;
    spill->item = 0;
    return FATE_OK;
}

/* Two ascending sequences side by side, the peer's ids bucket by bucket. */
static int32_t compare_part(fate_turn *turn, struct psi_party *party, struct psi_peer *peer, const struct psi_part *part)
{
    struct spill *spill = party->spill;
    struct buckets *tags = tags_of(party, peer), *matches = matches_of(party, peer);
    uint32_t *bucket = &spill->bucket[number_of(party, peer)];
    while (spill->item < part->count && *bucket < tags->count) {
        int32_t result = buckets_load(turn, tags, *bucket), order = 1;
        if (result != FATE_OK) return result;
        const uint8_t *tag = part->items + spill->item * EXCHANGE_TAG;
        while (peer->cursor < tags->loaded_count && (order = memcmp(buckets_item(tags, peer->cursor), tag, EXCHANGE_TAG)) < 0)
            peer->cursor++;
        if (peer->cursor == tags->loaded_count) {
            buckets_unload(tags);
            peer->cursor = 0;
            ++*bucket;
            continue;
        }
        spill->item++;
        if (order != 0) continue;
        memcpy(matches->items + matches->filled++ * SPILL_MATCH, buckets_item(tags, peer->cursor++) + EXCHANGE_TAG, SPILL_MATCH);
        peer->match_count++;
    }
    spill->item = part->count;
    return FATE_OK;
}

static int32_t finish_part(fate_turn *turn, struct psi_party *party, struct psi_peer *peer, const struct psi_part *part)
{
    struct buckets *matches = matches_of(party, peer);
    uint64_t *since = &party->spill->since[number_of(party, peer)];
    bool last = fate_turn_last(turn) != 0;
    int32_t result = buckets_full(matches) || last ? buckets_store(turn, matches) : FATE_OK;
    if (result != FATE_OK) return result;
    if (part->count > 0) memcpy(peer->last_tag, part->items + (part->count - 1) * EXCHANGE_TAG, EXCHANGE_TAG);
    peer->returned += part->count;
    *since += part->count;
    party->spill->begun = false;
    if (last) buckets_unload(tags_of(party, peer));
    if (*since >= 2 * own_of(party)->run_items || last) {
        *since = 0;
        result = fate_turn_checkpoint(turn);
    }
    return result == FATE_OK ? fate_turn_progress(turn, 3, ROUNDS, 0, 0, peer->returned) : result;
}

int32_t spill_compare(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    struct psi_part part;
    struct psi_peer *peer = party_peer(party, fate_turn_from(turn));
    int32_t result = begin_part(turn, party, peer, &part);
    if (result == FATE_OK) result = compare_part(turn, party, peer, &part);
    return result == FATE_OK ? finish_part(turn, party, peer, &part) : result;
}

/* ---- back into memory ---- */

/* The order of own ids: what stands last in each item is its number. */
static int32_t recall_order(fate_turn *turn, struct psi_party *party)
{
    struct buckets *own = own_of(party);
    if (party->order == NULL) party->order = memory_allocate(party->context, party->set.count, sizeof *party->order);
    if (party->order == NULL) return context_out_of_memory(party->context);
    while (party->position < party->set.count) {
        uint64_t begin;
        int32_t result = buckets_load(turn, own, find_bucket(own, party->position, &begin));
        if (result != FATE_OK) return result;
        for (uint64_t i = 0; i < own->loaded_count; i++) party->order[begin + i] = bytes_load_u32(buckets_item(own, i) + EXCHANGE_ELEMENT);
        party->position = begin + own->loaded_count;
    }
    buckets_unload(own);
    return FATE_OK;
}

static int32_t recall_matches(fate_turn *turn, struct psi_party *party, struct psi_peer *peer)
{
    struct buckets *matches = matches_of(party, peer);
    int32_t result = buckets_load(turn, matches, 0);
    if (result != FATE_OK) return result;
    if (matches->loaded_count != peer->match_count)
        return context_fail(party->context, FATE_E_STORE,
                            "the stored state of the alignment is damaged: begin anew, with the option \"restart\"");
    peer->matches = memory_allocate(party->context, peer->match_count, sizeof *peer->matches);
    if (peer->matches == NULL) return context_out_of_memory(party->context);
    for (uint64_t i = 0; i < peer->match_count; i++) peer->matches[i] = bytes_load_u32(buckets_item(matches, i));
    buckets_unload(matches);
    return FATE_OK;
}

int32_t spill_recall(fate_turn *turn, void *state)
{
    struct psi_party *party = state;
    int32_t result = recall_order(turn, party);
    for (uint32_t i = 0; i < party->peer_count && result == FATE_OK; i++)
        if (party->peers[i].matches == NULL) result = recall_matches(turn, party, &party->peers[i]);
    if (result != FATE_OK) return result;
    party->position = 0;
    return fate_turn_go_to(turn, party->role == PSI_GUEST ? GUEST_TELL_COUNT : HOST_TELL_COUNT);
}
