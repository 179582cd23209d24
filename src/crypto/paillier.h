/* Paillier encryption and decryption of vectors. An item of a vector is a number modulo n^2 in Montgomery's form, so that a sum costs one
 * product: a row (src/crypto/kernel.h) where the key has a kernel, else a canonical pair (src/crypto/pair.h). A plaintext m is (1 + m*n), a
 * pair that is known beforehand. */
#ifndef CRYPTO_PAILLIER_H
#define CRYPTO_PAILLIER_H

#include "src/crypto/paillier_key.h"

/* Limbs of an item, and items of a vector of this scheme. */
uint64_t paillier_item_limbs(const struct paillier_key *key);
mp_limb_t *paillier_items(const struct fate_ciphertexts *vector, uint64_t first);
/* item = 1 = (n+1)^0, an encryption of zero. */
void paillier_set_one(const struct paillier_key *key, mp_limb_t *item);

/* Items to and from canonical pairs in Montgomery's form; several at once, at most as many as the kernel has lanes. All lanes work: those
 * beyond the last item on the first one once more. scratch: paillier_pairs_itch. */
mp_size_t paillier_pairs_itch(const struct paillier_key *key);
void paillier_from_pairs(const struct paillier_key *key, mp_limb_t *const *items, const mp_limb_t *const *pairs, uint64_t count,
                         mp_limb_t *scratch);
void paillier_to_pairs(const struct paillier_key *key, mp_limb_t *const *pairs, const mp_limb_t *const *items, uint64_t count,
                       mp_limb_t *scratch);

/* out[i] = base^exponents[i] * (1 + messages[i]*n) mod n^2 as an item, from the tables of the public key, or of both primes, for as
 * many i as a batch has: the key's lanes, or, without lanes, `count`, which is at most paillier_batch. Exponents have limbs_for_bits(exponent_bits) limbs; messages are below n, or NULL for zeros.
 * Equal results. scratch: paillier_powers_itch. */
struct paillier_tables {
    const struct paillier_key *key;
    const struct paillier_secret *secret; /* NULL: the public path */
    const struct comb *combs[2];
};
/* Builds the tables when they are not there yet: smaller ones where the public path needs only so few powers, now, has needed few in all,
 * and has no others.
 * FATE_E_MEMORY. */
int32_t paillier_tables_get(struct paillier_tables *tables, const struct scheme_key *key, const fate_secret_key *secret, uint64_t count);
uint32_t paillier_batch(const struct paillier_key *key);
mp_size_t paillier_powers_itch(const struct paillier_key *key);
void paillier_powers(const struct paillier_tables *tables, mp_limb_t *const *out, const mp_limb_t *const *exponents,
                     const mp_limb_t *const *messages, uint32_t count, mp_limb_t *scratch);

/* message (2*size of a prime limbs) of an item, by both primes, or modulo p by one. Constant time. scratch: paillier_decrypt_itch. */
mp_size_t paillier_decrypt_itch(const struct paillier_secret *secret);
void paillier_decrypt_item(const struct paillier_secret *secret, mp_limb_t *message, const mp_limb_t *item, int primes, mp_limb_t *scratch);

/* Functions of the scheme's table (src/crypto/scheme.h). */
int32_t paillier_encrypt(const fate_secret_key *secret, struct fate_ciphertexts *vector, uint64_t first, uint64_t count,
                         const struct scheme_plaintexts *plaintexts, const uint8_t *seed);
int32_t paillier_rerandomise(struct fate_ciphertexts *vector, const uint8_t *seed);
int32_t paillier_decrypt(const fate_secret_key *secret, const struct fate_ciphertexts *vector, uint64_t first, uint64_t count,
                         uint64_t *values, uint32_t words);
int32_t paillier_decrypt_numbers(const fate_secret_key *secret, const struct fate_ciphertexts *vector, uint64_t first, uint64_t count,
                                 double *values, uint32_t scale_bits);

#endif
