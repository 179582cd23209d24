/* The clients as the aggregator sees them; see members.h. */
#include "src/models/aggregation/members.h"

#include <stdlib.h>
#include <string.h>

int32_t members_init(struct members *members, fate_context *context, uint32_t parties)
{
    members->context = context;
    members->parties = parties;
    members->circle = memory_zeroed(context, parties, sizeof *members->circle);
    members->items = memory_zeroed(context, parties, sizeof *members->items);
    if (members->circle == NULL || members->items == NULL) return context_out_of_memory(context);
    for (uint32_t party = 0; party < parties; party++) {
        buffer_init(&members->items[party].letters, context);
        buffer_init(&members->items[party].upload, context);
    }
    return FATE_OK;
}

static void forget_round(struct members *members, struct member *member)
{
    member->in = member->keyed = member->shared = member->masked = member->agreed = member->revealed = false;
    buffer_free(&member->letters);
    buffer_free(&member->upload);
    buffer_init(&member->letters, members->context);
    buffer_init(&member->upload, members->context);
    memory_free(members->context, member->places);
    memory_free_secret(members->context, member->shares, (uint64_t)member->share_count * SHARING_SECRET);
    member->places = member->shares = NULL;
    member->share_count = 0;
}

void members_free(struct members *members)
{
    for (uint32_t party = 0; members->items != NULL && party < members->parties; party++) forget_round(members, &members->items[party]);
    memory_free(members->context, members->circle);
    memory_free(members->context, members->items);
}

bool members_begin(struct members *members, const bool *wanted, double corrupt, double dropout, double least, const uint8_t *seed)
{
    uint32_t count = 0, *order = members->circle;
    for (uint32_t party = 0; party < members->parties; party++) count += wanted[party] && members->items[party].joined;
    if (count < 2 || !neighbours_plan(count, corrupt, dropout, least, &members->neighbours, &members->threshold)) return false;
    members->count = count;
    neighbours_order(order, count, seed);
    /* Numbers among those who take part become parties. */
    uint32_t number = 0;
    for (uint32_t party = 0; party < members->parties; party++) {
        struct member *member = &members->items[party];
        forget_round(members, member);
        member->in = wanted[party] && member->joined;
        if (!member->in) continue;
        for (uint32_t place = 0; place < count; place++)
            if (order[place] == number) member->place = place;
        number++;
    }
    for (uint32_t party = 0; party < members->parties; party++)
        if (members->items[party].in) order[members->items[party].place] = party;
    return true;
}

static int compare(const void *one, const void *other)
{
    uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
    return a < b ? -1 : a > b;
}

uint32_t members_neighbours(const struct members *members, uint32_t party, uint32_t *neighbours)
{
    uint32_t count = members->count, place = members->items[party].place, found = 0;
    bool all = members->neighbours + 1 >= count;
    uint32_t reach = all ? count - 1 : members->neighbours / 2;
    for (uint32_t step = 1; step <= reach; step++) {
        neighbours[found++] = members->circle[(place + step) % count];
        if (!all) neighbours[found++] = members->circle[(place + count - step) % count];
    }
    qsort(neighbours, found, sizeof *neighbours, compare);
    return found;
}

uint32_t members_place(const struct members *members, uint32_t owner, uint32_t holder)
{
    uint32_t neighbours[NEIGHBOURS_MOST], count = members_neighbours(members, owner, neighbours), place = owner < holder ? 1 : 0;
    bool holds = owner == holder;
    for (uint32_t i = 0; i < count; i++) {
        place += neighbours[i] < holder;
        holds = holds || neighbours[i] == holder;
    }
    return holds ? place : UINT32_MAX;
}

static bool stays(const struct member *member, bool shared)
{
    return member->in && member->keyed && (!shared || member->shared);
}

void members_thin(struct members *members, bool shared, bool *out)
{
    bool changed = true;
    for (uint32_t party = 0; party < members->parties; party++) {
        struct member *member = &members->items[party];
        if (!member->in || stays(member, shared)) continue;
        member->in = false;
        out[party] = true;
    }
    while (changed) {
        changed = false;
        for (uint32_t party = 0; party < members->parties; party++) {
            uint32_t neighbours[NEIGHBOURS_MOST], there = 1;
            if (!members->items[party].in) continue;
            uint32_t count = members_neighbours(members, party, neighbours);
            for (uint32_t i = 0; i < count; i++) there += members->items[neighbours[i]].in;
            if (there >= members->threshold) continue;
            members->items[party].in = false;
            out[party] = changed = true;
        }
    }
}

bool members_keep_share(struct members *members, uint32_t owner, uint32_t holder, const uint8_t *share, bool *failed)
{
    struct member *member = &members->items[owner];
    uint32_t place = members_place(members, owner, holder);
    if (place == UINT32_MAX) return false;
    if (member->places == NULL) {
        member->places = memory_zeroed(members->context, members->neighbours + 1, 1);
        member->shares = memory_zeroed(members->context, members->neighbours + 1, SHARING_SECRET);
    }
    *failed = member->places == NULL || member->shares == NULL;
    if (*failed || member->share_count > members->neighbours) return !*failed;
    member->places[member->share_count] = (uint8_t)(place + 1);
    memcpy(member->shares + (uint64_t)member->share_count++ * SHARING_SECRET, share, SHARING_SECRET);
    return true;
}

/* ---- stored state: at the begin of a stage ---- */

enum { FLAG_JOINED = 1, FLAG_IN = 2, FLAG_KEYED = 4, FLAG_SHARED = 8, FLAG_MASKED = 16, FLAG_AGREED = 32 };

void members_save(const struct members *members, struct buffer *out)
{
    buffer_u32(out, members->count);
    buffer_u32(out, members->neighbours);
    buffer_u32(out, members->threshold);
    for (uint32_t party = 0; party < members->parties; party++) {
        const struct member *member = &members->items[party];
        buffer_u8(out,
                  (uint8_t)((member->joined ? FLAG_JOINED : 0) | (member->in ? FLAG_IN : 0) | (member->keyed ? FLAG_KEYED : 0) |
                            (member->shared ? FLAG_SHARED : 0) | (member->masked ? FLAG_MASKED : 0) | (member->agreed ? FLAG_AGREED : 0)));
        buffer_u32(out, members->circle[party]);
        buffer_u32(out, member->place);
        if (member->keyed) buffer_append(out, member->keys, ITEM_KEYS);
        if (member->agreed) buffer_append(out, member->agreement, SIGNATURE);
        buffer_u64(out, member->letters.length);
        buffer_append(out, member->letters.bytes, member->letters.length);
    }
}

static void load_bytes(struct reader *in, uint8_t *to, uint64_t length)
{
    const uint8_t *bytes = reader_bytes(in, length);
    if (bytes != NULL) memcpy(to, bytes, length);
}

int32_t members_load(struct members *members, struct reader *in)
{
    members->count = reader_u32(in);
    members->neighbours = reader_u32(in);
    members->threshold = reader_u32(in);
    if (members->count > members->parties || members->neighbours > NEIGHBOURS_MOST) return FATE_E_FORMAT;
    for (uint32_t party = 0; party < members->parties; party++) {
        struct member *member = &members->items[party];
        uint8_t flags = reader_u8(in);
        member->joined = (flags & FLAG_JOINED) != 0;
        member->in = (flags & FLAG_IN) != 0;
        member->keyed = (flags & FLAG_KEYED) != 0;
        member->shared = (flags & FLAG_SHARED) != 0;
        member->masked = (flags & FLAG_MASKED) != 0;
        member->agreed = (flags & FLAG_AGREED) != 0;
        members->circle[party] = reader_u32(in);
        member->place = reader_u32(in);
        if (members->circle[party] >= members->parties || (member->in && member->place >= members->count)) return FATE_E_FORMAT;
        if (member->keyed) load_bytes(in, member->keys, ITEM_KEYS);
        if (member->agreed) load_bytes(in, member->agreement, SIGNATURE);
        uint64_t length = reader_u64(in);
        const uint8_t *letters = reader_bytes(in, length);
        if (letters == NULL) return FATE_E_FORMAT;
        buffer_append(&member->letters, letters, length);
        if (member->letters.failed) return FATE_E_MEMORY;
    }
    return in->failed ? FATE_E_FORMAT : FATE_OK;
}
