/* Fixed-point numbers of the ring: what fits, and that sums come back. */
#include "src/models/aggregation/ring.h"

#include <math.h>

#include "tests/support/unit.h"

static void fractions_fit(void **state)
{
    (void)state;
    const double bounds[] = {1e-6, 1, 1000, 1e10};
    for (int i = 0; i < 4; i++)
        for (uint32_t width = 4; width <= 8; width += 4)
            for (uint32_t clients = 2; clients < 3000; clients *= 3) {
                int32_t bits = ring_fraction(bounds[i], clients, width, -60);
                assert_true(bits >= -60 && bits <= 52);
                double most = clients * (ldexp(bounds[i], bits) + 1), half = ldexp(1, (int)(8 * width - 1));
                assert_true(most < half);
                assert_true(bits == 52 || clients * (ldexp(bounds[i], bits + 1) + 1) >= half - 1);
            }
    assert_true(ring_fraction(1e15, 1000, 4, 0) == -1);
    assert_true(ring_fraction(1e30, 1000, 4, -40) == -41);
}

static void sums_come_back(void **state)
{
    (void)state;
    const double numbers[] = {0, 1, -1, 0.5, -123.25, 999.75};
    for (uint32_t width = 4; width <= 8; width += 4) {
        uint8_t bytes[8];
        for (int i = 0; i < 6; i++)
            for (int j = 0; j < 6; j++) {
                ring_put(bytes, 0, ring_round(numbers[i], 10) + ring_round(numbers[j], 10), width);
                assert_true(ring_number(ring_get(bytes, 0, width), 10) == numbers[i] + numbers[j]);
            }
    }
    assert_true(ring_number(ring_round(1024 * 5 + 3, -10), -10) == 1024 * 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(fractions_fit), cmocka_unit_test(sums_come_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
