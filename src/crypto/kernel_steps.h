/* Chains of squarings and of products by numbers without second half: a part of src/crypto/kernel_body.h. The next step's first product stands
 * between the blocks of this one's second reduction, as it needs the first half alone, and hides that reduction's chains of carries. */

enum step { STEP_END, STEP_SQUARE, STEP_TIMES };

/* What a step makes first: the straight columns of the number by the factor's first half, or by itself. */
struct beginning {
    const lanes *number, *factor;
#if LANES_SPLIT != 0
    struct parts parts;
#endif
};

LANES_FUNCTION struct beginning beginning_of(const struct kernel_ring *ring, const struct workspace *space, const enum step step,
                                             const lanes *number, const lanes *factor)
{
    struct beginning next = {.number = number, .factor = factor};
#if LANES_SPLIT != 0
    if (step == STEP_TIMES && ring->split != 0) next.parts = parts_of(ring, space, 0, number, factor);
#else
    (void)ring, (void)space, (void)step;
#endif
    return next;
}

/* Its passes of block j. */
LANES_FUNCTION void pass_straight(const struct kernel_ring *ring, const struct workspace *space, const enum step step,
                                  const struct beginning *next, uint32_t j, const uint32_t block)
{
    const uint32_t limbs = ring->limbs;
    if (step == STEP_SQUARE)
        (j == 0 ? OF_BLOCK(triangle_fresh) : OF_BLOCK(triangle_top))(space->straight + 2 * j, ring->mixed_start + 2 * j, next->number + j,
                                                                     limbs - j);
    if (step != STEP_TIMES) return;
#if LANES_SPLIT != 0
    if (ring->split != 0) {
        const struct split_starts starts = {ring->straight_outer, ring->straight_middle};
        pass_split(ring, space->straight, space->middle, &starts, next->number, next->factor, &next->parts, j);
        return;
    }
#endif
    (j == 0 ? OF_BLOCK(pass_fresh) : OF_BLOCK(pass_top))(space->straight + j, ring->straight_start + j, next->number, next->factor + j,
                                                         limbs);
}

/* A limb's square to its two columns, which are doubled. */
#define SQUARE_STEP(s)                                                                                                       \
    if (s < block) {                                                                                                         \
        lanes low = lanes_add(straight[2 * s], straight[2 * s]), high = lanes_add(straight[2 * s + 1], straight[2 * s + 1]); \
        lanes_multiply_add(&low, &high, number[s], number[s]);                                                               \
        straight[2 * s] = low;                                                                                               \
        straight[2 * s + 1] = high;                                                                                          \
    }

/* Doubles the products of different limbs and adds the squares. */
LANES_FUNCTION void add_squares(lanes *straight, const lanes *number, uint32_t limbs, const uint32_t block)
{
    for (uint32_t i = 0; i < limbs; i += block, number += block, straight += 2 * block) {
        LANES_STEPS(SQUARE_STEP)
    }
}

/* What follows its passes. */
LANES_FUNCTION void finish_straight(const struct kernel_ring *ring, const struct workspace *space, const enum step step,
                                    const struct beginning *next, const uint32_t block)
{
    if (step == STEP_SQUARE) add_squares(space->straight, next->number, ring->limbs, block);
#if LANES_SPLIT != 0
    if (step == STEP_TIMES && ring->split != 0)
        join_parts(ring->split, ring->limbs - ring->split, space->straight, space->middle, &next->parts, 1);
#endif
}

LANES_FUNCTION void begin(const struct kernel_ring *ring, const struct workspace *space, const enum step step, const lanes *number,
                          const lanes *factor, const uint32_t block)
{
    struct beginning next = beginning_of(ring, space, step, number, factor);
    for (uint32_t j = 0; j < ring->limbs; j += block) pass_straight(ring, space, step, &next, j, block);
    finish_straight(ring, space, step, &next, block);
}

/* Reduces the straight columns and makes the mixed ones: the number's second half times the factor. */
LANES_FUNCTION void step_columns(const struct kernel_ring *ring, const struct workspace *space, const lanes *number, const lanes *factor,
                                 const uint32_t block)
{
    const uint32_t limbs = ring->limbs;
#if LANES_SPLIT != 0
    if (ring->split != 0) {
        const struct split_starts starts = {ring->single_start, ring->single_start + (uint64_t)2 * limbs};
        struct parts parts = parts_of(ring, space, 1, number + limbs, factor);
        reduce_beside(ring, space, &starts, number, factor, &parts, 1);
        return;
    }
#endif
    for (uint32_t j = 0; j < limbs; j += block) {
        next_quotient(ring, space->quotient + j, space->factors, space->digits, space->straight + j, NULL, block);
        (j == 0 ? OF_BLOCK(pass_fresh) : OF_BLOCK(pass_top))(space->cross + j, ring->single_start + j, number + limbs, factor + j, limbs);
        OF_BLOCK(pass_modulus)(space->straight + j, ring->block_start, space->digits, ring->modulus_factor, space->factors, limbs);
    }
}

/* One step, whose straight columns were begun, and the beginning of the next. A square is a product by the number's own first half, with the second
 * half doubled: below 6n, which is as good as 3n. */
LANES_FUNCTION void step(const struct kernel_ring *ring, const struct workspace *space, const enum step next, lanes *number,
                         const lanes *factor, const lanes *next_factor, const uint32_t block)
{
    const uint32_t limbs = ring->limbs, last = limbs - block;
    lanes *cross = space->cross;
    step_columns(ring, space, number, factor, block);
    propagate(number, space->straight + limbs, limbs, true);
    struct beginning beginning = beginning_of(ring, space, next, number, next_factor);
    for (uint32_t j = 0; j < last; j += block) {
        next_digits(space->factors, cross + j, space->quotient + j, block);
        pass_straight(ring, space, next, &beginning, j, block);
        OF_BLOCK(pass_friendly)(cross + j + block, ring->friendly, space->factors, limbs);
    }
    next_quotient(ring, space->quotient + last, space->factors, space->digits, cross + last, space->quotient + last, block);
    pass_straight(ring, space, next, &beginning, last, block);
    OF_BLOCK(pass_modulus)(cross + last, ring->block_start, space->digits, ring->modulus_factor, space->factors, limbs);
    finish_straight(ring, space, next, &beginning, block);
    if (next == STEP_SQUARE)
        propagate_twice(number + limbs, cross + limbs, limbs);
    else
        propagate(number + limbs, cross + limbs, limbs, true);
}

#define STEPS_OF(block)                                                                                                               \
    APART void begin_square_##block(const struct kernel_ring *ring, const struct workspace *space, const lanes *number)               \
    {                                                                                                                                 \
        begin(ring, space, STEP_SQUARE, number, number, block);                                                                       \
    }                                                                                                                                 \
    APART void begin_times_##block(const struct kernel_ring *ring, const struct workspace *space, const lanes *number,                \
                                   const lanes *factor)                                                                               \
    {                                                                                                                                 \
        begin(ring, space, STEP_TIMES, number, factor, block);                                                                        \
    }                                                                                                                                 \
    APART void step_end_##block(const struct kernel_ring *ring, const struct workspace *space, lanes *number, const lanes *factor)    \
    {                                                                                                                                 \
        step(ring, space, STEP_END, number, factor, NULL, block);                                                                     \
    }                                                                                                                                 \
    APART void step_square_##block(const struct kernel_ring *ring, const struct workspace *space, lanes *number, const lanes *factor) \
    {                                                                                                                                 \
        step(ring, space, STEP_SQUARE, number, factor, number, block);                                                                \
    }                                                                                                                                 \
    APART void step_times_##block(const struct kernel_ring *ring, const struct workspace *space, lanes *number, const lanes *factor,  \
                                  const lanes *next_factor)                                                                           \
    {                                                                                                                                 \
        step(ring, space, STEP_TIMES, number, factor, next_factor, block);                                                            \
    }
LANES_BLOCKS(STEPS_OF)

/* number = number times a factor without second half. */
KERNEL_FUNCTION void pair_times(const struct kernel_ring *ring, const struct workspace *space, lanes *number, const lanes *factor)
{
    const uint32_t block = ring->block;
    (void)block;
    OF_BLOCK(begin_times)(ring, space, number, factor);
    OF_BLOCK(step_end)(ring, space, number, factor);
}

/* The second half of a number that is squared next. */
KERNEL_FUNCTION void double_second(const struct kernel_ring *ring, const struct workspace *space, lanes *number)
{
    const uint32_t limbs = ring->limbs;
    for (uint32_t i = 0; i < limbs; i++) space->cross[i] = lanes_limb(number[limbs + i]);
    propagate_twice(number + limbs, space->cross, limbs);
}

/* So many squarings of a number whose second half is doubled, and of which `straight` has the first one's products; then, with a factor, one
 * product by it. */
KERNEL_FUNCTION void square_on(const struct kernel_ring *ring, const struct workspace *space, lanes *number, uint32_t count,
                               const lanes *factor)
{
    const uint32_t block = ring->block;
    (void)block;
    for (uint32_t i = 1; i < count; i++) OF_BLOCK(step_square)(ring, space, number, number);
    if (factor == NULL)
        OF_BLOCK(step_end)(ring, space, number, number);
    else
        OF_BLOCK(step_times)(ring, space, number, number, factor);
}

/* number^(2^count). */
KERNEL_FUNCTION void square_times(const struct kernel_ring *ring, const struct workspace *space, lanes *number, uint32_t count)
{
    const uint32_t block = ring->block;
    (void)block;
    if (count == 0) return;
    double_second(ring, space, number);
    OF_BLOCK(begin_square)(ring, space, number);
    square_on(ring, space, number, count, NULL);
}
