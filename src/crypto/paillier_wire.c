/* Writes ciphertexts, and reads those of others: every number is checked before the vector changes. */
#include "src/crypto/paillier_wire.h"
#include "lib/threads.h"

struct wire {
    const struct paillier_key *key;
    mp_limb_t *items; /* of the first one */
    uint8_t *out;
    const uint8_t *bytes;
    mp_limb_t *products; /* one a worker, modulo n */
    struct scratch scratch;
};

enum { PIECE = 64 }; /* items that a thread takes at once */

static int32_t write_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct wire *wire = argument;
    const struct pair_ring *ring = &wire->key->ring;
    uint64_t length = wire->key->head.ciphertext_bytes;
    mp_limb_t *number = scratch_of(&wire->scratch, worker);
    for (uint64_t i = first; i < end; i++) {
        pair_leave(ring, number, wire->items + i * (uint64_t)ring->size, number + ring->size);
        limbs_store(wire->out + i * length, length, number, ring->size);
    }
    return FATE_OK;
}

/* items[lane] and numbers[lane] of so many items from `first` on; lanes beyond the last work on nothing. numbers: room for a number in each
 * lane. */
static mp_limb_t *point(const struct wire *wire, uint64_t first, uint64_t end, mp_limb_t **items, mp_limb_t **numbers, mp_limb_t *scratch)
{
    const struct kernel_ring *lanes = wire->key->lanes;
    mp_limb_t *nowhere = scratch;
    paillier_set_one(wire->key, nowhere);
    scratch += lanes->row;
    for (uint64_t lane = 0; lane < lanes->kernel->lanes; lane++, scratch += wire->key->ring.size) {
        items[lane] = first + lane < end ? wire->items + (first + lane) * lanes->row : nowhere;
        numbers[lane] = scratch;
    }
    return scratch;
}

static int32_t write_lanes(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct wire *wire = argument;
    const struct kernel_ring *lanes = wire->key->lanes;
    uint64_t length = wire->key->head.ciphertext_bytes;
    mp_limb_t *items[KERNEL_MOST_LANES], *numbers[KERNEL_MOST_LANES];
    for (uint64_t i = first; i < end; i += lanes->kernel->lanes) {
        mp_limb_t *scratch = point(wire, i, end, items, numbers, scratch_of(&wire->scratch, worker));
        lanes->kernel->write(lanes, numbers, (const mp_limb_t *const *)items, scratch);
        for (uint64_t lane = 0; lane < lanes->kernel->lanes && i + lane < end; lane++)
            limbs_store(wire->out + (i + lane) * length, length, numbers[lane], wire->key->ring.size);
    }
    return FATE_OK;
}

enum { CHECKED = 32 }; /* numbers in each lane that are multiplied before the product is looked at */

static mp_size_t wire_itch(const struct paillier_key *key)
{
    mp_size_t invert = limbs_invert_public_itch(key->ring.modulus.size), multiply = pair_itch(&key->ring);
    mp_size_t one = 3 * key->ring.size + (invert > multiply ? invert : multiply);
    if (key->lanes == NULL) return one;
    mp_size_t lanes = (mp_size_t)key->lanes->row + KERNEL_MOST_LANES * (CHECKED + 1) * key->ring.size + kernel_itch(key->lanes);
    return one > lanes ? one : lanes;
}

static int32_t run_wire(struct wire *wire, uint64_t count, uint64_t grain, threads_body body)
{
    fate_context *context = wire->key->head.context;
    int32_t result = scratch_new(&wire->scratch, context, fate_context_threads(context), wire_itch(wire->key));
    if (result != FATE_OK) return result;
    result = threads_run(context, count, grain, body, wire);
    scratch_free(&wire->scratch);
    return result;
}

int32_t paillier_write(const struct fate_ciphertexts *vector, uint64_t first, uint64_t count, uint8_t *bytes)
{
    struct wire wire = {.key = paillier_key_of(vector->key), .items = paillier_items(vector, first), .out = bytes};
    return run_wire(&wire, count, PIECE, wire.key->lanes == NULL ? write_items : write_lanes);
}

static int32_t read_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct wire *wire = argument;
    const struct pair_ring *ring = &wire->key->ring;
    uint64_t length = wire->key->head.ciphertext_bytes;
    mp_limb_t *number = scratch_of(&wire->scratch, worker);
    for (uint64_t i = first; i < end; i++) {
        limbs_load(number, ring->size, wire->bytes + i * length, length);
        pair_enter(ring, wire->items + i * (uint64_t)ring->size, number, number + ring->size);
    }
    return FATE_OK;
}

static int32_t read_lanes(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct wire *wire = argument;
    const struct kernel_ring *lanes = wire->key->lanes;
    uint64_t length = wire->key->head.ciphertext_bytes;
    mp_limb_t *items[KERNEL_MOST_LANES], *numbers[KERNEL_MOST_LANES];
    for (uint64_t i = first; i < end; i += lanes->kernel->lanes) {
        mp_limb_t *scratch = point(wire, i, end, items, numbers, scratch_of(&wire->scratch, worker));
        for (uint64_t lane = 0; lane < lanes->kernel->lanes; lane++)
            limbs_load(numbers[lane], wire->key->ring.size, wire->bytes + (i + lane < end ? i + lane : i) * length, length);
        lanes->kernel->read(lanes, items, (const mp_limb_t *const *)numbers, scratch);
    }
    return FATE_OK;
}

/* number = item i; false when it is not below n^2. */
static bool load_item(const struct wire *wire, uint64_t i, mp_limb_t *number)
{
    const struct pair_ring *ring = &wire->key->ring;
    uint64_t length = wire->key->head.ciphertext_bytes;
    limbs_load(number, ring->size, wire->bytes + i * length, length);
    return limbs_less(number, wire->key->square, ring->size) != 0;
}

/* product *= number modulo n, up to factors of R, which are units: only whether the product is one counts. number has room for
 * 2*modulus.size limbs, and is destroyed. */
static void accumulate(const struct wire *wire, mp_limb_t *product, mp_limb_t *number, mp_limb_t *scratch)
{
    const struct montgomery *modulus = &wire->key->ring.modulus;
    montgomery_reduce(modulus, scratch, number); /* number < n^2 < n*R */
    mpn_copyi(number, scratch, modulus->size);
    montgomery_multiply_public(modulus, product, product, number, scratch);
}

static int32_t check_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct wire *wire = argument;
    mp_size_t size = wire->key->ring.modulus.size;
    mp_limb_t *number = scratch_of(&wire->scratch, worker), *scratch = number + 2 * size;
    for (uint64_t i = first; i < end; i++) {
        if (!load_item(wire, i, number)) return FATE_E_FORMAT;
        accumulate(wire, wire->products + worker * (uint64_t)size, number, scratch);
    }
    return FATE_OK;
}

/* The same for as many numbers as there is room for. */
static int32_t check_lanes(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct wire *wire = argument;
    const struct kernel_ring *lanes = wire->key->lanes;
    const uint64_t width = lanes->kernel->lanes, steps = (end - first + width - 1) / width;
    mp_size_t size = wire->key->ring.size;
    mp_limb_t *numbers = scratch_of(&wire->scratch, worker), *out[KERNEL_MOST_LANES];
    const mp_limb_t *pointers[CHECKED * KERNEL_MOST_LANES];
    mp_limb_t *scratch = numbers + CHECKED * KERNEL_MOST_LANES * size, *product = wire->products + worker * (uint64_t)(size / 2);
    for (uint64_t i = 0; i < steps * width; i++) { /* lanes beyond the last item check the first once more */
        pointers[i] = numbers + i * (uint64_t)size;
        if (!load_item(wire, first + i < end ? first + i : first, numbers + i * (uint64_t)size)) return FATE_E_FORMAT;
    }
    for (uint64_t lane = 0; lane < width; lane++) out[lane] = numbers + lane * (uint64_t)size;
    lanes->kernel->remainders(lanes, out, pointers, steps, scratch);
    for (uint64_t lane = 0; lane < width; lane++)
        montgomery_multiply_public(&wire->key->ring.modulus, product, product, out[lane], scratch);
    return FATE_OK;
}

static bool is_unit(const struct montgomery *modulus, const mp_limb_t *number, mp_limb_t *scratch)
{
    return limbs_invert_public(scratch, number, modulus->modulus, modulus->size, scratch + modulus->size) != 0;
}

/* Whether the product of the items first..end is a unit. */
static bool range_is_unit(const struct wire *wire, uint64_t first, uint64_t end, mp_limb_t *limbs)
{
    const struct montgomery *modulus = &wire->key->ring.modulus;
    mp_limb_t *product = limbs, *number = product + modulus->size, *scratch = number + 2 * modulus->size;
    mpn_copyi(product, modulus->one, modulus->size);
    for (uint64_t i = first; i < end; i++) {
        load_item(wire, i, number);
        accumulate(wire, product, number, scratch);
    }
    return is_unit(modulus, product, scratch);
}

/* The sentence for the first bad item; there is one. Halving finds it with few inversions, however many items a hostile peer sends. */
static int32_t name_first_bad(const struct wire *wire, uint64_t count, mp_limb_t *scratch)
{
    fate_context *context = wire->key->head.context;
    uint64_t below = 0;
    while (below < count && load_item(wire, below, scratch)) below++;
    if (range_is_unit(wire, 0, below, scratch))
        return context_fail(context, FATE_E_FORMAT, "ciphertext %llu is not below the square of the modulus", (unsigned long long)below);
    uint64_t first = 0, end = below; /* the first item that is no unit is in first..end */
    while (end - first > 1) {
        uint64_t middle = first + (end - first) / 2;
        if (range_is_unit(wire, first, middle, scratch))
            first = middle;
        else
            end = middle;
    }
    return context_fail(context, FATE_E_FORMAT, "ciphertext %llu is not a unit modulo the key: no encryption gives it",
                        (unsigned long long)first);
}

static int32_t check_all(struct wire *wire, uint64_t count)
{
    fate_context *context = wire->key->head.context;
    const struct montgomery *modulus = &wire->key->ring.modulus;
    mp_size_t size = modulus->size;
    uint32_t threads = fate_context_threads(context);
    struct scratch scratch = {.context = context};
    int32_t result = scratch_new(&scratch, context, 1, wire_itch(wire->key));
    if (result != FATE_OK) return result;
    wire->products = memory_allocate(context, threads * (uint64_t)size, sizeof *wire->products);
    if (wire->products == NULL) {
        scratch_free(&scratch);
        return context_out_of_memory(context);
    }
    for (uint32_t i = 0; i < threads; i++) mpn_copyi(wire->products + i * (uint64_t)size, modulus->one, size);
    const struct kernel_ring *lanes = wire->key->lanes;
    result = lanes == NULL ? run_wire(wire, count, PIECE, check_items)
                           : run_wire(wire, count, CHECKED * (uint64_t)lanes->kernel->lanes, check_lanes);
    if (result == FATE_OK) {
        for (uint32_t i = 1; i < threads; i++)
            montgomery_multiply_public(modulus, wire->products, wire->products, wire->products + i * (uint64_t)size, scratch.limbs);
        result = is_unit(modulus, wire->products, scratch.limbs) ? FATE_OK : FATE_E_FORMAT;
    }
    if (result == FATE_E_FORMAT) result = name_first_bad(wire, count, scratch.limbs);
    memory_free(context, wire->products);
    scratch_free(&scratch);
    return result;
}

int32_t paillier_read(struct fate_ciphertexts *vector, uint64_t first, uint64_t count, const uint8_t *bytes)
{
    struct wire wire = {.key = paillier_key_of(vector->key), .items = paillier_items(vector, first), .bytes = bytes};
    int32_t result = check_all(&wire, count);
    if (result != FATE_OK) return result;
    return run_wire(&wire, count, PIECE, wire.key->lanes == NULL ? read_items : read_lanes);
}
