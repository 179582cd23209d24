/* Operations that need no secret key. Ciphertexts are public numbers, factors are not: those are used in constant time. */
#include "src/crypto/paillier_vector.h"
#include "lib/threads.h"
#include <string.h>

static const struct pair_ring *ring_of(const struct fate_ciphertexts *vector)
{
    return &paillier_key_of(vector->key)->ring;
}

static const struct kernel_ring *lanes_of(const struct fate_ciphertexts *vector)
{
    return paillier_key_of(vector->key)->lanes;
}

uint64_t paillier_items_bytes(const struct scheme_key *key, uint64_t count)
{
    enum { LINE = 64 }; /* so that rows can begin at a multiple of it */
    uint64_t each = paillier_item_limbs(paillier_key_of(key)) * sizeof(mp_limb_t);
    return count > (UINT64_MAX - LINE) / each ? 0 : count * each + LINE;
}

void paillier_set_zero(struct fate_ciphertexts *vector)
{
    for (uint64_t i = 0; i < vector->count; i++) paillier_set_one(paillier_key_of(vector->key), paillier_items(vector, i));
}

/* Two vectors, item by item. */
struct elementwise {
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
    int32_t result = scratch_new(&elementwise->scratch, context, fate_context_threads(context), scratch_limbs);
    if (result != FATE_OK) return result;
    result = threads_run(context, count, grain, body, elementwise);
    scratch_free(&elementwise->scratch);
    return result == FATE_E_INTERNAL ? context_fail(context, result, "a ciphertext of a vector is not a unit") : result;
}

static int32_t add_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct elementwise *elementwise = argument;
    const struct pair_ring *ring = ring_of(elementwise->vector);
    for (uint64_t i = first; i < end; i++) {
        mp_limb_t *item = paillier_items(elementwise->vector, elementwise->first + i);
        const mp_limb_t *other = paillier_items(elementwise->other, elementwise->other_first + i);
        pair_multiply_public(ring, item, item, other, scratch_of(&elementwise->scratch, worker));
    }
    return FATE_OK;
}

/* items[lane] = item first+lane of a vector, or in lanes beyond end the replacement. */
static void point(const struct fate_ciphertexts *vector, uint64_t first, uint64_t end, mp_limb_t **items, mp_limb_t *replacement)
{
    const uint32_t lanes = lanes_of(vector)->kernel->lanes;
    for (uint64_t lane = 0; lane < lanes; lane++) items[lane] = first + lane < end ? paillier_items(vector, first + lane) : replacement;
}

/* Lanes beyond the last item work on whatever the scratch row has. */
static int32_t add_lanes(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct elementwise *elementwise = argument;
    const struct kernel_ring *lanes = lanes_of(elementwise->vector);
    mp_limb_t *nowhere = scratch_of(&elementwise->scratch, worker), *left[KERNEL_MOST_LANES], *right[KERNEL_MOST_LANES];
    paillier_set_one(paillier_key_of(elementwise->vector->key), nowhere);
    for (uint64_t i = first; i < end; i += lanes->kernel->lanes) {
        point(elementwise->vector, elementwise->first + i, elementwise->first + end, left, nowhere);
        point(elementwise->other, elementwise->other_first + i, elementwise->other_first + end, right, nowhere);
        lanes->kernel->multiply(lanes, left, (const mp_limb_t *const *)left, (const mp_limb_t *const *)right, nowhere + lanes->row);
    }
    return FATE_OK;
}

int32_t paillier_add(struct fate_ciphertexts *vector, uint64_t first, const struct fate_ciphertexts *other, uint64_t other_first,
                     uint64_t count)
{
    struct elementwise elementwise = {.vector = vector, .other = other, .first = first, .other_first = other_first};
    const struct kernel_ring *lanes = lanes_of(vector);
    if (lanes == NULL) return run_elementwise(&elementwise, count, 64, pair_itch(ring_of(vector)), add_items);
    return run_elementwise(&elementwise, count, 64, (mp_size_t)lanes->row + kernel_itch(lanes), add_lanes);
}

/* Items that share one inversion. */
enum { BATCH = 128, BATCH_LANES = 512 };

static mp_size_t inverses_itch(const struct pair_ring *ring)
{
    return (BATCH + 1) * ring->size + pair_invert_public_itch(ring);
}

/* inverses[i] = (items first+i)^-1 for count items, at most BATCH. Montgomery's trick: invert the product of all, then take it apart.
 * Needs inverses_itch limbs, of which the first BATCH*size become the inverses. Returns 0 when an item is no unit. */
static mp_limb_t invert_batch(const struct fate_ciphertexts *vector, uint64_t first, uint64_t count, mp_limb_t *inverses)
{
    const struct pair_ring *ring = ring_of(vector);
    mp_size_t size = ring->size;
    mp_limb_t *rest = inverses + BATCH * size, *scratch = rest + size;
    mpn_copyi(inverses, paillier_items(vector, first), size);
    for (uint64_t i = 1; i < count; i++) {
        mp_limb_t *product = inverses + i * (uint64_t)size;
        pair_multiply_public(ring, product, product - size, paillier_items(vector, first + i), scratch);
    }
    mp_limb_t unit = pair_invert_public(ring, rest, inverses + (count - 1) * (uint64_t)size, scratch);
    for (uint64_t i = count - 1; i > 0; i--) { /* rest is the inverse of the product of items 0..i */
        mp_limb_t *inverse = inverses + i * (uint64_t)size;
        pair_multiply_public(ring, inverse, inverse - size, rest, scratch);
        pair_multiply_public(ring, rest, rest, paillier_items(vector, first + i), scratch);
    }
    mpn_copyi(inverses, rest, size);
    return unit;
}

static int32_t subtract_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct elementwise *elementwise = argument;
    const struct pair_ring *ring = ring_of(elementwise->vector);
    mp_limb_t *inverses = scratch_of(&elementwise->scratch, worker);
    if (!invert_batch(elementwise->other, first, end - first, inverses)) return FATE_E_INTERNAL;
    for (uint64_t i = first; i < end; i++) {
        mp_limb_t *item = paillier_items(elementwise->vector, i);
        pair_multiply_public(ring, item, item, inverses + (i - first) * (uint64_t)ring->size, inverses + (BATCH + 1) * ring->size);
    }
    return FATE_OK;
}

/* Inverses of the items of a batch on lanes: item first + k*lanes + lane is number k of its lane. */
struct inversion {
    const struct fate_ciphertexts *vector;
    uint64_t first, end;
    mp_limb_t *products; /* rows: in each lane the product of its numbers 0..k */
    mp_limb_t *rest;     /* rows: the inverse of what is left of it */
    mp_limb_t *one;      /* a row for lanes beyond the last item */
    mp_limb_t *pairs;    /* three for each lane */
    mp_limb_t *scratch;
};

/* Items that share one inversion: as many as leave work for every thread. */
static uint64_t inversion_batch(const struct fate_ciphertexts *vector)
{
    uint64_t each = vector->count / fate_context_threads(vector->key->context) + 1;
    each = (each + KERNEL_MOST_LANES - 1) / KERNEL_MOST_LANES * KERNEL_MOST_LANES;
    return each < BATCH_LANES ? each : BATCH_LANES;
}

static mp_size_t inversion_itch(const struct fate_ciphertexts *vector)
{
    const struct paillier_key *key = paillier_key_of(vector->key);
    mp_size_t rows = (mp_size_t)inversion_batch(vector) + KERNEL_MOST_LANES + 1, lanes = kernel_itch(key->lanes);
    mp_size_t invert = pair_invert_public_itch(&key->ring);
    return rows * (mp_size_t)key->lanes->row + 3 * KERNEL_MOST_LANES * key->ring.size + (invert > lanes ? invert : lanes);
}

static struct inversion inversion_in(const struct fate_ciphertexts *vector, uint64_t first, uint64_t end, mp_limb_t *limbs)
{
    const struct paillier_key *key = paillier_key_of(vector->key);
    const uint64_t row = key->lanes->row;
    struct inversion inversion = {.vector = vector, .first = first, .end = end, .products = limbs};
    inversion.rest = inversion.products + inversion_batch(vector) * row;
    inversion.one = inversion.rest + KERNEL_MOST_LANES * row;
    inversion.pairs = inversion.one + row;
    inversion.scratch = inversion.pairs + 3 * KERNEL_MOST_LANES * key->ring.size;
    paillier_set_one(key, inversion.one);
    return inversion;
}

static uint64_t inversion_steps(const struct inversion *inversion)
{
    const uint64_t lanes = lanes_of(inversion->vector)->kernel->lanes;
    return (inversion->end - inversion->first + lanes - 1) / lanes;
}

static void point_rows(const struct kernel_ring *lanes, mp_limb_t *rows, mp_limb_t **items)
{
    for (uint32_t lane = 0; lane < lanes->kernel->lanes; lane++) items[lane] = rows + lane * (uint64_t)lanes->row;
}

/* rest = the inverses of the rows of the last products, by Montgomery's trick once more. Returns 0 when one is no unit. */
static mp_limb_t invert_rest(const struct inversion *inversion, mp_limb_t *const *totals, mp_limb_t *const *rest)
{
    const struct paillier_key *key = paillier_key_of(inversion->vector->key);
    const uint32_t lanes = key->lanes->kernel->lanes;
    mp_size_t size = key->ring.size;
    mp_limb_t *pairs[KERNEL_MOST_LANES], *products[KERNEL_MOST_LANES], *inverses[KERNEL_MOST_LANES], *scratch = inversion->scratch;
    for (uint32_t lane = 0; lane < lanes; lane++) {
        pairs[lane] = inversion->pairs + 3 * lane * size;
        products[lane] = pairs[lane] + size;
        inverses[lane] = products[lane] + size;
    }
    key->lanes->kernel->leave(key->lanes, pairs, (const mp_limb_t *const *)totals, scratch);
    mpn_copyi(products[0], pairs[0], size);
    for (uint32_t lane = 1; lane < lanes; lane++)
        pair_multiply_public(&key->ring, products[lane], products[lane - 1], pairs[lane], scratch);
    mp_limb_t unit = pair_invert_public(&key->ring, inverses[lanes - 1], products[lanes - 1], scratch);
    for (uint32_t lane = lanes - 1; lane > 0; lane--) {
        pair_multiply_public(&key->ring, inverses[lane - 1], inverses[lane], pairs[lane], scratch);
        pair_multiply_public(&key->ring, inverses[lane], inverses[lane], products[lane - 1], scratch);
    }
    key->lanes->kernel->enter(key->lanes, rest, (const mp_limb_t *const *)inverses, scratch);
    return unit;
}

/* Products of the items in each lane, and the inverses of all. Returns 0 when an item is no unit. */
static mp_limb_t inversion_begin(const struct inversion *inversion)
{
    const struct kernel_ring *lanes = lanes_of(inversion->vector);
    const uint64_t stride = lanes->kernel->lanes * (uint64_t)lanes->row, steps = inversion_steps(inversion);
    mp_limb_t *items[KERNEL_MOST_LANES], *products[KERNEL_MOST_LANES], *before[KERNEL_MOST_LANES], *rest[KERNEL_MOST_LANES];
    point_rows(lanes, inversion->products, products);
    point(inversion->vector, inversion->first, inversion->end, items, inversion->one);
    for (uint32_t lane = 0; lane < lanes->kernel->lanes; lane++) mpn_copyi(products[lane], items[lane], (mp_size_t)lanes->row);
    for (uint64_t k = 1; k < steps; k++) {
        memcpy(before, products, sizeof before);
        point_rows(lanes, inversion->products + k * stride, products);
        point(inversion->vector, inversion->first + k * lanes->kernel->lanes, inversion->end, items, inversion->one);
        lanes->kernel->multiply(lanes, products, (const mp_limb_t *const *)before, (const mp_limb_t *const *)items, inversion->scratch);
    }
    point_rows(lanes, inversion->rest, rest);
    return invert_rest(inversion, products, rest);
}

/* Steps are asked for from the last to the first: inverses[lane] points to a row that the caller may change. */
static void inversion_step(const struct inversion *inversion, uint64_t k, mp_limb_t **inverses)
{
    const struct kernel_ring *lanes = lanes_of(inversion->vector);
    const uint64_t stride = lanes->kernel->lanes * (uint64_t)lanes->row;
    mp_limb_t *items[KERNEL_MOST_LANES], *rest[KERNEL_MOST_LANES], *before[KERNEL_MOST_LANES];
    point_rows(lanes, inversion->rest, rest);
    if (k == 0) {
        memcpy(inverses, rest, sizeof rest);
        return;
    }
    point_rows(lanes, inversion->products + k * stride, inverses);
    point_rows(lanes, inversion->products + (k - 1) * stride, before);
    point(inversion->vector, inversion->first + k * lanes->kernel->lanes, inversion->end, items, inversion->one);
    lanes->kernel->multiply(lanes, inverses, (const mp_limb_t *const *)before, (const mp_limb_t *const *)rest, inversion->scratch);
    lanes->kernel->multiply(lanes, rest, (const mp_limb_t *const *)rest, (const mp_limb_t *const *)items, inversion->scratch);
}

static int32_t subtract_lanes(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct elementwise *elementwise = argument;
    const struct kernel_ring *lanes = lanes_of(elementwise->vector);
    struct inversion inversion = inversion_in(elementwise->other, first, end, scratch_of(&elementwise->scratch, worker));
    mp_limb_t *inverses[KERNEL_MOST_LANES], *items[KERNEL_MOST_LANES];
    if (!inversion_begin(&inversion)) return FATE_E_INTERNAL;
    for (uint64_t k = inversion_steps(&inversion); k-- > 0;) {
        inversion_step(&inversion, k, inverses);
        point(elementwise->vector, first + k * lanes->kernel->lanes, end, items, inversion.one);
        /* The row of ones is spoilt where lanes have no item, that is in the last step: it comes first, and nobody needs it then. */
        lanes->kernel->multiply(lanes, items, (const mp_limb_t *const *)items, (const mp_limb_t *const *)inverses, inversion.scratch);
    }
    return FATE_OK;
}

int32_t paillier_subtract(struct fate_ciphertexts *vector, const struct fate_ciphertexts *other)
{
    struct elementwise elementwise = {.vector = vector, .other = other};
    if (lanes_of(vector) == NULL)
        return run_elementwise(&elementwise, vector->count, BATCH, inverses_itch(ring_of(vector)), subtract_items);
    return run_elementwise(&elementwise, vector->count, inversion_batch(vector), inversion_itch(vector), subtract_lanes);
}

static int32_t negate_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct elementwise *elementwise = argument;
    const struct pair_ring *ring = ring_of(elementwise->vector);
    mp_limb_t *inverses = scratch_of(&elementwise->scratch, worker);
    if (!invert_batch(elementwise->vector, first, end - first, inverses)) return FATE_E_INTERNAL;
    for (uint64_t i = first; i < end; i++)
        mpn_copyi(paillier_items(elementwise->vector, i), inverses + (i - first) * (uint64_t)ring->size, ring->size);
    return FATE_OK;
}

/* Each step needs the items of its own number alone, and of lower ones later: those that are done may be overwritten. */
static int32_t negate_lanes(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct elementwise *elementwise = argument;
    const struct kernel_ring *lanes = lanes_of(elementwise->vector);
    struct inversion inversion = inversion_in(elementwise->vector, first, end, scratch_of(&elementwise->scratch, worker));
    mp_limb_t *inverses[KERNEL_MOST_LANES];
    if (!inversion_begin(&inversion)) return FATE_E_INTERNAL;
    for (uint64_t k = inversion_steps(&inversion); k-- > 0;) {
        uint64_t at = first + k * lanes->kernel->lanes;
        inversion_step(&inversion, k, inverses);
        for (uint64_t lane = 0; lane < lanes->kernel->lanes && at + lane < end; lane++)
            mpn_copyi(paillier_items(elementwise->vector, at + lane), inverses[lane], (mp_size_t)lanes->row);
    }
    return FATE_OK;
}

int32_t paillier_negate(struct fate_ciphertexts *vector)
{
    struct elementwise elementwise = {.vector = vector};
    if (lanes_of(vector) == NULL) return run_elementwise(&elementwise, vector->count, BATCH, inverses_itch(ring_of(vector)), negate_items);
    return run_elementwise(&elementwise, vector->count, inversion_batch(vector), inversion_itch(vector), negate_lanes);
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
    const struct pair_ring *ring = ring_of(elementwise->vector);
    mp_size_t size = ring->size;
    mp_limb_t *inverses = scratch_of(&elementwise->scratch, worker), *base = inverses + BATCH * size, *scratch = base + size;
    if (elementwise->negative && !invert_batch(elementwise->vector, first, end - first, inverses)) return FATE_E_INTERNAL;
    for (uint64_t i = first; i < end; i++) {
        mp_limb_t *item = paillier_items(elementwise->vector, i), *inverse = inverses + (i - first) * (uint64_t)size;
        uint64_t factor = magnitude(elementwise->factors[i]);
        mpn_copyi(base, item, size);
        if (elementwise->negative) /* of the vector, not of the item */
            mpn_cnd_swap((mp_limb_t)((uint64_t)elementwise->factors[i] >> 63), base, inverse, size);
        pair_power(ring, item, base, &factor, elementwise->factor_bits, scratch);
    }
    return FATE_OK;
}

/* rows[lane] becomes other[lane] where the factor is negative. */
static void take_negative(const struct elementwise *elementwise, uint64_t first, uint64_t end, mp_limb_t *const *rows,
                          mp_limb_t *const *other)
{
    const struct kernel_ring *lanes = lanes_of(elementwise->vector);
    for (uint64_t lane = 0; lane < lanes->kernel->lanes && first + lane < end; lane++) {
        mp_limb_t mask = 0 - ((uint64_t)elementwise->factors[first + lane] >> 63);
        for (uint32_t i = 0; i < lanes->row; i++) rows[lane][i] ^= (rows[lane][i] ^ other[lane][i]) & mask;
    }
}

static void multiply_step(const struct elementwise *elementwise, uint64_t first, uint64_t end, mp_limb_t *const *items, mp_limb_t *scratch)
{
    const struct kernel_ring *lanes = lanes_of(elementwise->vector);
    mp_limb_t magnitudes[KERNEL_MOST_LANES];
    const mp_limb_t *exponents[KERNEL_MOST_LANES];
    for (uint64_t lane = 0; lane < lanes->kernel->lanes; lane++) {
        magnitudes[lane] = first + lane < end ? magnitude(elementwise->factors[first + lane]) : 0;
        exponents[lane] = &magnitudes[lane];
    }
    lanes->kernel->powers(lanes, items, (const mp_limb_t *const *)items, exponents, elementwise->factor_bits, scratch);
}

static int32_t multiply_lanes(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct elementwise *elementwise = argument;
    const struct kernel_ring *lanes = lanes_of(elementwise->vector);
    struct inversion inversion = inversion_in(elementwise->vector, first, end, scratch_of(&elementwise->scratch, worker));
    mp_limb_t *inverses[KERNEL_MOST_LANES], *items[KERNEL_MOST_LANES];
    if (elementwise->negative && !inversion_begin(&inversion)) return FATE_E_INTERNAL;
    for (uint64_t k = inversion_steps(&inversion); k-- > 0;) {
        uint64_t at = first + k * lanes->kernel->lanes;
        if (elementwise->negative) inversion_step(&inversion, k, inverses);
        point(elementwise->vector, at, end, items, inversion.one);
        if (elementwise->negative) take_negative(elementwise, at, end, items, inverses);
        multiply_step(elementwise, at, end, items, inversion.scratch);
    }
    return FATE_OK;
}

int32_t paillier_multiply(struct fate_ciphertexts *vector, const int64_t *factors)
{
    struct elementwise elementwise = {.vector = vector, .factors = factors};
    uint64_t any = 1; /* at least one bit */
    for (uint64_t i = 0; i < vector->count; i++) {
        any |= magnitude(factors[i]);
        elementwise.negative |= factors[i] < 0;
    }
    elementwise.factor_bits = limbs_bits(&any, 1);
    const struct pair_ring *ring = ring_of(vector);
    if (lanes_of(vector) != NULL)
        return run_elementwise(&elementwise, vector->count, elementwise.negative ? inversion_batch(vector) : KERNEL_MOST_LANES,
                               inversion_itch(vector) + kernel_power_itch(lanes_of(vector)), multiply_lanes);
    mp_size_t power = pair_power_itch(ring), invert = pair_invert_public_itch(ring);
    return run_elementwise(&elementwise, vector->count, elementwise.negative ? BATCH : 4,
                           (BATCH + 1) * ring->size + (power > invert ? power : invert), multiply_items);
}

struct packing {
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
    const struct pair_ring *ring = ring_of(packing->vector);
    mp_limb_t *scratch = scratch_of(&packing->scratch, worker);
    for (uint64_t j = first; j < end; j++) {
        uint64_t begin = j * packing->slots, left = packing->vector->count - begin;
        mp_limb_t *item = paillier_items(packing->packed, j);
        uint64_t slot = left < packing->slots ? left : packing->slots;
        mpn_copyi(item, paillier_items(packing->vector, begin + --slot), ring->size);
        while (slot > 0) {
            for (uint32_t bit = 0; bit < packing->slot_bits; bit++) pair_square_public(ring, item, item, scratch);
            pair_multiply_public(ring, item, item, paillier_items(packing->vector, begin + --slot), scratch);
        }
    }
    return FATE_OK;
}

/* Slots beyond the last item are ones. */
static int32_t pack_lanes(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct packing *packing = argument;
    const struct kernel_ring *lanes = lanes_of(packing->vector);
    const uint32_t width = lanes->kernel->lanes;
    mp_limb_t *one = scratch_of(&packing->scratch, worker), *nowhere = one + lanes->row, *packed[KERNEL_MOST_LANES];
    const mp_limb_t **factors = (const mp_limb_t **)(void *)(nowhere + lanes->row + kernel_itch(lanes));
    paillier_set_one(paillier_key_of(packing->vector->key), one);
    for (uint64_t j = first; j < end; j += width) {
        point(packing->packed, j, end, packed, nowhere);
        for (uint64_t lane = 0; lane < width; lane++)
            for (uint64_t slot = 0; slot < packing->slots; slot++) {
                uint64_t item = (j + lane) * packing->slots + slot;
                bool used = j + lane < end && item < packing->vector->count;
                factors[slot * width + lane] = used ? paillier_items(packing->vector, item) : one;
            }
        lanes->kernel->pack(lanes, packed, factors, packing->slots, packing->slot_bits, nowhere + lanes->row);
    }
    return FATE_OK;
}

int32_t paillier_pack(const struct fate_ciphertexts *vector, struct fate_ciphertexts *packed, uint32_t slot_bits, uint32_t slots)
{
    struct packing packing = {.vector = vector, .packed = packed, .slot_bits = slot_bits, .slots = slots};
    fate_context *context = vector->key->context;
    const struct kernel_ring *lanes = lanes_of(vector);
    mp_size_t itch = pair_itch(ring_of(vector));
    if (lanes != NULL) itch = 2 * (mp_size_t)lanes->row + kernel_itch(lanes) + (mp_size_t)slots * KERNEL_MOST_LANES;
    int32_t result = scratch_new(&packing.scratch, context, fate_context_threads(context), itch);
    if (result != FATE_OK) return result;
    result =
        threads_run(context, packed->count, lanes == NULL ? 1 : lanes->kernel->lanes, lanes == NULL ? pack_items : pack_lanes, &packing);
    scratch_free(&packing.scratch);
    return result;
}
