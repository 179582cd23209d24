/* Fixed-base tables: one row of 2^width powers for each digit of the exponent. */
#include "src/crypto/comb.h"
#include "lib/threads.h"

/* Wide rows cost memory alone; rows that are read whole cost time, less than a product at 5 bits. */
enum { WIDTH_DIRECT = 8, WIDTH_SCANNED = 5 };

struct comb {
    const struct pair_ring *ring;
    const struct kernel_ring *lanes;
    bool scanned;
    uint64_t bits;
    uint64_t width;
    uint64_t digits;
    mp_size_t entries;     /* of a row */
    uint64_t limbs;        /* of the table and the correction */
    mp_limb_t *table;      /* [digits][entries][size] */
    mp_limb_t *correction; /* what the kernel's product of one factor from each row must be multiplied by */
};

struct comb_slot {
    _Atomic(struct comb *) comb;
};

struct fill {
    struct comb *comb;
    const struct scratch *scratch;
};

static mp_limb_t *row_of(const struct comb *comb, uint64_t digit)
{
    return comb->table + digit * (uint64_t)(comb->entries * comb->ring->size);
}

static uint64_t width_of(bool scanned)
{
    return scanned ? WIDTH_SCANNED : WIDTH_DIRECT;
}

static uint64_t digits_of(uint64_t bits, bool scanned)
{
    return (bits + width_of(scanned) - 1) / width_of(scanned);
}

/* Entry 1 of a row is there: makes the others. */
static int32_t fill_rows(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    struct fill *fill = argument;
    const struct pair_ring *ring = fill->comb->ring;
    mp_size_t size = ring->size;
    for (uint64_t digit = first; digit < end; digit++) {
        mp_limb_t *row = row_of(fill->comb, digit);
        mpn_copyi(row, ring->one, size);
        for (mp_size_t i = 2; i < fill->comb->entries; i++)
            pair_multiply(ring, row + i * size, row + (i - 1) * size, row + size, scratch_of(fill->scratch, worker));
    }
    return FATE_OK;
}

static int32_t fill_table(struct comb *comb, fate_context *context, const mp_limb_t *base)
{
    mp_size_t size = comb->ring->size;
    struct scratch scratch;
    int32_t result = scratch_new(&scratch, context, fate_context_threads(context), pair_itch(comb->ring));
    if (result != FATE_OK) return result;
    const mp_limb_t *previous = base;
    for (uint64_t digit = 0; digit < comb->digits; digit++) {
        mp_limb_t *power = row_of(comb, digit) + size;
        mpn_copyi(power, previous, size);
        for (uint64_t i = 0; digit > 0 && i < comb->width; i++) pair_square(comb->ring, power, power, scratch.limbs);
        previous = power;
    }
    comb->correction = row_of(comb, comb->digits);
    if (comb->lanes != NULL) kernel_correction(comb->lanes, comb->ring, comb->correction, comb->digits);
    struct fill fill = {comb, &scratch};
    result = threads_run(context, comb->digits, 4, fill_rows, &fill);
    scratch_free(&scratch);
    return result;
}

int32_t comb_new(struct comb **comb, fate_context *context, const struct pair_ring *ring, const struct kernel_ring *lanes,
                 const mp_limb_t *base, uint64_t bits, bool scanned)
{
    struct comb *made = memory_zeroed(context, 1, sizeof *made);
    *comb = NULL;
    if (made == NULL) return context_out_of_memory(context);
    made->ring = ring;
    made->lanes = lanes;
    made->scanned = scanned;
    made->bits = bits;
    made->width = width_of(scanned);
    made->digits = digits_of(bits, scanned);
    made->entries = (mp_size_t)1 << made->width;
    made->limbs = (made->digits * (uint64_t)made->entries + 1) * (uint64_t)ring->size;
    made->table = memory_allocate(context, made->limbs, sizeof(mp_limb_t));
    int32_t result = made->table == NULL ? context_out_of_memory(context) : fill_table(made, context, base);
    if (result != FATE_OK) {
        comb_free(made, context);
        return result;
    }
    *comb = made;
    return FATE_OK;
}

void comb_free(struct comb *comb, fate_context *context)
{
    if (comb == NULL) return;
    memory_free_secret(context, comb->table, comb->limbs * sizeof(mp_limb_t));
    memory_free(context, comb);
}

static mp_limb_t value_of(const struct comb *comb, const mp_limb_t *exponent, uint64_t digit)
{
    return limbs_digit(exponent, comb->bits, digit * comb->width, comb->width);
}

/* Looks up at an address that depends on the exponent. */
static const mp_limb_t *entry(const struct comb *comb, const mp_limb_t *exponent, uint64_t digit)
{
    return row_of(comb, digit) + (mp_size_t)value_of(comb, exponent, digit) * comb->ring->size;
}

/* Reads the whole row. */
static void copy_entry(const struct comb *comb, mp_limb_t *out, const mp_limb_t *exponent, uint64_t digit)
{
    mpn_sec_tabselect(out, row_of(comb, digit), comb->ring->size, comb->entries, (mp_size_t)value_of(comb, exponent, digit));
}

static void power_direct(const struct comb *comb, mp_limb_t *out, const mp_limb_t *exponent, mp_limb_t *scratch)
{
    mpn_copyi(out, entry(comb, exponent, 0), comb->ring->size);
    for (uint64_t digit = 1; digit < comb->digits; digit++) pair_multiply(comb->ring, out, out, entry(comb, exponent, digit), scratch);
}

static void power_scanned(const struct comb *comb, mp_limb_t *out, const mp_limb_t *exponent, mp_limb_t *scratch)
{
    mp_limb_t *copy = scratch;
    scratch += comb->ring->size;
    copy_entry(comb, out, exponent, 0);
    for (uint64_t digit = 1; digit < comb->digits; digit++) {
        copy_entry(comb, copy, exponent, digit);
        pair_multiply(comb->ring, out, out, copy, scratch);
    }
}

mp_size_t comb_itch(const struct pair_ring *ring)
{
    return ring->size + pair_itch(ring);
}

void comb_power(const struct comb *comb, mp_limb_t *out, const mp_limb_t *exponent, mp_limb_t *scratch)
{
    if (comb->scanned)
        power_scanned(comb, out, exponent, scratch);
    else
        power_direct(comb, out, exponent, scratch);
}

/* Limbs that hold one pointer for each digit and lane. */
static mp_size_t pointers_itch(const struct kernel_ring *lanes, uint64_t digits)
{
    return (mp_size_t)((digits * lanes->kernel->lanes * sizeof(mp_limb_t *) + sizeof(mp_limb_t) - 1) / sizeof(mp_limb_t));
}

mp_size_t comb_lanes_itch(const struct kernel_ring *lanes, uint64_t bits, bool scanned)
{
    if (lanes == NULL) return 0;
    uint64_t digits = digits_of(bits, scanned), copies = scanned ? digits * lanes->kernel->lanes * 2 * lanes->words : 0;
    return kernel_itch(lanes) + pointers_itch(lanes, digits) + (mp_size_t)copies;
}

static void lanes_direct(const struct comb *comb, mp_limb_t *const *out, const mp_limb_t *const *exponents, mp_limb_t *scratch)
{
    const uint32_t lanes = comb->lanes->kernel->lanes;
    const mp_limb_t **factors = (const mp_limb_t **)(void *)(scratch + kernel_itch(comb->lanes));
    for (uint64_t digit = 0; digit < comb->digits; digit++)
        for (uint32_t lane = 0; lane < lanes; lane++) factors[digit * lanes + lane] = entry(comb, exponents[lane], digit);
    comb->lanes->kernel->product(comb->lanes, out, factors, comb->digits, comb->correction, scratch);
}

static void lanes_scanned(const struct comb *comb, mp_limb_t *const *out, const mp_limb_t *const *exponents, mp_limb_t *scratch)
{
    const uint32_t lanes = comb->lanes->kernel->lanes;
    mp_limb_t *pointers = scratch + kernel_itch(comb->lanes), *copy = pointers + pointers_itch(comb->lanes, comb->digits);
    const mp_limb_t **factors = (const mp_limb_t **)(void *)pointers;
    for (uint64_t digit = 0; digit < comb->digits; digit++)
        for (uint32_t lane = 0; lane < lanes; lane++, copy += comb->ring->size) {
            copy_entry(comb, copy, exponents[lane], digit);
            factors[digit * lanes + lane] = copy;
        }
    comb->lanes->kernel->product(comb->lanes, out, factors, comb->digits, comb->correction, scratch);
}

void comb_power_lanes(const struct comb *comb, mp_limb_t *const *out, const mp_limb_t *const *exponents, mp_limb_t *scratch)
{
    if (comb->scanned)
        lanes_scanned(comb, out, exponents, scratch);
    else
        lanes_direct(comb, out, exponents, scratch);
}

int32_t comb_slot_new(struct comb_slot **slot, fate_context *context)
{
    *slot = memory_zeroed(context, 1, sizeof **slot);
    if (*slot == NULL) return context_out_of_memory(context);
    atomic_init(&(*slot)->comb, NULL);
    return FATE_OK;
}

void comb_slot_free(struct comb_slot *slot, fate_context *context)
{
    if (slot == NULL) return;
    comb_free(atomic_load(&slot->comb), context);
    memory_free(context, slot);
}

int32_t comb_slot_get(struct comb_slot *slot, const struct comb **comb, fate_context *context, const struct pair_ring *ring,
                      const struct kernel_ring *lanes, const mp_limb_t *base, uint64_t bits, bool scanned)
{
    struct comb *there = atomic_load(&slot->comb);
    if (there == NULL) {
        struct comb *made;
        int32_t result = comb_new(&made, context, ring, lanes, base, bits, scanned);
        if (result != FATE_OK) return result;
        /* Another thread may have been faster: equal tables, theirs stays. */
        if (atomic_compare_exchange_strong(&slot->comb, &there, made))
            there = made;
        else
            comb_free(made, context);
    }
    *comb = there;
    return FATE_OK;
}
