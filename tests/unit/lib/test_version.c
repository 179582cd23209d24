/* The version of the library is that of its header. */
#include "tests/support/unit.h"

#include <fate/base.h>
#include <stdio.h>

static void agrees_with_the_header(void **state)
{
    (void)state;
    char text[64];
    snprintf(text, sizeof text, "%d.%d.%d", FATE_VERSION_MAJOR, FATE_VERSION_MINOR, FATE_VERSION_PATCH);
    assert_string_equal(fate_version(), text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_the_header)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
