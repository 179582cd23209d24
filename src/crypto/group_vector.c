/* Operations that need no secret key, a bundle of items at a time. Ciphertexts are public numbers, factors are not: those are used in
 * constant time. */
#include "src/crypto/group_vector.h"
#include "lib/threads.h"

uint64_t group_items_bytes(const struct scheme_key *key, uint64_t count)
{
    const struct group *group = key->group;
    const uint64_t each = (uint64_t)group->row * sizeof(mp_limb_t), before = GROUP_ALIGNMENT * sizeof(mp_limb_t);
    return count > (UINT64_MAX - before) / each ? 0 : before + count * each;
}

mp_limb_t *group_items(const struct group *group, const struct fate_ciphertexts *vector, uint64_t first)
{
    return group_align(vector->items) + first * (uint64_t)group->row;
}

/* The group's one is an encryption of zero. */
void group_set_zero(struct fate_ciphertexts *vector)
{
    const struct group *group = vector->key->group;
    for (uint64_t i = 0; i < vector->count; i++) mpn_copyi(group_items(group, vector, i), group->one, group->row);
}

/* Lanes beyond the last item work on ones. */
void group_load_items(const struct group *group, mp_limb_t *bundle, const struct fate_ciphertexts *vector, uint64_t first, uint64_t end)
{
    const mp_limb_t *rows[GROUP_MOST_LANES];
    for (uint32_t lane = 0; lane < group->lanes; lane++)
        rows[lane] = first + lane < end ? group_items(group, vector, first + lane) : group->one;
    group->load(group->ring, bundle, rows);
}

void group_store_items(const struct group *group, struct fate_ciphertexts *vector, uint64_t first, uint64_t end, const mp_limb_t *bundle,
                       mp_limb_t *nowhere)
{
    mp_limb_t *rows[GROUP_MOST_LANES];
    for (uint32_t lane = 0; lane < group->lanes; lane++)
        rows[lane] = first + lane < end ? group_items(group, vector, first + lane) : nowhere;
    group->store(group->ring, rows, bundle);
}

void group_want_items(const struct group *group, struct group_ahead *ahead, const struct fate_ciphertexts *vector, uint64_t first,
                      uint64_t end)
{
    for (uint32_t lane = 0; lane < group->lanes && first + lane < end; lane++)
        ahead->rows[ahead->count++] = group_items(group, vector, first + lane);
}

uint64_t group_piece(const fate_context *context, uint64_t count)
{
    enum { LEAST = 16, MOST = 1024, PIECES_A_THREAD = 16, WORTH_SHARING = 65 };
    if (count < WORTH_SHARING) return WORTH_SHARING;
    uint64_t piece = count / (PIECES_A_THREAD * (uint64_t)fate_context_threads(context)) / GROUP_MOST_LANES * GROUP_MOST_LANES;
    return piece < LEAST ? LEAST : piece > MOST ? MOST : piece;
}

/* Two vectors, item by item. */
struct elementwise {
    const struct group *group;
    struct fate_ciphertexts *vector;
    const struct fate_ciphertexts *other;
    uint64_t first, other_first; /* of an addition: where its items begin */
    const int64_t *factors;
    uint64_t factor_bits;
    bool negative; /* whether any factor is */
    struct scratch scratch;
};

static int32_t run_elementwise(struct elementwise *elementwise, uint64_t count, uint64_t grain, mp_size_t scratch_limbs, threads_body body)
{
    fate_context *context = elementwise->vector->key->context;
    int32_t result = scratch_new(&elementwise->scratch, context, fate_context_threads(context), scratch_limbs + GROUP_ALIGNMENT);
    if (result != FATE_OK) return result;
    result = threads_run(context, count, grain, body, elementwise);
    scratch_free(&elementwise->scratch);
    return result == FATE_E_INTERNAL ? context_fail(context, result, "a ciphertext of a vector is not a unit") : result;
}

static int32_t add_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct elementwise *elementwise = argument;
    const struct group *group = elementwise->group;
    mp_limb_t *left = group_align(scratch_of(&elementwise->scratch, worker)), *right = left + group->bundle,
              *scratch = right + group->bundle;
    for (uint64_t i = first; i < end; i += group->lanes) {
        const uint64_t at = elementwise->first + i, other = elementwise->other_first + i, left_over = end - i;
        group_load_items(group, left, elementwise->vector, at, at + left_over);
        group_load_items(group, right, elementwise->other, other, other + left_over);
        struct group_ahead ahead = {.count = 0};
        group_want_items(group, &ahead, elementwise->vector, at + group->lanes, at + left_over);
        group_want_items(group, &ahead, elementwise->other, other + group->lanes, other + left_over);
        group->multiply_ahead(group->ring, left, left, right, &ahead, scratch);
        group_store_items(group, elementwise->vector, at, at + left_over, left, scratch);
    }
    return FATE_OK;
}

int32_t group_add(struct fate_ciphertexts *vector, uint64_t first, const struct fate_ciphertexts *other, uint64_t other_first,
                  uint64_t count)
{
    const struct group *group = vector->key->group;
    struct elementwise elementwise = {.group = group, .vector = vector, .other = other, .first = first, .other_first = other_first};
    return run_elementwise(&elementwise, count, group_piece(vector->key->context, count), 2 * group->bundle + group->itch, add_items);
}

/* Items that share one inversion, and the bundles that they fill: as many as scratch memory allows, but work for every thread, and equally many
 * batches for each. */
static uint64_t batch_of(const struct fate_ciphertexts *vector)
{
    enum { LEAST = 64, MOST = 512 };
    uint64_t threads = fate_context_threads(vector->key->context), share = (vector->count + threads - 1) / threads;
    uint64_t batches = (share + MOST - 1) / MOST, batch = batches == 0 ? 0 : (share + batches - 1) / batches;
    batch = (batch + GROUP_MOST_LANES - 1) / GROUP_MOST_LANES * GROUP_MOST_LANES; /* MOST is a multiple of it */
    return batch < LEAST ? LEAST : batch;
}

static uint64_t batch_bundles(const struct group *group, uint64_t batch)
{
    return (batch + group->lanes - 1) / group->lanes;
}

static mp_size_t inverses_itch(const struct group *group, uint64_t batch)
{
    return ((mp_size_t)batch_bundles(group, batch) + 2) * group->bundle + group_invert_itch(group);
}

/* The bundles of inverses of the items first..end, at most a batch. Montgomery's trick in each lane: invert the product of all, then take it
 * apart. Needs inverses_itch limbs, of which the first become the inverses. Returns 0 when an item is no unit. */
static mp_limb_t invert_batch(const struct group *group, const struct fate_ciphertexts *vector, uint64_t first, uint64_t end,
                              mp_limb_t *inverses)
{
    const uint64_t bundles = batch_bundles(group, end - first), size = (uint64_t)group->bundle;
    mp_limb_t *rest = inverses + bundles * size, *item = rest + size, *scratch = item + size;
    group_load_items(group, inverses, vector, first, end);
    for (uint64_t i = 1; i < bundles; i++) {
        group_load_items(group, item, vector, first + i * group->lanes, end);
        group->multiply_public(group->ring, inverses + i * size, inverses + (i - 1) * size, item, scratch);
    }
    mpn_copyi(rest, inverses + (bundles - 1) * size, group->bundle);
    mp_limb_t unit = group_invert(group, rest, scratch);
    for (uint64_t i = bundles - 1; i > 0; i--) { /* rest is the inverse of the product of bundles 0..i */
        group->multiply_public(group->ring, inverses + i * size, inverses + (i - 1) * size, rest, scratch);
        group_load_items(group, item, vector, first + i * group->lanes, end);
        group->multiply_public(group->ring, rest, rest, item, scratch);
    }
    mpn_copyi(inverses, rest, group->bundle);
    return unit;
}

static int32_t subtract_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct elementwise *elementwise = argument;
    const struct group *group = elementwise->group;
    mp_limb_t *inverses = group_align(scratch_of(&elementwise->scratch, worker));
    mp_limb_t *item = inverses + batch_bundles(group, end - first) * (uint64_t)group->bundle, *scratch = item + group->bundle;
    if (!invert_batch(group, elementwise->other, first, end, inverses)) return FATE_E_INTERNAL;
    for (uint64_t i = first; i < end; i += group->lanes) {
        group_load_items(group, item, elementwise->vector, i, end);
        group->multiply_public(group->ring, item, item, inverses + (i - first) / group->lanes * (uint64_t)group->bundle, scratch);
        group_store_items(group, elementwise->vector, i, end, item, scratch);
    }
    return FATE_OK;
}

int32_t group_subtract(struct fate_ciphertexts *vector, const struct fate_ciphertexts *other)
{
    const struct group *group = vector->key->group;
    struct elementwise elementwise = {.group = group, .vector = vector, .other = other};
    uint64_t batch = batch_of(vector);
    return run_elementwise(&elementwise, vector->count, batch, inverses_itch(group, batch), subtract_items);
}

static int32_t negate_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct elementwise *elementwise = argument;
    const struct group *group = elementwise->group;
    mp_limb_t *inverses = group_align(scratch_of(&elementwise->scratch, worker));
    mp_limb_t *nowhere = inverses + batch_bundles(group, end - first) * (uint64_t)group->bundle;
    if (!invert_batch(group, elementwise->vector, first, end, inverses)) return FATE_E_INTERNAL;
    for (uint64_t i = first; i < end; i += group->lanes)
        group_store_items(group, elementwise->vector, i, end, inverses + (i - first) / group->lanes * (uint64_t)group->bundle, nowhere);
    return FATE_OK;
}

int32_t group_negate(struct fate_ciphertexts *vector)
{
    const struct group *group = vector->key->group;
    struct elementwise elementwise = {.group = group, .vector = vector};
    uint64_t batch = batch_of(vector);
    return run_elementwise(&elementwise, vector->count, batch, inverses_itch(group, batch), negate_items);
}

/* 2^63 for the smallest number. */
static uint64_t magnitude(int64_t factor)
{
    uint64_t sign = 0 - ((uint64_t)factor >> 63);
    return ((uint64_t)factor ^ sign) - sign;
}

enum { MOST_WINDOW = 3, MOST_ENTRIES = 1 << MOST_WINDOW };

/* bundle = bundle^factors, the factors' sizes in each lane; room: MOST_ENTRIES + 1 bundles, of which the last are scratch. */
static void power_lanes(const struct group *group, mp_limb_t *bundle, const mp_limb_t *factors, uint64_t bits, mp_limb_t *room)
{
    const uint64_t window = bits < 9 ? 2 : MOST_WINDOW, size = (uint64_t)group->bundle;
    const uint32_t entries = 1U << window;
    mp_limb_t *chosen = room + MOST_ENTRIES * size, *scratch = chosen + size, digits[GROUP_MOST_LANES];
    group_spread(group, room, group->one);
    mpn_copyi(room + size, bundle, group->bundle);
    for (uint32_t i = 2; i < entries; i++) group->multiply_public(group->ring, room + i * size, room + (i - 1) * size, bundle, scratch);
    for (uint64_t from = (bits - 1) / window * window, first = 1;; from -= window, first = 0) {
        for (uint32_t lane = 0; lane < group->lanes; lane++) digits[lane] = factors[lane] >> from & (entries - 1);
        group->select_bundle(group->ring, first ? bundle : chosen, room, entries, digits);
        if (!first) group->multiply(group->ring, bundle, bundle, chosen, scratch);
        if (from == 0) return;
        group->square(group->ring, bundle, window, scratch);
    }
}

/* Items first..end to the power of their factors; inverses: theirs, when any factor of the vector is negative. */
static void multiply_batch(const struct elementwise *elementwise, uint64_t first, uint64_t end, const mp_limb_t *inverses, mp_limb_t *room)
{
    const struct group *group = elementwise->group;
    mp_limb_t *either = room, *chosen = either + 2 * group->bundle, *rest = chosen + group->bundle;
    for (uint64_t i = first; i < end; i += group->lanes) {
        mp_limb_t sizes[GROUP_MOST_LANES], signs[GROUP_MOST_LANES];
        for (uint32_t lane = 0; lane < group->lanes; lane++) {
            int64_t factor = i + lane < end ? elementwise->factors[i + lane] : 0;
            sizes[lane] = magnitude(factor);
            signs[lane] = (uint64_t)factor >> 63;
        }
        group_load_items(group, either, elementwise->vector, i, end);
        if (elementwise->negative) { /* of the vector, not of the item */
            mpn_copyi(either + group->bundle, inverses + (i - first) / group->lanes * (uint64_t)group->bundle, group->bundle);
            group->select_bundle(group->ring, chosen, either, 2, signs);
        }
        mp_limb_t *base = elementwise->negative ? chosen : either;
        power_lanes(group, base, sizes, elementwise->factor_bits, rest);
        group_store_items(group, elementwise->vector, i, end, base, rest);
    }
}

static int32_t multiply_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct elementwise *elementwise = argument;
    const struct group *group = elementwise->group;
    mp_limb_t *inverses = group_align(scratch_of(&elementwise->scratch, worker)), *room = inverses;
    if (elementwise->negative) {
        if (!invert_batch(group, elementwise->vector, first, end, inverses)) return FATE_E_INTERNAL;
        room += batch_bundles(group, end - first) * (uint64_t)group->bundle;
    }
    multiply_batch(elementwise, first, end, inverses, room);
    return FATE_OK;
}

int32_t group_multiply(struct fate_ciphertexts *vector, const int64_t *factors)
{
    const struct group *group = vector->key->group;
    struct elementwise elementwise = {.group = group, .vector = vector, .factors = factors};
    uint64_t any = 1; /* at least one bit */
    for (uint64_t i = 0; i < vector->count; i++) {
        any |= magnitude(factors[i]);
        elementwise.negative |= factors[i] < 0;
    }
    elementwise.factor_bits = limbs_bits(&any, 1);
    uint64_t grain = elementwise.negative ? batch_of(vector) : GROUP_MOST_LANES;
    mp_size_t power = (MOST_ENTRIES + 4) * group->bundle + group->itch;
    return run_elementwise(&elementwise, vector->count, grain, power + (elementwise.negative ? inverses_itch(group, grain) : 0),
                           multiply_items);
}

/* Two vectors: the buckets of each sum, from which its item comes. */
struct weighing {
    const struct group *group;
    struct fate_ciphertexts *sums;
    const struct fate_ciphertexts *buckets;
    uint64_t heaviest;
    struct scratch scratch;
};

/* From the heaviest bucket down, running is the product of the buckets so far, and weighed of all that running was. */
static int32_t weigh_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct weighing *weighing = argument;
    const struct group *group = weighing->group;
    mp_limb_t *weighed = group_align(scratch_of(&weighing->scratch, worker)), *running = weighed + group->bundle,
              *bucket = running + group->bundle, *scratch = bucket + group->bundle;
    for (uint64_t i = first; i < end; i += group->lanes) {
        const uint64_t count = weighing->sums->count, left = end - i;
        uint64_t at = (weighing->heaviest - 1) * count + i;
        group_load_items(group, running, weighing->buckets, at, at + left);
        mpn_copyi(weighed, running, group->bundle);
        for (uint64_t weight = weighing->heaviest - 1; weight > 0; weight--) {
            at -= count;
            group_load_items(group, bucket, weighing->buckets, at, at + left);
            struct group_ahead ahead = {.count = 0};
            if (weight > 1) group_want_items(group, &ahead, weighing->buckets, at - count, at - count + left);
            group->multiply_ahead(group->ring, running, running, bucket, &ahead, scratch);
            group->multiply_public(group->ring, weighed, weighed, running, scratch);
        }
        group_store_items(group, weighing->sums, i, end, weighed, scratch);
    }
    return FATE_OK;
}

int32_t group_weigh(struct fate_ciphertexts *sums, const struct fate_ciphertexts *buckets)
{
    const struct group *group = sums->key->group;
    struct weighing weighing = {.group = group, .sums = sums, .buckets = buckets, .heaviest = buckets->count / sums->count};
    fate_context *context = sums->key->context;
    int32_t result =
        scratch_new(&weighing.scratch, context, fate_context_threads(context), 3 * group->bundle + group->itch + GROUP_ALIGNMENT);
    if (result != FATE_OK) return result;
    result = threads_run(context, sums->count, group->lanes, weigh_items, &weighing);
    scratch_free(&weighing.scratch);
    return result;
}

struct packing {
    const struct group *group;
    const struct fate_ciphertexts *vector;
    struct fate_ciphertexts *packed;
    uint32_t slot_bits;
    uint32_t slots;
    struct scratch scratch;
};

/* One slot of the items first..end of the packed vector; ones beyond the end of the vector. */
static void load_slot(const struct packing *packing, mp_limb_t *bundle, uint64_t first, uint64_t end, uint64_t slot)
{
    const struct group *group = packing->group;
    const mp_limb_t *rows[GROUP_MOST_LANES];
    for (uint32_t lane = 0; lane < group->lanes; lane++) {
        uint64_t at = (first + lane) * packing->slots + slot;
        rows[lane] = first + lane < end && at < packing->vector->count ? group_items(group, packing->vector, at) : group->one;
    }
    group->load(group->ring, bundle, rows);
}

/* Horner's rule: from the highest slot down, shift by squaring, then add. */
static int32_t pack_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct packing *packing = argument;
    const struct group *group = packing->group;
    mp_limb_t *sum = group_align(scratch_of(&packing->scratch, worker)), *item = sum + group->bundle, *scratch = item + group->bundle;
    for (uint64_t i = first; i < end; i += group->lanes) {
        uint64_t left = packing->vector->count - i * packing->slots, slot = left < packing->slots ? left : packing->slots;
        load_slot(packing, sum, i, end, --slot);
        while (slot > 0) {
            group->square_public(group->ring, sum, packing->slot_bits, scratch);
            load_slot(packing, item, i, end, --slot);
            group->multiply_public(group->ring, sum, sum, item, scratch);
        }
        group_store_items(group, packing->packed, i, end, sum, scratch);
    }
    return FATE_OK;
}

/* Items that are worth a thread's start: some hundred products. */
static uint64_t packs_worth_sharing(const struct group *group, uint32_t slot_bits, uint32_t slots)
{
    enum { WORTH_SHARING = 512 };
    uint64_t bundle = group->lanes * ((uint64_t)slot_bits + 1) * slots;
    return group->lanes * ((WORTH_SHARING + bundle - 1) / bundle);
}

int32_t group_pack(const struct fate_ciphertexts *vector, struct fate_ciphertexts *packed, uint32_t slot_bits, uint32_t slots)
{
    const struct group *group = vector->key->group;
    struct packing packing = {.group = group, .vector = vector, .packed = packed, .slot_bits = slot_bits, .slots = slots};
    fate_context *context = vector->key->context;
    int32_t result =
        scratch_new(&packing.scratch, context, fate_context_threads(context), 2 * group->bundle + group->itch + GROUP_ALIGNMENT);
    if (result != FATE_OK) return result;
    result = threads_run(context, packed->count, packs_worth_sharing(group, slot_bits, slots), pack_items, &packing);
    scratch_free(&packing.scratch);
    return result;
}
