/* Okamoto-Uchiyama keys: what both halves hold beside their primes, how they are made and freed.
 * n = p^2*q; g is a random square mod n whose power p-1 is not 1 mod p^2; h = g^n mod n hides (T. Okamoto, S. Uchiyama, "A new public-key
 * cryptosystem as secure as factoring", Eurocrypt 1998). Squares, so that no Jacobi symbol tells a bit of a plaintext. */
#ifndef CRYPTO_OKAMOTO_KEY_H
#define CRYPTO_OKAMOTO_KEY_H

#include "src/crypto/fermat.h"
#include "src/crypto/okamoto_owner.h"

struct okamoto_key {
    struct scheme_key head;
    struct montgomery modulus; /* n */
    struct okamoto_ring ring;  /* modulo n */
    mp_limb_t *limbs;          /* one block of memory for the plain numbers that follow */
    mp_limb_t *generator;      /* g */
    mp_limb_t *base;           /* h */
    mp_limb_t *lift;           /* g^-(2^62) */
};

struct okamoto_secret {
    struct fate_secret_key head;
    struct pair_ring ring;     /* modulo p^2, by p */
    struct kernel_ring *lanes; /* of ring; NULL: no kernel */
    struct fermat *fermat;     /* NULL: no kernel */
    struct montgomery square;  /* modulo p^2, for plain numbers */
    mp_limb_t *limbs;          /* one block of memory for the arrays that follow */
    mp_limb_t *minus_one;      /* p-1 */
    mp_limb_t *factor;         /* L(g^(p-1))^-1 mod p, in Montgomery's form, where L(1 + x*p) = x */
    mp_limb_t *other;          /* q */
    mp_size_t other_size;
    struct okamoto_owner *owner;
};

/* The outer structures of handles of this scheme. */
const struct okamoto_key *okamoto_key_of(const struct scheme_key *key);
const struct okamoto_secret *okamoto_secret_of(const fate_secret_key *secret);

/* Lengths of p and q in a key of so many bits. */
uint32_t okamoto_prime_bits(uint32_t bits);
uint32_t okamoto_other_bits(uint32_t bits);

/* Makes the public half from a modulus of exactly so many bits and a generator, a unit below it, both checked by the caller. FATE_E_MEMORY. */
int32_t okamoto_key_new(fate_context *context, struct scheme_key **key, uint32_t bits, const mp_limb_t *modulus,
                        const mp_limb_t *generator);

/* Makes a secret key from two different primes of the lengths above and a generator, a unit below n. FATE_E_KEY when n has not so many bits
 * or the generator's power p-1 is 1 mod p^2; FATE_E_MEMORY. */
int32_t okamoto_secret_from_primes(fate_context *context, fate_secret_key **secret, uint32_t bits, const mp_limb_t *p, const mp_limb_t *q,
                                   const mp_limb_t *generator);

/* out (limbs of p, one for each lane of the key's group) = L(number^(p-1)) mod p for plain numbers below n: their plaintexts times that of g.
 * Constant time. scratch: okamoto_logarithm_itch. */
mp_size_t okamoto_logarithm_itch(const struct okamoto_secret *secret);
void okamoto_logarithms(const struct okamoto_secret *secret, mp_limb_t *const *out, const mp_limb_t *const *numbers, mp_limb_t *scratch);

/* FATE_E_KEY unless keys of so many bits are offered. */
int32_t okamoto_check_bits(fate_context *context, uint32_t bits);

/* The functions of the scheme's table (src/crypto/scheme.h). */
uint32_t okamoto_obfuscator_default(uint32_t bits);
uint32_t okamoto_obfuscator_least(uint32_t bits);
void okamoto_choose(struct scheme_key *key, uint32_t obfuscator_bits, bool scan_tables);
int32_t okamoto_generate(fate_context *context, fate_secret_key **secret, uint32_t bits, const uint8_t *seed);
void okamoto_key_free(struct scheme_key *key, fate_context *context);
void okamoto_secret_free(fate_secret_key *secret, fate_context *context);
bool okamoto_same(const struct scheme_key *left, const struct scheme_key *right);
void okamoto_units(const struct scheme_key *key, struct units *units);

#endif
