/* Pairs as a group without a kernel, against pair arithmetic. The groups of kernels are tried with these, in tests/support/kernels.c. */
#include "tests/support/unit.h"

#include "src/crypto/pair_group.h"
#include "tests/support/crypto.h"

enum { SIZE = 4, PAIR = 2 * SIZE, ENTRIES = 5 };

static struct test_allocator counted;
static fate_context *context;
static struct random_stream stream;
static struct pair_ring ring;
static struct group group;
static struct scratch scratch;

static int setup(void **state)
{
    (void)state;
    uint8_t seed[RANDOM_KEY];
    mp_limb_t modulus[SIZE];
    random_stream_init(&stream, crypto_seed(seed, 5), 0);
    context = crypto_context(&counted, -1, 1);
    limbs_random(modulus, SIZE, 64 * SIZE, &stream);
    modulus[0] |= 1;
    modulus[SIZE - 1] |= 1;
    assert_int_equal(pair_init(&ring, context, modulus, SIZE), FATE_OK);
    pair_group_make(&group, &ring, NULL);
    mp_size_t itch = group_invert_itch(&group) + group.itch + pair_invert_itch(&ring);
    return scratch_new(&scratch, context, 1, itch);
}

static int teardown(void **state)
{
    (void)state;
    scratch_free(&scratch);
    pair_free(&ring, context);
    fate_context_free(context);
    return atomic_load(&counted.live) == 0 ? 0 : -1;
}

static void random_pair(mp_limb_t *pair)
{
    for (int half = 0; half < 2; half++) {
        limbs_random(pair + half * SIZE, SIZE, 64 * SIZE, &stream);
        pair[half * SIZE + SIZE - 1] %= ring.modulus.modulus[SIZE - 1];
    }
}

static void it_has_one_lane_of_pairs(void **state)
{
    (void)state;
    assert_true(group.lanes == 1 && group.row == PAIR && group.bundle == PAIR && group.one_lane == NULL && group.words == PAIR);
    assert_int_equal(mpn_cmp(group.one, ring.one, PAIR), 0);
}

static void products_squares_and_inverses_are_those_of_pairs(void **state)
{
    (void)state;
    mp_limb_t left[PAIR], right[PAIR], out[PAIR], wanted[PAIR];
    for (uint64_t times = 0; times < 20; times++) {
        random_pair(left);
        random_pair(right);
        pair_multiply(&ring, wanted, left, right, scratch.limbs);
        group.multiply(group.ring, out, left, right, scratch.limbs);
        assert_int_equal(mpn_cmp(out, wanted, PAIR), 0);
        group.multiply_public(group.ring, out, left, right, scratch.limbs);
        assert_int_equal(mpn_cmp(out, wanted, PAIR), 0);
        group.multiply_ahead(group.ring, out, left, right, &(struct group_ahead){.rows = {out}, .count = 1}, scratch.limbs);
        assert_int_equal(mpn_cmp(out, wanted, PAIR), 0);
        mpn_copyi(wanted, left, PAIR);
        for (uint64_t i = 0; i < times; i++) pair_square(&ring, wanted, wanted, scratch.limbs);
        mpn_copyi(out, left, PAIR);
        (times % 2 == 0 ? group.square : group.square_public)(group.ring, out, times, scratch.limbs);
        assert_int_equal(mpn_cmp(out, wanted, PAIR), 0);
        mp_limb_t unit = pair_invert(&ring, wanted, left, scratch.limbs);
        assert_int_equal(group_invert(&group, left, scratch.limbs), unit);
        if (unit) assert_int_equal(mpn_cmp(left, wanted, PAIR), 0);
    }
    mpn_zero(left, PAIR); /* zero has no inverse, and stays */
    assert_int_equal(group_invert(&group, left, scratch.limbs), 0);
    assert_true(mpn_zero_p(left, PAIR));
}

static void entries_are_chosen_loaded_and_stored(void **state)
{
    (void)state;
    mp_limb_t table[ENTRIES * PAIR], out[PAIR], row[PAIR], *rows[1] = {row};
    for (int i = 0; i < ENTRIES; i++) random_pair(table + i * PAIR);
    for (mp_limb_t digit = 0; digit < ENTRIES; digit++) {
        group.select_bundle(group.ring, out, table, ENTRIES, &digit);
        assert_int_equal(mpn_cmp(out, table + digit * PAIR, PAIR), 0);
        group.store(group.ring, rows, out);
        assert_int_equal(mpn_cmp(row, out, PAIR), 0);
        group_spread(&group, out, table);
        assert_int_equal(mpn_cmp(out, table, PAIR), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_has_one_lane_of_pairs),
        cmocka_unit_test(products_squares_and_inverses_are_those_of_pairs),
        cmocka_unit_test(entries_are_chosen_loaded_and_stored),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
