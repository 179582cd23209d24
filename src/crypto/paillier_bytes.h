/* The bytes of Paillier keys, and the checks of those that come from elsewhere. All numbers are little-endian and of fixed length.
 * Public: n, base. Secret: p, q (p > q), base. */
#ifndef CRYPTO_PAILLIER_BYTES_H
#define CRYPTO_PAILLIER_BYTES_H

#include "src/crypto/paillier_key.h"

/* Functions of the scheme's table (src/crypto/scheme.h). */
void paillier_secret_export(const fate_secret_key *secret, struct buffer *buffer);
int32_t paillier_secret_import(fate_context *context, fate_secret_key **secret, uint32_t bits, struct reader *reader);
void paillier_public_export(const struct scheme_key *key, struct buffer *buffer);
int32_t paillier_public_import(fate_context *context, struct scheme_key **key, uint32_t bits, struct reader *reader);

#endif
