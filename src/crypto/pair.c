/* Pair arithmetic modulo n^2 on GMP's mpn layer, without a branch on a value. */
#include "src/crypto/pair.h"

void pair_free(struct pair_ring *ring, fate_context *context)
{
    if (ring->one != NULL) memory_free_secret(context, ring->one, 3 * (uint64_t)ring->size * sizeof *ring->one);
    ring->one = NULL;
    montgomery_free(&ring->modulus, context);
}

mp_size_t pair_itch(const struct pair_ring *ring)
{
    mp_size_t half = ring->modulus.size;
    mp_size_t multiply = mpn_sec_mul_itch(half, half), square = mpn_sec_sqr_itch(half);
    return 5 * ring->size + (multiply > square ? multiply : square);
}

/* out + R*carry = (number + quotient*n)/R, below 2n when number is below n*R. Destroys number. */
static mp_limb_t reduce(const struct montgomery *modulus, mp_limb_t *out, mp_limb_t *quotient, mp_limb_t *number)
{
    mp_size_t size = modulus->size;
    for (mp_size_t i = 0; i < size; i++) {
        quotient[i] = number[i] * modulus->inverse;
        number[i] = mpn_addmul_1(number + i, modulus->modulus, size, quotient[i]);
    }
    return mpn_add_n(out, number + size, number, size);
}

/* out = (straight + cross*n + R^2*carry*n)/R from x0*y0 and x0*y1 + x1*y0, both of 2*size limbs and destroyed.
 *
 * straight = t*R - q*n; taking n from t adds 1 to the other half. That is V = (cross - q)/R + that 1 modulo n: with cross - q =
 * high*R + low and low made non-negative by a borrow from high, V = high - borrow + (low + q'*n)/R + 1 or 0. A borrow means low > 0, then
 * the third term is at least 1: V >= 0. high <= 2(n-1)^2/R < 2n - 3 and the third term is at most n: V < 3n - 1, two subtractions bring
 * it below n. */
static void reduce_pair(const struct montgomery *modulus, mp_limb_t *out, mp_limb_t *straight, mp_limb_t *cross, mp_limb_t carry,
                        mp_limb_t *quotient)
{
    mp_size_t size = modulus->size;
    mp_limb_t *high = out + size, wrapped, ignored;
    montgomery_take_modulus(modulus, out, reduce(modulus, out, quotient, straight), &wrapped);
    mp_limb_t borrow = mpn_sub_n(cross, cross, quotient, size);
    mp_limb_t top = carry + reduce(modulus, high, quotient, cross);
    mp_limb_t small = wrapped - borrow, negative = small >> 63; /* 1, 0 or -1 */
    for (mp_size_t i = 1; i < size; i++) quotient[i] = 0 - negative;
    quotient[0] = small;
    top += mpn_add_n(high, high, quotient, size) - negative;
    top = montgomery_take_modulus(modulus, high, top, &ignored);
    montgomery_take_modulus(modulus, high, top, &ignored);
}

void pair_multiply(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right, mp_limb_t *scratch)
{
    mp_size_t half = ring->modulus.size, size = ring->size;
    mp_limb_t *straight = scratch, *cross = straight + size, *other = cross + size;
    scratch = other + size;
    mpn_sec_mul(straight, left, half, right, half, scratch);
    mpn_sec_mul(cross, left, half, right + half, half, scratch);
    mpn_sec_mul(other, left + half, half, right, half, scratch);
    mp_limb_t carry = mpn_add_n(cross, cross, other, size);
    reduce_pair(&ring->modulus, out, straight, cross, carry, other);
}

void pair_square(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *number, mp_limb_t *scratch)
{
    mp_size_t half = ring->modulus.size, size = ring->size;
    mp_limb_t *straight = scratch, *cross = straight + size, *quotient = cross + size;
    scratch = quotient + size;
    mpn_sec_sqr(straight, number, half, scratch);
    mpn_sec_mul(cross, number, half, number + half, half, scratch);
    mp_limb_t carry = mpn_lshift(cross, cross, size, 1);
    reduce_pair(&ring->modulus, out, straight, cross, carry, quotient);
}

void pair_multiply_number(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *pair, const mp_limb_t *number, mp_limb_t *scratch)
{
    mp_size_t half = ring->modulus.size, size = ring->size;
    mp_limb_t *straight = scratch, *cross = straight + size, *quotient = cross + size;
    scratch = quotient + size;
    mpn_sec_mul(straight, pair, half, number, half, scratch);
    mpn_sec_mul(cross, pair + half, half, number, half, scratch);
    reduce_pair(&ring->modulus, out, straight, cross, 0, quotient);
}

void pair_multiply_public(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *left, const mp_limb_t *right, mp_limb_t *scratch)
{
    mp_size_t half = ring->modulus.size, size = ring->size;
    mp_limb_t *straight = scratch, *cross = straight + size, *other = cross + size;
    mpn_mul_n(straight, left, right, half);
    mpn_mul_n(cross, left, right + half, half);
    mpn_mul_n(other, left + half, right, half);
    mp_limb_t carry = mpn_add_n(cross, cross, other, size);
    reduce_pair(&ring->modulus, out, straight, cross, carry, other);
}

void pair_square_public(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *number, mp_limb_t *scratch)
{
    mp_size_t half = ring->modulus.size, size = ring->size;
    mp_limb_t *straight = scratch, *cross = straight + size, *quotient = cross + size;
    mpn_sqr(straight, number, half);
    mpn_mul_n(cross, number, number + half, half);
    mp_limb_t carry = mpn_lshift(cross, cross, size, 1);
    reduce_pair(&ring->modulus, out, straight, cross, carry, quotient);
}

/* number = t*R - q*n = t*R + (R*wrapped - q)*n with t brought below n. In the form: t*R^2 from a product, and R times the factor of n. */
void pair_enter(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *number, mp_limb_t *scratch)
{
    const struct montgomery *modulus = &ring->modulus;
    mp_size_t half = modulus->size, size = ring->size;
    mp_limb_t *copy = scratch, *quotient = copy + size, *rest = quotient + half, wrapped;
    scratch = rest + half;
    mpn_copyi(copy, number, size);
    montgomery_take_modulus(modulus, rest, reduce(modulus, rest, quotient, copy), &wrapped);
    mpn_zero(copy, size);
    mpn_cnd_add_n(wrapped, copy, copy, modulus->square, half); /* R*R*wrapped mod n */
    montgomery_enter(modulus, quotient, quotient, scratch);
    mp_limb_t borrow = mpn_sub_n(quotient, copy, quotient, half);
    mpn_cnd_add_n(borrow, quotient, quotient, modulus->modulus, half);
    mpn_zero(copy, size);
    mpn_copyi(copy, rest, half);
    pair_multiply(ring, out, copy, ring->cube, scratch);
    mp_limb_t top = mpn_add_n(out + half, out + half, quotient, half);
    montgomery_take_modulus(modulus, out + half, top, &wrapped);
}

void pair_plain(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *pair, mp_limb_t *scratch)
{
    mp_size_t half = ring->modulus.size, size = ring->size;
    mp_limb_t *straight = scratch, *cross = straight + size;
    mpn_copyi(straight, pair, half);
    mpn_zero(straight + half, half);
    mpn_copyi(cross, pair + half, half);
    mpn_zero(cross + half, half);
    reduce_pair(&ring->modulus, out, straight, cross, 0, cross + size);
}

void pair_leave(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *pair, mp_limb_t *scratch)
{
    mp_size_t half = ring->modulus.size, size = ring->size;
    mp_limb_t *plain = scratch, *low = plain + size;
    scratch = low + size;
    pair_plain(ring, plain, pair, scratch);
    mpn_copyi(low, plain, half);
    mpn_zero(low + half, half);
    mpn_sec_mul(out, plain + half, half, ring->modulus.modulus, half, scratch);
    mpn_add_n(out, out, low, size);
}

void pair_shift(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *pair, const mp_limb_t *factor, mp_limb_t *scratch)
{
    const struct montgomery *modulus = &ring->modulus;
    mp_size_t half = modulus->size;
    mp_limb_t *product = scratch, ignored;
    scratch = product + half;
    montgomery_enter(modulus, product, factor, scratch);
    montgomery_multiply(modulus, product, product, pair, scratch);
    mp_limb_t top = mpn_add_n(product, product, pair + half, half);
    montgomery_take_modulus(modulus, product, top, &ignored);
    mpn_copyi(out, pair, half);
    mpn_copyi(out + half, product, half);
}

enum { WINDOW_MOST = 5, WINDOW_TABLE = 1 << WINDOW_MOST };

mp_size_t pair_power_itch(const struct pair_ring *ring)
{
    return (WINDOW_TABLE + 2) * ring->size + pair_itch(ring);
}

void pair_power(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *base, const mp_limb_t *exponent, uint64_t bits,
                mp_limb_t *scratch)
{
    mp_size_t size = ring->size;
    /* Few bits do not pay for a large table. */
    uint64_t window = bits < 24 ? 2 : bits < 160 ? 3 : WINDOW_MOST;
    mp_size_t entries = (mp_size_t)1 << window;
    mp_limb_t *table = scratch, *power = table + entries * size, *entry = power + size;
    scratch = entry + size;
    mpn_copyi(table, ring->one, size);
    mpn_copyi(table + size, base, size);
    for (mp_size_t i = 2; i < entries; i++) pair_multiply(ring, table + i * size, table + (i - 1) * size, base, scratch);
    uint64_t from = (bits - 1) / window * window;
    mpn_sec_tabselect(power, table, size, entries, (mp_size_t)limbs_digit(exponent, bits, from, bits - from));
    while (from > 0) {
        from -= window;
        for (uint64_t i = 0; i < window; i++) pair_square(ring, power, power, scratch);
        mpn_sec_tabselect(entry, table, size, entries, (mp_size_t)limbs_digit(exponent, bits, from, window));
        pair_multiply(ring, power, power, entry, scratch);
    }
    mpn_copyi(out, power, size);
}

mp_size_t pair_invert_itch(const struct pair_ring *ring)
{
    mp_size_t invert = montgomery_invert_itch(&ring->modulus), multiply = pair_itch(ring);
    return 2 * ring->size + (invert > multiply ? invert : multiply);
}

/* Newton's step from an inverse z of a pair x modulo n: z*(2 - x*z). As x*z is 1 modulo n, its first half is that of one. scratch: a pair and
 * pair_itch. */
static void refine_inverse(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *pair, mp_limb_t *guess, mp_limb_t *scratch)
{
    const struct montgomery *modulus = &ring->modulus;
    mp_size_t half = modulus->size;
    mp_limb_t *product = scratch, ignored;
    scratch = product + ring->size;
    mpn_zero(guess + half, half);
    pair_multiply(ring, product, pair, guess, scratch);
    mp_limb_t borrow = mpn_sub_n(product + half, ring->one + half, product + half, half);
    mpn_cnd_add_n(borrow, product + half, product + half, modulus->modulus, half);
    mp_limb_t top = mpn_add_n(product + half, product + half, ring->one + half, half);
    montgomery_take_modulus(modulus, product + half, top, &ignored);
    pair_multiply(ring, out, guess, product, scratch);
}

mp_limb_t pair_invert(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *pair, mp_limb_t *scratch)
{
    mp_limb_t *guess = scratch;
    scratch = guess + ring->size;
    mp_limb_t unit = montgomery_invert(&ring->modulus, guess, pair, scratch);
    refine_inverse(ring, out, pair, guess, scratch);
    return unit;
}

mp_size_t pair_invert_public_itch(const struct pair_ring *ring)
{
    mp_size_t invert = limbs_invert_public_itch(ring->modulus.size), multiply = pair_itch(ring);
    return 2 * ring->size + (invert > multiply ? invert : multiply);
}

mp_limb_t pair_invert_public(const struct pair_ring *ring, mp_limb_t *out, const mp_limb_t *pair, mp_limb_t *scratch)
{
    const struct montgomery *modulus = &ring->modulus;
    mp_limb_t *guess = scratch;
    scratch = guess + ring->size;
    if (!limbs_invert_public(guess, pair, modulus->modulus, modulus->size, scratch)) return 0;
    montgomery_enter(modulus, guess, guess, scratch); /* x^-1/R to x^-1, then to x^-1*R */
    montgomery_enter(modulus, guess, guess, scratch);
    refine_inverse(ring, out, pair, guess, scratch);
    return 1;
}

void pair_twice(const struct pair_ring *ring, mp_limb_t *pair)
{
    const struct montgomery *modulus = &ring->modulus;
    mp_size_t half = modulus->size;
    mp_limb_t *high = pair + half, wrapped, ignored;
    mp_limb_t top = mpn_lshift(pair, pair, half, 1);
    montgomery_take_modulus(modulus, pair, top, &wrapped);
    top = mpn_lshift(high, high, half, 1);
    high[0] |= wrapped; /* doubled, it is even */
    montgomery_take_modulus(modulus, high, top, &ignored);
}

/* As montgomery.c does it for the modulus itself. 2*(n-1) + 1 < 2n: one subtraction is enough for each half. */
static void fill_constants(struct pair_ring *ring, mp_limb_t *scratch)
{
    mp_size_t half = ring->modulus.size, odd = 64 * half;
    mpn_zero(ring->one, ring->size);
    ring->one[half - 1] = 1;
    for (int i = 0; i < 64; i++) pair_twice(ring, ring->one);
    mpn_copyi(ring->square, ring->one, ring->size);
    while (odd % 2 == 0) odd /= 2;
    for (mp_size_t i = 0; i < odd; i++) pair_twice(ring, ring->square);
    for (; odd < 64 * half; odd *= 2) pair_square(ring, ring->square, ring->square, scratch);
    pair_multiply(ring, ring->cube, ring->square, ring->square, scratch);
}

int32_t pair_init(struct pair_ring *ring, fate_context *context, const mp_limb_t *modulus, mp_size_t size)
{
    int32_t result = montgomery_init(&ring->modulus, context, modulus, size);
    if (result != FATE_OK) return result;
    ring->size = 2 * size;
    struct scratch scratch;
    result = scratch_new(&scratch, context, 1, pair_itch(ring));
    if (result != FATE_OK) return result; /* pair_free frees the rest */
    ring->one = memory_allocate(context, 3 * (uint64_t)ring->size, sizeof *ring->one);
    if (ring->one == NULL) {
        scratch_free(&scratch);
        return context_out_of_memory(context);
    }
    ring->square = ring->one + ring->size;
    ring->cube = ring->square + ring->size;
    fill_constants(ring, scratch.limbs);
    scratch_free(&scratch);
    return FATE_OK;
}
