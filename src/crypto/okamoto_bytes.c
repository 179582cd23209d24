/* Writes and reads Okamoto-Uchiyama keys. What is read is checked before it is used; h = g^n is computed, so it is what it should be. */
#include "src/crypto/okamoto_bytes.h"
#include "src/crypto/key_bytes.h"

static const char scheme_name[] = "okamoto-uchiyama";

static void append_generator(const struct okamoto_key *key, struct buffer *buffer)
{
    key_append(buffer, key->generator, key->modulus.size, key_field_bytes(key->head.bits));
}

void okamoto_public_export(const struct scheme_key *key, struct buffer *buffer)
{
    const struct okamoto_key *okamoto = okamoto_key_of(key);
    key_append(buffer, okamoto->modulus.modulus, okamoto->modulus.size, key_field_bytes(key->bits));
    append_generator(okamoto, buffer);
}

void okamoto_secret_export(const fate_secret_key *secret, struct buffer *buffer)
{
    const struct okamoto_secret *okamoto = okamoto_secret_of(secret);
    const struct montgomery *prime = &okamoto->ring.modulus;
    key_append(buffer, prime->modulus, prime->size, key_field_bytes(okamoto_prime_bits(secret->key->bits)));
    key_append(buffer, okamoto->other, okamoto->other_size, key_field_bytes(okamoto_other_bits(secret->key->bits)));
    append_generator(okamoto_key_of(secret->key), buffer);
}

/* Of plain numbers of limbs_for_bits(bits) limbs. */
static int32_t check_generator(fate_context *context, const mp_limb_t *generator, const mp_limb_t *modulus, uint32_t bits)
{
    mp_size_t size = limbs_for_bits(bits);
    struct scratch scratch;
    int32_t result = scratch_new(&scratch, context, 1, size + limbs_invert_itch(size));
    if (result != FATE_OK) return result;
    if (!limbs_less(generator, modulus, size))
        result = key_refuse(context, scheme_name, "its generator is not below its modulus");
    else if (!limbs_invert(scratch.limbs, generator, modulus, size, scratch.limbs + size))
        result = key_refuse(context, scheme_name, "its generator is not a unit");
    else if (limbs_bits(generator, size) == 1)
        result = key_refuse(context, scheme_name, "its generator is 1, which hides nothing");
    scratch_free(&scratch);
    return result;
}

int32_t okamoto_public_import(fate_context *context, struct scheme_key **key, uint32_t bits, struct reader *reader)
{
    int32_t result = okamoto_check_bits(context, bits);
    if (result != FATE_OK) return result;
    uint64_t bytes = key_field_bytes(bits);
    result = key_check_length(context, scheme_name, reader, 2 * bytes);
    mp_size_t size = limbs_for_bits(bits);
    struct scratch scratch = {.context = context};
    if (result == FATE_OK) result = scratch_new(&scratch, context, 1, 2 * size);
    if (result != FATE_OK) return result;
    mp_limb_t *modulus = scratch.limbs, *generator = modulus + size;
    limbs_load(modulus, size, reader_bytes(reader, bytes), bytes);
    limbs_load(generator, size, reader_bytes(reader, bytes), bytes);
    result = key_check_modulus(context, scheme_name, modulus, bits);
    if (result == FATE_OK) result = check_generator(context, generator, modulus, bits);
    if (result == FATE_OK) result = okamoto_key_new(context, key, bits, modulus, generator);
    scratch_free(&scratch);
    return result;
}

/* p and q are primes. The public half that comes out holds n. */
static int32_t import_checked(fate_context *context, fate_secret_key **secret, uint32_t bits, const mp_limb_t *p, const mp_limb_t *q,
                              const mp_limb_t *generator)
{
    mp_size_t size = limbs_for_bits(okamoto_prime_bits(bits));
    if (limbs_equal(p, q, size)) return key_refuse(context, scheme_name, "its primes are equal");
    fate_secret_key *made = NULL;
    int32_t result = okamoto_secret_from_primes(context, &made, bits, p, q, generator);
    if (result == FATE_OK) result = check_generator(context, generator, okamoto_key_of(made->key)->modulus.modulus, bits);
    if (result == FATE_OK)
        *secret = made;
    else
        fate_secret_key_free(made);
    return result;
}

int32_t okamoto_secret_import(fate_context *context, fate_secret_key **secret, uint32_t bits, struct reader *reader)
{
    int32_t result = okamoto_check_bits(context, bits);
    if (result != FATE_OK) return result;
    uint32_t prime_bits = okamoto_prime_bits(bits), other_bits = okamoto_other_bits(bits);
    uint64_t prime_bytes = key_field_bytes(prime_bits), other_bytes = key_field_bytes(other_bits), bytes = key_field_bytes(bits);
    result = key_check_length(context, scheme_name, reader, prime_bytes + other_bytes + bytes);
    mp_size_t prime_size = limbs_for_bits(prime_bits), size = limbs_for_bits(bits);
    struct scratch scratch = {.context = context};
    if (result == FATE_OK) result = scratch_new(&scratch, context, 1, 2 * prime_size + size);
    if (result != FATE_OK) return result;
    mp_limb_t *p = scratch.limbs, *q = p + prime_size, *generator = q + prime_size;
    limbs_load(p, prime_size, reader_bytes(reader, prime_bytes), prime_bytes);
    limbs_load(q, prime_size, reader_bytes(reader, other_bytes), other_bytes); /* not longer than p */
    limbs_load(generator, size, reader_bytes(reader, bytes), bytes);
    result = key_check_prime(context, scheme_name, p, prime_bits);
    if (result == FATE_OK) result = key_check_prime(context, scheme_name, q, other_bits);
    if (result == FATE_OK) result = import_checked(context, secret, bits, p, q, generator);
    scratch_free(&scratch);
    return result;
}
