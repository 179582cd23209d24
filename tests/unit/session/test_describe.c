/* Descriptions of algorithms hold everything that stands in the tables, within the page's width. */
#include "tests/support/unit.h"

#include "src/session/describe.h"
#include "src/session/page.h"
#include "tests/support/allocator.h"
#include "tests/support/sample_job.h"

static fate_context *new_context(void)
{
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(sample_register(context), FATE_OK);
    return context;
}

static void check_width(const char *text)
{
    for (const char *line = text; *line != '\0';) {
        const size_t length = strcspn(line, "\n");
        assert_true(length <= PAGE_WIDTH);
        assert_true(length == 0 || line[length - 1] != ' ');
        line += length + (line[length] == '\n' ? 1 : 0);
    }
}

static void all_of_the_tables_is_shown(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "sample-boosting\n\nTraining\n  Trees over the columns of several parties.\n",
        "    guest       1 party, holds the label\n    host        1 to 3 parties\n",
        "    gradients (guest -> host)\n      carries   One encrypted number for every row.\n      allowed   The host cannot decrypt it.\n",
        "  Rounds of the guest (steps may repeat)\n       1. encrypt                         at once\n",
        "       2. choose                          when it has \"sums\" from every host\n",
        "       1. add                             as it receives \"gradients\" from the guest, part by part\n",
        "    guest       The model and the sums of every bin.\n    host        Which rows go left.\n",
        "  What it does not protect against\n    Parties that deviate from the protocol.\n",
        "Scoring\n  Scores from the trees.\n",
        "    directions (host -> guest)\n",
        "  trees                     whole number, 1 to 1000; default 10\n                            Number of trees.\n",
        "  base_score                number; default 0\n",
        "  gamma                     number, at least 0; default 0\n",
        "  objective                 text, one of: logistic squared; default \"logistic\"\n",
    };
    fate_context *context = new_context();
    char *text = NULL;
    assert_int_equal(fate_describe(context, "sample-boosting", &text), FATE_OK);
    const char *at = text;
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        at = strstr(at, expected[i]);
        if (at == NULL) fail_msg("missing, or not in this place: %s\n%s", expected[i], text);
    }
    check_width(text);
    fate_free(context, text);
    fate_context_free(context);
}

static void what_is_unknown_is_said(void **state)
{
    (void)state;
    fate_context *context = new_context();
    char *text = NULL;
    assert_int_equal(fate_describe(context, "boosting", &text), FATE_E_UNSUPPORTED);
    assert_string_equal(fate_context_error(context), "algorithm \"boosting\" is unknown; the nearest known: \"sample-boosting\"");
    assert_int_equal(fate_describe(context, NULL, &text), FATE_E_ARGUMENT);
    assert_int_equal(fate_describe(context, "sample-boosting", NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_describe(NULL, "sample-boosting", &text), FATE_E_ARGUMENT);
    assert_string_equal(describe_purpose(FATE_PURPOSE_TRAIN), "Training");
    assert_string_equal(describe_purpose(FATE_PURPOSE_PREDICT), "Scoring");
    fate_context_free(context);
}

static void a_required_parameter_says_so(void **state)
{
    (void)state;
    fate_context *context = NULL;
    char *text = NULL;
    struct sample sample;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    sample_make(&sample);
    sample.parameters[0].preset = NULL;
    sample.protocol.message_count = 0;
    sample.guest_steps[1].wait = FATE_WAIT_NOTHING;
    sample.host_steps[0].wait = FATE_WAIT_NOTHING;
    assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_OK);
    assert_int_equal(fate_describe(context, "sample-boosting", &text), FATE_OK);
    assert_non_null(strstr(text, "trees                     whole number, 1 to 1000; must be given\n"));
    assert_non_null(strstr(text, "  What is sent\n    Nothing.\n"));
    assert_null(strstr(text, "Scoring"));
    fate_free(context, text);
    fate_context_free(context);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    int32_t result = FATE_E_MEMORY;
    for (long long k = 0; result != FATE_OK; k++) {
        struct test_allocator counted;
        fate_allocator allocator = test_allocator(&counted, -1);
        fate_context *context = NULL;
        char *text = NULL;
        assert_int_equal(context_new(&context, &allocator), FATE_OK);
        assert_int_equal(sample_register(context), FATE_OK);
        counted.fail = atomic_load(&counted.calls) + k;
        result = fate_describe(context, "sample-boosting", &text);
        assert_true(result == FATE_OK || result == FATE_E_MEMORY);
        assert_true((text == NULL) == (result != FATE_OK));
        fate_free(context, text);
        fate_context_free(context);
        assert_int_equal(atomic_load(&counted.live), 0);
        assert_true(k < 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_the_tables_is_shown),
        cmocka_unit_test(what_is_unknown_is_said),
        cmocka_unit_test(a_required_parameter_says_so),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
