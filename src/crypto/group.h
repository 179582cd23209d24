/* A commutative group of numbers in limbs, as a table of functions: what vector operations and tables of powers need to know of the ring
 * that a scheme computes in. */
#ifndef CRYPTO_GROUP_H
#define CRYPTO_GROUP_H

#include "src/crypto/montgomery.h"

struct group {
    const void *ring;     /* kept, must outlive the group */
    mp_size_t size;       /* limbs of an element */
    const mp_limb_t *one; /* of the ring */
    /* Limbs of scratch: for products, for power, for invert. */
    mp_size_t itch, power_itch, invert_itch;
    /* out may be an operand. In constant time, but for the public ones. */
    void (*multiply)(const void *ring, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right, mp_limb_t *scratch);
    void (*multiply_public)(const void *ring, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right, mp_limb_t *scratch);
    void (*square)(const void *ring, mp_limb_t *out, const mp_limb_t *element, mp_limb_t *scratch);
    void (*square_public)(const void *ring, mp_limb_t *out, const mp_limb_t *element, mp_limb_t *scratch);
    /* The time depends on bits (at least 1), not on the exponent. */
    void (*power)(const void *ring, mp_limb_t *out, const mp_limb_t *base, const mp_limb_t *exponent, uint64_t bits, mp_limb_t *scratch);
    /* 0 when there is no inverse. */
    mp_limb_t (*invert)(const void *ring, mp_limb_t *out, const mp_limb_t *element, mp_limb_t *scratch);
};

/* The units modulo an odd number, in Montgomery's form. */
void group_of_montgomery(struct group *group, const struct montgomery *montgomery);

#endif
