/* Products of numbers in lanes as sums of columns, and Montgomery's reduction of columns: a part of src/crypto/kernel_body.h, which says
 * what numbers and columns are. Everything is made for one length of a block, so that its windows are registers. */

#define LANES_EACH(DO) DO(0, 1) DO(1, 2) DO(2, 3) DO(3, 4) DO(4, 5) DO(5, 6) DO(6, 7) DO(7, 8) DO(8, 9) DO(9, 10)
#define LANES_STEPS(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) /* a macro of its own, since it calls the other */

/* The blocks that a kernel knows. */
#if LANES_BLOCK == 5
#define LANES_BLOCKS(DO) DO(5)
#else
#define LANES_BLOCKS(DO) DO(7) DO(10)
#endif

/* A window: factors, and columns that are still summed, in registers. */
#define WINDOW_DECLARE(u, v) lanes factor##u = lanes_set(0), column##u = lanes_set(0);
#define WINDOW_MULTIPLY(u, v)                                                                                                              \
    if (u < block && (!inner || u < STEP) && (!inside || STEP + u + 1 >= block)) lanes_multiply_add(&column##u, &column##v, a, factor##u); \
    if (u < block && inside && STEP + u + 2 == block) lanes_multiply_add_high(&column##v, a, factor##u);
/* Column STEP is finished: the windows go on by one. */
#define WINDOW_NEXT(u, v) \
    if (u < block) column##u = column##v;

/* What a pass finds in the columns. */
enum pass_columns {
    PASS_MORE,      /* sums, to which it adds */
    PASS_FRESH_TOP, /* the same, but for the last `block` columns, which it is the first to touch */
    PASS_FRESH,     /* nothing: it is the first */
    PASS_DIGITS     /* sums, but for the first block: its digits are given, and only what it carries counts */
};

#define PASS_LOAD(u, v)                                                                                     \
    if (u < block) factor##u = factors[u];                                                                  \
    if (u < block) column##u = kind == PASS_FRESH || kind == PASS_DIGITS ? lanes_set(from[u]) : columns[u]; \
    if (u < block && kind == PASS_DIGITS) column##u = lanes_add(column##u, digits[u]);
/* The column that the step is the first to reach. */
#define PASS_REACH(u, v) \
    if (u + 1 == block) column##v = fresh ? lanes_set(from[at + STEP + block]) : columns[STEP + block];
#define PASS_STEP(s)                                                         \
    if (s < block) {                                                         \
        enum { STEP = s };                                                   \
        lanes a = same ? lanes_set(scalars[STEP]) : numbers[STEP];           \
        LANES_EACH(PASS_REACH)                                               \
        LANES_EACH(WINDOW_MULTIPLY)                                          \
        if (!inside)                                                         \
            columns[STEP] = column0;                                         \
        else if (STEP + 1 == block)                                          \
            carry = lanes_right(lanes_add(column0, half), KERNEL_LIMB_BITS); \
        LANES_EACH(WINDOW_NEXT)                                              \
    }
#define PASS_BLOCK         \
    LANES_STEPS(PASS_STEP) \
    columns += block;      \
    if (same)              \
        scalars += block;  \
    else                   \
        numbers += block;
#define PASS_STORE(u, v) \
    if (u < block) columns[u] = column##u;

/* columns += number * (block factors): low halves of limb i and factor u to column i+u, high ones to the next. The number is in
 * lanes, or the same for all. from: what untouched columns start from; with PASS_DIGITS the columns of the first block. triangle: the factors
 * are the number's first block, which meets itself only in products of two different limbs, once each. */
LANES_FUNCTION void pass_columns(lanes *columns, const enum pass_columns kind, const uint64_t *from, const lanes *digits, const bool same,
                                 const bool triangle, const lanes *numbers, const uint64_t *scalars, const lanes *factors, uint32_t limbs,
                                 const uint32_t block)
{
    const bool top = kind == PASS_FRESH_TOP && !(triangle && limbs == block);
    LANES_EACH(WINDOW_DECLARE)
    const lanes half = lanes_set((uint64_t)1 << (KERNEL_LIMB_BITS - 1));
    lanes column10 = lanes_set(0), carry = column10;
    uint32_t at = 0;
    LANES_EACH(PASS_LOAD)
    if (kind == PASS_DIGITS) {
        /* With its digits the first block becomes a multiple of 2^(52*block). Below its last column are a few units of that one, not half of 2^52,
         * which therefore tells what is carried, to the nearest. */
        const bool inside = true, fresh = false, inner = false;
        PASS_BLOCK
        column0 = lanes_add(column0, carry);
        at += block;
    }
    if (triangle && (kind == PASS_FRESH || !top)) {
        const bool inside = false, fresh = true, inner = true;
        PASS_BLOCK
        at += block;
    } else if (triangle) {
        const bool inside = false, fresh = false, inner = true;
        PASS_BLOCK
        at += block;
    }
    for (; kind == PASS_FRESH_TOP ? at + block < limbs : at < limbs; at += block) {
        const bool inside = false, fresh = kind == PASS_FRESH, inner = false;
        PASS_BLOCK
    }
    if (top) {
        const bool inside = false, fresh = true, inner = false;
        PASS_BLOCK
    }
    LANES_EACH(PASS_STORE)
    (void)column10, (void)carry, (void)half;
}

LANES_FUNCTION void pass(lanes *columns, const bool same, const lanes *numbers, const uint64_t *scalars, const lanes *factors,
                         uint32_t limbs, const uint32_t block)
{
    pass_columns(columns, PASS_MORE, NULL, NULL, same, false, numbers, scalars, factors, limbs, block);
}

#define PASS_OF(block)                                                                                                                   \
    KERNEL_FUNCTION __attribute__((noinline)) void pass_fresh_##block(lanes *columns, const uint64_t *from, const lanes *number,         \
                                                                      const lanes *factors, uint32_t limbs)                              \
    {                                                                                                                                    \
        pass_columns(columns, PASS_FRESH, from, NULL, false, false, number, NULL, factors, limbs, block);                                \
    }                                                                                                                                    \
    KERNEL_FUNCTION __attribute__((noinline)) void pass_top_##block(lanes *columns, const uint64_t *from, const lanes *number,           \
                                                                    const lanes *factors, uint32_t limbs)                                \
    {                                                                                                                                    \
        pass_columns(columns, PASS_FRESH_TOP, from, NULL, false, false, number, NULL, factors, limbs, block);                            \
    }                                                                                                                                    \
    KERNEL_FUNCTION                                                                                                                      \
    __attribute__((noinline)) void pass_more_##block(lanes *columns, const lanes *number, const lanes *factors, uint32_t limbs)          \
    {                                                                                                                                    \
        pass_columns(columns, PASS_MORE, NULL, NULL, false, false, number, NULL, factors, limbs, block);                                 \
    }                                                                                                                                    \
    KERNEL_FUNCTION __attribute__((noinline)) void pass_friendly_##block(lanes *columns, const uint64_t *friendly, const lanes *factors, \
                                                                         uint32_t limbs)                                                 \
    {                                                                                                                                    \
        pass_columns(columns, PASS_MORE, NULL, NULL, true, false, NULL, friendly, factors, limbs, block);                                \
    }                                                                                                                                    \
    KERNEL_FUNCTION __attribute__((noinline)) void pass_modulus_##block(lanes *columns, const uint64_t *from, const lanes *digits,       \
                                                                        const uint64_t *modulus, const lanes *factors, uint32_t limbs)   \
    {                                                                                                                                    \
        pass_columns(columns, PASS_DIGITS, from, digits, true, false, NULL, modulus, factors, limbs, block);                             \
    }
LANES_BLOCKS(PASS_OF)

/* Products of different limbs of a number, once each: those of its first block with all. */
#define TRIANGLE_OF(block)                                                                                                           \
    KERNEL_FUNCTION                                                                                                                  \
    __attribute__((noinline)) void triangle_fresh_##block(lanes *columns, const uint64_t *from, const lanes *number, uint32_t limbs) \
    {                                                                                                                                \
        pass_columns(columns, PASS_FRESH, from, NULL, false, true, number, NULL, number, limbs, block);                              \
    }                                                                                                                                \
    KERNEL_FUNCTION                                                                                                                  \
    __attribute__((noinline)) void triangle_top_##block(lanes *columns, const uint64_t *from, const lanes *number, uint32_t limbs)   \
    {                                                                                                                                \
        pass_columns(columns, PASS_FRESH_TOP, from, NULL, false, true, number, NULL, number, limbs, block);                          \
    }
LANES_BLOCKS(TRIANGLE_OF)

/* The functions of one block: `name` with its number. */
#if LANES_BLOCK == 5
#define OF_BLOCK(name) ((void)block, name##_5)
#else
#define OF_BLOCK(name) (block == 7 ? name##_7 : name##_10)
#endif

#define QUOTIENT_LOAD(u, v)                                 \
    if (u < block) factor##u = lanes_set(ring->inverse[u]); \
    if (u < block) column##u = lanes_set(ring->quotient_start[u]);
/* Only what stays below the block is summed. */
#define QUOTIENT_MULTIPLY(u, v)                                                         \
    if (u + STEP + 1 < block) lanes_multiply_add(&column##u, &column##v, a, factor##u); \
    if (u + STEP + 1 == block) lanes_multiply_add_low(&column##u, a, factor##u);
#define QUOTIENT_STEP(s)                                                                      \
    if (s < block) {                                                                          \
        enum { STEP = s };                                                                    \
        lanes sum = less == NULL ? columns[STEP] : lanes_subtract(columns[STEP], less[STEP]); \
        sum = lanes_add(sum, carry);                                                          \
        carry = lanes_right(sum, KERNEL_LIMB_BITS);                                           \
        digits[STEP] = lanes_and(sum, mask);                                                  \
        lanes a = lanes_factor(digits[STEP]);                                                 \
        LANES_EACH(QUOTIENT_MULTIPLY)                                                         \
        sum = lanes_add(column0, above);                                                      \
        above = lanes_right(sum, KERNEL_LIMB_BITS);                                           \
        sum = lanes_and(sum, mask);                                                           \
        quotient[STEP] = sum;                                                                 \
        factors[STEP] = lanes_factor(sum);                                                    \
        LANES_EACH(WINDOW_NEXT)                                                               \
    }

/* Carries through the next block of columns, less what is to be taken from them, into digits and the column after them; quotient = factors =
 * digits * inverse modulo 2^(52*block). */
LANES_FUNCTION void next_quotient(const struct kernel_ring *ring, lanes *quotient, lanes *factors, lanes *digits, lanes *columns,
                                  const lanes *less, const uint32_t block)
{
    const lanes mask = lanes_set(LANES_MASK);
    LANES_EACH(WINDOW_DECLARE)
    lanes column10 = lanes_set(0), carry = column10, above = column10;
    LANES_EACH(QUOTIENT_LOAD)
    LANES_STEPS(QUOTIENT_STEP)
    columns[block] = lanes_add(columns[block], carry);
    (void)column10;
}

/* Carries through the next block of columns, less what is to be taken from them, into factors and the column after them. */
LANES_FUNCTION void next_digits(lanes *factors, lanes *columns, const lanes *less, const uint32_t block)
{
    const lanes mask = lanes_set(LANES_MASK);
    lanes carry = lanes_set(0);
    for (uint32_t i = 0; i < block; i++) {
        carry = lanes_add(lanes_subtract(columns[i], less[i]), carry);
        factors[i] = lanes_factor(lanes_and(carry, mask));
        carry = lanes_right(carry, KERNEL_LIMB_BITS);
    }
    columns[block] = lanes_add(columns[block], carry);
}

/* Carries through count columns into limbs; returns the carry out. */
LANES_FUNCTION lanes propagate(lanes *limbs, const lanes *columns, uint32_t count, bool factors)
{
    const lanes mask = lanes_set(LANES_MASK);
    lanes carry = lanes_set(0);
    for (uint32_t i = 0; i < count; i++) {
        carry = lanes_add(columns[i], carry);
        lanes limb = lanes_and(carry, mask);
        limbs[i] = factors ? lanes_factor(limb) : limb;
        carry = lanes_right(carry, KERNEL_LIMB_BITS);
    }
    return carry;
}

/* The same for twice the columns, into factors. */
LANES_FUNCTION void propagate_twice(lanes *factors, const lanes *columns, uint32_t count)
{
    const lanes mask = lanes_set(LANES_MASK);
    lanes carry = lanes_set(0);
    for (uint32_t i = 0; i < count; i++) {
        carry = lanes_add(lanes_add(columns[i], columns[i]), carry);
        factors[i] = lanes_factor(lanes_and(carry, mask));
        carry = lanes_right(carry, KERNEL_LIMB_BITS);
    }
}
