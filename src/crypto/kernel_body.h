/* The vector kernels' one source, included by kernel_plain.c, kernel_fma.c and kernel_ifma.c after the header of their lanes.
 *
 * A number is `limbs` vectors, each with the same limb of all lanes. A product is summed by columns of 64 bits: the two halves of a product of
 * limbs have 52 bits, so thousands of them fit, and carries wait until the end. Where a multiplication adds a bias to its columns, these
 * start from minus all that will have been added when they are read; sums modulo 2^64 are right then.
 *
 * Montgomery's reduction takes `block` limbs at a time: q = (the block) * inverse modulo 2^(52*block), then q*n is added. For
 * numbers x and y the result is below x*y/R + n. The pair's second half is (cross + offset - quotient)/R with an offset that is a multiple of n
 * from R to 2R, in limbs that are never below those of the quotient: below cross/R + n + 2. So with operands below 2n and
 * KERNEL_SPARE_BITS results are below 2n again; those of canonical operands of which one was shifted are below 2n and 3n, and one and two
 * conditional subtractions make them canonical. */
#include "src/crypto/kernel.h"

#define LANES_MASK (((uint64_t)1 << KERNEL_LIMB_BITS) - 1)
#define KERNEL_FUNCTION static LANES_TARGET

struct workspace {
    lanes *straight, *cross; /* columns, 2*limbs */
    lanes *quotient;         /* limbs */
    lanes *digits, *factors; /* of one block */
    lanes *words;            /* of a number outside, and room for the tail of a transposition */
    lanes *left, *right;     /* pairs, 2*limbs factors */
    lanes *more;             /* what is left */
};

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
    space.left = space.words + ring->words + LANES;
    space.right = space.left + 2 * limbs;
    space.more = space.right + 2 * limbs;
    return space;
}

/* ---- numbers in and out ---- */

/* words[w] = word w of each lane's number. */
KERNEL_FUNCTION void load_words(lanes *words, const mp_limb_t *const *numbers, uint32_t from, uint32_t count)
{
    for (uint32_t w = 0; w < count; w += LANES) {
        uint64_t padded[LANES][LANES] = {{0}};
        bool whole = count - w >= LANES;
        for (uint32_t lane = 0; lane < LANES; lane++) {
            for (uint32_t i = 0; !whole && i < count - w; i++) padded[lane][i] = numbers[lane][from + w + i];
            words[w + lane] = lanes_load(whole ? numbers[lane] + from + w : padded[lane]);
        }
        lanes_transpose(words + w);
    }
}

/* out = number * 2^shift, as factors. */
KERNEL_FUNCTION void load_number(const struct kernel_ring *ring, const struct workspace *space, lanes *out, const mp_limb_t *const *numbers,
                                 uint32_t from, uint32_t shift)
{
    const lanes mask = lanes_set(LANES_MASK), *words = space->words;
    load_words(space->words, numbers, from, ring->words);
    for (uint32_t i = 0; i < ring->limbs; i++) {
        int32_t bit = (int32_t)(KERNEL_LIMB_BITS * i) - (int32_t)shift, word = bit / 64, offset = bit % 64;
        lanes limb = lanes_set(0);
        if (bit < 0) {
            if (bit > -KERNEL_LIMB_BITS) limb = lanes_left(words[0], (uint32_t)-bit);
        } else if (word < (int32_t)ring->words) {
            limb = lanes_right(words[word], (uint32_t)offset);
            if (offset > 64 - KERNEL_LIMB_BITS && word + 1 < (int32_t)ring->words)
                limb = lanes_or(limb, lanes_left(words[word + 1], (uint32_t)(64 - offset)));
        }
        lanes_store((uint64_t *)(out + i), lanes_factor(lanes_and(limb, mask)));
    }
}

KERNEL_FUNCTION void load_pair(const struct kernel_ring *ring, const struct workspace *space, lanes *out, const mp_limb_t *const *numbers,
                               uint32_t shift)
{
    load_number(ring, space, out, numbers, 0, shift);
    load_number(ring, space, out + ring->limbs, numbers, ring->words, shift);
}

KERNEL_FUNCTION void load_constant(const struct kernel_ring *ring, const struct workspace *space, lanes *out, const mp_limb_t *pair)
{
    const mp_limb_t *numbers[LANES];
    for (int i = 0; i < LANES; i++) numbers[i] = pair;
    load_pair(ring, space, out, numbers, 0);
}

/* The limbs of a canonical number to words. */
KERNEL_FUNCTION void store_number(const struct kernel_ring *ring, const struct workspace *space, mp_limb_t *const *numbers, uint32_t to,
                                  const lanes *limbs)
{
    lanes *words = space->words;
    for (uint32_t w = 0; w < ring->words; w++) {
        uint32_t limb = 64 * w / KERNEL_LIMB_BITS, offset = 64 * w % KERNEL_LIMB_BITS, filled = KERNEL_LIMB_BITS - offset;
        lanes word = lanes_right(limbs[limb], offset);
        if (limb + 1 < ring->limbs) word = lanes_or(word, lanes_left(limbs[limb + 1], filled));
        if (filled + KERNEL_LIMB_BITS < 64 && limb + 2 < ring->limbs)
            word = lanes_or(word, lanes_left(limbs[limb + 2], filled + KERNEL_LIMB_BITS));
        words[w] = word;
    }
    for (uint32_t w = 0; w < ring->words; w += LANES) {
        uint32_t left = ring->words - w;
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
    store_number(ring, space, numbers, 0, limbs);
    store_number(ring, space, numbers, ring->words, limbs + ring->limbs);
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

/* The quotient's next block, and what it does to the columns. */
LANES_FUNCTION void reduce_block(const struct kernel_ring *ring, const struct workspace *space, lanes *columns, lanes *quotient,
                                 const lanes *less, const uint32_t block)
{
    next_quotient(ring, quotient, space->factors, space->digits, columns, less, block);
    OF_BLOCK(pass_modulus)(columns, ring->block_start, space->digits, ring->modulus_factor, space->factors, ring->limbs);
}

/* (cross - quotient)/R, columns not propagated. */
LANES_FUNCTION void reduce_cross(const struct kernel_ring *ring, const struct workspace *space, const uint32_t block)
{
    for (uint32_t j = 0; j < ring->limbs; j += block)
        reduce_block(ring, space, space->cross + j, space->quotient + j, space->quotient + j, block);
}

/* Columns of left*right and of the mixed products; the first ones reduced, with their quotient. The mixed products stand between a block's
 * quotient, which is one long chain, and its use. */
LANES_FUNCTION void multiply_columns(const struct kernel_ring *ring, const struct workspace *space, const lanes *left, const lanes *right,
                                     const uint32_t block)
{
    const uint32_t limbs = ring->limbs;
    for (uint32_t j = 0; j < limbs; j += block)
        (j == 0 ? OF_BLOCK(pass_fresh) : OF_BLOCK(pass_top))(space->straight + j, ring->straight_start + j, left, right + j, limbs);
    for (uint32_t j = 0; j < limbs; j += block) {
        next_quotient(ring, space->quotient + j, space->factors, space->digits, space->straight + j, NULL, block);
        (j == 0 ? OF_BLOCK(pass_fresh) : OF_BLOCK(pass_top))(space->cross + j, ring->cross_start + j, left, right + limbs + j, limbs);
        OF_BLOCK(pass_more)(space->cross + j, left + limbs, right + j, limbs);
        OF_BLOCK(pass_modulus)(space->straight + j, ring->block_start, space->digits, ring->modulus_factor, space->factors, limbs);
    }
}

/* Products of different blocks once, doubled as columns; then those of each block with itself. */
LANES_FUNCTION void square_columns(const struct kernel_ring *ring, const struct workspace *space, const lanes *number, const uint32_t block)
{
    const uint32_t limbs = ring->limbs;
    lanes *straight = space->straight;
    for (uint32_t i = 0; i < block; i++) straight[i] = straight[2 * limbs - block + i] = lanes_set(0);
    for (uint32_t j = 0; j + block < limbs; j += block)
        (j == 0 ? OF_BLOCK(pass_fresh) : OF_BLOCK(pass_top))(straight + 2 * j + block, ring->mixed_start + 2 * j + block,
                                                             number + j + block, number + j, limbs - block - j);
    for (uint32_t i = 0; i < 2 * limbs; i++) straight[i] = lanes_add(lanes_add(straight[i], straight[i]), lanes_set(ring->square_start[i]));
    for (uint32_t j = 0; j < limbs; j += block) OF_BLOCK(pass_more)(straight + 2 * j, number + j, number + j, block);
    for (uint32_t j = 0; j < limbs; j += block) {
        next_quotient(ring, space->quotient + j, space->factors, space->digits, straight + j, NULL, block);
        (j == 0 ? OF_BLOCK(pass_fresh) : OF_BLOCK(pass_top))(space->cross + j, ring->product_start + j, number, number + limbs + j, limbs);
        OF_BLOCK(pass_modulus)(straight + j, ring->block_start, space->digits, ring->modulus_factor, space->factors, limbs);
    }
    for (uint32_t i = 0; i < 2 * limbs; i++)
        space->cross[i] = lanes_add(lanes_add(space->cross[i], space->cross[i]), lanes_set(ring->twice_start[i]));
}

/* Columns of both halves to a pair: factors below 2n, or canonical limbs. */
LANES_FUNCTION void finish_pair(const struct kernel_ring *ring, const struct workspace *space, lanes *out, bool canonical,
                                const uint32_t block)
{
    const uint32_t limbs = ring->limbs;
    lanes *high = out + limbs;
    propagate(out, space->straight + limbs, limbs, !canonical);
    lanes wrapped = canonical ? take_modulus(ring, out, space->straight) : lanes_set(0);
    reduce_cross(ring, space, block);
    space->cross[limbs] = lanes_add(space->cross[limbs], wrapped);
    propagate(high, space->cross + limbs, limbs, !canonical);
    if (!canonical) return;
    take_modulus(ring, high, space->straight);
    take_modulus(ring, high, space->straight);
}

#define PAIR_OF(block)                                                                                                                     \
    KERNEL_FUNCTION __attribute__((noinline)) void pair_product_##block(const struct kernel_ring *ring, const struct workspace *space,     \
                                                                        lanes *out, const lanes *left, const lanes *right, bool canonical) \
    {                                                                                                                                      \
        multiply_columns(ring, space, left, right, block);                                                                                 \
        finish_pair(ring, space, out, canonical, block);                                                                                   \
    }                                                                                                                                      \
    KERNEL_FUNCTION __attribute__((noinline)) void pair_squared_##block(const struct kernel_ring *ring, const struct workspace *space,     \
                                                                        lanes *out, const lanes *number)                                   \
    {                                                                                                                                      \
        square_columns(ring, space, number, block);                                                                                        \
        finish_pair(ring, space, out, false, block);                                                                                       \
    }
LANES_BLOCKS(PAIR_OF)

/* out may be an operand. */
KERNEL_FUNCTION void pair_product(const struct kernel_ring *ring, const struct workspace *space, lanes *out, const lanes *left,
                                  const lanes *right, bool canonical)
{
    const uint32_t block = ring->block;
    (void)block;
    OF_BLOCK(pair_product)(ring, space, out, left, right, canonical);
}

KERNEL_FUNCTION void pair_squared(const struct kernel_ring *ring, const struct workspace *space, lanes *out, const lanes *number)
{
    const uint32_t block = ring->block;
    (void)block;
    OF_BLOCK(pair_squared)(ring, space, out, number);
}

/* ---- the kernel's functions ---- */

/* out = number*constant, canonical, to the outside. */
KERNEL_FUNCTION void finish(const struct kernel_ring *ring, const struct workspace *space, mp_limb_t *const *out, const lanes *number,
                            const mp_limb_t *constant)
{
    load_constant(ring, space, space->right, constant);
    pair_product(ring, space, space->left, number, space->right, true);
    store_pair(ring, space, out, space->left);
}

KERNEL_FUNCTION __attribute__((noinline)) void multiply_inside(const struct kernel_ring *ring, mp_limb_t *const *out,
                                                               const mp_limb_t *const *left, const mp_limb_t *const *right,
                                                               mp_limb_t *scratch)
{
    struct workspace space = workspace_in(ring, scratch);
    load_pair(ring, &space, space.left, left, 0);
    load_pair(ring, &space, space.right, right, ring->shift);
    pair_product(ring, &space, space.left, space.left, space.right, true);
    store_pair(ring, &space, out, space.left);
}

KERNEL_FUNCTION void kernel_multiply(const struct kernel_ring *ring, mp_limb_t *const *out, const mp_limb_t *const *left,
                                     const mp_limb_t *const *right, mp_limb_t *scratch)
{
    lanes_state state = lanes_begin();
    multiply_inside(ring, out, left, right, scratch);
    lanes_end(state);
}

LANES_FUNCTION void prefetch(const struct kernel_ring *ring, const mp_limb_t *const *numbers)
{
    for (int lane = 0; lane < LANES; lane++)
        for (uint32_t i = 0; i < 2 * ring->words; i += 8) __builtin_prefetch(numbers[lane] + i);
}

/* With a factor that was shifted, (k*n, l*n) becomes at most ((k+1)*n, (k+l+2)*n): after KERNEL_MOST_SUM factors the second is below 2^10*n, and
 * the product with one, which is not shifted, brings both back. */
KERNEL_FUNCTION __attribute__((noinline)) void sum_inside(const struct kernel_ring *ring, mp_limb_t *const *out,
                                                          const mp_limb_t *const *factors, uint32_t count, mp_limb_t *scratch)
{
    struct workspace space = workspace_in(ring, scratch);
    const mp_limb_t *begin[LANES];
    for (int i = 0; i < LANES; i++) begin[i] = out[i];
    load_pair(ring, &space, space.left, begin, 0);
    for (uint32_t i = 0; i < count; i++) {
        if (i + 1 < count) prefetch(ring, factors + (uint64_t)(i + 1) * LANES);
        load_pair(ring, &space, space.right, factors + (uint64_t)i * LANES, ring->shift);
        pair_product(ring, &space, space.left, space.left, space.right, false);
    }
    finish(ring, &space, out, space.left, ring->radix);
}

KERNEL_FUNCTION void kernel_sum(const struct kernel_ring *ring, mp_limb_t *const *out, const mp_limb_t *const *factors, uint32_t count,
                                mp_limb_t *scratch)
{
    if (count == 1) {
        kernel_multiply(ring, out, (const mp_limb_t *const *)out, factors, scratch);
        return;
    }
    lanes_state state = lanes_begin();
    sum_inside(ring, out, factors, count, scratch);
    lanes_end(state);
}

KERNEL_FUNCTION __attribute__((noinline)) void product_inside(const struct kernel_ring *ring, mp_limb_t *const *out,
                                                              const mp_limb_t *const *factors, uint64_t count, const mp_limb_t *correction,
                                                              mp_limb_t *scratch)
{
    struct workspace space = workspace_in(ring, scratch);
    load_pair(ring, &space, space.left, factors, 0);
    for (uint64_t i = 1; i < count; i++) {
        if (i + 1 < count) prefetch(ring, factors + (i + 1) * LANES);
        load_pair(ring, &space, space.right, factors + i * LANES, 0);
        pair_product(ring, &space, space.left, space.left, space.right, false);
    }
    finish(ring, &space, out, space.left, correction);
}

KERNEL_FUNCTION void kernel_product(const struct kernel_ring *ring, mp_limb_t *const *out, const mp_limb_t *const *factors, uint64_t count,
                                    const mp_limb_t *correction, mp_limb_t *scratch)
{
    lanes_state state = lanes_begin();
    product_inside(ring, out, factors, count, correction, scratch);
    lanes_end(state);
}

/* out = table[digit], reading all entries. */
KERNEL_FUNCTION void select_entry(const struct kernel_ring *ring, lanes *out, const lanes *table, uint64_t digit)
{
    const uint32_t size = 2 * ring->limbs;
    lanes masks[KERNEL_WINDOW_ENTRIES];
    for (uint64_t entry = 0; entry < KERNEL_WINDOW_ENTRIES; entry++) masks[entry] = lanes_set(0 - (((entry ^ digit) - 1) >> 63));
    for (uint32_t i = 0; i < size; i++) {
        lanes chosen = lanes_set(0);
        for (uint32_t entry = 0; entry < KERNEL_WINDOW_ENTRIES; entry++)
            chosen = lanes_choose(chosen, masks[entry], table[entry * size + i]);
        out[i] = chosen;
    }
}

KERNEL_FUNCTION __attribute__((noinline)) void power_inside(const struct kernel_ring *ring, mp_limb_t *const *out,
                                                            const mp_limb_t *const *base, const mp_limb_t *exponent, uint64_t bits,
                                                            mp_limb_t *scratch)
{
    struct workspace space = workspace_in(ring, scratch);
    const uint32_t size = 2 * ring->limbs;
    lanes *table = space.more, *power = space.left, *entry = space.right;
    load_constant(ring, &space, table, ring->radix);
    load_pair(ring, &space, space.left, base, 0);
    load_constant(ring, &space, space.right, ring->enter);
    pair_product(ring, &space, table + size, space.left, space.right, false);
    for (uint32_t i = 2; i < KERNEL_WINDOW_ENTRIES; i++)
        pair_product(ring, &space, table + i * size, table + (i - 1) * size, table + size, false);
    uint64_t from = (bits - 1) / KERNEL_WINDOW * KERNEL_WINDOW;
    select_entry(ring, power, table, limbs_digit(exponent, bits, from, bits - from));
    while (from > 0) {
        from -= KERNEL_WINDOW;
        for (int i = 0; i < KERNEL_WINDOW; i++) pair_squared(ring, &space, power, power);
        select_entry(ring, entry, table, limbs_digit(exponent, bits, from, KERNEL_WINDOW));
        pair_product(ring, &space, power, power, entry, false);
    }
    finish(ring, &space, out, power, ring->one);
}

KERNEL_FUNCTION void kernel_power(const struct kernel_ring *ring, mp_limb_t *const *out, const mp_limb_t *const *base,
                                  const mp_limb_t *exponent, uint64_t bits, mp_limb_t *scratch)
{
    lanes_state state = lanes_begin();
    power_inside(ring, out, base, exponent, bits, scratch);
    lanes_end(state);
}

/* Horner's rule: from the highest slot down, shift by squaring, then add. A factor that was shifted leaves halves below 3n and 5n, which
 * the squaring that follows, or the product with one, brings below 2n. */
KERNEL_FUNCTION __attribute__((noinline)) void pack_inside(const struct kernel_ring *ring, mp_limb_t *const *out,
                                                           const mp_limb_t *const *factors, uint32_t slots, uint32_t bits,
                                                           mp_limb_t *scratch)
{
    struct workspace space = workspace_in(ring, scratch);
    load_pair(ring, &space, space.left, factors + (uint64_t)(slots - 1) * LANES, 0);
    load_constant(ring, &space, space.right, ring->enter);
    pair_product(ring, &space, space.left, space.left, space.right, false);
    for (uint32_t slot = slots - 1; slot-- > 0;) {
        for (uint32_t i = 0; i < bits; i++) pair_squared(ring, &space, space.left, space.left);
        load_pair(ring, &space, space.right, factors + (uint64_t)slot * LANES, ring->shift);
        pair_product(ring, &space, space.left, space.left, space.right, false);
    }
    finish(ring, &space, out, space.left, ring->one);
}

KERNEL_FUNCTION void kernel_pack(const struct kernel_ring *ring, mp_limb_t *const *out, const mp_limb_t *const *factors, uint32_t slots,
                                 uint32_t bits, mp_limb_t *scratch)
{
    lanes_state state = lanes_begin();
    pack_inside(ring, out, factors, slots, bits, scratch);
    lanes_end(state);
}

/* The block that leaves the fewest limbs; of equals the longest. */
static uint32_t kernel_block(uint32_t least_limbs)
{
#if LANES == 4
    (void)least_limbs;
    return 4;
#else
    uint32_t eight = (least_limbs + 7) / 8 * 8, six = (least_limbs + 5) / 6 * 6, five = (least_limbs + 4) / 5 * 5;
    if (eight <= six && eight <= five) return 8;
    return six <= five ? 6 : 5;
#endif
}

KERNEL_FUNCTION uint64_t kernel_factor(uint64_t limb)
{
    uint64_t factors[LANES];
    lanes_store(factors, lanes_factor(lanes_set(limb)));
    return factors[0];
}

#define KERNEL_MEMBERS                                                                                                        \
    .lanes = LANES, .block = kernel_block, .factor = kernel_factor, .low_bias = LANES_LOW_BIAS, .high_bias = LANES_HIGH_BIAS, \
    .multiply = kernel_multiply, .sum = kernel_sum, .product = kernel_product, .power = kernel_power, .pack = kernel_pack,    \
    .group = &kernel_group

#include "src/crypto/group_body.h"
