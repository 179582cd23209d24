/* Descriptions of a job for one party: its peers, what leaves, what comes, who learns what. */
#include "tests/support/unit.h"

#include "tests/support/allocator.h"
#include "tests/support/sample_job.h"

#define FIVE                                                                                                        \
    "{" SAMPLE_HEAD ", 'parties': [{'name': 'bank', 'role': 'guest', 'key': '$1', 'address': 'bank.example:9001'}," \
    "{'name': 'telecom', 'role': 'host', 'key': '$2'}, {'name': 'shop', 'role': 'host', 'key': '$3', 'address': '[::1]:9003'}]}"

static fate_context *new_context(void)
{
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(sample_register(context), FATE_OK);
    return context;
}

static void check(uint32_t party, int32_t purpose, const char *const *expected, const char *unexpected)
{
    fate_context *context = new_context();
    fate_job *job = NULL;
    char *text = NULL;
    assert_int_equal(sample_parse(context, &job, FIVE), FATE_OK);
    assert_int_equal(fate_job_describe(job, party, purpose, &text), FATE_OK);
    const char *at = text;
    for (size_t i = 0; expected[i] != NULL; i++) {
        at = strstr(at, expected[i]);
        if (at == NULL) fail_msg("missing, or not in this place: %s\n%s", expected[i], text);
    }
    assert_null(strstr(text, unexpected));
    fate_free(context, text);
    fate_job_free(job);
    fate_context_free(context);
}

static void a_guest_sees_its_hosts(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "Training with sample-boosting\n",
        "  this party  bank, guest, key fate1-Ajjrqf-HoB...2KTinc\n",
        "  telecom     host, key fate1-zq0kq_7g7F...Q3zP84, no address; this party waits for it\n",
        "  shop        host, key fate1-FwhF2uxH2B...bEWQwM, [::1]:9003; this party waits for it\n",
        "What will leave this party\n  - gradients to telecom, shop: One encrypted number for every row.\n",
        "What this party will receive\n  - sums from telecom, shop\n",
        "  - bank (guest, as this party is): The model and the sums of every bin.\n  - telecom, shop (host): Which rows go left.\n",
        "What this does not protect against\n  Parties that deviate from the protocol.\n",
        "\nWhy each message is allowed: fate describe sample-boosting\n",
        NULL,
    };
    check(0, FATE_PURPOSE_TRAIN, expected, "Scores");
}

static void a_host_sees_the_guest_alone(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "  this party  telecom, host, key fate1-zq0kq_7g7F...Q3zP84\n",
        "Peers\n  bank        guest, key fate1-Ajjrqf-HoB...2KTinc, bank.example:9001; this party dials\n",
        "What will leave this party\n  - sums to bank: ",
        "What this party will receive\n  - gradients from bank\n",
        "  - telecom, shop (host, as this party is): ",
        NULL,
    };
    check(1, FATE_PURPOSE_TRAIN, expected, "fate1-FwhF2uxH2B");
}

static void scoring_has_messages_of_its_own(void **state)
{
    (void)state;
    static const char *const guest[] = {"Scoring with sample-boosting\n", "What will leave this party\n  Nothing.\n",
                                        "What this party will receive\n  - directions from telecom, shop\n", NULL};
    static const char *const host[] = {"What will leave this party\n  - directions to bank: ", "What this party will receive\n  Nothing.\n",
                                       NULL};
    check(0, FATE_PURPOSE_PREDICT, guest, "gradients");
    check(2, FATE_PURPOSE_PREDICT, host, "gradients");
}

static int32_t all_but_sums(const fate_job *job, uint32_t message)
{
    (void)job;
    return message != SAMPLE_SUMS;
}

static void what_a_job_never_sends_is_left_out(void **state)
{
    (void)state;
    for (int with = 0; with < 2; with++) {
        fate_context *context = NULL;
        fate_job *job = NULL;
        char *text = NULL;
        struct sample sample;
        assert_int_equal(context_new(&context, NULL), FATE_OK);
        sample_make(&sample);
        if (with) sample.protocol.sends = all_but_sums;
        assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_OK);
        assert_int_equal(sample_parse(context, &job, FIVE), FATE_OK);
        assert_int_equal(fate_job_describe(job, 0, FATE_PURPOSE_TRAIN, &text), FATE_OK);
        assert_non_null(strstr(text, "  - gradients to telecom"));
        assert_non_null(strstr(text, with ? "will receive\n  Nothing.\n" : "will receive\n  - sums from telecom, shop\n"));
        fate_free(context, text);
        assert_int_equal(fate_job_describe(job, 1, FATE_PURPOSE_TRAIN, &text), FATE_OK);
        assert_non_null(strstr(text, with ? "will leave this party\n  Nothing.\n" : "will leave this party\n  - sums to bank: "));
        fate_free(context, text);
        fate_job_free(job);
        fate_context_free(context);
    }
}

static void many_parties_are_counted(void **state)
{
    (void)state;
    fate_context *context = NULL;
    fate_job *job = NULL;
    char *text = NULL;
    struct sample sample;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    sample_make(&sample);
    sample.roles[SAMPLE_HOST].maximum = 10;
    assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_OK);
    assert_int_equal(sample_parse(context, &job,
                                  "{" SAMPLE_HEAD
                                  ", 'parties': [{'name': 'g', 'role': 'guest', 'key': '$1'}, {'name': 'a', 'role': 'host', 'key': '$2'},"
                                  "{'name': 'b', 'role': 'host', 'key': '$3'}, {'name': 'c', 'role': 'host', 'key': '$4'},"
                                  "{'name': 'd', 'role': 'host', 'key': '$5'}, {'name': 'e', 'role': 'host', 'key': '$6'},"
                                  "{'name': 'f', 'role': 'host', 'key': '$7'}]}"),
                     FATE_OK);
    assert_int_equal(fate_job_describe(job, 0, FATE_PURPOSE_TRAIN, &text), FATE_OK);
    assert_non_null(strstr(text, "  - gradients to a, b, c, d and 2 more: "));
    assert_non_null(strstr(text, "How far this job goes\n  This job goes so far.\n"));
    fate_free(context, text);
    assert_int_equal(fate_job_describe(job, 0, FATE_PURPOSE_PREDICT, &text), FATE_E_UNSUPPORTED);
    assert_int_equal(fate_job_describe(job, 0, 0, &text), FATE_E_UNSUPPORTED);
    assert_int_equal(fate_job_describe(job, 7, FATE_PURPOSE_TRAIN, &text), FATE_E_ARGUMENT);
    assert_int_equal(fate_job_describe(job, 0, FATE_PURPOSE_TRAIN, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_job_describe(NULL, 0, FATE_PURPOSE_TRAIN, &text), FATE_E_ARGUMENT);
    fate_job_free(job);
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
        fate_job *job = NULL;
        char *text = NULL;
        assert_int_equal(context_new(&context, &allocator), FATE_OK);
        assert_int_equal(sample_register(context), FATE_OK);
        assert_int_equal(sample_parse(context, &job, FIVE), FATE_OK);
        counted.fail = atomic_load(&counted.calls) + k;
        result = fate_job_describe(job, 0, FATE_PURPOSE_TRAIN, &text);
        assert_true(result == FATE_OK || result == FATE_E_MEMORY);
        assert_true((text == NULL) == (result != FATE_OK));
        fate_free(context, text);
        fate_job_free(job);
        fate_context_free(context);
        assert_int_equal(atomic_load(&counted.live), 0);
        assert_true(k < 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_guest_sees_its_hosts),          cmocka_unit_test(a_host_sees_the_guest_alone),
        cmocka_unit_test(scoring_has_messages_of_its_own), cmocka_unit_test(what_a_job_never_sends_is_left_out),
        cmocka_unit_test(many_parties_are_counted),        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
