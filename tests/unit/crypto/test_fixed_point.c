/* Doubles to integers: as round() does it, and nothing beyond the bound. */
#include "tests/support/unit.h"

#include <math.h>
#include "src/crypto/fixed_point.h"
#include "tests/support/crypto.h"

static void numbers_are_rounded_as_round_does(void **state)
{
    (void)state;
    static const double numbers[] = {0,
                                     -0.0,
                                     0.5,
                                     -0.5,
                                     0.49999999999999994,
                                     -0.49999999999999994,
                                     1.5,
                                     -1.5,
                                     2.5,
                                     1e15,
                                     -1e15,
                                     0x1p61,
                                     -0x1p61,
                                     0x1.fffffffffffffp61,
                                     123.456,
                                     -99,
                                     1e-300};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        assert_true(fixed_point_nearest(numbers[i], 0) == (int64_t)round(numbers[i]));
    for (uint32_t scale = 0; scale < 50; scale++)
        for (int i = -300; i <= 300; i++) assert_true(fixed_point_nearest(i / 7.0, scale) == (int64_t)round(ldexp(i / 7.0, (int)scale)));
}

static void what_is_beyond_the_bound_is_refused(void **state)
{
    (void)state;
    struct test_allocator counted;
    fate_context *context = crypto_context(&counted, -1, 1);
    double numbers[3] = {1, -0x1.fffffffffffffp61, 5};
    assert_int_equal(fixed_point_check(context, numbers, 3, 0, 0x1p62), FATE_OK);
    assert_int_equal(fixed_point_check(context, numbers, 3, 1, 0x1p62), FATE_E_RANGE);
    assert_int_equal(fixed_point_check(context, numbers, 0, 1, 0x1p62), FATE_OK);
    const double bad[] = {0x1p62, -0x1p62, INFINITY, -INFINITY, NAN};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        numbers[1] = bad[i];
        assert_int_equal(fixed_point_check(context, numbers, 3, 0, 0x1p62), FATE_E_RANGE);
    }
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_rounded_as_round_does),
        cmocka_unit_test(what_is_beyond_the_bound_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
