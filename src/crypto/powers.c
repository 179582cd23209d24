/* Fixed-base tables: one row of 2^width powers for each digit of the exponent. */
#include "src/crypto/powers.h"
#include "lib/threads.h"

/* Wide rows cost memory alone; rows that are read whole cost time, about a tenth of a product at 5 bits. */
enum { WIDTH_DIRECT = 8, WIDTH_SCANNED = 5 }; /* 2^WIDTH_SCANNED is at most GROUP_MOST_ENTRIES */

struct powers {
    struct group group;
    enum powers_look_up look_up;
    uint64_t width;
    uint64_t digits;
    uint32_t entries; /* of each digit */
    uint64_t limbs;   /* of the table */
    mp_limb_t *table; /* [digits][entries][group.row] */
};

struct fill {
    struct powers *powers;
    const struct scratch *scratch;
};

static mp_limb_t *entry_of(const struct powers *powers, uint64_t digit, uint64_t entry)
{
    return powers->table + (digit * powers->entries + entry) * (uint64_t)powers->group.row;
}

/* Entry 1 of each digit is there: makes the others, of as many digits at once as there are lanes. */
static int32_t fill_digits(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct fill *fill = argument;
    const struct powers *powers = fill->powers;
    const struct group *group = &powers->group;
    mp_limb_t *base = group_align(scratch_of(fill->scratch, worker)), *power = base + group->bundle, *nowhere = power + group->bundle;
    mp_limb_t *scratch = group_align(nowhere + group->row), *rows[GROUP_MOST_LANES];
    for (; first < end; first += group->lanes) {
        for (uint32_t lane = 0; lane < group->lanes; lane++)
            rows[lane] = first + lane < end ? entry_of(powers, first + lane, 1) : entry_of(powers, first, 1);
        group->load(group->ring, base, (const mp_limb_t *const *)rows);
        mpn_copyi(power, base, group->bundle);
        for (uint32_t entry = 2; entry < powers->entries; entry++) {
            group->multiply(group->ring, power, power, base, scratch);
            for (uint32_t lane = 0; lane < group->lanes; lane++)
                rows[lane] = first + lane < end ? entry_of(powers, first + lane, entry) : nowhere;
            group->store(group->ring, rows, power);
        }
        for (uint64_t digit = first; digit < end && digit < first + group->lanes; digit++)
            mpn_copyi(entry_of(powers, digit, 0), group->one, group->row);
    }
    return FATE_OK;
}

static int32_t fill_table(struct powers *powers, fate_context *context, const mp_limb_t *base)
{
    const struct group *group = &powers->group;
    struct scratch made;
    mp_size_t each = 2 * group->bundle + group->row + group->itch + 2 * GROUP_ALIGNMENT;
    int32_t result = scratch_new(&made, context, fate_context_threads(context), each);
    if (result != FATE_OK) return result;
    mp_limb_t *power = group_align(made.limbs), *nowhere = power + group->bundle, *scratch = group_align(nowhere + group->row);
    group_spread(group, power, base);
    for (uint64_t digit = 0; digit < powers->digits; digit++) {
        mp_limb_t *rows[GROUP_MOST_LANES];
        for (uint32_t lane = 0; lane < group->lanes; lane++) rows[lane] = lane == 0 ? entry_of(powers, digit, 1) : nowhere;
        group->store(group->ring, rows, power);
        group->square(group->ring, power, powers->width, scratch);
    }
    struct fill fill = {powers, &made};
    result = threads_run(context, powers->digits, GROUP_MOST_LANES, fill_digits, &fill);
    scratch_free(&made);
    return result;
}

int32_t powers_new(struct powers **powers, fate_context *context, const struct group *group, const mp_limb_t *base, uint64_t bits,
                   enum powers_look_up look_up)
{
    struct powers *made = memory_zeroed(context, 1, sizeof *made);
    *powers = NULL;
    if (made == NULL) return context_out_of_memory(context);
    made->group = *group;
    made->look_up = look_up;
    made->width = look_up == POWERS_DIRECT ? WIDTH_DIRECT : WIDTH_SCANNED;
    made->digits = (bits + made->width - 1) / made->width;
    made->entries = (uint32_t)1 << made->width;
    made->limbs = made->digits * made->entries * (uint64_t)group->row;
    made->table = memory_allocate(context, made->limbs, sizeof(mp_limb_t));
    int32_t result = made->table == NULL ? context_out_of_memory(context) : fill_table(made, context, base);
    if (result != FATE_OK) {
        powers_free(made, context);
        return result;
    }
    *powers = made;
    return FATE_OK;
}

void powers_free(struct powers *powers, fate_context *context)
{
    if (powers == NULL) return;
    memory_free_secret(context, powers->table, powers->limbs * sizeof(mp_limb_t));
    memory_free(context, powers);
}

mp_size_t powers_itch(const struct group *group)
{
    return group->bundle + group->itch;
}

/* Reads at addresses that depend on the exponents. */
static void look_up_direct(const struct powers *powers, mp_limb_t *out, uint64_t digit, const mp_limb_t *digits)
{
    const struct group *group = &powers->group;
    const mp_limb_t *rows[GROUP_MOST_LANES];
    for (uint32_t lane = 0; lane < group->lanes; lane++) rows[lane] = entry_of(powers, digit, digits[lane]);
    group->load(group->ring, out, rows);
}

/* out = the powers for one digit of each lane's exponent. */
static void look_up(const struct powers *powers, mp_limb_t *out, const mp_limb_t *const *exponents, uint64_t bits, uint64_t digit)
{
    const struct group *group = &powers->group;
    mp_limb_t digits[GROUP_MOST_LANES];
    uint64_t from = digit * powers->width, width = bits - from < powers->width ? bits - from : powers->width;
    for (uint32_t lane = 0; lane < group->lanes; lane++) digits[lane] = limbs_digit(exponents[lane], bits, from, width);
    if (powers->look_up == POWERS_SCANNED)
        group->select_row(group->ring, out, entry_of(powers, digit, 0), powers->entries, digits);
    else
        look_up_direct(powers, out, digit, digits);
}

void powers_raise(const struct powers *powers, mp_limb_t *out, const mp_limb_t *const *exponents, uint64_t bits, mp_limb_t *scratch)
{
    const struct group *group = &powers->group;
    mp_limb_t *power = scratch;
    look_up(powers, out, exponents, bits, 0);
    for (uint64_t digit = 1; digit * powers->width < bits; digit++) {
        look_up(powers, power, exponents, bits, digit);
        group->multiply(group->ring, out, out, power, scratch + group->bundle);
    }
}

int32_t powers_get(struct slot *slot, const struct powers **powers, fate_context *context, const struct group *group, const mp_limb_t *base,
                   uint64_t bits, enum powers_look_up look_up)
{
    *powers = slot_look(slot);
    if (*powers != NULL) return FATE_OK;
    struct powers *made;
    int32_t result = powers_new(&made, context, group, base, bits, look_up);
    if (result != FATE_OK) return result;
    *powers = slot_keep(slot, made);
    if (*powers != made) powers_free(made, context);
    return FATE_OK;
}
