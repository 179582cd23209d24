/* Powers p-1 modulo p^2 on lanes, a part of src/crypto/kernel_body.h. See src/crypto/fermat.h. */
#include "src/crypto/fermat.h"

struct fermat_space {
    lanes *first, *second;  /* of the table's entries: limbs each */
    lanes *inverse, *error; /* 1/a, and E */
};

#define SELECT_START(u, v) lanes even##u = lanes_set(0), odd##u = lanes_set(0);
#define SELECT_CHOOSE(u, v)                                            \
    if (u < block) {                                                   \
        even##u = lanes_choose(even##u, mask, from[u]);                \
        odd##u = lanes_choose_factor(odd##u, next, (from + limbs)[u]); \
    }
/* Not or: rounding down, no entries may have the sum -0. */
#define SELECT_STORE(u, v) \
    if (u < block) out[u] = lanes_choose_factor(even##u, lanes_set(LANES_CHOSEN), odd##u);

LANES_FUNCTION void select_blocks(const uint64_t *masks, const lanes *table, lanes *out, uint32_t limbs, const uint32_t block)
{
    for (uint32_t i = 0; i < limbs; i += block, out += block) {
        LANES_EACH(SELECT_START)
        for (uint32_t entry = 0; entry < FERMAT_ENTRIES; entry += 2) {
            const lanes *from = table + (uint64_t)entry * limbs + i;
            const lanes mask = lanes_set(masks[entry]), next = lanes_set(masks[entry + 1]);
            LANES_EACH(SELECT_CHOOSE)
        }
        LANES_EACH(SELECT_STORE)
    }
}

#define SELECT_OF(block)                                                                                    \
    APART void select_blocks_##block(const uint64_t *masks, const lanes *table, lanes *out, uint32_t limbs) \
    {                                                                                                       \
        select_blocks(masks, table, out, limbs, block);                                                     \
    }
LANES_BLOCKS(SELECT_OF)

/* out = first half of entry `digit`, which is the same for all lanes, reading all of them. */
KERNEL_FUNCTION void select_first(const struct fermat *fermat, const lanes *table, lanes *out, uint64_t digit)
{
    const uint32_t block = fermat->ring->block;
    uint64_t masks[FERMAT_ENTRIES];
    (void)block;
    for (uint64_t entry = 0; entry < FERMAT_ENTRIES; entry++)
        masks[entry] = (0 - (((entry ^ digit) - 1) >> 63)) & (entry % 2 == 0 ? UINT64_MAX : LANES_CHOSEN);
    OF_BLOCK(select_blocks)(masks, table, out, fermat->ring->limbs);
}

/* The powers of the number in space->left: those of its first half, but the number's own second half at entry 1. */
KERNEL_FUNCTION void fill_table(const struct kernel_ring *ring, const struct workspace *space, const struct fermat_space *table)
{
    const uint32_t limbs = ring->limbs, block = ring->block;
    lanes *number = space->left, *base = table->first + limbs;
    (void)block;
    load_constant(table->first, ring->radix, limbs);
    for (uint32_t i = 0; i < limbs; i++) {
        base[i] = number[i];
        table->second[limbs + i] = number[limbs + i];
        number[limbs + i] = lanes_set(0);
    }
    OF_BLOCK(begin_times)(ring, space, number, base);
    for (uint32_t entry = 2; entry < FERMAT_ENTRIES; entry++) {
        if (entry + 1 < FERMAT_ENTRIES)
            OF_BLOCK(step_times)(ring, space, number, base, base);
        else
            OF_BLOCK(step_end)(ring, space, number, base);
        for (uint32_t i = 0; i < limbs; i++) {
            table->first[entry * limbs + i] = number[i];
            table->second[entry * limbs + i] = number[limbs + i];
        }
    }
}

/* The power p-2 by first halves, whose first half is kept as 1/a, then times a. */
KERNEL_FUNCTION void power_of_first(const struct fermat *fermat, const struct workspace *space, const struct fermat_space *table)
{
    const struct kernel_ring *ring = fermat->ring;
    const uint32_t limbs = ring->limbs, block = ring->block;
    lanes *number = space->left, *factor = space->right;
    uint64_t from = (fermat->bits - 1) / FERMAT_WINDOW * FERMAT_WINDOW;
    (void)block;
    select_first(fermat, table->first, number, limbs_digit(fermat->exponent, fermat->bits, from, fermat->bits - from));
    for (uint32_t i = 0; i < limbs; i++) number[limbs + i] = lanes_set(0);
    if (from > 0) OF_BLOCK(begin_square)(ring, space, number);
    while (from > 0) {
        from -= FERMAT_WINDOW;
        select_first(fermat, table->first, factor, limbs_digit(fermat->exponent, fermat->bits, from, FERMAT_WINDOW));
        square_on(ring, space, number, FERMAT_WINDOW, factor);
        if (from > 0)
            OF_BLOCK(step_square)(ring, space, number, factor);
        else
            OF_BLOCK(step_end)(ring, space, number, factor);
    }
    for (uint32_t i = 0; i < limbs; i++) table->inverse[i] = number[i];
    pair_times(ring, space, number, table->first + limbs);
}

/* error = the sum over entries of weight*second*inverse^entry, by Horner's rule: times R, and below 2p. */
KERNEL_FUNCTION void sum_errors(const struct fermat *fermat, const struct workspace *space, const struct fermat_space *table)
{
    const struct kernel_ring *ring = fermat->ring;
    const uint32_t limbs = ring->limbs, block = ring->block;
    lanes *error = table->error;
    (void)block;
    for (uint32_t i = 0; i < limbs; i++) error[i] = lanes_set(0);
    for (uint32_t entry = FERMAT_ENTRIES; entry-- > 0;) {
        OF_BLOCK(product)(space->straight, entry == 0 ? ring->straight_start : fermat->start, error, table->inverse, limbs);
        for (uint32_t j = 0; entry > 0 && j < limbs; j += block)
            OF_BLOCK(pass_friendly)(space->straight + j, fermat->weights + entry * limbs, table->second + entry * limbs + j, limbs);
        OF_BLOCK(reduce)(ring, space);
        propagate(error, space->straight + limbs, limbs, true);
    }
}

/* out = (base^(p-1) - 1)/p modulo p: pairs to plain numbers. */
KERNEL_FUNCTION __attribute__((noinline)) void fermat_inside(const struct fermat *fermat, mp_limb_t *const *out,
                                                             const mp_limb_t *const *base, mp_limb_t *scratch)
{
    const struct kernel_ring *ring = fermat->ring;
    const uint32_t limbs = ring->limbs;
    struct workspace space = workspace_in(ring, scratch);
    struct fermat_space table = {.first = space.more};
    table.second = table.first + (uint64_t)FERMAT_ENTRIES * limbs;
    table.inverse = table.second + (uint64_t)FERMAT_ENTRIES * limbs;
    table.error = table.inverse + limbs;
    load_pair(ring, &space, space.left, base);
    times(ring, &space, space.left, space.left, ring->enter, false);
    fill_table(ring, &space, &table);
    power_of_first(fermat, &space, &table);
    sum_errors(fermat, &space, &table);
    /* The power is R modulo p, so what it lacks comes to its second half. */
    for (uint32_t i = 0; i < limbs; i++)
        space.cross[i] =
            lanes_add(lanes_add(lanes_limb(space.left[limbs + i]), lanes_limb(table.error[i])), lanes_set(fermat->constant[i]));
    propagate(space.left + limbs, space.cross, limbs, true);
    for (uint32_t i = 0; i < 2 * limbs; i++) space.right[i] = lanes_factor(lanes_set(i == 0));
    pair_product(ring, &space, space.left, space.left, space.right, true);
    store_words(&space, out, 0, ring->words, space.left + limbs, limbs);
}

KERNEL_FUNCTION void kernel_fermat(const struct fermat *fermat, mp_limb_t *const *out, const mp_limb_t *const *base, mp_limb_t *scratch)
{
    lanes_state state = lanes_begin();
    fermat_inside(fermat, out, base, scratch);
    lanes_end(state);
}
