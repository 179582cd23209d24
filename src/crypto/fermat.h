/* On lanes: (x^(p-1) - 1)/p modulo a prime p, which is what decryption wants of a number modulo p^2. With x = a + b*p the power is made of a alone,
 * by windows, and its products are by the first halves t of the table's entries t + s*p = t*(1 + (s/t)*p): what that leaves out is a factor
 * 1 + E*p in the end, where E is a sum of s/t, each as often as p-2 has the entry's digit, with the digits' weights, less b/a. As 1/t is a power of
 * 1/a = a^(p-2), which the power comes by, E costs two products and one reduction for each entry; the chain's products are four instead of
 * five, and half of the table is looked up. */
#ifndef CRYPTO_FERMAT_H
#define CRYPTO_FERMAT_H

#include "src/crypto/kernel.h"

enum { FERMAT_WINDOW = 5, FERMAT_ENTRIES = 1 << FERMAT_WINDOW };

/* What a kernel keeps of one prime. All of it counts as secret. */
struct fermat {
    const struct kernel_ring *ring; /* of p */
    uint64_t bits;                  /* of p */
    uint64_t *memory;               /* one block of memory for what follows */
    uint64_t memory_words;
    mp_limb_t *exponent; /* p-2, ring->words limbs */
    uint64_t *weights;   /* [FERMAT_ENTRIES][limbs] factors: of each digit's second half, times R, modulo p; -R for digit 1, none for 0 */
    uint64_t *constant;  /* limbs of what digit 0 contributes, whose entry is R itself */
    uint64_t *start;     /* 2*limbs: what the columns of two products and a reduction start from */
};

/* ring and pair: of an odd prime of so many bits, kept by the caller. *made: NULL without a kernel. FATE_E_MEMORY. */
int32_t fermat_new(struct fermat **made, fate_context *context, const struct kernel_ring *ring, const struct pair_ring *pair,
                   uint64_t bits);
void fermat_free(struct fermat *fermat, fate_context *context);

/* Limbs of scratch of a kernel's fermat. 0 for NULL. */
mp_size_t fermat_itch(const struct kernel_ring *ring);

#endif
