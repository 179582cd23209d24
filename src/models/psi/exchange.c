/* The elliptic-curve exchange: ristretto255 (RFC 9496), or X25519 (RFC 7748) for interconnection. */
#include "src/models/psi/exchange.h"

#include <sodium.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/threads.h"
#include "src/crypto/x25519.h"

enum { GRAIN = 256 };

void exchange_init(struct exchange *exchange, bool x25519, const uint8_t *seed, const uint8_t *domain)
{
    exchange->x25519 = x25519;
    memcpy(exchange->domain, domain, EXCHANGE_KEY);
    if (x25519)
        memcpy(exchange->scalar, seed, CURVE_BYTES); /* X25519 clamps it */
    else
        ristretto_scalar_from_seed(exchange->scalar, seed);
}

void exchange_invert(struct exchange *inverse, const struct exchange *exchange)
{
    *inverse = *exchange;
    (void)crypto_core_ristretto255_scalar_invert(inverse->scalar, exchange->scalar);
}

void exchange_wipe(struct exchange *exchange)
{
    sodium_memzero(exchange, sizeof *exchange);
}

struct hashing {
    const struct exchange *exchange;
    const struct psi_set *set;
    uint64_t first;
    uint8_t *out;
};

static int32_t hash_ids(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct hashing *hashing = argument;
    (void)worker;
    for (uint64_t i = first; i < end; i++) {
        uint64_t length = 0;
        const uint8_t *id = psi_set_id(hashing->set, hashing->first + i, &length);
        if (hashing->exchange->x25519)
            crypto_hash_sha256(hashing->out + i * X25519_BYTES, id, length);
        else
            crypto_generichash(hashing->out + i * RISTRETTO_HASH, RISTRETTO_HASH, id, length, hashing->exchange->domain, EXCHANGE_KEY);
    }
    return FATE_OK;
}

int32_t exchange_mask_ids(const struct exchange *exchange, fate_context *context, const struct psi_set *set, uint64_t first, uint64_t count,
                          uint8_t *elements)
{
    struct hashing hashing = {exchange, set, first, elements};
    uint64_t zero;
    if (exchange->x25519) {
        int32_t result = threads_run(context, count, GRAIN, hash_ids, &hashing);
        if (result == FATE_OK) result = x25519_multiply_many(context, elements, elements, count, exchange->scalar, &zero);
        return result;
    }
    hashing.out = memory_allocate(context, count, RISTRETTO_HASH);
    if (hashing.out == NULL) return context_out_of_memory(context);
    int32_t result = threads_run(context, count, GRAIN, hash_ids, &hashing);
    if (result == FATE_OK) result = ristretto_hash_multiply_many(context, elements, hashing.out, count, exchange->scalar);
    memory_free_secret(context, hashing.out, count * RISTRETTO_HASH);
    return result;
}

/* Below 2^255 - 19, the only form that X25519 gives; and not zero. */
static bool is_coordinate(const uint8_t *bytes)
{
    bool high = (bytes[31] & 0x7f) == 0x7f, zero = bytes[31] == 0;
    for (uint32_t i = 1; i < 31; i++) {
        high = high && bytes[i] == 0xff;
        zero = zero && bytes[i] == 0;
    }
    return (bytes[31] & 0x80) == 0 && !(high && bytes[0] >= 0xed) && !(zero && bytes[0] == 0);
}

int32_t exchange_mask_elements(const struct exchange *exchange, fate_context *context, const uint8_t *elements, uint64_t count,
                               uint8_t *masked, uint64_t *first_bad)
{
    if (!exchange->x25519) return ristretto_multiply_many(context, masked, elements, count, exchange->scalar, first_bad);
    uint64_t malformed = 0;
    while (malformed < count && is_coordinate(elements + malformed * X25519_BYTES)) malformed++;
    int32_t result = x25519_multiply_many(context, masked, elements, count, exchange->scalar, first_bad);
    if (malformed < *first_bad) *first_bad = malformed;
    return result;
}
