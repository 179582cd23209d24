/* Many elements of ristretto255: scalars, and the batches that a kernel is given. */
#include "src/crypto/ristretto.h"
#include "lib/memory.h"
#include "lib/random.h"

#include <sodium.h>
#include <string.h>

/* Uniform up to 2^-259, and never zero. */
void ristretto_scalar_from_seed(uint8_t *scalar, const uint8_t *seed)
{
    uint8_t wide[crypto_core_ristretto255_NONREDUCEDSCALARBYTES];
    random_derive(wide, seed, "ristretto255 scalar", 0);
    random_derive(wide + RANDOM_KEY, seed, "ristretto255 scalar", 1);
    crypto_core_ristretto255_scalar_reduce(scalar, wide);
    scalar[0] |= (uint8_t)sodium_is_zero(scalar, RISTRETTO_SCALAR);
    sodium_memzero(wide, sizeof wide);
}

void ristretto_scalar_random(uint8_t *scalar)
{
    uint8_t seed[RISTRETTO_SEED];
    random_system(seed, sizeof seed);
    ristretto_scalar_from_seed(scalar, seed);
    sodium_memzero(seed, sizeof seed);
}

int32_t ristretto_hash_many(fate_context *context, uint8_t *out, const uint8_t *in, uint64_t count)
{
    struct curve_batch batch = {.out = out, .in = in};
    return curve_run(context, curve_kernel_of(context)->ristretto_hash, &batch, count, RISTRETTO_HASH, RISTRETTO_BYTES);
}

int32_t ristretto_multiply_many(fate_context *context, uint8_t *out, const uint8_t *in, uint64_t count, const uint8_t *scalar,
                                uint64_t *first_bad)
{
    struct curve_batch batch = {.out = out, .in = in, .scalar = scalar};
    int32_t result = curve_run(context, curve_kernel_of(context)->ristretto_multiply, &batch, count, RISTRETTO_BYTES, RISTRETTO_BYTES);
    if (result == FATE_OK) *first_bad = curve_first_zero(out, count);
    return result;
}

int32_t ristretto_hash_multiply_many(fate_context *context, uint8_t *out, const uint8_t *in, uint64_t count, const uint8_t *scalar)
{
    struct curve_batch batch = {.out = out, .in = in, .scalar = scalar};
    return curve_run(context, curve_kernel_of(context)->ristretto_hash_multiply, &batch, count, RISTRETTO_HASH, RISTRETTO_BYTES);
}

int32_t ristretto_check_many(fate_context *context, const uint8_t *in, uint64_t count, bool accepts_identity, uint64_t *first_bad)
{
    uint8_t *good = memory_allocate(context, count, 1);
    if (good == NULL) return context_out_of_memory(context);
    struct curve_batch batch = {.out = good, .in = in, .accepts_identity = accepts_identity};
    int32_t result = curve_run(context, curve_kernel_of(context)->ristretto_check, &batch, count, RISTRETTO_BYTES, 1);
    const uint8_t *bad = result == FATE_OK && count != 0 ? memchr(good, 0, count) : NULL;
    if (result == FATE_OK) *first_bad = bad == NULL ? count : (uint64_t)(bad - good);
    memory_free(context, good);
    return result;
}
