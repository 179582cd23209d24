/* The portable kernel, which others are held against. */
#include "tests/support/unit.h"

#include "src/crypto/curve.h"

static void is_everywhere(void **state)
{
    (void)state;
    assert_true(curve_portable.available());
    assert_ptr_equal(curve_kernel_find("portable"), &curve_portable);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(is_everywhere)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
