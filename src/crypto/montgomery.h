/* Multiplication modulo an odd number in Montgomery's form: x stands as x*R mod m, R = 2^(64*size). Results are always below m,
 * so equal numbers have equal limbs. P. Montgomery, "Modular multiplication without trial division", 1985. */
#ifndef CRYPTO_MONTGOMERY_H
#define CRYPTO_MONTGOMERY_H

#include "src/crypto/limbs.h"

struct montgomery {
    mp_size_t size;     /* limbs of the modulus; the highest one is not zero */
    mp_limb_t inverse;  /* -modulus^-1 mod 2^64 */
    mp_limb_t *modulus; /* the start of one block of memory for the three arrays */
    mp_limb_t *one;     /* R mod modulus */
    mp_limb_t *square;  /* R^2 mod modulus */
};

/* modulus: odd, size limbs, the highest not zero. FATE_E_MEMORY. The arrays count as secret and are wiped. */
int32_t montgomery_init(struct montgomery *montgomery, fate_context *context, const mp_limb_t *modulus, mp_size_t size);
void montgomery_free(struct montgomery *montgomery, fate_context *context);

/* Limbs of scratch that every function below needs, except power and invert, which have their own. */
mp_size_t montgomery_itch(const struct montgomery *montgomery);

/* out = left*right/R. Constant time. out may be left or right. Operands are below the modulus; it is enough that their product is
 * below modulus*R. */
void montgomery_multiply(const struct montgomery *montgomery, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right,
                         mp_limb_t *scratch);
void montgomery_square(const struct montgomery *montgomery, mp_limb_t *out, const mp_limb_t *number, mp_limb_t *scratch);
/* The same for public numbers: time may depend on them. */
void montgomery_multiply_public(const struct montgomery *montgomery, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right,
                                mp_limb_t *scratch);
void montgomery_square_public(const struct montgomery *montgomery, mp_limb_t *out, const mp_limb_t *number, mp_limb_t *scratch);

/* out = number/R for a number of 2*size limbs below modulus*R, which is destroyed. Constant time. */
void montgomery_reduce(const struct montgomery *montgomery, mp_limb_t *out, mp_limb_t *number);

/* number + 2^(64*size)*top, less the modulus when that is not below zero; *taken: 1 when so. Returns the new top. Constant time. */
mp_limb_t montgomery_take_modulus(const struct montgomery *montgomery, mp_limb_t *number, mp_limb_t top, mp_limb_t *taken);

/* out = number mod modulus for a plain number of 2*size limbs below modulus*R, which is destroyed. Constant time, in the modulus too. */
void montgomery_remainder(const struct montgomery *montgomery, mp_limb_t *out, mp_limb_t *number, mp_limb_t *scratch);

/* Into the form and out of it. Constant time. */
void montgomery_enter(const struct montgomery *montgomery, mp_limb_t *out, const mp_limb_t *number, mp_limb_t *scratch);
void montgomery_leave(const struct montgomery *montgomery, mp_limb_t *out, const mp_limb_t *number, mp_limb_t *scratch);

/* out = base^exponent, base and out in the form. Constant time for a given number of bits (at least 1). scratch: montgomery_power_itch. */
mp_size_t montgomery_power_itch(const struct montgomery *montgomery);
void montgomery_power(const struct montgomery *montgomery, mp_limb_t *out, const mp_limb_t *base, const mp_limb_t *exponent, uint64_t bits,
                      mp_limb_t *scratch);

/* out = number^-1, both in the form; 0 when there is none. Constant time. scratch: montgomery_invert_itch. */
mp_size_t montgomery_invert_itch(const struct montgomery *montgomery);
mp_limb_t montgomery_invert(const struct montgomery *montgomery, mp_limb_t *out, const mp_limb_t *number, mp_limb_t *scratch);

#endif
