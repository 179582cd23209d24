/* Exact products in Z[X]/(X^n + 1), and the other inner loops of the lattice cipher, by kernels that all give the same integers.
 *
 * A polynomial modulo 2^k is cut into digits of 32 to 35 bits, balanced, and the product of each digit with a polynomial of small coefficients is
 * computed as integers of less than 2^48: by a prime of 50 bits (lattice_portable.c), or by Fourier transforms in doubles that are proved to
 * round to them (lattice_avx2.c). No Chinese remainders are needed: digits are put together by shifts. */
#ifndef CRYPTO_LATTICE_RING_H
#define CRYPTO_LATTICE_RING_H

#include "src/crypto/lattice.h"

#define LATTICE_PRIME UINT64_C(0x3ffffffffc001) /* 2^50 - 16383, 1 modulo 2^14 */

struct lattice_ring;

enum { LATTICE_MOST_PRODUCTS = 4, LATTICE_BINOMIAL_GROUP = 128, LATTICE_BINOMIAL_BYTES = 672 };

enum { LATTICE_HASHES = 4, LATTICE_HASHED = 256, LATTICE_HASH_KEY = LATTICE_HASHED + 2 * LATTICE_HASHES - 2 };

/* What the positive numbers and the negative ones add up to in size, and the squares of all. */
struct lattice_lengths {
    uint64_t positive, negative, squares;
};

/* Transformed polynomials are n opaque numbers of 64 bits of one kernel. All functions are constant-time in coefficients. */
struct lattice_kernel {
    const char *name;
    bool (*available)(void);
    /* Writes the roots of unity into the memory of a ring. */
    void (*fill)(struct lattice_ring *ring);
    /* Which part of what a sum of products may hold is taken by one more: of digits with a polynomial whose coefficients' absolute values and squares
     * add up to so much. Before the shares add up to more than 1, the sum must leave its transform. At most 1 for ternary polynomials, and for
     * short Gaussian ones (lattice_sample.h) with profiles of declared leakage. */
    double (*share)(const struct lattice_profile *profile, uint64_t absolute, uint64_t squares);
    /* |in[i]| < 2^49. */
    void (*forward)(const struct lattice_ring *ring, uint64_t *out, const int64_t *in);
    void (*forward_small)(const struct lattice_ring *ring, uint64_t *out, const int8_t *in);
    /* One factor of each product must be scaled: by 1/n, which the inverse transform leaves out. */
    void (*scale)(const struct lattice_ring *ring, uint64_t *transformed);
    /* sums += left[0] * right[0] + ..., coefficient by coefficient of the transformed; count: 1 to LATTICE_MOST_PRODUCTS. */
    void (*accumulate)(const struct lattice_ring *ring, uint64_t *sums, const uint64_t *const *left, const uint64_t *const *right,
                       uint32_t count);
    /* The balanced residues of a sum of products; destroys in, which is not out. */
    void (*inverse)(const struct lattice_ring *ring, int64_t *out, uint64_t *in);
    /* Those of count products, of the polynomials that stand behind each other in left with one. scratch: of the size of left. */
    void (*multiply)(const struct lattice_ring *ring, int64_t *out, uint64_t *scratch, const uint64_t *left, const uint64_t *right,
                     uint32_t count);
    /* out[plane] += the sum over i of small[i] * planes[plane*count + i]; count a multiple of 16, and |small[i]| over all that
     * is added to one out below 2^16 together. */
    void (*inner)(int32_t *out, const int8_t *small, const int16_t *planes, uint32_t plane_count, uint32_t count);
    /* Centred binomial numbers of 42 bits each; count a multiple of 32. For each 128 numbers that are begun, LATTICE_BINOMIAL_BYTES bytes: four times
     * five bytes of each of 32 numbers, first bytes first, then 32 bytes, of which byte j has two bits for each of the numbers j, 32 + j, 64 + j and
     * 96 + j. */
    void (*binomial)(int8_t *out, const uint8_t *bytes, uint32_t count);
    /* Gaussian numbers of deviation 8, at most LATTICE_WIDEST, from 8*count bytes; count a multiple of 8. */
    void (*gaussian)(int8_t *out, const uint8_t *bytes, uint32_t count);
    /* count: a multiple of 32, at most 8192. */
    struct lattice_lengths (*lengths)(const int8_t *numbers, uint32_t count);
    /* Four sums over pairs, modulo 2^64: of (numbers[2i] + key[2i + 2j]) * (numbers[2i + 1] + key[2i + 1 + 2j]), whose factors are modulo 2^32,
     * for j = 0, 1, 2, 3. Returns what the numbers add up to in size. count: a multiple of 8, at most LATTICE_HASHED. */
    uint64_t (*hash)(uint64_t *sums, const uint32_t *key, const int32_t *numbers, uint32_t count);
    /* Words as bytes: integers, a polynomial of profile->degree for each digit, put together, + noise + 2^scale values. values: NULL for zeros. */
    void (*write)(const struct lattice_profile *profile, uint32_t scale, uint8_t *bytes, const int64_t *integers, const int8_t *noise,
                  const int32_t *values, uint32_t count);
    /* For each row and column: cells[index[row*columns + column]*stride ...] += rows[row*stride ...]; stride a multiple of 4, at most 32. */
    void (*add_rows)(uint64_t *cells, const uint64_t *rows, const uint16_t *index, uint64_t row_count, uint32_t columns, uint32_t stride);
};

/* The chance, times 2^63, that a Gaussian number is at most so far from 0. Its top bit is the sign. */
extern const uint64_t lattice_gaussian_table[LATTICE_WIDEST];

extern const struct lattice_kernel lattice_portable;
#ifdef __x86_64__
extern const struct lattice_kernel lattice_avx2;
#endif

struct lattice_ring {
    const struct lattice_kernel *kernel;
    uint32_t log_degree, degree;
    uint64_t *memory;           /* what follows */
    uint64_t *forward;          /* the kernel's own; lattice_portable: degree factors, psi^bitreversed(i) */
    uint64_t *forward_quotient; /* degree */
    uint64_t *inverse;
    uint64_t *inverse_quotient;
    uint64_t last, last_quotient; /* what `scale` multiplies by */
};

/* The kernel that a context uses: by the name that fate_context_set_kernel chose where there is one, else the fastest of this machine. */
const struct lattice_kernel *lattice_kernel_of(const fate_context *context);

/* log_degree 6 to 13. kernel NULL: lattice_kernel_of. FATE_E_MEMORY. */
int32_t lattice_ring_make(fate_context *context, struct lattice_ring *ring, uint32_t log_degree, const struct lattice_kernel *kernel);
void lattice_ring_free(fate_context *context, struct lattice_ring *ring);

/* Memory that begins on a line of the cache, so that no vector of a kernel crosses two; count * size bytes, not zeroed. NULL: out of memory. */
void *lattice_allocate(fate_context *context, uint64_t count, uint64_t size);
/* Wipes the first `bytes` bytes, and frees. NULL is accepted. */
void lattice_free(fate_context *context, void *pointer, uint64_t bytes);

/* The digits of degree words: digits polynomials, one behind the other. */
void lattice_digits(const struct lattice_profile *profile, int64_t *digits, const struct lattice_word *words);
/* Whether the sum of squares of each digit is at most degree/3 + 4 sqrt(degree) times 4^(digit_bits - 1), as `share` takes for granted. A random
 * polynomial's is, but for a chance of 2^-120. Public. */
bool lattice_digits_fit(const struct lattice_profile *profile, const int64_t *digits);
/* The coefficients of f(1/X): f_0, -f_(n-1), ..., -f_1. */
void lattice_reverse(int8_t *out, const int8_t *in, uint32_t degree);
/* The numbers of a polynomial that stand together in its planes: at most so many. */
enum { LATTICE_CHUNK = 1024 };
uint32_t lattice_chunk(const struct lattice_profile *profile);
/* The digits of 16 bits, balanced, of degree words: chunk after chunk, and in each the planes, so that inner products stay in the first cache. */
void lattice_planes(const struct lattice_profile *profile, int16_t *planes, const struct lattice_word *words);
/* What `inner` gave for all chunks, put together: a number modulo 2^128. With 8192 factors and digits of 2^15 none leaves 32 bits. */
lattice_wide lattice_planes_join(const int32_t *sums, uint32_t plane_count);

#endif
