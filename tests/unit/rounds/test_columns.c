/* Sums over columns: magnitudes of every size, mean and spread at the scale that follows from them. */
#include "src/models/rounds/columns.h"

#include <math.h>
#include <string.h>

#include "tests/support/unit.h"

static void magnitudes(void **state)
{
    (void)state;
    const double values[] = {0, 1, -1, 1.5, 2, 1e-300, NAN, -1e38, ldexp(1, -128), ldexp(1, -127)};
    int64_t counts[MAGNITUDES] = {0};
    int32_t exponent;
    assert_true(columns_magnitudes(counts, values, 10));
    assert_true(counts[0] == 2); /* 0, 1e-300 */
    assert_true(counts[129] == 3 && counts[130] == 1 && counts[1] == 1 && counts[2] == 1);
    assert_true(columns_count(counts, &exponent) == 9);
    assert_true(1e38 < ldexp(1, exponent) && 1e38 >= ldexp(1, exponent - 1));
    const double wrong[] = {INFINITY, 1e39};
    assert_false(columns_magnitudes(counts, wrong, 1));
    assert_false(columns_magnitudes(counts, wrong + 1, 1));
    memset(counts, 0, sizeof counts);
    assert_true(columns_count(counts, &exponent) == 0 && exponent == -127);
}

static void mean_and_spread(void **state)
{
    (void)state;
    const double values[] = {1000, NAN, 1004, 1002, 998};
    int64_t counts[MAGNITUDES] = {0};
    int32_t exponent;
    assert_true(columns_magnitudes(counts, values, 5));
    double count = (double)columns_count(counts, &exponent);
    assert_true(exponent == 10 && count == 4);
    assert_true(ldexp(columns_sum(values, 5, exponent), exponent) / count == 1001);
    assert_true(ldexp(columns_spread(values, 5, exponent, 1001), 2 * exponent) / count == 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(magnitudes), cmocka_unit_test(mean_and_spread)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
