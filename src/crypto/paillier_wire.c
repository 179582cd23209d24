/* Writes ciphertexts, and reads those of others: every number is checked before the vector changes. */
#include "src/crypto/paillier_wire.h"
#include "lib/threads.h"
#include "src/crypto/units.h"

struct wire {
    const struct paillier_key *key;
    mp_limb_t *items; /* of the first one */
    uint8_t *out;
    const uint8_t *bytes;
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

static mp_size_t wire_itch(const struct paillier_key *key)
{
    if (key->lanes == NULL) return key->ring.size + pair_itch(&key->ring);
    return (mp_size_t)key->lanes->row + KERNEL_MOST_LANES * key->ring.size + kernel_itch(key->lanes);
}

static int32_t run_wire(struct wire *wire, uint64_t count, threads_body body)
{
    fate_context *context = wire->key->head.context;
    int32_t result = scratch_new(&wire->scratch, context, fate_context_threads(context), wire_itch(wire->key));
    if (result != FATE_OK) return result;
    result = threads_run(context, count, PIECE, body, wire);
    scratch_free(&wire->scratch);
    return result;
}

int32_t paillier_write(const struct fate_ciphertexts *vector, uint64_t first, uint64_t count, uint8_t *bytes)
{
    struct wire wire = {.key = paillier_key_of(vector->key), .items = paillier_items(vector, first), .out = bytes};
    return run_wire(&wire, count, wire.key->lanes == NULL ? write_items : write_lanes);
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

/* FATE_E_FORMAT, and the sentence, unless all are units below n^2. */
static int32_t check_all(const struct wire *wire, uint64_t count)
{
    struct group group;
    group_of_montgomery(&group, &wire->key->ring.modulus);
    struct units units = {.group = &group,
                          .pairs = wire->key->lanes,
                          .bound = wire->key->square,
                          .bound_name = "the square of the modulus",
                          .size = wire->key->ring.size,
                          .bytes = wire->bytes,
                          .length = wire->key->head.ciphertext_bytes};
    return units_check(&units, wire->key->head.context, count);
}

int32_t paillier_read(struct fate_ciphertexts *vector, uint64_t first, uint64_t count, const uint8_t *bytes)
{
    struct wire wire = {.key = paillier_key_of(vector->key), .items = paillier_items(vector, first), .bytes = bytes};
    int32_t result = check_all(&wire, count);
    if (result != FATE_OK) return result;
    return run_wire(&wire, count, wire.key->lanes == NULL ? read_items : read_lanes);
}
