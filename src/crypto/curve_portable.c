/* The kernel that is no kernel: libsodium's functions, item by item. */
#include "src/crypto/curve.h"

#include <sodium.h>
#include <string.h>

static bool available(void)
{
    return true;
}

static void ristretto_hash(const struct curve_batch *batch)
{
    for (uint32_t i = 0; i < batch->count; i++)
        crypto_core_ristretto255_from_hash(batch->out + (uint64_t)i * CURVE_BYTES, batch->in + (uint64_t)i * 2 * CURVE_BYTES);
}

/* What libsodium refuses may be left unwritten by it. */
static void multiply_item(const struct curve_batch *batch, uint32_t i,
                          int (*function)(unsigned char *, const unsigned char *, const unsigned char *), bool refused)
{
    uint8_t product[CURVE_BYTES];
    if (refused || function(product, batch->scalar, batch->in + (uint64_t)i * CURVE_BYTES) != 0) memset(product, 0, sizeof product);
    memcpy(batch->out + (uint64_t)i * CURVE_BYTES, product, sizeof product);
}

/* libsodium 1.0.18 ignores the highest bit of an element; no canonical encoding has it. */
static bool has_highest_bit(const uint8_t *element)
{
    return element[CURVE_BYTES - 1] >> 7 != 0;
}

static void ristretto_multiply(const struct curve_batch *batch)
{
    for (uint32_t i = 0; i < batch->count; i++)
        multiply_item(batch, i, crypto_scalarmult_ristretto255, has_highest_bit(batch->in + (uint64_t)i * CURVE_BYTES));
}

static void ristretto_hash_multiply(const struct curve_batch *batch)
{
    struct curve_batch hashed = *batch;
    ristretto_hash(batch);
    hashed.in = batch->out;
    ristretto_multiply(&hashed);
}

static void ristretto_check(const struct curve_batch *batch)
{
    for (uint32_t i = 0; i < batch->count; i++) {
        const uint8_t *element = batch->in + (uint64_t)i * CURVE_BYTES;
        bool valid = crypto_core_ristretto255_is_valid_point(element) != 0 && !has_highest_bit(element);
        batch->out[i] = valid && (batch->accepts_identity || !sodium_is_zero(element, CURVE_BYTES));
    }
}

static void x25519_multiply(const struct curve_batch *batch)
{
    for (uint32_t i = 0; i < batch->count; i++) multiply_item(batch, i, crypto_scalarmult_curve25519, false);
}

const struct curve_kernel curve_portable = {.name = "portable",
                                            .available = available,
                                            .itch = 0,
                                            .ristretto_hash = ristretto_hash,
                                            .ristretto_multiply = ristretto_multiply,
                                            .ristretto_hash_multiply = ristretto_hash_multiply,
                                            .ristretto_check = ristretto_check,
                                            .x25519_multiply = x25519_multiply};
