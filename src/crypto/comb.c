/* Fixed-base tables: one row of 2^width powers for each digit of the exponent. */
#include "src/crypto/comb.h"
#include "lib/threads.h"

/* Wide rows cost memory alone, and are narrower for longer exponents than those of 3072-bit keys; rows that are read whole cost time, less
 * than a product at 5 bits. */
enum { WIDTH_DIRECT = 9, WIDTH_LONG = 8, LONG_BITS = 1537, WIDTH_FEW = 6, WIDTH_SCANNED = 5 };

struct comb {
    const struct pair_ring *ring;
    bool scanned;
    uint64_t bits;
    uint64_t width;
    uint64_t rows;
    uint64_t entries; /* of a row */
    uint64_t half;    /* limbs of half an entry: 64 bits, or the kernel's 52 */
    uint64_t limbs;   /* of the memory */
    mp_limb_t *table; /* [rows][entries][2*half], or as kernel_comb says; then what `lanes` points at */
    struct kernel_comb lanes;
};

static uint64_t width_of(uint64_t bits, bool scanned, bool few)
{
    if (scanned) return WIDTH_SCANNED;
    if (few) return WIDTH_FEW;
    return bits < LONG_BITS ? WIDTH_DIRECT : WIDTH_LONG;
}

uint64_t comb_rows(uint64_t bits, bool scanned)
{
    const uint64_t width = width_of(bits, scanned, true);
    return (bits + width - 1) / width;
}

/* ---- making a table ---- */

/* What one row is made from and by: pairs, or a kernel's rows; of numbers the second halves mean nothing. */
struct row {
    mp_limb_t *step, *step_inverse; /* entry 1; number: its inverse */
    mp_limb_t *power, *inverse;     /* the entry; number: its inverse, out of Montgomery's form */
    mp_limb_t *second, *share;      /* numbers: the entry's second half; that over the first */
};

enum { ROW_STEPS = 2, ROW_OWN = 4 };

struct fill {
    const struct comb *comb;
    const struct kernel_ring *lanes; /* NULL: row by row */
    uint64_t size;                   /* limbs of a pair or row */
    mp_limb_t *steps;                /* for each row step and step_inverse */
    struct scratch scratch;
};

static struct row row_in(const struct fill *fill, uint64_t at, mp_limb_t *memory)
{
    const uint64_t size = fill->size;
    mp_limb_t *steps = fill->steps + at * ROW_STEPS * size;
    return (struct row){steps, steps + size, memory, memory + size, memory + 2 * size, memory + 3 * size};
}

static void store_entry(const struct comb *comb, uint64_t at, uint64_t entry, const struct row *row)
{
    mp_limb_t *place = comb->table + at * comb->entries * 2 * comb->half;
    for (uint64_t i = 0; i < 2 * comb->half; i++) {
        mp_limb_t limb = i < comb->half ? row->power[i] : row->share[i - comb->half];
        place[comb->lanes.ring != NULL && comb->scanned ? i * comb->entries + entry : entry * 2 * comb->half + i] = limb;
    }
}

/* outs[i] = lefts[i]*rights[i], or with `numbers` of first halves. */
static void multiply_all(const struct fill *fill, bool numbers, mp_limb_t *const *outs, mp_limb_t *const *lefts, mp_limb_t *const *rights,
                         mp_limb_t *scratch)
{
    const struct pair_ring *ring = fill->comb->ring;
    if (fill->lanes != NULL)
        fill->lanes->kernel->multiply(fill->lanes, outs, (const mp_limb_t *const *)lefts, (const mp_limb_t *const *)rights, scratch);
    else if (numbers)
        montgomery_multiply(&ring->modulus, outs[0], lefts[0], rights[0], scratch);
    else
        pair_multiply(ring, outs[0], lefts[0], rights[0], scratch);
}

/* The next entry of each row, but for the first one; and what is stored of it. */
static void next_entries(const struct fill *fill, const struct row *rows, uint32_t count, bool first, mp_limb_t *scratch)
{
    const mp_size_t half = (mp_size_t)fill->comb->half;
    mp_limb_t *powers[KERNEL_MOST_LANES], *steps[KERNEL_MOST_LANES], *inverses[KERNEL_MOST_LANES], *step_inverses[KERNEL_MOST_LANES],
        *seconds[KERNEL_MOST_LANES], *shares[KERNEL_MOST_LANES];
    for (uint32_t i = 0; i < count; i++) {
        powers[i] = rows[i].power;
        steps[i] = rows[i].step;
        inverses[i] = rows[i].inverse;
        step_inverses[i] = rows[i].step_inverse;
        seconds[i] = rows[i].second;
        shares[i] = rows[i].share;
    }
    if (!first) {
        multiply_all(fill, false, powers, powers, steps, scratch);
        multiply_all(fill, true, inverses, inverses, step_inverses, scratch);
    }
    for (uint32_t i = 0; i < count; i++) mpn_copyi(seconds[i], powers[i] + half, half);
    multiply_all(fill, true, shares, seconds, inverses, scratch);
}

/* As many rows at once as there are lanes; what is beyond the last row is done in vain. */
static void fill_some(const struct fill *fill, uint64_t at, uint32_t count, uint32_t lanes, mp_limb_t *scratch)
{
    const struct comb *comb = fill->comb;
    struct row rows[KERNEL_MOST_LANES];
    for (uint32_t i = 0; i < lanes; i++, scratch += ROW_OWN * fill->size) {
        rows[i] = row_in(fill, i < count ? at + i : at, scratch);
        mpn_zero(scratch, (mp_size_t)(ROW_OWN * fill->size));
        mpn_copyi(rows[i].power, fill->lanes == NULL ? comb->ring->one : fill->lanes->radix, (mp_size_t)fill->size);
        rows[i].inverse[0] = fill->lanes == NULL ? 1 : fill->lanes->kernel->factor(1);
    }
    for (uint64_t entry = 0; entry < comb->entries; entry++) {
        next_entries(fill, rows, lanes, entry == 0, scratch);
        for (uint32_t i = 0; i < count; i++) store_entry(comb, at + i, entry, &rows[i]);
    }
}

static int32_t fill_rows(void *argument, uint32_t worker, uint64_t first, uint64_t end)
{
    const struct fill *fill = argument;
    const uint32_t lanes = fill->lanes == NULL ? 1 : fill->lanes->kernel->lanes;
    for (uint64_t at = first; at < end; at += lanes)
        fill_some(fill, at, end - at < lanes ? (uint32_t)(end - at) : lanes, lanes, scratch_of(&fill->scratch, worker));
    return FATE_OK;
}

/* step and inverse, pairs, to row `at`. */
static void store_step(const struct fill *fill, uint64_t at, const mp_limb_t *step, const mp_limb_t *inverse, mp_limb_t *scratch)
{
    mp_limb_t *place = fill->steps + at * ROW_STEPS * fill->size;
    if (fill->lanes == NULL) {
        mpn_copyi(place, step, (mp_size_t)fill->size);
        mpn_copyi(place + fill->size, inverse, (mp_size_t)fill->size);
        return;
    }
    mp_limb_t *rows[KERNEL_MOST_LANES];
    const mp_limb_t *pairs[KERNEL_MOST_LANES];
    for (uint32_t lane = 0; lane < fill->lanes->kernel->lanes; lane++) {
        rows[lane] = lane < ROW_STEPS ? place + lane * fill->size : scratch;
        pairs[lane] = lane == 0 ? step : inverse;
    }
    fill->lanes->kernel->enter(fill->lanes, rows, pairs, scratch + fill->size);
}

/* Entry 1 of every row and its inverse. */
static int32_t fill_steps(const struct fill *fill, fate_context *context, const mp_limb_t *base)
{
    const struct comb *comb = fill->comb;
    const struct montgomery *modulus = &comb->ring->modulus;
    const mp_size_t size = comb->ring->size;
    mp_size_t invert = montgomery_invert_itch(modulus), itch = pair_itch(comb->ring),
              lanes = (mp_size_t)fill->size + kernel_itch(fill->lanes);
    itch = invert > itch ? invert : itch;
    struct scratch scratch;
    int32_t result = scratch_new(&scratch, context, 1, 2 * size + (lanes > itch ? lanes : itch));
    if (result != FATE_OK) return result;
    mp_limb_t *step = scratch.limbs, *inverse = step + size, *rest = inverse + size;
    mpn_copyi(step, base, size);
    mpn_zero(inverse, size);
    montgomery_invert(modulus, inverse, base, rest);
    for (uint64_t row = 0; row < comb->rows; row++) {
        for (uint64_t i = 0; row > 0 && i < comb->width; i++) {
            pair_square(comb->ring, step, step, rest);
            montgomery_square(modulus, inverse, inverse, rest);
        }
        store_step(fill, row, step, inverse, rest);
    }
    scratch_free(&scratch);
    return FATE_OK;
}

static int32_t fill_table(struct comb *comb, fate_context *context, const struct comb_source *source)
{
    const uint64_t lanes = source->lanes == NULL ? 1 : source->lanes->kernel->lanes;
    struct fill fill = {.comb = comb, .lanes = source->lanes};
    fill.size = source->lanes == NULL ? (uint64_t)comb->ring->size : source->lanes->row;
    mp_size_t itch = source->lanes == NULL ? pair_itch(comb->ring) : kernel_itch(source->lanes);
    int32_t result = scratch_new(&fill.scratch, context, fate_context_threads(context), itch + (mp_size_t)(lanes * ROW_OWN * fill.size));
    if (result != FATE_OK) return result;
    const uint64_t steps = comb->rows * ROW_STEPS * fill.size;
    fill.steps = memory_allocate(context, steps, sizeof *fill.steps);
    if (fill.steps == NULL) {
        result = context_out_of_memory(context);
    } else {
        result = fill_steps(&fill, context, source->base);
        if (result == FATE_OK) result = threads_run(context, comb->rows, lanes < 4 ? 4 : lanes, fill_rows, &fill);
        memory_free_secret(context, fill.steps, steps * sizeof *fill.steps);
    }
    scratch_free(&fill.scratch);
    return result;
}

/* room: a pair; memory: limbs. */
static void fill_lanes(struct comb *comb, const struct comb_source *source, uint64_t *square, mp_limb_t *room)
{
    const struct kernel_ring *lanes = source->lanes;
    mpn_zero(room, comb->ring->size);
    room[0] = 1;
    for (uint64_t i = 0; i < 2 * KERNEL_LIMB_BITS * (uint64_t)lanes->limbs; i++) pair_twice(comb->ring, room);
    kernel_factors(lanes, square, room);
    comb->lanes.table = comb->table;
    comb->lanes.rows = comb->rows;
    comb->lanes.entries = comb->entries;
    comb->lanes.scanned = comb->scanned;
    comb->lanes.halved = source->halved;
    comb->lanes.radix_square = square;
}

int32_t comb_new(struct comb **comb, fate_context *context, const struct comb_source *source)
{
    struct comb *made = memory_zeroed(context, 1, sizeof *made);
    *comb = NULL;
    if (made == NULL) return context_out_of_memory(context);
    made->ring = source->ring;
    made->lanes.ring = source->lanes;
    made->scanned = source->scanned;
    made->bits = source->bits;
    made->width = width_of(source->bits, source->scanned, source->few);
    made->rows = (source->bits + made->width - 1) / made->width;
    made->entries = (uint64_t)1 << made->width;
    made->half = source->lanes == NULL ? (uint64_t)source->ring->modulus.size : source->lanes->limbs;
    uint64_t table = made->rows * made->entries * 2 * made->half + KERNEL_MOST_LANES;
    made->limbs = table + made->half + (uint64_t)source->ring->size;
    made->table = memory_allocate(context, made->limbs, sizeof(mp_limb_t));
    int32_t result = made->table == NULL ? context_out_of_memory(context) : fill_table(made, context, source);
    if (result != FATE_OK) {
        comb_free(made, context);
        return result;
    }
    mpn_zero(made->table + table - KERNEL_MOST_LANES, KERNEL_MOST_LANES);
    mp_limb_t *rest = made->table + table;
    if (source->lanes != NULL) fill_lanes(made, source, (uint64_t *)(void *)(rest + source->ring->size), rest);
    *comb = made;
    return FATE_OK;
}

void comb_free(struct comb *comb, fate_context *context)
{
    if (comb == NULL) return;
    memory_free_secret(context, comb->table, comb->limbs * sizeof(mp_limb_t));
    memory_free(context, comb);
}

/* ---- powers ---- */

static mp_limb_t digit_of(const struct comb *comb, const mp_limb_t *exponent, uint64_t row)
{
    uint64_t from = row * comb->width;
    return limbs_digit(exponent, comb->bits, from, comb->width);
}

const struct kernel_comb *comb_for_lanes(const struct comb *comb)
{
    return &comb->lanes;
}

void comb_digits(const struct comb *comb, uint32_t *digits, const mp_limb_t *const *exponents)
{
    const uint32_t lanes = comb->lanes.ring->kernel->lanes;
    for (uint64_t row = 0; row < comb->rows; row++)
        for (uint32_t lane = 0; lane < lanes; lane++) digits[row * lanes + lane] = (uint32_t)digit_of(comb, exponents[lane], row);
}

mp_size_t comb_itch(const struct pair_ring *ring)
{
    return COMB_TOGETHER * ring->modulus.size + ring->size + pair_itch(ring);
}

/* One more row: out *= y0, sum += s. */
static void take_entry(const struct comb *comb, bool first, mp_limb_t *out, mp_limb_t *sum, const mp_limb_t *entry, mp_limb_t *scratch)
{
    const struct montgomery *modulus = &comb->ring->modulus;
    const mp_size_t half = modulus->size;
    mp_limb_t taken;
    if (first) {
        mpn_copyi(out, entry, half);
        mpn_zero(out + half, half);
    } else {
        pair_multiply_number(comb->ring, out, out, entry, scratch);
    }
    montgomery_take_modulus(modulus, sum, mpn_add_n(sum, sum, entry + half, half), &taken);
}

/* Looks up at an address that depends on the exponent. */
static __attribute__((noinline)) void power_direct(const struct comb *comb, mp_limb_t *out, mp_limb_t *sum, const mp_limb_t *exponent,
                                                   mp_limb_t *scratch)
{
    const uint64_t size = (uint64_t)comb->ring->size;
    for (uint64_t row = 0; row < comb->rows; row++)
        take_entry(comb, row == 0, out, sum, comb->table + (row * comb->entries + digit_of(comb, exponent, row)) * size, scratch);
}

/* Reads whole rows, each for all exponents while the first cache has it; sums: half a pair for each. */
static __attribute__((noinline)) void powers_scanned(const struct comb *comb, mp_limb_t *const *out, mp_limb_t *sums,
                                                     const mp_limb_t *const *exponents, uint32_t count, mp_limb_t *scratch)
{
    const mp_size_t size = comb->ring->size, half = comb->ring->modulus.size, entries = (mp_size_t)comb->entries;
    for (uint64_t row = 0; row < comb->rows; row++)
        for (uint32_t i = 0; i < count; i++) {
            const mp_limb_t *table = comb->table + row * (uint64_t)(entries * size);
            mpn_sec_tabselect(scratch, table, size, entries, (mp_size_t)digit_of(comb, exponents[i], row));
            take_entry(comb, row == 0, out[i], sums + i * half, scratch, scratch + size);
        }
}

void comb_powers(const struct comb *comb, mp_limb_t *const *out, const mp_limb_t *const *exponents, const mp_limb_t *const *messages,
                 uint32_t count, mp_limb_t *scratch)
{
    const mp_size_t half = comb->ring->modulus.size;
    mp_limb_t *sums = scratch;
    scratch = sums + COMB_TOGETHER * half;
    for (uint32_t i = 0; i < count; i++) {
        if (messages == NULL)
            mpn_zero(sums + i * half, half);
        else
            mpn_copyi(sums + i * half, messages[i], half);
        if (!comb->scanned) power_direct(comb, out[i], sums + i * half, exponents[i], scratch);
    }
    if (comb->scanned) powers_scanned(comb, out, sums, exponents, count, scratch);
    for (uint32_t i = 0; i < count; i++) pair_shift(comb->ring, out[i], out[i], sums + i * half, scratch);
}

mp_size_t comb_lanes_itch(const struct kernel_ring *ring)
{
    if (ring == NULL) return 0;
    return kernel_itch(ring) + (mp_size_t)((2 * ring->row + 2 * ring->limbs + 4 * KERNEL_MOST_LANES) * ring->kernel->lanes);
}

int32_t comb_get(struct slot *slot, const struct comb **comb, fate_context *context, const struct comb_source *source)
{
    *comb = slot_look(slot);
    if (*comb != NULL) return FATE_OK;
    struct comb *made;
    int32_t result = comb_new(&made, context, source);
    if (result != FATE_OK) return result;
    *comb = slot_keep(slot, made);
    if (*comb != made) comb_free(made, context);
    return FATE_OK;
}
