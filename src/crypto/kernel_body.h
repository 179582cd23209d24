/* The vector kernels' one source, included by kernel_plain.c, kernel_fma.c and kernel_ifma.c after the header of their lanes.
 *
 * A number is `limbs` vectors, each with the same limb of all lanes. A product is summed by columns of 64 bits: the two halves of a product of
 * limbs have 52 bits, so thousands of them fit, and carries wait until the end. Where a multiplication adds a bias to its columns, these
 * start from minus all that will have been added when they are read; sums modulo 2^64 are right then.
 *
 * Montgomery's reduction takes `block` limbs at a time: q = (the block) * inverse modulo 2^(52*block), then q*n is added. For
 * numbers x and y the result is below x*y/R + n. The pair's second half is (cross + offset - quotient)/R with an offset that is a multiple of n
 * from R to 2R, in limbs that are never below those of the quotient, reduced by reduce_mixed: below cross/R + 2n + 2. So with
 * KERNEL_SPARE_BITS and operands below 4n results are below 2n and 3n; those of operands of which one is canonical become canonical by one and
 * two conditional subtractions. */
#include "src/crypto/group.h"
#include "src/crypto/kernel.h"

#define LANES_MASK (((uint64_t)1 << KERNEL_LIMB_BITS) - 1)
#define KERNEL_FUNCTION static LANES_TARGET

struct workspace {
    lanes *straight, *cross;   /* columns, 2*limbs */
    lanes *quotient;           /* limbs */
    lanes *digits, *factors;   /* of one block */
    lanes *words;              /* of a number outside, and room for the tail of a transposition */
    lanes *left, *right;       /* rows of all lanes */
    lanes *middle, *sums;      /* of split halves: columns, 2*split; sums of parts, 4*split factors */
    lanes *inner, *deep;       /* of halves that are split twice: columns, 3*split; sums, 10*split factors */
    lanes *more;               /* what is left */
    struct group_ahead *ahead; /* NULL: nothing */
};

enum { AHEAD_LINE = 8 }; /* limbs of a line */

/* Rows are of so many limbs; the product calls ask_ahead so many times. */
LANES_FUNCTION void begin_ahead(struct group_ahead *ahead, uint32_t row, uint32_t calls)
{
    ahead->lines = (ahead->count * ((row + AHEAD_LINE - 1) / AHEAD_LINE) + calls - 1) / calls;
}

/* Asks for the next few lines of the rows that come after this product. */
LANES_FUNCTION void ask_ahead(struct group_ahead *ahead, uint32_t row)
{
    if (ahead == NULL) return;
    for (uint32_t i = 0; i < ahead->lines && ahead->row < ahead->count; i++) {
        __builtin_prefetch(ahead->rows[ahead->row] + ahead->limb, 0, 2);
        ahead->limb += AHEAD_LINE;
        if (ahead->limb < row) continue;
        ahead->limb = 0;
        ahead->row++;
    }
}

KERNEL_FUNCTION struct workspace workspace_in(const struct kernel_ring *ring, mp_limb_t *scratch)
{
    struct workspace space;
    uint32_t limbs = ring->limbs;
    /* A vector may be loaded from anywhere, but sooner from a multiple of its size. */
    space.straight = (lanes *)(void *)((char *)scratch + (64 - (uintptr_t)scratch % 64) % 64);
    space.cross = space.straight + 2 * limbs;
    space.quotient = space.cross + 2 * limbs;
    space.digits = space.quotient + limbs;
    space.factors = space.digits + KERNEL_MOST_BLOCK;
    space.words = space.factors + KERNEL_MOST_BLOCK;
    space.left = space.words + 2 * ring->words + LANES;
    space.right = space.left + ring->row;
    space.middle = space.right + ring->row;
    space.sums = space.middle + 2 * ring->split;
    space.inner = space.sums + 4 * ring->split;
    space.deep = space.inner + (ring->deep == 0 ? 0 : 3 * ring->split);
    space.more = space.deep + (ring->deep == 0 ? 0 : 10 * ring->split);
    space.ahead = NULL;
    return space;
}

/* ---- numbers in and out ---- */

/* words[w] = word w of each lane's number. */
KERNEL_FUNCTION void load_words(lanes *words, const mp_limb_t *const *numbers, uint32_t from, uint32_t count)
{
    for (uint32_t w = 0; w < count; w += LANES) {
        if (count - w >= LANES) {
            lanes_load_square(words + w, numbers, from + w);
            continue;
        }
        for (uint32_t lane = 0; lane < LANES; lane++) {
            uint64_t padded[LANES] = {0};
            for (uint32_t i = 0; i < count - w; i++) padded[i] = numbers[lane][from + w + i];
            words[w + lane] = lanes_load(padded);
        }
        lanes_transpose(words + w);
    }
}

/* out = limbs of the words that were loaded. */
KERNEL_FUNCTION void split_words(lanes *out, uint32_t limbs, const lanes *words, uint32_t count, bool factors)
{
    const lanes mask = lanes_set(LANES_MASK);
    for (uint32_t i = 0; i < limbs; i++) {
        uint32_t bit = KERNEL_LIMB_BITS * i, word = bit / 64, offset = bit % 64;
        lanes limb = word < count ? lanes_right(words[word], offset) : lanes_set(0);
        if (offset > 64 - KERNEL_LIMB_BITS && word + 1 < count) limb = lanes_or(limb, lanes_left(words[word + 1], 64 - offset));
        limb = lanes_and(limb, mask);
        out[i] = factors ? lanes_factor(limb) : limb;
    }
}

/* out = number, as factors. */
KERNEL_FUNCTION void load_number(const struct kernel_ring *ring, const struct workspace *space, lanes *out, const mp_limb_t *const *numbers,
                                 uint32_t from)
{
    load_words(space->words, numbers, from, ring->words);
    split_words(out, ring->limbs, space->words, ring->words, true);
}

KERNEL_FUNCTION void load_pair(const struct kernel_ring *ring, const struct workspace *space, lanes *out, const mp_limb_t *const *numbers)
{
    load_number(ring, space, out, numbers, 0);
    load_number(ring, space, out + ring->limbs, numbers, ring->words);
}

KERNEL_FUNCTION void load_constant(lanes *out, const uint64_t *factors, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) out[i] = lanes_set(factors[i]);
}

KERNEL_FUNCTION void load_rows(const struct kernel_ring *ring, lanes *out, const mp_limb_t *const *rows)
{
    const uint32_t row = ring->row;
    const mp_limb_t *own[LANES]; /* that no store can change */
    for (uint32_t lane = 0; lane < LANES; lane++) own[lane] = rows[lane];
    for (uint32_t i = 0; i < row; i += LANES) lanes_load_square(out + i, own, i);
}

KERNEL_FUNCTION void store_rows(const struct kernel_ring *ring, mp_limb_t *const *rows, lanes *number)
{
    const uint32_t row = ring->row;
    mp_limb_t *own[LANES];
    for (uint32_t lane = 0; lane < LANES; lane++) own[lane] = rows[lane];
    for (uint32_t i = 2 * ring->limbs; i < row; i++) number[i] = lanes_set(0);
    for (uint32_t i = 0; i < row; i += LANES) lanes_store_square(own, i, number + i);
}

/* The limbs of a canonical number to words. */
KERNEL_FUNCTION void store_words(const struct workspace *space, mp_limb_t *const *numbers, uint32_t to, uint32_t count, const lanes *limbs,
                                 uint32_t limb_count)
{
    lanes *words = space->words;
    for (uint32_t w = 0; w < count; w++) {
        uint32_t limb = 64 * w / KERNEL_LIMB_BITS, offset = 64 * w % KERNEL_LIMB_BITS, filled = KERNEL_LIMB_BITS - offset;
        lanes word = lanes_right(limbs[limb], offset);
        if (limb + 1 < limb_count) word = lanes_or(word, lanes_left(limbs[limb + 1], filled));
        if (filled + KERNEL_LIMB_BITS < 64 && limb + 2 < limb_count)
            word = lanes_or(word, lanes_left(limbs[limb + 2], filled + KERNEL_LIMB_BITS));
        words[w] = word;
    }
    for (uint32_t w = 0; w < count; w += LANES) {
        uint32_t left = count - w;
        lanes_transpose(words + w);
        for (uint32_t lane = 0; lane < LANES; lane++) {
            uint64_t padded[LANES];
            lanes_store(left >= LANES ? numbers[lane] + to + w : padded, words[w + lane]);
            for (uint32_t i = 0; left < LANES && i < left; i++) numbers[lane][to + w + i] = padded[i];
        }
    }
}

KERNEL_FUNCTION void store_pair(const struct kernel_ring *ring, const struct workspace *space, mp_limb_t *const *numbers,
                                const lanes *limbs)
{
    store_words(space, numbers, 0, ring->words, limbs, ring->limbs);
    store_words(space, numbers, ring->words, ring->words, limbs + ring->limbs, ring->limbs);
}

/* ---- products ---- */

#include "src/crypto/kernel_columns.h"

/* Takes n away unless the number is below it; returns 1 in the lanes where it was taken. */
KERNEL_FUNCTION lanes take_modulus(const struct kernel_ring *ring, lanes *number, lanes *room)
{
    const lanes mask = lanes_set(LANES_MASK);
    lanes borrow = lanes_set(0);
    for (uint32_t i = 0; i < ring->limbs; i++) {
        borrow = lanes_subtract(lanes_subtract(number[i], lanes_set(ring->modulus[i])), borrow);
        room[i] = lanes_and(borrow, mask);
        borrow = lanes_right(borrow, 63);
    }
    lanes keep = lanes_subtract(lanes_set(0), borrow), take = lanes_subtract(borrow, lanes_set(1));
    for (uint32_t i = 0; i < ring->limbs; i++) number[i] = lanes_or(lanes_and(number[i], keep), lanes_and(room[i], take));
    return lanes_subtract(lanes_set(1), borrow);
}

/* Makes the lower half of the first columns zero by adding multiples of n, whose limbs go to quotient; the upper half is the result. */
LANES_FUNCTION void reduce(const struct kernel_ring *ring, const struct workspace *space, const uint32_t block)
{
    lanes *columns = space->straight;
    for (uint32_t j = 0; j < ring->limbs; j += block) {
        next_quotient(ring, space->quotient + j, space->factors, space->digits, columns + j, NULL, block);
        OF_BLOCK(pass_modulus)(columns + j, ring->block_start, space->digits, ring->modulus_factor, space->factors, ring->limbs);
    }
}

/* The mixed products' columns less the other reduction's quotient, in the same way. Nobody asks for this one's quotient, so blocks are their own:
 * with k = -n^-1 modulo 2^(52*block) and n*k = friendly*2^(52*block) - 1, adding the block's multiple of n*k means to clear the block and to add
 * its multiple of `friendly` above it. The last block's is a multiple of n itself, so that all are below 2n*R. */
LANES_FUNCTION void reduce_mixed(const struct kernel_ring *ring, const struct workspace *space, const uint32_t block)
{
    const uint32_t last = ring->limbs - block;
    for (uint32_t j = 0; j < last; j += block) {
        next_digits(space->factors, space->cross + j, space->quotient + j, block);
        OF_BLOCK(pass_friendly)(space->cross + j + block, ring->friendly, space->factors, ring->limbs);
        ask_ahead(space->ahead, ring->row);
    }
    ask_ahead(space->ahead, ring->row);
    next_quotient(ring, space->quotient + last, space->factors, space->digits, space->cross + last, space->quotient + last, block);
    OF_BLOCK(pass_modulus)(space->cross + last, ring->block_start, space->digits, ring->modulus_factor, space->factors, ring->limbs);
}

/* Columns of left*right. */
LANES_FUNCTION void product(lanes *columns, const uint64_t *from, const lanes *left, const lanes *right, uint32_t limbs,
                            const uint32_t block)
{
    for (uint32_t j = 0; j < limbs; j += block)
        (j == 0 ? OF_BLOCK(pass_fresh) : OF_BLOCK(pass_top))(columns + j, from + j, left, right + j, limbs);
}

/* Columns of the product of the first halves, and of the mixed products: left's second half meets `other`, right's first half but for
 * read_inside. The first columns reduced, with their quotient. The mixed products stand between a block's quotient, which is one
 * long chain, and its use. */
LANES_FUNCTION void multiply_columns(const struct kernel_ring *ring, const struct workspace *space, const lanes *left, const lanes *right,
                                     const lanes *other, const uint32_t block)
{
    const uint32_t limbs = ring->limbs;
    product(space->straight, ring->straight_start, left, right, limbs, block);
    for (uint32_t j = 0; j < limbs; j += block) {
        next_quotient(ring, space->quotient + j, space->factors, space->digits, space->straight + j, NULL, block);
        ask_ahead(space->ahead, ring->row);
        (j == 0 ? OF_BLOCK(pass_fresh) : OF_BLOCK(pass_top))(space->cross + j, ring->cross_start + j, left, right + limbs + j, limbs);
        ask_ahead(space->ahead, ring->row);
        OF_BLOCK(pass_more)(space->cross + j, left + limbs, other + j, limbs);
        ask_ahead(space->ahead, ring->row);
        OF_BLOCK(pass_modulus)(space->straight + j, ring->block_start, space->digits, ring->modulus_factor, space->factors, limbs);
    }
}

/* Columns of both halves to a pair: factors below 2n, or canonical limbs. */
LANES_FUNCTION void finish_pair(const struct kernel_ring *ring, const struct workspace *space, lanes *out, bool canonical,
                                const uint32_t block)
{
    const uint32_t limbs = ring->limbs;
    lanes *high = out + limbs;
    propagate(out, space->straight + limbs, limbs, !canonical);
    lanes wrapped = canonical ? take_modulus(ring, out, space->straight) : lanes_set(0);
    reduce_mixed(ring, space, block);
    space->cross[limbs] = lanes_add(space->cross[limbs], wrapped);
    propagate(high, space->cross + limbs, limbs, !canonical);
    if (!canonical) return;
    take_modulus(ring, high, space->straight);
    take_modulus(ring, high, space->straight);
}

#define APART KERNEL_FUNCTION __attribute__((noinline))
#define PAIR_OF(block)                                                                                                        \
    APART void reduce_##block(const struct kernel_ring *ring, const struct workspace *space)                                  \
    {                                                                                                                         \
        reduce(ring, space, block);                                                                                           \
    }                                                                                                                         \
    APART void product_##block(lanes *columns, const uint64_t *from, const lanes *left, const lanes *right, uint32_t limbs)   \
    {                                                                                                                         \
        product(columns, from, left, right, limbs, block);                                                                    \
    }                                                                                                                         \
    APART void multiply_columns_##block(const struct kernel_ring *ring, const struct workspace *space, const lanes *left,     \
                                        const lanes *right, const lanes *other)                                               \
    {                                                                                                                         \
        multiply_columns(ring, space, left, right, other, block);                                                             \
    }                                                                                                                         \
    APART void finish_pair_##block(const struct kernel_ring *ring, const struct workspace *space, lanes *out, bool canonical) \
    {                                                                                                                         \
        finish_pair(ring, space, out, canonical, block);                                                                      \
    }
LANES_BLOCKS(PAIR_OF)

#if LANES_SPLIT != 0
#include "src/crypto/kernel_split.h"

#include "src/crypto/kernel_deep.h"
#endif

/* out may be an operand. */
KERNEL_FUNCTION void pair_product(const struct kernel_ring *ring, const struct workspace *space, lanes *out, const lanes *left,
                                  const lanes *right, bool canonical)
{
    const uint32_t block = ring->block;
    (void)block;
#if LANES_SPLIT != 0
    if (ring->deep != 0)
        deep_columns(ring, space, left, right);
    else if (ring->split != 0)
        split_columns(ring, space, left, right);
    else
#endif
        OF_BLOCK(multiply_columns)(ring, space, left, right, right);
    OF_BLOCK(finish_pair)(ring, space, out, canonical);
}

#include "src/crypto/kernel_steps.h"

/* ---- the kernel's functions ---- */

KERNEL_FUNCTION __attribute__((noinline)) void multiply_inside(const struct kernel_ring *ring, mp_limb_t *const *out,
                                                               const mp_limb_t *const *left, const mp_limb_t *const *right,
                                                               mp_limb_t *scratch)
{
    struct workspace space = workspace_in(ring, scratch);
    load_rows(ring, space.left, left);
    load_rows(ring, space.right, right);
    pair_product(ring, &space, space.left, space.left, space.right, false);
    store_rows(ring, out, space.left);
}

KERNEL_FUNCTION void kernel_multiply(const struct kernel_ring *ring, mp_limb_t *const *out, const mp_limb_t *const *left,
                                     const mp_limb_t *const *right, mp_limb_t *scratch)
{
    lanes_state state = lanes_begin();
    multiply_inside(ring, out, left, right, scratch);
    lanes_end(state);
}

/* ---- on numbers outside ---- */

/* out = left times a constant. */
KERNEL_FUNCTION void times(const struct kernel_ring *ring, const struct workspace *space, lanes *out, const lanes *left,
                           const uint64_t *constant, bool canonical)
{
    load_constant(space->right, constant, 2 * ring->limbs);
    pair_product(ring, space, out, left, space->right, canonical);
}

KERNEL_FUNCTION __attribute__((noinline)) void enter_inside(const struct kernel_ring *ring, mp_limb_t *const *rows,
                                                            const mp_limb_t *const *pairs, mp_limb_t *scratch)
{
    struct workspace space = workspace_in(ring, scratch);
    load_pair(ring, &space, space.left, pairs);
    times(ring, &space, space.left, space.left, ring->enter, false);
    store_rows(ring, rows, space.left);
}

KERNEL_FUNCTION void kernel_enter(const struct kernel_ring *ring, mp_limb_t *const *rows, const mp_limb_t *const *pairs, mp_limb_t *scratch)
{
    lanes_state state = lanes_begin();
    enter_inside(ring, rows, pairs, scratch);
    lanes_end(state);
}

KERNEL_FUNCTION __attribute__((noinline)) void leave_inside(const struct kernel_ring *ring, mp_limb_t *const *pairs,
                                                            const mp_limb_t *const *rows, mp_limb_t *scratch)
{
    struct workspace space = workspace_in(ring, scratch);
    load_rows(ring, space.left, rows);
    times(ring, &space, space.left, space.left, ring->one, true);
    store_pair(ring, &space, pairs, space.left);
}

KERNEL_FUNCTION void kernel_leave(const struct kernel_ring *ring, mp_limb_t *const *pairs, const mp_limb_t *const *rows, mp_limb_t *scratch)
{
    lanes_state state = lanes_begin();
    leave_inside(ring, pairs, rows, scratch);
    lanes_end(state);
}

#include "src/crypto/comb_body.h"
#include "src/crypto/fermat_body.h"
#include "src/crypto/kernel_wire.h"

KERNEL_FUNCTION uint64_t kernel_factor(uint64_t limb)
{
    uint64_t factors[LANES];
    lanes_store(factors, lanes_factor(lanes_set(limb)));
    return factors[0];
}

#define KERNEL_MEMBERS                                                                                                               \
    .lanes = LANES, .block = LANES_BLOCK, .shorter_block = LANES_SHORTER_BLOCK, .factor = kernel_factor, .low_bias = LANES_LOW_BIAS, \
    .high_bias = LANES_HIGH_BIAS, .multiply = kernel_multiply, .enter = kernel_enter, .leave = kernel_leave, .write = kernel_write,  \
    .read = kernel_read, .remainders = kernel_remainders, .comb = kernel_comb, .fermat = kernel_fermat, .group = &kernel_group,      \
    .pairs = &kernel_pairs

#include "src/crypto/group_body.h"
#include "src/crypto/pair_group_body.h"
