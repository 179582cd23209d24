/* Secrets in shares over GF(2^8); see sharing.h. */
#include "src/crypto/sharing.h"

#include <sodium.h>
#include <string.h>

#include "lib/random.h"

/* Modulo x^8 + x^4 + x^3 + x + 1. */
static uint8_t field_double(uint8_t a)
{
    return (uint8_t)((a << 1) ^ (0x1b & -(a >> 7)));
}

static uint8_t field_multiply(uint8_t a, uint8_t b)
{
    uint8_t product = 0;
    for (int bit = 7; bit >= 0; bit--) product = (uint8_t)(field_double(product) ^ (a & -((b >> bit) & 1)));
    return product;
}

/* b^254, the inverse of b; 0 for 0. */
static uint8_t field_invert(uint8_t b)
{
    uint8_t power = b;
    for (int i = 0; i < 6; i++) power = field_multiply(field_multiply(power, power), b);
    return field_multiply(power, power);
}

/* to = to * factor + add, for all bytes. */
static void scale_add(uint8_t *to, uint8_t factor, const uint8_t *add)
{
    for (int i = 0; i < SHARING_SECRET; i++) to[i] = (uint8_t)(field_multiply(to[i], factor) ^ add[i]);
}

void sharing_split(uint8_t *shares, const uint8_t *secret, uint32_t count, uint32_t threshold, const uint8_t *seed)
{
    uint8_t coefficient[SHARING_SECRET];
    struct random_stream random;
    random_stream_init(&random, seed, 0);
    memset(shares, 0, (uint64_t)count * SHARING_SECRET);
    /* The polynomial's coefficients from the highest to the lowest, which is the secret. */
    for (uint32_t degree = threshold; degree-- > 0;) {
        if (degree > 0)
            random_stream_bytes(&random, coefficient, sizeof coefficient);
        else
            memcpy(coefficient, secret, sizeof coefficient);
        for (uint32_t i = 0; i < count; i++) scale_add(shares + (uint64_t)i * SHARING_SECRET, (uint8_t)(i + 1), coefficient);
    }
    sodium_memzero(coefficient, sizeof coefficient);
    random_stream_wipe(&random);
}

/* Lagrange's factor of one place at 0: the product over the others of other / (other - place). Places are public. */
static uint8_t factor_at_zero(const uint8_t *places, uint32_t threshold, uint32_t which)
{
    uint8_t over = 1, under = 1;
    for (uint32_t i = 0; i < threshold; i++) {
        if (i == which) continue;
        over = field_multiply(over, places[i]);
        under = field_multiply(under, places[i] ^ places[which]);
    }
    return field_multiply(over, field_invert(under));
}

bool sharing_join(uint8_t *secret, const uint8_t *places, const uint8_t *shares, uint32_t threshold)
{
    bool seen[SHARING_MOST + 1] = {true};
    for (uint32_t i = 0; i < threshold; i++) {
        if (seen[places[i]]) return false;
        seen[places[i]] = true;
    }
    uint8_t sum[SHARING_SECRET] = {0};
    for (uint32_t i = 0; i < threshold; i++) {
        uint8_t factor = factor_at_zero(places, threshold, i);
        const uint8_t *share = shares + (uint64_t)i * SHARING_SECRET;
        for (int byte = 0; byte < SHARING_SECRET; byte++) sum[byte] ^= field_multiply(share[byte], factor);
    }
    memcpy(secret, sum, sizeof sum);
    sodium_memzero(sum, sizeof sum);
    return true;
}
