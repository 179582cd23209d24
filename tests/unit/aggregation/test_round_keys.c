/* Keys of a round: letters open for whom they are sealed alone, masks of two parties cancel, keys of small order are refused. */
#include "src/models/aggregation/round_keys.h"

#include "tests/support/unit.h"

struct pair {
    struct round_secrets secrets[2];
    struct round_keys keys[2];
};

static void make(struct pair *pair)
{
    for (int side = 0; side < 2; side++) {
        uint8_t seed[32] = {(uint8_t)(side + 5)};
        round_keys_make(&pair->secrets[side], &pair->keys[side], seed);
    }
}

static void keys_follow_from_the_seed(void **state)
{
    (void)state;
    struct pair one, other;
    uint8_t key[ROUND_KEY];
    make(&one);
    make(&other);
    assert_memory_equal(&one, &other, sizeof one);
    assert_memory_not_equal(&one.keys[0], &one.keys[1], sizeof one.keys[0]);
    assert_memory_not_equal(one.keys[0].letter, one.keys[0].mask, ROUND_KEY);
    round_public(key, one.secrets[0].mask);
    assert_memory_equal(key, one.keys[0].mask, ROUND_KEY);
    round_commit(key, one.secrets[0].own);
    assert_memory_equal(key, one.keys[0].commitment, ROUND_KEY);
}

static void letters(void **state)
{
    (void)state;
    struct pair pair;
    uint8_t letter[ROUND_LETTER] = {1, 2, 3}, sealed[ROUND_SEALED], opened[ROUND_LETTER];
    make(&pair);
    assert_true(round_seal(sealed, letter, pair.secrets[0].letter, pair.keys[1].letter, 7, 3, 9));
    assert_true(round_open(opened, sealed, pair.secrets[1].letter, pair.keys[0].letter, 7, 3, 9));
    assert_memory_equal(opened, letter, sizeof letter);
    assert_false(round_open(opened, sealed, pair.secrets[1].letter, pair.keys[0].letter, 8, 3, 9));
    assert_false(round_open(opened, sealed, pair.secrets[1].letter, pair.keys[0].letter, 7, 9, 3));
    assert_false(round_open(opened, sealed, pair.secrets[1].mask, pair.keys[0].letter, 7, 3, 9));
    for (int i = 0; i < ROUND_SEALED; i++) {
        sealed[i] ^= 1;
        assert_false(round_open(opened, sealed, pair.secrets[1].letter, pair.keys[0].letter, 7, 3, 9));
        sealed[i] ^= 1;
    }
}

static void masks(void **state)
{
    (void)state;
    struct pair pair;
    struct mask one, other, again;
    make(&pair);
    assert_true(round_pair_mask(&one, pair.secrets[0].mask, pair.keys[1].mask, 7, 3, 9));
    assert_true(round_pair_mask(&other, pair.secrets[1].mask, pair.keys[0].mask, 7, 9, 3));
    assert_memory_equal(one.seed, other.seed, MASKING_SEED);
    assert_true(!one.subtracted && other.subtracted);
    assert_true(round_pair_mask(&again, pair.secrets[0].mask, pair.keys[1].mask, 8, 3, 9));
    assert_memory_not_equal(one.seed, again.seed, MASKING_SEED);
    round_own_mask(&one, pair.secrets[0].own, 7, false);
    round_own_mask(&other, pair.secrets[0].own, 7, true);
    round_own_mask(&again, pair.secrets[0].own, 8, true);
    assert_memory_equal(one.seed, other.seed, MASKING_SEED);
    assert_memory_not_equal(one.seed, again.seed, MASKING_SEED);
    assert_true(!one.subtracted && other.subtracted);
}

static void keys_of_small_order(void **state)
{
    (void)state;
    struct pair pair;
    struct mask mask;
    const uint8_t zero[ROUND_KEY] = {0}, one[ROUND_KEY] = {1};
    uint8_t letter[ROUND_LETTER] = {0}, sealed[ROUND_SEALED] = {0};
    make(&pair);
    assert_false(round_seal(sealed, letter, pair.secrets[0].letter, zero, 1, 2, 3));
    assert_false(round_open(letter, sealed, pair.secrets[0].letter, one, 1, 2, 3));
    assert_false(round_pair_mask(&mask, pair.secrets[0].mask, one, 1, 2, 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(keys_follow_from_the_seed), cmocka_unit_test(letters), cmocka_unit_test(masks),
                                       cmocka_unit_test(keys_of_small_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
