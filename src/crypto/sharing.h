/* Secrets in shares (Shamir, How to share a secret, CACM 1979), byte by byte over GF(2^8): threshold shares give the secret back, fewer say
 * nothing about it. Constant time in secrets and shares. Whether a share is true cannot be seen from it: compare what is joined with a commitment. */
#ifndef CRYPTO_SHARING_H
#define CRYPTO_SHARING_H

#include <stdbool.h>
#include <stdint.h>

enum { SHARING_SECRET = 32, SHARING_MOST = 255 };

/* shares: count times SHARING_SECRET bytes; share i belongs to place i + 1. threshold: 1 to count; count: at most SHARING_MOST. seed: 32 secret
 * bytes, used for no other secret. */
void sharing_split(uint8_t *shares, const uint8_t *secret, uint32_t count, uint32_t threshold, const uint8_t *seed);

/* places: of each of the threshold shares. false when a place is 0 or stands twice; secret is then unchanged. */
bool sharing_join(uint8_t *secret, const uint8_t *places, const uint8_t *shares, uint32_t threshold);

/* Whether a secret is the one that is looked for. */
typedef bool sharing_test(const void *context, const uint8_t *secret);

/* Looks for threshold among count shares that give the right secret, when some are false: the first ones, then drawn ones, a bounded number of
 * times. true: secret is set, and wrong[i] says whether share i is false. false: not found, a place is 0 or stands twice, or count is below the
 * threshold. Found for sure when threshold + false shares are at most count and few shares are false: with one of 100 each draw of 51 is right
 * with a chance of a half. Not in constant time. */
bool sharing_find(uint8_t *secret, bool *wrong, const uint8_t *places, const uint8_t *shares, uint32_t count, uint32_t threshold,
                  sharing_test *right, const void *context);

#endif
