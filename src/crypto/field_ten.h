/* Numbers modulo 2^255 - 19 in lanes: ten limbs of 26 and 25 bits in turn, multiplied by the operation of 32 bits that lanes_fma.h and
 * lanes_plain.h have (D. J. Bernstein, "Curve25519", 2006). Included by a curve kernel after its lanes and before src/crypto/field_body.h.
 *
 * A number is tight when its limbs are below 2^26 + 2^17 and 2^25 + 2^17: products are. Sums and differences of two tight numbers are factors
 * without a carry: limbs are below 3*2^26 + 2^19 and half of that, so 19 times a limb is below 2^32, and a column, at most 124.5 products of two limbs
 * of 26 bits, below 2^63. */
#ifndef CRYPTO_FIELD_TEN_H
#define CRYPTO_FIELD_TEN_H

#include "src/crypto/unroll.h"

enum { FIELD_LIMBS = 10, FIELD_SUMS_CARRY = 0 };
#define FIELD_WIDTH(limb) (26u - (uint32_t)(limb) % 2)
#define FIELD_BIT(limb) ((51u * (uint32_t)(limb) + 1) / 2)

typedef struct {
    lanes limb[FIELD_LIMBS];
} field;

/* a + 19*b, b below 2^59. */
LANES_FUNCTION lanes field_add_19(lanes a, lanes b)
{
    return lanes_add(lanes_add(a, b), lanes_add(lanes_left(b, 1), lanes_left(b, 4)));
}

/* Column (i + j) mod 10: what lies beyond counts 19 times, and a product of two odd limbs twice. */
#define FIELD_ADD(column, x, y) lanes_multiply_half_add(&r[(column) % 10], x, y)
#define FIELD_FIRST(column, x, y) r[column] = lanes_multiply_half(x, y)
#define FIELD_STEP(i, j) FIELD_ADD((i) + (j), (i) % 2 && (j) % 2 ? twice : once, (i) + (j) < 10 ? b->limb[j] : right[j])
#define FIELD_ROW(i)                                                                                                          \
    once = a->limb[i], twice = lanes_add(once, once), FIELD_STEP(i, 0), FIELD_STEP(i, 1), FIELD_STEP(i, 2), FIELD_STEP(i, 3), \
    FIELD_STEP(i, 4), FIELD_STEP(i, 5), FIELD_STEP(i, 6), FIELD_STEP(i, 7), FIELD_STEP(i, 8), FIELD_STEP(i, 9)

LANES_FUNCTION void field_multiply_columns(lanes *r, const field *a, const field *b)
{
    const lanes nineteen = lanes_set(19);
    lanes right[FIELD_LIMBS], once, twice;
    FIELD_UNROLL
    for (int k = 0; k < FIELD_LIMBS; k++) {
        right[k] = lanes_multiply_half(b->limb[k], nineteen);
        FIELD_FIRST(k, a->limb[0], b->limb[k]);
    }
    FIELD_ROW(1), FIELD_ROW(2), FIELD_ROW(3), FIELD_ROW(4);
    FIELD_ROW(5), FIELD_ROW(6), FIELD_ROW(7), FIELD_ROW(8), FIELD_ROW(9);
}

/* i < j: counts twice. */
#define FIELD_CROSS(i, j) FIELD_ADD((i) + (j), (i) % 2 && (j) % 2 ? four : twice, (i) + (j) < 10 ? a->limb[j] : right[j])
#define FIELD_SELF(i) FIELD_ADD(2 * (i), (i) % 2 ? twice : once, (i) < 5 ? once : right[i])
#define FIELD_BEGIN(i) once = a->limb[i], twice = lanes_add(once, once), four = lanes_add(twice, twice), FIELD_SELF(i)

LANES_FUNCTION void field_square_columns(lanes *r, const field *a)
{
    const lanes nineteen = lanes_set(19);
    lanes right[FIELD_LIMBS], once, twice, four;
    FIELD_UNROLL
    for (int k = 0; k < FIELD_LIMBS; k++) {
        if (k >= 5) right[k] = lanes_multiply_half(a->limb[k], nineteen);
        FIELD_FIRST(k, k == 0 ? a->limb[0] : lanes_add(a->limb[0], a->limb[0]), a->limb[k]);
    }
    FIELD_BEGIN(1), FIELD_CROSS(1, 2), FIELD_CROSS(1, 3), FIELD_CROSS(1, 4), FIELD_CROSS(1, 5), FIELD_CROSS(1, 6), FIELD_CROSS(1, 7);
    FIELD_CROSS(1, 8), FIELD_CROSS(1, 9);
    FIELD_BEGIN(2), FIELD_CROSS(2, 3), FIELD_CROSS(2, 4), FIELD_CROSS(2, 5), FIELD_CROSS(2, 6), FIELD_CROSS(2, 7), FIELD_CROSS(2, 8);
    FIELD_CROSS(2, 9);
    FIELD_BEGIN(3), FIELD_CROSS(3, 4), FIELD_CROSS(3, 5), FIELD_CROSS(3, 6), FIELD_CROSS(3, 7), FIELD_CROSS(3, 8), FIELD_CROSS(3, 9);
    FIELD_BEGIN(4), FIELD_CROSS(4, 5), FIELD_CROSS(4, 6), FIELD_CROSS(4, 7), FIELD_CROSS(4, 8), FIELD_CROSS(4, 9);
    FIELD_BEGIN(5), FIELD_CROSS(5, 6), FIELD_CROSS(5, 7), FIELD_CROSS(5, 8), FIELD_CROSS(5, 9);
    FIELD_BEGIN(6), FIELD_CROSS(6, 7), FIELD_CROSS(6, 8), FIELD_CROSS(6, 9);
    FIELD_BEGIN(7), FIELD_CROSS(7, 8), FIELD_CROSS(7, 9), FIELD_BEGIN(8), FIELD_CROSS(8, 9), FIELD_BEGIN(9);
}

/* a + b*factor, factor below 2^17. */
LANES_FUNCTION void field_small_columns(lanes *r, const field *a, const field *b, uint32_t factor)
{
    FIELD_UNROLL
    for (int k = 0; k < FIELD_LIMBS; k++) {
        r[k] = a->limb[k];
        lanes_multiply_half_add(&r[k], b->limb[k], lanes_set(factor));
    }
}

LANES_FUNCTION void field_carry_step(lanes *r, int from)
{
    const uint32_t width = FIELD_WIDTH(from);
    lanes carry = lanes_right(r[from], width);
    r[from] = lanes_and(r[from], lanes_set(((uint64_t)1 << width) - 1));
    r[(from + 1) % 10] = from == 9 ? field_add_19(r[0], carry) : lanes_add(r[(from + 1) % 10], carry);
}

/* Columns below 2^63, in two chains side by side, from 0 to 4 and from 4 to 0. The last carries are below 2^17. */
LANES_FUNCTION void field_reduce(field *out, lanes *r)
{
    field_carry_step(r, 0), field_carry_step(r, 4);
    field_carry_step(r, 1), field_carry_step(r, 5);
    field_carry_step(r, 2), field_carry_step(r, 6);
    field_carry_step(r, 3), field_carry_step(r, 7);
    field_carry_step(r, 4), field_carry_step(r, 8);
    field_carry_step(r, 9), field_carry_step(r, 0);
    FIELD_UNROLL
    for (int k = 0; k < FIELD_LIMBS; k++) out->limb[k] = r[k];
}

#endif
