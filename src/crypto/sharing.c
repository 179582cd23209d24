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

/* Lagrange's factor of one place at another: the product over the others of (other - at) / (other - place). Places are public. */
static uint8_t factor_at(uint8_t at, const uint8_t *places, uint32_t threshold, uint32_t which)
{
    uint8_t over = 1, under = 1;
    for (uint32_t i = 0; i < threshold; i++) {
        if (i == which) continue;
        over = field_multiply(over, places[i] ^ at);
        under = field_multiply(under, places[i] ^ places[which]);
    }
    return field_multiply(over, field_invert(under));
}

static bool are_places(const uint8_t *places, uint32_t count)
{
    bool seen[SHARING_MOST + 1] = {true};
    for (uint32_t i = 0; i < count; i++) {
        if (seen[places[i]]) return false;
        seen[places[i]] = true;
    }
    return true;
}

/* What the polynomial through the shares is at a place. */
static void value_at(uint8_t *value, uint8_t at, const uint8_t *places, const uint8_t *shares, uint32_t threshold)
{
    uint8_t sum[SHARING_SECRET] = {0};
    for (uint32_t i = 0; i < threshold; i++) {
        uint8_t factor = factor_at(at, places, threshold, i);
        const uint8_t *share = shares + (uint64_t)i * SHARING_SECRET;
        for (int byte = 0; byte < SHARING_SECRET; byte++) sum[byte] ^= field_multiply(share[byte], factor);
    }
    memcpy(value, sum, sizeof sum);
    sodium_memzero(sum, sizeof sum);
}

bool sharing_join(uint8_t *secret, const uint8_t *places, const uint8_t *shares, uint32_t threshold)
{
    if (!are_places(places, threshold)) return false;
    value_at(secret, 0, places, shares, threshold);
    return true;
}

/* ---- when some are false ---- */

enum { TRIES = 1000 };

struct pick {
    uint32_t order[SHARING_MOST];
    uint8_t places[SHARING_MOST], shares[SHARING_MOST * SHARING_SECRET];
};

static void take(struct pick *pick, const uint8_t *places, const uint8_t *shares, uint32_t threshold)
{
    for (uint32_t i = 0; i < threshold; i++) {
        pick->places[i] = places[pick->order[i]];
        memcpy(pick->shares + (uint64_t)i * SHARING_SECRET, shares + (uint64_t)pick->order[i] * SHARING_SECRET, SHARING_SECRET);
    }
}

/* Another threshold of them, drawn. */
static void shuffle(struct pick *pick, uint32_t count, uint32_t threshold, struct random_stream *random)
{
    for (uint32_t i = 0; i < threshold; i++) {
        uint32_t other = i + (uint32_t)random_stream_below(random, count - i), moved = pick->order[i];
        pick->order[i] = pick->order[other];
        pick->order[other] = moved;
    }
}

bool sharing_find(uint8_t *secret, bool *wrong, const uint8_t *places, const uint8_t *shares, uint32_t count, uint32_t threshold,
                  sharing_test *right, const void *context)
{
    const uint8_t key[RANDOM_KEY] = {0}; /* which are tried first is no secret */
    struct random_stream random;
    struct pick pick;
    uint8_t value[SHARING_SECRET];
    bool found = false;
    if (count < threshold || count > SHARING_MOST || !are_places(places, count)) return false;
    random_stream_init(&random, key, 0);
    for (uint32_t i = 0; i < count; i++) pick.order[i] = i;
    for (int tries = 0; tries < (count > threshold ? TRIES : 1) && !found; tries++) {
        if (tries > 0) shuffle(&pick, count, threshold, &random);
        take(&pick, places, shares, threshold);
        value_at(value, 0, pick.places, pick.shares, threshold);
        found = right(context, value);
    }
    if (found) memcpy(secret, value, sizeof value);
    for (uint32_t i = 0; i < count && found; i++) {
        value_at(value, places[i], pick.places, pick.shares, threshold);
        wrong[i] = memcmp(value, shares + (uint64_t)i * SHARING_SECRET, sizeof value) != 0;
    }
    sodium_memzero(value, sizeof value);
    sodium_memzero(&pick, sizeof pick);
    return found;
}
