/* Numbers in lanes against GMP's, limbs at the bounds that src/crypto/field_five.h and field_ten.h state among them, and the roots of RFC 9496, A.4.
 * Included by a test after its lanes, limbs and src/crypto/field_body.h. */
#ifndef TESTS_SUPPORT_FIELDS_H
#define TESTS_SUPPORT_FIELDS_H

#include "lib/bytes.h"
#include "lib/random.h"
#include <gmp.h>
#include <sodium.h>

enum { FIELD_ROUNDS = 200 };

static struct random_stream field_stream;
static mpz_t field_p;

/* Below this, limbs of tight numbers, and of factors. */
static uint64_t field_tight_bound(int limb)
{
    uint64_t more = FIELD_LIMBS == 5 ? (uint64_t)1 << 15 : (uint64_t)1 << 17;
    return ((uint64_t)1 << FIELD_WIDTH(limb)) + more;
}

static uint64_t field_factor_bound(int limb)
{
    return FIELD_LIMBS == 5 ? (uint64_t)1 << 52 : ((uint64_t)3 << FIELD_WIDTH(limb)) + ((uint64_t)1 << (19 - limb % 2));
}

/* Zeros, greatest limbs, and anything between. */
static LANES_TARGET void field_draw(field *a, uint64_t (*bound)(int limb))
{
    for (int k = 0; k < FIELD_LIMBS; k++) {
        uint64_t row[LANES];
        for (int lane = 0; lane < LANES; lane++) {
            uint64_t kind = random_stream_below(&field_stream, 4);
            row[lane] = kind == 0 ? 0 : kind == 1 ? random_stream_below(&field_stream, bound(k)) : bound(k) - 1;
        }
        a->limb[k] = lanes_load(row);
    }
}

static LANES_TARGET void field_to_mpz(mpz_t out, const field *a, int lane)
{
    mpz_t limb;
    mpz_init(limb);
    mpz_set_ui(out, 0);
    for (int k = 0; k < FIELD_LIMBS; k++) {
        uint64_t row[LANES];
        lanes_store(row, a->limb[k]);
        mpz_import(limb, 1, -1, sizeof row[lane], 0, 0, &row[lane]);
        mpz_mul_2exp(limb, limb, FIELD_BIT(k));
        mpz_add(out, out, limb);
    }
    mpz_clear(limb);
}

/* a has the expected value modulo p, canonical words, and limbs below the bounds. */
static LANES_TARGET void field_check(const field *a, int lane, mpz_t expected, uint64_t (*bound)(int limb))
{
    lanes words[FIELD_WORDS];
    mpz_t value;
    mpz_init(value);
    field_to_mpz(value, a, lane);
    mpz_mod(value, value, field_p);
    mpz_mod(expected, expected, field_p);
    assert_int_equal(mpz_cmp(value, expected), 0);
    field_to_words(words, a);
    for (int w = FIELD_WORDS - 1; w >= 0; w--) {
        uint64_t row[LANES];
        lanes_store(row, words[w]);
        mpz_fdiv_q_2exp(value, expected, (mp_bitcnt_t)w * 64);
        assert_true((mpz_size(value) == 0 ? 0 : mpz_getlimbn(value, 0)) == row[lane]);
    }
    for (int k = 0; k < FIELD_LIMBS; k++) {
        uint64_t row[LANES];
        lanes_store(row, a->limb[k]);
        assert_true(row[lane] < bound(k));
    }
    mpz_clear(value);
}

struct field_case {
    field a, b, tight, other, out[9];
};

static LANES_TARGET void field_compute(struct field_case *test, uint32_t factor)
{
    field_draw(&test->a, field_factor_bound);
    field_draw(&test->b, field_factor_bound);
    field_draw(&test->tight, field_tight_bound);
    field_draw(&test->other, field_tight_bound);
    field_multiply(&test->out[0], &test->a, &test->b);
    field_square(&test->out[1], &test->a);
    field_square_subtract(&test->out[2], &test->a, &test->b);
    field_twice_square_subtract(&test->out[3], &test->tight, &test->b);
    field_multiply_small(&test->out[4], &test->tight, &test->b, factor);
    field_subtract_tight(&test->out[5], &test->a, &test->b);
    field_negate(&test->out[6], &test->b);
    field_add(&test->out[7], &test->tight, &test->other);
    field_subtract(&test->out[8], &test->tight, &test->other);
}

static LANES_TARGET void field_compare(struct field_case *test, uint32_t factor, int lane)
{
    mpz_t a, b, tight, other, expected;
    mpz_inits(a, b, tight, other, expected, NULL);
    field_to_mpz(a, &test->a, lane);
    field_to_mpz(b, &test->b, lane);
    field_to_mpz(tight, &test->tight, lane);
    field_to_mpz(other, &test->other, lane);
    for (int i = 0; i < 9; i++) {
        if (i == 0) mpz_mul(expected, a, b);
        if (i == 1 || i == 2) mpz_mul(expected, a, a);
        if (i == 3) mpz_mul(expected, tight, tight), mpz_mul_2exp(expected, expected, 1);
        if (i == 4) mpz_set(expected, tight), mpz_addmul_ui(expected, b, factor);
        if (i == 5) mpz_set(expected, a);
        if (i == 6) mpz_set_ui(expected, 0);
        if (i == 7) mpz_add(expected, tight, other);
        if (i == 8) mpz_sub(expected, tight, other);
        if (i == 2 || i == 3 || i == 5 || i == 6) mpz_sub(expected, expected, b);
        field_check(&test->out[i], lane, expected, i < 7 ? field_tight_bound : field_factor_bound);
    }
    mpz_clears(a, b, tight, other, expected, NULL);
}

static LANES_TARGET void field_operations(void **state)
{
    (void)state;
    static struct field_case test;
    for (int round = 0; round < FIELD_ROUNDS; round++) {
        uint32_t factor = round % 2 ? 121665 : (1u << 17) - 1;
        field_compute(&test, factor);
        for (int lane = 0; lane < LANES; lane++) field_compare(&test, factor, lane);
    }
}

static LANES_TARGET void field_inverses(void **state)
{
    (void)state;
    field a[2], inverse[2];
    mpz_t value;
    mpz_init(value);
    field_draw(&a[0], field_tight_bound);
    field_set(&a[1], 0);
    field_invert(inverse, a);
    for (int lane = 0; lane < LANES; lane++) {
        field_to_mpz(value, &a[0], lane);
        if (mpz_invert(value, value, field_p) == 0) mpz_set_ui(value, 0);
        field_check(&inverse[0], lane, value, field_tight_bound);
        mpz_set_ui(value, 0);
        field_check(&inverse[1], lane, value, field_tight_bound);
    }
    mpz_clear(value);
}

static LANES_TARGET void field_read(field *a, const char *text)
{
    uint8_t bytes[32];
    uint64_t words[FIELD_WORDS];
    assert_int_equal(sodium_hex2bin(bytes, sizeof bytes, text, 2 * sizeof bytes, NULL, NULL, NULL), 0);
    for (int w = 0; w < FIELD_WORDS; w++) words[w] = bytes_load_u64(bytes + 8 * w);
    field_from_constant(a, words);
}

/* RFC 9496, A.4: u, v, whether u/v is a square, root. Two at a time: with the next one. */
static LANES_TARGET void field_roots(void **state)
{
    (void)state;
    static const struct {
        const char *u, *v, *root;
        bool square;
    } vectors[] = {{"0000000000000000000000000000000000000000000000000000000000000000",
                    "0000000000000000000000000000000000000000000000000000000000000000",
                    "0000000000000000000000000000000000000000000000000000000000000000", true},
                   {"0000000000000000000000000000000000000000000000000000000000000000",
                    "0100000000000000000000000000000000000000000000000000000000000000",
                    "0000000000000000000000000000000000000000000000000000000000000000", true},
                   {"0100000000000000000000000000000000000000000000000000000000000000",
                    "0000000000000000000000000000000000000000000000000000000000000000",
                    "0000000000000000000000000000000000000000000000000000000000000000", false},
                   {"0200000000000000000000000000000000000000000000000000000000000000",
                    "0100000000000000000000000000000000000000000000000000000000000000",
                    "3c5ff1b5d8e4113b871bd052f9e7bcd0582804c266ffb2d4f4203eb07fdb7c54", false},
                   {"0400000000000000000000000000000000000000000000000000000000000000",
                    "0100000000000000000000000000000000000000000000000000000000000000",
                    "0200000000000000000000000000000000000000000000000000000000000000", true},
                   {"0100000000000000000000000000000000000000000000000000000000000000",
                    "0400000000000000000000000000000000000000000000000000000000000000",
                    "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff3f", true}};
    for (int i = 0; i < 6; i++) {
        field u[2], v[2], root[2], expected;
        lanes was_square[2];
        for (int k = 0; k < 2; k++) {
            field_read(&u[k], vectors[(i + k) % 6].u);
            field_read(&v[k], vectors[(i + k) % 6].v);
        }
        field_root_of_ratio(root, was_square, u, v);
        for (int k = 0; k < 2; k++) {
            uint64_t equal[LANES], square[LANES];
            field_read(&expected, vectors[(i + k) % 6].root);
            lanes_store(equal, field_equal(&root[k], &expected));
            lanes_store(square, was_square[k]);
            for (int lane = 0; lane < LANES; lane++) {
                assert_true(equal[lane] == UINT64_MAX);
                assert_true(square[lane] == (vectors[(i + k) % 6].square ? UINT64_MAX : 0));
            }
        }
    }
}

/* available: whether this machine has the lanes. */
static int fields_test(bool available)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(field_operations), cmocka_unit_test(field_inverses), cmocka_unit_test(field_roots)};
    if (!available) return 0;
    random_stream_init(&field_stream, (const uint8_t[RANDOM_KEY]){9}, 0);
    mpz_init(field_p);
    mpz_setbit(field_p, 255);
    mpz_sub_ui(field_p, field_p, 19);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    mpz_clear(field_p);
    return failed;
}

#endif
