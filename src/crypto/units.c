/* Checks that numbers are units: their product is one exactly when they all are. Products are taken as if all were in Montgomery's form:
 * factors of R are units, and only whether the product is one counts. */
#include "src/crypto/units.h"
#include "lib/threads.h"
#include "src/crypto/group_vector.h"

struct check {
    const struct units *units;
    mp_limb_t *products; /* a bundle a worker */
    struct scratch scratch;
};

/* number = item i, modulo n up to a factor of R, in room for size limbs; false when it is not below the bound. room: twice n's limbs. */
static bool load_number(const struct units *units, uint64_t i, mp_limb_t *number, mp_limb_t *room)
{
    const struct montgomery *modulus = units->group->one_lane;
    const bool whole = units->size == modulus->size;
    mp_limb_t *loaded = whole ? number : room;
    limbs_load(loaded, units->size, units->bytes + i * units->length, units->length);
    if (mpn_cmp(loaded, units->bound, units->size) >= 0) return false;
    if (!whole) { /* below n^2 < n*R */
        mpn_zero(room + units->size, 2 * modulus->size - units->size);
        montgomery_reduce(modulus, number, room);
    }
    return true;
}

enum { TOGETHER = 32 }; /* numbers in each lane that a kernel of pairs multiplies before the product is looked at */

static mp_size_t check_itch(const struct units *units)
{
    const struct group *group = units->group;
    mp_size_t invert = group_invert_itch(group), each = invert > group->itch ? invert : group->itch;
    mp_size_t pairs = units->pairs == NULL ? 0 : (TOGETHER * KERNEL_MOST_LANES) * units->size + kernel_itch(units->pairs);
    each += (GROUP_MOST_LANES + 2) * group->words + 2 * group->bundle + 2 * GROUP_ALIGNMENT;
    return group->bundle + GROUP_ALIGNMENT + (pairs > each ? pairs : each);
}

/* product *= the items first..end; false when one is not below the bound. */
static bool multiply_in(const struct units *units, mp_limb_t *product, uint64_t first, uint64_t end, mp_limb_t *limbs)
{
    const struct group *group = units->group;
    mp_limb_t *numbers[GROUP_MOST_LANES], *room = limbs;
    limbs += 2 * group->words;
    for (uint32_t lane = 0; lane < group->lanes; lane++, limbs += group->words) numbers[lane] = limbs;
    mp_limb_t *bundle = group_align(limbs), *scratch = bundle + group->bundle;
    for (; first < end; first += group->lanes) {
        for (uint32_t lane = 0; lane < group->lanes; lane++)
            if (!load_number(units, first + lane < end ? first + lane : first, numbers[lane], room)) return false;
        group->take(group->ring, bundle, (const mp_limb_t *const *)numbers, scratch);
        group->multiply_public(group->ring, product, product, bundle, scratch);
    }
    return true;
}

/* The same for at most TOGETHER numbers in each lane of the kernel of pairs; the group's bundles have one lane. */
static bool multiply_pairs_in(const struct units *units, mp_limb_t *product, uint64_t first, uint64_t end, mp_limb_t *limbs)
{
    const struct kernel_ring *pairs = units->pairs;
    const struct montgomery *modulus = units->group->one_lane;
    const uint64_t lanes = pairs->kernel->lanes, steps = (end - first + lanes - 1) / lanes;
    mp_limb_t *scratch = limbs + TOGETHER * KERNEL_MOST_LANES * units->size, *out[KERNEL_MOST_LANES];
    const mp_limb_t *numbers[TOGETHER * KERNEL_MOST_LANES];
    for (uint64_t i = 0; i < steps * lanes; i++) { /* lanes beyond the last item check the first once more */
        mp_limb_t *number = limbs + i * (uint64_t)units->size;
        limbs_load(number, units->size, units->bytes + (first + i < end ? first + i : first) * units->length, units->length);
        if (mpn_cmp(number, units->bound, units->size) >= 0) return false;
        numbers[i] = number;
    }
    for (uint64_t lane = 0; lane < lanes; lane++) out[lane] = limbs + lane * (uint64_t)units->size;
    pairs->kernel->remainders(pairs, out, numbers, steps, scratch);
    for (uint64_t lane = 0; lane < lanes; lane++) montgomery_multiply_public(modulus, product, product, out[lane], scratch);
    return true;
}

static int32_t check_range(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct check *check = argument;
    const struct units *units = check->units;
    mp_limb_t *product = check->products + worker * (uint64_t)units->group->bundle, *limbs = scratch_of(&check->scratch, worker);
    bool below =
        units->pairs == NULL ? multiply_in(units, product, first, end, limbs) : multiply_pairs_in(units, product, first, end, limbs);
    return below ? FATE_OK : FATE_E_FORMAT;
}

/* Whether the product of the items first..end, all below the bound, is a unit. */
static bool range_is_unit(const struct units *units, uint64_t first, uint64_t end, mp_limb_t *limbs)
{
    mp_limb_t *product = group_align(limbs), *scratch = product + units->group->bundle;
    group_spread(units->group, product, units->group->one);
    multiply_in(units, product, first, end, scratch);
    return group_invert(units->group, product, scratch) != 0;
}

/* The sentence for the first bad item; there is one. Halving finds it with few inversions, however many items a hostile peer sends. */
static int32_t name_first_bad(const struct units *units, fate_context *context, uint64_t count, mp_limb_t *scratch)
{
    const mp_size_t words = units->group->words;
    uint64_t below = 0;
    while (below < count && load_number(units, below, scratch, scratch + words)) below++;
    if (range_is_unit(units, 0, below, scratch))
        return context_fail(context, FATE_E_FORMAT, "ciphertext %llu is not below %s", (unsigned long long)below, units->bound_name);
    uint64_t first = 0, end = below; /* the first item that is no unit is in first..end */
    while (end - first > 1) {
        uint64_t middle = first + (end - first) / 2;
        if (range_is_unit(units, first, middle, scratch))
            first = middle;
        else
            end = middle;
    }
    return context_fail(context, FATE_E_FORMAT, "ciphertext %llu is not a unit modulo the key: no encryption gives it",
                        (unsigned long long)first);
}

static int32_t check_all(struct check *check, fate_context *context, uint64_t count)
{
    const struct units *units = check->units;
    const struct group *group = units->group;
    const uint32_t threads = fate_context_threads(context);
    for (uint32_t i = 0; i < threads; i++) group_spread(group, check->products + i * (uint64_t)group->bundle, group->one);
    uint64_t grain = units->pairs == NULL ? group_piece(context, count) : TOGETHER * (uint64_t)units->pairs->kernel->lanes;
    int32_t result = threads_run(context, count, grain, check_range, check);
    if (result == FATE_OK) {
        for (uint32_t i = 1; i < threads; i++)
            group->multiply_public(group->ring, check->products, check->products, check->products + i * (uint64_t)group->bundle,
                                   group_align(check->scratch.limbs));
        result = group_invert(group, check->products, check->scratch.limbs) ? FATE_OK : FATE_E_FORMAT;
    }
    return result == FATE_E_FORMAT ? name_first_bad(units, context, count, check->scratch.limbs) : result;
}

int32_t units_check(const struct units *units, fate_context *context, uint64_t count)
{
    const uint32_t threads = fate_context_threads(context);
    struct check check = {.units = units};
    struct scratch products;
    if (count == 0) return FATE_OK;
    int32_t result = scratch_new(&check.scratch, context, threads, check_itch(units));
    if (result != FATE_OK) return result;
    result = scratch_new(&products, context, 1, (mp_size_t)threads * units->group->bundle + GROUP_ALIGNMENT);
    if (result == FATE_OK) {
        check.products = group_align(products.limbs);
        result = check_all(&check, context, count);
        scratch_free(&products);
    }
    scratch_free(&check.scratch);
    return result;
}
