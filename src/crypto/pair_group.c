/* Pairs one by one as a group, and what the group on lanes does outside of kernels: its inverses. */
#include "src/crypto/pair_group.h"

static void multiply(const void *ring, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right, mp_limb_t *scratch)
{
    pair_multiply(ring, out, left, right, scratch);
}

static void multiply_public(const void *ring, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right, mp_limb_t *scratch)
{
    pair_multiply_public(ring, out, left, right, scratch);
}

static void multiply_ahead(const void *ring, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right, struct group_ahead *ahead,
                           mp_limb_t *scratch)
{
    group_ask_for(ahead, ((const struct pair_ring *)ring)->size);
    multiply_public(ring, out, left, right, scratch);
}

static void square(const void *ring, mp_limb_t *pair, uint64_t times, mp_limb_t *scratch)
{
    for (; times > 0; times--) pair_square(ring, pair, pair, scratch);
}

static void square_public(const void *ring, mp_limb_t *pair, uint64_t times, mp_limb_t *scratch)
{
    for (; times > 0; times--) pair_square_public(ring, pair, pair, scratch);
}

static mp_limb_t invert(const void *ring, mp_limb_t *out, const mp_limb_t *pair, mp_limb_t *scratch)
{
    return pair_invert_public(ring, out, pair, scratch);
}

static void load(const void *argument, mp_limb_t *bundle, const mp_limb_t *const *rows)
{
    const struct pair_ring *ring = argument;
    mpn_copyi(bundle, rows[0], ring->size);
}

static void store(const void *argument, mp_limb_t *const *rows, const mp_limb_t *bundle)
{
    const struct pair_ring *ring = argument;
    mpn_copyi(rows[0], bundle, ring->size);
}

static void apart(const struct group *group, mp_limb_t *const *singles, const mp_limb_t *bundle, mp_limb_t *scratch)
{
    (void)scratch;
    group->store(group->ring, singles, bundle);
}

static void together(const struct group *group, mp_limb_t *bundle, const mp_limb_t *const *singles, mp_limb_t *scratch)
{
    (void)scratch;
    group->load(group->ring, bundle, singles);
}

static void select_one(const void *argument, mp_limb_t *out, const mp_limb_t *table, uint32_t entries, const mp_limb_t *digits)
{
    const struct pair_ring *ring = argument;
    mpn_sec_tabselect(out, table, ring->size, (mp_size_t)entries, (mp_size_t)digits[0]);
}

static void read_one(const struct group *group, mp_limb_t *const *rows, const mp_limb_t *const *numbers, mp_limb_t *scratch)
{
    pair_enter(group->ring, rows[0], numbers[0], scratch);
}

static void write_one(const struct group *group, mp_limb_t *const *numbers, const mp_limb_t *const *rows, mp_limb_t *scratch)
{
    pair_leave(group->ring, numbers[0], rows[0], scratch);
}

static void lanes_read(const struct group *group, mp_limb_t *const *rows, const mp_limb_t *const *numbers, mp_limb_t *scratch)
{
    const struct kernel_ring *lanes = group->ring;
    lanes->kernel->read(lanes, rows, numbers, scratch);
}

static void lanes_write(const struct group *group, mp_limb_t *const *numbers, const mp_limb_t *const *rows, mp_limb_t *scratch)
{
    const struct kernel_ring *lanes = group->ring;
    lanes->kernel->write(lanes, numbers, rows, scratch);
}

/* Rows for all lanes at the start of scratch. */
static mp_limb_t *scratch_rows(const struct group *group, mp_limb_t **rows, mp_limb_t *scratch)
{
    for (uint32_t lane = 0; lane < group->lanes; lane++, scratch += group->row) rows[lane] = scratch;
    return scratch;
}

static void lanes_apart(const struct group *group, mp_limb_t *const *singles, const mp_limb_t *bundle, mp_limb_t *scratch)
{
    const struct kernel_ring *lanes = group->ring;
    mp_limb_t *rows[GROUP_MOST_LANES];
    scratch = scratch_rows(group, rows, scratch);
    group->store(lanes, rows, bundle);
    lanes->kernel->leave(lanes, singles, (const mp_limb_t *const *)rows, scratch);
}

static void lanes_together(const struct group *group, mp_limb_t *bundle, const mp_limb_t *const *singles, mp_limb_t *scratch)
{
    const struct kernel_ring *lanes = group->ring;
    mp_limb_t *rows[GROUP_MOST_LANES];
    scratch = scratch_rows(group, rows, scratch);
    lanes->kernel->enter(lanes, rows, singles, scratch);
    group->load(lanes, bundle, (const mp_limb_t *const *)rows);
}

void pair_group_make(struct group *group, const struct pair_ring *ring, const struct kernel_ring *lanes)
{
    const struct group_single single = {ring, ring->size, pair_invert_public_itch(ring), multiply_public, invert};
    if (lanes == NULL) {
        *group = (struct group){.ring = ring,
                                .lanes = 1,
                                .row = ring->size,
                                .words = ring->size,
                                .bundle = ring->size,
                                .one = ring->one,
                                .itch = pair_itch(ring),
                                .load = load,
                                .store = store,
                                .multiply = multiply,
                                .square = square,
                                .multiply_public = multiply_public,
                                .square_public = square_public,
                                .multiply_ahead = multiply_ahead,
                                .select_bundle = select_one,
                                .read = read_one,
                                .write = write_one,
                                .single = single,
                                .apart = apart,
                                .together = together};
        return;
    }
    *group = *lanes->kernel->pairs;
    group->ring = lanes;
    group->lanes = lanes->kernel->lanes;
    group->row = (mp_size_t)lanes->row;
    group->bundle = (mp_size_t)(lanes->row * group->lanes);
    group->words = ring->size;
    group->one = lanes->radix;
    group->itch = kernel_itch(lanes) + group->bundle;
    group->read = lanes_read;
    group->write = lanes_write;
    group->single = single;
    group->apart = lanes_apart;
    group->together = lanes_together;
}
