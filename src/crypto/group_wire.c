/* Writes ciphertexts, and reads those of others: every number is checked before the vector changes. */
#include "src/crypto/group_wire.h"
#include "lib/threads.h"
#include "src/crypto/group_vector.h"
#include "src/crypto/units.h"

struct wire {
    const struct group *group;
    mp_limb_t *items; /* of the first one */
    uint64_t length;  /* of a number in bytes */
    uint8_t *out;
    const uint8_t *bytes;
    struct scratch scratch;
};

/* What a worker needs for a bundle: lanes beyond the last item work on a row that is nobody's. */
struct room {
    mp_limb_t *rows[GROUP_MOST_LANES], *numbers[GROUP_MOST_LANES], *scratch;
};

static mp_size_t room_itch(const struct group *group)
{
    return group->row + (mp_size_t)group->lanes * group->words + group_wire_itch(group);
}

static struct room room_for(const struct wire *wire, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct group *group = wire->group;
    struct room room;
    mp_limb_t *nobodys = scratch_of(&wire->scratch, worker), *limbs = nobodys + group->row;
    mpn_copyi(nobodys, group->one, group->row);
    for (uint32_t lane = 0; lane < group->lanes; lane++, limbs += group->words) {
        room.rows[lane] = first + lane < end ? wire->items + (first + lane) * (uint64_t)group->row : nobodys;
        room.numbers[lane] = limbs;
    }
    room.scratch = limbs;
    return room;
}

static int32_t run_wire(struct wire *wire, const struct scheme_key *key, uint64_t count, threads_body body)
{
    int32_t result = scratch_new(&wire->scratch, key->context, fate_context_threads(key->context), room_itch(wire->group));
    if (result != FATE_OK) return result;
    result = threads_run(key->context, count, group_piece(key->context, count), body, wire);
    scratch_free(&wire->scratch);
    return result;
}

static struct wire wire_of(const struct fate_ciphertexts *vector, uint64_t first)
{
    const struct group *group = vector->key->group;
    return (struct wire){.group = group, .items = group_items(group, vector, first), .length = vector->key->ciphertext_bytes};
}

static int32_t write_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct wire *wire = argument;
    const struct group *group = wire->group;
    for (; first < end; first += group->lanes) {
        struct room room = room_for(wire, worker, first, end);
        group->write(group, room.numbers, (const mp_limb_t *const *)room.rows, room.scratch);
        for (uint64_t i = first; i < end && i < first + group->lanes; i++)
            limbs_store(wire->out + i * wire->length, wire->length, room.numbers[i - first], group->words);
    }
    return FATE_OK;
}

int32_t group_write(const struct fate_ciphertexts *vector, uint64_t first, uint64_t count, uint8_t *bytes)
{
    struct wire wire = wire_of(vector, first);
    wire.out = bytes;
    return run_wire(&wire, vector->key, count, write_items);
}

static int32_t read_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct wire *wire = argument;
    const struct group *group = wire->group;
    for (; first < end; first += group->lanes) {
        struct room room = room_for(wire, worker, first, end);
        for (uint32_t lane = 0; lane < group->lanes; lane++) {
            uint64_t i = first + lane < end ? first + lane : first;
            limbs_load(room.numbers[lane], group->words, wire->bytes + i * wire->length, wire->length);
        }
        group->read(group, room.rows, (const mp_limb_t *const *)room.numbers, room.scratch);
    }
    return FATE_OK;
}

int32_t group_read(struct fate_ciphertexts *vector, uint64_t first, uint64_t count, const uint8_t *bytes)
{
    const struct scheme_key *key = vector->key;
    struct units units = {.bytes = bytes, .length = key->ciphertext_bytes};
    key->scheme->units(key, &units);
    int32_t result = units_check(&units, key->context, count);
    if (result != FATE_OK) return result;
    struct wire wire = wire_of(vector, first);
    wire.bytes = bytes;
    return run_wire(&wire, key, count, read_items);
}
