/* Writes and reads Paillier keys. What is read is checked before it is used. */
#include "src/crypto/paillier_bytes.h"
#include "src/crypto/key_bytes.h"

static const char scheme_name[] = "paillier";

static void append_base(const struct paillier_key *key, struct buffer *buffer)
{
    struct scratch scratch;
    mp_size_t size = key->ring.size;
    if (scratch_new(&scratch, buffer->context, 1, size + pair_itch(&key->ring)) != FATE_OK) {
        buffer->failed = true;
        return;
    }
    pair_leave(&key->ring, scratch.limbs, key->base, scratch.limbs + size);
    key_append(buffer, scratch.limbs, size, key->head.ciphertext_bytes);
    scratch_free(&scratch);
}

void paillier_public_export(const struct scheme_key *key, struct buffer *buffer)
{
    const struct paillier_key *paillier = paillier_key_of(key);
    key_append(buffer, paillier->ring.modulus.modulus, paillier->ring.modulus.size, key_field_bytes(key->bits));
    append_base(paillier, buffer);
}

void paillier_secret_export(const fate_secret_key *secret, struct buffer *buffer)
{
    for (int i = 0; i < 2; i++) {
        const struct montgomery *prime = &paillier_secret_of(secret)->halves[i].ring.modulus;
        key_append(buffer, prime->modulus, prime->size, key_field_bytes(secret->key->bits / 2));
    }
    append_base(paillier_key_of(secret->key), buffer);
}

/* base: plain, limbs_for_bits(2*bits) limbs. */
static int32_t check_base(fate_context *context, const mp_limb_t *base, const mp_limb_t *modulus, uint32_t bits)
{
    mp_size_t size = limbs_for_bits(bits), square_size = limbs_for_bits(2 * (uint64_t)bits);
    struct scratch scratch;
    int32_t result = scratch_new(&scratch, context, 1, 3 * size + limbs_modulo_itch(square_size, size) + limbs_invert_itch(size));
    if (result != FATE_OK) return result;
    mp_limb_t *square = scratch.limbs, *rest = square, *free_limbs = square + 2 * size;
    mpn_sqr(square, modulus, size);
    if (mpn_cmp(base, square, square_size) >= 0)
        result = key_refuse(context, scheme_name, "its base is not below the square of the modulus");
    limbs_modulo(rest, base, square_size, modulus, size, free_limbs);
    if (result == FATE_OK && !limbs_invert(rest + size, rest, modulus, size, free_limbs))
        result = key_refuse(context, scheme_name, "its base is not a unit");
    if (result == FATE_OK && limbs_bits(base, square_size) == 1)
        result = key_refuse(context, scheme_name, "its base is 1, which hides nothing");
    scratch_free(&scratch);
    return result;
}

int32_t paillier_public_import(fate_context *context, struct scheme_key **key, uint32_t bits, struct reader *reader)
{
    int32_t result = paillier_check_bits(context, bits);
    if (result != FATE_OK) return result;
    uint64_t modulus_bytes = key_field_bytes(bits), base_bytes = key_field_bytes(2 * (uint64_t)bits);
    result = key_check_length(context, scheme_name, reader, modulus_bytes + base_bytes);
    mp_size_t size = limbs_for_bits(bits), square_size = limbs_for_bits(2 * (uint64_t)bits);
    struct scratch scratch = {.context = context};
    if (result == FATE_OK) result = scratch_new(&scratch, context, 1, size + square_size);
    if (result != FATE_OK) return result;
    mp_limb_t *modulus = scratch.limbs, *base = modulus + size;
    limbs_load(modulus, size, reader_bytes(reader, modulus_bytes), modulus_bytes);
    limbs_load(base, square_size, reader_bytes(reader, base_bytes), base_bytes);
    result = key_check_modulus(context, scheme_name, modulus, bits);
    if (result == FATE_OK) result = check_base(context, base, modulus, bits);
    if (result == FATE_OK) result = paillier_key_new(context, key, bits, modulus, base);
    scratch_free(&scratch);
    return result;
}

/* The base must be an n-th power, else encryptions would not decrypt: base^(p-1) = 1 mod p^2, and for q alike. */
static int32_t check_powers(fate_context *context, const fate_secret_key *secret)
{
    const struct paillier_secret *paillier = paillier_secret_of(secret);
    struct scratch scratch;
    mp_size_t size = paillier->halves[0].ring.size;
    int32_t result = scratch_new(&scratch, context, 1, size + pair_power_itch(&paillier->halves[0].ring));
    if (result != FATE_OK) return result;
    for (int i = 0; i < 2; i++) {
        const struct paillier_half *half = &paillier->halves[i];
        pair_power(&half->ring, scratch.limbs, half->base, half->minus_one, secret->key->bits / 2, scratch.limbs + size);
        if (!limbs_equal(scratch.limbs, half->ring.one, size))
            result = key_refuse(context, scheme_name, "its base does not belong to its primes");
    }
    scratch_free(&scratch);
    return result;
}

/* p, q and base are loaded; modulus is room for n. */
static int32_t import_checked(fate_context *context, fate_secret_key **secret, uint32_t bits, mp_limb_t *modulus, const mp_limb_t *p,
                              const mp_limb_t *q, const mp_limb_t *base, mp_limb_t *scratch)
{
    mp_size_t half_size = limbs_for_bits(bits / 2);
    int32_t result = key_check_prime(context, scheme_name, p, bits / 2);
    if (result == FATE_OK) result = key_check_prime(context, scheme_name, q, bits / 2);
    if (result == FATE_OK && !limbs_less(q, p, half_size))
        result = key_refuse(context, scheme_name, "its primes are not in descending order");
    mpn_sec_mul(modulus, p, half_size, q, half_size, scratch);
    if (result == FATE_OK && !key_has_exactly(modulus, 2 * half_size, bits))
        result = key_refuse(context, scheme_name, "its modulus does not have the stated number of bits");
    if (result == FATE_OK) result = check_base(context, base, modulus, bits);
    struct scheme_key *key = NULL;
    fate_secret_key *made = NULL;
    if (result == FATE_OK) result = paillier_key_new(context, &key, bits, modulus, base);
    if (result == FATE_OK) result = paillier_secret_new(context, &made, key, p, q, base);
    scheme_key_free(key);
    if (result == FATE_OK) result = check_powers(context, made);
    if (result != FATE_OK)
        fate_secret_key_free(made);
    else
        *secret = made;
    return result;
}

int32_t paillier_secret_import(fate_context *context, fate_secret_key **secret, uint32_t bits, struct reader *reader)
{
    int32_t result = paillier_check_bits(context, bits);
    if (result != FATE_OK) return result;
    uint64_t prime_bytes = key_field_bytes(bits / 2), base_bytes = key_field_bytes(2 * (uint64_t)bits);
    result = key_check_length(context, scheme_name, reader, 2 * prime_bytes + base_bytes);
    mp_size_t half_size = limbs_for_bits(bits / 2), square_size = limbs_for_bits(2 * (uint64_t)bits);
    struct scratch scratch = {.context = context};
    if (result == FATE_OK) result = scratch_new(&scratch, context, 1, 4 * half_size + square_size + mpn_sec_mul_itch(half_size, half_size));
    if (result != FATE_OK) return result;
    mp_limb_t *p = scratch.limbs, *q = p + half_size, *modulus = q + half_size, *base = modulus + 2 * half_size;
    limbs_load(p, half_size, reader_bytes(reader, prime_bytes), prime_bytes);
    limbs_load(q, half_size, reader_bytes(reader, prime_bytes), prime_bytes);
    limbs_load(base, square_size, reader_bytes(reader, base_bytes), base_bytes);
    result = import_checked(context, secret, bits, modulus, p, q, base, base + square_size);
    scratch_free(&scratch);
    return result;
}
