/* False shares, and who is to blame; see disputes.h. */
#include "src/models/aggregation/disputes.h"

#include <string.h>

void disputes_init(struct disputes *disputes, fate_context *context)
{
    buffer_init(&disputes->pairs, context);
}

void disputes_free(struct disputes *disputes)
{
    buffer_free(&disputes->pairs);
}

void disputes_add(struct disputes *disputes, uint32_t owner, uint32_t holder)
{
    buffer_u32(&disputes->pairs, owner);
    buffer_u32(&disputes->pairs, holder);
}

uint32_t disputes_count(const struct disputes *disputes)
{
    return (uint32_t)(disputes->pairs.length / 8);
}

static uint32_t side(const struct disputes *disputes, uint32_t dispute, uint32_t which)
{
    return bytes_load_u32(disputes->pairs.bytes + 8 * (uint64_t)dispute + 4 * (uint64_t)which);
}

uint32_t disputes_of(const struct disputes *disputes, uint32_t party)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < disputes_count(disputes); i++) count += side(disputes, i, 0) == party || side(disputes, i, 1) == party;
    return count;
}

static void take_out(struct disputes *disputes, uint32_t party)
{
    uint64_t kept = 0;
    for (uint32_t i = 0; i < disputes_count(disputes); i++) {
        if (side(disputes, i, 0) == party || side(disputes, i, 1) == party) continue;
        memmove(disputes->pairs.bytes + kept, disputes->pairs.bytes + 8 * (uint64_t)i, 8);
        kept += 8;
    }
    disputes->pairs.length = kept;
}

int32_t disputes_settle(struct disputes *disputes, uint32_t *party, uint32_t *other, bool *even)
{
    uint32_t most = 0;
    if (disputes_count(disputes) == 0) return FATE_EMPTY;
    for (uint32_t i = 0; i < disputes_count(disputes); i++)
        for (uint32_t which = 2; which-- > 0;) { /* the holder first */
            uint32_t count = disputes_of(disputes, side(disputes, i, which));
            if (count <= most) continue;
            most = count;
            *party = side(disputes, i, which);
            *other = side(disputes, i, 1 - which);
        }
    *even = false;
    for (uint32_t i = 0; i < disputes_count(disputes) && !*even; i++)
        for (uint32_t which = 0; which < 2 && !*even; which++) {
            if (side(disputes, i, which) != *party || disputes_of(disputes, side(disputes, i, 1 - which)) != most) continue;
            *other = side(disputes, i, 1 - which);
            *even = *other != *party;
        }
    take_out(disputes, *party);
    if (*even) take_out(disputes, *other);
    return FATE_OK;
}
