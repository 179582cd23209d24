/* Sessions as an application meets them: constructors, options, laws, and what goes wrong between two parties. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "lib/context.h"
#include "src/session/session.h"
#include "tests/support/allocator.h"
#include "tests/support/rounds.h"

struct pair {
    fate_context *context;
    fate_identity *identities[3];
    fate_job *jobs[2];
    fate_session *sessions[2];
    uint64_t now;
    int32_t results[2];
    uint32_t frames;  /* carried so far */
    uint32_t swallow; /* frames that are lost from now on */
    uint32_t warnings;
};

static const char *const names[2] = {"leader", "worker1"};

/* key_of_worker, rounds: what the job of either side says. */
static void write_job(struct pair *pair, int side, const char *key_of_worker, int rounds)
{
    char text[4096];
    snprintf(text, sizeof text,
             "{\"algorithm\":\"rounds\",\"id\":\"id\",\"parties\":["
             "{\"name\":\"leader\",\"role\":\"leader\",\"key\":\"%s\"},{\"name\":\"worker1\",\"role\":\"worker\",\"key\":\"%s\"}],"
             "\"parameters\":{\"rounds\":%d,\"parts\":3}}",
             fate_identity_public(pair->identities[0]), key_of_worker, rounds);
    int32_t result = fate_job_parse(pair->context, &pair->jobs[side], "job", (const uint8_t *)text, strlen(text));
    if (result != FATE_OK) print_error("%s\n", fate_context_error(pair->context));
    assert_int_equal(result, FATE_OK);
}

static void pair_open(struct pair *pair)
{
    memset(pair, 0, sizeof *pair);
    assert_int_equal(context_new(&pair->context, NULL), FATE_OK);
    assert_int_equal(rounds_register(pair->context), FATE_OK);
    for (int i = 0; i < 3; i++) assert_int_equal(fate_identity_generate(pair->context, &pair->identities[i]), FATE_OK);
}

static void pair_jobs(struct pair *pair, int leader_rounds, int worker_rounds)
{
    write_job(pair, 0, fate_identity_public(pair->identities[1]), leader_rounds);
    write_job(pair, 1, fate_identity_public(pair->identities[1]), worker_rounds);
}

static void pair_sessions(struct pair *pair, int worker_identity)
{
    for (int i = 0; i < 2; i++)
        assert_int_equal(fate_session_new(pair->context, &pair->sessions[i], pair->jobs[i], names[i],
                                          pair->identities[i == 0 ? 0 : worker_identity], FATE_PURPOSE_TRAIN),
                         FATE_OK);
}

static void pair_close(struct pair *pair)
{
    for (int i = 0; i < 2; i++) fate_session_free(pair->sessions[i]);
    for (int i = 0; i < 2; i++) fate_job_free(pair->jobs[i]);
    for (int i = 0; i < 3; i++) fate_identity_free(pair->identities[i]);
    fate_context_free(pair->context);
}

static void pair_events(struct pair *pair, int side)
{
    const fate_event *event;
    while (fate_session_next(pair->sessions[side], &event) == FATE_OK) {
        if (fate_event_kind(event) == FATE_EVENT_WARNING) pair->warnings++;
        if (fate_event_kind(event) != FATE_EVENT_SEND) continue;
        pair->frames++;
        if (pair->swallow > 0) {
            pair->swallow--;
            continue;
        }
        uint64_t length;
        const uint8_t *bytes = fate_event_bytes(event, &length);
        assert_int_equal(fate_session_receive(pair->sessions[1 - side], (uint32_t)side, 0, bytes, length), FATE_OK);
    }
}

/* Runs both until both are at an end, or for that long. */
static void pair_run(struct pair *pair, uint64_t milliseconds)
{
    uint64_t end = pair->now + milliseconds;
    for (; pair->now < end; pair->now += 50) {
        for (int i = 0; i < 2; i++) {
            pair->results[i] = fate_session_run(pair->sessions[i], pair->now, 0);
            pair_events(pair, i);
        }
        bool over = true;
        for (int i = 0; i < 2; i++) over = over && pair->results[i] != FATE_OK && pair->results[i] != FATE_AGAIN;
        if (over) return;
    }
}

static void two_parties_finish(void **state)
{
    (void)state;
    struct pair pair;
    pair_open(&pair);
    pair_jobs(&pair, 3, 3);
    pair_sessions(&pair, 1);
    pair_run(&pair, 60000);
    for (int i = 0; i < 2; i++) {
        const double *values;
        uint64_t count, sent;
        assert_int_equal(pair.results[i], FATE_FINISHED);
        assert_int_equal(fate_session_run(pair.sessions[i], pair.now, 0), FATE_FINISHED);
        assert_int_equal(fate_session_result(pair.sessions[i], "sum", &values, &count), FATE_OK);
        assert_true(values[0] == rounds_expected(1, 3, 3));
        assert_int_equal(fate_session_result(pair.sessions[i], "none", &values, &count), FATE_EMPTY);
        assert_string_equal(fate_session_result_name(pair.sessions[i], 0), "sum");
        assert_null(fate_session_result_name(pair.sessions[i], 1));
        assert_int_equal(fate_session_counter(pair.sessions[i], "bytes_sent", &sent), FATE_OK);
        assert_true(sent > 0);
        assert_int_equal(fate_session_counter(pair.sessions[i], "none", &sent), FATE_E_ARGUMENT);
        fate_model *model;
        assert_int_equal(fate_session_model(pair.sessions[i], &model), FATE_OK);
        assert_string_equal(fate_model_party(model), names[i]);
        fate_model_free(model);
        assert_true(fate_session_deadline(pair.sessions[i]) == UINT64_MAX);
    }
    pair_close(&pair);
}

/* What left the building, message by message. */
static void traffic_is_counted(void **state)
{
    (void)state;
    struct pair pair;
    pair_open(&pair);
    pair_jobs(&pair, 3, 3);
    pair_sessions(&pair, 1);
    pair_run(&pair, 60000);
    const char *message;
    uint32_t peer;
    int32_t outgoing;
    uint64_t messages, bytes;
    assert_int_equal(fate_session_traffic(pair.sessions[1], 0, &message, &peer, &outgoing, &messages, &bytes), FATE_OK);
    assert_string_equal(message, "numbers");
    assert_int_equal(peer, 0);
    assert_int_equal(outgoing, 1);
    assert_int_equal(messages, 3);
    assert_int_equal(bytes, 3 * 3 * 8000);
    assert_int_equal(fate_session_traffic(pair.sessions[1], 1, &message, &peer, &outgoing, &messages, &bytes), FATE_OK);
    assert_string_equal(message, "sum");
    assert_int_equal(outgoing, 0);
    assert_int_equal(messages, 3);
    assert_int_equal(fate_session_traffic(pair.sessions[1], 2, &message, &peer, &outgoing, &messages, &bytes), FATE_EMPTY);
    pair_close(&pair);
}

static void any_frame_may_be_lost(void **state)
{
    (void)state;
    for (uint32_t lost = 0; lost < 30; lost++) {
        struct pair pair;
        pair_open(&pair);
        pair_jobs(&pair, 2, 2);
        pair_sessions(&pair, 1);
        while (pair.frames < lost && pair.results[0] == FATE_OK && pair.now < 10000) pair_run(&pair, 50);
        pair.swallow = 1;
        pair_run(&pair, 60000);
        assert_int_equal(pair.results[0], FATE_FINISHED);
        assert_int_equal(pair.results[1], FATE_FINISHED);
        pair_close(&pair);
    }
}

static void different_jobs_are_named_on_both_sides(void **state)
{
    (void)state;
    struct pair pair;
    pair_open(&pair);
    pair_jobs(&pair, 3, 4);
    pair_sessions(&pair, 1);
    pair_run(&pair, 60000);
    for (int i = 0; i < 2; i++) {
        const char *sentence = fate_session_error(pair.sessions[i]);
        assert_int_equal(pair.results[i], FATE_E_JOB_DIFFERS);
        assert_non_null(strstr(sentence, "rounds"));
        assert_non_null(strstr(sentence, "3"));
        assert_non_null(strstr(sentence, "4"));
        assert_int_equal(fate_session_error_party(pair.sessions[i]), 1 - i);
    }
    pair_close(&pair);
}

/* The leader pins another key: the worker is told so and ends; the leader warns and goes on waiting until its time-out. */
static void a_wrong_key_is_refused(void **state)
{
    (void)state;
    struct pair pair;
    pair_open(&pair);
    write_job(&pair, 0, fate_identity_public(pair.identities[2]), 3);
    write_job(&pair, 1, fate_identity_public(pair.identities[1]), 3);
    pair_sessions(&pair, 1);
    pair_run(&pair, 30000);
    assert_int_equal(pair.results[1], FATE_E_REFUSED);
    assert_int_equal(pair.results[0], FATE_OK);
    assert_true(pair.warnings > 0);
    pair_run(&pair, 30000);
    assert_int_equal(pair.results[0], FATE_E_TIMEOUT);
    assert_non_null(strstr(fate_session_error(pair.sessions[0]), "worker1"));
    pair_close(&pair);
}

static void an_absent_peer_is_a_time_out(void **state)
{
    (void)state;
    struct pair pair;
    pair_open(&pair);
    pair_jobs(&pair, 3, 3);
    pair_sessions(&pair, 1);
    assert_int_equal(fate_session_set_option(pair.sessions[0], "contact_timeout", 5000), FATE_OK);
    int32_t result = FATE_OK;
    uint64_t now = 0;
    for (; now < 6000 && result == FATE_OK; now += 100) {
        const fate_event *event;
        result = fate_session_run(pair.sessions[0], now, 0);
        while (fate_session_next(pair.sessions[0], &event) == FATE_OK) {
        }
    }
    assert_int_equal(result, FATE_E_TIMEOUT);
    assert_non_null(strstr(fate_session_error(pair.sessions[0]), "worker1"));
    pair_close(&pair);
}

static void cancel_tells_the_peer(void **state)
{
    (void)state;
    struct pair pair;
    pair_open(&pair);
    pair_jobs(&pair, 1000, 1000);
    pair_sessions(&pair, 1);
    pair_run(&pair, 200);
    fate_session_cancel(pair.sessions[0]);
    pair_run(&pair, 1000);
    assert_int_equal(pair.results[0], FATE_E_CANCELLED);
    assert_int_equal(pair.results[1], FATE_E_PEER);
    assert_non_null(strstr(fate_session_error(pair.sessions[1]), "leader"));
    pair_close(&pair);
}

/* Garbage, strangers' frames and repeats never end a job. */
static void what_is_not_authentic_is_dropped(void **state)
{
    (void)state;
    struct pair pair;
    pair_open(&pair);
    pair_jobs(&pair, 6, 6);
    pair_sessions(&pair, 1);
    uint8_t garbage[200];
    for (int turn = 0; turn < 40; turn++) {
        for (int kind = 0; kind < 7; kind++) {
            for (size_t i = 0; i < sizeof garbage; i++) garbage[i] = (uint8_t)(i * 31 + (size_t)turn * 17);
            garbage[0] = (uint8_t)kind;
            for (int side = 0; side < 2; side++)
                assert_int_equal(fate_session_receive(pair.sessions[side], (uint32_t)(1 - side), 9, garbage, sizeof garbage - (size_t)turn),
                                 FATE_OK);
        }
        pair_run(&pair, 50);
    }
    pair_run(&pair, 60000);
    assert_int_equal(pair.results[0], FATE_FINISHED);
    assert_int_equal(pair.results[1], FATE_FINISHED);
    uint64_t rejected;
    assert_int_equal(fate_session_counter(pair.sessions[0], "frames_rejected", &rejected), FATE_OK);
    assert_true(rejected > 0);
    pair_close(&pair);
}

static void arguments_are_checked(void **state)
{
    (void)state;
    struct pair pair;
    fate_session *session;
    pair_open(&pair);
    pair_jobs(&pair, 3, 3);
    assert_int_equal(fate_session_new(pair.context, &session, pair.jobs[0], "nobody", pair.identities[0], FATE_PURPOSE_TRAIN),
                     FATE_E_ARGUMENT);
    assert_int_equal(fate_session_new(pair.context, &session, pair.jobs[0], "leader", pair.identities[1], FATE_PURPOSE_TRAIN),
                     FATE_E_IDENTITY);
    assert_int_equal(fate_session_new(pair.context, &session, pair.jobs[0], "leader", pair.identities[0], FATE_PURPOSE_PREDICT),
                     FATE_E_UNSUPPORTED);
    assert_non_null(strstr(fate_context_error(pair.context), "has no protocol for the purpose predict"));
    assert_int_equal(fate_session_new(pair.context, &session, pair.jobs[0], "leader", pair.identities[0], 99), FATE_E_UNSUPPORTED);
    assert_string_equal(fate_context_error(pair.context), "there is no purpose 99: enum fate_purpose has the numbers");
    assert_int_equal(fate_session_new(pair.context, &session, NULL, "leader", pair.identities[0], FATE_PURPOSE_TRAIN), FATE_E_ARGUMENT);
    assert_null(session);
    pair_sessions(&pair, 1);
    session = pair.sessions[0];
    assert_int_equal(fate_session_set_option(session, "no such option", 1), FATE_E_ARGUMENT);
    assert_non_null(strstr(fate_session_error(session), "loss_timeout"));
    fate_table *unfinished;
    assert_int_equal(fate_table_new(pair.context, &unfinished, 0), FATE_OK);
    assert_int_equal(fate_session_set_table(session, FATE_TABLE_DATA, unfinished), FATE_E_STATE);
    assert_non_null(strstr(fate_session_error(session), "fate_table_finish"));
    fate_table_free(unfinished);
    assert_int_equal(fate_session_set_option(session, "window", 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_session_receive(session, 0, 0, (const uint8_t *)"x", 1), FATE_E_ARGUMENT); /* itself */
    assert_int_equal(fate_session_receive(session, 2, 0, (const uint8_t *)"x", 1), FATE_E_ARGUMENT);
    uint8_t *large = calloc(FRAME_LIMIT + 1, 1);
    assert_int_equal(fate_session_receive(session, 1, 0, large, FRAME_LIMIT + 1), FATE_E_LIMIT);
    assert_int_equal(fate_session_complete(session, 1, FATE_OK, NULL, 0), FATE_E_ARGUMENT);
    fate_model *model;
    assert_int_equal(fate_session_model(session, &model), FATE_E_STATE);
    assert_int_equal(fate_session_run(session, 0, 0), FATE_OK);
    assert_int_equal(fate_session_set_option(session, "window", 65536), FATE_E_STATE);
    assert_int_equal(fate_session_set_table(session, FATE_TABLE_DATA, NULL), FATE_E_STATE);
    /* A peer that floods is told to wait; nothing is taken. */
    int32_t result = FATE_OK;
    for (int i = 0; i < 20 && result == FATE_OK; i++) result = fate_session_receive(session, 1, 0, large, FRAME_LIMIT);
    assert_int_equal(result, FATE_AGAIN);
    free(large);
    pair_close(&pair);
}

/* Who gets FATE_OK may sleep until the deadline: it lies ahead, from the first run on, and at any time of the clock. */
static void the_deadline_lies_ahead(void **state)
{
    (void)state;
    for (uint64_t start = 0; start < 3; start++) {
        struct pair pair;
        pair_open(&pair);
        pair_jobs(&pair, 3, 3);
        pair_sessions(&pair, 1);
        pair.now = start * UINT64_C(5000000000);
        for (int turn = 0; turn < 200; turn++, pair.now += 7) {
            for (int i = 0; i < 2; i++) {
                pair.results[i] = fate_session_run(pair.sessions[i], pair.now, 1);
                if (pair.results[i] == FATE_OK) assert_true(fate_session_deadline(pair.sessions[i]) > pair.now);
                pair_events(&pair, i);
            }
            if (turn == 0) assert_true(pair.frames > 0); /* the dialling party has begun */
        }
        assert_int_equal(pair.results[0], FATE_FINISHED);
        pair_close(&pair);
    }
}

/* One party is done and waits for the other, which is gone: to cancel that is no failure. */
static void cancelling_what_is_done(void **state)
{
    (void)state;
    struct pair pair;
    pair_open(&pair);
    pair_jobs(&pair, 1, 1);
    pair_sessions(&pair, 1);
    double seen = 0;
    for (int turn = 0; turn < 400 && pair.sessions[0]->phase != PHASE_LINGERING; turn++, pair.now += 20) {
        if (pair.sessions[0]->phase < PHASE_RUNNING || pair.sessions[1]->step == 0) {
            pair.results[1] = fate_session_run(pair.sessions[1], pair.now, 1);
            pair_events(&pair, 1);
        }
        const fate_event *event;
        pair.results[0] = fate_session_run(pair.sessions[0], pair.now, 1);
        while (fate_session_next(pair.sessions[0], &event) == FATE_OK) {
            uint64_t length;
            const uint8_t *bytes = fate_event_bytes(event, &length);
            fate_progress progress = {.struct_size = sizeof progress};
            if (fate_event_progress(event, &progress) == FATE_OK) seen = progress.fraction;
            if (fate_event_kind(event) == FATE_EVENT_SEND && pair.sessions[0]->phase < PHASE_LINGERING)
                fate_session_receive(pair.sessions[1], 0, 0, bytes, length);
        }
    }
    assert_int_equal(pair.sessions[0]->phase, PHASE_LINGERING);
    assert_true(seen == 1.0);
    fate_session_cancel(pair.sessions[0]);
    assert_int_equal(fate_session_run(pair.sessions[0], pair.now, 0), FATE_FINISHED);
    fate_model *model;
    assert_int_equal(fate_session_model(pair.sessions[0], &model), FATE_OK);
    fate_model_free(model);
    pair_close(&pair);
}

/* The third law of hooks: what is entered from a hook says so. */
static void entering_from_a_hook_is_an_error(void **state)
{
    (void)state;
    struct pair pair;
    const fate_event *event;
    pair_open(&pair);
    pair_jobs(&pair, 3, 3);
    pair_sessions(&pair, 1);
    assert_true(session_drive_begin(pair.sessions[0]));
    assert_false(session_drive_begin(pair.sessions[0]));
    session_hook_begin(pair.sessions[0]);
    assert_int_equal(fate_session_run(pair.sessions[0], 0, 0), FATE_E_REENTERED);
    assert_int_equal(fate_session_next(pair.sessions[0], &event), FATE_E_REENTERED);
    assert_int_equal(fate_session_receive(pair.sessions[0], 1, 0, NULL, 0), FATE_E_REENTERED);
    session_hook_end(pair.sessions[0]);
    session_drive_end(pair.sessions[0]);
    assert_int_equal(fate_session_run(pair.sessions[0], 0, 0), FATE_OK);
    pair_close(&pair);
}

/* Every allocation of a whole job of two parties fails once: a clean error, or the job ends well; nothing leaks. */
static void every_allocation_fails_once(void **state)
{
    (void)state;
    char text[4096];
    rounds_job(text, 1, 2, 2);
    int32_t result = FATE_E_MEMORY;
    for (long long fail = 0; result != FATE_FINISHED && fail < 100000; fail++) {
        struct test_allocator counter;
        fate_allocator allocator = test_allocator(&counter, fail);
        fate_context *context;
        fate_simulator *simulator = NULL;
        result = context_new(&context, &allocator);
        if (result == FATE_OK) {
            result = rounds_register(context);
            if (result == FATE_OK) result = fate_simulator_new(context, &simulator, text, FATE_PURPOSE_TRAIN, 1);
            if (result == FATE_OK) result = fate_simulator_run(simulator, 100000);
            fate_simulator_free(simulator);
            fate_context_free(context);
        }
        assert_true(result == FATE_FINISHED || result < 0);
        assert_int_equal(atomic_load(&counter.live), 0);
        if (counter.calls <= fail) assert_int_equal(result, FATE_FINISHED);
    }
    assert_int_equal(result, FATE_FINISHED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_parties_finish),          cmocka_unit_test(traffic_is_counted),
        cmocka_unit_test(any_frame_may_be_lost),       cmocka_unit_test(different_jobs_are_named_on_both_sides),
        cmocka_unit_test(a_wrong_key_is_refused),      cmocka_unit_test(an_absent_peer_is_a_time_out),
        cmocka_unit_test(cancel_tells_the_peer),       cmocka_unit_test(what_is_not_authentic_is_dropped),
        cmocka_unit_test(arguments_are_checked),       cmocka_unit_test(the_deadline_lies_ahead),
        cmocka_unit_test(cancelling_what_is_done),     cmocka_unit_test(entering_from_a_hook_is_an_error),
        cmocka_unit_test(every_allocation_fails_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
