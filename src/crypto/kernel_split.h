/* Products of halves by Karatsuba's method: a part of src/crypto/kernel_body.h, for lanes whose multiplication costs more than additions. With
 * both halves split into a lower part l of `split` limbs and an upper part u, l*l and u*u are made where they belong, and the middle is
 * (l + u)*(l + u) - l*l - u*u: three products of parts instead of four. Sums of parts have limbs up to 2^52 and a carry of 0 or 1 above
 * them, whose products are added apart. Halves have four blocks or more, so that the column where two carries meet is one of the product. */

/* The sum of a half's parts, and its carry. */
KERNEL_FUNCTION lanes add_parts(const struct kernel_ring *ring, lanes *sum, const lanes *half)
{
    const uint32_t split = ring->split, rest = ring->limbs - split;
    lanes carry = lanes_factor(lanes_set(0));
    for (uint32_t i = 0; i < rest; i++) lanes_add_factors(&sum[i], &carry, half[i], half[split + i]);
    for (uint32_t i = rest; i < split; i++) lanes_add_factors(&sum[i], &carry, half[i], lanes_factor(lanes_set(0)));
    return carry;
}

/* Sums of parts that were multiplied, with their carries. */
struct parts {
    const lanes *left, *right;
    lanes left_carry, right_carry;
};

/* What the columns of a product of halves, and those of its sums of parts, start from. */
struct split_starts {
    const uint64_t *outer, *middle;
};

/* What carries add to column i of the middle's upper half. */
LANES_FUNCTION lanes carried_column(const struct parts *parts, uint32_t i)
{
    return lanes_add(lanes_carried(parts->left_carry, parts->right[i]), lanes_carried(parts->right_carry, parts->left[i]));
}

/* Columns of parts, a lower one of `split` limbs and an upper one of the rest, to columns of the halves: adds middle - lower - upper from
 * column `split` on. */
LANES_FUNCTION void join_parts(uint32_t split, uint32_t rest, lanes *columns, const lanes *middle, const struct parts *parts,
                               const uint32_t products)
{
    const uint32_t upper_columns = 2 * rest;
    lanes *upper = columns + 2 * split;
    for (uint32_t i = 0; i < split; i++) {
        lanes between = lanes_subtract(columns[split + i], upper[i]);
        lanes above = lanes_add(middle[split + i], carried_column(&parts[0], i));
        if (products == 2) above = lanes_add(above, carried_column(&parts[1], i));
        if (split + i < upper_columns) above = lanes_subtract(above, upper[split + i]);
        columns[split + i] = lanes_add(between, lanes_subtract(middle[i], columns[i]));
        upper[i] = lanes_subtract(above, between);
    }
    for (uint32_t i = 0; i < products; i++)
        upper[split] =
            lanes_add(upper[split], lanes_subtract(lanes_carried(parts[i].left_carry, parts[i].right_carry), lanes_set(LANES_LOW_BIAS)));
}

LANES_FUNCTION void pass_part(lanes *columns, const uint64_t *from, const lanes *number, const lanes *factors, uint32_t limbs, uint32_t at)
{
    const uint32_t block = LANES_BLOCK;
    (at == 0 ? OF_BLOCK(pass_fresh) : OF_BLOCK(pass_top))(columns + at, from + at, number, factors + at, limbs);
}

/* The passes of left*right, shared between the blocks of a reduction: those of lower parts and of sums in every second one, those of upper parts in
 * the others. join_parts comes after the last. */
LANES_FUNCTION void pass_split(const struct kernel_ring *ring, lanes *columns, lanes *middle, const struct split_starts *starts,
                               const lanes *left, const lanes *right, const struct parts *parts, uint32_t j)
{
    const uint32_t block = LANES_BLOCK, split = ring->split, at = j / (2 * block) * block;
    if (j % (2 * block) == 0) {
        pass_part(columns, starts->outer, left, right, split, at);
        pass_part(middle, starts->middle, parts->left, parts->right, split, at);
    } else {
        pass_part(columns + 2 * split, starts->outer + 2 * split, left + split, right + split, ring->limbs - split, at);
    }
}

/* Those of the mixed products. With one product it is that of left's second half and right's first. */
LANES_FUNCTION void pass_mixed(const struct kernel_ring *ring, const struct workspace *space, const struct split_starts *starts,
                               const lanes *left, const lanes *right, const struct parts *parts, uint32_t j, const uint32_t products)
{
    const uint32_t block = LANES_BLOCK, limbs = ring->limbs, split = ring->split, at = j / (2 * block) * block;
    pass_split(ring, space->cross, space->middle, starts, left + limbs, right, &parts[0], j);
    if (products == 1) return;
    if (j % (2 * block) == 0) {
        OF_BLOCK(pass_more)(space->cross + at, left, right + limbs + at, split);
        OF_BLOCK(pass_more)(space->middle + at, parts[1].left, parts[1].right + at, split);
    } else {
        OF_BLOCK(pass_more)(space->cross + 2 * split + at, left + split, right + limbs + split + at, limbs - split);
    }
}

/* The straight columns reduced, with the mixed products between a block's quotient and its use. */
LANES_FUNCTION void reduce_beside(const struct kernel_ring *ring, const struct workspace *space, const struct split_starts *starts,
                                  const lanes *left, const lanes *right, const struct parts *parts, const uint32_t products)
{
    const uint32_t block = LANES_BLOCK;
    for (uint32_t j = 0; j < ring->limbs; j += block) {
        next_quotient(ring, space->quotient + j, space->factors, space->digits, space->straight + j, NULL, block);
        ask_ahead(space->ahead, ring->row);
        pass_mixed(ring, space, starts, left, right, parts, j, products);
        OF_BLOCK(pass_modulus)(space->straight + j, ring->block_start, space->digits, ring->modulus_factor, space->factors, ring->limbs);
        ask_ahead(space->ahead, ring->row);
    }
    join_parts(ring->split, ring->limbs - ring->split, space->cross, space->middle, parts, products);
}

/* columns = left*right, halves whose sums of parts are given; outer and start: what the columns and those of the middle start from. */
KERNEL_FUNCTION void split_product(const struct kernel_ring *ring, lanes *columns, lanes *middle, const uint64_t *outer,
                                   const uint64_t *start, const lanes *left, const lanes *right, const struct parts *parts,
                                   struct group_ahead *ahead, uint32_t row)
{
    const uint32_t block = LANES_BLOCK;
    const struct split_starts starts = {outer, start};
    for (uint32_t j = 0; j < ring->limbs; j += block) {
        pass_split(ring, columns, middle, &starts, left, right, parts, j);
        ask_ahead(ahead, row);
    }
    join_parts(ring->split, ring->limbs - ring->split, columns, middle, parts, 1);
}

/* As multiply_columns. */
KERNEL_FUNCTION __attribute__((noinline)) void split_columns(const struct kernel_ring *ring, const struct workspace *space,
                                                             const lanes *left, const lanes *right)
{
    const struct split_starts starts = {ring->cross_outer, ring->cross_middle};
    lanes *sums[4], carries[4];
    for (uint32_t i = 0; i < 4; i++) {
        sums[i] = space->sums + i * ring->split;
        carries[i] = add_parts(ring, sums[i], (i < 2 ? left : right) + i % 2 * ring->limbs);
    }
    const struct parts straight = {sums[0], sums[2], carries[0], carries[2]};
    const struct parts mixed[2] = {{sums[1], sums[2], carries[1], carries[2]}, {sums[0], sums[3], carries[0], carries[3]}};
    split_product(ring, space->straight, space->middle, ring->straight_outer, ring->straight_middle, left, right, &straight, space->ahead,
                  ring->row);
    reduce_beside(ring, space, &starts, left, right, mixed, 2);
}

/* The sums of parts of two halves, in one half or the other of the room for sums. */
KERNEL_FUNCTION struct parts parts_of(const struct kernel_ring *ring, const struct workspace *space, uint32_t half, const lanes *left,
                                      const lanes *right)
{
    lanes *sums = space->sums + (uint64_t)2 * half * ring->split, *others = sums + ring->split;
    lanes left_carry = add_parts(ring, sums, left), right_carry = add_parts(ring, others, right);
    return (struct parts){sums, others, left_carry, right_carry};
}
