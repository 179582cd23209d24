/* A group against GMP's plain numbers: edge values and moduli, all sizes that keys have, long chains, selections, inverses. */
#include "tests/support/groups.h"
#include "tests/support/unit.h"

#include "src/crypto/group_kernel.h"
#include "tests/support/crypto.h"
#include "tests/support/kernels.h"
#ifdef __x86_64__
#include <immintrin.h>
#endif

enum { MOST = 64, LANES = GROUP_MOST_LANES };

static const struct kernel *kernel; /* NULL: portable */
static bool here;
static struct random_stream stream;
static struct test_allocator counted;
static fate_context *context;

static int setup(void **state)
{
    (void)state;
    uint8_t seed[RANDOM_KEY];
    random_stream_init(&stream, crypto_seed(seed, 22), 0);
    context = crypto_context(&counted, -1, 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fate_context_free(context);
    return atomic_load(&counted.live) == 0 ? 0 : -1;
}

/* A modulus, its group, and numbers as GMP has them and in bundles. */
struct fixture {
    struct montgomery montgomery;
    struct group_ring *ring;
    struct group group;
    struct scratch scratch;
    mp_limb_t *left, *right, *out, *table, *room;
    mpz_t modulus, lefts[LANES], rights[LANES], wanted;
    mp_limb_t plain[LANES][MOST];
    mp_limb_t *numbers[LANES];
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
    assert_int_equal(montgomery_init(&fixture->montgomery, context, modulus, size), FATE_OK);
    struct group *group = &fixture->group;
    if (kernel == NULL)
        group_of_montgomery(group, &fixture->montgomery);
    else
        assert_int_equal(group_ring_new(&fixture->ring, group, context, kernel, &fixture->montgomery), FATE_OK);
    mp_size_t bundles = (4 + GROUP_MOST_ENTRIES) * group->bundle, itch = group_invert_itch(group) + group_make_row_itch(group);
    assert_int_equal(scratch_new(&fixture->scratch, context, 1, bundles + GROUP_ALIGNMENT + itch), FATE_OK);
    fixture->left = group_align(fixture->scratch.limbs);
    fixture->right = fixture->left + group->bundle;
    fixture->out = fixture->right + group->bundle;
    fixture->table = fixture->out + group->bundle;
    fixture->room = fixture->table + GROUP_MOST_ENTRIES * group->bundle;
    mpz_inits(fixture->modulus, fixture->wanted, NULL);
    crypto_to_mpz(fixture->modulus, modulus, size);
    for (int i = 0; i < LANES; i++) {
        mpz_inits(fixture->lefts[i], fixture->rights[i], NULL);
        fixture->numbers[i] = fixture->plain[i];
    }
}

static void fixture_free(struct fixture *fixture)
{
    for (int i = 0; i < LANES; i++) mpz_clears(fixture->lefts[i], fixture->rights[i], NULL);
    mpz_clears(fixture->modulus, fixture->wanted, NULL);
    scratch_free(&fixture->scratch);
    group_ring_free(fixture->ring, context);
    montgomery_free(&fixture->montgomery, context);
}

/* 0, 1, n-1, n-2, a power of two below n, or random. */
static void make_number(const struct fixture *fixture, mpz_t number, unsigned kind)
{
    mp_limb_t limbs[MOST];
    mpz_set_ui(number, kind == 1);
    if (kind == 2 || kind == 3) mpz_sub_ui(number, fixture->modulus, kind - 1);
    if (kind == 4) mpz_setbit(number, mpz_sizeinbase(fixture->modulus, 2) - 2);
    if (kind < 5) return;
    limbs_random(limbs, MOST, 64 * MOST, &stream);
    crypto_to_mpz(number, limbs, MOST);
    mpz_mod(number, number, fixture->modulus);
}

static void enter(struct fixture *fixture, mp_limb_t *bundle, mpz_t *numbers)
{
    const struct group *group = &fixture->group;
    for (uint32_t i = 0; i < group->lanes; i++) crypto_from_mpz(fixture->plain[i], group->words, numbers[i]);
    group->enter(group->ring, bundle, (const mp_limb_t *const *)fixture->numbers, fixture->room);
}

static void make_numbers(struct fixture *fixture)
{
    for (unsigned i = 0; i < LANES; i++) {
        make_number(fixture, fixture->lefts[i], (unsigned)random_stream_below(&stream, 7));
        make_number(fixture, fixture->rights[i], (unsigned)random_stream_below(&stream, 7));
    }
    enter(fixture, fixture->left, fixture->lefts);
    enter(fixture, fixture->right, fixture->rights);
}

static void leave(struct fixture *fixture, const mp_limb_t *bundle)
{
    fixture->group.leave(fixture->group.ring, fixture->numbers, bundle, fixture->room);
}

/* Lane i of what was left last. */
static void expect(const struct fixture *fixture, uint32_t lane, const mpz_t wanted)
{
    mp_limb_t limbs[MOST];
    crypto_from_mpz(limbs, MOST, wanted);
    assert_int_equal(mpn_cmp(fixture->plain[lane], limbs, fixture->group.words), 0);
}

static void check_products(struct fixture *fixture)
{
    const struct group *group = &fixture->group;
    make_numbers(fixture);
    struct group_ahead ahead = {.rows = {fixture->table, fixture->table + group->row, fixture->table + 2 * group->row}, .count = 3};
    for (int public_one = 0; public_one < 3; public_one++) {
        if (public_one == 2)
            group->multiply_ahead(group->ring, fixture->out, fixture->left, fixture->right, &ahead, fixture->room);
        else
            (public_one ? group->multiply_public : group->multiply)(group->ring, fixture->out, fixture->left, fixture->right,
                                                                    fixture->room);
        leave(fixture, fixture->out);
        for (uint32_t i = 0; i < group->lanes; i++) {
            mpz_mul(fixture->wanted, fixture->lefts[i], fixture->rights[i]);
            mpz_mod(fixture->wanted, fixture->wanted, fixture->modulus);
            expect(fixture, i, fixture->wanted);
        }
        mpn_copyi(fixture->out, fixture->left, group->bundle);
        (public_one ? group->square_public : group->square)(group->ring, fixture->out, 1, fixture->room);
        leave(fixture, fixture->out);
        for (uint32_t i = 0; i < group->lanes; i++) {
            mpz_mul(fixture->wanted, fixture->lefts[i], fixture->lefts[i]);
            mpz_mod(fixture->wanted, fixture->wanted, fixture->modulus);
            expect(fixture, i, fixture->wanted);
        }
    }
    if (group->lanes > 1) assert_true(ahead.row == ahead.count); /* all were asked for */
}

/* Numbers as they were entered, through rows and out; and what take makes of them. */
static void check_ways(struct fixture *fixture)
{
    const struct group *group = &fixture->group;
    mp_limb_t *rows[LANES];
    make_numbers(fixture);
    for (uint32_t i = 0; i < group->lanes; i++) rows[i] = fixture->table + i * (uint64_t)group->row;
    group->store(group->ring, rows, fixture->left);
    group->load(group->ring, fixture->out, (const mp_limb_t *const *)rows);
    leave(fixture, fixture->out);
    for (uint32_t i = 0; i < group->lanes; i++) expect(fixture, i, fixture->lefts[i]);
    group_spread(group, fixture->out, rows[group->lanes - 1]);
    leave(fixture, fixture->out);
    for (uint32_t i = 0; i < group->lanes; i++) expect(fixture, i, fixture->lefts[group->lanes - 1]);
    group_make_row(group, rows[0], fixture->plain[0], fixture->room);
    group_spread(group, fixture->out, rows[0]);
    leave(fixture, fixture->out);
    for (uint32_t i = 0; i < group->lanes; i++) expect(fixture, i, fixture->lefts[group->lanes - 1]);
    /* A number that is taken is number/R in the form: its product with another is their plain product over R, in the form. */
    leave(fixture, fixture->left);
    group->take(group->ring, fixture->out, (const mp_limb_t *const *)fixture->numbers, fixture->room);
    group->multiply(group->ring, fixture->out, fixture->out, fixture->right, fixture->room);
    group_spread(group, fixture->table, group->one);
    leave(fixture, fixture->table);
    for (uint32_t i = 0; i < group->lanes; i++) assert_true(fixture->plain[i][0] == 1 && mpn_zero_p(fixture->plain[i] + 1, MOST - 1));
    group->take(group->ring, fixture->table, (const mp_limb_t *const *)fixture->numbers, fixture->room); /* 1/R */
    group->multiply(group->ring, fixture->table, fixture->table, fixture->left, fixture->room);
    group->multiply(group->ring, fixture->table, fixture->table, fixture->right, fixture->room);
    leave(fixture, fixture->table);
    for (uint32_t i = 0; i < group->lanes; i++) crypto_to_mpz(fixture->rights[i], fixture->plain[i], group->words);
    leave(fixture, fixture->out);
    for (uint32_t i = 0; i < group->lanes; i++) expect(fixture, i, fixture->rights[i]);
}

static void check_selections(struct fixture *fixture, uint32_t entries)
{
    const struct group *group = &fixture->group;
    mp_limb_t digits[LANES], *rows[LANES], row[2 * MOST + LANES];
    mpz_t numbers[GROUP_MOST_ENTRIES];
    for (int shared = 0; shared < 2; shared++) {
        for (uint32_t i = 0; i < entries; i++) {
            make_numbers(fixture);
            mpz_init_set(numbers[i], fixture->lefts[0]);
            for (uint32_t lane = 0; lane < group->lanes; lane++) rows[lane] = lane == 0 ? fixture->table + i * (uint64_t)group->row : row;
            if (shared)
                group->store(group->ring, rows, fixture->left);
            else
                mpn_copyi(fixture->table + i * (uint64_t)group->bundle, fixture->left, group->bundle);
        }
        for (uint32_t from = 0; from < entries; from += shared ? 3 : 1) {
            for (uint32_t lane = 0; lane < group->lanes; lane++) digits[lane] = (from + (shared ? 5 * lane : 0)) % entries;
            (shared ? group->select_row : group->select_bundle)(group->ring, fixture->out, fixture->table, entries, digits);
            leave(fixture, fixture->out);
            for (uint32_t lane = 0; lane < (shared ? group->lanes : 1); lane++) expect(fixture, lane, numbers[digits[lane]]);
        }
        for (uint32_t i = 0; i < entries; i++) mpz_clear(numbers[i]);
    }
}

static void check_inverse(struct fixture *fixture)
{
    const struct group *group = &fixture->group;
    bool unit = true;
    make_numbers(fixture);
    for (uint32_t i = 0; i < group->lanes; i++) unit &= mpz_invert(fixture->wanted, fixture->lefts[i], fixture->modulus) != 0;
    assert_int_equal(group_invert(group, fixture->left, fixture->room), unit);
    if (!unit) return;
    leave(fixture, fixture->left);
    for (uint32_t i = 0; i < group->lanes; i++) {
        mpz_invert(fixture->wanted, fixture->lefts[i], fixture->modulus);
        expect(fixture, i, fixture->wanted);
    }
}

static void it_agrees_with_plain_numbers(void **state)
{
    (void)state;
    static const mp_size_t sizes[] = {1, 2, 3, 5, 8, 11, 16, 22, 32, 48, 64};
    static struct fixture fixture;
    if (!here) skip();
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int kind = 0; kind < MODULI; kind++) {
            fixture_make(&fixture, sizes[i], (enum modulus)kind);
            for (int round = 0; round < (sizes[i] < 8 ? 60 : 6); round++) check_products(&fixture);
            check_ways(&fixture);
            check_selections(&fixture, 2);
            check_selections(&fixture, 4);
            check_selections(&fixture, GROUP_MOST_ENTRIES);
            for (int round = 0; round < (sizes[i] < 8 ? 10 : 1); round++) check_inverse(&fixture);
            fixture_free(&fixture);
        }
}

/* Elements that are not canonical stay in their bounds. */
static void long_chains_agree(void **state)
{
    (void)state;
    static struct fixture fixture;
    if (!here) skip();
    for (int kind = 0; kind < MODULI; kind++) {
        fixture_make(&fixture, kernel != NULL && strcmp(kernel->name, "plain") == 0 ? 4 : 32, (enum modulus)kind);
        const struct group *group = &fixture.group;
        make_numbers(&fixture);
        for (int k = 0; k < 2000; k++) {
            group->multiply(group->ring, fixture.left, fixture.left, fixture.right, fixture.room);
            if (k % 7 == 0) group->square(group->ring, fixture.left, 1, fixture.room);
        }
        leave(&fixture, fixture.left);
        for (uint32_t i = 0; i < group->lanes; i++) {
            for (int k = 0; k < 2000; k++) {
                mpz_mul(fixture.lefts[i], fixture.lefts[i], fixture.rights[i]);
                mpz_mod(fixture.lefts[i], fixture.lefts[i], fixture.modulus);
                if (k % 7 == 0) mpz_powm_ui(fixture.lefts[i], fixture.lefts[i], 2, fixture.modulus);
            }
            expect(&fixture, i, fixture.lefts[i]);
        }
        fixture_free(&fixture);
    }
}

/* Kernels may round in their own direction; the caller's stays. */
static void the_rounding_mode_is_kept(void **state)
{
    (void)state;
#ifdef __x86_64__
    static struct fixture fixture;
    if (!here) skip();
    fixture_make(&fixture, 4, RANDOM);
    unsigned before = _mm_getcsr(), mine = (before & ~(unsigned)_MM_ROUND_MASK) | _MM_ROUND_UP;
    _mm_setcsr(mine);
    check_products(&fixture);
    check_ways(&fixture);
    check_selections(&fixture, 4);
    check_inverse(&fixture);
    unsigned after = _mm_getcsr();
    _mm_setcsr(before);
    assert_int_equal(after, mine);
    fixture_free(&fixture);
#endif
}

static int test_group(const struct kernel *tested, const char *label)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_agrees_with_plain_numbers),
        cmocka_unit_test(long_chains_agree),
        cmocka_unit_test(the_rounding_mode_is_kept),
    };
    kernel = tested;
    here = tested == NULL || tested->available();
    return cmocka_run_group_tests_name(label, tests, setup, teardown);
}

int groups_test(const char *name)
{
    const struct kernel *kernels[KERNELS_OF_NAME];
    uint32_t count = kernels_of_name(kernels, name);
    int failed = strcmp(name, "portable") == 0 ? test_group(NULL, name) : 0;
    for (uint32_t i = 0; i < count; i++) failed += test_group(kernels[i], kernels[i]->least_split == 0 ? "whole" : "split");
    return failed;
}
