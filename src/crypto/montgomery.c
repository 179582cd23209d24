/* Montgomery multiplication by rows of mpn_addmul_1, with a final subtraction that does not branch. */
#include "src/crypto/montgomery.h"

enum { WINDOW_MOST = 5, WINDOW_TABLE = 1 << WINDOW_MOST };

mp_limb_t montgomery_take_modulus(const struct montgomery *montgomery, mp_limb_t *number, mp_limb_t top, mp_limb_t *taken)
{
    mp_limb_t borrow = mpn_sub_n(number, number, montgomery->modulus, montgomery->size);
    mp_limb_t below = borrow & (1 ^ ((top | (0 - top)) >> 63));
    mpn_cnd_add_n(below, number, number, montgomery->modulus, montgomery->size);
    *taken = below ^ 1;
    return top - borrow + below;
}

static void twice(const struct montgomery *montgomery, mp_limb_t *number)
{
    mp_limb_t ignored, top = mpn_lshift(number, number, montgomery->size, 1);
    montgomery_take_modulus(montgomery, number, top, &ignored);
}

/* Without a division, whose time would depend on a secret modulus: R is 2^(64*(size-1)), which is below the modulus, doubled 64 times;
 * and with 64*size = odd * 2^k, R^2 is R doubled `odd` times, that is 2^odd in the form, squared k times. */
static void fill_constants(struct montgomery *montgomery, mp_limb_t *scratch)
{
    mp_size_t size = montgomery->size, odd = 64 * size;
    mpn_zero(montgomery->one, size);
    montgomery->one[size - 1] = 1;
    for (int i = 0; i < 64; i++) twice(montgomery, montgomery->one);
    mpn_copyi(montgomery->square, montgomery->one, size);
    while (odd % 2 == 0) odd /= 2;
    for (mp_size_t i = 0; i < odd; i++) twice(montgomery, montgomery->square);
    for (; odd < 64 * size; odd *= 2) montgomery_square(montgomery, montgomery->square, montgomery->square, scratch);
}

int32_t montgomery_init(struct montgomery *montgomery, fate_context *context, const mp_limb_t *modulus, mp_size_t size)
{
    struct scratch scratch;
    montgomery->size = size;
    int32_t result = scratch_new(&scratch, context, 1, montgomery_itch(montgomery));
    if (result != FATE_OK) return result;
    montgomery->modulus = memory_allocate(context, 3 * (uint64_t)size, sizeof *montgomery->modulus);
    if (montgomery->modulus == NULL) {
        scratch_free(&scratch);
        return context_out_of_memory(context);
    }
    mpn_copyi(montgomery->modulus, modulus, size);
    montgomery->one = montgomery->modulus + size;
    montgomery->square = montgomery->one + size;
    montgomery->inverse = 0 - limbs_invert_limb(modulus[0]);
    fill_constants(montgomery, scratch.limbs);
    scratch_free(&scratch);
    return FATE_OK;
}

void montgomery_free(struct montgomery *montgomery, fate_context *context)
{
    if (montgomery->modulus != NULL) memory_free_secret(context, montgomery->modulus, 3 * (uint64_t)montgomery->size * sizeof(mp_limb_t));
    montgomery->modulus = NULL;
}

mp_size_t montgomery_itch(const struct montgomery *montgomery)
{
    mp_size_t multiply = mpn_sec_mul_itch(montgomery->size, montgomery->size);
    mp_size_t square = mpn_sec_sqr_itch(montgomery->size);
    return 2 * montgomery->size + (multiply > square ? multiply : square);
}

void montgomery_reduce(const struct montgomery *montgomery, mp_limb_t *out, mp_limb_t *number)
{
    mp_size_t size = montgomery->size;
    for (mp_size_t i = 0; i < size; i++) /* makes limb i zero; its place keeps the carry that belongs size limbs higher */
        number[i] = mpn_addmul_1(number + i, montgomery->modulus, size, number[i] * montgomery->inverse);
    mp_limb_t carry = mpn_add_n(out, number + size, number, size);
    /* carry*R + out < 2*modulus: take the modulus away, and give it back when that went below zero. */
    mp_limb_t borrow = mpn_sub_n(out, out, montgomery->modulus, size);
    mpn_cnd_add_n(borrow & (carry ^ 1), out, out, montgomery->modulus, size);
}

void montgomery_multiply(const struct montgomery *montgomery, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right,
                         mp_limb_t *scratch)
{
    mp_size_t size = montgomery->size;
    mpn_sec_mul(scratch, left, size, right, size, scratch + 2 * size);
    montgomery_reduce(montgomery, out, scratch);
}

void montgomery_square(const struct montgomery *montgomery, mp_limb_t *out, const mp_limb_t *number, mp_limb_t *scratch)
{
    mpn_sec_sqr(scratch, number, montgomery->size, scratch + 2 * montgomery->size);
    montgomery_reduce(montgomery, out, scratch);
}

void montgomery_multiply_public(const struct montgomery *montgomery, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right,
                                mp_limb_t *scratch)
{
    mpn_mul_n(scratch, left, right, montgomery->size);
    montgomery_reduce(montgomery, out, scratch);
}

void montgomery_square_public(const struct montgomery *montgomery, mp_limb_t *out, const mp_limb_t *number, mp_limb_t *scratch)
{
    mpn_sqr(scratch, number, montgomery->size);
    montgomery_reduce(montgomery, out, scratch);
}

void montgomery_enter(const struct montgomery *montgomery, mp_limb_t *out, const mp_limb_t *number, mp_limb_t *scratch)
{
    montgomery_multiply(montgomery, out, number, montgomery->square, scratch);
}

void montgomery_remainder(const struct montgomery *montgomery, mp_limb_t *out, mp_limb_t *number, mp_limb_t *scratch)
{
    montgomery_reduce(montgomery, out, number);
    montgomery_enter(montgomery, out, out, scratch); /* number/R times R^2/R */
}

void montgomery_leave(const struct montgomery *montgomery, mp_limb_t *out, const mp_limb_t *number, mp_limb_t *scratch)
{
    mpn_copyi(scratch, number, montgomery->size);
    mpn_zero(scratch + montgomery->size, montgomery->size);
    montgomery_reduce(montgomery, out, scratch);
}

mp_size_t montgomery_power_itch(const struct montgomery *montgomery)
{
    return (WINDOW_TABLE + 2) * montgomery->size + montgomery_itch(montgomery);
}

void montgomery_power(const struct montgomery *montgomery, mp_limb_t *out, const mp_limb_t *base, const mp_limb_t *exponent, uint64_t bits,
                      mp_limb_t *scratch)
{
    mp_size_t size = montgomery->size;
    /* Few bits do not pay for a large table. */
    uint64_t window = bits < 24 ? 2 : bits < 160 ? 3 : WINDOW_MOST;
    mp_size_t entries = (mp_size_t)1 << window;
    mp_limb_t *table = scratch, *power = table + entries * size, *entry = power + size;
    scratch = entry + size;
    mpn_copyi(table, montgomery->one, size);
    mpn_copyi(table + size, base, size);
    for (mp_size_t i = 2; i < entries; i++) montgomery_multiply(montgomery, table + i * size, table + (i - 1) * size, base, scratch);
    uint64_t from = (bits - 1) / window * window;
    mpn_sec_tabselect(power, table, size, entries, (mp_size_t)limbs_digit(exponent, bits, from, bits - from));
    while (from > 0) {
        from -= window;
        for (uint64_t i = 0; i < window; i++) montgomery_square(montgomery, power, power, scratch);
        mpn_sec_tabselect(entry, table, size, entries, (mp_size_t)limbs_digit(exponent, bits, from, window));
        montgomery_multiply(montgomery, power, power, entry, scratch);
    }
    mpn_copyi(out, power, size);
}

mp_size_t montgomery_invert_itch(const struct montgomery *montgomery)
{
    mp_size_t invert = limbs_invert_itch(montgomery->size);
    mp_size_t multiply = montgomery_itch(montgomery);
    return invert > multiply ? invert : multiply;
}

mp_limb_t montgomery_invert(const struct montgomery *montgomery, mp_limb_t *out, const mp_limb_t *number, mp_limb_t *scratch)
{
    mp_limb_t unit = limbs_invert(out, number, montgomery->modulus, montgomery->size, scratch);
    montgomery_enter(montgomery, out, out, scratch); /* x^-1/R to x^-1, then to x^-1*R */
    montgomery_enter(montgomery, out, out, scratch);
    return unit;
}
