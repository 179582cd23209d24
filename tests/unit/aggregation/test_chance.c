/* Chances of draws without replacement, held against sums over all draws. */
#include "src/models/aggregation/chance.h"

#include <math.h>

#include "tests/support/unit.h"

enum { TOTAL = 12 };

/* How many of the subsets of that size have so many of the first `marked` numbers. */
static uint32_t count(uint32_t marked, uint32_t draws, uint32_t low, uint32_t high, uint32_t *all)
{
    uint32_t found = 0;
    *all = 0;
    for (uint32_t set = 0; set < 1u << TOTAL; set++) {
        uint32_t size = 0, hits = 0;
        for (uint32_t i = 0; i < TOTAL; i++) {
            size += set >> i & 1;
            hits += i < marked && (set >> i & 1);
        }
        *all += size == draws;
        found += size == draws && hits >= low && hits <= high;
    }
    return found;
}

static void as_counted(void **state)
{
    (void)state;
    for (uint32_t marked = 0; marked <= TOTAL; marked += 3)
        for (uint32_t draws = 0; draws <= TOTAL; draws += 2)
            for (uint32_t low = 0; low <= draws + 1; low += 2) {
                uint32_t all, found = count(marked, draws, low, low + 3, &all);
                double chance = chance_between(TOTAL, marked, draws, low, low + 3);
                assert_true(fabs(chance - (double)found / (double)all) < 1e-12);
            }
    assert_true(fabs(chance_log_choose(10, 3) - log(120)) < 1e-12);
    assert_true(chance_log_choose(3, 10) < -1e20);
    assert_true(fabs(chance_bits(10) * 1024 - 1) < 1e-12);
}

/* Terms far below the smallest double do not spoil the sum of the others. */
static void from_the_far_end(void **state)
{
    (void)state;
    assert_true(fabs(chance_between(10000, 9000, 216, 0, 216) - 1) < 1e-9);
    assert_true(chance_between(10000, 1000, 216, 150, 216) < 1e-60);
    assert_true(chance_between(10000, 9000, 216, 0, 100) < 1e-40);
    assert_true(chance_between(10, 20, 3, 0, 3) < 1e-300 && chance_between(10, 3, 20, 0, 3) < 1e-300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_counted), cmocka_unit_test(from_the_far_end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
