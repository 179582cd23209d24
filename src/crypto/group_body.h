/* Groups on lanes, the one source: included by kernel_plain.c, kernel_fma.c and kernel_ifma.c after kernel_body.h.
 *
 * Montgomery's reduction, friendly to blocks: with k = -n^-1 modulo 2^(52*block), n*k = n''*2^(52*block) - 1, so a block of the columns is
 * its own quotient q, and adding q*n*k means: clear the block, add q*n'' above it. No products by k, but for the last block, which adds q*n with
 * q = block*k modulo 2^(52*block), so that what was added is below 2n*R in all. For x and y below 3n the result is below
 * 9n^2/R + 2n < 3n, since R has KERNEL_SPARE_BITS more than n. */
#include "src/crypto/group_kernel.h"

struct group_space {
    lanes *columns;          /* 2*limbs */
    lanes *digits, *factors; /* of one block */
    lanes *words;            /* of a plain number, and room for the tail of a transposition */
    lanes *limbs;
    lanes *middle, *sums;      /* of split factors: 2*split each */
    struct group_ahead *ahead; /* NULL: nothing */
};

KERNEL_FUNCTION struct group_space group_space_in(const struct group_ring *ring, mp_limb_t *scratch)
{
    struct group_space space;
    space.columns = (lanes *)(void *)scratch;
    space.digits = space.columns + 2 * ring->lanes.limbs;
    space.factors = space.digits + KERNEL_MOST_BLOCK;
    space.words = space.factors + KERNEL_MOST_BLOCK;
    space.limbs = space.words + ring->lanes.words + LANES;
    space.middle = space.limbs + ring->lanes.limbs;
    space.sums = space.middle + 2 * ring->lanes.split;
    space.ahead = NULL;
    return space;
}

KERNEL_FUNCTION void group_load(const void *argument, mp_limb_t *bundle, const mp_limb_t *const *rows)
{
    const struct group_ring *ring = argument;
    for (uint32_t i = 0; i < ring->row; i += LANES) lanes_load_square((lanes *)(void *)bundle + i, rows, i);
}

KERNEL_FUNCTION void group_store(const void *argument, mp_limb_t *const *rows, const mp_limb_t *bundle)
{
    const struct group_ring *ring = argument;
    for (uint32_t i = 0; i < ring->row; i += LANES) lanes_store_square(rows, i, (const lanes *)(const void *)bundle + i);
}

KERNEL_FUNCTION void group_clear_tail(const struct group_ring *ring, lanes *number)
{
    for (uint32_t i = ring->lanes.limbs; i < ring->row; i++) number[i] = lanes_set(0);
}

/* The columns over R, below 3n: factors, or limbs. */
LANES_FUNCTION void group_reduce(const struct group_ring *ring, const struct group_space *space, lanes *out, bool factors,
                                 const uint32_t block)
{
    const uint32_t limbs = ring->lanes.limbs;
    lanes *here = space->columns;
    for (uint32_t j = 0; j + block < limbs; j += block, here += block) {
        lanes carry = propagate(space->factors, here, block, true);
        here[block] = lanes_add(here[block], carry);
        pass(here + block, true, NULL, ring->friendly, space->factors, limbs, block);
        ask_ahead(space->ahead, ring->row);
    }
    ask_ahead(space->ahead, ring->row);
    next_quotient(&ring->lanes, space->words, space->factors, space->digits, here, NULL, block);
    OF_BLOCK(pass_modulus)(here, ring->lanes.block_start, space->digits, ring->lanes.modulus_factor, space->factors, limbs);
    propagate(out, space->columns + limbs, limbs, factors);
}

/* The columns of left*right. */
LANES_FUNCTION void group_columns(const struct group_ring *ring, const struct group_space *space, const lanes *left, const lanes *right,
                                  const uint32_t block)
{
    const uint32_t limbs = ring->lanes.limbs;
#if LANES_SPLIT != 0
    if (ring->lanes.split != 0) {
        lanes *other = space->sums + ring->lanes.split;
        struct parts parts = {.left = space->sums, .right = other};
        parts.left_carry = add_parts(&ring->lanes, space->sums, left);
        parts.right_carry = add_parts(&ring->lanes, other, right);
        split_product(&ring->lanes, space->columns, space->middle, ring->outer, ring->middle, left, right, &parts, space->ahead, ring->row);
        return;
    }
#endif
    for (uint32_t j = 0; j < limbs; j += block) {
        (j == 0 ? OF_BLOCK(pass_fresh) : OF_BLOCK(pass_top))(space->columns + j, ring->start + j, left, right + j, limbs);
        ask_ahead(space->ahead, ring->row);
    }
}

LANES_FUNCTION void group_product(const struct group_ring *ring, const struct group_space *space, lanes *out, const lanes *left,
                                  const lanes *right, const uint32_t block)
{
    group_columns(ring, space, left, right, block);
    group_reduce(ring, space, out, true, block);
}

/* Products of different blocks once, doubled as columns; then those of each block with itself. */
LANES_FUNCTION void group_squared(const struct group_ring *ring, const struct group_space *space, lanes *out, const lanes *number,
                                  const uint32_t block)
{
    const uint32_t limbs = ring->lanes.limbs;
    lanes *columns = space->columns;
    for (uint32_t i = 0; i < 2 * limbs; i++) columns[i] = lanes_set(0);
    for (uint32_t j = block; j < limbs; j += block) OF_BLOCK(pass_more)(columns + 2 * j - block, number + j, number + j - block, limbs - j);
    for (uint32_t i = 0; i < 2 * limbs; i++) columns[i] = lanes_add(lanes_add(columns[i], columns[i]), lanes_set(ring->start[i]));
    for (uint32_t j = 0; j < limbs; j += block) OF_BLOCK(pass_more)(columns + 2 * j, number + j, number + j, block);
    group_reduce(ring, space, out, true, block);
}

KERNEL_FUNCTION __attribute__((noinline)) void group_reduce_apart(const struct group_ring *ring, const struct group_space *space,
                                                                  lanes *out)
{
    group_reduce(ring, space, out, false, LANES_BLOCK);
}

KERNEL_FUNCTION __attribute__((noinline)) void group_product_apart(const struct group_ring *ring, const struct group_space *space,
                                                                   lanes *out, const lanes *left, const lanes *right)
{
    group_product(ring, space, out, left, right, LANES_BLOCK);
}

KERNEL_FUNCTION __attribute__((noinline)) void group_squared_apart(const struct group_ring *ring, const struct group_space *space,
                                                                   lanes *out, const lanes *number)
{
    group_squared(ring, space, out, number, LANES_BLOCK);
}

KERNEL_FUNCTION void group_multiply_inside(const struct group_ring *ring, lanes *out, const lanes *left, const lanes *right,
                                           struct group_ahead *ahead, mp_limb_t *scratch)
{
    struct group_space space = group_space_in(ring, scratch);
    space.ahead = ahead;
    if (ahead != NULL) begin_ahead(ahead, ring->row, 2 * (ring->lanes.limbs / ring->lanes.block));
    group_product_apart(ring, &space, out, left, right);
    group_clear_tail(ring, out);
}

KERNEL_FUNCTION void group_multiply_ahead(const void *ring, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right,
                                          struct group_ahead *ahead, mp_limb_t *scratch)
{
    lanes_state state = lanes_begin();
    group_multiply_inside(ring, (lanes *)(void *)out, (const lanes *)(const void *)left, (const lanes *)(const void *)right, ahead,
                          scratch);
    lanes_end(state);
}

KERNEL_FUNCTION void group_multiply(const void *ring, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right, mp_limb_t *scratch)
{
    group_multiply_ahead(ring, out, left, right, NULL, scratch);
}

KERNEL_FUNCTION __attribute__((noinline)) void group_square_inside(const struct group_ring *ring, lanes *number, uint64_t times,
                                                                   mp_limb_t *scratch)
{
    struct group_space space = group_space_in(ring, scratch);
    for (; times > 0; times--) group_squared_apart(ring, &space, number, number);
    group_clear_tail(ring, number);
}

KERNEL_FUNCTION void group_square(const void *ring, mp_limb_t *bundle, uint64_t times, mp_limb_t *scratch)
{
    lanes_state state = lanes_begin();
    group_square_inside(ring, (lanes *)(void *)bundle, times, scratch);
    lanes_end(state);
}

KERNEL_FUNCTION __attribute__((noinline)) void group_take_inside(const struct group_ring *ring, lanes *out, const mp_limb_t *const *numbers,
                                                                 mp_limb_t *scratch)
{
    struct group_space space = group_space_in(ring, scratch);
    struct workspace words = {.words = space.words};
    load_number(&ring->lanes, &words, out, numbers, 0);
    group_clear_tail(ring, out);
}

KERNEL_FUNCTION void group_take(const void *ring, mp_limb_t *bundle, const mp_limb_t *const *numbers, mp_limb_t *scratch)
{
    lanes_state state = lanes_begin();
    group_take_inside(ring, (lanes *)(void *)bundle, numbers, scratch);
    lanes_end(state);
}

KERNEL_FUNCTION void group_enter(const void *argument, mp_limb_t *bundle, const mp_limb_t *const *numbers, mp_limb_t *scratch)
{
    const struct group_ring *ring = argument;
    lanes *square = (lanes *)(void *)scratch, *number = (lanes *)(void *)bundle;
    mp_limb_t *rest = scratch + (uint64_t)ring->row * LANES;
    lanes_state state = lanes_begin();
    group_take_inside(ring, number, numbers, rest);
    for (uint32_t i = 0; i < ring->row; i++) square[i] = lanes_set(ring->square[i]);
    group_multiply_inside(ring, number, number, square, NULL, rest);
    lanes_end(state);
}

/* (x + q)/R with q below 2n*R and x below 3n: at most 2n. */
KERNEL_FUNCTION __attribute__((noinline)) void group_leave_inside(const struct group_ring *ring, mp_limb_t *const *numbers,
                                                                  const lanes *number, mp_limb_t *scratch)
{
    struct group_space space = group_space_in(ring, scratch);
    struct workspace words = {.words = space.words};
    const uint32_t limbs = ring->lanes.limbs;
    for (uint32_t i = 0; i < 2 * limbs; i++) space.columns[i] = lanes_set(ring->leave_start[i]);
    for (uint32_t i = 0; i < limbs; i++) space.columns[i] = lanes_add(space.columns[i], lanes_limb(number[i]));
    group_reduce_apart(ring, &space, space.limbs);
    take_modulus(&ring->lanes, space.limbs, space.columns);
    take_modulus(&ring->lanes, space.limbs, space.columns);
    store_words(&words, numbers, 0, ring->lanes.words, space.limbs, ring->lanes.limbs);
}

KERNEL_FUNCTION void group_leave(const void *ring, mp_limb_t *const *numbers, const mp_limb_t *bundle, mp_limb_t *scratch)
{
    lanes_state state = lanes_begin();
    group_leave_inside(ring, numbers, (const lanes *)(const void *)bundle, scratch);
    lanes_end(state);
}

/* masks[entry]: all ones in the lanes whose digit it is. */
KERNEL_FUNCTION void group_masks(lanes *masks, uint32_t entries, const mp_limb_t *digits)
{
    for (uint32_t entry = 0; entry < entries; entry++) {
        uint64_t mask[LANES];
        for (uint32_t lane = 0; lane < LANES; lane++) mask[lane] = 0 - (((entry ^ digits[lane]) - 1) >> 63);
        masks[entry] = lanes_load(mask);
    }
}

/* Four limbs at a time, so that a mask is loaded once for them. */
LANES_FUNCTION void group_select(const uint32_t row, lanes *out, const bool same, const uint64_t *table, uint32_t entries,
                                 const mp_limb_t *digits)
{
    enum { TOGETHER = 4 };
    lanes masks[GROUP_MOST_ENTRIES];
    group_masks(masks, entries, digits);
    for (uint32_t i = 0; i < row; i += TOGETHER) {
        lanes chosen[TOGETHER] = {lanes_set(0), lanes_set(0), lanes_set(0), lanes_set(0)};
        for (uint32_t entry = 0; entry < entries; entry++)
            for (uint32_t j = 0; j < TOGETHER; j++) {
                uint64_t at = (uint64_t)entry * row + i + j;
                lanes limb = same ? lanes_set(table[at]) : lanes_load(table + at * LANES);
                chosen[j] = lanes_or(chosen[j], lanes_and(limb, masks[entry]));
            }
        for (uint32_t j = 0; j < TOGETHER; j++) out[i + j] = chosen[j];
    }
}

KERNEL_FUNCTION void group_select_row(const void *argument, mp_limb_t *out, const mp_limb_t *rows, uint32_t entries,
                                      const mp_limb_t *digits)
{
    const struct group_ring *ring = argument;
    group_select(ring->row, (lanes *)(void *)out, true, rows, entries, digits);
}

KERNEL_FUNCTION void group_select_bundle(const void *argument, mp_limb_t *out, const mp_limb_t *bundles, uint32_t entries,
                                         const mp_limb_t *digits)
{
    const struct group_ring *ring = argument;
    group_select(ring->row, (lanes *)(void *)out, false, bundles, entries, digits);
}

static const struct group kernel_group = {.load = group_load,
                                          .store = group_store,
                                          .take = group_take,
                                          .enter = group_enter,
                                          .leave = group_leave,
                                          .multiply = group_multiply,
                                          .square = group_square,
                                          .multiply_public = group_multiply,
                                          .square_public = group_square,
                                          .multiply_ahead = group_multiply_ahead,
                                          .select_row = group_select_row,
                                          .select_bundle = group_select_bundle};
