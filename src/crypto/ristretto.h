/* The group ristretto255 (RFC 9496), many elements at once: hashing to the group, multiplication by one secret scalar, and checks of
 * encodings. Elements are their canonical encodings, RISTRETTO_BYTES each, one after the other. Work is shared between the context's
 * threads and done on the processor's vectors where the context's kernel has them (src/crypto/curve.h); results do not depend on either. All
 * functions take the same time whatever scalars and elements are; the search for refused items at the end reads results only.
 *
 * Security: the decisional Diffie-Hellman assumption in a group of prime order l = 2^252 + 27742317777372353535851937790883648493. */
#ifndef CRYPTO_RISTRETTO_H
#define CRYPTO_RISTRETTO_H

#include "src/crypto/curve.h"

enum { RISTRETTO_BYTES = CURVE_BYTES, RISTRETTO_SCALAR = CURVE_BYTES, RISTRETTO_HASH = 64, RISTRETTO_SEED = 32 };

/* A scalar from 1 to l-1, from the system's random numbers, or one that follows from a secret seed of RISTRETTO_SEED bytes. */
void ristretto_scalar_random(uint8_t *scalar);
void ristretto_scalar_from_seed(uint8_t *scalar, const uint8_t *seed);

/* out[i] = the element that RFC 9496, 4.3.4 derives from the RISTRETTO_HASH bytes in[i], which should be the hash of what is mapped: H2C in the
 * sense of RFC 9380 (two maps of 32 bytes each, added). out and in must not overlap. FATE_E_MEMORY. */
int32_t ristretto_hash_many(fate_context *context, uint8_t *out, const uint8_t *in, uint64_t count);

/* out[i] = scalar * in[i]. out may be in. *first_bad: the lowest i for which in[i] is no canonical encoding or is the identity; count when there
 * is none. FATE_OK then too: out[i] is 32 zeros for each such i, and for no other. scalar: 1 to l-1. FATE_E_MEMORY: nothing is known of
 * out and *first_bad. */
int32_t ristretto_multiply_many(fate_context *context, uint8_t *out, const uint8_t *in, uint64_t count, const uint8_t *scalar,
                                uint64_t *first_bad);

/* out[i] = scalar * (the element derived from in[i]): the same bytes as ristretto_hash_many and then ristretto_multiply_many, in less time.
 * out and in must not overlap. That an element is the identity has a probability of 2^-252. FATE_E_MEMORY. */
int32_t ristretto_hash_multiply_many(fate_context *context, uint8_t *out, const uint8_t *in, uint64_t count, const uint8_t *scalar);

/* *first_bad: the lowest i for which in[i] is no canonical encoding, or is the identity (32 zeros) and that is not accepted; count when there is
 * none. FATE_E_MEMORY. */
int32_t ristretto_check_many(fate_context *context, const uint8_t *in, uint64_t count, bool accepts_identity, uint64_t *first_bad);

#endif
