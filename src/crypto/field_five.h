/* Numbers modulo 2^255 - 19 in lanes: five limbs of 51 bits, multiplied by the operation that lanes_ifma.h and lanes_plain.h have. Included
 * by a curve kernel after its lanes and before src/crypto/field_body.h.
 *
 * A number is tight when its limbs are below 2^51 + 2^15: products and sums are. Factors need limbs below 2^52, of which the operation takes no
 * more bits. A product of limbs has a low half of 52 bits in its own column, and a high half that counts twice in the next one. */
#ifndef CRYPTO_FIELD_FIVE_H
#define CRYPTO_FIELD_FIVE_H

#include "src/crypto/unroll.h"

enum { FIELD_LIMBS = 5, FIELD_SUMS_CARRY = 1 };
#define FIELD_WIDTH(limb) (51u + 0 * (uint32_t)(limb))
#define FIELD_BIT(limb) (51u * (uint32_t)(limb))

typedef struct {
    lanes limb[FIELD_LIMBS];
} field;

/* a + 19*b, b below 2^47. */
LANES_FUNCTION lanes field_add_19(lanes a, lanes b)
{
    lanes none = lanes_set(0);
    lanes_multiply_add(&a, &none, b, lanes_set(19));
    return a;
}

LANES_FUNCTION lanes field_add_twice(lanes a, lanes b)
{
    return lanes_add(a, lanes_left(b, 1));
}

/* once + 2*twice + 19*above. */
LANES_FUNCTION lanes field_fold(lanes once, lanes twice, lanes above)
{
    return lanes_add(field_add_twice(lanes_add(once, above), lanes_add(twice, above)), lanes_left(above, 4));
}

#define FIELD_STEP(i, j) lanes_multiply_add(&low[(i) + (j)], &high[(i) + (j) + 1], a->limb[i], b->limb[j])
#define FIELD_ROW(j) FIELD_STEP(0, j), FIELD_STEP(1, j), FIELD_STEP(2, j), FIELD_STEP(3, j), FIELD_STEP(4, j)
/* A column and the one five above have at most five halves of each kind together: low + 2*high + 19*(low + 2*high) is below 267*2^52 < 2^61. */
#define FIELD_FOLD(k) r[k] = field_fold(low[k], high[k], field_add_twice(low[(k) + 5], high[(k) + 5]))

LANES_FUNCTION void field_multiply_columns(lanes *r, const field *a, const field *b)
{
    const lanes zero = lanes_set(0);
    lanes low[10] = {zero, zero, zero, zero, zero, zero, zero, zero, zero, zero}, high[10];
    FIELD_UNROLL
    for (int k = 0; k < 10; k++) high[k] = zero;
    FIELD_ROW(0), FIELD_ROW(1), FIELD_ROW(2), FIELD_ROW(3), FIELD_ROW(4);
    FIELD_FOLD(0), FIELD_FOLD(1), FIELD_FOLD(2), FIELD_FOLD(3);
    r[4] = field_fold(low[4], high[4], lanes_left(high[9], 1));
}

/* Products of different limbs count twice. What counts once, twice and four times: one, two, four. */
#define FIELD_CROSS(i, j) lanes_multiply_add(&two[(i) + (j)], &four[(i) + (j) + 1], a->limb[i], a->limb[j])
#define FIELD_SELF(i) lanes_multiply_add(&one[i], &two[2 * (i) + 1], a->limb[i], a->limb[i])
#define FIELD_HALF(k) field_add_twice(two[k], four[k])

LANES_FUNCTION void field_square_columns(lanes *r, const field *a)
{
    const lanes zero = lanes_set(0);
    lanes one[5] = {zero, zero, zero, zero, zero}, two[10], four[10];
    FIELD_UNROLL
    for (int k = 0; k < 10; k++) two[k] = four[k] = zero;
    FIELD_SELF(0), FIELD_SELF(1), FIELD_SELF(2), FIELD_SELF(3), FIELD_SELF(4);
    FIELD_CROSS(0, 1), FIELD_CROSS(0, 2), FIELD_CROSS(0, 3), FIELD_CROSS(0, 4), FIELD_CROSS(1, 2);
    FIELD_CROSS(1, 3), FIELD_CROSS(1, 4), FIELD_CROSS(2, 3), FIELD_CROSS(2, 4), FIELD_CROSS(3, 4);
    /* Squares of limbs are in even columns. r0 = one + 38*above; r2 and r4: one + 2*(here + 19*above). */
    r[0] = field_add_twice(one[0], field_fold(lanes_set(0), lanes_set(0), FIELD_HALF(5)));
    r[1] = field_fold(lanes_set(0), two[1], field_add_twice(one[3], FIELD_HALF(6)));
    r[2] = field_add_twice(one[1], field_fold(FIELD_HALF(2), lanes_set(0), FIELD_HALF(7)));
    r[3] = field_fold(lanes_set(0), FIELD_HALF(3), field_add_twice(one[4], FIELD_HALF(8)));
    r[4] = field_add_twice(one[2], field_fold(FIELD_HALF(4), lanes_set(0), two[9]));
}

/* a + b*factor, factor below 2^17: b's high halves are below 2^17. */
LANES_FUNCTION void field_small_columns(lanes *r, const field *a, const field *b, uint32_t factor)
{
    lanes high[FIELD_LIMBS];
    FIELD_UNROLL
    for (int k = 0; k < FIELD_LIMBS; k++) {
        r[k] = a->limb[k];
        high[k] = lanes_set(0);
        lanes_multiply_add(&r[k], &high[k], b->limb[k], lanes_set(factor));
    }
    FIELD_UNROLL
    for (int k = 0; k + 1 < FIELD_LIMBS; k++) r[k + 1] = lanes_add(r[k + 1], lanes_left(high[k], 1));
    r[0] = field_add_19(r[0], lanes_left(high[4], 1));
}

/* Columns below 2^61: carries are below 2^10, 19 times the last below 2^15. */
LANES_FUNCTION void field_reduce(field *out, lanes *r)
{
    const lanes mask = lanes_set(((uint64_t)1 << 51) - 1);
    lanes carry[FIELD_LIMBS];
    FIELD_UNROLL
    for (int k = 0; k < FIELD_LIMBS; k++) carry[k] = lanes_right(r[k], 51);
    out->limb[0] = field_add_19(lanes_and(r[0], mask), carry[4]);
    FIELD_UNROLL
    for (int k = 1; k < FIELD_LIMBS; k++) out->limb[k] = lanes_add(lanes_and(r[k], mask), carry[k - 1]);
}

#endif
