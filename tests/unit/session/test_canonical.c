/* The canonical form, letter by letter, and texts made fit for sentences. */
#include "tests/support/unit.h"

#include "src/session/canonical.h"
#include "tests/support/sample_job.h"

static void the_form_is_fixed(void **state)
{
    (void)state;
    static const char expected[] =
        "{'algorithm':'sample-boosting','categorical':['a','b'],'id':'id','label':'y',"
        "'parameters':{'base_score':0,'depth':3,'gamma':0,'key_bits':2048,'learning_rate':0.25,'note':'','objective':'logistic','trees':10},"
        "'parties':[{'key':'$1','name':'bank','role':'guest'},{'key':'$2','name':'telecom','role':'host'}],'weight':'w'}";
    fate_context *context = NULL;
    fate_job *job = NULL;
    char text[SAMPLE_TEXT];
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(sample_register(context), FATE_OK);
    assert_int_equal(sample_parse(context, &job,
                                  "{'weight': 'w', " SAMPLE_HEAD
                                  ", 'parameters': {'learning_rate': 25e-2}, 'categorical': ['b', 'a'], " SAMPLE_PARTIES "}"),
                     FATE_OK);
    assert_int_equal(sample_text(context, text, expected), FATE_OK);
    assert_string_equal(fate_job_canonical(job), text);
    /* It is a job itself, and its own canonical form. */
    fate_job *again = NULL;
    assert_int_equal(fate_job_parse(context, &again, "again", (const uint8_t *)text, strlen(text)), FATE_OK);
    assert_string_equal(fate_job_canonical(again), text);
    fate_job_free(again);
    fate_job_free(job);
    fate_context_free(context);
}

static void sentences_show_no_control_characters(void **state)
{
    (void)state;
    char shown[16];
    canonical_show(shown, sizeof shown, "plain text");
    assert_string_equal(shown, "plain text");
    canonical_show(shown, sizeof shown, "a\x1b[31m");
    assert_string_equal(shown, "a\\x1b[31m");
    canonical_show(shown, sizeof shown, "");
    assert_string_equal(shown, "");
    canonical_show(shown, sizeof shown, "exactly fifteen");
    assert_string_equal(shown, "exactly fifteen");
    canonical_show(shown, sizeof shown, "more than fifteen characters");
    assert_string_equal(shown, "more than fi...");
    canonical_show(shown, sizeof shown, "\xff\xff\xff\xff\xff\xff");
    assert_string_equal(shown, "\\xff\\xff\\xff...");
    canonical_show(shown, 8, "abcdefgh");
    assert_string_equal(shown, "abcd...");
    canonical_show(shown, 8, "abcdefg");
    assert_string_equal(shown, "abcdefg");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_form_is_fixed),
        cmocka_unit_test(sentences_show_no_control_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
