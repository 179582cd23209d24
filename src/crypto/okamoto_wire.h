/* Canonical bytes of Okamoto-Uchiyama ciphertexts: little-endian numbers below n, out of Montgomery's form. */
#ifndef CRYPTO_OKAMOTO_WIRE_H
#define CRYPTO_OKAMOTO_WIRE_H

#include "src/crypto/okamoto.h"

/* Functions of the scheme's table (src/crypto/scheme.h). */
int32_t okamoto_write(const struct fate_ciphertexts *vector, uint64_t first, uint64_t count, uint8_t *bytes);
int32_t okamoto_read(struct fate_ciphertexts *vector, uint64_t first, uint64_t count, const uint8_t *bytes);

#endif
