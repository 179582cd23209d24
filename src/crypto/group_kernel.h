/* Groups on the kernels' lanes: the units modulo an odd number n in Montgomery's form with R = 2^(52*limbs). A row has `limbs` factors, as the
 * kernel's multiplication takes them, and zeros up to `row`; a bundle has vectors of them. Elements stay below 3n: nothing is made canonical
 * until it leaves. One source, src/crypto/group_body.h, over what src/crypto/kernel_body.h and the lanes offer. */
#ifndef CRYPTO_GROUP_KERNEL_H
#define CRYPTO_GROUP_KERNEL_H

#include "src/crypto/group.h"
#include "src/crypto/kernel.h"

/* What a kernel keeps of one modulus. It counts as secret. */
struct group_ring {
    struct kernel_ring lanes; /* without its pairs: see group_kernel.c for what is set */
    const struct montgomery *modulus;
    uint32_t row;          /* limbs, rounded up to whole vectors */
    uint64_t *friendly;    /* limbs factors: (n * inverse + 1) / 2^(52*block) */
    uint64_t *start;       /* 2*limbs: what the columns of a product start from, and of a square */
    uint64_t *leave_start; /* 2*limbs: of a reduction alone */
    uint64_t *outer;       /* 2*limbs, and 2*split: the same of a product whose factors are split, see kernel_split.h */
    uint64_t *middle;
    uint64_t *one;    /* row factors: R mod n */
    uint64_t *square; /* row factors: R^2 mod n */
};

/* A group on the lanes of a kernel: montgomery and *made must outlive it. FATE_E_MEMORY. */
int32_t group_ring_new(struct group_ring **made, struct group *group, fate_context *context, const struct kernel *kernel,
                       const struct montgomery *montgomery);
void group_ring_free(struct group_ring *ring, fate_context *context);

#endif
