/* Fixed-base tables give the powers that plain exponentiation gives, for every number of threads. */
#include "tests/support/unit.h"

#include "src/crypto/comb.h"
#include "tests/support/crypto.h"

enum { HALF = 2, SIZE = 2 * HALF, BITS = 200 };

static const mp_limb_t modulus[HALF] = {UINT64_C(0x123456789abcdef1), UINT64_C(0x8000000000000001)};

struct fixture {
    struct test_allocator counted;
    fate_context *context;
    struct pair_ring ring;
    struct scratch scratch;
    mp_limb_t base[SIZE];
};

static void fixture_make(struct fixture *fixture, uint32_t threads)
{
    fixture->context = crypto_context(&fixture->counted, -1, threads);
    assert_int_equal(pair_init(&fixture->ring, fixture->context, modulus, HALF), FATE_OK);
    assert_int_equal(scratch_new(&fixture->scratch, fixture->context, 1, pair_power_itch(&fixture->ring)), FATE_OK);
    uint8_t seed[RANDOM_KEY];
    struct random_stream stream;
    random_stream_init(&stream, crypto_seed(seed, 5), 0);
    limbs_random(fixture->base, SIZE, 254, &stream); /* below modulus^2 */
    pair_enter(&fixture->ring, fixture->base, fixture->base, fixture->scratch.limbs);
}

static void fixture_free(struct fixture *fixture)
{
    scratch_free(&fixture->scratch);
    pair_free(&fixture->ring, fixture->context);
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
            bool scanned = kind % 2 != 0;
            fixture_make(&fixture, 1 + kind / 2);
            struct comb *comb;
            assert_int_equal(
                comb_new(&comb, fixture.context,
                         &(struct comb_source){&fixture.ring, NULL, fixture.base, bits, scanned, kind % 2 == 0 && bits % 2 != 0, false}),
                FATE_OK);
            for (uint32_t count = 1; count <= COMB_TOGETHER; count += 1 + count / 2) {
                mp_limb_t exponent[COMB_TOGETHER][SIZE], power[COMB_TOGETHER][SIZE], wanted[SIZE], message[COMB_TOGETHER][HALF];
                const mp_limb_t *exponents[COMB_TOGETHER], *messages[COMB_TOGETHER];
                mp_limb_t *powers[COMB_TOGETHER];
                for (uint32_t i = 0; i < count; i++) {
                    limbs_random(message[i], HALF, 126, &stream);
                    limbs_random(exponent[i], SIZE, i == 2 ? 0 : bits, &stream);
                    for (uint64_t bit = 0; i == 1 && bit < bits; bit++) exponent[i][bit / 64] |= (mp_limb_t)1 << bit % 64;
                    exponents[i] = exponent[i];
                    messages[i] = message[i];
                    powers[i] = power[i];
                }
                comb_powers(comb, powers, exponents, count % 2 == 0 ? NULL : messages, count, fixture.scratch.limbs);
                for (uint32_t i = 0; i < count; i++) {
                    pair_power(&fixture.ring, wanted, fixture.base, exponent[i], bits, fixture.scratch.limbs);
                    if (count % 2 != 0) pair_shift(&fixture.ring, wanted, wanted, message[i], fixture.scratch.limbs);
                    assert_int_equal(mpn_cmp(power[i], wanted, SIZE), 0);
                }
            }
            comb_free(comb, fixture.context);
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
