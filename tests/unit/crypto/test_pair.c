/* Pair arithmetic modulo n^2 against GMP's own integers: all pairs for tiny n, edge values and random ones for long n. */
#include "tests/support/unit.h"

#include "tests/support/crypto.h"

enum { MOST = 24, PAIR = 2 * MOST, ITCH = 80 * MOST };

static struct random_stream stream;
static struct test_allocator counted;
static fate_context *context;

static int setup(void **state)
{
    (void)state;
    uint8_t seed[RANDOM_KEY];
    random_stream_init(&stream, crypto_seed(seed, 8), 0);
    context = crypto_context(&counted, -1, 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fate_context_free(context);
    return atomic_load(&counted.live) == 0 ? 0 : -1;
}

/* A ring, and what is needed to say in GMP's integers what a pair stands for. */
struct fixture {
    struct pair_ring ring;
    mpz_t n, square, inverse; /* R^-1 mod n^2 */
    mp_limb_t scratch[ITCH];
};

static void fixture_make(struct fixture *fixture, const mp_limb_t *modulus, mp_size_t size)
{
    assert_int_equal(pair_init(&fixture->ring, context, modulus, size), FATE_OK);
    assert_true(pair_power_itch(&fixture->ring) <= ITCH && pair_invert_itch(&fixture->ring) <= ITCH);
    mpz_inits(fixture->n, fixture->square, fixture->inverse, NULL);
    crypto_to_mpz(fixture->n, modulus, size);
    mpz_mul(fixture->square, fixture->n, fixture->n);
    mpz_set_ui(fixture->inverse, 1);
    mpz_mul_2exp(fixture->inverse, fixture->inverse, 64 * (mp_bitcnt_t)size);
    mpz_invert(fixture->inverse, fixture->inverse, fixture->square);
}

static void fixture_free(struct fixture *fixture)
{
    pair_free(&fixture->ring, context);
    mpz_clears(fixture->n, fixture->square, fixture->inverse, NULL);
}

/* The smallest and largest moduli of a size, one of few bits above a limb, then random ones. */
static void make(struct fixture *fixture, mp_size_t size, int kind)
{
    mp_limb_t modulus[MOST];
    mpn_zero(modulus, size);
    if (kind == 0)
        modulus[size - 1] = 1;
    else if (kind == 1)
        mpn_com(modulus, modulus, size);
    else
        limbs_random(modulus, size, 64 * (uint64_t)size - 13 * (uint64_t)(kind == 3), &stream);
    modulus[size - 1] |= kind == 0 ? 0 : 2;
    modulus[0] |= 1;
    if (size == 1 && kind == 0) modulus[0] = 3;
    fixture_make(fixture, modulus, size);
}

/* The number that a pair stands for; checks that the pair is canonical. */
static void value_of(mpz_t value, const struct fixture *fixture, const mp_limb_t *pair)
{
    const struct montgomery *modulus = &fixture->ring.modulus;
    mpz_t high;
    mpz_init(high);
    assert_true(limbs_less(pair, modulus->modulus, modulus->size));
    assert_true(limbs_less(pair + modulus->size, modulus->modulus, modulus->size));
    crypto_to_mpz(value, pair, modulus->size);
    crypto_to_mpz(high, pair + modulus->size, modulus->size);
    mpz_addmul(value, high, fixture->n);
    mpz_mul(value, value, fixture->inverse);
    mpz_mod(value, value, fixture->square);
    mpz_clear(high);
}

static void expect(const struct fixture *fixture, const mp_limb_t *pair, const mpz_t wanted)
{
    mpz_t value;
    mpz_init(value);
    value_of(value, fixture, pair);
    assert_int_equal(mpz_cmp(value, wanted), 0);
    mpz_clear(value);
}

/* Pairs of halves from 0, 1, n-1, n-2, then random ones. */
static void make_pair(const struct fixture *fixture, mp_limb_t *pair, int kind)
{
    const struct montgomery *modulus = &fixture->ring.modulus;
    mp_size_t size = modulus->size;
    for (int half = 0; half < 2; half++, kind /= 5) {
        mp_limb_t *limbs = pair + half * size, small[MOST] = {(mp_limb_t)(kind % 5 - 1)};
        mpn_zero(limbs, size);
        if (kind % 5 == 1)
            limbs[0] = 1;
        else if (kind % 5 == 2 || kind % 5 == 3)
            mpn_sub_n(limbs, modulus->modulus, small, size);
        else if (kind % 5 == 4)
            do limbs_random(limbs, size, limbs_bits(modulus->modulus, size), &stream);
            while (!limbs_less(limbs, modulus->modulus, size));
    }
}

static void check_product(struct fixture *fixture, const mp_limb_t *left, const mp_limb_t *right)
{
    const struct pair_ring *ring = &fixture->ring;
    mp_limb_t out[PAIR], again[PAIR];
    mpz_t a, b;
    mpz_inits(a, b, NULL);
    value_of(a, fixture, left);
    value_of(b, fixture, right);
    mpz_mul(a, a, b);
    mpz_mod(a, a, fixture->square);
    pair_multiply(ring, out, left, right, fixture->scratch);
    expect(fixture, out, a);
    pair_multiply_public(ring, again, left, right, fixture->scratch);
    assert_int_equal(mpn_cmp(out, again, ring->size), 0);
    mpn_copyi(again, left, ring->size);
    pair_multiply(ring, again, again, right, fixture->scratch);
    assert_int_equal(mpn_cmp(out, again, ring->size), 0);
    mpn_copyi(again, right, ring->size);
    pair_multiply_public(ring, again, left, again, fixture->scratch);
    assert_int_equal(mpn_cmp(out, again, ring->size), 0);
    if (limbs_is_zero(right + ring->modulus.size, ring->modulus.size)) {
        pair_multiply_number(ring, again, left, right, fixture->scratch);
        assert_int_equal(mpn_cmp(out, again, ring->size), 0);
    }
    if (left == right) {
        pair_square(ring, again, left, fixture->scratch);
        assert_int_equal(mpn_cmp(out, again, ring->size), 0);
        pair_square_public(ring, again, left, fixture->scratch);
        assert_int_equal(mpn_cmp(out, again, ring->size), 0);
    }
    mpz_clears(a, b, NULL);
}

static void all_products_of_tiny_rings(void **state)
{
    (void)state;
    for (mp_limb_t n = 3; n <= 15; n += 2) {
        struct fixture fixture;
        fixture_make(&fixture, &n, 1);
        for (mp_limb_t i = 0; i < n * n; i++)
            for (mp_limb_t j = 0; j < n * n; j++) {
                const mp_limb_t left[2] = {i % n, i / n}, right[2] = {j % n, j / n};
                check_product(&fixture, left, i == j ? left : right);
            }
        fixture_free(&fixture);
    }
}

static void products_agree(void **state)
{
    (void)state;
    static const mp_size_t sizes[] = {1, 2, 3, 4, 8, 16, 24};
    enum { KINDS = 25 };
    static mp_limb_t pairs[KINDS][PAIR];
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int kind = 0; kind < 5; kind++) {
            struct fixture fixture;
            make(&fixture, sizes[i], kind);
            for (int j = 0; j < KINDS; j++) make_pair(&fixture, pairs[j], j);
            for (int j = 0; j < KINDS; j++)
                for (int k = 0; k < KINDS; k++) check_product(&fixture, pairs[j], pairs[k]);
            fixture_free(&fixture);
        }
}

/* Plain numbers 0, 1, n^2-1, n, n-1, then random ones. */
static void make_number(const struct fixture *fixture, mpz_t number, int kind)
{
    mp_limb_t limbs[PAIR];
    mpz_set_ui(number, kind == 1);
    if (kind == 2)
        mpz_sub_ui(number, fixture->square, 1);
    else if (kind == 3)
        mpz_set(number, fixture->n);
    else if (kind == 4)
        mpz_sub_ui(number, fixture->n, 1);
    if (kind <= 4) return;
    limbs_random(limbs, fixture->ring.size, 64 * (uint64_t)fixture->ring.size, &stream);
    crypto_to_mpz(number, limbs, fixture->ring.size);
    mpz_mod(number, number, fixture->square);
}

static void check_number(struct fixture *fixture, const mpz_t number)
{
    const struct pair_ring *ring = &fixture->ring;
    mp_limb_t limbs[PAIR], pair[PAIR], plain[PAIR];
    mpz_t low, high;
    mpz_inits(low, high, NULL);
    crypto_from_mpz(limbs, ring->size, number);
    pair_enter(ring, pair, limbs, fixture->scratch);
    expect(fixture, pair, number);
    pair_plain(ring, plain, pair, fixture->scratch);
    crypto_to_mpz(low, plain, ring->modulus.size);
    crypto_to_mpz(high, plain + ring->modulus.size, ring->modulus.size);
    assert_true(mpz_cmp(low, fixture->n) < 0);
    mpz_addmul(low, high, fixture->n);
    assert_int_equal(mpz_cmp(low, number), 0);
    pair_leave(ring, pair, pair, fixture->scratch);
    assert_int_equal(mpn_cmp(pair, limbs, ring->size), 0);
    mpz_clears(low, high, NULL);
}

static void numbers_enter_and_leave(void **state)
{
    (void)state;
    for (mp_size_t size = 1; size <= 12; size++)
        for (int kind = 0; kind < 5; kind++) {
            struct fixture fixture;
            mpz_t number;
            mpz_init(number);
            make(&fixture, size, kind);
            for (int i = 0; i < 30; i++) {
                make_number(&fixture, number, i);
                check_number(&fixture, number);
            }
            mpz_set_ui(number, 1);
            expect(&fixture, fixture.ring.one, number);
            mpz_clear(number);
            fixture_free(&fixture);
        }
}

static void shifts_powers_and_inverses_agree(void **state)
{
    (void)state;
    mpz_t a, b;
    mpz_inits(a, b, NULL);
    for (mp_size_t size = 1; size <= 6; size++)
        for (int kind = 0; kind < 100; kind++) {
            struct fixture fixture;
            mp_limb_t pair[PAIR], out[PAIR], factor[PAIR], exponent[4];
            make(&fixture, size, kind % 5);
            make_pair(&fixture, pair, kind % 25);
            make_pair(&fixture, factor, kind / 4);
            pair_shift(&fixture.ring, out, pair, factor, fixture.scratch);
            crypto_to_mpz(a, factor, size);
            mpz_mul(a, a, fixture.n);
            mpz_add_ui(a, a, 1);
            value_of(b, &fixture, pair);
            mpz_mul(a, a, b);
            mpz_mod(a, a, fixture.square);
            expect(&fixture, out, a);
            uint64_t bits = 1 + random_stream_below(&stream, 256);
            limbs_random(exponent, 4, bits, &stream);
            pair_power(&fixture.ring, out, pair, exponent, bits, fixture.scratch);
            crypto_to_mpz(a, exponent, 4);
            mpz_powm(a, b, a, fixture.square);
            expect(&fixture, out, a);
            int exists = mpz_invert(a, b, fixture.square);
            assert_int_equal(pair_invert(&fixture.ring, out, pair, fixture.scratch), exists != 0);
            if (exists) expect(&fixture, out, a);
            assert_int_equal(pair_invert_public(&fixture.ring, out, pair, fixture.scratch), exists != 0);
            if (exists) expect(&fixture, out, a);
            fixture_free(&fixture);
        }
    mpz_clears(a, b, NULL);
}

static void failed_allocations_leave_nothing(void **state)
{
    (void)state;
    mp_limb_t modulus[2] = {9, 5};
    for (long long fail = 0; fail < 5; fail++) {
        struct test_allocator own;
        fate_context *failing = crypto_context(&own, fail, 1);
        struct pair_ring ring = {0};
        assert_int_equal(pair_init(&ring, failing, modulus, 2), fail < 4 ? FATE_E_MEMORY : FATE_OK);
        pair_free(&ring, failing);
        fate_context_free(failing);
        assert_int_equal(atomic_load(&own.live), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_products_of_tiny_rings),       cmocka_unit_test(products_agree),
        cmocka_unit_test(numbers_enter_and_leave),          cmocka_unit_test(shifts_powers_and_inverses_agree),
        cmocka_unit_test(failed_allocations_leave_nothing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
