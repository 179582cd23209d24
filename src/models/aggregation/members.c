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
        buffer_init(&members->items[party].masked_notes, context);
        buffer_init(&members->items[party].told_notes, context);
    }
    return FATE_OK;
}

static void empty(struct buffer *buffer, fate_context *context)
{
    buffer_free(buffer);
    buffer_init(buffer, context);
}

static void forget_links(const struct members *members, struct member *member)
{
    memory_free(members->context, member->linked);
    member->linked = NULL;
    member->linked_count = 0;
}

static void forget_round(struct members *members, struct member *member)
{
    member->in = member->keyed = member->shared = member->masked = member->agreed = member->revealed = false;
    empty(&member->letters, members->context);
    empty(&member->upload, members->context);
    empty(&member->masked_notes, members->context);
    empty(&member->told_notes, members->context);
    forget_links(members, member);
    memory_free(members->context, member->chosen);
    member->chosen = NULL;
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

/* Those who take part: returns how many. */
static uint32_t take_part(struct members *members, const bool *wanted)
{
    uint32_t count = 0;
    for (uint32_t party = 0; party < members->parties; party++) {
        struct member *member = &members->items[party];
        forget_round(members, member);
        member->in = wanted[party] && member->joined;
        member->place = 0;
        count += member->in;
    }
    members->count = count;
    return count;
}

bool members_begin(struct members *members, const bool *wanted, double corrupt, double dropout, double least, const uint8_t *seed)
{
    uint32_t count = 0, number = 0, *order = members->circle;
    for (uint32_t party = 0; party < members->parties; party++) count += wanted[party] && members->items[party].joined;
    if (count < 2 || !neighbours_plan(count, corrupt, dropout, least, &members->neighbours, &members->threshold)) return false;
    take_part(members, wanted);
    members->chosen = false;
    neighbours_order(order, count, seed);
    /* A number among those who take part is for a moment also an index of members, which keep the places: there are as many. */
    for (uint32_t place = 0; place < count; place++) members->items[order[place]].turn = place;
    for (uint32_t party = 0; party < members->parties; party++)
        if (members->items[party].in) members->items[party].place = members->items[number++].turn;
    for (uint32_t party = 0; party < members->parties; party++)
        if (members->items[party].in) order[members->items[party].place] = party;
    return true;
}

bool members_begin_chosen(struct members *members, const bool *wanted, uint32_t chosen, uint32_t threshold)
{
    members->chosen = true;
    members->neighbours = chosen;
    members->threshold = threshold;
    return take_part(members, wanted) >= 2;
}

static int compare(const void *one, const void *other)
{
    uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
    return a < b ? -1 : a > b;
}

uint32_t members_neighbours(const struct members *members, uint32_t party, uint32_t *neighbours)
{
    uint32_t count = members->count, place = members->items[party].place, found = 0;
    if (members->chosen) {
        const struct member *member = &members->items[party];
        if (member->linked_count > 0) memcpy(neighbours, member->linked, member->linked_count * sizeof *neighbours);
        return member->linked_count;
    }
    bool all = members->neighbours + 1 >= count;
    uint32_t reach = all ? count - 1 : members->neighbours / 2;
    for (uint32_t step = 1; step <= reach; step++) {
        neighbours[found++] = members->circle[(place + step) % count];
        if (!all) neighbours[found++] = members->circle[(place + count - step) % count];
    }
    qsort(neighbours, found, sizeof *neighbours, compare);
    return found;
}

static bool has(const uint32_t *numbers, uint32_t count, uint32_t number)
{
    return count > 0 && bsearch(&number, numbers, count, sizeof *numbers, compare) != NULL;
}

uint32_t members_holders(const struct members *members, uint32_t party, uint32_t *holders)
{
    uint32_t count = members_neighbours(members, party, holders), kept = 0;
    const uint32_t *chosen = members->items[party].chosen;
    if (!members->chosen) return count;
    for (uint32_t i = 0; i < count; i++)
        if (chosen != NULL && has(chosen, members->neighbours, holders[i])) holders[kept++] = holders[i];
    return kept;
}

uint32_t members_place(const struct members *members, uint32_t owner, uint32_t holder)
{
    uint32_t room[NEIGHBOURS_ROOM], count = members->neighbours, place = owner < holder ? 1 : 0;
    const uint32_t *holders = members->chosen ? members->items[owner].chosen : room;
    if (holders == NULL) return UINT32_MAX;
    if (!members->chosen) count = members_neighbours(members, owner, room);
    bool holds = owner == holder;
    for (uint32_t i = 0; i < count; i++) {
        place += holders[i] < holder;
        holds = holds || holders[i] == holder;
    }
    return holds ? place : UINT32_MAX;
}

/* ---- neighbours that clients choose ---- */

int32_t members_choose(struct members *members, uint32_t party, const uint8_t *bytes, uint64_t length)
{
    struct member *member = &members->items[party];
    if (length != 4 * (uint64_t)members->neighbours) return FATE_E_FORMAT;
    for (uint32_t i = 0; i < members->neighbours; i++) {
        uint32_t chosen = bytes_load_u32(bytes + 4 * (uint64_t)i);
        if (chosen >= members->parties || chosen == party) return FATE_E_FORMAT;
        if (i > 0 && chosen <= bytes_load_u32(bytes + 4 * (uint64_t)(i - 1))) return FATE_E_FORMAT;
    }
    memory_free(members->context, member->chosen);
    member->chosen = memory_allocate(members->context, (uint64_t)members->neighbours + 1, sizeof *member->chosen);
    if (member->chosen == NULL) return FATE_E_MEMORY;
    for (uint32_t i = 0; i < members->neighbours; i++) member->chosen[i] = bytes_load_u32(bytes + 4 * (uint64_t)i);
    return FATE_OK;
}

static void add_link(struct member *member, uint32_t other)
{
    if (member->linked != NULL) member->linked[member->linked_count] = other;
    member->linked_count++;
}

/* Every choice of one who is there for one who is there and is not chosen by too many before. */
static void walk_links(struct members *members, uint32_t *chosen_by)
{
    memset(chosen_by, 0, members->parties * sizeof *chosen_by);
    for (uint32_t party = 0; party < members->parties; party++) {
        struct member *member = &members->items[party];
        member->linked_count = 0;
    }
    for (uint32_t party = 0; party < members->parties; party++) {
        struct member *member = &members->items[party];
        for (uint32_t i = 0; member->keyed && member->chosen != NULL && i < members->neighbours; i++) {
            struct member *other = &members->items[member->chosen[i]];
            if (!other->keyed || chosen_by[member->chosen[i]] >= CHOICE_TIMES * members->neighbours) continue;
            chosen_by[member->chosen[i]]++;
            add_link(member, member->chosen[i]);
            add_link(other, party);
        }
    }
}

int32_t members_link(struct members *members)
{
    uint32_t *chosen_by = memory_zeroed(members->context, (uint64_t)members->parties + 1, sizeof *chosen_by);
    if (chosen_by == NULL) return FATE_E_MEMORY;
    for (uint32_t party = 0; party < members->parties; party++) forget_links(members, &members->items[party]);
    walk_links(members, chosen_by);
    for (uint32_t party = 0; party < members->parties; party++) {
        struct member *member = &members->items[party];
        member->linked = memory_zeroed(members->context, (uint64_t)member->linked_count + 1, sizeof *member->linked);
        if (member->linked == NULL) {
            memory_free(members->context, chosen_by);
            return FATE_E_MEMORY;
        }
    }
    walk_links(members, chosen_by);
    memory_free(members->context, chosen_by);
    for (uint32_t party = 0; party < members->parties; party++) {
        struct member *member = &members->items[party];
        uint32_t kept = 0;
        qsort(member->linked, member->linked_count, sizeof *member->linked, compare);
        for (uint32_t i = 0; i < member->linked_count; i++) /* two that have chosen each other are linked once */
            if (kept == 0 || member->linked[kept - 1] != member->linked[i]) member->linked[kept++] = member->linked[i];
        member->linked_count = kept;
    }
    return FATE_OK;
}

/* ---- who falls out ---- */

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
            uint32_t holders[NEIGHBOURS_ROOM], there = 1;
            if (!members->items[party].in) continue;
            uint32_t count = members_holders(members, party, holders);
            for (uint32_t i = 0; i < count; i++) there += members->items[holders[i]].in;
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
    /* In the order of their places, whatever the order in which they come. */
    uint64_t at = member->share_count++;
    for (; at > 0 && member->places[at - 1] > place + 1; at--) {
        member->places[at] = member->places[at - 1];
        memcpy(member->shares + at * SHARING_SECRET, member->shares + (at - 1) * SHARING_SECRET, SHARING_SECRET);
    }
    member->places[at] = (uint8_t)(place + 1);
    memcpy(member->shares + at * SHARING_SECRET, share, SHARING_SECRET);
    return true;
}

/* ---- stored state: at the begin of a stage ---- */

enum { FLAG_JOINED = 1, FLAG_IN = 2, FLAG_KEYED = 4, FLAG_SHARED = 8, FLAG_MASKED = 16, FLAG_AGREED = 32 };

static void save_buffer(const struct buffer *buffer, struct buffer *out)
{
    buffer_u64(out, buffer->length);
    buffer_append(out, buffer->bytes, buffer->length);
}

void members_save(const struct members *members, struct buffer *out)
{
    buffer_u32(out, members->count);
    buffer_u32(out, members->neighbours);
    buffer_u32(out, members->threshold);
    buffer_u8(out, members->chosen);
    for (uint32_t party = 0; party < members->parties; party++) {
        const struct member *member = &members->items[party];
        buffer_u8(out,
                  (uint8_t)((member->joined ? FLAG_JOINED : 0) | (member->in ? FLAG_IN : 0) | (member->keyed ? FLAG_KEYED : 0) |
                            (member->shared ? FLAG_SHARED : 0) | (member->masked ? FLAG_MASKED : 0) | (member->agreed ? FLAG_AGREED : 0)));
        buffer_u32(out, members->circle[party]);
        buffer_u32(out, member->place);
        if (member->keyed) buffer_append(out, member->keys, ITEM_KEYS);
        if (member->agreed) buffer_append(out, member->agreement, SIGNATURE);
        for (uint32_t i = 0; members->chosen && member->keyed && i < members->neighbours; i++) buffer_u32(out, member->chosen[i]);
        save_buffer(&member->letters, out);
        save_buffer(&member->masked_notes, out);
        save_buffer(&member->told_notes, out);
    }
}

static void load_bytes(struct reader *in, uint8_t *to, uint64_t length)
{
    const uint8_t *bytes = reader_bytes(in, length);
    if (bytes != NULL) memcpy(to, bytes, length);
}

static int32_t load_buffer(struct reader *in, struct buffer *to)
{
    uint64_t length = reader_u64(in);
    const uint8_t *bytes = reader_bytes(in, length);
    if (bytes == NULL) return FATE_E_FORMAT;
    buffer_append(to, bytes, length);
    return to->failed ? FATE_E_MEMORY : FATE_OK;
}

static int32_t load_rest(struct members *members, uint32_t party, struct reader *in)
{
    struct member *member = &members->items[party];
    int32_t result = FATE_OK;
    if (members->chosen && member->keyed) {
        const uint8_t *chosen = reader_bytes(in, 4 * (uint64_t)members->neighbours);
        result = chosen == NULL ? FATE_E_FORMAT : members_choose(members, party, chosen, 4 * (uint64_t)members->neighbours);
    }
    if (result == FATE_OK) result = load_buffer(in, &member->letters);
    if (result == FATE_OK) result = load_buffer(in, &member->masked_notes);
    if (result == FATE_OK) result = load_buffer(in, &member->told_notes);
    return result;
}

int32_t members_load(struct members *members, struct reader *in)
{
    members->count = reader_u32(in);
    members->neighbours = reader_u32(in);
    members->threshold = reader_u32(in);
    members->chosen = reader_u8(in) == 1;
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
        int32_t result = load_rest(members, party, in);
        if (result != FATE_OK) return result;
    }
    if (in->failed) return FATE_E_FORMAT;
    return members->chosen ? members_link(members) : FATE_OK;
}
