/* One kernel against pair arithmetic without kernels: equal limbs for edge values and moduli, long chains, all sizes that keys have. */
#include "tests/support/unit.h"

#include "tests/support/crypto.h"
#include "tests/support/kernels.h"

#include "src/crypto/comb.h"
#include "src/crypto/fermat.h"
#include "src/crypto/pair_group.h"
#include "src/crypto/prime.h"
#ifdef __x86_64__
#include <immintrin.h>
#endif

enum { MOST = 64, PAIR = 2 * MOST, ROW = 176, LANES = KERNEL_MOST_LANES };

static const struct kernel *kernel; /* NULL: this machine lacks it */
static struct random_stream stream;
static struct test_allocator counted;
static fate_context *context;

static bool is_slow(void)
{
    return strcmp(kernel->name, "plain") == 0;
}

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
    mp_limb_t rows[3][LANES][ROW]; /* of left, right and out */
    const mp_limb_t *lefts[LANES], *rights[LANES], *left_rows[LANES], *right_rows[LANES];
    mp_limb_t *outs[LANES], *out_rows[LANES];
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

static void fixture_with(struct fixture *fixture, const mp_limb_t *modulus, mp_size_t size)
{
    memset(fixture, 0, sizeof *fixture);
    assert_int_equal(pair_init(&fixture->ring, context, modulus, size), FATE_OK);
    assert_int_equal(kernel_ring_new(&fixture->lanes, context, kernel, &fixture->ring, limbs_bits(modulus, size)), FATE_OK);
    mp_size_t itch = kernel_itch(fixture->lanes) + pair_power_itch(&fixture->ring) + comb_lanes_itch(fixture->lanes) +
                     fermat_itch(fixture->lanes) + montgomery_invert_itch(&fixture->ring.modulus) + pair_invert_itch(&fixture->ring);
    assert_int_equal(scratch_new(&fixture->scratch, context, 1, itch), FATE_OK);
    for (int i = 0; i < LANES; i++) {
        fixture->lefts[i] = fixture->left[i];
        fixture->rights[i] = fixture->right[i];
        fixture->outs[i] = fixture->out[i];
        fixture->left_rows[i] = fixture->rows[0][i];
        fixture->right_rows[i] = fixture->rows[1][i];
        fixture->out_rows[i] = fixture->rows[2][i];
    }
    assert_true(fixture->lanes->row <= ROW);
}

static void fixture_make(struct fixture *fixture, mp_size_t size, enum modulus kind)
{
    mp_limb_t modulus[MOST];
    make_modulus(modulus, size, kind);
    fixture_with(fixture, modulus, size);
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

static void enter_numbers(struct fixture *fixture, unsigned round)
{
    mp_limb_t *rows[2][LANES];
    make_numbers(fixture, round);
    for (int i = 0; i < LANES; i++) {
        rows[0][i] = fixture->rows[0][i];
        rows[1][i] = fixture->rows[1][i];
    }
    kernel->enter(fixture->lanes, rows[0], fixture->lefts, fixture->scratch.limbs);
    kernel->enter(fixture->lanes, rows[1], fixture->rights, fixture->scratch.limbs);
}

static void leave_rows(struct fixture *fixture)
{
    kernel->leave(fixture->lanes, fixture->outs, (const mp_limb_t *const *)fixture->out_rows, fixture->scratch.limbs);
}

static unsigned any_round(void)
{
    return (unsigned)(random_stream_u64(&stream) % 162);
}

static void expect_lane(const struct fixture *fixture, int lane)
{
    assert_int_equal(mpn_cmp(fixture->out[lane], fixture->expected, fixture->ring.size), 0);
}

static void check_multiply(struct fixture *fixture, unsigned rounds)
{
    for (unsigned round = 0; round < rounds; round++) {
        enter_numbers(fixture, rounds < 162 ? any_round() : round);
        kernel->multiply(fixture->lanes, fixture->out_rows, fixture->left_rows, fixture->right_rows, fixture->scratch.limbs);
        leave_rows(fixture);
        for (int i = 0; i < (int)kernel->lanes; i++) {
            pair_multiply(&fixture->ring, fixture->expected, fixture->left[i], fixture->right[i], fixture->scratch.limbs);
            expect_lane(fixture, i);
        }
    }
}

/* Powers of one base by exponents of so many bits, times 1 + message*n. */
static void check_comb(struct fixture *fixture, uint64_t bits, bool scanned)
{
    struct comb *comb;
    mp_limb_t exponents[LANES][4], *scratch = fixture->scratch.limbs;
    uint32_t digits[256 * LANES];
    const mp_limb_t *numbers[LANES], *base = fixture->right[0];
    do {
        make_numbers(fixture, (unsigned)(random_stream_u64(&stream) % 162) | 128);
    } while (!montgomery_invert(&fixture->ring.modulus, fixture->expected, base, scratch));
    struct comb_source source = {&fixture->ring, fixture->lanes, base, bits, scanned, !scanned && bits % 2 == 0, false};
    assert_int_equal(comb_new(&comb, context, &source), FATE_OK);
    for (int i = 0; i < LANES; i++) {
        limbs_random(exponents[i], 4, i == 1 ? 0 : bits, &stream);
        numbers[i] = exponents[i];
    }
    comb_digits(comb, digits, numbers);
    for (int i = 0; i < LANES; i++) numbers[i] = fixture->left[i];
    const struct kernel_comb *lanes = comb_for_lanes(comb);
    kernel->comb(&lanes, NULL, fixture->out_rows, digits, bits % 2 == 0 ? NULL : numbers, scratch);
    leave_rows(fixture);
    for (int i = 0; i < (int)kernel->lanes; i++) {
        pair_power(&fixture->ring, fixture->expected, base, exponents[i], bits, scratch);
        if (bits % 2 != 0) pair_shift(&fixture->ring, fixture->expected, fixture->expected, fixture->left[i], scratch);
        expect_lane(fixture, i);
    }
    comb_free(comb, context);
}

static void check_combs(struct fixture *fixture)
{
    static const uint64_t bits[] = {1, 8, 93, 250};
    for (int i = 0; i < 8; i++) check_comb(fixture, bits[i % 4], i >= 4);
}

/* Units modulo p^2: 1, p-1 + (p-1)*p, 1 + (p-1)*p, p-1, and random ones. */
static void make_units(struct fixture *fixture)
{
    const struct montgomery *prime = &fixture->ring.modulus;
    mp_size_t half = prime->size;
    memset(fixture->left, 0, sizeof fixture->left);
    for (int i = 0; i < LANES; i++) {
        mp_limb_t *first = fixture->left[i], *second = first + half, unused;
        if (i >= 4) {
            limbs_random(second, half, limbs_bits(prime->modulus, half), &stream);
            limbs_random(first, half, limbs_bits(prime->modulus, half) - 1, &stream);
            first[0] |= limbs_is_zero(first, half);
            montgomery_take_modulus(prime, second, 0, &unused);
        }
        if (i == 1 || i == 3) mpn_sub_1(first, prime->modulus, half, 1);
        if (i == 0 || i == 2) first[0] = 1;
        if (i == 1 || i == 2) mpn_sub_1(second, prime->modulus, half, 1);
    }
}

static void check_fermat(const mp_limb_t *prime, mp_size_t size)
{
    static struct fixture fixture;
    struct fermat *fermat = NULL;
    mp_limb_t minus_one[MOST];
    uint64_t bits = limbs_bits(prime, size);
    fixture_with(&fixture, prime, size);
    assert_int_equal(fermat_new(&fermat, context, fixture.lanes, &fixture.ring, bits), FATE_OK);
    mpn_sub_1(minus_one, prime, size, 1);
    make_units(&fixture);
    kernel->fermat(fermat, fixture.outs, fixture.lefts, fixture.scratch.limbs);
    for (int i = 0; i < (int)kernel->lanes; i++) {
        pair_power(&fixture.ring, fixture.expected, fixture.left[i], minus_one, bits, fixture.scratch.limbs);
        pair_plain(&fixture.ring, fixture.expected, fixture.expected, fixture.scratch.limbs);
        assert_true(fixture.expected[0] == 1);
        assert_int_equal(mpn_cmp(fixture.out[i], fixture.expected + size, size), 0);
    }
    fermat_free(fermat, context);
    fixture_free(&fixture);
}

/* All primes of up to six bits, and a random one of most lengths. */
static void powers_less_one_agree(void **state)
{
    (void)state;
    static const uint64_t bits[] = {7, 31, 64, 65, 130, 512, 683, 1024, 1536};
    if (kernel == NULL) skip();
    for (mp_limb_t prime = 3; prime < 64; prime += 2)
        if ((prime % 3 != 0 || prime == 3) && (prime % 5 != 0 || prime == 5) && prime != 49) check_fermat(&prime, 1);
    for (size_t i = 0; i < sizeof bits / sizeof bits[0] && (!is_slow() || bits[i] < 512); i++) {
        mp_limb_t prime[MOST];
        assert_int_equal(prime_generate(context, prime, bits[i], &stream), FATE_OK);
        check_fermat(prime, limbs_for_bits(bits[i]));
    }
}

/* The group of pairs: bundles of rows, on the kernel's lanes. Left is chosen from a table of two, squared, multiplied and inverted. */
static void check_group(struct fixture *fixture, uint64_t times)
{
    struct group group;
    struct scratch scratch;
    mp_limb_t digits[LANES], *pair = fixture->expected;
    pair_group_make(&group, &fixture->ring, fixture->lanes);
    mp_size_t itch = group_invert_itch(&group) > group.itch ? group_invert_itch(&group) : group.itch;
    assert_int_equal(scratch_new(&scratch, context, 1, 4 * group.bundle + itch + GROUP_ALIGNMENT), FATE_OK);
    mp_limb_t *table = group_align(scratch.limbs), *right = table + group.bundle, *left = right + group.bundle, *room = left + group.bundle;
    enter_numbers(fixture, any_round());
    group.load(group.ring, table, fixture->left_rows);
    group.load(group.ring, right, fixture->right_rows);
    for (uint32_t i = 0; i < kernel->lanes; i++) digits[i] = i % 3 == 1;
    group.select_bundle(group.ring, left, table, 2, digits); /* right is the second entry */
    (times % 2 == 0 ? group.square : group.square_public)(group.ring, left, times, room);
    struct group_ahead ahead = {.count = 2 * kernel->lanes};
    for (uint32_t i = 0; i < ahead.count; i++) ahead.rows[i] = fixture->left_rows[i % kernel->lanes];
    if (times % 3 == 2)
        group.multiply_ahead(group.ring, left, left, right, &ahead, room);
    else
        (times % 2 == 0 ? group.multiply : group.multiply_public)(group.ring, left, left, right, room);
    assert_true(ahead.row == (times % 3 == 2 ? ahead.count : 0)); /* all were asked for */
    group.store(group.ring, fixture->out_rows, left);
    leave_rows(fixture);
    bool unit = true;
    for (uint32_t i = 0; i < kernel->lanes; i++) {
        mpn_copyi(pair, i % 3 == 1 ? fixture->right[i] : fixture->left[i], fixture->ring.size);
        for (uint64_t k = 0; k < times; k++) pair_square(&fixture->ring, pair, pair, fixture->scratch.limbs);
        pair_multiply(&fixture->ring, pair, pair, fixture->right[i], fixture->scratch.limbs);
        expect_lane(fixture, (int)i);
        unit &= pair_invert(&fixture->ring, fixture->left[i], pair, fixture->scratch.limbs) != 0;
    }
    assert_int_equal(group_invert(&group, left, room), unit);
    group.store(group.ring, fixture->out_rows, left);
    leave_rows(fixture);
    for (uint32_t i = 0; i < kernel->lanes && unit; i++) {
        mpn_copyi(pair, fixture->left[i], fixture->ring.size);
        expect_lane(fixture, (int)i);
    }
    scratch_free(&scratch);
}

/* Rows of numbers that products left to plain numbers and back, against the canonical ones. */
static void check_wire(struct fixture *fixture)
{
    enter_numbers(fixture, any_round());
    kernel->multiply(fixture->lanes, fixture->out_rows, fixture->left_rows, fixture->right_rows, fixture->scratch.limbs);
    kernel->write(fixture->lanes, fixture->outs, (const mp_limb_t *const *)fixture->out_rows, fixture->scratch.limbs);
    for (int i = 0; i < (int)kernel->lanes; i++) {
        pair_multiply(&fixture->ring, fixture->expected, fixture->left[i], fixture->right[i], fixture->scratch.limbs);
        pair_leave(&fixture->ring, fixture->expected, fixture->expected, fixture->scratch.limbs);
        expect_lane(fixture, i);
    }
    kernel->read(fixture->lanes, fixture->out_rows, (const mp_limb_t *const *)fixture->outs, fixture->scratch.limbs);
    kernel->multiply(fixture->lanes, fixture->out_rows, (const mp_limb_t *const *)fixture->out_rows, fixture->right_rows,
                     fixture->scratch.limbs);
    leave_rows(fixture);
    for (int i = 0; i < (int)kernel->lanes; i++) {
        pair_multiply(&fixture->ring, fixture->expected, fixture->left[i], fixture->right[i], fixture->scratch.limbs);
        pair_multiply(&fixture->ring, fixture->expected, fixture->expected, fixture->right[i], fixture->scratch.limbs);
        expect_lane(fixture, i);
    }
}

/* 0, 1, n-1, n, n^2-n, n^2-1, n^2-2 and n+1: read, then written again. */
static void edges_survive(struct fixture *fixture)
{
    const struct montgomery *modulus = &fixture->ring.modulus;
    mp_size_t half = modulus->size, size = fixture->ring.size;
    mp_limb_t square[PAIR];
    const mp_limb_t one = 1;
    mpn_sqr(square, modulus->modulus, half);
    memset(fixture->left, 0, sizeof fixture->left);
    fixture->left[1][0] = 1;
    mpn_sub_1(fixture->left[2], modulus->modulus, half, 1);
    mpn_copyi(fixture->left[3], modulus->modulus, half);
    mpn_sub(fixture->left[4], square, size, modulus->modulus, half);
    mpn_sub_1(fixture->left[5], square, size, 1);
    mpn_sub_1(fixture->left[6], square, size, 2);
    mpn_add(fixture->left[7], fixture->left[3], size, &one, 1);
    for (uint32_t first = 0; first < LANES; first += kernel->lanes) {
        kernel->read(fixture->lanes, fixture->out_rows, fixture->lefts + first, fixture->scratch.limbs);
        kernel->write(fixture->lanes, fixture->outs, (const mp_limb_t *const *)fixture->out_rows, fixture->scratch.limbs);
        for (uint32_t i = 0; i < kernel->lanes; i++) assert_int_equal(mpn_cmp(fixture->out[i], fixture->left[first + i], size), 0);
    }
}

/* Products modulo n up to factors of R: those of the same numbers, computed one by one. */
static void check_remainders(struct fixture *fixture, uint64_t count)
{
    const struct montgomery *modulus = &fixture->ring.modulus;
    const mp_limb_t *numbers[8 * LANES];
    mp_limb_t itself[LANES][PAIR], *single[LANES], power[PAIR];
    make_numbers(fixture, any_round());
    for (uint32_t i = 0; i < kernel->lanes; i++) {
        pair_leave(&fixture->ring, fixture->left[i], fixture->left[i], fixture->scratch.limbs);
        single[i] = itself[i];
        for (uint64_t k = 0; k < count; k++) numbers[k * kernel->lanes + i] = fixture->left[i];
    }
    kernel->remainders(fixture->lanes, single, numbers, 1, fixture->scratch.limbs);
    kernel->remainders(fixture->lanes, fixture->outs, numbers, count, fixture->scratch.limbs);
    for (uint32_t i = 0; i < kernel->lanes; i++) { /* single = x/R, out = x^count/R^(2*count-1): times R^(count-1) these agree */
        mpn_copyi(power, itself[i], modulus->size);
        for (uint64_t k = 1; k < count; k++) montgomery_multiply(modulus, power, power, itself[i], fixture->scratch.limbs);
        for (uint64_t k = 1; k < count; k++) { /* by 2^(52*limbs) instead of 2^(64*words) */
            for (uint32_t bit = 0; bit < fixture->lanes->shift; bit++) {
                mp_limb_t ignored, top = mpn_lshift(fixture->out[i], fixture->out[i], modulus->size, 1);
                montgomery_take_modulus(modulus, fixture->out[i], top, &ignored);
            }
        }
        assert_int_equal(mpn_cmp(power, fixture->out[i], modulus->size), 0);
    }
}

static void check_kernel(mp_size_t size, enum modulus kind)
{
    static struct fixture fixture;
    fixture_make(&fixture, size, kind);
    check_multiply(&fixture, size <= 2 || (size == 16 && !is_slow()) ? 162 : 4);
    if (size <= 3 || (size == 16 && !is_slow())) check_combs(&fixture);
    for (uint64_t times = 0; times < 8; times++) check_group(&fixture, times);
    check_group(&fixture, 64);
    check_wire(&fixture);
    edges_survive(&fixture);
    check_remainders(&fixture, 1);
    check_remainders(&fixture, 7);
    fixture_free(&fixture);
}

static void it_agrees_with_pair_arithmetic(void **state)
{
    (void)state;
    static const mp_size_t sizes[] = {1, 2, 3, 5, 8, 11, 16, 24, 32, 48, 64};
    if (kernel == NULL) skip();
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int kind = 0; kind < MODULI; kind++)
            if (!is_slow() || sizes[i] < 16 || kind == ALL_ONES) /* which is slow */
                check_kernel(sizes[i], (enum modulus)kind);
}

static void long_chains_agree(void **state)
{
    (void)state;
    static struct fixture fixture;
    if (kernel == NULL) skip();
    fixture_make(&fixture, is_slow() ? 4 : 16, ALL_ONES);
    enter_numbers(&fixture, 161);
    for (int i = 0; i < LANES; i++) memcpy(fixture.rows[2][i], fixture.rows[0][i], sizeof fixture.rows[0][i]);
    for (int k = 0; k < 3000; k++)
        kernel->multiply(fixture.lanes, fixture.out_rows, (const mp_limb_t *const *)fixture.out_rows, fixture.right_rows,
                         fixture.scratch.limbs);
    leave_rows(&fixture);
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
    check_comb(&fixture, 11, false);
    check_fermat(&(mp_limb_t){61}, 1);
    check_group(&fixture, 2);
    check_group(&fixture, 3);
    check_wire(&fixture);
    check_remainders(&fixture, 2);
    unsigned after = _mm_getcsr();
    _mm_setcsr(before);
    assert_int_equal(after, mine);
    fixture_free(&fixture);
#endif
}

static int test_kernel(const struct kernel *tested, const char *label)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_agrees_with_pair_arithmetic),
        cmocka_unit_test(powers_less_one_agree),
        cmocka_unit_test(long_chains_agree),
        cmocka_unit_test(the_rounding_mode_is_kept),
    };
    kernel = tested->available() ? tested : NULL;
    return cmocka_run_group_tests_name(label, tests, setup, teardown);
}

uint32_t kernels_of_name(const struct kernel **kernels, const char *name)
{
    static const struct kernel *const all[] = {
#ifdef __x86_64__
        &kernel_avx512, &kernel_avx512_split, &kernel_avx2,
#endif
        &kernel_plain, &kernel_plain_split};
    uint32_t count = 0;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strcmp(all[i]->name, name) == 0) kernels[count++] = all[i];
    return count;
}

int kernels_test(const char *name)
{
    const struct kernel *kernels[KERNELS_OF_NAME];
    uint32_t count = kernels_of_name(kernels, name);
    int failed = 0;
    for (uint32_t i = 0; i < count; i++) failed += test_kernel(kernels[i], kernels[i]->least_split == 0 ? "whole" : "split");
    return failed;
}
