/* Takes the masks from the sum: the own mask of every client whose vector came, and the masks that one who has gone shares with those who
 * stay (Bonawitz et al., CCS 2017, figure 4, round 4). */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "lib/context.h"
#include "src/models/aggregation/aggregator.h"

static int32_t false_shares(fate_turn *turn, uint32_t owner)
{
    char sentence[300];
    snprintf(sentence, sizeof sentence, "the shares of %s's secret do not fit what it had published: some client has sent a false one",
             fate_job_party_name(fate_turn_job(turn), owner));
    return fate_turn_fail(turn, FATE_E_PROTOCOL, sentence, sentence);
}

static int32_t join_secret(fate_turn *turn, const struct aggregator *aggregator, uint32_t owner, uint8_t *secret)
{
    const struct member *member = &aggregator->members.items[owner];
    return sharing_join(secret, member->places, member->shares, aggregator->members.threshold) ? FATE_OK : false_shares(turn, owner);
}

static int32_t unmask_staying(fate_turn *turn, const struct aggregator *aggregator, uint32_t owner)
{
    uint8_t own[SHARING_SECRET], commitment[ROUND_KEY];
    struct round_keys keys;
    struct mask mask;
    int32_t result = join_secret(turn, aggregator, owner, own);
    if (result != FATE_OK) return result;
    keys_read(&keys, aggregator->members.items[owner].keys);
    round_commit(commitment, own);
    if (memcmp(commitment, keys.commitment, sizeof commitment) != 0) return false_shares(turn, owner);
    round_own_mask(&mask, own, aggregator->round, true);
    sodium_memzero(own, sizeof own);
    return masking_apply(aggregator->context, aggregator->sum, aggregator->count, aggregator->parameters.width, &mask, 1);
}

/* Whoever stays has the mask between itself and the lost one in its vector. */
static int32_t unmask_lost(fate_turn *turn, const struct aggregator *aggregator, uint32_t owner)
{
    uint8_t secret[SHARING_SECRET], key[ROUND_KEY];
    struct mask masks[NEIGHBOURS_ROOM];
    struct round_keys keys;
    uint32_t neighbours[NEIGHBOURS_ROOM], count = members_neighbours(&aggregator->members, owner, neighbours), used = 0;
    int32_t result = join_secret(turn, aggregator, owner, secret);
    if (result != FATE_OK) return result;
    keys_read(&keys, aggregator->members.items[owner].keys);
    round_public(key, secret);
    if (memcmp(key, keys.mask, sizeof key) != 0) return false_shares(turn, owner);
    for (uint32_t i = 0; i < count; i++) {
        const struct member *other = &aggregator->members.items[neighbours[i]];
        if (!other->masked) continue;
        keys_read(&keys, other->keys);
        if (!round_pair_mask(&masks[used], secret, keys.mask, aggregator->round, neighbours[i], owner)) return false_shares(turn, owner);
        masks[used].subtracted = !masks[used].subtracted;
        used++;
    }
    sodium_memzero(secret, sizeof secret);
    return masking_apply(aggregator->context, aggregator->sum, aggregator->count, aggregator->parameters.width, masks, used);
}

bool aggregator_can_unmask(const struct aggregator *aggregator)
{
    for (uint32_t party = 0; party < aggregator->parties; party++) {
        const struct member *member = &aggregator->members.items[party];
        if ((member->masked || member->shared) && member->share_count < aggregator->members.threshold) return false;
    }
    return true;
}

int32_t aggregator_unmask(fate_turn *turn, struct aggregator *aggregator)
{
    int32_t result = FATE_OK;
    for (uint32_t party = 0; party < aggregator->parties && result == FATE_OK; party++) {
        const struct member *member = &aggregator->members.items[party];
        if (member->masked)
            result = unmask_staying(turn, aggregator, party);
        else if (member->shared)
            result = unmask_lost(turn, aggregator, party);
    }
    return result;
}
