/* Operations that need no secret key. Ciphertexts are public numbers, factors are not: those are used in constant time. */
#include "src/crypto/paillier_vector.h"
#include "lib/threads.h"

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
    uint64_t each = (uint64_t)paillier_key_of(key)->ring.size * sizeof(mp_limb_t);
    return count > UINT64_MAX / each ? 0 : count * each;
}

/* 1 = (n+1)^0 is an encryption of zero. */
void paillier_set_zero(struct fate_ciphertexts *vector)
{
    const struct pair_ring *ring = ring_of(vector);
    for (uint64_t i = 0; i < vector->count; i++) mpn_copyi(paillier_items(vector, i), ring->one, ring->size);
}

/* Two vectors, item by item. */
struct elementwise {
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
    const struct pair_ring *ring = ring_of(elementwise->vector);
    for (uint64_t i = first; i < end; i++) {
        mp_limb_t *item = paillier_items(elementwise->vector, i);
        pair_multiply_public(ring, item, item, paillier_items(elementwise->other, i), scratch_of(&elementwise->scratch, worker));
    }
    return FATE_OK;
}

/* Lanes beyond the last item work on ones. */
static int32_t add_lanes(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct elementwise *elementwise = argument;
    const struct kernel_ring *lanes = lanes_of(elementwise->vector);
    const struct pair_ring *ring = ring_of(elementwise->vector);
    mp_limb_t *nowhere = scratch_of(&elementwise->scratch, worker), *sums[KERNEL_MOST_LANES];
    const mp_limb_t *left[KERNEL_MOST_LANES], *right[KERNEL_MOST_LANES];
    for (uint64_t i = first; i < end; i += lanes->kernel->lanes) {
        for (uint64_t lane = 0; lane < lanes->kernel->lanes; lane++) {
            bool used = i + lane < end;
            sums[lane] = used ? paillier_items(elementwise->vector, i + lane) : nowhere;
            left[lane] = used ? sums[lane] : ring->one;
            right[lane] = used ? paillier_items(elementwise->other, i + lane) : ring->one;
        }
        lanes->kernel->multiply(lanes, sums, left, right, nowhere + ring->size);
    }
    return FATE_OK;
}

int32_t paillier_add(struct fate_ciphertexts *vector, const struct fate_ciphertexts *other)
{
    struct elementwise elementwise = {.vector = vector, .other = other};
    const struct kernel_ring *lanes = lanes_of(vector);
    if (lanes == NULL || vector->count == 1) return run_elementwise(&elementwise, 64, pair_itch(ring_of(vector)), add_items);
    return run_elementwise(&elementwise, 64, ring_of(vector)->size + kernel_itch(lanes), add_lanes);
}

/* Items that share one inversion. */
enum { BATCH = 128 };

static mp_size_t inverses_itch(const struct pair_ring *ring)
{
    return (BATCH + 1) * ring->size + pair_invert_itch(ring);
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
    mp_limb_t unit = pair_invert(ring, rest, inverses + (count - 1) * (uint64_t)size, scratch);
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

int32_t paillier_subtract(struct fate_ciphertexts *vector, const struct fate_ciphertexts *other)
{
    struct elementwise elementwise = {.vector = vector, .other = other};
    return run_elementwise(&elementwise, BATCH, inverses_itch(ring_of(vector)), subtract_items);
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
    mp_size_t power = pair_power_itch(ring), invert = pair_invert_itch(ring);
    return run_elementwise(&elementwise, elementwise.negative ? BATCH : 4, (BATCH + 1) * ring->size + (power > invert ? power : invert),
                           multiply_items);
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

int32_t paillier_pack(const struct fate_ciphertexts *vector, struct fate_ciphertexts *packed, uint32_t slot_bits, uint32_t slots)
{
    struct packing packing = {.vector = vector, .packed = packed, .slot_bits = slot_bits, .slots = slots};
    fate_context *context = vector->key->context;
    int32_t result = scratch_new(&packing.scratch, context, fate_context_threads(context), pair_itch(ring_of(vector)));
    if (result != FATE_OK) return result;
    result = threads_run(context, packed->count, 1, pack_items, &packing);
    scratch_free(&packing.scratch);
    return result;
}
