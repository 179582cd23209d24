/* The best round by the validation measure. */
#include "tests/support/unit.h"
#include "src/models/early_stopping.h"

#include <math.h>

static void test_stops(void **state)
{
    (void)state;
    struct early_stopping stopping;
    early_stopping_init(&stopping, 2);
    assert_false(early_stopping_update(&stopping, 1, 0.7));
    assert_false(early_stopping_update(&stopping, 2, 0.6));
    assert_false(early_stopping_update(&stopping, 3, 0.6)); /* equal is not better */
    assert_true(early_stopping_update(&stopping, 4, 0.65));
    assert_int_equal(early_stopping_keep(&stopping, 4), 2);
}

static void test_recovers(void **state)
{
    (void)state;
    struct early_stopping stopping;
    early_stopping_init(&stopping, 2);
    assert_false(early_stopping_update(&stopping, 1, 0.7));
    assert_false(early_stopping_update(&stopping, 2, 0.8));
    assert_false(early_stopping_update(&stopping, 3, 0.5));
    assert_false(early_stopping_update(&stopping, 4, 0.5));
    assert_int_equal(early_stopping_keep(&stopping, 4), 3);
}

static void test_never(void **state)
{
    (void)state;
    struct early_stopping stopping;
    early_stopping_init(&stopping, 0);
    for (uint32_t tree = 1; tree < 50; tree++) assert_false(early_stopping_update(&stopping, tree, tree));
    assert_int_equal(early_stopping_keep(&stopping, 49), 49);
}

static void test_no_number(void **state)
{
    (void)state;
    struct early_stopping stopping;
    early_stopping_init(&stopping, 2);
    assert_false(early_stopping_update(&stopping, 1, (double)NAN));
    assert_true(early_stopping_update(&stopping, 2, (double)NAN));
    assert_int_equal(early_stopping_keep(&stopping, 2), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_stops), cmocka_unit_test(test_recovers), cmocka_unit_test(test_never),
                                       cmocka_unit_test(test_no_number)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
