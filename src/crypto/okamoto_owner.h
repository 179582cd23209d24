/* Okamoto-Uchiyama ciphertexts by the owner of the key: powers modulo p^2 and modulo q, joined by the Chinese remainder theorem. */
#ifndef CRYPTO_OKAMOTO_OWNER_H
#define CRYPTO_OKAMOTO_OWNER_H

#include "src/crypto/okamoto_ring.h"

/* All of it is secret. */
struct okamoto_owner;

/* What it is made from. square: modulo p^2, must outlive it; other: q, of exactly so many bits; numbers: modulo n, of `words` limbs. */
struct okamoto_owner_source {
    const struct montgomery *square;
    const mp_limb_t *other;
    uint32_t other_bits;
    const struct okamoto_numbers *numbers;
    mp_size_t words;
};

/* FATE_E_MEMORY. NULL may be freed. */
int32_t okamoto_owner_new(struct okamoto_owner **owner, fate_context *context, const struct okamoto_owner_source *source);
void okamoto_owner_free(struct okamoto_owner *owner, fate_context *context);

/* Whether this takes less time than powers in the group modulo n, which give the same numbers. */
bool okamoto_owner_pays(const struct okamoto_owner *owner, const struct group *group);

struct okamoto_owner_tables {
    const struct okamoto_owner *owner;
    struct okamoto_tables tables[2];
};
/* Builds the tables when they are not there yet. FATE_E_MEMORY. */
int32_t okamoto_owner_tables_get(struct okamoto_owner_tables *tables, const struct okamoto_owner *owner, const struct scheme_key *key);

/* numbers[lane] (plain, `words` limbs) = g^message * h^obfuscator mod n. Constant time but for the tables. scratch: okamoto_owner_itch. */
mp_size_t okamoto_owner_itch(const struct okamoto_owner *owner);
void okamoto_owner_power(const struct okamoto_owner_tables *tables, mp_limb_t *const *numbers, const struct okamoto_exponents *exponents,
                         mp_limb_t *scratch);

#endif
