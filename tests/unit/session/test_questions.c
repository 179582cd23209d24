/* Questions: what a session accepts, and one row after the other asked over loopback while a host answers in a thread of its own. */
#include "tests/support/unit.h"

#include <pthread.h>
#include "src/data/table.h"
#include "tests/support/driven.h"

enum { ASKED = 15 };

static const struct boosting_case from = {.hosts = 1, .rows = 40, .columns = 3, .parameters = "\"trees\": 3", .seed = 90};

struct host {
    fate_session *session;
    fate_transport *transport;
    int32_t result;
};

static void *answer(void *argument)
{
    struct host *host = argument;
    host->result = fate_drive(host->session, host->transport, NULL, NULL);
    return NULL;
}

static fate_session *open_session(const struct driven_world *world, uint32_t party, int32_t purpose)
{
    fate_session *session = NULL;
    const char *name = fate_job_party_name(world->job, party);
    assert_int_equal(fate_session_new(world->context, &session, world->job, name, world->identities[party], purpose), FATE_OK);
    assert_int_equal(fate_session_set_model(session, world->models[party]), FATE_OK);
    if (party > 0) assert_int_equal(fate_session_set_table(session, FATE_TABLE_DATA, world->tables[party]), FATE_OK);
    return session;
}

static fate_table *one_row(const struct driven_world *world, uint32_t row)
{
    fate_table *picked = NULL;
    assert_int_equal(table_pick(world->tables[0], &row, 1, NULL, &picked), FATE_OK);
    return picked;
}

static void rows_are_asked_one_by_one(void **state)
{
    (void)state;
    struct driven_world world = {0};
    fate_transport *transports[2];
    fate_scores *pooled = NULL;
    pthread_t thread;
    const double *values;
    uint64_t count;
    assert_true(driven_world_make(&world, &from));
    assert_int_equal(fate_predict_pooled(world.context, &pooled, world.job, (const fate_model *const *)world.models,
                                         (const fate_table *const *)world.tables),
                     FATE_OK);
    assert_int_equal(fate_loopback_new(world.context, transports, 2), FATE_OK);
    fate_session *guest = open_session(&world, 0, FATE_PURPOSE_SERVE);
    struct host host = {open_session(&world, 1, FATE_PURPOSE_SERVE), transports[1], FATE_OK};
    assert_int_equal(pthread_create(&thread, NULL, answer, &host), 0);
    for (uint32_t row = 0; row < ASKED; row++) {
        fate_table *question = one_row(&world, row);
        assert_int_equal(fate_ask(guest, transports[0], NULL, question, &values, &count), FATE_OK);
        assert_int_equal(count, 1);
        assert_true(values[0] == fate_scores_values(pooled, 0)[row]);
        fate_table_free(question);
    }
    assert_int_equal(fate_ask(guest, transports[0], NULL, NULL, &values, &count), FATE_OK);
    assert_true(values == NULL && count == 0);
    pthread_join(thread, NULL);
    assert_int_equal(host.result, FATE_OK);
    fate_session_free(host.session);
    fate_session_free(guest);
    fate_transport_free(transports[0]);
    fate_transport_free(transports[1]);
    fate_scores_free(pooled);
    driven_world_free(&world);
}

static void what_cannot_be_asked(void **state)
{
    (void)state;
    struct driven_world world = {0};
    const double *values;
    uint64_t count;
    assert_true(driven_world_make(&world, &from));
    fate_table *question = one_row(&world, 0);
    fate_session *trains = open_session(&world, 0, FATE_PURPOSE_TRAIN), *serves = open_session(&world, 0, FATE_PURPOSE_SERVE);
    assert_int_equal(fate_session_ask(trains, question), FATE_E_STATE);
    assert_int_equal(fate_session_ask(serves, world.tables[0]), FATE_E_TABLE);
    assert_int_equal(fate_session_answer(serves, &values, &count), FATE_E_STATE);
    assert_int_equal(fate_session_ask(serves, question), FATE_OK);
    assert_int_equal(fate_session_ask(serves, question), FATE_E_STATE);
    assert_non_null(strstr(fate_session_error(serves), "not answered yet"));
    assert_int_equal(fate_session_answer(serves, NULL, &count), FATE_E_ARGUMENT);
    assert_int_equal(fate_session_ask(NULL, question), FATE_E_ARGUMENT);
    assert_int_equal(fate_session_answer(NULL, &values, &count), FATE_E_ARGUMENT);
    assert_int_equal(fate_ask(NULL, NULL, NULL, question, &values, &count), FATE_E_ARGUMENT);
    assert_int_equal(fate_ask(serves, NULL, NULL, question, NULL, &count), FATE_E_ARGUMENT);
    assert_int_equal(fate_turn_question(NULL, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_turn_answer(NULL, NULL, 0), FATE_E_ARGUMENT);
    fate_session_free(trains);
    fate_session_free(serves);
    fate_table_free(question);
    driven_world_free(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_are_asked_one_by_one), cmocka_unit_test(what_cannot_be_asked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
