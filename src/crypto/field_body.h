/* Numbers modulo p = 2^255 - 19 in lanes, whatever their limbs: sums, powers, roots, canonical words. Included by a curve kernel after
 * src/crypto/field_five.h or src/crypto/field_ten.h, which say what a tight number is. Results are tight, except that sums and differences are
 * factors only; operands of sums and differences are tight, of products also sums and differences. A mask is all ones or zero in each lane. */
#ifndef CRYPTO_FIELD_BODY_H
#define CRYPTO_FIELD_BODY_H

#define FIELD_INLINE static inline LANES_TARGET
#define FIELD_FUNCTION static LANES_TARGET __attribute__((noinline))

enum { FIELD_WORDS = 4 };

LANES_FUNCTION lanes field_mask(int limb)
{
    return lanes_set(((uint64_t)1 << FIELD_WIDTH(limb)) - 1);
}

/* ---- sums ---- */

/* A limb of p times 2^shift. */
LANES_FUNCTION lanes field_modulus(int limb, uint32_t shift)
{
    return lanes_set(((((uint64_t)1 << FIELD_WIDTH(limb)) - 1) - (limb == 0 ? 18 : 0)) << shift);
}

/* Makes a number tight whose limbs are below 2^(width + 12). */
LANES_FUNCTION void field_carry(field *a)
{
    lanes carry[FIELD_LIMBS];
    FIELD_UNROLL
    for (int k = 0; k < FIELD_LIMBS; k++) {
        carry[k] = lanes_right(a->limb[k], FIELD_WIDTH(k));
        a->limb[k] = lanes_and(a->limb[k], field_mask(k));
    }
    a->limb[0] = field_add_19(a->limb[0], carry[FIELD_LIMBS - 1]);
    FIELD_UNROLL
    for (int k = 1; k < FIELD_LIMBS; k++) a->limb[k] = lanes_add(a->limb[k], carry[k - 1]);
}

LANES_FUNCTION void field_add(field *out, const field *a, const field *b)
{
    FIELD_UNROLL
    for (int k = 0; k < FIELD_LIMBS; k++) out->limb[k] = lanes_add(a->limb[k], b->limb[k]);
    if (FIELD_SUMS_CARRY) field_carry(out);
}

LANES_FUNCTION void field_subtract(field *out, const field *a, const field *b)
{
    FIELD_UNROLL
    for (int k = 0; k < FIELD_LIMBS; k++) out->limb[k] = lanes_subtract(lanes_add(a->limb[k], field_modulus(k, 1)), b->limb[k]);
    if (FIELD_SUMS_CARRY) field_carry(out);
}

/* Tight, of tight or not. */
LANES_FUNCTION void field_subtract_tight(field *out, const field *a, const field *b)
{
    FIELD_UNROLL
    for (int k = 0; k < FIELD_LIMBS; k++) out->limb[k] = lanes_subtract(lanes_add(a->limb[k], field_modulus(k, 3)), b->limb[k]);
    field_carry(out);
}

LANES_FUNCTION void field_set(field *out, uint64_t value)
{
    out->limb[0] = lanes_set(value);
    FIELD_UNROLL
    for (int k = 1; k < FIELD_LIMBS; k++) out->limb[k] = lanes_set(0);
}

LANES_FUNCTION void field_negate(field *out, const field *a)
{
    field zero;
    field_set(&zero, 0);
    field_subtract_tight(out, &zero, a);
}

/* out = mask ? a : b. */
LANES_FUNCTION void field_select(field *out, lanes mask, const field *a, const field *b)
{
    FIELD_UNROLL
    for (int k = 0; k < FIELD_LIMBS; k++) out->limb[k] = lanes_select(mask, a->limb[k], b->limb[k]);
}

/* ---- products ---- */

FIELD_FUNCTION void field_multiply(field *out, const field *a, const field *b)
{
    lanes r[FIELD_LIMBS];
    field_multiply_columns(r, a, b);
    field_reduce(out, r);
}

FIELD_FUNCTION void field_square(field *out, const field *a)
{
    lanes r[FIELD_LIMBS];
    field_square_columns(r, a);
    field_reduce(out, r);
}

/* a^2 - b and 2*a^2 - b; b may be a sum or a difference. */
FIELD_FUNCTION void field_square_subtract(field *out, const field *a, const field *b)
{
    lanes r[FIELD_LIMBS];
    field_square_columns(r, a);
    FIELD_UNROLL
    for (int k = 0; k < FIELD_LIMBS; k++) r[k] = lanes_add(r[k], lanes_subtract(field_modulus(k, 3), b->limb[k]));
    field_reduce(out, r);
}

FIELD_FUNCTION void field_twice_square_subtract(field *out, const field *a, const field *b)
{
    lanes r[FIELD_LIMBS];
    field_square_columns(r, a); /* of a tight number: below 2^60 */
    FIELD_UNROLL
    for (int k = 0; k < FIELD_LIMBS; k++) r[k] = lanes_add(lanes_left(r[k], 1), lanes_subtract(field_modulus(k, 3), b->limb[k]));
    field_reduce(out, r);
}

/* a + b*factor, factor below 2^17. */
FIELD_INLINE void field_multiply_small(field *out, const field *a, const field *b, uint32_t factor)
{
    lanes r[FIELD_LIMBS];
    field_small_columns(r, a, b, factor);
    field_reduce(out, r);
}

/* ---- words ---- */

FIELD_INLINE void field_from_words(field *out, const lanes *words)
{
    FIELD_UNROLL
    for (int k = 0; k < FIELD_LIMBS; k++) {
        uint32_t bit = FIELD_BIT(k), word = bit / 64, offset = bit % 64;
        lanes limb = lanes_right(words[word], offset);
        if (offset + FIELD_WIDTH(k) > 64) limb = lanes_or(limb, lanes_left(words[word + 1], 64 - offset));
        out->limb[k] = lanes_and(limb, field_mask(k));
    }
}

FIELD_INLINE void field_from_constant(field *out, const uint64_t *constant)
{
    lanes words[FIELD_WORDS];
    for (int w = 0; w < FIELD_WORDS; w++) words[w] = lanes_set(constant[w]);
    field_from_words(out, words);
}

/* Adds at the lowest limb and carries up; what comes out above the highest limb. */
FIELD_INLINE lanes field_carry_through(lanes *limbs, lanes added)
{
    FIELD_UNROLL
    for (int k = 0; k < FIELD_LIMBS; k++) {
        limbs[k] = lanes_add(limbs[k], added);
        added = lanes_right(limbs[k], FIELD_WIDTH(k));
        limbs[k] = lanes_and(limbs[k], field_mask(k));
    }
    return added;
}

/* The words of the canonical number. After two rounds a number of limbs below 2^(width + 3) is below 2^255; it is p or more when 19 more
 * reach 2^255. */
FIELD_FUNCTION void field_to_words(lanes *words, const field *a)
{
    field canonical = *a, more;
    for (int round = 0; round < 2; round++) {
        lanes carry = field_carry_through(canonical.limb, lanes_set(0));
        canonical.limb[0] = field_add_19(canonical.limb[0], carry);
    }
    more = canonical;
    lanes reaches = field_carry_through(more.limb, lanes_set(19));
    field_carry_through(canonical.limb, field_add_19(lanes_set(0), reaches));
    for (int w = 0; w < FIELD_WORDS; w++) words[w] = lanes_set(0);
    FIELD_UNROLL
    for (int k = 0; k < FIELD_LIMBS; k++) {
        uint32_t bit = FIELD_BIT(k), word = bit / 64, offset = bit % 64;
        words[word] = lanes_or(words[word], lanes_left(canonical.limb[k], offset));
        if (offset + FIELD_WIDTH(k) > 64) words[word + 1] = lanes_or(words[word + 1], lanes_right(canonical.limb[k], 64 - offset));
    }
}

/* ---- masks ---- */

LANES_FUNCTION lanes field_not(lanes mask)
{
    return lanes_subtract(lanes_set(UINT64_MAX), mask);
}

FIELD_INLINE lanes field_words_equal(const lanes *a, const lanes *b)
{
    lanes differ = lanes_set(0);
    for (int w = 0; w < FIELD_WORDS; w++) differ = lanes_or(differ, lanes_subtract(a[w], b[w]));
    lanes sign = lanes_or(differ, lanes_subtract(lanes_set(0), differ));
    return lanes_subtract(lanes_right(sign, 63), lanes_set(1));
}

FIELD_INLINE lanes field_equal(const field *a, const field *b)
{
    lanes left[FIELD_WORDS], right[FIELD_WORDS];
    field_to_words(left, a);
    field_to_words(right, b);
    return field_words_equal(left, right);
}

FIELD_INLINE lanes field_is_zero(const field *a)
{
    field zero;
    field_set(&zero, 0);
    return field_equal(a, &zero);
}

/* RFC 9496, 2: negative is what is odd. */
FIELD_INLINE lanes field_is_negative(const field *a)
{
    lanes words[FIELD_WORDS];
    field_to_words(words, a);
    return lanes_subtract(lanes_set(0), lanes_and(words[0], lanes_set(1)));
}

FIELD_INLINE void field_negate_where(field *a, lanes mask)
{
    field negative;
    field_negate(&negative, a);
    field_select(a, mask, &negative, a);
}

FIELD_INLINE void field_absolute(field *a)
{
    field_negate_where(a, field_is_negative(a));
}

/* ---- powers and roots, two numbers at a time: chains of squarings wait for themselves, two of them fill the processor ---- */

FIELD_FUNCTION void field_square_times(field *a, int times)
{
    while (times-- > 0) {
        field_square(&a[0], &a[0]);
        field_square(&a[1], &a[1]);
    }
}

/* out = a^(2^times) * b. out may be a, not b. */
FIELD_INLINE void field_chain(field *out, const field *a, int times, const field *b)
{
    if (out != a) out[0] = a[0], out[1] = a[1];
    field_square_times(out, times);
    for (int i = 0; i < 2; i++) field_multiply(&out[i], &out[i], &b[i]);
}

/* long_power = a^(2^250 - 1), eleven = a^11. */
FIELD_FUNCTION void field_powers(field *long_power, field *eleven, const field *a)
{
    field two[2], nine[2], five[2], ten[2], twenty[2], fifty[2], hundred[2]; /* from five on: 2^k - 1 */
    for (int i = 0; i < 2; i++) field_square(&two[i], &a[i]);
    field_chain(nine, two, 2, a);
    field_chain(eleven, nine, 0, two);
    field_chain(five, eleven, 1, nine);
    field_chain(ten, five, 5, five);
    field_chain(twenty, ten, 10, ten);
    field_chain(fifty, twenty, 20, twenty);
    field_chain(fifty, fifty, 10, ten);
    field_chain(hundred, fifty, 50, fifty);
    field_chain(long_power, hundred, 100, hundred);
    field_chain(long_power, long_power, 50, fifty);
}

/* a^(p - 2): zero for zero. */
FIELD_FUNCTION void field_invert(field *out, const field *a)
{
    field long_power[2], eleven[2];
    field_powers(long_power, eleven, a);
    field_chain(out, long_power, 5, eleven);
}

/* a^((p - 5) / 8) = a^(2^252 - 3). */
FIELD_FUNCTION void field_root_power(field *out, const field *a)
{
    field long_power[2], eleven[2];
    field_powers(long_power, eleven, a);
    field_chain(out, long_power, 2, a);
}

static const uint64_t FIELD_ROOT_OF_MINUS_ONE[FIELD_WORDS] = {0xc4ee1b274a0ea0b0, 0x2f431806ad2fe478, 0x2b4d00993dfbd7a7,
                                                              0x2b8324804fc1df0b};

/* RFC 9496, 4.2: root = sqrt(u/v) where that is a square, else sqrt(i*u/v); never negative. The mask says which. u and v tight. */
FIELD_FUNCTION void field_root_of_ratio(field *root, lanes *was_square, const field *u, const field *v)
{
    field cube[2], seventh[2], check, imaginary, minus, turned;
    field_from_constant(&imaginary, FIELD_ROOT_OF_MINUS_ONE);
    for (int i = 0; i < 2; i++) {
        field_square(&cube[i], &v[i]);
        field_multiply(&cube[i], &cube[i], &v[i]);
        field_square(&seventh[i], &cube[i]);
        field_multiply(&seventh[i], &seventh[i], &v[i]);
        field_multiply(&seventh[i], &seventh[i], &u[i]);
        field_multiply(&cube[i], &cube[i], &u[i]);
    }
    field_root_power(root, seventh);
    for (int i = 0; i < 2; i++) {
        field_multiply(&root[i], &root[i], &cube[i]);
        field_square(&check, &root[i]);
        field_multiply(&check, &check, &v[i]);
        field_negate(&minus, &u[i]);
        field_multiply(&turned, &minus, &imaginary);
        lanes correct = field_equal(&check, &u[i]), flipped = field_equal(&check, &minus), both = field_equal(&check, &turned);
        field_multiply(&turned, &root[i], &imaginary);
        field_select(&root[i], lanes_or(flipped, both), &turned, &root[i]);
        field_absolute(&root[i]);
        was_square[i] = lanes_or(correct, flipped);
    }
}

#endif
