/* Shares of secrets: every threshold of every small number of holders, all subsets, false and repeated places. */
#include "src/crypto/sharing.h"

#include <sodium.h>

#include "tests/support/unit.h"

enum { SMALL = 7 };

static const uint8_t seed[32] = {7, 1, 4};

static void make_secret(uint8_t *secret, uint32_t number)
{
    for (uint32_t i = 0; i < SHARING_SECRET; i++) secret[i] = (uint8_t)(number * 37 + i * 11);
}

/* The shares of those whose bit is set, in that order. */
static uint32_t choose(const uint8_t *shares, uint32_t members, uint8_t *places, uint8_t *chosen)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < SMALL; i++) {
        if ((members >> i & 1) == 0) continue;
        places[count] = (uint8_t)(i + 1);
        memcpy(chosen + (uint64_t)count++ * SHARING_SECRET, shares + (uint64_t)i * SHARING_SECRET, SHARING_SECRET);
    }
    return count;
}

static void every_subset(void **state)
{
    (void)state;
    uint8_t secret[SHARING_SECRET], shares[SMALL * SHARING_SECRET], places[SMALL], chosen[SMALL * SHARING_SECRET], joined[SHARING_SECRET];
    for (uint32_t threshold = 1; threshold <= SMALL; threshold++) {
        make_secret(secret, threshold);
        sharing_split(shares, secret, SMALL, threshold, seed);
        for (uint32_t members = 1; members < 1u << SMALL; members++) {
            uint32_t count = choose(shares, members, places, chosen);
            assert_true(sharing_join(joined, places, chosen, count));
            assert_int_equal(memcmp(joined, secret, sizeof secret) == 0, count >= threshold);
        }
    }
}

static void as_many_as_there_can_be(void **state)
{
    (void)state;
    static uint8_t shares[SHARING_MOST * SHARING_SECRET];
    uint8_t secret[SHARING_SECRET], places[SHARING_MOST], joined[SHARING_SECRET];
    make_secret(secret, 3);
    sharing_split(shares, secret, SHARING_MOST, 170, seed);
    for (uint32_t i = 0; i < SHARING_MOST; i++) places[i] = (uint8_t)(i + 1);
    assert_true(sharing_join(joined, places + 85, shares + 85 * SHARING_SECRET, 170));
    assert_memory_equal(joined, secret, sizeof secret);
    assert_true(sharing_join(joined, places, shares, 169));
    assert_memory_not_equal(joined, secret, sizeof secret);
}

/* With one share too few every secret is possible: for each there is a share that leads to it. */
static void one_too_few_say_nothing(void **state)
{
    (void)state;
    uint8_t secret[SHARING_SECRET], shares[2 * SHARING_SECRET], joined[SHARING_SECRET];
    bool seen[256] = {false};
    make_secret(secret, 5);
    sharing_split(shares, secret, 2, 2, seed);
    for (uint32_t guess = 0; guess < 256; guess++) {
        shares[SHARING_SECRET] = (uint8_t)guess;
        assert_true(sharing_join(joined, (const uint8_t[]){1, 2}, shares, 2));
        assert_false(seen[joined[0]]);
        seen[joined[0]] = true;
    }
}

static void seeds_and_places(void **state)
{
    (void)state;
    uint8_t secret[SHARING_SECRET], shares[3 * SHARING_SECRET], other[3 * SHARING_SECRET], joined[SHARING_SECRET] = {9};
    const uint8_t another_seed[32] = {8};
    make_secret(secret, 1);
    sharing_split(shares, secret, 3, 2, seed);
    sharing_split(other, secret, 3, 2, seed);
    assert_memory_equal(shares, other, sizeof shares);
    sharing_split(other, secret, 3, 2, another_seed);
    assert_memory_not_equal(shares, other, sizeof shares);
    assert_false(sharing_join(joined, (const uint8_t[]){2, 2}, shares, 2));
    assert_false(sharing_join(joined, (const uint8_t[]){0, 2}, shares, 2));
    assert_int_equal(joined[0], 9);
}

static bool is_it(const void *context, const uint8_t *joined)
{
    return memcmp(context, joined, SHARING_SECRET) == 0;
}

/* Up to so many false shares, wherever they stand, are found; with more than the others can make up for, nothing is. */
static void false_shares_are_found(void **state)
{
    (void)state;
    enum { COUNT = 20, THRESHOLD = 11 };
    uint8_t secret[SHARING_SECRET], shares[COUNT * SHARING_SECRET], places[COUNT], found[SHARING_SECRET];
    bool wrong[COUNT];
    make_secret(secret, 5);
    for (uint32_t i = 0; i < COUNT; i++) places[i] = (uint8_t)(i + 1);
    for (uint32_t lies = 0; lies <= COUNT - THRESHOLD + 1; lies++) {
        uint32_t first = (lies * 7) % COUNT;
        sharing_split(shares, secret, COUNT, THRESHOLD, seed);
        for (uint32_t i = 0; i < lies; i++) shares[(first + i) % COUNT * SHARING_SECRET + i] ^= 4;
        bool is_found = sharing_find(found, wrong, places, shares, COUNT, THRESHOLD, is_it, secret);
        assert_true(lies > 4 || is_found);
        assert_true(lies <= COUNT - THRESHOLD || !is_found);
        for (uint32_t i = 0; i < COUNT && is_found; i++) assert_int_equal(wrong[i], (i + COUNT - first) % COUNT < lies);
        if (is_found) assert_memory_equal(found, secret, sizeof secret);
    }
    assert_false(sharing_find(found, wrong, places, shares, THRESHOLD - 1, THRESHOLD, is_it, secret));
    places[3] = 1;
    assert_false(sharing_find(found, wrong, places, shares, COUNT, THRESHOLD, is_it, secret));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_subset), cmocka_unit_test(as_many_as_there_can_be),
                                       cmocka_unit_test(one_too_few_say_nothing), cmocka_unit_test(seeds_and_places),
                                       cmocka_unit_test(false_shares_are_found)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
