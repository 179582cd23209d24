/* The curve kernels' one source: batches of items, two vectors of them at a time. Included by curve_plain.c, curve_plain_ten.c, curve_avx2.c and
 * curve_ifma.c after the lanes and the limbs of their numbers. */
#include "src/crypto/field_body.h"
#include "src/crypto/point_body.h"

#include "lib/bytes.h"
#include <sodium.h>

enum { CURVE_VECTORS = CURVE_BATCH / LANES, CURVE_PAIR = 2 * LANES };

/* Everything that is kept of a batch: wiped with the scratch memory that it lies in. */
struct workspace {
    addend multiples[POINT_MULTIPLES];
    point pair[4];
    doubled products[CURVE_VECTORS];
    field x[CURVE_VECTORS], values[CURVE_VECTORS], partial[CURVE_VECTORS];
    lanes refused[CURVE_VECTORS];
    int8_t digits[POINT_DIGITS];
    uint8_t scalar[CURVE_BYTES];
};

FIELD_INLINE struct workspace *workspace_in(const struct curve_batch *batch)
{
    char *scratch = (char *)batch->scratch;
    return (struct workspace *)(void *)(scratch + (64 - (uintptr_t)scratch % 64) % 64);
}

/* ---- items in and out ---- */

/* The words of LANES items from first on; beyond the last item, its own once more. */
FIELD_INLINE void load_items(lanes *words, const struct curve_batch *batch, uint32_t first, uint32_t bytes, uint32_t offset)
{
    uint64_t rows[FIELD_WORDS][LANES];
    for (uint32_t lane = 0; lane < LANES; lane++) {
        uint64_t item = first + lane < batch->count ? first + lane : batch->count - 1;
        for (uint32_t w = 0; w < FIELD_WORDS; w++) rows[w][lane] = bytes_load_u64(batch->in + item * bytes + offset + w * 8);
    }
    for (uint32_t w = 0; w < FIELD_WORDS; w++) words[w] = lanes_load(rows[w]);
}

/* Zero where refused. */
FIELD_INLINE void store_items(const struct curve_batch *batch, uint32_t first, const lanes *words, lanes refused)
{
    uint64_t rows[FIELD_WORDS][LANES];
    for (uint32_t w = 0; w < FIELD_WORDS; w++) lanes_store(rows[w], lanes_and(words[w], field_not(refused)));
    for (uint32_t lane = 0; lane < LANES && first + lane < batch->count; lane++)
        for (uint32_t w = 0; w < FIELD_WORDS; w++)
            bytes_store_u64(batch->out + (uint64_t)(first + lane) * CURVE_BYTES + w * 8, rows[w][lane]);
}

/* Vectors that a batch takes: an even number. */
FIELD_INLINE uint32_t vectors_of(const struct curve_batch *batch)
{
    return (batch->count + CURVE_PAIR - 1) / CURVE_PAIR * 2;
}

/* ---- many inverses by one inversion: P. Montgomery, 1987 ---- */

/* values[i] = 1/values[i]; where one is zero it is taken as one, and refused. */
FIELD_FUNCTION void invert_values(struct workspace *space, uint32_t vectors)
{
    field one, inverse[2], next;
    field_set(&one, 1);
    for (uint32_t i = 0; i < vectors; i++) {
        lanes zero = field_is_zero(&space->values[i]);
        space->refused[i] = lanes_or(space->refused[i], zero);
        field_select(&space->values[i], zero, &one, &space->values[i]);
        space->partial[i] = space->values[i];
        if (i >= 2) field_multiply(&space->partial[i], &space->partial[i - 2], &space->values[i]);
    }
    field_invert(inverse, &space->partial[vectors - 2]);
    for (uint32_t i = vectors; i-- > 0;) {
        next = inverse[i % 2];
        if (i >= 2) {
            field_multiply(&next, &inverse[i % 2], &space->partial[i - 2]);
            field_multiply(&inverse[i % 2], &inverse[i % 2], &space->values[i]);
        }
        space->values[i] = next;
    }
}

/* ---- ristretto255 ---- */

/* Encodings of points are cheap when these are doubles (point_encode_doubled): so multiply by half of the scalar modulo the group's order. */
FIELD_FUNCTION void halve_scalar(struct workspace *space, const uint8_t *scalar)
{
    static const uint8_t half[CURVE_BYTES] = {0xf7, 0xe9, 0x7a, 0x2e, 0x8d, 0x31, 0x09, 0x2c,       0x6b,
                                              0xce, 0x7b, 0x51, 0xef, 0x7c, 0x6f, 0x0a, [31] = 0x08};
    crypto_core_ristretto255_scalar_mul(space->scalar, scalar, half);
    point_digits(space->digits, space->scalar);
}

/* Two hashes of 64 bytes in each lane: the sum of two maps each. */
FIELD_INLINE void hash_pair(struct workspace *space, point *out, const struct curve_batch *batch, uint32_t first)
{
    for (uint32_t i = 0; i < 2; i++) {
        lanes words[FIELD_WORDS];
        field halves[2];
        addend other;
        for (uint32_t half = 0; half < 2; half++) {
            load_items(words, batch, first + i * LANES, 2 * CURVE_BYTES, half * CURVE_BYTES);
            field_from_words(&halves[half], words);
        }
        point_map(space->pair + 2, halves);
        point_to_addend(&other, space->pair + 3);
        point_add(&out[i], space->pair + 2, &other, true);
    }
}

FIELD_FUNCTION void ristretto_hash(const struct curve_batch *batch)
{
    struct workspace *space = workspace_in(batch);
    for (uint32_t first = 0; first < batch->count; first += CURVE_PAIR) {
        lanes words[2 * FIELD_WORDS];
        hash_pair(space, space->pair, batch, first);
        point_encode(words, space->pair);
        for (uint32_t i = 0; i < 2; i++) store_items(batch, first + i * LANES, words + i * FIELD_WORDS, lanes_set(0));
    }
}

FIELD_INLINE void decode_pair(struct workspace *space, lanes *refused, const struct curve_batch *batch, uint32_t first,
                              bool accepts_identity)
{
    lanes words[2 * FIELD_WORDS], zero[FIELD_WORDS];
    for (uint32_t w = 0; w < FIELD_WORDS; w++) zero[w] = lanes_set(0);
    for (uint32_t i = 0; i < 2; i++) load_items(words + i * FIELD_WORDS, batch, first + i * LANES, CURVE_BYTES, 0);
    point_decode(space->pair, refused, words);
    for (uint32_t i = 0; i < 2 && !accepts_identity; i++)
        refused[i] = lanes_or(refused[i], field_words_equal(words + i * FIELD_WORDS, zero));
}

/* The points of a pair of vectors, times the scalar's half. */
FIELD_INLINE void multiply_pair(struct workspace *space, uint32_t vector)
{
    for (uint32_t i = 0; i < 2; i++) {
        doubled *products = &space->products[vector + i];
        field other;
        point_multiply(&space->pair[i], space->digits, space->multiples);
        point_double_parts(products, &space->pair[i]);
        field_multiply(&space->values[vector + i], &products->e, &products->f);
        field_multiply(&other, &products->g, &products->h);
        field_multiply(&space->values[vector + i], &space->values[vector + i], &other);
    }
}

FIELD_INLINE void encode_products(struct workspace *space, const struct curve_batch *batch)
{
    uint32_t vectors = vectors_of(batch);
    invert_values(space, vectors);
    for (uint32_t i = 0; i < vectors; i++) {
        lanes words[FIELD_WORDS];
        point_encode_doubled(words, &space->products[i], &space->values[i]);
        store_items(batch, i * LANES, words, space->refused[i]);
    }
}

FIELD_FUNCTION void ristretto_multiply(const struct curve_batch *batch)
{
    struct workspace *space = workspace_in(batch);
    halve_scalar(space, batch->scalar);
    for (uint32_t i = 0; i < vectors_of(batch); i += 2) {
        decode_pair(space, &space->refused[i], batch, i * LANES, false);
        multiply_pair(space, i);
    }
    encode_products(space, batch);
}

FIELD_FUNCTION void ristretto_hash_multiply(const struct curve_batch *batch)
{
    struct workspace *space = workspace_in(batch);
    halve_scalar(space, batch->scalar);
    for (uint32_t i = 0; i < vectors_of(batch); i += 2) {
        space->refused[i] = space->refused[i + 1] = lanes_set(0);
        hash_pair(space, space->pair, batch, i * LANES);
        multiply_pair(space, i);
    }
    encode_products(space, batch);
}

FIELD_FUNCTION void ristretto_check(const struct curve_batch *batch)
{
    struct workspace *space = workspace_in(batch);
    for (uint32_t first = 0; first < batch->count; first += CURVE_PAIR) {
        uint64_t row[CURVE_PAIR];
        decode_pair(space, space->refused, batch, first, batch->accepts_identity);
        for (uint32_t i = 0; i < 2; i++) lanes_store(row + i * LANES, space->refused[i]);
        for (uint32_t i = 0; i < CURVE_PAIR && first + i < batch->count; i++) batch->out[first + i] = (uint8_t)(1 ^ (row[i] & 1));
    }
}

/* ---- X25519 ---- */

/* One step of RFC 7748, 5: (x2, z2) doubled, (x3, z3) added to it, their difference being (x1, 1). */
FIELD_FUNCTION void ladder_step(const field *x1, field *x2, field *z2, field *x3, field *z3, lanes swap)
{
    field a, b, c, d, sum, difference, aa, bb, e;
    field_add(&a, x2, z2);
    field_subtract(&b, x2, z2);
    field_add(&c, x3, z3);
    field_subtract(&d, x3, z3);
    field_multiply(&sum, &d, &a);
    field_multiply(&difference, &c, &b);
    field_select(&aa, swap, &c, &a);
    field_select(&bb, swap, &d, &b);
    field_square(&aa, &aa);
    field_square(&bb, &bb);
    field_subtract(&e, &aa, &bb);
    field_add(&c, &sum, &difference);
    field_subtract(&d, &sum, &difference);
    field_square(x3, &c);
    field_square(&d, &d);
    field_multiply(z3, &d, x1);
    field_multiply(x2, &aa, &bb);
    field_multiply_small(&a, &aa, &e, 121665);
    field_multiply(z2, &a, &e);
}

FIELD_FUNCTION void ladder(field *x2, field *z2, const field *x1, const uint8_t *scalar)
{
    field x3 = *x1, z3;
    uint64_t before = 0;
    field_set(x2, 1), field_set(z2, 0), field_set(&z3, 1);
    for (int i = 254; i >= 0; i--) {
        uint64_t bit = (scalar[i / 8] >> (i % 8)) & 1;
        ladder_step(x1, x2, z2, &x3, &z3, lanes_set(0 - (bit ^ before)));
        before = bit;
    }
    field_select(x2, lanes_set(0 - before), &x3, x2);
    field_select(z2, lanes_set(0 - before), &z3, z2);
}

FIELD_FUNCTION void x25519_multiply(const struct curve_batch *batch)
{
    struct workspace *space = workspace_in(batch);
    uint32_t vectors = vectors_of(batch);
    lanes words[FIELD_WORDS];
    for (uint32_t i = 0; i < CURVE_BYTES; i++) space->scalar[i] = batch->scalar[i];
    space->scalar[0] &= 248;
    space->scalar[CURVE_BYTES - 1] = (uint8_t)((space->scalar[CURVE_BYTES - 1] & 127) | 64);
    for (uint32_t i = 0; i < vectors; i++) {
        field u;
        load_items(words, batch, i * LANES, CURVE_BYTES, 0);
        field_from_words(&u, words);
        space->refused[i] = lanes_set(0);
        ladder(&space->x[i], &space->values[i], &u, space->scalar);
    }
    invert_values(space, vectors);
    for (uint32_t i = 0; i < vectors; i++) {
        field_multiply(&space->x[i], &space->x[i], &space->values[i]);
        field_to_words(words, &space->x[i]);
        store_items(batch, i * LANES, words, space->refused[i]);
    }
}

#define CURVE_MEMBERS                                                                                                        \
    .itch = (sizeof(struct workspace) + 64) / 8, .ristretto_hash = ristretto_hash, .ristretto_multiply = ristretto_multiply, \
    .ristretto_hash_multiply = ristretto_hash_multiply, .ristretto_check = ristretto_check, .x25519_multiply = x25519_multiply
