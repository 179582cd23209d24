/* Writes ciphertexts, and reads those of others: every number is checked before the vector changes. */
#include "src/crypto/okamoto_wire.h"
#include "lib/threads.h"
#include "src/crypto/group_vector.h"
#include "src/crypto/units.h"

struct wire {
    const struct group *group;
    struct fate_ciphertexts *vector; /* that is read into */
    const struct fate_ciphertexts *from;
    uint64_t begin;
    uint8_t *out;
    const uint8_t *bytes;
    struct scratch scratch;
};

/* Room of a worker: plain numbers and a bundle. */
struct room {
    mp_limb_t *numbers[GROUP_MOST_LANES], *bundle, *scratch;
};

static struct room room_of(const struct wire *wire, uint32_t worker)
{
    struct room room;
    mp_limb_t *limbs = scratch_of(&wire->scratch, worker);
    for (uint32_t lane = 0; lane < wire->group->lanes; lane++, limbs += wire->group->words) room.numbers[lane] = limbs;
    room.bundle = group_align(limbs);
    room.scratch = room.bundle + wire->group->bundle;
    return room;
}

static int32_t run_wire(struct wire *wire, const struct scheme_key *key, uint64_t count, threads_body body)
{
    const struct group *group = wire->group;
    mp_size_t each = (mp_size_t)group->lanes * group->words + GROUP_ALIGNMENT + group->bundle + group->itch;
    int32_t result = scratch_new(&wire->scratch, key->context, fate_context_threads(key->context), each);
    if (result != FATE_OK) return result;
    result = threads_run(key->context, count, 64, body, wire);
    scratch_free(&wire->scratch);
    return result;
}

static int32_t write_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct wire *wire = argument;
    const struct group *group = wire->group;
    const uint64_t length = wire->from->key->ciphertext_bytes;
    struct room room = room_of(wire, worker);
    for (; first < end; first += group->lanes) {
        group_load_items(group, room.bundle, wire->from, wire->begin + first, wire->begin + end);
        group->leave(group->ring, room.numbers, room.bundle, room.scratch);
        for (uint64_t i = first; i < end && i < first + group->lanes; i++)
            limbs_store(wire->out + i * length, length, room.numbers[i - first], group->words);
    }
    return FATE_OK;
}

int32_t okamoto_write(const struct fate_ciphertexts *vector, uint64_t first, uint64_t count, uint8_t *bytes)
{
    struct wire wire = {.group = &okamoto_key_of(vector->key)->group, .from = vector, .begin = first, .out = bytes};
    return run_wire(&wire, vector->key, count, write_items);
}

static int32_t read_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct wire *wire = argument;
    const struct group *group = wire->group;
    const uint64_t length = wire->vector->key->ciphertext_bytes;
    struct room room = room_of(wire, worker);
    for (; first < end; first += group->lanes) {
        for (uint32_t lane = 0; lane < group->lanes; lane++) {
            uint64_t i = first + lane < end ? first + lane : first;
            limbs_load(room.numbers[lane], group->words, wire->bytes + i * length, length);
        }
        group->enter(group->ring, room.bundle, (const mp_limb_t *const *)room.numbers, room.scratch);
        group_store_items(group, wire->vector, wire->begin + first, wire->begin + end, room.bundle, room.scratch);
    }
    return FATE_OK;
}

int32_t okamoto_read(struct fate_ciphertexts *vector, uint64_t first, uint64_t count, const uint8_t *bytes)
{
    const struct okamoto_key *key = okamoto_key_of(vector->key);
    struct units units = {.group = &key->group,
                          .bound = key->modulus.modulus,
                          .bound_name = "the modulus",
                          .size = key->modulus.size,
                          .bytes = bytes,
                          .length = key->head.ciphertext_bytes};
    int32_t result = units_check(&units, key->head.context, count);
    if (result != FATE_OK) return result;
    struct wire wire = {.group = &key->group, .vector = vector, .begin = first, .bytes = bytes};
    return run_wire(&wire, vector->key, count, read_items);
}
