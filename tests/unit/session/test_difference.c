/* The first difference of two jobs, and hostile forms of the other side. */
#include "tests/support/unit.h"

#include <stdlib.h>

#include "src/session/difference.h"

static const char ours[] = "{\"algorithm\":\"boosting\",\"categorical\":[\"a\"],\"id\":\"id\",\"parameters\":{\"depth\":3,\"trees\":10},"
                           "\"parties\":[{\"name\":\"bank\"},{\"name\":\"telecom\"}]}";

struct difference_case {
    const char *theirs, *sentence;
};

static const struct difference_case cases[] = {
    {"{\"algorithm\":\"boosting\",\"categorical\":[\"a\"],\"id\":\"id\",\"parameters\":{\"depth\":3,\"trees\":20},\"parties\":[]}",
     "parameters.trees is 10 here and 20 at telecom"},
    {"{\"algorithm\":\"linear\",\"id\":\"other\"}", "algorithm is \"boosting\" here and \"linear\" at telecom"},
    {"{\"algorithm\":\"boosting\"}", "categorical is a list here and absent at telecom"},
    {"{\"aa\":1,\"algorithm\":\"boosting\"}", "aa is absent here and 1 at telecom"},
    {"{\"algorithm\":\"boosting\",\"categorical\":[\"a\",\"b\"]}", "categorical[1] is absent here and \"b\" at telecom"},
    {"{\"algorithm\":\"boosting\",\"categorical\":[]}", "categorical[0] is \"a\" here and absent at telecom"},
    {"{\"algorithm\":\"boosting\",\"categorical\":[\"a\"],\"id\":\"id\",\"parameters\":{\"depth\":3,\"trees\":10},\"parties\":[{\"name\":\"bank\"},"
     "{\"name\":\"shop\"}]}",
     "parties[1].name is \"telecom\" here and \"shop\" at telecom"},
    {"{\"algorithm\":\"boosting\",\"categorical\":[\"a\"],\"id\":\"id\",\"parameters\":{\"depth\":3,\"trees\":10.0}}",
     "parameters.trees is 10 here and 10.0 at telecom"},
    {"{\"algorithm\":\"boosting\",\"categorical\":[\"a\"],\"id\":\"id\",\"parameters\":7}",
     "parameters is an object here and 7 at telecom"},
    {"{\"algorithm\":{\"x\":[1]}}", "algorithm is \"boosting\" here and an object at telecom"},
    {"{\"algorithm\":null}", "algorithm is \"boosting\" here and null at telecom"},
    {"{\"algorithm\":\"\\u001b[2J\\u0085\\u202e\x7f\"}", "algorithm is \"boosting\" here and \"\\u001B[2J\\u0085\\u202E\\x7f\" at telecom"},
    {"{\"a\\u001b\":1}", "a\\x1b is absent here and 1 at telecom"},
    {"", "the job that telecom sent cannot be read: compare the two job files"},
    {"[]", "the job that telecom sent cannot be read: compare the two job files"},
    {"{\"a\":1,\"a\":1}", "the job that telecom sent cannot be read: compare the two job files"},
    {"{\"a\":\"\xff\"}", "the job that telecom sent cannot be read: compare the two job files"},
};

static void check(fate_context *context, const uint8_t *theirs, uint64_t length, const char *expected)
{
    char *sentence = NULL;
    assert_int_equal(job_difference(context, ours, "telecom", theirs, length, &sentence), FATE_OK);
    assert_string_equal(sentence, expected);
    fate_free(context, sentence);
}

static void the_first_difference_is_named(void **state)
{
    (void)state;
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(context, (const uint8_t *)cases[i].theirs, strlen(cases[i].theirs), cases[i].sentence);
    check(context, NULL, 0, "the job that telecom sent cannot be read: compare the two job files");
    check(context, (const uint8_t *)ours, strlen(ours),
          "the jobs are written differently but say the same: let telecom and this party use the same version of the library");
    fate_context_free(context);
}

static void long_and_deep_forms_stay_short(void **state)
{
    (void)state;
    enum { LONG = 1500000, DEEP = 2000 };
    fate_context *context = NULL;
    char *text = malloc(LONG), *sentence = NULL;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    memcpy(text, "{\"algorithm\":\"", 14);
    memset(text + 14, 'x', LONG - 14);
    memcpy(text + 1000000, "\"}", 2);
    assert_int_equal(job_difference(context, ours, "telecom", (const uint8_t *)text, 1000002, &sentence), FATE_OK);
    assert_true(strlen(sentence) < 300);
    assert_non_null(strstr(sentence, "xxx... at telecom"));
    fate_free(context, sentence);
    check(context, (const uint8_t *)text, LONG, "the job that telecom sent cannot be read: compare the two job files");
    /* A name of a million letters. */
    memcpy(text, "{\"", 2);
    memset(text + 2, 'a', 1000000);
    memcpy(text + 1000000, "\":1}", 4);
    assert_int_equal(job_difference(context, ours, "telecom", (const uint8_t *)text, 1000004, &sentence), FATE_OK);
    assert_true(strlen(sentence) < 300);
    fate_free(context, sentence);
    memcpy(text, "{\"algorithm\":", 13);
    memset(text + 13, '[', DEEP);
    memset(text + 13 + DEEP, ']', DEEP);
    text[13 + 2 * DEEP] = '}';
    check(context, (const uint8_t *)text, 14 + 2 * DEEP, "algorithm is \"boosting\" here and a list at telecom");
    free(text);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_difference_is_named),
        cmocka_unit_test(long_and_deep_forms_stay_short),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
