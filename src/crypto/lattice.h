/* Experimental: a linear cipher on lattices whose ciphertexts a host adds up as plain integers. SECURITY.md, "The
 * lattice cipher", has the argument, its assumptions and what nobody has reviewed.
 *
 * The ring is Z[X]/(X^n + 1) modulo 2^k. Rows fill blocks of n coefficients. From a joint seed come public polynomials a, one a block, and a'.
 * Hint of a bin with members x, once:    h = sum over blocks of x(1/X) a + r a' + e1        (r ternary, e1 binomial, of the host; both Gaussian in profile A)
 * Encrypted vector v of integers:        b = a s + e + D v for each block, b' = a' s + e'   (s ternary, e and e' binomial, of the guest)
 * Reply of a bin:                        the sum of b over its members + constant coefficient of r b' + flood, cut to its top bits
 * Sum of v over the members:             (reply - constant coefficient of h s) / D, rounded
 * What the rounding takes away is nu + flood, nu = <x, e> + ct(r e') - ct(e1 s): lattice_plan_make proves it below D/2. */
#ifndef CRYPTO_LATTICE_H
#define CRYPTO_LATTICE_H

#include "lib/context.h"

enum {
    LATTICE_SEED = 32,
    LATTICE_NOISE = 21,       /* e is the difference of two counts of so many bits: at most 21, deviation 3.24 */
    LATTICE_MOST_VECTORS = 8, /* that are added up at once */
    LATTICE_WIDEST = 63,      /* Gaussian numbers of deviation 8 are at most so far from 0 */
    LATTICE_KEPT_BITS = 6,    /* of a reply, below those of the sum */
    LATTICE_MOST_DEGREE = 8192,
    LATTICE_MOST_ROWS = 1 << 28,
    LATTICE_MOST_PLANES = 8,
    LATTICE_LEAST_SCALE = 10, /* of D, for floods */
    LATTICE_MOST_BITS = 62,   /* of a sum */
    LATTICE_MOST_LEAK = -38   /* a plan whose replies tell more than this power of two is refused */
};

#define LATTICE_MOST_DECLARED 0.25 /* bits a bin: a plan of a profile with declared leakage that would tell more is refused */

__extension__ typedef unsigned __int128 lattice_wide;

/* A number modulo 2^k. */
struct lattice_word {
    uint64_t low, high;
};

struct lattice_profile {
    const char *name;
    uint8_t number;      /* on the wire */
    uint32_t log_degree; /* n = 2^log_degree */
    uint32_t degree;     /* n */
    uint32_t bits;       /* k */
    uint32_t digits;     /* products are made of so many digits of digit_bits bits, each between -2^(digit_bits-1) and that */
    uint32_t digit_bits;
    uint32_t limbs; /* sums of rows are made of so many limbs, each in 64 bits */
    uint32_t limb_bits;
    uint32_t planes; /* inner products are made of so many digits of 16 bits */
    uint32_t bytes;  /* of a number on the wire */
    bool declared;   /* what replies tell is small in bits, not in statistical distance; r, e1 and floods are Gaussian. See SECURITY.md */
};

/* "B": n = 4096, q = 2^104. "C": n = 8192, q = 2^128. "A": n = 4096, q = 2^64, with declared leakage: never chosen but by its name. NULL: no profile
 * has this name, or number. */
const struct lattice_profile *lattice_profile_find(const char *name);
const struct lattice_profile *lattice_profile_of(uint8_t number);

/* What a job asks for. */
struct lattice_shape {
    uint64_t rows;    /* that the parties share */
    uint64_t columns; /* of the host */
    uint64_t bins;    /* of all its columns together */
    uint64_t vectors; /* that will ever be encrypted against one hint */
    uint32_t bits;    /* every sum is between -2^bits and 2^bits, both excluded */
};

/* A shape that a profile has been found to carry. */
struct lattice_plan {
    const struct lattice_profile *profile;
    struct lattice_shape shape;
    uint32_t blocks;
    uint32_t scale;       /* D = 2^scale */
    uint32_t reply_bytes; /* the top bytes of a reply's k bits that are sent */
    uint64_t noise;       /* |nu| is never above this */
    int32_t leak;    /* the replies' statistical distance from such as depend on the sums alone is at most 2^leak; 0: nothing is said */
    double declared; /* profiles with declared leakage: what the replies to all vectors tell of a bin of mean size, in bits; else 0 */
    bool unblinded;  /* test builds only, for attacks: hints without r a' + e1 */
    bool unflooded;  /* test builds only, for attacks: replies without flood */
};

/* Whether a guard is off, which it never is outside test builds. */
static inline bool lattice_unblinded(const struct lattice_plan *plan)
{
#ifdef FATE_TEST_BUILD
    return plan->unblinded;
#else
    (void)plan;
    return false;
#endif
}

static inline bool lattice_unflooded(const struct lattice_plan *plan)
{
#ifdef FATE_TEST_BUILD
    return plan->unflooded;
#else
    (void)plan;
    return false;
#endif
}

/* FATE_OK; FATE_E_ARGUMENT: no rows, columns, bins, vectors or bits; FATE_E_LIMIT: too many rows; FATE_E_RANGE: the sums are too long for
 * the profile: noise and flood could reach D/2, or the replies would tell more than the profile allows. The sentence says which, and what
 * would help. */
int32_t lattice_plan_make(fate_context *context, struct lattice_plan *plan, const struct lattice_profile *profile,
                          const struct lattice_shape *shape);

/* A flood is never farther from 0. */
lattice_wide lattice_flood_bound(const struct lattice_plan *plan);
/* Half of the step in which replies are sent: they are read as if in the middle of it. */
lattice_wide lattice_cut_bound(const struct lattice_plan *plan);

/* Words modulo 2^128; only the lower k bits count. */
static inline lattice_wide lattice_wide_of(struct lattice_word word)
{
    return (lattice_wide)word.high << 64 | word.low;
}

static inline struct lattice_word lattice_word_of(lattice_wide wide)
{
    struct lattice_word word = {(uint64_t)wide, (uint64_t)(wide >> 64)};
    return word;
}

/* A signed number as one modulo 2^128. */
static inline lattice_wide lattice_signed(int64_t value)
{
    uint64_t sign = 0 - ((uint64_t)value >> 63);
    return (lattice_wide)sign << 64 | (uint64_t)value;
}

/* word modulo 2^bits */
static inline lattice_wide lattice_reduce(lattice_wide word, uint32_t bits)
{
    return word << (128 - bits) >> (128 - bits);
}

#endif
