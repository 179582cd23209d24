/* Rows to plain numbers and back: a part of src/crypto/kernel_body.h. */

/* The row's number over R as a canonical pair, then first half + second half * n. */
KERNEL_FUNCTION __attribute__((noinline)) void write_inside(const struct kernel_ring *ring, mp_limb_t *const *numbers,
                                                            const mp_limb_t *const *rows, mp_limb_t *scratch)
{
    struct workspace space = workspace_in(ring, scratch);
    const uint32_t limbs = ring->limbs, block = ring->block;
    (void)block;
    load_rows(ring, space.left, rows);
    for (uint32_t i = 0; i < limbs; i++) {
        space.straight[i] = lanes_add(lanes_limb(space.left[i]), lanes_set(ring->reduced_start[i]));
        space.cross[i] = lanes_add(lanes_limb(space.left[limbs + i]), lanes_set(ring->twice_start[i]));
        space.straight[limbs + i] = lanes_set(ring->reduced_start[limbs + i]);
        space.cross[limbs + i] = lanes_set(ring->twice_start[limbs + i]);
    }
    OF_BLOCK(reduce)(ring, &space);
    OF_BLOCK(finish_pair)(ring, &space, space.left, true);
    for (uint32_t i = 0; i < limbs; i++) space.left[limbs + i] = lanes_factor(space.left[limbs + i]);
    load_constant(space.right, ring->modulus_factor, limbs);
    OF_BLOCK(product)(space.straight, ring->product_start, space.right, space.left + limbs, limbs);
    for (uint32_t i = 0; i < limbs; i++) space.straight[i] = lanes_add(space.straight[i], space.left[i]);
    propagate(space.straight, space.straight, 2 * limbs, false);
    store_words(&space, numbers, 0, 2 * ring->words, space.straight, 2 * limbs);
}

KERNEL_FUNCTION void kernel_write(const struct kernel_ring *ring, mp_limb_t *const *numbers, const mp_limb_t *const *rows,
                                  mp_limb_t *scratch)
{
    lanes_state state = lanes_begin();
    write_inside(ring, numbers, rows, scratch);
    lanes_end(state);
}

/* A plain number below n^2 over R modulo n, as factors below 2n, and the quotient. */
KERNEL_FUNCTION void remainder_of(const struct kernel_ring *ring, const struct workspace *space, lanes *out,
                                  const mp_limb_t *const *numbers)
{
    const uint32_t limbs = ring->limbs, block = ring->block;
    (void)block;
    load_words(space->words, numbers, 0, 2 * ring->words);
    split_words(space->straight, 2 * limbs, space->words, 2 * ring->words, false);
    for (uint32_t i = 0; i < 2 * limbs; i++) space->straight[i] = lanes_add(space->straight[i], lanes_set(ring->reduced_start[i]));
    OF_BLOCK(reduce)(ring, space);
    propagate(out, space->straight + limbs, limbs, true);
}

/* The number is t*R - q*n. Times R that is the pair of t with R^3 over R, less q*R^2 over R in the second half, which adds up to n to it. */
KERNEL_FUNCTION __attribute__((noinline)) void read_inside(const struct kernel_ring *ring, mp_limb_t *const *rows,
                                                           const mp_limb_t *const *numbers, mp_limb_t *scratch)
{
    struct workspace space = workspace_in(ring, scratch);
    const uint32_t limbs = ring->limbs, block = ring->block;
    (void)block;
    lanes *less = space.more;
    remainder_of(ring, &space, space.left, numbers);
    for (uint32_t i = 0; i < limbs; i++) space.left[limbs + i] = lanes_factor(space.quotient[i]);
    load_constant(space.right, ring->cube, 2 * limbs);
    load_constant(less, ring->minus_square, limbs);
    OF_BLOCK(multiply_columns)(ring, &space, space.left, space.right, less);
    OF_BLOCK(finish_pair)(ring, &space, space.left, false);
    store_rows(ring, rows, space.left);
}

KERNEL_FUNCTION void kernel_read(const struct kernel_ring *ring, mp_limb_t *const *rows, const mp_limb_t *const *numbers,
                                 mp_limb_t *scratch)
{
    lanes_state state = lanes_begin();
    read_inside(ring, rows, numbers, scratch);
    lanes_end(state);
}

KERNEL_FUNCTION __attribute__((noinline)) void remainders_inside(const struct kernel_ring *ring, mp_limb_t *const *out,
                                                                 const mp_limb_t *const *numbers, uint64_t count, mp_limb_t *scratch)
{
    struct workspace space = workspace_in(ring, scratch);
    const uint32_t limbs = ring->limbs, block = ring->block;
    (void)block;
    remainder_of(ring, &space, space.left, numbers);
    for (uint64_t i = 1; i < count; i++) {
        remainder_of(ring, &space, space.right, numbers + i * LANES);
        OF_BLOCK(product)(space.straight, ring->straight_start, space.left, space.right, limbs);
        OF_BLOCK(reduce)(ring, &space);
        propagate(space.left, space.straight + limbs, limbs, true);
    }
    for (uint32_t i = 0; i < limbs; i++) space.left[i] = lanes_limb(space.left[i]);
    take_modulus(ring, space.left, space.straight);
    store_words(&space, out, 0, ring->words, space.left, limbs);
}

KERNEL_FUNCTION void kernel_remainders(const struct kernel_ring *ring, mp_limb_t *const *out, const mp_limb_t *const *numbers,
                                       uint64_t count, mp_limb_t *scratch)
{
    lanes_state state = lanes_begin();
    remainders_inside(ring, out, numbers, count, scratch);
    lanes_end(state);
}
