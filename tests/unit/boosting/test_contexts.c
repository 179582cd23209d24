/* Contexts share nothing: whole jobs in two contexts, in two threads at the same time and each with worker threads of its own, end with the
 * models of the same jobs run alone. Under TSan (make check-sanitize) a race is an error. And two sessions of one context in two threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/context.h"
#include "tests/support/boosting_tables.h"

enum { JOBS = 2, PARTIES = 3, LONGEST_RUN = 1000000 };

static const struct boosting_case cases[JOBS] = {
    {.hosts = 2, .rows = 60, .columns = 3, .missing = true, .categories = true, .parameters = "\"trees\": 3, \"depth\": 3", .seed = 1},
    {.hosts = 2, .rows = 90, .columns = 2, .weights = true, .squared = true, .parameters = "\"trees\": 2, \"depth\": 4", .seed = 2}};

/* A job from its context to its models, simulated: all parties in one thread. */
struct job {
    const struct boosting_case *from;
    fate_context *context;
    uint8_t *models[PARTIES];
    uint64_t lengths[PARTIES];
    int32_t result;
};

static int32_t give_tables(const struct job *job, fate_simulator *simulator, fate_table **tables)
{
    int32_t result = FATE_OK;
    for (uint32_t i = 0; result == FATE_OK && i < PARTIES; i++) {
        tables[i] = boosting_table(job->context, job->from, i, i == 0, FATE_TABLE_DATA);
        result = fate_session_set_table(fate_simulator_session(simulator, i), FATE_TABLE_DATA, tables[i]);
    }
    return result;
}

/* Called in threads: nothing is asserted here. */
static void *run_job(void *argument)
{
    struct job *job = argument;
    char text[4096];
    fate_simulator *simulator = NULL;
    fate_table *tables[PARTIES] = {NULL};
    boosting_job(text, job->from, 0);
    job->result = fate_context_new(&job->context, NULL);
    if (job->result != FATE_OK) return NULL;
    job->context->accepts_small_keys = true;
    job->result = fate_context_set_threads(job->context, 2);
    if (job->result == FATE_OK) job->result = fate_simulator_new(job->context, &simulator, text, FATE_PURPOSE_TRAIN, job->from->seed);
    if (job->result == FATE_OK) job->result = give_tables(job, simulator, tables);
    if (job->result == FATE_OK) job->result = fate_simulator_run(simulator, LONGEST_RUN);
    for (uint32_t i = 0; job->result == FATE_FINISHED && i < PARTIES; i++) {
        fate_model *model = NULL;
        if (fate_session_model(fate_simulator_session(simulator, i), &model) != FATE_OK ||
            fate_model_export(model, &job->models[i], &job->lengths[i]) != FATE_OK)
            job->result = FATE_E_MODEL;
        fate_model_free(model);
    }
    fate_simulator_free(simulator);
    for (uint32_t i = 0; i < PARTIES; i++) fate_table_free(tables[i]);
    return NULL;
}

static void free_job(struct job *job)
{
    for (uint32_t i = 0; i < PARTIES; i++) fate_free(job->context, job->models[i]);
    fate_context_free(job->context);
}

static void contexts_in_two_threads_do_not_disturb_each_other(void **state)
{
    (void)state;
    struct job alone[JOBS] = {{.from = NULL}}, together[JOBS] = {{.from = NULL}};
    pthread_t threads[JOBS];
    for (int i = 0; i < JOBS; i++) {
        alone[i].from = together[i].from = &cases[i];
        run_job(&alone[i]);
    }
    for (int i = 0; i < JOBS; i++) assert_int_equal(pthread_create(&threads[i], NULL, run_job, &together[i]), 0);
    for (int i = 0; i < JOBS; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < JOBS; i++) {
        assert_int_equal(alone[i].result, FATE_FINISHED);
        assert_int_equal(together[i].result, FATE_FINISHED);
        for (uint32_t party = 0; party < PARTIES; party++) {
            assert_int_equal(alone[i].lengths[party], together[i].lengths[party]);
            assert_memory_equal(alone[i].models[party], together[i].models[party], alone[i].lengths[party]);
        }
        free_job(&alone[i]);
        free_job(&together[i]);
    }
}

/* ---- two sessions of one context ---- */

struct side {
    fate_session *session;
    fate_transport *transport;
    int32_t result;
};

static void *drive_side(void *argument)
{
    struct side *side = argument;
    side->result = fate_drive(side->session, side->transport, NULL, NULL);
    return NULL;
}

/* A job of two parties with new identities. */
static fate_job *make_job(fate_context *context, fate_identity **identities)
{
    static const char form[] = "{\"algorithm\": \"vertical-boosting\", \"id\": \"id\", \"label\": \"y\", \"parties\": ["
                               "{\"name\": \"bank\", \"role\": \"guest\", \"key\": \"%s\", \"address\": \"192.0.2.1:9\"},"
                               "{\"name\": \"shop\", \"role\": \"host\", \"key\": \"%s\"}],"
                               "\"parameters\": {\"trees\": 3, \"depth\": 2, \"bins\": 8}}";
    char text[1024];
    fate_job *job;
    for (int i = 0; i < 2; i++) assert_int_equal(fate_identity_generate(context, &identities[i]), FATE_OK);
    int length = snprintf(text, sizeof text, form, fate_identity_public(identities[0]), fate_identity_public(identities[1]));
    assert_int_equal(fate_job_parse(context, &job, NULL, (const uint8_t *)text, (uint64_t)length), FATE_OK);
    return job;
}

static void sessions_of_one_context_run_in_two_threads(void **state)
{
    (void)state;
    static const char *const names[2] = {"bank", "shop"};
    const struct boosting_case from = {.hosts = 1, .rows = 60, .columns = 3, .missing = true, .parameters = "", .seed = 3};
    struct side sides[2];
    pthread_t threads[2];
    fate_context *context;
    fate_identity *identities[2];
    fate_transport *transports[2];
    fate_table *tables[2];
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    fate_job *job = make_job(context, identities);
    assert_int_equal(fate_loopback_new(context, transports, 2), FATE_OK);
    for (uint32_t i = 0; i < 2; i++) {
        tables[i] = boosting_table(context, &from, i, i == 0, FATE_TABLE_DATA);
        sides[i].transport = transports[i];
        assert_int_equal(fate_session_new(context, &sides[i].session, job, names[i], identities[i], FATE_PURPOSE_TRAIN), FATE_OK);
        assert_int_equal(fate_session_set_table(sides[i].session, FATE_TABLE_DATA, tables[i]), FATE_OK);
    }
    for (int i = 0; i < 2; i++) assert_int_equal(pthread_create(&threads[i], NULL, drive_side, &sides[i]), 0);
    for (int i = 0; i < 2; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < 2; i++) {
        assert_string_equal(fate_session_error(sides[i].session), "");
        assert_int_equal(sides[i].result, FATE_OK);
        fate_session_free(sides[i].session);
        fate_transport_free(transports[i]);
        fate_table_free(tables[i]);
        fate_identity_free(identities[i]);
    }
    fate_job_free(job);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contexts_in_two_threads_do_not_disturb_each_other),
        cmocka_unit_test(sessions_of_one_context_run_in_two_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
