/* Limb arrays against GMP's own integers. */
#include "tests/support/unit.h"

#include "tests/support/crypto.h"

enum { MOST = 9 };

static struct random_stream stream;

static int setup(void **state)
{
    (void)state;
    uint8_t seed[RANDOM_KEY];
    random_stream_init(&stream, crypto_seed(seed, 1), 0);
    return 0;
}

static void bytes_survive(void **state)
{
    (void)state;
    uint8_t bytes[8 * MOST], back[8 * MOST];
    mp_limb_t limbs[MOST];
    for (uint64_t length = 0; length <= sizeof bytes; length++) {
        random_stream_bytes(&stream, bytes, length);
        limbs_load(limbs, MOST, bytes, length);
        for (uint64_t i = 0; i < sizeof bytes; i++) assert_int_equal(limbs[i / 8] >> (i % 8 * 8) & 0xff, i < length ? bytes[i] : 0);
        limbs_store(back, length, limbs, MOST);
        assert_memory_equal(back, bytes, length);
        limbs_store(back, sizeof back, limbs, limbs_for_bits(8 * length));
        for (uint64_t i = length; i < sizeof back; i++) assert_int_equal(back[i], 0);
    }
}

static void comparisons_agree(void **state)
{
    (void)state;
    static const mp_limb_t edges[] = {0, 1, 2, (mp_limb_t)1 << 63, ((mp_limb_t)1 << 63) - 1, ~(mp_limb_t)0, ~(mp_limb_t)0 - 1};
    enum { EDGES = sizeof edges / sizeof edges[0], PAIRS = EDGES * EDGES };
    for (int i = 0; i < PAIRS; i++)
        for (int j = 0; j < PAIRS; j++) {
            mp_limb_t left[2] = {edges[i % EDGES], edges[i / EDGES]}, right[2] = {edges[j % EDGES], edges[j / EDGES]};
            int order = mpn_cmp(left, right, 2);
            assert_int_equal(limbs_less(left, right, 2), order < 0);
            assert_int_equal(limbs_equal(left, right, 2), order == 0);
            assert_int_equal(limbs_is_zero(left, 2), i == 0);
        }
}

static void lengths_are_exact(void **state)
{
    (void)state;
    mp_limb_t limbs[3] = {0};
    assert_int_equal(limbs_bits(limbs, 3), 0);
    for (uint64_t bits = 1; bits <= 192; bits++) {
        mpn_zero(limbs, 3);
        limbs[(bits - 1) / 64] = (mp_limb_t)1 << (bits - 1) % 64;
        assert_int_equal(limbs_bits(limbs, 3), bits);
        limbs[0] |= 1;
        assert_int_equal(limbs_bits(limbs, 3), bits);
        assert_int_equal(limbs_for_bits(bits), (bits + 63) / 64);
    }
}

static void remainders_agree(void **state)
{
    (void)state;
    mp_limb_t number[2 * MOST], modulus[MOST], rest[MOST], scratch[64 * MOST];
    mpz_t a, m, r;
    mpz_inits(a, m, r, NULL);
    for (mp_size_t size = 1; size <= MOST; size++)
        for (mp_size_t long_size = size; long_size <= 2 * size; long_size++)
            for (int round = 0; round < 20; round++) {
                limbs_random(number, long_size, 64 * (uint64_t)long_size, &stream);
                limbs_random(modulus, size, 64 * (uint64_t)size - (uint64_t)round, &stream);
                modulus[size - 1] |= (mp_limb_t)1 << (63 - round);
                assert_true(limbs_modulo_itch(long_size, size) <= (mp_size_t)(sizeof scratch / sizeof scratch[0]));
                limbs_modulo(rest, number, long_size, modulus, size, scratch);
                crypto_to_mpz(a, number, long_size);
                crypto_to_mpz(m, modulus, size);
                mpz_mod(a, a, m);
                crypto_to_mpz(r, rest, size);
                assert_int_equal(mpz_cmp(a, r), 0);
            }
    mpz_clears(a, m, r, NULL);
}

static void inverses_agree(void **state)
{
    (void)state;
    mp_limb_t number[MOST], modulus[MOST], inverse[MOST], scratch[64 * MOST];
    mpz_t a, m, r;
    mpz_inits(a, m, r, NULL);
    int without = 0;
    for (mp_size_t size = 1; size <= MOST; size++)
        for (int round = 0; round < 60; round++) {
            limbs_random(modulus, size, 64 * (uint64_t)size, &stream);
            modulus[0] |= 1;
            modulus[size - 1] |= (mp_limb_t)1 << 63;
            limbs_random(number, size, 64 * (uint64_t)size - 1, &stream);
            crypto_to_mpz(a, number, size);
            crypto_to_mpz(m, modulus, size);
            int exists = mpz_invert(a, a, m);
            without += !exists;
            assert_int_equal(limbs_invert(inverse, number, modulus, size, scratch), exists != 0);
            crypto_to_mpz(r, inverse, size);
            if (exists) assert_int_equal(mpz_cmp(a, r), 0);
            assert_int_equal(limbs_invert_public(inverse, number, modulus, size, scratch), exists != 0);
            crypto_to_mpz(r, inverse, size);
            if (exists) assert_int_equal(mpz_cmp(a, r), 0);
            limbs_invert_power(inverse, modulus, size, scratch);
            mpn_mul_n(scratch, inverse, modulus, size);
            assert_int_equal(limbs_bits(scratch, size), 1);
            assert_true(limbs_invert_limb(modulus[0]) * modulus[0] == 1);
        }
    assert_true(without > 10); /* both answers were seen */
    mpz_clears(a, m, r, NULL);
}

static void random_numbers_fill_their_bits_alone(void **state)
{
    (void)state;
    for (uint64_t bits = 1; bits <= 192; bits++) {
        mp_limb_t any[3] = {0}, limbs[3];
        for (int i = 0; i < 60; i++) {
            limbs_random(limbs, 3, bits, &stream);
            assert_true(limbs_bits(limbs, 3) <= bits);
            mpn_ior_n(any, any, limbs, 3);
        }
        for (uint64_t bit = 0; bit < bits; bit++) assert_true(any[bit / 64] >> bit % 64 & 1);
    }
}

static void scratch_is_apart_for_each_worker(void **state)
{
    (void)state;
    struct test_allocator counted;
    fate_context *context = crypto_context(&counted, 1, 1);
    struct scratch scratch;
    assert_int_equal(scratch_new(&scratch, context, 3, 5), FATE_OK);
    assert_true(scratch_of(&scratch, 1) - scratch_of(&scratch, 0) >= 5 + 8);
    scratch_free(&scratch);
    assert_int_equal(scratch_new(&scratch, context, 3, 5), FATE_E_MEMORY);
    scratch_free(&scratch);
    fate_context_free(context);
    assert_int_equal(atomic_load(&counted.live), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_survive),
        cmocka_unit_test(comparisons_agree),
        cmocka_unit_test(lengths_are_exact),
        cmocka_unit_test(remainders_agree),
        cmocka_unit_test(inverses_agree),
        cmocka_unit_test(random_numbers_fill_their_bits_alone),
        cmocka_unit_test(scratch_is_apart_for_each_worker),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
