/* Groups of pairs on lanes, the one source: included by src/crypto/kernel_body.h after group_body.h. Bundles are rows of all lanes. */

KERNEL_FUNCTION void pair_clear_tail(const struct kernel_ring *ring, lanes *pair)
{
    for (uint32_t i = 2 * ring->limbs; i < ring->row; i++) pair[i] = lanes_set(0);
}

KERNEL_FUNCTION void pair_group_load(const void *ring, mp_limb_t *bundle, const mp_limb_t *const *rows)
{
    load_rows(ring, (lanes *)(void *)bundle, rows);
}

KERNEL_FUNCTION void pair_group_store(const void *argument, mp_limb_t *const *rows, const mp_limb_t *bundle)
{
    const struct kernel_ring *ring = argument;
    for (uint32_t i = 0; i < ring->row; i += LANES) lanes_store_square(rows, i, (const lanes *)(const void *)bundle + i);
}

KERNEL_FUNCTION __attribute__((noinline)) void pair_multiply_inside(const struct kernel_ring *ring, lanes *out, const lanes *left,
                                                                    const lanes *right, struct group_ahead *ahead, mp_limb_t *scratch)
{
    struct workspace space = workspace_in(ring, scratch);
    space.ahead = ahead;
    if (ahead != NULL) begin_ahead(ahead, ring->row, 4 * (ring->limbs / ring->block));
    pair_product(ring, &space, out, left, right, false);
    pair_clear_tail(ring, out);
}

KERNEL_FUNCTION void pair_group_multiply_ahead(const void *ring, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right,
                                               struct group_ahead *ahead, mp_limb_t *scratch)
{
    lanes_state state = lanes_begin();
    pair_multiply_inside(ring, (lanes *)(void *)out, (const lanes *)(const void *)left, (const lanes *)(const void *)right, ahead, scratch);
    lanes_end(state);
}

KERNEL_FUNCTION void pair_group_multiply(const void *ring, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right,
                                         mp_limb_t *scratch)
{
    pair_group_multiply_ahead(ring, out, left, right, NULL, scratch);
}

KERNEL_FUNCTION __attribute__((noinline)) void pair_square_inside(const struct kernel_ring *ring, lanes *pair, uint64_t times,
                                                                  mp_limb_t *scratch)
{
    struct workspace space = workspace_in(ring, scratch);
    square_times(ring, &space, pair, (uint32_t)times);
}

KERNEL_FUNCTION void pair_group_square(const void *ring, mp_limb_t *bundle, uint64_t times, mp_limb_t *scratch)
{
    lanes_state state = lanes_begin();
    pair_square_inside(ring, (lanes *)(void *)bundle, times, scratch);
    lanes_end(state);
}

KERNEL_FUNCTION void pair_group_select(const void *argument, mp_limb_t *out, const mp_limb_t *bundles, uint32_t entries,
                                       const mp_limb_t *digits)
{
    const struct kernel_ring *ring = argument;
    group_select(ring->row, (lanes *)(void *)out, false, bundles, entries, digits);
}

static const struct group kernel_pairs = {.load = pair_group_load,
                                          .store = pair_group_store,
                                          .multiply = pair_group_multiply,
                                          .square = pair_group_square,
                                          .multiply_public = pair_group_multiply,
                                          .square_public = pair_group_square,
                                          .multiply_ahead = pair_group_multiply_ahead,
                                          .select_bundle = pair_group_select};
