/* What the kernels know of tables of powers: one modulus's table, and how the results of two primes are joined. All of it counts as
 * secret. */
#ifndef CRYPTO_COMB_LANES_H
#define CRYPTO_COMB_LANES_H

#include "src/crypto/kernel.h"

/* An entry is the number y0*(1 + s*n) mod n^2, in Montgomery's form: y0 and s, each `limbs` factors, below 4n. So a product with it is one by
 * y0 alone, four products of the length of n instead of five, and the s are just summed. */
struct kernel_comb {
    const struct kernel_ring *ring;
    const mp_limb_t *table; /* [rows][entries][2*limbs], or for tables that are scanned [rows][2*limbs][entries]; then room to read on */
    uint64_t rows, entries;
    bool scanned, halved;         /* halved: powers leave Montgomery's form, as kernel_join wants them */
    const uint64_t *radix_square; /* R^2 modulo n, factors */
};

/* With numbers a mod p^2 and b mod q^2, pairs by p and q: a0*first[0] + a1*second[0]*n + b0*first[1] + b1*second[1]*n is the number
 * modulo n^2 that leaves both, times R^2. All in factors. */
struct kernel_join {
    const struct kernel_ring *ring; /* of n */
    const uint64_t *straight_start, *cross_start;
    const uint64_t *first[2];  /* pairs */
    const uint64_t *second[2]; /* numbers below n */
    const uint64_t *radix_square;
};

/* Limbs of scratch of a kernel's comb, of the rings of a comb and of a join. */
mp_size_t comb_lanes_itch(const struct kernel_ring *ring);

#endif
