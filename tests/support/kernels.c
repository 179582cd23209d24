/* One kernel against pair arithmetic without kernels: equal limbs for edge values and moduli, long chains, all sizes that keys have. */
#include "tests/support/unit.h"

#include "tests/support/crypto.h"
#include "tests/support/kernels.h"

#include "src/crypto/kernel.h"
#ifdef __x86_64__
#include <immintrin.h>
#endif

enum { MOST = 64, PAIR = 2 * MOST, LANES = KERNEL_MOST_LANES };

static const struct kernel *kernel; /* NULL: this machine lacks it */
static struct random_stream stream;
static struct test_allocator counted;
static fate_context *context;

static int setup(void **state)
{
    (void)state;
    uint8_t seed[RANDOM_KEY];
    random_stream_init(&stream, crypto_seed(seed, 21), 0);
    context = crypto_context(&counted, -1, 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fate_context_free(context);
    return atomic_load(&counted.live) == 0 ? 0 : -1;
}

/* A modulus, its rings, and eight numbers on either side. */
struct fixture {
    struct pair_ring ring;
    struct kernel_ring *lanes;
    struct scratch scratch;
    mp_limb_t left[LANES][PAIR], right[LANES][PAIR], out[LANES][PAIR], expected[PAIR];
    const mp_limb_t *lefts[LANES], *rights[LANES];
    mp_limb_t *outs[LANES];
};

enum modulus { LEAST, ALL_ONES, RANDOM, SHORT, MODULI };

static void make_modulus(mp_limb_t *modulus, mp_size_t size, enum modulus kind)
{
    mpn_zero(modulus, size);
    if (kind == LEAST)
        modulus[size - 1] = size == 1 ? 17 : 1;
    else if (kind == ALL_ONES)
        mpn_com(modulus, modulus, size);
    else
        limbs_random(modulus, size, 64 * (uint64_t)size - 13 * (uint64_t)(kind == SHORT), &stream);
    if (kind != LEAST) modulus[size - 1] |= 32;
    modulus[0] |= 1;
}

static void fixture_make(struct fixture *fixture, mp_size_t size, enum modulus kind)
{
    mp_limb_t modulus[MOST];
    memset(fixture, 0, sizeof *fixture);
    make_modulus(modulus, size, kind);
    assert_int_equal(pair_init(&fixture->ring, context, modulus, size), FATE_OK);
    assert_int_equal(kernel_ring_new(&fixture->lanes, context, kernel, &fixture->ring, limbs_bits(modulus, size)), FATE_OK);
    mp_size_t itch = kernel_power_itch(fixture->lanes) + pair_power_itch(&fixture->ring);
    assert_int_equal(scratch_new(&fixture->scratch, context, 1, itch), FATE_OK);
    for (int i = 0; i < LANES; i++) {
        fixture->lefts[i] = fixture->left[i];
        fixture->rights[i] = fixture->right[i];
        fixture->outs[i] = fixture->out[i];
    }
}

static void fixture_free(struct fixture *fixture)
{
    scratch_free(&fixture->scratch);
    kernel_ring_free(fixture->lanes, context);
    pair_free(&fixture->ring, context);
}

/* 0, 1, n-1, n-2, a power of two below n, or random: half of a pair. */
static void make_half(const struct fixture *fixture, mp_limb_t *half, unsigned kind)
{
    const struct montgomery *modulus = &fixture->ring.modulus;
    mp_limb_t top = modulus->modulus[modulus->size - 1];
    mpn_zero(half, modulus->size);
    if (kind == 1) half[0] = 1;
    if (kind == 2 || kind == 3) mpn_sub_1(half, modulus->modulus, modulus->size, kind - 1);
    if (kind == 4) half[modulus->size - 1] = top >> 1;
    if (kind < 5) return;
    do {
        limbs_random(half, modulus->size, 64 * (uint64_t)modulus->size, &stream);
        if (~top != 0) half[modulus->size - 1] %= top + 1;
    } while (!limbs_less(half, modulus->modulus, modulus->size));
}

static void make_numbers(struct fixture *fixture, unsigned round)
{
    mp_size_t half = fixture->ring.modulus.size;
    for (unsigned i = 0; i < LANES; i++) {
        unsigned kind = round * LANES + i;
        make_half(fixture, fixture->left[i], kind % 6);
        make_half(fixture, fixture->left[i] + half, kind / 6 % 6);
        make_half(fixture, fixture->right[i], kind / 36 % 6);
        make_half(fixture, fixture->right[i] + half, kind / 216 % 6);
    }
}

static void expect_lane(const struct fixture *fixture, int lane)
{
    assert_int_equal(mpn_cmp(fixture->out[lane], fixture->expected, fixture->ring.size), 0);
}

static void check_multiply(struct fixture *fixture, unsigned rounds)
{
    for (unsigned round = 0; round < rounds; round++) {
        make_numbers(fixture, rounds < 162 ? (unsigned)(random_stream_u64(&stream) % 162) : round);
        kernel->multiply(fixture->lanes, fixture->outs, fixture->lefts, fixture->rights, fixture->scratch.limbs);
        for (int i = 0; i < (int)kernel->lanes; i++) {
            pair_multiply(&fixture->ring, fixture->expected, fixture->left[i], fixture->right[i], fixture->scratch.limbs);
            expect_lane(fixture, i);
        }
    }
}

/* out *= left, right, left, ... in one call. */
static void check_sum(struct fixture *fixture, uint32_t count)
{
    const mp_limb_t *factors[KERNEL_MOST_SUM * LANES];
    uint32_t lanes = kernel->lanes;
    make_numbers(fixture, (unsigned)(random_stream_u64(&stream) % 162));
    for (uint32_t k = 0; k < count; k++)
        for (uint32_t i = 0; i < lanes; i++) factors[k * lanes + i] = k % 2 == 0 ? fixture->left[i] : fixture->right[i];
    for (uint32_t i = 0; i < lanes; i++) mpn_copyi(fixture->out[i], fixture->right[lanes - 1 - i], fixture->ring.size);
    kernel->sum(fixture->lanes, fixture->outs, factors, count, fixture->scratch.limbs);
    for (uint32_t i = 0; i < lanes; i++) {
        mpn_copyi(fixture->expected, fixture->right[lanes - 1 - i], fixture->ring.size);
        for (uint32_t k = 0; k < count; k++)
            pair_multiply(&fixture->ring, fixture->expected, fixture->expected, factors[k * lanes + i], fixture->scratch.limbs);
        expect_lane(fixture, (int)i);
    }
}

/* Each product is over 2^(52*limbs): count of them, with the correction. */
static void check_product(struct fixture *fixture, uint64_t count)
{
    const mp_limb_t *factors[8 * LANES];
    mp_limb_t correction[PAIR];
    uint32_t lanes = kernel->lanes;
    make_numbers(fixture, (unsigned)(random_stream_u64(&stream) % 162));
    kernel_correction(fixture->lanes, &fixture->ring, correction, count);
    for (uint64_t k = 0; k < count; k++)
        for (uint32_t i = 0; i < lanes; i++) factors[k * lanes + i] = k % 2 == 0 ? fixture->left[i] : fixture->right[i];
    kernel->product(fixture->lanes, fixture->outs, factors, count, correction, fixture->scratch.limbs);
    for (uint32_t i = 0; i < lanes; i++) {
        mpn_copyi(fixture->expected, factors[i], fixture->ring.size);
        for (uint64_t k = 1; k < count; k++)
            pair_multiply(&fixture->ring, fixture->expected, fixture->expected, factors[k * lanes + i], fixture->scratch.limbs);
        expect_lane(fixture, (int)i);
    }
}

static void check_power(struct fixture *fixture, uint64_t bits)
{
    mp_limb_t exponent[4];
    limbs_random(exponent, 4, bits, &stream);
    make_numbers(fixture, (unsigned)(random_stream_u64(&stream) % 162));
    kernel->power(fixture->lanes, fixture->outs, fixture->lefts, exponent, bits, fixture->scratch.limbs);
    for (int i = 0; i < (int)kernel->lanes; i++) {
        pair_power(&fixture->ring, fixture->expected, fixture->left[i], exponent, bits, fixture->scratch.limbs);
        expect_lane(fixture, i);
    }
}

static void check_pack(struct fixture *fixture, uint32_t slots, uint32_t bits)
{
    const mp_limb_t *factors[4 * LANES];
    uint32_t lanes = kernel->lanes;
    make_numbers(fixture, (unsigned)(random_stream_u64(&stream) % 162));
    for (uint32_t k = 0; k < slots; k++)
        for (uint32_t i = 0; i < lanes; i++) factors[k * lanes + i] = k % 2 == 0 ? fixture->left[i] : fixture->right[i];
    kernel->pack(fixture->lanes, fixture->outs, factors, slots, bits, fixture->scratch.limbs);
    for (uint32_t i = 0; i < lanes; i++) {
        mpn_copyi(fixture->expected, factors[(slots - 1) * lanes + i], fixture->ring.size);
        for (uint32_t slot = slots - 1; slot-- > 0;) {
            for (uint32_t bit = 0; bit < bits; bit++)
                pair_square(&fixture->ring, fixture->expected, fixture->expected, fixture->scratch.limbs);
            pair_multiply(&fixture->ring, fixture->expected, fixture->expected, factors[slot * lanes + i], fixture->scratch.limbs);
        }
        expect_lane(fixture, (int)i);
    }
}

static void check_kernel(mp_size_t size, enum modulus kind)
{
    static struct fixture fixture;
    fixture_make(&fixture, size, kind);
    check_multiply(&fixture, size <= 2 || (size == 16 && kernel != &kernel_plain) ? 162 : 4);
    check_sum(&fixture, 1);
    check_sum(&fixture, 2);
    check_sum(&fixture, KERNEL_MOST_SUM);
    check_product(&fixture, 1);
    check_product(&fixture, 8);
    check_power(&fixture, 1);
    check_power(&fixture, 5);
    check_power(&fixture, 93);
    check_pack(&fixture, 1, 3);
    check_pack(&fixture, 4, 1);
    check_pack(&fixture, 3, 20);
    fixture_free(&fixture);
}

static void it_agrees_with_pair_arithmetic(void **state)
{
    (void)state;
    static const mp_size_t sizes[] = {1, 2, 3, 5, 8, 11, 16, 24, 32, 48, 64};
    if (kernel == NULL) skip();
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int kind = 0; kind < MODULI; kind++)
            if (kernel != &kernel_plain || sizes[i] < 16 || kind == ALL_ONES) /* which is slow */
                check_kernel(sizes[i], (enum modulus)kind);
}

static void long_chains_agree(void **state)
{
    (void)state;
    static struct fixture fixture;
    if (kernel == NULL) skip();
    fixture_make(&fixture, kernel == &kernel_plain ? 4 : 16, ALL_ONES);
    make_numbers(&fixture, 161);
    for (int i = 0; i < LANES; i++) mpn_copyi(fixture.out[i], fixture.left[i], fixture.ring.size);
    for (int k = 0; k < 3000; k++)
        kernel->multiply(fixture.lanes, fixture.outs, (const mp_limb_t *const *)fixture.outs, fixture.rights, fixture.scratch.limbs);
    for (int i = 0; i < (int)kernel->lanes; i++) {
        mpn_copyi(fixture.expected, fixture.left[i], fixture.ring.size);
        for (int k = 0; k < 3000; k++)
            pair_multiply(&fixture.ring, fixture.expected, fixture.expected, fixture.right[i], fixture.scratch.limbs);
        expect_lane(&fixture, i);
    }
    fixture_free(&fixture);
}

/* Kernels may round in their own direction; the caller's stays. */
static void the_rounding_mode_is_kept(void **state)
{
    (void)state;
#ifdef __x86_64__
    static struct fixture fixture;
    if (kernel == NULL) skip();
    fixture_make(&fixture, 4, RANDOM);
    unsigned before = _mm_getcsr(), mine = (before & ~(unsigned)_MM_ROUND_MASK) | _MM_ROUND_UP;
    _mm_setcsr(mine);
    check_multiply(&fixture, 1);
    check_sum(&fixture, 3);
    check_product(&fixture, 2);
    check_power(&fixture, 4);
    check_pack(&fixture, 2, 2);
    unsigned after = _mm_getcsr();
    _mm_setcsr(before);
    assert_int_equal(after, mine);
    fixture_free(&fixture);
#endif
}

int kernels_test(const char *name)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_agrees_with_pair_arithmetic),
        cmocka_unit_test(long_chains_agree),
        cmocka_unit_test(the_rounding_mode_is_kept),
    };
    kernel = kernel_find(name);
    return cmocka_run_group_tests_name(name, tests, setup, teardown);
}
