/* Fixed-base tables give the powers that plain exponentiation gives, for every number of threads. */
#include "tests/support/unit.h"

#include "src/crypto/powers.h"
#include "tests/support/crypto.h"

enum { SIZE = 2, BITS = 200 };

static const mp_limb_t modulus[SIZE] = {UINT64_C(0x123456789abcdef1), UINT64_C(0x8000000000000001)};

struct fixture {
    struct test_allocator counted;
    fate_context *context;
    struct montgomery ring;
    struct group group;
    struct scratch scratch;
    mp_limb_t base[SIZE];
};

static void fixture_make(struct fixture *fixture, uint32_t threads)
{
    fixture->context = crypto_context(&fixture->counted, -1, threads);
    assert_int_equal(montgomery_init(&fixture->ring, fixture->context, modulus, SIZE), FATE_OK);
    group_of_montgomery(&fixture->group, &fixture->ring);
    assert_int_equal(scratch_new(&fixture->scratch, fixture->context, 1,
                                 montgomery_power_itch(&fixture->ring) + powers_itch(&fixture->group) + GROUP_ALIGNMENT),
                     FATE_OK);
    uint8_t seed[RANDOM_KEY];
    struct random_stream stream;
    random_stream_init(&stream, crypto_seed(seed, 5), 0);
    limbs_random(fixture->base, SIZE, 127, &stream);
}

static void fixture_free(struct fixture *fixture)
{
    scratch_free(&fixture->scratch);
    montgomery_free(&fixture->ring, fixture->context);
    fate_context_free(fixture->context);
    assert_int_equal(atomic_load(&fixture->counted.live), 0);
}

static void powers_agree(void **state)
{
    (void)state;
    struct random_stream stream;
    uint8_t seed[RANDOM_KEY];
    random_stream_init(&stream, crypto_seed(seed, 6), 0);
    for (uint32_t kind = 0; kind < 6; kind++)
        for (uint64_t bits = 1; bits <= BITS; bits = bits < 20 ? bits + 1 : bits + 11) {
            struct fixture fixture;
            enum powers_look_up look_up = kind % 2 ? POWERS_DIRECT : POWERS_SCANNED;
            fixture_make(&fixture, 1 + kind / 2);
            struct powers *powers;
            assert_int_equal(powers_new(&powers, fixture.context, &fixture.group, fixture.base, bits, look_up), FATE_OK);
            for (int i = 0; i < 12; i++) {
                enum { LONGEST = BITS / 64 + 1 };
                mp_limb_t exponent[LONGEST], power[SIZE], wanted[SIZE];
                uint64_t some = i < 6 ? bits : 1 + random_stream_below(&stream, bits); /* shorter than the tables */
                limbs_random(exponent, LONGEST, i == 0 ? 0 : some, &stream);
                for (uint64_t bit = 0; i == 1 && bit < bits; bit++) exponent[bit / 64] |= (mp_limb_t)1 << bit % 64;
                const mp_limb_t *exponents[GROUP_MOST_LANES] = {exponent};
                powers_raise(powers, power, exponents, some, group_align(fixture.scratch.limbs));
                montgomery_power(&fixture.ring, wanted, fixture.base, exponent, some, fixture.scratch.limbs);
                assert_int_equal(mpn_cmp(power, wanted, SIZE), 0);
            }
            powers_free(powers, fixture.context);
            fixture_free(&fixture);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(powers_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
