/* A new context knows the library's protocols; one that cannot be made leaves nothing behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <fate/fate.h>
#include "tests/support/allocator.h"

static void contexts_know_the_library(void **state)
{
    (void)state;
    fate_context *context;
    char *text;
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    assert_string_equal(fate_protocol_name(context, 0), "vertical-boosting");
    assert_string_equal(fate_protocol_name(context, 1), "psi");
    assert_string_equal(fate_protocol_name(context, 2), "secure-sum");
    assert_string_equal(fate_protocol_name(context, 3), "secure-mean");
    assert_string_equal(fate_protocol_name(context, 4), "horizontal-linear");
    assert_string_equal(fate_protocol_name(context, 5), "horizontal-neural");
    assert_string_equal(fate_protocol_name(context, 6), "horizontal-custom");
    assert_string_equal(fate_protocol_name(context, 7), "horizontal-statistics");
    assert_null(fate_protocol_name(context, 8));
    assert_int_equal(fate_describe(context, "vertical-boosting", &text), FATE_OK);
    static const char *const words[] = {"columns",  "setup",    "round",   "gradients", "histograms", "splits",        "partition",
                                        "children", "outcomes", "request", "rows",      "leaves",     "learning_rate", "min_bin_rows"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        assert_non_null(strstr(text, words[i]));
    }
    fate_free(context, text);
    fate_context_free(context);
}

static void wrong_arguments_are_refused(void **state)
{
    (void)state;
    fate_context *context;
    fate_allocator allocator = {.struct_size = 3};
    assert_int_equal(fate_context_new(NULL, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_context_new(&context, &allocator), FATE_E_VERSION);
    assert_null(context);
}

static void lack_of_memory_leaves_nothing_behind(void **state)
{
    (void)state;
    int32_t result = FATE_E_MEMORY;
    for (long long fail = 0; result == FATE_E_MEMORY; fail++) {
        struct test_allocator test;
        fate_allocator allocator = test_allocator(&test, fail);
        fate_context *context;
        result = fate_context_new(&context, &allocator);
        assert_true((result == FATE_OK) == (context != NULL));
        fate_context_free(context);
        assert_int_equal(atomic_load(&test.live), 0);
    }
    assert_int_equal(result, FATE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contexts_know_the_library),
        cmocka_unit_test(wrong_arguments_are_refused),
        cmocka_unit_test(lack_of_memory_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
