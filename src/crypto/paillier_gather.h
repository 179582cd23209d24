/* Sums of ciphertexts by bin: the histogram. */
#ifndef CRYPTO_PAILLIER_GATHER_H
#define CRYPTO_PAILLIER_GATHER_H

#include "src/crypto/paillier.h"

/* A function of the scheme's table (src/crypto/scheme.h). */
int32_t paillier_gather_add(struct fate_ciphertexts *bins, const struct fate_ciphertexts *values, const uint32_t *source, uint64_t first,
                            uint64_t count, const uint32_t *index);

#endif
