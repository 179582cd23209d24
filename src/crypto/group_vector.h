/* Arithmetic on vectors of elements of a group (src/crypto/group.h): sums, differences, multiples, bins and packing of ciphertexts whose
 * product is an encryption of the sum. Items are the group's rows, one after the other, from where a bundle
 * may stand. */
#ifndef CRYPTO_GROUP_VECTOR_H
#define CRYPTO_GROUP_VECTOR_H

#include "src/crypto/group.h"
#include "src/crypto/scheme.h"

/* Functions of a scheme's table (src/crypto/scheme.h), over the key's group. */
uint64_t group_items_bytes(const struct scheme_key *key, uint64_t count);
void group_set_zero(struct fate_ciphertexts *vector);
int32_t group_add(struct fate_ciphertexts *vector, uint64_t first, const struct fate_ciphertexts *other, uint64_t other_first,
                  uint64_t count);
int32_t group_subtract(struct fate_ciphertexts *vector, const struct fate_ciphertexts *other);
int32_t group_negate(struct fate_ciphertexts *vector);
int32_t group_multiply(struct fate_ciphertexts *vector, const int64_t *factors);
int32_t group_weigh(struct fate_ciphertexts *sums, const struct fate_ciphertexts *buckets);
int32_t group_pack(const struct fate_ciphertexts *vector, struct fate_ciphertexts *packed, uint32_t slot_bits, uint32_t slots);

/* Items that a thread takes at a time where each takes about as long as an addition: the first of them are not in its cache. */
uint64_t group_piece(const fate_context *context, uint64_t count);

/* Where items begin. */
mp_limb_t *group_items(const struct group *group, const struct fate_ciphertexts *vector, uint64_t first);
/* A bundle of items from first on, of those before end; lanes beyond are ones, and nowhere (a row) takes what they give back. */
void group_load_items(const struct group *group, mp_limb_t *bundle, const struct fate_ciphertexts *vector, uint64_t first, uint64_t end);
void group_store_items(const struct group *group, struct fate_ciphertexts *vector, uint64_t first, uint64_t end, const mp_limb_t *bundle,
                       mp_limb_t *nowhere);
/* Adds such a bundle to those that come after a product. */
void group_want_items(const struct group *group, struct group_ahead *ahead, const struct fate_ciphertexts *vector, uint64_t first,
                      uint64_t end);

#endif
