/* Okamoto-Uchiyama's table of functions. */
#include "src/crypto/group_gather.h"
#include "src/crypto/okamoto.h"
#include "src/crypto/okamoto_bytes.h"
#include "src/crypto/okamoto_wire.h"

static const struct group *group_of(const struct scheme_key *key)
{
    return &okamoto_key_of(key)->group;
}

static uint64_t items_bytes(const struct scheme_key *key, uint64_t count)
{
    return group_items_bytes(group_of(key), count);
}

static void set_zero(struct fate_ciphertexts *vector)
{
    group_set_zero(group_of(vector->key), vector);
}

static int32_t add(struct fate_ciphertexts *vector, uint64_t first, const struct fate_ciphertexts *other, uint64_t other_first,
                   uint64_t count)
{
    return group_add(group_of(vector->key), vector, first, other, other_first, count);
}

static int32_t subtract(struct fate_ciphertexts *vector, const struct fate_ciphertexts *other)
{
    return group_subtract(group_of(vector->key), vector, other);
}

static int32_t negate(struct fate_ciphertexts *vector)
{
    return group_negate(group_of(vector->key), vector);
}

static int32_t multiply(struct fate_ciphertexts *vector, const int64_t *factors)
{
    return group_multiply(group_of(vector->key), vector, factors);
}

static int32_t gather_add(struct fate_ciphertexts *bins, const struct fate_ciphertexts *values, const uint32_t *source, uint64_t first,
                          uint64_t count, const uint32_t *index)
{
    return group_gather_add(group_of(bins->key), bins, values, source, first, count, index);
}

static int32_t pack(const struct fate_ciphertexts *vector, struct fate_ciphertexts *packed, uint32_t slot_bits, uint32_t slots)
{
    return group_pack(group_of(vector->key), vector, packed, slot_bits, slots);
}

const struct scheme scheme_okamoto_uchiyama = {
    .name = "okamoto-uchiyama",
    .obfuscator_default = okamoto_obfuscator_default,
    .obfuscator_least = okamoto_obfuscator_least,
    .choose = okamoto_choose,
    .generate = okamoto_generate,
    .secret_export = okamoto_secret_export,
    .secret_import = okamoto_secret_import,
    .public_export = okamoto_public_export,
    .public_import = okamoto_public_import,
    .key_free = okamoto_key_free,
    .secret_free = okamoto_secret_free,
    .same = okamoto_same,
    .items_bytes = items_bytes,
    .set_zero = set_zero,
    .encrypt = okamoto_encrypt,
    .decrypt = okamoto_decrypt,
    .decrypt_numbers = okamoto_decrypt_numbers,
    .add = add,
    .subtract = subtract,
    .negate = negate,
    .multiply = multiply,
    .gather_add = gather_add,
    .pack = pack,
    .rerandomise = okamoto_rerandomise,
    .write = okamoto_write,
    .read = okamoto_read,
};
