/* A group's functions are those of its ring: each against GMP's plain numbers. */
#include "tests/support/unit.h"

#include "src/crypto/group.h"
#include "tests/support/crypto.h"

enum { SIZE = 3, ROOM = 400 };

static mp_limb_t scratch[ROOM];

static void expect(const struct montgomery *ring, const mp_limb_t *element, const mpz_t wanted)
{
    mp_limb_t plain[SIZE];
    mpz_t number;
    mpz_init(number);
    montgomery_leave(ring, plain, element, scratch);
    crypto_to_mpz(number, plain, SIZE);
    assert_int_equal(mpz_cmp(number, wanted), 0);
    mpz_clear(number);
}

static void check_group(const struct group *group, const struct montgomery *ring, mpz_t modulus, struct random_stream *stream)
{
    mp_limb_t limbs[2][SIZE], elements[2][SIZE], out[SIZE], exponent = random_stream_u64(stream);
    mpz_t left, right, wanted;
    mpz_inits(left, right, wanted, NULL);
    for (int i = 0; i < 2; i++) {
        limbs_random(limbs[i], SIZE, 64 * SIZE - 1, stream);
        montgomery_enter(ring, elements[i], limbs[i], scratch);
    }
    crypto_to_mpz(left, limbs[0], SIZE);
    crypto_to_mpz(right, limbs[1], SIZE);
    mpz_mul(wanted, left, right);
    mpz_mod(wanted, wanted, modulus);
    group->multiply(group->ring, out, elements[0], elements[1], scratch);
    expect(ring, out, wanted);
    group->multiply_public(group->ring, out, elements[0], elements[1], scratch);
    expect(ring, out, wanted);
    mpz_mul(wanted, left, left);
    mpz_mod(wanted, wanted, modulus);
    group->square(group->ring, out, elements[0], scratch);
    expect(ring, out, wanted);
    group->square_public(group->ring, out, elements[0], scratch);
    expect(ring, out, wanted);
    mpz_powm_ui(wanted, left, exponent, modulus);
    group->power(group->ring, out, elements[0], &exponent, 64, scratch);
    expect(ring, out, wanted);
    bool unit = mpz_invert(wanted, left, modulus) != 0;
    assert_int_equal(group->invert(group->ring, out, elements[0], scratch), unit);
    if (unit) expect(ring, out, wanted);
    mpz_clears(left, right, wanted, NULL);
}

static void the_units_modulo_an_odd_number(void **state)
{
    (void)state;
    struct test_allocator counted;
    fate_context *context = crypto_context(&counted, -1, 1);
    struct random_stream stream;
    uint8_t seed[RANDOM_KEY];
    random_stream_init(&stream, crypto_seed(seed, 3), 0);
    for (int round = 0; round < 200; round++) {
        mp_limb_t limbs[SIZE];
        struct montgomery ring;
        struct group group;
        mpz_t modulus;
        mpz_init(modulus);
        limbs_random(limbs, SIZE, 64 * SIZE, &stream);
        limbs[0] |= 1;
        limbs[SIZE - 1] |= (mp_limb_t)1 << 63;
        crypto_to_mpz(modulus, limbs, SIZE);
        assert_int_equal(montgomery_init(&ring, context, limbs, SIZE), FATE_OK);
        group_of_montgomery(&group, &ring);
        assert_true(group.itch <= ROOM && group.power_itch <= ROOM && group.invert_itch <= ROOM);
        assert_int_equal(group.size, SIZE);
        mp_limb_t one[SIZE] = {1};
        mpz_t wanted;
        mpz_init_set_ui(wanted, one[0]);
        expect(&ring, group.one, wanted);
        check_group(&group, &ring, modulus, &stream);
        mpz_clears(modulus, wanted, NULL);
        montgomery_free(&ring, context);
    }
    fate_context_free(context);
    assert_int_equal(atomic_load(&counted.live), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_units_modulo_an_odd_number)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
