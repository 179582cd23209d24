/* Kernels: pair arithmetic (src/crypto/pair.h) on several numbers at once, one in each lane of the processor's vectors. Numbers that stay are
 * rows: both halves as `limbs` limbs of 52 bits, each as the kernel multiplies it, in Montgomery's form for the radix R = 2^(52*limbs). The
 * halves are below 4n and not canonical: equal numbers may have different rows, as they never leave the process. Rows are transposed
 * into lanes in registers, so that any rows can meet. What comes from elsewhere or goes there is a canonical pair of 64-bit limbs, with the
 * radix 2^(64*size), or a plain number.
 *
 * There is one source, src/crypto/kernel_body.h, over the few operations of lanes_plain.h, lanes_fma.h and lanes_ifma.h. */
#ifndef CRYPTO_KERNEL_H
#define CRYPTO_KERNEL_H

#include "src/crypto/pair.h"

enum { KERNEL_MOST_LANES = 8, KERNEL_LIMB_BITS = 52, KERNEL_MOST_BLOCK = 10, KERNEL_SPARE_BITS = 16 };

struct kernel;
struct kernel_comb;
struct fermat;
struct kernel_join;
struct group;

/* What a kernel keeps of one modulus n. It counts as secret. */
struct kernel_ring {
    const struct kernel *kernel;
    uint32_t limbs;   /* of 52 bits, of a number below n: a multiple of block */
    uint32_t block;   /* limbs that are reduced together */
    uint32_t words;   /* limbs of 64 bits of n */
    uint32_t row;     /* limbs of a row: 2*limbs, then zeros up to a multiple of eight */
    uint32_t shift;   /* 52*limbs - 64*words */
    uint64_t *memory; /* one block of memory for what follows */
    uint64_t memory_words;
    uint64_t *modulus;        /* limbs */
    uint64_t *modulus_factor; /* the same as factors */
    uint64_t *friendly;       /* limbs factors of (n*k + 1)/2^(52*block), where k is the next */
    uint64_t *inverse;        /* -n^-1 modulo 2^(52*block), block factors */
    uint64_t *straight_start; /* 2*limbs: what columns start from, see kernel_body.h */
    uint64_t *cross_start;
    uint64_t *product_start;
    uint64_t *twice_start;
    uint64_t *mixed_start;
    uint64_t *single_start; /* 2*limbs, or 2*(limbs + split): what those of a product by a number without second half start from */
    uint64_t *reduced_start;
    uint32_t split;           /* limbs of the lower part of halves that are multiplied by Karatsuba's method; 0: they are not */
    uint64_t *straight_outer; /* 2*limbs: what columns start from then, see kernel_split.h */
    uint64_t *cross_outer;
    uint64_t *straight_middle; /* 2*split */
    uint64_t *cross_middle;
    uint32_t deep;           /* the same of those parts, which are all of 2*deep limbs then; 0: they are multiplied as they are */
    uint64_t *straight_deep; /* 2*limbs + 5*split: what columns start from then, see kernel_deep.h */
    uint64_t *cross_deep;
    uint64_t *block_start;    /* block: within a block of a reduction */
    uint64_t *quotient_start; /* block: of a product by inverse */
    uint64_t *one;            /* 2^(64*words) as a pair, 2*limbs factors: takes a row to the outer radix */
    uint64_t *radix;          /* R as a row: one */
    uint64_t *enter;          /* R*2^shift as a pair: takes a pair to a row */
    uint64_t *cube;           /* R^3 as a pair */
    uint64_t *minus_square;   /* -R^2 modulo n, limbs factors */
};

/* Pointers are to `lanes` rows, pairs or numbers each; results may be their own operands. scratch: kernel_itch, or what is said. All in
 * constant time. */
struct kernel {
    const char *name;
    uint32_t lanes;
    bool (*available)(void);
    bool (*suits)(void);               /* of the kernels of one name, which differ in least_split, this one is the fastest here */
    uint32_t block;                    /* limbs that are reduced together; those of a number are a multiple of it */
    uint32_t shorter_block;            /* the same of pairs modulo short numbers, as primes of 683 bits; 0: there is no other */
    uint64_t (*factor)(uint64_t limb); /* a limb as the multiplication takes it */
    uint32_t least_split;              /* limbs from which on halves are split, four blocks or more; 0: never */
    uint64_t low_bias, high_bias;      /* what a multiplication adds to the two columns beside the product's halves */

    /* Rows: out[i] = left[i]*right[i]. */
    void (*multiply)(const struct kernel_ring *ring, mp_limb_t *const *out, const mp_limb_t *const *left, const mp_limb_t *const *right,
                     mp_limb_t *scratch);

    /* Pairs to rows and back. */
    void (*enter)(const struct kernel_ring *ring, mp_limb_t *const *rows, const mp_limb_t *const *pairs, mp_limb_t *scratch);
    void (*leave)(const struct kernel_ring *ring, mp_limb_t *const *pairs, const mp_limb_t *const *rows, mp_limb_t *scratch);
    /* Plain numbers below n^2, 2*words limbs, to rows and back. */
    void (*read)(const struct kernel_ring *ring, mp_limb_t *const *rows, const mp_limb_t *const *numbers, mp_limb_t *scratch);
    void (*write)(const struct kernel_ring *ring, mp_limb_t *const *numbers, const mp_limb_t *const *rows, mp_limb_t *scratch);
    /* out[i], words limbs, = numbers[0*lanes + i] * numbers[1*lanes + i] * ... modulo n, up to factors of R: count plain numbers below n^2 for
     * each lane. */
    void (*remainders)(const struct kernel_ring *ring, mp_limb_t *const *out, const mp_limb_t *const *numbers, uint64_t count,
                       mp_limb_t *scratch);

    /* Rows: out[i] = the power that digits[row*lanes + i] choose from the table, times 1 + messages[i]*n (numbers; NULL: none); with a join
     * the powers of two tables joined. scratch: comb_lanes_itch. See src/crypto/comb_lanes.h. */
    void (*comb)(const struct kernel_comb *const *combs, const struct kernel_join *join, mp_limb_t *const *out, const uint32_t *digits,
                 const mp_limb_t *const *messages, mp_limb_t *scratch);

    /* out[i] = (base[i]^(p-1) - 1)/p modulo the prime p: units modulo p^2, pairs, to plain numbers. scratch: fermat_itch. See
     * src/crypto/fermat.h. */
    void (*fermat)(const struct fermat *fermat, mp_limb_t *const *out, const mp_limb_t *const *base, mp_limb_t *scratch);

    const struct group *group; /* the functions of src/crypto/group.h on these lanes, of numbers */
    const struct group *pairs; /* and of pairs: see src/crypto/pair_group.h */
};

extern const struct kernel kernel_plain, kernel_plain_split;
#ifdef __x86_64__
extern const struct kernel kernel_avx2, kernel_avx512, kernel_avx512_split;
#endif

/* The kernel of that name when this machine has it; NULL for "portable", which is no kernel, and for unknown names. */
const struct kernel *kernel_find(const char *name);
/* The kernel that a context's keys use: the chosen one, or the fastest that this machine has. NULL: portable. */
const struct kernel *kernel_of(const fate_context *context);

/* kernel, words, block, limbs and shift for a modulus of so many limbs of 64 bits; the shorter block where that is much less work, 0: never. */
void kernel_choose_limbs(struct kernel_ring *ring, const struct kernel *kernel, uint32_t words, uint32_t shorter);

/* ring: a modulus of so many bits, exactly, kept by nobody afterwards. *made: NULL without a kernel. FATE_E_MEMORY. */
int32_t kernel_ring_new(struct kernel_ring **made, fate_context *context, const struct kernel *kernel, const struct pair_ring *ring,
                        uint64_t bits);
void kernel_ring_free(struct kernel_ring *ring, fate_context *context);

/* Starts of the columns of `times` products of halves that are split: outer ones of both parts, middle ones of the sums of parts. What
 * column c is to have in the end is wanted[c] and its lift; the columns of the lower part's upper half and the upper part's lower half begin
 * with nothing of it, which decides the others: see join_parts in kernel_split.h. */
void kernel_fill_split(const struct kernel_ring *ring, uint64_t *outer, uint64_t *middle, const uint64_t *wanted, uint64_t times);

/* The same for parts that are split once more: outer columns, middle ones, and for the lower, the upper and the sum of parts the columns of
 * their own middle. */
void kernel_fill_deep(const struct kernel_ring *ring, uint64_t *starts, const uint64_t *wanted, uint64_t times);

/* The limbs of a number of `words` limbs of 64 bits, and the same as factors. */
void kernel_limbs(const struct kernel_ring *ring, uint64_t *limbs, const mp_limb_t *number);
void kernel_factors(const struct kernel_ring *ring, uint64_t *factors, const mp_limb_t *number);

/* Limbs of scratch. 0 for NULL. */
mp_size_t kernel_itch(const struct kernel_ring *ring);

#endif
