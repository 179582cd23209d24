/* Kernels: pair arithmetic (src/crypto/pair.h) on several numbers at once, one in each lane of the processor's vectors. Outside a kernel a
 * number is what it is everywhere else, a canonical pair of 64-bit limbs with R = 2^(64*size), so that every kernel gives equal limbs and
 * any function may go without one. Inside it has limbs of 52 bits and the radix 2^(52*limbs): a factor that is loaded `shift` =
 * 52*limbs - 64*size bits higher makes the inner product's division that of the outer radix.
 *
 * There is one source, src/crypto/kernel_body.h, over the few operations of lanes_plain.h, lanes_fma.h and lanes_ifma.h. */
#ifndef CRYPTO_KERNEL_H
#define CRYPTO_KERNEL_H

#include "src/crypto/pair.h"

enum {
    KERNEL_MOST_LANES = 8,
    KERNEL_LIMB_BITS = 52,
    KERNEL_MOST_BLOCK = 8,
    KERNEL_MOST_SUM = 32, /* factors that kernel_sum takes at once */
    KERNEL_SPARE_BITS = 16,
    KERNEL_WINDOW = 4, /* bits of an exponent at once in a power: the table of 16 pairs stays in the first cache */
    KERNEL_WINDOW_ENTRIES = 1 << KERNEL_WINDOW
};

struct kernel;
struct group;

/* What a kernel keeps of one modulus n. It counts as secret. */
struct kernel_ring {
    const struct kernel *kernel;
    uint32_t limbs; /* of 52 bits, of a number below n: a multiple of block */
    uint32_t block; /* limbs that are reduced together */
    uint32_t words; /* limbs of 64 bits of n */
    uint32_t shift;
    uint64_t *memory; /* one block of memory for what follows */
    uint64_t memory_words;
    uint64_t *modulus;        /* limbs */
    uint64_t *modulus_factor; /* the same as factors */
    uint64_t *inverse;        /* -n^-1 modulo 2^(52*block), block factors */
    uint64_t *straight_start; /* 2*limbs: what columns start from, see kernel_body.h */
    uint64_t *cross_start;
    uint64_t *product_start;
    uint64_t *twice_start;
    uint64_t *mixed_start;
    uint64_t *square_start;
    uint64_t *block_start;    /* block: within a block of a reduction */
    uint64_t *quotient_start; /* block: of a product by inverse */
    mp_limb_t *one;           /* 2^(64*words) as a pair */
    mp_limb_t *radix;         /* 2^(52*limbs) as a pair: one inside */
    mp_limb_t *enter;         /* 2^(52*limbs + shift) as a pair: takes a number inside */
};

/* Pointers to `lanes` numbers of 2*words limbs each; results may be their own operands. scratch: kernel_itch, or what is said. All in constant
 * time. */
struct kernel {
    const char *name;
    uint32_t lanes;
    bool (*available)(void);
    uint32_t (*block)(uint32_t least_limbs); /* for a modulus that needs so many limbs */
    uint64_t (*factor)(uint64_t limb);       /* a limb as the multiplication takes it */
    uint64_t low_bias, high_bias;            /* what a multiplication adds to the two columns beside the product's halves */

    void (*multiply)(const struct kernel_ring *ring, mp_limb_t *const *out, const mp_limb_t *const *left, const mp_limb_t *const *right,
                     mp_limb_t *scratch);
    /* out[i] *= factors[0*lanes + i] * factors[1*lanes + i] * ..., count of them, 1 to KERNEL_MOST_SUM. */
    void (*sum)(const struct kernel_ring *ring, mp_limb_t *const *out, const mp_limb_t *const *factors, uint32_t count, mp_limb_t *scratch);
    /* out[i] = correction * factors[0*lanes + i] * factors[1*lanes + i] * ..., each product over 2^(52*limbs). */
    void (*product)(const struct kernel_ring *ring, mp_limb_t *const *out, const mp_limb_t *const *factors, uint64_t count,
                    const mp_limb_t *correction, mp_limb_t *scratch);
    /* One exponent for all. scratch: kernel_power_itch. */
    void (*power)(const struct kernel_ring *ring, mp_limb_t *const *out, const mp_limb_t *const *base, const mp_limb_t *exponent,
                  uint64_t bits, mp_limb_t *scratch);
    /* out[i] = the sum of factors[slot*lanes + i] shifted by slot*bits, slots of them: in the exponent, so by squarings. */
    void (*pack)(const struct kernel_ring *ring, mp_limb_t *const *out, const mp_limb_t *const *factors, uint32_t slots, uint32_t bits,
                 mp_limb_t *scratch);

    const struct group *group; /* the functions of src/crypto/group.h on these lanes */
};

extern const struct kernel kernel_plain;
#ifdef __x86_64__
extern const struct kernel kernel_avx2, kernel_avx512;
#endif

/* The kernel of that name when this machine has it; NULL for "portable", which is no kernel, and for unknown names. */
const struct kernel *kernel_find(const char *name);
/* The kernel that a context's keys use: the chosen one, or the fastest that this machine has. NULL: portable. */
const struct kernel *kernel_of(const fate_context *context);

/* ring: a modulus of so many bits, exactly, kept by nobody afterwards. *made: NULL without a kernel. FATE_E_MEMORY. */
int32_t kernel_ring_new(struct kernel_ring **made, fate_context *context, const struct kernel *kernel, const struct pair_ring *ring,
                        uint64_t bits);
void kernel_ring_free(struct kernel_ring *ring, fate_context *context);

/* What a kernel's product of count factors must be corrected by. pair: the ring that the kernel's was made from. */
void kernel_correction(const struct kernel_ring *ring, const struct pair_ring *pair, mp_limb_t *correction, uint64_t count);

/* Limbs of scratch. 0 for NULL. */
mp_size_t kernel_itch(const struct kernel_ring *ring);
mp_size_t kernel_power_itch(const struct kernel_ring *ring);

#endif
