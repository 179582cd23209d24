/* Fixed-base tables: one row of 2^width powers for each digit of the exponent. */
#include "src/crypto/powers.h"
#include "lib/threads.h"

/* Wide rows cost memory alone; rows that are read whole cost time, about a tenth of a product at 5 bits. */
enum { WIDTH_DIRECT = 8, WIDTH_SCANNED = 5 };

struct powers {
    struct group group;
    enum powers_look_up look_up;
    uint64_t width;
    uint64_t digits;
    mp_size_t row;    /* entries of a row */
    uint64_t limbs;   /* of the table */
    mp_limb_t *table; /* [digits][row][size] */
};

struct powers_slot {
    _Atomic(struct powers *) powers;
};

struct fill {
    struct powers *powers;
    const struct scratch *scratch;
};

static mp_limb_t *row_of(const struct powers *powers, uint64_t digit)
{
    return powers->table + digit * (uint64_t)(powers->row * powers->group.size);
}

/* Entry 1 of a row is there: makes the others. */
static int32_t fill_rows(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct fill *fill = argument;
    const struct group *group = &fill->powers->group;
    mp_size_t size = group->size;
    for (uint64_t digit = first; digit < end; digit++) {
        mp_limb_t *row = row_of(fill->powers, digit);
        mpn_copyi(row, group->one, size);
        for (mp_size_t i = 2; i < fill->powers->row; i++)
            group->multiply(group->ring, row + i * size, row + (i - 1) * size, row + size, scratch_of(fill->scratch, worker));
    }
    return FATE_OK;
}

static int32_t fill_table(struct powers *powers, fate_context *context, const mp_limb_t *base)
{
    const struct group *group = &powers->group;
    struct scratch scratch;
    int32_t result = scratch_new(&scratch, context, fate_context_threads(context), group->itch);
    if (result != FATE_OK) return result;
    const mp_limb_t *previous = base;
    for (uint64_t digit = 0; digit < powers->digits; digit++) {
        mp_limb_t *power = row_of(powers, digit) + group->size;
        mpn_copyi(power, previous, group->size);
        for (uint64_t i = 0; digit > 0 && i < powers->width; i++) group->square(group->ring, power, power, scratch.limbs);
        previous = power;
    }
    struct fill fill = {powers, &scratch};
    result = threads_run(context, powers->digits, 4, fill_rows, &fill);
    scratch_free(&scratch);
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
    made->row = (mp_size_t)1 << made->width;
    made->limbs = made->digits * (uint64_t)(made->row * group->size);
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
    return group->size + group->itch;
}

/* The entry of a row for the digit that begins at bit `from`. */
static mp_limb_t digit_at(const struct powers *powers, const mp_limb_t *exponent, uint64_t bits, uint64_t from)
{
    return limbs_digit(exponent, bits, from, bits - from < powers->width ? bits - from : powers->width);
}

/* Reads at addresses that depend on the exponent. */
static void raise_direct(const struct powers *powers, mp_limb_t *out, const mp_limb_t *exponent, uint64_t bits, mp_limb_t *scratch)
{
    const struct group *group = &powers->group;
    mpn_copyi(out, row_of(powers, 0) + (mp_size_t)digit_at(powers, exponent, bits, 0) * group->size, group->size);
    for (uint64_t place = 1; place * powers->width < bits; place++) {
        mp_limb_t digit = digit_at(powers, exponent, bits, place * powers->width);
        group->multiply(group->ring, out, out, row_of(powers, place) + (mp_size_t)digit * group->size, scratch);
    }
}

/* Reads all of each row. */
static void raise_scanned(const struct powers *powers, mp_limb_t *out, const mp_limb_t *exponent, uint64_t bits, mp_limb_t *scratch)
{
    const struct group *group = &powers->group;
    mp_limb_t *entry = scratch;
    scratch += group->size;
    mpn_sec_tabselect(out, row_of(powers, 0), group->size, powers->row, (mp_size_t)digit_at(powers, exponent, bits, 0));
    for (uint64_t place = 1; place * powers->width < bits; place++) {
        mp_limb_t digit = digit_at(powers, exponent, bits, place * powers->width);
        mpn_sec_tabselect(entry, row_of(powers, place), group->size, powers->row, (mp_size_t)digit);
        group->multiply(group->ring, out, out, entry, scratch);
    }
}

void powers_raise(const struct powers *powers, mp_limb_t *out, const mp_limb_t *exponent, uint64_t bits, mp_limb_t *scratch)
{
    if (powers->look_up == POWERS_DIRECT)
        raise_direct(powers, out, exponent, bits, scratch);
    else
        raise_scanned(powers, out, exponent, bits, scratch);
}

int32_t powers_slot_new(struct powers_slot **slot, fate_context *context)
{
    *slot = memory_zeroed(context, 1, sizeof **slot);
    if (*slot == NULL) return context_out_of_memory(context);
    atomic_init(&(*slot)->powers, NULL);
    return FATE_OK;
}

void powers_slot_free(struct powers_slot *slot, fate_context *context)
{
    if (slot == NULL) return;
    powers_free(atomic_load(&slot->powers), context);
    memory_free(context, slot);
}

int32_t powers_slot_get(struct powers_slot *slot, const struct powers **powers, fate_context *context, const struct group *group,
                        const mp_limb_t *base, uint64_t bits, enum powers_look_up look_up)
{
    struct powers *there = atomic_load(&slot->powers);
    if (there == NULL) {
        struct powers *made;
        int32_t result = powers_new(&made, context, group, base, bits, look_up);
        if (result != FATE_OK) return result;
        /* Another thread may have been faster: equal tables, theirs stays. */
        if (atomic_compare_exchange_strong(&slot->powers, &there, made))
            there = made;
        else
            powers_free(made, context);
    }
    *powers = there;
    return FATE_OK;
}
