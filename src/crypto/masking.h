/* Vectors over the ring of 32 or 64 bits, and masks that are added to them: the stream of ChaCha20 under a seed (Bonawitz et al., Practical
 * secure aggregation, CCS 2017, section 3). Numbers are little-endian bytes, as they travel; sums wrap round. */
#ifndef CRYPTO_MASKING_H
#define CRYPTO_MASKING_H

#include "lib/context.h"

enum { MASKING_SEED = 32 };

struct mask {
    uint8_t seed[MASKING_SEED]; /* of no other vector than this one */
    bool subtracted;
};

/* values += or -= each mask. width: bytes of a number, 4 or 8. Uses the context's threads; the result does not depend on them. FATE_OK. */
int32_t masking_apply(const fate_context *context, uint8_t *values, uint64_t count, uint32_t width, const struct mask *masks,
                      uint32_t mask_count);
/* to += values */
void masking_add(uint8_t *to, const uint8_t *values, uint64_t count, uint32_t width);

#endif
