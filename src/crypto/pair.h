/* Arithmetic modulo the square of an odd number n. A number x0 + x1*n is kept as the pair (x0, x1), both below n, in Montgomery's form:
 * x stands as x*R mod n^2, R = 2^(64*size). With x0*y0 = t*R - q*n, where q is the quotient that Montgomery's reduction computes anyway,
 *     X*Y/R = t + ((x0*y1 + x1*y0 - q)/R mod n)*n   (mod n^2):
 * five products of the length of n instead of the eight of Montgomery's method modulo n^2, three and a half instead of six for squares.
 * Pairs are always canonical: equal numbers have equal limbs. */
#ifndef CRYPTO_PAIR_H
#define CRYPTO_PAIR_H

#include "src/crypto/montgomery.h"

struct pair_ring {
    struct montgomery modulus; /* n */
    mp_size_t size;            /* limbs of a pair: 2*modulus.size, x0 first */
    mp_limb_t *one;            /* R mod n^2, as a pair; the start of one block of memory for the three */
    mp_limb_t *square;         /* R^2 mod n^2 */
    mp_limb_t *cube;           /* R^3 mod n^2 */
};

/* The ring is zeroed before. modulus: odd, size limbs, the highest not zero. FATE_E_MEMORY: pair_free all the same. The arrays count as
 * secret and are wiped. */
int32_t pair_init(struct pair_ring *ring, fate_context *context, const mp_limb_t *modulus, mp_size_t size);
void pair_free(struct pair_ring *ring, fate_context *context);

/* Limbs of scratch that every function below needs, except power and invert, which have their own. */
mp_size_t pair_itch(const struct pair_ring *ring);

/* out = left*right and number^2, constant time. out may be an operand. */
void pair_multiply(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right, mp_limb_t *scratch);
void pair_square(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *number, mp_limb_t *scratch);
/* out = pair*number, where the number, of half a pair's length, has no second half: four products. Constant time. */
void pair_multiply_number(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *pair, const mp_limb_t *number, mp_limb_t *scratch);
/* pair_multiply and pair_square for public numbers: time may depend on them. */
void pair_multiply_public(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right, mp_limb_t *scratch);
void pair_square_public(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *number, mp_limb_t *scratch);

/* pair = 2*pair, constant time. */
void pair_twice(const struct pair_ring *ring, mp_limb_t *pair);

/* A plain number below n^2 of ring->size limbs to a pair in the form, and back. Constant time. out may be number. */
void pair_enter(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *number, mp_limb_t *scratch);
void pair_leave(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *pair, mp_limb_t *scratch);
/* Out of Montgomery's form, but still a pair. */
void pair_plain(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *pair, mp_limb_t *scratch);

/* out = pair * (1 + factor*n), factor below n. Constant time. */
void pair_shift(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *pair, const mp_limb_t *factor, mp_limb_t *scratch);

/* out = base^exponent. Constant time for a given number of bits (at least 1). scratch: pair_power_itch. */
mp_size_t pair_power_itch(const struct pair_ring *ring);
void pair_power(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *base, const mp_limb_t *exponent, uint64_t bits,
                mp_limb_t *scratch);

/* out = pair^-1; returns 0 when there is none. Constant time. scratch: pair_invert_itch. */
mp_size_t pair_invert_itch(const struct pair_ring *ring);
mp_limb_t pair_invert(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *pair, mp_limb_t *scratch);
/* The same for public numbers; out is undefined when there is none. scratch: pair_invert_public_itch. */
mp_size_t pair_invert_public_itch(const struct pair_ring *ring);
mp_limb_t pair_invert_public(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *pair, mp_limb_t *scratch);

#endif
