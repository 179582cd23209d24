/* Operations that need no secret key. Ciphertexts are public numbers, factors are not: those are used in constant time. */
#include "src/crypto/group_vector.h"
#include "lib/threads.h"

uint64_t group_items_bytes(const struct group *group, uint64_t count)
{
    uint64_t each = (uint64_t)group->size * sizeof(mp_limb_t);
    return count > UINT64_MAX / each ? 0 : count * each;
}

mp_limb_t *group_items(const struct group *group, const struct fate_ciphertexts *vector, uint64_t first)
{
    return (mp_limb_t *)vector->items + first * (uint64_t)group->size;
}

/* The group's one is an encryption of zero. */
void group_set_zero(const struct group *group, struct fate_ciphertexts *vector)
{
    for (uint64_t i = 0; i < vector->count; i++) mpn_copyi(group_items(group, vector, i), group->one, group->size);
}

/* Two vectors, item by item. */
struct elementwise {
    const struct group *group;
    struct fate_ciphertexts *vector;
    const struct fate_ciphertexts *other;
    const int64_t *factors;
    uint64_t factor_bits;
    bool negative; /* whether any factor is */
    struct scratch scratch;
};

static int32_t run_elementwise(struct elementwise *elementwise, uint64_t grain, mp_size_t scratch_limbs, threads_body body)
{
    fate_context *context = elementwise->vector->key->context;
    int32_t result = scratch_new(&elementwise->scratch, context, fate_context_threads(context), scratch_limbs);
    if (result != FATE_OK) return result;
    result = threads_run(context, elementwise->vector->count, grain, body, elementwise);
    scratch_free(&elementwise->scratch);
    return result == FATE_E_INTERNAL ? context_fail(context, result, "a ciphertext of a vector is not a unit") : result;
}

static int32_t add_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct elementwise *elementwise = argument;
    const struct group *group = elementwise->group;
    for (uint64_t i = first; i < end; i++) {
        mp_limb_t *item = group_items(group, elementwise->vector, i);
        group->multiply_public(group->ring, item, item, group_items(group, elementwise->other, i),
                               scratch_of(&elementwise->scratch, worker));
    }
    return FATE_OK;
}

int32_t group_add(const struct group *group, struct fate_ciphertexts *vector, const struct fate_ciphertexts *other)
{
    struct elementwise elementwise = {.group = group, .vector = vector, .other = other};
    return run_elementwise(&elementwise, 64, group->itch, add_items);
}

/* Items that share one inversion. */
enum { BATCH = 128 };

static mp_size_t inverses_itch(const struct group *group)
{
    return (BATCH + 1) * group->size + group->invert_itch;
}

/* inverses[i] = (items first+i)^-1 for count items, at most BATCH. Montgomery's trick: invert the product of all, then take it apart.
 * Needs inverses_itch limbs, of which the first BATCH*size become the inverses. Returns 0 when an item is no unit. */
static mp_limb_t invert_batch(const struct group *group, const struct fate_ciphertexts *vector, uint64_t first, uint64_t count,
                              mp_limb_t *inverses)
{
    mp_size_t size = group->size;
    mp_limb_t *rest = inverses + BATCH * size, *scratch = rest + size;
    mpn_copyi(inverses, group_items(group, vector, first), size);
    for (uint64_t i = 1; i < count; i++) {
        mp_limb_t *product = inverses + i * (uint64_t)size;
        group->multiply_public(group->ring, product, product - size, group_items(group, vector, first + i), scratch);
    }
    mp_limb_t unit = group->invert(group->ring, rest, inverses + (count - 1) * (uint64_t)size, scratch);
    for (uint64_t i = count - 1; i > 0; i--) { /* rest is the inverse of the product of items 0..i */
        mp_limb_t *inverse = inverses + i * (uint64_t)size;
        group->multiply_public(group->ring, inverse, inverse - size, rest, scratch);
        group->multiply_public(group->ring, rest, rest, group_items(group, vector, first + i), scratch);
    }
    mpn_copyi(inverses, rest, size);
    return unit;
}

static int32_t subtract_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct elementwise *elementwise = argument;
    const struct group *group = elementwise->group;
    mp_limb_t *inverses = scratch_of(&elementwise->scratch, worker);
    if (!invert_batch(group, elementwise->other, first, end - first, inverses)) return FATE_E_INTERNAL;
    for (uint64_t i = first; i < end; i++) {
        mp_limb_t *item = group_items(group, elementwise->vector, i);
        group->multiply_public(group->ring, item, item, inverses + (i - first) * (uint64_t)group->size,
                               inverses + (BATCH + 1) * group->size);
    }
    return FATE_OK;
}

int32_t group_subtract(const struct group *group, struct fate_ciphertexts *vector, const struct fate_ciphertexts *other)
{
    struct elementwise elementwise = {.group = group, .vector = vector, .other = other};
    return run_elementwise(&elementwise, BATCH, inverses_itch(group), subtract_items);
}

/* 2^63 for the smallest number. */
static uint64_t magnitude(int64_t factor)
{
    uint64_t sign = 0 - ((uint64_t)factor >> 63);
    return ((uint64_t)factor ^ sign) - sign;
}

static int32_t multiply_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct elementwise *elementwise = argument;
    const struct group *group = elementwise->group;
    mp_size_t size = group->size;
    mp_limb_t *inverses = scratch_of(&elementwise->scratch, worker), *base = inverses + BATCH * size, *scratch = base + size;
    if (elementwise->negative && !invert_batch(group, elementwise->vector, first, end - first, inverses)) return FATE_E_INTERNAL;
    for (uint64_t i = first; i < end; i++) {
        mp_limb_t *item = group_items(group, elementwise->vector, i), *inverse = inverses + (i - first) * (uint64_t)size;
        uint64_t factor = magnitude(elementwise->factors[i]);
        mpn_copyi(base, item, size);
        if (elementwise->negative) /* of the vector, not of the item */
            mpn_cnd_swap((mp_limb_t)((uint64_t)elementwise->factors[i] >> 63), base, inverse, size);
        group->power(group->ring, item, base, &factor, elementwise->factor_bits, scratch);
    }
    return FATE_OK;
}

int32_t group_multiply(const struct group *group, struct fate_ciphertexts *vector, const int64_t *factors)
{
    struct elementwise elementwise = {.group = group, .vector = vector, .factors = factors};
    uint64_t any = 1; /* at least one bit */
    for (uint64_t i = 0; i < vector->count; i++) {
        any |= magnitude(factors[i]);
        elementwise.negative |= factors[i] < 0;
    }
    elementwise.factor_bits = limbs_bits(&any, 1);
    mp_size_t power = group->power_itch, invert = group->invert_itch;
    return run_elementwise(&elementwise, elementwise.negative ? BATCH : 4, (BATCH + 1) * group->size + (power > invert ? power : invert),
                           multiply_items);
}

/* Rows in the order of their bins, so that workers share them evenly however full single bins are. */
struct gather {
    const struct group *group;
    struct fate_ciphertexts *bins;
    const struct fate_ciphertexts *values;
    const uint32_t *index;
    uint64_t first;
    uint64_t *rows;   /* sorted by bin */
    uint64_t *starts; /* of each bin in rows, and the end */
    uint64_t grain;
    mp_limb_t *partials; /* one a piece: what it adds to a bin that began in an earlier piece */
    struct scratch scratch;
};

static void gather_alone(const struct group *group, struct fate_ciphertexts *bins, const struct fate_ciphertexts *values, uint64_t first,
                         uint64_t count, const uint32_t *index, mp_limb_t *scratch)
{
    for (uint64_t i = 0; i < count; i++) {
        if (index[i] == UINT32_MAX) continue;
        mp_limb_t *bin = group_items(group, bins, index[i]);
        group->multiply_public(group->ring, bin, bin, group_items(group, values, first + i), scratch);
    }
}

static int32_t gather_piece(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct gather *gather = argument;
    const struct group *group = gather->group;
    mp_limb_t *scratch = scratch_of(&gather->scratch, worker);
    mp_limb_t *partial = gather->partials + first / gather->grain * (uint64_t)group->size;
    mpn_copyi(partial, group->one, group->size);
    for (uint64_t i = first; i < end; i++) {
        uint32_t bin = gather->index[gather->rows[i]];
        mp_limb_t *sum = gather->starts[bin] < first ? partial : group_items(group, gather->bins, bin);
        group->multiply_public(group->ring, sum, sum, group_items(group, gather->values, gather->first + gather->rows[i]), scratch);
    }
    return FATE_OK;
}

/* Counting sort; starts has room for one more than there are bins. */
static uint64_t sort_rows(struct gather *gather, uint64_t count)
{
    uint64_t bins = gather->bins->count, total = 0;
    for (uint64_t i = 0; i < count; i++)
        if (gather->index[i] != UINT32_MAX) gather->starts[gather->index[i]]++;
    for (uint64_t bin = 0; bin <= bins; bin++) {
        uint64_t rows = gather->starts[bin];
        gather->starts[bin] = total;
        total += rows;
    }
    for (uint64_t i = 0; i < count; i++)
        if (gather->index[i] != UINT32_MAX) gather->rows[gather->starts[gather->index[i]]++] = i;
    for (uint64_t bin = bins; bin > 0; bin--) /* each start has moved to the next bin's */
        gather->starts[bin] = gather->starts[bin - 1];
    gather->starts[0] = 0;
    return total;
}

static void gather_together(struct gather *gather, fate_context *context, uint64_t total, uint64_t pieces)
{
    const struct group *group = gather->group;
    gather->grain = total / pieces + (total % pieces != 0);
    threads_run(context, total, gather->grain, gather_piece, gather);
    for (uint64_t at = gather->grain; at < total; at += gather->grain) {
        uint32_t bin = gather->index[gather->rows[at]];
        mp_limb_t *sum = group_items(group, gather->bins, bin);
        if (gather->starts[bin] < at)
            group->multiply_public(group->ring, sum, sum, gather->partials + at / gather->grain * (uint64_t)group->size,
                                   gather->scratch.limbs);
    }
}

int32_t group_gather_add(const struct group *group, struct fate_ciphertexts *bins, const struct fate_ciphertexts *values, uint64_t first,
                         uint64_t count, const uint32_t *index)
{
    enum { PIECES_A_THREAD = 4, WORTH_SHARING = 64 };
    fate_context *context = bins->key->context;
    uint32_t threads = fate_context_threads(context);
    uint64_t pieces = (uint64_t)threads * PIECES_A_THREAD;
    struct gather gather = {.group = group, .bins = bins, .values = values, .index = index, .first = first};
    int32_t result = scratch_new(&gather.scratch, context, threads, group->itch);
    if (result != FATE_OK) return result;
    if (threads == 1 || count < WORTH_SHARING) {
        gather_alone(group, bins, values, first, count, index, gather.scratch.limbs);
        scratch_free(&gather.scratch);
        return FATE_OK;
    }
    gather.rows = memory_allocate(context, count, sizeof *gather.rows);
    gather.starts = memory_zeroed(context, bins->count + 1, sizeof *gather.starts);
    gather.partials = memory_allocate(context, pieces * (uint64_t)group->size, sizeof *gather.partials);
    if (gather.rows == NULL || gather.starts == NULL || gather.partials == NULL) {
        result = context_out_of_memory(context);
    } else {
        uint64_t total = sort_rows(&gather, count);
        if (total != 0) gather_together(&gather, context, total, pieces);
    }
    memory_free(context, gather.rows);
    memory_free(context, gather.starts);
    memory_free(context, gather.partials);
    scratch_free(&gather.scratch);
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

/* Horner's rule: from the highest slot down, shift by squaring, then add. */
static int32_t pack_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct packing *packing = argument;
    const struct group *group = packing->group;
    mp_limb_t *scratch = scratch_of(&packing->scratch, worker);
    for (uint64_t j = first; j < end; j++) {
        uint64_t begin = j * packing->slots, left = packing->vector->count - begin;
        mp_limb_t *item = group_items(group, packing->packed, j);
        uint64_t slot = left < packing->slots ? left : packing->slots;
        mpn_copyi(item, group_items(group, packing->vector, begin + --slot), group->size);
        while (slot > 0) {
            for (uint32_t bit = 0; bit < packing->slot_bits; bit++) group->square_public(group->ring, item, item, scratch);
            group->multiply_public(group->ring, item, item, group_items(group, packing->vector, begin + --slot), scratch);
        }
    }
    return FATE_OK;
}

int32_t group_pack(const struct group *group, const struct fate_ciphertexts *vector, struct fate_ciphertexts *packed, uint32_t slot_bits,
                   uint32_t slots)
{
    struct packing packing = {.group = group, .vector = vector, .packed = packed, .slot_bits = slot_bits, .slots = slots};
    fate_context *context = vector->key->context;
    int32_t result = scratch_new(&packing.scratch, context, fate_context_threads(context), group->itch);
    if (result != FATE_OK) return result;
    result = threads_run(context, packed->count, 1, pack_items, &packing);
    scratch_free(&packing.scratch);
    return result;
}
