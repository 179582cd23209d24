/* Points of the twisted Edwards curve -x^2 + y^2 = 1 + d x^2 y^2 in lanes, as representatives of ristretto255's elements (RFC 9496). Included by a
 * curve kernel after src/crypto/field_body.h.
 *
 * Coordinates are extended: x = X/Z, y = Y/Z, xy = T/Z. The formulas of H. Hisil, K. Wong, G. Carter, E. Dawson, "Twisted Edwards curves
 * revisited", 2008, hold for all points of the curve. */
#ifndef CRYPTO_POINT_BODY_H
#define CRYPTO_POINT_BODY_H

#include "src/crypto/curve.h"

#include <sodium.h>

typedef struct {
    field x, y, z, t;
} point;

/* A point as the second operand of an addition: y + x, y - x, 2z, 2dt. */
enum { ADDEND_PLUS, ADDEND_MINUS, ADDEND_TWICE_Z, ADDEND_TWICE_DT, ADDEND_PARTS };
typedef struct {
    field part[ADDEND_PARTS];
} addend;

/* The values of which products are a doubled point: X = ef, Y = gh, Z = fg, T = eh. */
typedef struct {
    field e, f, g, h;
} doubled;

static const uint64_t POINT_D[FIELD_WORDS] = {0x75eb4dca135978a3, 0x00700a4d4141d8ab, 0x8cc740797779e898, 0x52036cee2b6ffe73};
static const uint64_t POINT_TWICE_D[FIELD_WORDS] = {0xebd69b9426b2f159, 0x00e0149a8283b156, 0x198e80f2eef3d130, 0x2406d9dc56dffce7};
/* 1/sqrt(-1 - d) and sqrt(-d - 1), the roots that RFC 9496, 4.1 chooses; 1 - d^2 and (d - 1)^2. */
static const uint64_t POINT_INVERSE_ROOT[FIELD_WORDS] = {0x99c8fdaa805d40ea, 0x9d2f16175a4172be, 0x16c27b91fe01d840, 0x786c8905cfaffca2};
static const uint64_t POINT_ROOT[FIELD_WORDS] = {0x7e97f6a0497b2e1b, 0xaf9d8e0c1b7854bd, 0x0f3cfcc931f5d1fd, 0x376931bf2b8348ac};
static const uint64_t POINT_ONE_LESS[FIELD_WORDS] = {0xe27c09c1945fc176, 0x2c81a138cd5e350f, 0x9994abddbe70dfe4, 0x029072a8b2b3e0d7};
static const uint64_t POINT_D_LESS[FIELD_WORDS] = {0x31ad5aaa44ed4d20, 0xd29e4a2cb01e1999, 0x4cdcd32f529b4eeb, 0x5968b37af66c2241};

/* ---- addition ---- */

FIELD_FUNCTION void point_double_parts(doubled *out, const point *p)
{
    field xx, yy, sum;
    field_square(&xx, &p->x);
    field_square(&yy, &p->y);
    field_add(&out->h, &xx, &yy);
    field_subtract(&out->g, &yy, &xx);
    field_add(&sum, &p->x, &p->y);
    field_square_subtract(&out->e, &sum, &out->h);
    field_twice_square_subtract(&out->f, &p->z, &out->g);
}

/* Without T when what follows is another doubling. */
FIELD_FUNCTION void point_double(point *p, bool with_t)
{
    doubled parts;
    point_double_parts(&parts, p);
    field_multiply(&p->x, &parts.e, &parts.f);
    field_multiply(&p->y, &parts.g, &parts.h);
    field_multiply(&p->z, &parts.f, &parts.g);
    if (with_t) field_multiply(&p->t, &parts.e, &parts.h);
}

FIELD_FUNCTION void point_add(point *out, const point *p, const addend *q, bool with_t)
{
    field a, b, c, d, e, f, g, h;
    field_subtract(&e, &p->y, &p->x);
    field_add(&f, &p->y, &p->x);
    field_multiply(&a, &e, &q->part[ADDEND_MINUS]);
    field_multiply(&b, &f, &q->part[ADDEND_PLUS]);
    field_multiply(&c, &p->t, &q->part[ADDEND_TWICE_DT]);
    field_multiply(&d, &p->z, &q->part[ADDEND_TWICE_Z]);
    field_subtract(&e, &b, &a);
    field_subtract(&f, &d, &c);
    field_add(&g, &d, &c);
    field_add(&h, &b, &a);
    field_multiply(&out->x, &e, &f);
    field_multiply(&out->y, &g, &h);
    field_multiply(&out->z, &f, &g);
    if (with_t) field_multiply(&out->t, &e, &h);
}

FIELD_INLINE void point_to_addend(addend *out, const point *p)
{
    field twice_d;
    field_from_constant(&twice_d, POINT_TWICE_D);
    field_add(&out->part[ADDEND_PLUS], &p->y, &p->x);
    field_subtract(&out->part[ADDEND_MINUS], &p->y, &p->x);
    field_add(&out->part[ADDEND_TWICE_Z], &p->z, &p->z);
    field_multiply(&out->part[ADDEND_TWICE_DT], &p->t, &twice_d);
}

/* ---- multiplication by one scalar ---- */

enum { POINT_DIGITS = 64, POINT_MULTIPLES = 9 };

/* Digits from -8 to 8 of a scalar below 2^253: scalar = sum of digits[i] * 16^i. */
FIELD_INLINE void point_digits(int8_t *digits, const uint8_t *scalar)
{
    int carry = 0;
    for (int i = 0; i < POINT_DIGITS; i++) {
        int digit = ((scalar[i / 2] >> (i % 2 * 4)) & 15) + carry;
        carry = (digit + 8) >> 4;
        digits[i] = (int8_t)(digit - 16 * carry);
    }
}

/* The digit's multiple: the whole table is read. */
FIELD_FUNCTION void point_look_up(addend *out, const addend *multiples, int8_t digit)
{
    const uint64_t negative = 0 - (uint64_t)((uint8_t)digit >> 7);
    const uint64_t size = ((uint64_t)(int64_t)digit ^ negative) - negative;
    lanes mask[POINT_MULTIPLES];
    field other;
    for (uint64_t i = 0; i < POINT_MULTIPLES; i++) mask[i] = lanes_set(0 - (((size ^ i) - 1) >> 63));
    for (int part = 0; part < ADDEND_PARTS; part++) {
        field sum = {{lanes_set(0)}};
        for (int i = 0; i < POINT_MULTIPLES; i++) {
            FIELD_UNROLL
            for (int k = 0; k < FIELD_LIMBS; k++) sum.limb[k] = lanes_or_where(sum.limb[k], mask[i], multiples[i].part[part].limb[k]);
        }
        out->part[part] = sum;
    }
    field_negate_where(&out->part[ADDEND_TWICE_DT], lanes_set(negative));
    other = out->part[ADDEND_PLUS];
    field_select(&out->part[ADDEND_PLUS], lanes_set(negative), &out->part[ADDEND_MINUS], &out->part[ADDEND_PLUS]);
    field_select(&out->part[ADDEND_MINUS], lanes_set(negative), &other, &out->part[ADDEND_MINUS]);
}

/* p * the scalar of these digits, without T. */
FIELD_FUNCTION void point_multiply(point *p, const int8_t *digits, addend *multiples)
{
    addend chosen;
    point sum;
    field_set(&sum.x, 0), field_set(&sum.y, 1), field_set(&sum.z, 1), field_set(&sum.t, 0);
    point_to_addend(&multiples[0], &sum);
    point_to_addend(&multiples[1], p);
    for (int i = 2; i < POINT_MULTIPLES; i++) {
        point_add(&sum, p, &multiples[i - 1], true);
        point_to_addend(&multiples[i], &sum);
    }
    field_set(&sum.x, 0), field_set(&sum.y, 1), field_set(&sum.z, 1), field_set(&sum.t, 0);
    for (int i = POINT_DIGITS - 1; i >= 0; i--) {
        for (int k = 0; k < 4 && i != POINT_DIGITS - 1; k++) point_double(&sum, k == 3);
        point_look_up(&chosen, multiples, digits[i]);
        point_add(&sum, &sum, &chosen, false);
    }
    *p = sum;
}

/* ---- encodings; two points at a time, for the roots ---- */

/* RFC 9496, 4.3.1. The mask says what is no canonical encoding. words: two times FIELD_WORDS. */
FIELD_FUNCTION void point_decode(point *p, lanes *refused, const lanes *words)
{
    field s[2], one[2], u1[2], u2[2], v[2], product[2], root[2], d, dx, dy;
    lanes canonical[FIELD_WORDS], was_square[2];
    field_from_constant(&d, POINT_D);
    for (int i = 0; i < 2; i++) {
        field_from_words(&s[i], words + i * FIELD_WORDS);
        field_to_words(canonical, &s[i]);
        refused[i] = lanes_or(field_not(field_words_equal(canonical, words + i * FIELD_WORDS)), field_is_negative(&s[i]));
        field_square(&v[i], &s[i]);
        field_set(&one[i], 1);
        field_subtract(&u1[i], &one[i], &v[i]);
        field_add(&u2[i], &one[i], &v[i]);
        field_square(&v[i], &u1[i]);
        field_multiply(&v[i], &v[i], &d);
        field_square(&dy, &u2[i]);
        field_add(&v[i], &v[i], &dy);
        field_negate(&v[i], &v[i]);
        field_multiply(&product[i], &v[i], &dy);
    }
    field_root_of_ratio(root, was_square, one, product);
    for (int i = 0; i < 2; i++) {
        field_multiply(&dx, &root[i], &u2[i]);
        field_multiply(&dy, &root[i], &dx);
        field_multiply(&dy, &dy, &v[i]);
        field_multiply(&p[i].x, &s[i], &dx);
        field_add(&p[i].x, &p[i].x, &p[i].x);
        field_carry(&p[i].x);
        field_absolute(&p[i].x);
        field_multiply(&p[i].y, &u1[i], &dy);
        field_set(&p[i].z, 1);
        field_multiply(&p[i].t, &p[i].x, &p[i].y);
        refused[i] = lanes_or(refused[i], lanes_or(field_not(was_square[i]), field_is_negative(&p[i].t)));
        refused[i] = lanes_or(refused[i], field_is_zero(&p[i].y));
    }
}

/* RFC 9496, 4.3.2. */
FIELD_FUNCTION void point_encode(lanes *words, const point *p)
{
    field one[2], u1[2], u2[2], product[2], root[2], sum, imaginary, inverse_root, first, second, z_inverse, x, y;
    lanes was_square[2];
    field_from_constant(&imaginary, FIELD_ROOT_OF_MINUS_ONE);
    field_from_constant(&inverse_root, POINT_INVERSE_ROOT);
    for (int i = 0; i < 2; i++) {
        field_add(&sum, &p[i].z, &p[i].y);
        field_subtract(&x, &p[i].z, &p[i].y);
        field_multiply(&u1[i], &sum, &x);
        field_multiply(&u2[i], &p[i].x, &p[i].y);
        field_square(&product[i], &u2[i]);
        field_multiply(&product[i], &product[i], &u1[i]);
        field_set(&one[i], 1);
    }
    field_root_of_ratio(root, was_square, one, product);
    for (int i = 0; i < 2; i++) {
        field_multiply(&first, &root[i], &u1[i]);
        field_multiply(&second, &root[i], &u2[i]);
        field_multiply(&z_inverse, &first, &second);
        field_multiply(&z_inverse, &z_inverse, &p[i].t);
        field_multiply(&x, &p[i].t, &z_inverse);
        lanes rotate = field_is_negative(&x);
        field_multiply(&x, &p[i].y, &imaginary);
        field_select(&x, rotate, &x, &p[i].x);
        field_multiply(&y, &p[i].x, &imaginary);
        field_select(&y, rotate, &y, &p[i].y);
        field_multiply(&first, &first, &inverse_root);
        field_select(&second, rotate, &first, &second);
        field_multiply(&x, &x, &z_inverse);
        field_negate_where(&y, field_is_negative(&x));
        field_subtract(&x, &p[i].z, &y);
        field_multiply(&x, &x, &second);
        field_absolute(&x);
        field_to_words(words + i * FIELD_WORDS, &x);
    }
}

/* The encoding of the doubled point, from 1/(efgh) instead of a root: the inverses of many are one inversion. As double_and_compress_batch of
 * curve25519-dalek does. */
FIELD_FUNCTION void point_encode_doubled(lanes *words, const doubled *p, const field *inverse)
{
    field eh, z_inverse, t_inverse, e, f, h, magic, other;
    field_multiply(&eh, &p->e, &p->h);
    field_multiply(&t_inverse, &p->f, &p->g);
    field_multiply(&t_inverse, &t_inverse, inverse);
    field_multiply(&z_inverse, &eh, inverse);
    field_multiply(&other, &eh, &z_inverse);
    lanes rotate = field_is_negative(&other);
    h = p->h;
    field_carry(&h);
    field_select(&e, rotate, &h, &p->e);
    field_negate(&other, &p->e);
    field_select(&h, rotate, &other, &h);
    field_from_constant(&magic, FIELD_ROOT_OF_MINUS_ONE);
    field_multiply(&other, &p->g, &magic);
    field_select(&f, rotate, &other, &p->f);
    field_from_constant(&other, POINT_INVERSE_ROOT);
    field_select(&magic, rotate, &magic, &other);
    field_multiply(&other, &f, &e);
    field_multiply(&other, &other, &z_inverse);
    field_negate_where(&h, field_is_negative(&other));
    field_multiply(&other, &h, &t_inverse);
    field_multiply(&other, &other, &magic);
    field_subtract(&f, &f, &h);
    field_multiply(&other, &other, &f);
    field_absolute(&other);
    field_to_words(words, &other);
}

/* RFC 9496, 4.3.4: the map of two numbers to points. */
FIELD_FUNCTION void point_map(point *p, const field *t)
{
    field r[2], u[2], v[2], root[2], one, d, imaginary, c, n, w0, w1, w2, w3;
    lanes was_square[2];
    field_set(&one, 1);
    field_from_constant(&d, POINT_D);
    for (int i = 0; i < 2; i++) {
        field_from_constant(&imaginary, FIELD_ROOT_OF_MINUS_ONE);
        field_square(&r[i], &t[i]);
        field_multiply(&r[i], &r[i], &imaginary);
        field_from_constant(&c, POINT_ONE_LESS);
        field_add(&u[i], &r[i], &one);
        field_multiply(&u[i], &u[i], &c);
        field_multiply(&c, &r[i], &d);
        field_add(&c, &c, &one);
        field_negate(&c, &c);
        field_add(&n, &r[i], &d);
        field_multiply(&v[i], &c, &n);
    }
    field_root_of_ratio(root, was_square, u, v);
    for (int i = 0; i < 2; i++) {
        field_multiply(&w0, &root[i], &t[i]);
        field_absolute(&w0);
        field_negate(&w0, &w0);
        field_select(&root[i], was_square[i], &root[i], &w0);
        field_negate(&c, &one);
        field_select(&c, was_square[i], &c, &r[i]);
        field_subtract(&w0, &r[i], &one);
        field_multiply(&n, &c, &w0);
        field_from_constant(&c, POINT_D_LESS);
        field_multiply(&n, &n, &c);
        field_subtract(&n, &n, &v[i]);
        field_add(&w0, &root[i], &root[i]);
        field_multiply(&w0, &w0, &v[i]);
        field_from_constant(&c, POINT_ROOT);
        field_multiply(&w1, &n, &c);
        field_square(&c, &root[i]);
        field_subtract(&w2, &one, &c);
        field_add(&w3, &one, &c);
        field_multiply(&p[i].x, &w0, &w3);
        field_multiply(&p[i].y, &w2, &w1);
        field_multiply(&p[i].z, &w1, &w3);
        field_multiply(&p[i].t, &w0, &w2);
    }
}

#endif
