/* Powers from tables on lanes, a part of src/crypto/kernel_body.h. See src/crypto/comb_lanes.h. */
#include "src/crypto/comb_lanes.h"

struct comb_space {
    lanes *halves[2]; /* pairs with room up to a row: the powers */
    lanes *sums;      /* limbs, to a whole number of vectors */
    lanes *message;   /* limbs */
    mp_limb_t *scratch;
};

KERNEL_FUNCTION struct comb_space comb_space_in(const struct kernel_ring *ring, mp_limb_t *scratch)
{
    struct comb_space space;
    space.halves[0] = (lanes *)(void *)((char *)scratch + (64 - (uintptr_t)scratch % 64) % 64);
    space.halves[1] = space.halves[0] + ring->row;
    space.sums = space.halves[1] + ring->row;
    space.message = space.sums + ring->limbs + LANES;
    space.scratch = (mp_limb_t *)(void *)(space.message + ring->limbs);
    return space;
}

/* The upper half of the straight columns = left*right/R, both numbers. */
KERNEL_FUNCTION void reduced_product(const struct kernel_ring *ring, const struct workspace *space, const lanes *left, const lanes *right)
{
    const uint32_t block = ring->block;
    OF_BLOCK(product)(space->straight, ring->straight_start, left, right, ring->limbs);
    OF_BLOCK(reduce)(ring, space);
}

/* columns += constant * (`count` limbs, zeros up to a whole block). */
KERNEL_FUNCTION void join_part(const struct kernel_ring *ring, lanes *columns, const lanes *constant, const lanes *limbs, uint32_t count)
{
    const uint32_t block = ring->block;
    for (uint32_t j = 0; j < count; j += block) OF_BLOCK(pass_more)(columns + j, constant, limbs + j, ring->limbs);
}

/* Below 8*p*n and 16*p*n: far below what a reduction may get. */
KERNEL_FUNCTION void join_columns(const struct kernel_join *join, const struct workspace *space, lanes *const *halves, uint32_t part)
{
    const struct kernel_ring *ring = join->ring;
    const uint32_t limbs = ring->limbs;
    load_constant(space->straight, join->straight_start, 2 * limbs);
    load_constant(space->cross, join->cross_start, 2 * limbs);
    for (uint32_t i = 0; i < limbs; i++) space->right[i] = lanes_set(0);
    for (int k = 0; k < 2; k++) {
        for (uint32_t i = 0; i < part; i++) space->right[i] = halves[k][i];
        load_constant(space->left, join->first[k], 2 * limbs);
        join_part(ring, space->straight, space->left, space->right, part);
        join_part(ring, space->cross, space->left + limbs, space->right, part);
        for (uint32_t i = 0; i < part; i++) space->right[i] = halves[k][part + i];
        load_constant(space->left, join->second[k], limbs);
        join_part(ring, space->cross, space->left, space->right, part);
    }
}

/* Each lane reads at addresses that depend on its digit. sums: by vectors of each lane, as they stand in the table. */
APART void look_up_entries(const struct kernel_comb *comb, uint64_t row, const uint32_t *digits, lanes *factor, lanes *sums)
{
    const uint32_t limbs = comb->ring->limbs;
    const mp_limb_t *entries[LANES];
    for (uint32_t lane = 0; lane < LANES; lane++) entries[lane] = comb->table + (row * comb->entries + digits[lane]) * 2 * limbs;
    for (uint32_t i = 0; i < limbs; i += LANES) {
        lanes *rows = factor + i;
        for (uint32_t lane = 0; lane < LANES; lane++) {
            rows[lane] = lanes_load(entries[lane] + i);
            sums[i + lane] = lanes_add(sums[i + lane], lanes_limb(lanes_load(entries[lane] + limbs + i)));
        }
        lanes_transpose(rows);
    }
}

LANES_FUNCTION void look_ahead(const struct kernel_comb *comb, uint64_t row, const uint32_t *digits)
{
    const uint32_t size = 2 * comb->ring->limbs;
    for (uint32_t lane = 0; lane < LANES; lane++)
        for (uint32_t i = 0; i < size; i += 8) __builtin_prefetch(comb->table + (row * comb->entries + digits[lane]) * size + i);
}

/* Reads the whole row. sums: limbs of all lanes. */
APART void scan_entries(const struct kernel_comb *comb, uint64_t row, const uint32_t *digits, lanes *factor, lanes *sums)
{
    enum { MOST_ENTRIES = 64 };
    const uint32_t limbs = comb->ring->limbs;
    const mp_limb_t *values = comb->table + row * comb->entries * 2 * limbs;
    uint64_t wanted[LANES];
    lanes masks[MOST_ENTRIES];
    for (uint32_t lane = 0; lane < LANES; lane++) wanted[lane] = digits[lane];
    for (uint64_t entry = 0; entry < comb->entries; entry++) { /* entries are few: the difference is negative or not */
        lanes above = lanes_subtract(lanes_load(wanted), lanes_set(entry)), below = lanes_subtract(lanes_set(entry), lanes_load(wanted));
        masks[entry] = lanes_subtract(lanes_right(lanes_or(above, below), 63), lanes_set(1));
    }
    for (uint32_t i = 0; i < 2 * limbs; i++, values += comb->entries) {
        lanes even = lanes_set(0), odd = even;
        for (uint64_t entry = 0; entry < comb->entries; entry += 2) {
            even = lanes_choose(even, masks[entry], lanes_set(values[entry]));
            odd = lanes_choose(odd, masks[entry + 1], lanes_set(values[entry + 1]));
        }
        lanes chosen = lanes_or(even, odd);
        if (i < limbs)
            factor[i] = chosen;
        else
            sums[i - limbs] = lanes_add(sums[i - limbs], lanes_limb(chosen));
    }
}

/* The sums and the message to a factor, below 2^14*n. */
KERNEL_FUNCTION void comb_sum(const struct kernel_comb *comb, const struct workspace *space, lanes *out, lanes *sums,
                              const mp_limb_t *const *messages)
{
    const struct kernel_ring *ring = comb->ring;
    for (uint32_t i = 0; !comb->scanned && i < ring->limbs; i += LANES) lanes_transpose(sums + i);
    if (messages != NULL) {
        load_number(ring, space, out, messages, 0);
        for (uint32_t i = 0; i < ring->limbs; i++) sums[i] = lanes_add(sums[i], lanes_limb(out[i]));
    }
    propagate(out, sums, ring->limbs, true);
}

/* number = the power, times 1 + messages*n: at last times one, or R, and that. */
APART void comb_inside(const struct kernel_comb *comb, lanes *number, const uint32_t *digits, const mp_limb_t *const *messages, lanes *sums,
                       mp_limb_t *scratch)
{
    const struct kernel_ring *ring = comb->ring;
    const uint32_t limbs = ring->limbs;
    struct workspace space = workspace_in(ring, scratch);
    lanes *sum = space.right + limbs;
    for (uint32_t i = 0; i < limbs + LANES; i++) sums[i] = lanes_set(0);
    for (uint64_t row = 0; row < comb->rows; row++, digits += LANES) {
        if (!comb->scanned && row + 1 < comb->rows) look_ahead(comb, row + 1, digits + LANES);
        (comb->scanned ? scan_entries : look_up_entries)(comb, row, digits, space.right, sums);
        for (uint32_t i = 0; row == 0 && i < limbs; i++) {
            number[i] = space.right[i];
            number[limbs + i] = lanes_set(0);
        }
        if (row == 0) continue;
        pair_times(ring, &space, number, space.right);
    }
    comb_sum(comb, &space, sum, sums, messages);
    if (comb->halved) {
        for (uint32_t i = 0; i < limbs; i++) space.right[i] = lanes_factor(lanes_set(i == 0));
    } else {
        load_constant(space.left, comb->radix_square, limbs);
        reduced_product(ring, &space, space.left, sum);
        load_constant(space.right, ring->radix, 2 * limbs);
        for (uint32_t i = 0; i < limbs; i++) space.straight[limbs + i] = lanes_add(space.straight[limbs + i], lanes_limb(sum[i]));
        propagate(sum, space.straight + limbs, limbs, true);
    }
    pair_product(ring, &space, number, number, space.right, false);
}

/* The message times R, then both halves with it. */
APART void join_inside(const struct kernel_join *join, mp_limb_t *const *out, const struct comb_space *comb, uint32_t part,
                       const mp_limb_t *const *messages)
{
    const struct kernel_ring *ring = join->ring;
    const uint32_t block = ring->block;
    struct workspace space = workspace_in(ring, comb->scratch);
    for (uint32_t i = 0; i < ring->limbs; i++) comb->message[i] = lanes_set(0);
    if (messages != NULL) {
        load_number(ring, &space, space.left, messages, 0);
        load_constant(space.right, join->radix_square, ring->limbs);
        reduced_product(ring, &space, space.left, space.right);
        propagate(comb->message, space.straight + ring->limbs, ring->limbs, true);
    }
    join_columns(join, &space, comb->halves, part);
    OF_BLOCK(reduce)(ring, &space);
    /* Times 1 + message*n: the first half's product with it joins the cross columns. */
    propagate(space.left, space.straight + ring->limbs, ring->limbs, true);
    join_part(ring, space.cross, comb->message, space.left, ring->limbs);
    OF_BLOCK(finish_pair)(ring, &space, space.left, false);
    store_rows(ring, out, space.left);
}

KERNEL_FUNCTION void kernel_comb(const struct kernel_comb *const *combs, const struct kernel_join *join, mp_limb_t *const *out,
                                 const uint32_t *digits, const mp_limb_t *const *messages, mp_limb_t *scratch)
{
    lanes_state state = lanes_begin();
    struct comb_space space = comb_space_in(join == NULL ? combs[0]->ring : join->ring, scratch);
    if (join == NULL) {
        comb_inside(combs[0], space.halves[0], digits, messages, space.sums, space.scratch);
        store_rows(combs[0]->ring, out, space.halves[0]);
    } else {
        for (int k = 0; k < 2; k++) comb_inside(combs[k], space.halves[k], digits, NULL, space.sums, space.scratch);
        join_inside(join, out, &space, combs[0]->ring->limbs, messages);
    }
    lanes_end(state);
}
