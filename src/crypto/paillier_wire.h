/* Canonical bytes of Paillier ciphertexts: little-endian numbers below n^2, out of Montgomery's form. */
#ifndef CRYPTO_PAILLIER_WIRE_H
#define CRYPTO_PAILLIER_WIRE_H

#include "src/crypto/paillier.h"

/* Functions of the scheme's table (src/crypto/scheme.h). */
int32_t paillier_write(const struct fate_ciphertexts *vector, uint64_t first, uint64_t count, uint8_t *bytes);
int32_t paillier_read(struct fate_ciphertexts *vector, uint64_t first, uint64_t count, const uint8_t *bytes);

#endif
