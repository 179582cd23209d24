/* Bytes of Okamoto-Uchiyama keys: n and g of a public key; p, q and g of a secret one. */
#ifndef CRYPTO_OKAMOTO_BYTES_H
#define CRYPTO_OKAMOTO_BYTES_H

#include "src/crypto/okamoto_key.h"

/* Functions of the scheme's table (src/crypto/scheme.h). */
void okamoto_secret_export(const fate_secret_key *secret, struct buffer *buffer);
int32_t okamoto_secret_import(fate_context *context, fate_secret_key **secret, uint32_t bits, struct reader *reader);
void okamoto_public_export(const struct scheme_key *key, struct buffer *buffer);
int32_t okamoto_public_import(fate_context *context, struct scheme_key **key, uint32_t bits, struct reader *reader);

#endif
