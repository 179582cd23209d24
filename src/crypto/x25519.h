/* X25519 (RFC 7748) of many coordinates by one secret scalar. As src/crypto/ristretto.h says: over threads and vectors, in constant time, the same
 * bytes from every kernel. */
#ifndef CRYPTO_X25519_H
#define CRYPTO_X25519_H

#include "src/crypto/curve.h"

enum { X25519_BYTES = CURVE_BYTES };

/* out[i] = X25519(scalar, in[i]) as RFC 7748, 5 says: the scalar is clamped, the coordinate's highest bit is ignored, one of 2^255 - 19 or more is
 * taken modulo that, and one may belong to the curve or to its twist. out may be in. *first_zero: the lowest i for which out[i] is zero: in[i] was a
 * point of small order, as only a peer that does not follow the protocol sends; count when there is none. FATE_OK then too. FATE_E_MEMORY:
 * nothing is known of out and *first_zero. */
int32_t x25519_multiply_many(fate_context *context, uint8_t *out, const uint8_t *in, uint64_t count, const uint8_t *scalar,
                             uint64_t *first_zero);

#endif
