/* Takes the masks from the sum: the own mask of every client whose vector came, and the masks that one who has gone shares with those who
 * stay (Bonawitz et al., CCS 2017, figure 4, round 4). */
#include <sodium.h>
#include <string.h>

#include "lib/context.h"
#include "src/models/aggregation/aggregator.h"

static bool is_own(const void *context, const uint8_t *secret)
{
    const struct round_keys *keys = context;
    uint8_t commitment[ROUND_KEY];
    round_commit(commitment, secret);
    return memcmp(commitment, keys->commitment, sizeof commitment) == 0;
}

static bool is_mask_key(const void *context, const uint8_t *secret)
{
    const struct round_keys *keys = context;
    uint8_t key[ROUND_KEY];
    round_public(key, secret);
    return memcmp(key, keys->mask, sizeof key) == 0;
}

/* ---- shares, some of which may be false ---- */

/* Who holds the share of that place. */
static uint32_t holder_at(const struct members *members, uint32_t owner, uint8_t place)
{
    uint32_t holders[NEIGHBOURS_ROOM], count = members_holders(members, owner, holders);
    for (uint32_t i = 0; i < count; i++)
        if (members_place(members, owner, holders[i]) + 1 == place) return holders[i];
    return owner;
}

struct shuffled {
    uint32_t holders[SHARING_MOST];
    uint8_t places[SHARING_MOST], shares[SHARING_MOST * SHARING_SECRET];
    bool wrong[SHARING_MOST];
};

/* Those of whom no false share is known come first. */
static void order(struct shuffled *shuffled, const struct members *members, const struct disputes *disputes, uint32_t owner)
{
    const struct member *member = &members->items[owner];
    uint32_t at = 0;
    for (int known = 0; known < 2; known++)
        for (uint32_t i = 0; i < member->share_count && i < SHARING_MOST; i++) {
            uint32_t holder = holder_at(members, owner, member->places[i]);
            if ((disputes_of(disputes, holder) > 0) != (known == 1)) continue;
            shuffled->holders[at] = holder;
            shuffled->places[at] = member->places[i];
            memcpy(shuffled->shares + (uint64_t)at++ * SHARING_SECRET, member->shares + (uint64_t)i * SHARING_SECRET, SHARING_SECRET);
        }
}

static int32_t find_secret(struct aggregator *aggregator, struct disputes *disputes, uint32_t owner, sharing_test *right,
                           const struct round_keys *keys, uint8_t *secret)
{
    const struct member *member = &aggregator->members.items[owner];
    struct shuffled *shuffled = memory_zeroed(aggregator->context, 1, sizeof *shuffled);
    if (shuffled == NULL) return context_out_of_memory(aggregator->context);
    order(shuffled, &aggregator->members, disputes, owner);
    bool found = sharing_find(secret, shuffled->wrong, shuffled->places, shuffled->shares, member->share_count,
                              aggregator->members.threshold, right, keys);
    for (uint32_t i = 0; i < member->share_count && found; i++)
        if (shuffled->wrong[i]) disputes_add(disputes, owner, shuffled->holders[i]);
    memory_free_secret(aggregator->context, shuffled, sizeof *shuffled);
    if (disputes->pairs.failed) return context_out_of_memory(aggregator->context);
    return found ? FATE_OK : FATE_EMPTY;
}

static int32_t join_secret(struct aggregator *aggregator, struct disputes *disputes, uint32_t owner, sharing_test *right,
                           const struct round_keys *keys, uint8_t *secret)
{
    const struct member *member = &aggregator->members.items[owner];
    if (sharing_join(secret, member->places, member->shares, aggregator->members.threshold) && right(keys, secret)) return FATE_OK;
    return find_secret(aggregator, disputes, owner, right, keys, secret);
}

/* ---- masks ---- */

static int32_t unmask_staying(struct aggregator *aggregator, struct disputes *disputes, uint32_t owner)
{
    uint8_t own[SHARING_SECRET];
    struct round_keys keys;
    struct mask mask;
    keys_read(&keys, aggregator->members.items[owner].keys);
    int32_t result = join_secret(aggregator, disputes, owner, is_own, &keys, own);
    if (result == FATE_OK) {
        round_own_mask(&mask, own, aggregator->round, true);
        result = masking_apply(aggregator->context, aggregator->sum, aggregator->count, aggregator->parameters.width, &mask, 1);
    }
    sodium_memzero(own, sizeof own);
    return result;
}

/* Whoever stays has the mask between itself and the lost one in its vector. */
static int32_t unmask_lost(struct aggregator *aggregator, struct disputes *disputes, uint32_t owner)
{
    uint8_t secret[SHARING_SECRET];
    struct mask masks[NEIGHBOURS_ROOM];
    struct round_keys keys;
    uint32_t neighbours[NEIGHBOURS_ROOM], count = members_neighbours(&aggregator->members, owner, neighbours), used = 0;
    keys_read(&keys, aggregator->members.items[owner].keys);
    int32_t result = join_secret(aggregator, disputes, owner, is_mask_key, &keys, secret);
    for (uint32_t i = 0; i < count && result == FATE_OK; i++) {
        const struct member *other = &aggregator->members.items[neighbours[i]];
        if (!other->masked) continue;
        keys_read(&keys, other->keys);
        if (!round_pair_mask(&masks[used], secret, keys.mask, aggregator->round, neighbours[i], owner)) result = FATE_EMPTY;
        masks[used].subtracted = !masks[used].subtracted;
        used++;
    }
    sodium_memzero(secret, sizeof secret);
    if (result == FATE_OK)
        result = masking_apply(aggregator->context, aggregator->sum, aggregator->count, aggregator->parameters.width, masks, used);
    sodium_memzero(masks, used * sizeof *masks);
    return result;
}

bool aggregator_can_unmask(const struct aggregator *aggregator)
{
    for (uint32_t party = 0; party < aggregator->parties; party++) {
        const struct member *member = &aggregator->members.items[party];
        if ((member->masked || member->shared) && member->share_count < aggregator->members.threshold) return false;
    }
    return true;
}

int32_t aggregator_unmask(struct aggregator *aggregator, struct disputes *disputes, uint32_t *owner)
{
    int32_t result = FATE_OK;
    for (uint32_t party = 0; party < aggregator->parties && result == FATE_OK; party++) {
        const struct member *member = &aggregator->members.items[party];
        *owner = party;
        if (member->masked)
            result = unmask_staying(aggregator, disputes, party);
        else if (member->shared)
            result = unmask_lost(aggregator, disputes, party);
    }
    return result;
}
