/* Arithmetic on vectors of Paillier ciphertexts: sums, differences, multiples, packing. */
#ifndef CRYPTO_PAILLIER_VECTOR_H
#define CRYPTO_PAILLIER_VECTOR_H

#include "src/crypto/paillier.h"

/* Functions of the scheme's table (src/crypto/scheme.h). */
uint64_t paillier_items_bytes(const struct scheme_key *key, uint64_t count);
void paillier_set_zero(struct fate_ciphertexts *vector);
int32_t paillier_add(struct fate_ciphertexts *vector, uint64_t first, const struct fate_ciphertexts *other, uint64_t other_first,
                     uint64_t count);
int32_t paillier_subtract(struct fate_ciphertexts *vector, const struct fate_ciphertexts *other);
int32_t paillier_negate(struct fate_ciphertexts *vector);
int32_t paillier_multiply(struct fate_ciphertexts *vector, const int64_t *factors);
int32_t paillier_pack(const struct fate_ciphertexts *vector, struct fate_ciphertexts *packed, uint32_t slot_bits, uint32_t slots);

#endif
