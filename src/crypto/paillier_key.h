/* Paillier keys: what both halves hold beside their primes, how they are made, checked, written and read.
 * g = n+1; obfuscators are powers of base = (-x^2)^n mod n^2 (Damgard, Jurik, Nielsen 2010, section 4.2). */
#ifndef CRYPTO_PAILLIER_KEY_H
#define CRYPTO_PAILLIER_KEY_H

#include "src/crypto/comb.h"
#include "src/crypto/fermat.h"
#include "src/crypto/kernel.h"
#include "src/crypto/pair_group.h"
#include "src/crypto/paillier_join.h"
#include "src/crypto/scheme.h"

struct paillier_key {
    struct scheme_key head;
    struct pair_ring ring;     /* modulo n^2, by n */
    struct kernel_ring *lanes; /* NULL: no kernel */
    struct group group;        /* of the pairs, on the lanes: ciphertexts are rows of it */
    struct group numbers;      /* of the units modulo n, one in a bundle */
    mp_limb_t *square;         /* n^2, ring.size limbs */
    mp_limb_t *base;           /* a pair in Montgomery's form */
    struct slot *obfuscators;  /* a comb: powers of base mod n^2 */
    struct slot *few;          /* a smaller one, for those who need few at a time */
    uint64_t exponent_bits;    /* of an obfuscator: head.obfuscator_bits */
};

/* What belongs to one prime of the secret key. */
struct paillier_half {
    struct pair_ring ring;     /* modulo p^2, by p */
    struct kernel_ring *lanes; /* NULL: no kernel */
    struct fermat *fermat;     /* NULL: no kernel */
    struct montgomery square;  /* modulo p^2, for plain numbers */
    mp_limb_t *limbs;          /* one block of memory for the arrays that follow */
    mp_limb_t *minus_one;      /* p-1 */
    mp_limb_t *factor;         /* (-other prime)^-1 mod p, in Montgomery's form: 1/L((n+1)^(p-1)) */
    mp_limb_t *base;           /* the key's base mod p^2, a pair in Montgomery's form */
    struct slot *obfuscators;  /* a comb: powers of base mod p^2 */
};

struct paillier_secret {
    struct fate_secret_key head;
    struct paillier_half halves[2]; /* of p and q, p > q */
    mp_limb_t *limbs;               /* one block of memory for the arrays that follow */
    mp_limb_t *prime_inverse;       /* q^-1 mod p, in Montgomery's form */
    mp_limb_t *square_inverse;      /* q^-2 mod p^2, in Montgomery's form */
    struct paillier_join *join;     /* NULL: no kernel */
};

/* The outer structures of handles of this scheme. */
const struct paillier_key *paillier_key_of(const struct scheme_key *key);
const struct paillier_secret *paillier_secret_of(const fate_secret_key *secret);

/* Makes the public half from a modulus of exactly so many bits and a base mod n^2, both checked by the caller. FATE_E_MEMORY. */
int32_t paillier_key_new(fate_context *context, struct scheme_key **key, uint32_t bits, const mp_limb_t *modulus, const mp_limb_t *base);

/* Makes a secret key for a public half, which it holds, from its primes p > q and its base as a plain number mod n^2, all checked by
 * the caller. FATE_E_MEMORY. */
int32_t paillier_secret_new(fate_context *context, fate_secret_key **secret, struct scheme_key *key, const mp_limb_t *p, const mp_limb_t *q,
                            const mp_limb_t *base);

/* Makes a secret key from two different primes of bits/2 bits, limbs_for_bits(bits/2) limbs each, in any order, and
 * x, a unit mod n of limbs_for_bits(bits) limbs. FATE_E_KEY when x is none; FATE_E_MEMORY. */
int32_t paillier_secret_from_primes(fate_context *context, fate_secret_key **secret, uint32_t bits, const mp_limb_t *p, const mp_limb_t *q,
                                    const mp_limb_t *x);

/* FATE_E_KEY unless keys of so many bits are offered. */
int32_t paillier_check_bits(fate_context *context, uint32_t bits);

/* The functions of the scheme's table (src/crypto/scheme.h). */
uint32_t paillier_obfuscator_default(uint32_t bits);
uint32_t paillier_obfuscator_least(uint32_t bits);
void paillier_choose(struct scheme_key *key, uint32_t obfuscator_bits, bool scan_tables);
int32_t paillier_generate(fate_context *context, fate_secret_key **secret, uint32_t bits, const uint8_t *seed);
void paillier_key_free(struct scheme_key *key, fate_context *context);
void paillier_secret_free(fate_secret_key *secret, fate_context *context);
bool paillier_same(const struct scheme_key *left, const struct scheme_key *right);
void paillier_units(const struct scheme_key *key, struct units *units);

#endif
