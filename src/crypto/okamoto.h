/* Okamoto-Uchiyama encryption and decryption of vectors. An item of a vector is a row of the key's group (src/crypto/group.h), a number modulo
 * n: g^m * h^r for a plaintext m. */
#ifndef CRYPTO_OKAMOTO_H
#define CRYPTO_OKAMOTO_H

#include "src/crypto/okamoto_key.h"

/* Items of a vector of this scheme. */
mp_limb_t *okamoto_items(const struct fate_ciphertexts *vector, uint64_t first);

/* Messages (limbs of p), below p, of as many items as there are lanes. Constant time. scratch: okamoto_decrypt_itch. */
mp_size_t okamoto_decrypt_itch(const struct okamoto_secret *secret);
void okamoto_decrypt_items(const struct okamoto_secret *secret, mp_limb_t *const *messages, const mp_limb_t *const *items,
                           mp_limb_t *scratch);

/* Functions of the scheme's table (src/crypto/scheme.h). */
int32_t okamoto_encrypt(const fate_secret_key *secret, struct fate_ciphertexts *vector, uint64_t first, uint64_t count,
                        const struct scheme_plaintexts *plaintexts, const uint8_t *seed);
int32_t okamoto_rerandomise(struct fate_ciphertexts *vector, const uint8_t *seed);
int32_t okamoto_decrypt(const fate_secret_key *secret, const struct fate_ciphertexts *vector, uint64_t first, uint64_t count,
                        uint64_t *values, uint32_t words);
int32_t okamoto_decrypt_numbers(const fate_secret_key *secret, const struct fate_ciphertexts *vector, uint64_t first, uint64_t count,
                                double *values, uint32_t scale_bits);

#endif
