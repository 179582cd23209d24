/* Canonical bytes of ciphertexts: little-endian plain numbers. What comes from others is checked before the vector changes. */
#ifndef CRYPTO_GROUP_WIRE_H
#define CRYPTO_GROUP_WIRE_H

#include "src/crypto/scheme.h"

/* Functions of a scheme's table (src/crypto/scheme.h), over the key's group. */
int32_t group_write(const struct fate_ciphertexts *vector, uint64_t first, uint64_t count, uint8_t *bytes);
int32_t group_read(struct fate_ciphertexts *vector, uint64_t first, uint64_t count, const uint8_t *bytes);

#endif
