/* Sums of items by bin over any group. */
#ifndef CRYPTO_GROUP_GATHER_H
#define CRYPTO_GROUP_GATHER_H

#include "src/crypto/group_vector.h"

/* As gather_add of the scheme's table (src/crypto/scheme.h). */
int32_t group_gather_add(struct fate_ciphertexts *bins, const struct fate_ciphertexts *values, const uint32_t *source, uint64_t first,
                         uint64_t count, const uint32_t *index);

#endif
