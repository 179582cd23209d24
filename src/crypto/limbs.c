/* Numbers in limb arrays: bytes, comparisons, remainders and inverses in constant time on GMP's mpn layer. */
#include "src/crypto/limbs.h"
#include "lib/bytes.h"
#include <string.h>

mp_limb_t limbs_digit(const mp_limb_t *limbs, uint64_t bits, uint64_t from, uint64_t width)
{
    mp_limb_t digit = limbs[from / 64] >> (from % 64);
    if (from % 64 + width > 64 && from / 64 + 1 < (uint64_t)limbs_for_bits(bits)) digit |= limbs[from / 64 + 1] << (64 - from % 64);
    return digit & (((mp_limb_t)1 << width) - 1);
}

mp_size_t limbs_for_bits(uint64_t bits)
{
    return (mp_size_t)((bits + 63) / 64);
}

/* Whole limbs to bytes and back: as they stand where the machine has them in the same order. */
static void load_whole(mp_limb_t *limbs, const uint8_t *bytes, mp_size_t count)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (count > 0) memcpy(limbs, bytes, (size_t)count * sizeof *limbs);
#else
    for (mp_size_t i = 0; i < count; i++) limbs[i] = bytes_load_u64(bytes + 8 * i);
#endif
}

static void store_whole(uint8_t *bytes, const mp_limb_t *limbs, mp_size_t count)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (count > 0) memcpy(bytes, limbs, (size_t)count * sizeof *limbs);
#else
    for (mp_size_t i = 0; i < count; i++) bytes_store_u64(bytes + 8 * i, limbs[i]);
#endif
}

void limbs_load(mp_limb_t *limbs, mp_size_t size, const uint8_t *bytes, uint64_t length)
{
    mp_size_t whole = (mp_size_t)(length / 8);
    if (whole > size) whole = size;
    load_whole(limbs, bytes, whole);
    for (mp_size_t i = whole; i < size; i++) limbs[i] = 0;
    if (whole == size || length % 8 == 0) return;
    uint8_t block[8] = {0};
    memcpy(block, bytes + 8 * whole, (size_t)(length % 8));
    limbs[whole] = bytes_load_u64(block);
}

void limbs_store(uint8_t *bytes, uint64_t length, const mp_limb_t *limbs, mp_size_t size)
{
    uint64_t whole = length / 8;
    uint64_t there = whole < (uint64_t)size ? whole : (uint64_t)size;
    store_whole(bytes, limbs, (mp_size_t)there);
    if (whole > there) memset(bytes + 8 * there, 0, (size_t)(8 * (whole - there)));
    if (length % 8 == 0) return;
    uint8_t block[8];
    bytes_store_u64(block, whole < (uint64_t)size ? limbs[whole] : 0);
    memcpy(bytes + 8 * whole, block, (size_t)(length % 8));
}

/* 1 when the limb is zero. */
static mp_limb_t is_zero(mp_limb_t limb)
{
    return 1 ^ ((limb | (0 - limb)) >> 63);
}

mp_limb_t limbs_is_zero(const mp_limb_t *limbs, mp_size_t size)
{
    mp_limb_t any = 0;
    for (mp_size_t i = 0; i < size; i++) any |= limbs[i];
    return is_zero(any);
}

mp_limb_t limbs_equal(const mp_limb_t *left, const mp_limb_t *right, mp_size_t size)
{
    mp_limb_t any = 0;
    for (mp_size_t i = 0; i < size; i++) any |= left[i] ^ right[i];
    return is_zero(any);
}

mp_limb_t limbs_less(const mp_limb_t *left, const mp_limb_t *right, mp_size_t size)
{
    mp_limb_t borrow = 0;
    for (mp_size_t i = 0; i < size; i++) {
        mp_limb_t difference = left[i] - right[i] - borrow;
        borrow = ((~left[i] & right[i]) | ((~left[i] | right[i]) & difference)) >> 63;
    }
    return borrow;
}

uint64_t limbs_bits(const mp_limb_t *limbs, mp_size_t size)
{
    while (size > 0 && limbs[size - 1] == 0) size--;
    if (size == 0) return 0;
    uint64_t bits = 64 * (uint64_t)(size - 1);
    for (mp_limb_t top = limbs[size - 1]; top != 0; top >>= 1) bits++;
    return bits;
}

mp_size_t limbs_modulo_itch(mp_size_t number_size, mp_size_t modulus_size)
{
    return number_size + mpn_sec_div_r_itch(number_size, modulus_size);
}

void limbs_modulo(mp_limb_t *out, const mp_limb_t *number, mp_size_t number_size, const mp_limb_t *modulus, mp_size_t modulus_size,
                  mp_limb_t *scratch)
{
    mpn_copyi(scratch, number, number_size);
    mpn_sec_div_r(scratch, number_size, modulus, modulus_size, scratch + number_size);
    mpn_copyi(out, scratch, modulus_size);
}

mp_size_t limbs_invert_itch(mp_size_t size)
{
    return size + mpn_sec_invert_itch(size);
}

mp_limb_t limbs_invert(mp_limb_t *out, const mp_limb_t *number, const mp_limb_t *modulus, mp_size_t size, mp_limb_t *scratch)
{
    mpn_copyi(scratch, number, size);
    return (mp_limb_t)mpn_sec_invert(out, scratch, modulus, size, 2 * 64 * (mp_bitcnt_t)size, scratch + size);
}

mp_size_t limbs_invert_public_itch(mp_size_t size)
{
    return 4 * (size + 2);
}

mp_limb_t limbs_invert_public(mp_limb_t *out, const mp_limb_t *number, const mp_limb_t *modulus, mp_size_t size, mp_limb_t *scratch)
{
    mp_limb_t *larger = scratch, *smaller = larger + size + 2, *divisor = smaller + size + 2, *factor = divisor + size + 2;
    mp_size_t factor_size = 0;
    larger[size] = mpn_add_n(larger, number, modulus, size); /* above the modulus, as GMP wants it */
    mpn_copyi(smaller, modulus, size);
    mp_size_t divisor_size = mpn_gcdext(divisor, factor, &factor_size, larger, size + (larger[size] != 0), smaller, size);
    if (divisor_size != 1 || divisor[0] != 1) return 0;
    mp_size_t used = factor_size < 0 ? -factor_size : factor_size;
    mpn_zero(out, size);
    mpn_copyi(out, factor, used);
    if (factor_size < 0) mpn_sub_n(out, modulus, out, size);
    return 1;
}

mp_limb_t limbs_invert_limb(mp_limb_t odd)
{
    mp_limb_t inverse = odd; /* right to 3 bits; each step doubles them: 6, 12, 24, 48, 96 */
    for (int i = 0; i < 5; i++) inverse *= 2 - odd * inverse;
    return inverse;
}

mp_size_t limbs_invert_power_itch(mp_size_t size)
{
    return size;
}

/* Limb by limb: what is left of 1 - odd*out is made zero from the low end, as in schoolbook division. */
void limbs_invert_power(mp_limb_t *out, const mp_limb_t *odd, mp_size_t size, mp_limb_t *scratch)
{
    mp_limb_t inverse = limbs_invert_limb(odd[0]);
    memset(scratch, 0, (size_t)size * sizeof *scratch);
    scratch[0] = 1;
    for (mp_size_t i = 0; i < size; i++) {
        out[i] = scratch[i] * inverse;
        mpn_submul_1(scratch + i, odd, size - i, out[i]);
    }
}

void limbs_random(mp_limb_t *limbs, mp_size_t size, uint64_t bits, struct random_stream *stream)
{
    for (mp_size_t i = 0; i < size; i++) {
        uint64_t at = 64 * (uint64_t)i;
        mp_limb_t mask = at >= bits ? 0 : bits - at >= 64 ? ~(mp_limb_t)0 : ((mp_limb_t)1 << (bits - at)) - 1;
        limbs[i] = random_stream_u64(stream) & mask;
    }
}

int32_t scratch_new(struct scratch *scratch, fate_context *context, uint64_t workers, mp_size_t each)
{
    /* A cache line between neighbours, so that workers do not slow each other. */
    scratch->each = ((uint64_t)each + 15) / 8 * 8;
    scratch->workers = workers;
    scratch->context = context;
    scratch->limbs = memory_allocate(context, workers * scratch->each, sizeof(mp_limb_t));
    return scratch->limbs == NULL ? context_out_of_memory(context) : FATE_OK;
}

mp_limb_t *scratch_of(const struct scratch *scratch, uint32_t worker)
{
    return scratch->limbs + worker * scratch->each;
}

void scratch_free(struct scratch *scratch)
{
    memory_free_secret(scratch->context, scratch->limbs, scratch->workers * scratch->each * sizeof(mp_limb_t));
    scratch->limbs = NULL;
}
