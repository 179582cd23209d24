/* Powers of g and h by tables: those of plaintexts are scanned; those of obfuscators are read at addresses that depend on an exponent which is
 * random and used for one ciphertext only. */
#include "src/crypto/okamoto_ring.h"

static uint64_t row_limbs(const struct okamoto_ring *ring)
{
    return 3 * (uint64_t)ring->group.row;
}

int32_t okamoto_ring_init(struct okamoto_ring *ring, fate_context *context, const struct montgomery *modulus,
                          const struct okamoto_numbers *numbers)
{
    const struct kernel *kernel = kernel_of(context);
    const struct group *group = &ring->group;
    int32_t result = slot_new(&ring->messages, context);
    if (result == FATE_OK) result = slot_new(&ring->obfuscators, context);
    if (result == FATE_OK && kernel != NULL) result = group_ring_new(&ring->lanes, &ring->group, context, kernel, modulus);
    if (result != FATE_OK) return result;
    if (kernel == NULL) group_of_montgomery(&ring->group, modulus);
    ring->rows = memory_allocate(context, row_limbs(ring), sizeof *ring->rows);
    if (ring->rows == NULL) return context_out_of_memory(context);
    ring->generator = ring->rows;
    ring->base = ring->generator + group->row;
    ring->lift = ring->base + group->row;
    struct scratch scratch;
    result = scratch_new(&scratch, context, 1, group_make_row_itch(group));
    if (result != FATE_OK) return result;
    group_make_row(group, ring->generator, numbers->generator, scratch.limbs);
    group_make_row(group, ring->base, numbers->base, scratch.limbs);
    group_make_row(group, ring->lift, numbers->lift, scratch.limbs);
    scratch_free(&scratch);
    return FATE_OK;
}

void okamoto_ring_free(struct okamoto_ring *ring, fate_context *context)
{
    powers_free(slot_look(ring->messages), context);
    powers_free(slot_look(ring->obfuscators), context);
    slot_free(ring->messages, context);
    slot_free(ring->obfuscators, context);
    memory_free_secret(context, ring->rows, ring->rows == NULL ? 0 : row_limbs(ring) * sizeof *ring->rows);
    group_ring_free(ring->lanes, context);
}

int32_t okamoto_tables_get(struct okamoto_tables *tables, const struct okamoto_ring *ring, const struct scheme_key *key)
{
    const uint64_t longest = key->plaintext_bits > OKAMOTO_LIFTED_BITS ? key->plaintext_bits : OKAMOTO_LIFTED_BITS;
    tables->ring = ring;
    tables->obfuscator_bits = key->obfuscator_bits;
    int32_t result = powers_get(ring->messages, &tables->messages, key->context, &ring->group, ring->generator, longest, POWERS_SCANNED);
    if (result != FATE_OK) return result;
    return powers_get(ring->obfuscators, &tables->obfuscators, key->context, &ring->group, ring->base, key->obfuscator_bits,
                      key->scan_tables ? POWERS_SCANNED : POWERS_DIRECT);
}

mp_size_t okamoto_power_itch(const struct okamoto_ring *ring)
{
    return ring->group.bundle + powers_itch(&ring->group);
}

void okamoto_power(const struct okamoto_tables *tables, mp_limb_t *out, const struct okamoto_exponents *exponents, mp_limb_t *scratch)
{
    const struct group *group = &tables->ring->group;
    mp_limb_t *factor = scratch;
    scratch += group->bundle;
    powers_raise(tables->messages, out, exponents->messages, exponents->message_bits, scratch);
    powers_raise(tables->obfuscators, factor, exponents->obfuscators, tables->obfuscator_bits, scratch);
    group->multiply(group->ring, out, out, factor, scratch);
    if (!exponents->lifted) return;
    group_spread(group, factor, tables->ring->lift);
    group->multiply(group->ring, out, out, factor, scratch);
}
