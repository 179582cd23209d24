/* Writes ciphertexts, and reads those of others: every number is checked before the vector changes. */
#include "src/crypto/okamoto_wire.h"
#include "lib/threads.h"

struct wire {
    const struct okamoto_key *key;
    mp_limb_t *items; /* of the first one */
    uint8_t *out;
    const uint8_t *bytes;
    mp_limb_t *products; /* one a worker, modulo n */
    struct scratch scratch;
};

static int32_t write_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct wire *wire = argument;
    mp_size_t size = wire->key->group.size;
    uint64_t length = wire->key->head.ciphertext_bytes;
    mp_limb_t *number = scratch_of(&wire->scratch, worker);
    for (uint64_t i = first; i < end; i++) {
        montgomery_leave(&wire->key->modulus, number, wire->items + i * (uint64_t)size, number + size);
        limbs_store(wire->out + i * length, length, number, size);
    }
    return FATE_OK;
}

static mp_size_t wire_itch(const struct okamoto_key *key)
{
    mp_size_t invert = limbs_invert_itch(key->group.size);
    return 3 * key->group.size + (invert > key->group.itch ? invert : key->group.itch);
}

static int32_t run_wire(struct wire *wire, uint64_t count, threads_body body)
{
    fate_context *context = wire->key->head.context;
    int32_t result = scratch_new(&wire->scratch, context, fate_context_threads(context), wire_itch(wire->key));
    if (result != FATE_OK) return result;
    result = threads_run(context, count, 64, body, wire);
    scratch_free(&wire->scratch);
    return result;
}

int32_t okamoto_write(const struct fate_ciphertexts *vector, uint64_t first, uint64_t count, uint8_t *bytes)
{
    struct wire wire = {.key = okamoto_key_of(vector->key), .items = okamoto_items(vector, first), .out = bytes};
    return run_wire(&wire, count, write_items);
}

static int32_t read_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct wire *wire = argument;
    mp_size_t size = wire->key->group.size;
    uint64_t length = wire->key->head.ciphertext_bytes;
    mp_limb_t *number = scratch_of(&wire->scratch, worker);
    for (uint64_t i = first; i < end; i++) {
        limbs_load(number, size, wire->bytes + i * length, length);
        montgomery_enter(&wire->key->modulus, wire->items + i * (uint64_t)size, number, number + size);
    }
    return FATE_OK;
}

/* number = item i; false when it is not below n. */
static bool load_item(const struct wire *wire, uint64_t i, mp_limb_t *number)
{
    uint64_t length = wire->key->head.ciphertext_bytes;
    limbs_load(number, wire->key->group.size, wire->bytes + i * length, length);
    return limbs_less(number, wire->key->modulus.modulus, wire->key->group.size) != 0;
}

/* Products are taken as if all were in Montgomery's form: factors of R are units, and only whether the product is one counts. */
static int32_t check_items(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct wire *wire = argument;
    mp_size_t size = wire->key->group.size;
    mp_limb_t *number = scratch_of(&wire->scratch, worker), *product = wire->products + worker * (uint64_t)size;
    for (uint64_t i = first; i < end; i++) {
        if (!load_item(wire, i, number)) return FATE_E_FORMAT;
        montgomery_multiply_public(&wire->key->modulus, product, product, number, number + size);
    }
    return FATE_OK;
}

static bool is_unit(const struct montgomery *modulus, const mp_limb_t *number, mp_limb_t *scratch)
{
    return limbs_invert(scratch, number, modulus->modulus, modulus->size, scratch + modulus->size) != 0;
}

/* Whether the product of the items first..end is a unit. */
static bool range_is_unit(const struct wire *wire, uint64_t first, uint64_t end, mp_limb_t *limbs)
{
    const struct montgomery *modulus = &wire->key->modulus;
    mp_limb_t *product = limbs, *number = product + modulus->size, *scratch = number + modulus->size;
    mpn_copyi(product, modulus->one, modulus->size);
    for (uint64_t i = first; i < end; i++) {
        load_item(wire, i, number);
        montgomery_multiply_public(modulus, product, product, number, scratch);
    }
    return is_unit(modulus, product, number);
}

/* The sentence for the first bad item; there is one. Halving finds it with few inversions, however many items a hostile peer sends. */
static int32_t name_first_bad(const struct wire *wire, uint64_t count, mp_limb_t *scratch)
{
    fate_context *context = wire->key->head.context;
    uint64_t below = 0;
    while (below < count && load_item(wire, below, scratch)) below++;
    if (range_is_unit(wire, 0, below, scratch))
        return context_fail(context, FATE_E_FORMAT, "ciphertext %llu is not below the modulus", (unsigned long long)below);
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
    const struct montgomery *modulus = &wire->key->modulus;
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
    result = run_wire(wire, count, check_items);
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

int32_t okamoto_read(struct fate_ciphertexts *vector, uint64_t first, uint64_t count, const uint8_t *bytes)
{
    struct wire wire = {.key = okamoto_key_of(vector->key), .items = okamoto_items(vector, first), .bytes = bytes};
    int32_t result = check_all(&wire, count);
    return result == FATE_OK ? run_wire(&wire, count, read_items) : result;
}
