/* What Okamoto-Uchiyama ciphertexts are made of in one ring: powers of g and h modulo n, or modulo p^2 and q, by which the key's owner has them
 * sooner. */
#ifndef CRYPTO_OKAMOTO_RING_H
#define CRYPTO_OKAMOTO_RING_H

#include "src/crypto/group_kernel.h"
#include "src/crypto/powers.h"
#include "src/crypto/scheme.h"

/* Numbers (doubles) are below 2^62 in size: x + 2^62 is encrypted, and the lift, g^-(2^62), takes that away again. */
enum { OKAMOTO_NUMBER_BITS = 62, OKAMOTO_LIFTED_BITS = OKAMOTO_NUMBER_BITS + 1 };

/* The plain numbers that a ring is made from, below its modulus. */
struct okamoto_numbers {
    const mp_limb_t *generator; /* g */
    const mp_limb_t *base;      /* h */
    const mp_limb_t *lift;
};

struct okamoto_ring {
    struct group_ring *lanes; /* NULL: no kernel */
    struct group group;       /* on the lanes where there is a kernel */
    mp_limb_t *rows;          /* one block of memory for the rows that follow */
    mp_limb_t *generator;
    mp_limb_t *base;
    mp_limb_t *lift;
    struct slot *messages;    /* powers of g */
    struct slot *obfuscators; /* powers of h */
};

/* The ring is zeroed before; the modulus must outlive it. FATE_E_MEMORY: okamoto_ring_free all the same. Its memory counts as secret. */
int32_t okamoto_ring_init(struct okamoto_ring *ring, fate_context *context, const struct montgomery *modulus,
                          const struct okamoto_numbers *numbers);
void okamoto_ring_free(struct okamoto_ring *ring, fate_context *context);

/* The tables of a ring of this key, built when they are not there yet. FATE_E_MEMORY. */
struct okamoto_tables {
    const struct okamoto_ring *ring;
    const struct powers *messages, *obfuscators;
    uint32_t obfuscator_bits;
};
int32_t okamoto_tables_get(struct okamoto_tables *tables, const struct okamoto_ring *ring, const struct scheme_key *key);

/* Exponents in each lane. Messages have message_bits, at most those of the key's plaintexts or OKAMOTO_LIFTED_BITS; obfuscators
 * obfuscator_bits. */
struct okamoto_exponents {
    const mp_limb_t *const *messages, *const *obfuscators;
    uint64_t message_bits;
    bool lifted;
};

/* out (a bundle) = g^message * h^obfuscator in each lane, times the lift when so. scratch: okamoto_power_itch, aligned as bundles are. */
mp_size_t okamoto_power_itch(const struct okamoto_ring *ring);
void okamoto_power(const struct okamoto_tables *tables, mp_limb_t *out, const struct okamoto_exponents *exponents, mp_limb_t *scratch);

#endif
