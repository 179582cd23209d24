/* Montgomery arithmetic against GMP's own integers, edge values first. */
#include "tests/support/unit.h"

#include "tests/support/crypto.h"

enum { MOST = 33, POWER_ITCH = 60 * MOST };

static struct random_stream stream;
static struct test_allocator counted;
static fate_context *context;

static int setup(void **state)
{
    (void)state;
    uint8_t seed[RANDOM_KEY];
    random_stream_init(&stream, crypto_seed(seed, 2), 0);
    context = crypto_context(&counted, -1, 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fate_context_free(context);
    return atomic_load(&counted.live) == 0 ? 0 : -1;
}

/* The smallest and largest odd moduli of a size, then random ones. */
static void make_modulus(struct montgomery *montgomery, mp_size_t size, int kind)
{
    mp_limb_t modulus[MOST];
    mpn_zero(modulus, size);
    if (kind == 0) {
        modulus[0] = 3;
        modulus[size - 1] |= 1;
    } else if (kind == 1) {
        mpn_com(modulus, modulus, size);
    } else {
        limbs_random(modulus, size, 64 * (uint64_t)size, &stream);
        modulus[size - 1] |= (mp_limb_t)1 << (random_stream_below(&stream, 62) + 1);
    }
    modulus[0] |= 1;
    assert_int_equal(montgomery_init(montgomery, context, modulus, size), FATE_OK);
    assert_true(montgomery_power_itch(montgomery) <= POWER_ITCH);
    assert_true(montgomery_invert_itch(montgomery) <= POWER_ITCH);
}

/* 0, 1, m-1, m-2, R mod m, R^2 mod m, then random numbers below m. */
static void make_operand(const struct montgomery *montgomery, mp_limb_t *number, int kind)
{
    mp_size_t size = montgomery->size;
    mp_limb_t one[MOST] = {1};
    mpn_zero(number, size);
    if (kind == 1)
        number[0] = 1;
    else if (kind == 2 || kind == 3)
        mpn_sub_n(number, montgomery->modulus, one, size);
    if (kind == 3) mpn_sub_n(number, number, one, size);
    if (kind == 4 || kind == 5) mpn_copyi(number, kind == 4 ? montgomery->one : montgomery->square, size);
    if (kind > 5) do
            limbs_random(number, size, limbs_bits(montgomery->modulus, size), &stream);
        while (!limbs_less(number, montgomery->modulus, size));
}

/* left*right/R mod m by GMP. */
static void expected_product(mpz_t product, const struct montgomery *montgomery, const mp_limb_t *left, const mp_limb_t *right)
{
    mpz_t a, m;
    mpz_inits(a, m, NULL);
    crypto_to_mpz(a, left, montgomery->size);
    crypto_to_mpz(product, right, montgomery->size);
    crypto_to_mpz(m, montgomery->modulus, montgomery->size);
    mpz_mul(product, product, a);
    mpz_set_ui(a, 1);
    mpz_mul_2exp(a, a, 64 * (mp_bitcnt_t)montgomery->size);
    mpz_invert(a, a, m);
    mpz_mul(product, product, a);
    mpz_mod(product, product, m);
    mpz_clears(a, m, NULL);
}

static void check_product(const struct montgomery *montgomery, const mp_limb_t *left, const mp_limb_t *right)
{
    mp_size_t size = montgomery->size;
    mp_limb_t wanted[MOST], out[MOST], scratch[POWER_ITCH];
    mpz_t product;
    mpz_init(product);
    expected_product(product, montgomery, left, right);
    crypto_from_mpz(wanted, size, product);
    mpz_clear(product);
    montgomery_multiply(montgomery, out, left, right, scratch);
    assert_int_equal(mpn_cmp(out, wanted, size), 0);
    montgomery_multiply_public(montgomery, out, left, right, scratch);
    assert_int_equal(mpn_cmp(out, wanted, size), 0);
    mpn_copyi(out, left, size);
    montgomery_multiply(montgomery, out, out, right, scratch);
    assert_int_equal(mpn_cmp(out, wanted, size), 0);
    mpn_copyi(out, right, size);
    montgomery_multiply_public(montgomery, out, left, out, scratch);
    assert_int_equal(mpn_cmp(out, wanted, size), 0);
    if (left != right) return;
    montgomery_square(montgomery, out, left, scratch);
    assert_int_equal(mpn_cmp(out, wanted, size), 0);
}

static void products_agree(void **state)
{
    (void)state;
    static const mp_size_t sizes[] = {1, 2, 3, 4, 7, 16, 32, 33};
    enum { MODULI = 5, OPERANDS = 10 };
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int kind = 0; kind < MODULI; kind++) {
            struct montgomery montgomery;
            mp_limb_t operands[OPERANDS][MOST];
            make_modulus(&montgomery, sizes[i], kind);
            for (int j = 0; j < OPERANDS; j++) make_operand(&montgomery, operands[j], j);
            for (int j = 0; j < OPERANDS; j++)
                for (int k = 0; k < OPERANDS; k++) check_product(&montgomery, operands[j], operands[k]);
            montgomery_free(&montgomery, context);
        }
}

static void numbers_enter_and_leave(void **state)
{
    (void)state;
    for (mp_size_t size = 1; size <= 12; size++) {
        struct montgomery montgomery;
        mp_limb_t number[MOST], out[MOST], scratch[POWER_ITCH];
        make_modulus(&montgomery, size, (int)size % 3);
        for (int kind = 0; kind < 20; kind++) {
            make_operand(&montgomery, number, kind);
            montgomery_enter(&montgomery, out, number, scratch);
            if (kind == 1) assert_int_equal(mpn_cmp(out, montgomery.one, size), 0);
            montgomery_leave(&montgomery, out, out, scratch);
            assert_int_equal(mpn_cmp(out, number, size), 0);
        }
        montgomery_free(&montgomery, context);
    }
}

/* The widest numbers that may be reduced: modulus*R - 1. */
static void the_largest_number_is_reduced(void **state)
{
    (void)state;
    for (mp_size_t size = 1; size <= 12; size++) {
        struct montgomery montgomery;
        mp_limb_t number[2 * MOST], out[MOST];
        mpz_t wide, r, m;
        mpz_inits(wide, r, m, NULL);
        make_modulus(&montgomery, size, (int)size % 3);
        crypto_to_mpz(m, montgomery.modulus, size);
        mpz_mul_2exp(wide, m, 64 * (mp_bitcnt_t)size);
        mpz_sub_ui(wide, wide, 1);
        crypto_from_mpz(number, 2 * size, wide);
        montgomery_reduce(&montgomery, out, number);
        mpz_set_ui(r, 1);
        mpz_mul_2exp(r, r, 64 * (mp_bitcnt_t)size);
        mpz_invert(r, r, m);
        mpz_mul(wide, wide, r);
        mpz_mod(wide, wide, m);
        crypto_to_mpz(r, out, size);
        assert_int_equal(mpz_cmp(wide, r), 0);
        mpz_clears(wide, r, m, NULL);
        montgomery_free(&montgomery, context);
    }
}

static void powers_agree(void **state)
{
    (void)state;
    static const mp_size_t sizes[] = {1, 2, 5, 8};
    mpz_t a, e, m;
    mpz_inits(a, e, m, NULL);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        mp_size_t size = sizes[i];
        struct montgomery montgomery;
        mp_limb_t base[MOST], out[MOST], exponent[4], scratch[POWER_ITCH];
        make_modulus(&montgomery, size, 3);
        for (uint64_t bits = 1; bits <= 256; bits++) {
            make_operand(&montgomery, base, (int)bits % 9);
            limbs_random(exponent, 4, bits % 7 == 0 ? bits / 2 : bits, &stream);
            montgomery_enter(&montgomery, out, base, scratch);
            montgomery_power(&montgomery, out, out, exponent, bits, scratch);
            montgomery_leave(&montgomery, out, out, scratch);
            crypto_to_mpz(a, base, size);
            crypto_to_mpz(e, exponent, 4);
            crypto_to_mpz(m, montgomery.modulus, size);
            mpz_powm(a, a, e, m);
            crypto_to_mpz(e, out, size);
            assert_int_equal(mpz_cmp(a, e), 0);
        }
        montgomery_free(&montgomery, context);
    }
    mpz_clears(a, e, m, NULL);
}

static void inverses_multiply_to_one(void **state)
{
    (void)state;
    for (mp_size_t size = 1; size <= 12; size++) {
        struct montgomery montgomery;
        mp_limb_t number[MOST], out[MOST], scratch[POWER_ITCH];
        make_modulus(&montgomery, size, 4);
        int units = 0;
        for (int kind = 0; kind < 30; kind++) {
            make_operand(&montgomery, number, kind);
            mp_limb_t unit = montgomery_invert(&montgomery, out, number, scratch);
            units += (int)unit;
            montgomery_multiply(&montgomery, out, out, number, scratch);
            assert_int_equal(mpn_cmp(out, montgomery.one, size) == 0, unit);
        }
        assert_true(units > 4 && units < 30); /* 0 is none */
        montgomery_free(&montgomery, context);
    }
}

static void failed_allocations_leave_nothing(void **state)
{
    (void)state;
    mp_limb_t modulus[2] = {9, 5};
    for (long long fail = 0; fail < 3; fail++) {
        struct test_allocator own;
        fate_context *failing = crypto_context(&own, fail, 1);
        struct montgomery montgomery = {0};
        assert_int_equal(montgomery_init(&montgomery, failing, modulus, 2), fail < 2 ? FATE_E_MEMORY : FATE_OK);
        montgomery_free(&montgomery, failing);
        fate_context_free(failing);
        assert_int_equal(atomic_load(&own.live), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_agree), cmocka_unit_test(numbers_enter_and_leave),  cmocka_unit_test(the_largest_number_is_reduced),
        cmocka_unit_test(powers_agree),   cmocka_unit_test(inverses_multiply_to_one), cmocka_unit_test(failed_allocations_leave_nothing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
