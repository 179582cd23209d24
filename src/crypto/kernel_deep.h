/* Products of halves by Karatsuba's method at two levels: a part of src/crypto/kernel_body.h, for halves whose parts (src/crypto/kernel_split.h)
 * are long enough to be split themselves: nine products of a quarter's length instead of sixteen. The sum of a half's parts has limbs below
 * 2^52 here, so that sums of its own parts have limbs of at most 2^52 again. */

/* A half's lower and upper part and their sum, with its carry; of each of these the sum of its two parts, with its carry. */
struct deep_half {
    const lanes *parts[3];
    lanes *sums[3];
    lanes carry, carries[3];
};

/* room: 5*deep. */
KERNEL_FUNCTION void deep_prepare(const struct kernel_ring *ring, struct deep_half *deep, const lanes *half, lanes *room)
{
    const lanes mask = lanes_set(LANES_MASK);
    const uint32_t split = ring->split, quarter = ring->deep;
    lanes carry = lanes_set(0);
    for (uint32_t i = 0; i < split; i++) {
        carry = lanes_add(lanes_add(lanes_limb(half[i]), lanes_limb(half[split + i])), carry);
        room[i] = lanes_factor(lanes_and(carry, mask));
        carry = lanes_right(carry, KERNEL_LIMB_BITS);
    }
    deep->carry = lanes_factor(carry);
    deep->parts[0] = half;
    deep->parts[1] = half + split;
    deep->parts[2] = room;
    for (uint32_t part = 0; part < 3; part++) {
        lanes *sums = deep->sums[part] = room + split + part * quarter;
        lanes above = lanes_factor(lanes_set(0));
        for (uint32_t i = 0; i < quarter; i++) lanes_add_factors(&sums[i], &above, deep->parts[part][i], deep->parts[part][quarter + i]);
        deep->carries[part] = above;
    }
}

/* Products of halves that are summed in the same columns. */
struct deep_product {
    lanes *columns, *middle, *inner;
    const uint64_t *starts;
    const struct deep_half *left[2], *right[2];
};

/* The columns of a part: lower, upper, sum. */
LANES_FUNCTION lanes *deep_part(const struct kernel_ring *ring, const struct deep_product *product, uint32_t part)
{
    return part == 2 ? product->middle : product->columns + part * 2 * ring->split;
}

enum { DEEP_PRODUCTS = 9 };

/* Product number `which` of quarters: of each part its lower part's, its upper part's and their sum's; number i of those in one sum. */
KERNEL_FUNCTION void deep_quarters(const struct kernel_ring *ring, const struct deep_product *product, uint32_t which, uint32_t i)
{
    const uint32_t block = LANES_BLOCK, quarter = ring->deep, part = which / 3, third = which % 3, inner = part * 2 * quarter;
    const struct deep_half *x = product->left[i], *y = product->right[i];
    const uint64_t *starts = product->starts + part * 2 * ring->split + third * 2 * quarter;
    lanes *columns = deep_part(ring, product, part) + third * 2 * quarter;
    const lanes *left = x->parts[part] + third * quarter, *right = y->parts[part] + third * quarter;
    if (third == 2) {
        starts = product->starts + 2 * ring->limbs + 2 * ring->split + inner;
        columns = product->inner + inner;
        left = x->sums[part];
        right = y->sums[part];
    }
    if (i == 0)
        OF_BLOCK(product)(columns, starts, left, right, quarter);
    else
        for (uint32_t j = 0; j < quarter; j += block) OF_BLOCK(pass_more)(columns + j, left, right + j, quarter);
}

LANES_FUNCTION void deep_join(const struct kernel_ring *ring, const struct deep_product *product, const uint32_t products)
{
    const uint32_t quarter = ring->deep;
    struct parts parts[2];
    for (uint32_t part = 0; part < 3; part++) {
        for (uint32_t i = 0; i < products; i++) {
            const struct deep_half *x = product->left[i], *y = product->right[i];
            parts[i] = (struct parts){x->sums[part], y->sums[part], x->carries[part], y->carries[part]};
        }
        join_parts(quarter, quarter, deep_part(ring, product, part), product->inner + part * 2 * quarter, parts, products);
    }
    for (uint32_t i = 0; i < products; i++) {
        const struct deep_half *x = product->left[i], *y = product->right[i];
        parts[i] = (struct parts){x->parts[2], y->parts[2], x->carry, y->carry};
    }
    join_parts(ring->split, ring->split, product->columns, product->middle, parts, products);
}

/* As multiply_columns. */
KERNEL_FUNCTION __attribute__((noinline)) void deep_columns(const struct kernel_ring *ring, const struct workspace *space,
                                                            const lanes *left, const lanes *right)
{
    const uint32_t block = LANES_BLOCK, limbs = ring->limbs;
    struct deep_half x[2], y[2];
    for (uint32_t i = 0; i < 2; i++) {
        deep_prepare(ring, &x[i], left + i * limbs, space->deep + i * 5 * ring->deep);
        deep_prepare(ring, &y[i], right + i * limbs, space->deep + (2 + i) * 5 * ring->deep);
    }
    const struct deep_product straight = {space->straight, space->middle, space->inner, ring->straight_deep, {&x[0]}, {&y[0]}};
    const struct deep_product cross = {space->cross, space->middle, space->inner, ring->cross_deep, {&x[1], &x[0]}, {&y[0], &y[1]}};
    for (uint32_t which = 0; which < DEEP_PRODUCTS; which++) deep_quarters(ring, &straight, which, 0);
    deep_join(ring, &straight, 1);
    for (uint32_t j = 0, made = 0; j < limbs; j += block) {
        next_quotient(ring, space->quotient + j, space->factors, space->digits, space->straight + j, NULL, block);
        ask_ahead(space->ahead, ring->row);
        for (; made * limbs < 2 * DEEP_PRODUCTS * (j + block); made++) deep_quarters(ring, &cross, made / 2, made % 2);
        ask_ahead(space->ahead, ring->row);
        OF_BLOCK(pass_modulus)(space->straight + j, ring->block_start, space->digits, ring->modulus_factor, space->factors, limbs);
        ask_ahead(space->ahead, ring->row);
    }
    deep_join(ring, &cross, 2);
}
