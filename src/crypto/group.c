/* Groups without a kernel, on src/crypto/montgomery.h: one element a bundle. And what works on any group. */
#include "src/crypto/group.h"

void group_ask_for(struct group_ahead *ahead, mp_size_t row)
{
    enum { LINE = 8 }; /* limbs */
    for (; ahead->row < ahead->count; ahead->row++)
        for (mp_size_t limb = 0; limb < row; limb += LINE) __builtin_prefetch(ahead->rows[ahead->row] + limb, 0, 2);
}

static void multiply(const void *ring, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right, mp_limb_t *scratch)
{
    montgomery_multiply(ring, out, left, right, scratch);
}

static void multiply_public(const void *ring, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right, mp_limb_t *scratch)
{
    montgomery_multiply_public(ring, out, left, right, scratch);
}

static void multiply_ahead(const void *ring, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right, struct group_ahead *ahead,
                           mp_limb_t *scratch)
{
    group_ask_for(ahead, ((const struct montgomery *)ring)->size);
    multiply_public(ring, out, left, right, scratch);
}

static void square(const void *ring, mp_limb_t *element, uint64_t times, mp_limb_t *scratch)
{
    for (; times > 0; times--) montgomery_square(ring, element, element, scratch);
}

static void square_public(const void *ring, mp_limb_t *element, uint64_t times, mp_limb_t *scratch)
{
    for (; times > 0; times--) montgomery_square_public(ring, element, element, scratch);
}

static void load(const void *ring, mp_limb_t *bundle, const mp_limb_t *const *rows)
{
    const struct montgomery *montgomery = ring;
    mpn_copyi(bundle, rows[0], montgomery->size);
}

static void store(const void *ring, mp_limb_t *const *rows, const mp_limb_t *bundle)
{
    const struct montgomery *montgomery = ring;
    mpn_copyi(rows[0], bundle, montgomery->size);
}

static void take(const void *ring, mp_limb_t *bundle, const mp_limb_t *const *numbers, mp_limb_t *scratch)
{
    (void)scratch;
    load(ring, bundle, numbers);
}

static void enter(const void *ring, mp_limb_t *bundle, const mp_limb_t *const *numbers, mp_limb_t *scratch)
{
    montgomery_enter(ring, bundle, numbers[0], scratch);
}

static void leave(const void *ring, mp_limb_t *const *numbers, const mp_limb_t *bundle, mp_limb_t *scratch)
{
    montgomery_leave(ring, numbers[0], bundle, scratch);
}

static void select_one(const void *ring, mp_limb_t *out, const mp_limb_t *table, uint32_t entries, const mp_limb_t *digits)
{
    const struct montgomery *montgomery = ring;
    mpn_sec_tabselect(out, table, montgomery->size, (mp_size_t)entries, (mp_size_t)digits[0]);
}

/* out = element^-1, in Montgomery's form. */
static mp_limb_t invert(const void *argument, mp_limb_t *out, const mp_limb_t *element, mp_limb_t *scratch)
{
    const struct montgomery *ring = argument;
    mp_limb_t *room = scratch;
    mpn_copyi(room, element, ring->size);
    mp_limb_t unit = limbs_invert_public(out, room, ring->modulus, ring->size, room + ring->size);
    montgomery_enter(ring, out, out, room); /* x^-1/R to x^-1, then to x^-1*R */
    montgomery_enter(ring, out, out, room);
    return unit;
}

static void apart(const struct group *group, mp_limb_t *const *singles, const mp_limb_t *bundle, mp_limb_t *scratch)
{
    group->leave(group->ring, singles, bundle, scratch);
    for (uint32_t lane = 0; lane < group->lanes; lane++) montgomery_enter(group->one_lane, singles[lane], singles[lane], scratch);
}

static void together(const struct group *group, mp_limb_t *bundle, const mp_limb_t *const *singles, mp_limb_t *scratch)
{
    mp_limb_t *numbers[GROUP_MOST_LANES];
    for (uint32_t lane = 0; lane < group->lanes; lane++, scratch += group->words) numbers[lane] = scratch;
    scratch = group_align(scratch);
    for (uint32_t lane = 0; lane < group->lanes; lane++) montgomery_leave(group->one_lane, numbers[lane], singles[lane], scratch);
    group->enter(group->ring, bundle, (const mp_limb_t *const *)numbers, scratch);
}

mp_size_t group_wire_itch(const struct group *group)
{
    return GROUP_ALIGNMENT + group->bundle + group->itch;
}

static void read_rows(const struct group *group, mp_limb_t *const *rows, const mp_limb_t *const *numbers, mp_limb_t *scratch)
{
    mp_limb_t *bundle = group_align(scratch);
    group->enter(group->ring, bundle, numbers, bundle + group->bundle);
    group->store(group->ring, rows, bundle);
}

static void write_rows(const struct group *group, mp_limb_t *const *numbers, const mp_limb_t *const *rows, mp_limb_t *scratch)
{
    mp_limb_t *bundle = group_align(scratch);
    group->load(group->ring, bundle, rows);
    group->leave(group->ring, numbers, bundle, bundle + group->bundle);
}

void group_set_single(struct group *group)
{
    const mp_size_t divide = limbs_invert_public_itch(group->words), multiply = montgomery_itch(group->one_lane);
    const mp_size_t invert_itch = group->words + (divide > multiply ? divide : multiply),
                    together_itch = (mp_size_t)group->lanes * group->words + GROUP_ALIGNMENT + group->itch;
    group->single = (struct group_single){.ring = group->one_lane,
                                          .size = group->words,
                                          .itch = invert_itch > together_itch ? invert_itch : together_itch,
                                          .multiply = multiply_public,
                                          .invert = invert};
    group->apart = apart;
    group->together = together;
    group->read = read_rows;
    group->write = write_rows;
}

void group_of_montgomery(struct group *group, const struct montgomery *montgomery)
{
    *group = (struct group){.ring = montgomery,
                            .one_lane = montgomery,
                            .lanes = 1,
                            .row = montgomery->size,
                            .bundle = montgomery->size,
                            .words = montgomery->size,
                            .one = montgomery->one,
                            .itch = montgomery_itch(montgomery),
                            .load = load,
                            .store = store,
                            .take = take,
                            .enter = enter,
                            .leave = leave,
                            .multiply = multiply,
                            .square = square,
                            .multiply_public = multiply_public,
                            .square_public = square_public,
                            .multiply_ahead = multiply_ahead,
                            .select_row = select_one,
                            .select_bundle = select_one};
    group_set_single(group);
}

mp_limb_t *group_align(mp_limb_t *limbs)
{
    uintptr_t past = (uintptr_t)limbs / sizeof *limbs % GROUP_ALIGNMENT;
    return past == 0 ? limbs : limbs + (GROUP_ALIGNMENT - past);
}

void group_spread(const struct group *group, mp_limb_t *bundle, const mp_limb_t *row)
{
    const mp_limb_t *rows[GROUP_MOST_LANES];
    for (uint32_t lane = 0; lane < group->lanes; lane++) rows[lane] = row;
    group->load(group->ring, bundle, rows);
}

mp_size_t group_make_row_itch(const struct group *group)
{
    return group->bundle + group->row + group->itch + 2 * GROUP_ALIGNMENT;
}

void group_make_row(const struct group *group, mp_limb_t *row, const mp_limb_t *number, mp_limb_t *scratch)
{
    const mp_limb_t *numbers[GROUP_MOST_LANES];
    mp_limb_t *bundle = group_align(scratch), *nowhere = bundle + group->bundle, *rows[GROUP_MOST_LANES];
    for (uint32_t lane = 0; lane < group->lanes; lane++) {
        numbers[lane] = number;
        rows[lane] = lane == 0 ? row : nowhere;
    }
    group->enter(group->ring, bundle, numbers, group_align(nowhere + group->row));
    group->store(group->ring, rows, bundle);
}

mp_size_t group_invert_itch(const struct group *group)
{
    const mp_size_t each = group->single.itch > group->itch ? group->single.itch : group->itch;
    return (2 * GROUP_MOST_LANES + 1) * group->single.size + GROUP_ALIGNMENT + each;
}

/* Montgomery's trick: invert the product of all lanes, then take it apart. */
mp_limb_t group_invert(const struct group *group, mp_limb_t *bundle, mp_limb_t *scratch)
{
    const struct group_single *single = &group->single;
    mp_limb_t *elements[GROUP_MOST_LANES], *products[GROUP_MOST_LANES], *rest = scratch;
    scratch = rest + single->size;
    for (uint32_t lane = 0; lane < group->lanes; lane++, scratch += 2 * single->size) {
        elements[lane] = scratch;
        products[lane] = scratch + single->size;
    }
    scratch = group_align(scratch);
    group->apart(group, elements, bundle, scratch);
    mpn_copyi(products[0], elements[0], single->size);
    for (uint32_t lane = 1; lane < group->lanes; lane++)
        single->multiply(single->ring, products[lane], products[lane - 1], elements[lane], scratch);
    if (!single->invert(single->ring, rest, products[group->lanes - 1], scratch)) return 0;
    for (uint32_t lane = group->lanes - 1; lane > 0; lane--) { /* rest is the inverse of the product of lanes up to this one */
        single->multiply(single->ring, products[lane], rest, products[lane - 1], scratch);
        single->multiply(single->ring, rest, rest, elements[lane], scratch);
    }
    mpn_copyi(products[0], rest, single->size);
    group->together(group, bundle, (const mp_limb_t *const *)products, scratch);
    return 1;
}
