/* Evidence of simulated runs: every log holds, fits those of the peers, and is sealed; also when parties crash. */
#include "tests/support/unit.h"

#include <stdlib.h>

#include "lib/context.h"
#include "src/session/evidence.h"
#include "src/session/session.h"
#include "tests/support/evidence.h"
#include "tests/support/party.h"
#include "tests/support/rounds.h"

static void check_good(const fate_evidence *log, const fate_evidence *peer, uint64_t seed)
{
    fate_verdict *verdict;
    assert_int_equal(fate_evidence_verify(log, &verdict, peer, NULL), FATE_OK);
    if (fate_verdict_good(verdict) != 1) {
        print_error("seed %llu\n", (unsigned long long)seed);
        evidence_print(verdict);
    }
    assert_int_equal(fate_verdict_good(verdict), 1);
    fate_verdict_free(verdict);
}

/* Runs a job; checks every log alone and against all others. sealed: every log must be sealed to its end by all. */
static void run(struct evidence_run_of run, bool sealed)
{
    fate_context *context = evidence_context();
    fate_simulator *simulator = evidence_simulator(context, &run);
    fate_evidence *logs[21];
    evidence_run_to_end(simulator, run.seed);
    for (uint32_t party = 0; party <= run.workers; party++) logs[party] = evidence_of(context, simulator, party);
    for (uint32_t party = 0; party <= run.workers; party++)
        for (uint32_t other = 0; other <= run.workers; other++)
            if (party != other) check_good(logs[party], logs[other], run.seed);
    for (uint32_t party = 0; party <= run.workers && sealed; party++) {
        fate_verdict *verdict;
        assert_int_equal(fate_evidence_verify(logs[party], &verdict, NULL, fate_simulator_job(simulator)), FATE_OK);
        assert_int_equal(fate_verdict_good(verdict), 1);
        uint64_t signed_records = fate_verdict_sealed(verdict, party);
        assert_true(signed_records > 3);
        for (uint32_t other = 0; other <= run.workers; other++)
            if (fate_job_parties_talk(fate_simulator_job(simulator), party, other) == 1)
                assert_int_equal(fate_verdict_sealed(verdict, other), signed_records);
        assert_null(fate_verdict_finding(verdict, 0, NULL));
        fate_verdict_free(verdict);
    }
    for (uint32_t party = 0; party <= run.workers; party++) fate_evidence_free(logs[party]);
    fate_simulator_free(simulator);
    fate_context_free(context);
}

static void plain_runs(void **state)
{
    (void)state;
    run((struct evidence_run_of){.workers = 1, .rounds = 3, .parts = 4}, true);
    run((struct evidence_run_of){.workers = 3, .rounds = 5, .parts = 1, .durable = true}, true);
    run((struct evidence_run_of){.workers = 2, .rounds = 1, .parts = 1500}, true);
}

static void bad_networks(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 10; seed++) {
        run((struct evidence_run_of){.workers = 2, .rounds = 3, .parts = 7, .seed = seed, .delay_most = 30, .store_delay_most = 40}, true);
        run((struct evidence_run_of){.workers = 2, .rounds = 3, .parts = 7, .seed = seed, .loss = 50000, .durable = true}, false);
    }
}

static void crashes(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 60; seed++)
        run((struct evidence_run_of){.workers = 2,
                                     .rounds = 6,
                                     .parts = 5,
                                     .seed = seed,
                                     .delay_most = 20,
                                     .loss = 5000,
                                     .crash = 1500,
                                     .store_delay_most = 60,
                                     .durable = true},
            false);
}

/* ---- two sessions, driven by hand ---- */

struct hand {
    struct party parties[2];
    uint64_t now;
    bool keep;        /* evidence events are completed */
    int32_t answer;   /* with this */
    uint64_t open[2]; /* identifiers of evidence events that are not completed; 0: none */
    uint32_t puts[2]; /* how many were asked for */
    int32_t results[2];
};

static struct hand *hand_new(bool durable)
{
    struct hand *made = calloc(1, sizeof *made);
    assert_non_null(made);
    made->keep = true;
    assert_true(parties_open(made->parties, 2));
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(party_join(made->parties, 2, i, 3, 2, NULL), FATE_OK);
        assert_int_equal(fate_session_set_evidence(made->parties[i].session, NULL, 0), FATE_OK);
        if (durable) assert_int_equal(fate_session_set_option(made->parties[i].session, "durable", 1), FATE_OK);
    }
    return made;
}

static void hand_free(struct hand *made)
{
    parties_close(made->parties, 2);
    free(made);
}

static void hand_event(struct hand *hand, uint32_t party, const fate_event *event)
{
    fate_session *session = hand->parties[party].session;
    uint64_t length;
    const uint8_t *bytes = fate_event_bytes(event, &length);
    switch (fate_event_kind(event)) {
    case FATE_EVENT_SEND: assert_int_equal(fate_session_receive(hand->parties[1 - party].session, party, 0, bytes, length), FATE_OK); break;
    case FATE_EVENT_EVIDENCE:
        assert_true(length > 0 && hand->open[party] == 0);
        hand->open[party] = fate_event_identifier(event);
        break;
    case FATE_EVENT_GET:
        assert_int_equal(fate_session_complete(session, fate_event_identifier(event), FATE_EMPTY, NULL, 0), FATE_OK);
        break;
    case FATE_EVENT_PUT:
        hand->puts[party]++;
        assert_int_equal(fate_session_complete(session, fate_event_identifier(event), FATE_OK, NULL, 0), FATE_OK);
        break;
    default: break;
    }
}

static void hand_run(struct hand *hand, uint32_t turns)
{
    const fate_event *event;
    for (uint32_t turn = 0; turn < turns; turn++, hand->now += 10)
        for (uint32_t party = 0; party < 2; party++) {
            fate_session *session = hand->parties[party].session;
            if (hand->keep && hand->open[party] != 0) {
                assert_int_equal(fate_session_complete(session, hand->open[party], hand->answer, NULL, 0), FATE_OK);
                hand->open[party] = 0;
            }
            hand->results[party] = fate_session_run(session, hand->now, 0);
            while (fate_session_next(session, &event) == FATE_OK) hand_event(hand, party, event);
        }
}

static uint64_t messages_received(const fate_session *session)
{
    const char *name;
    uint32_t peer;
    int32_t outgoing;
    uint64_t messages, bytes, sum = 0;
    for (uint32_t i = 0; fate_session_traffic(session, i, &name, &peer, &outgoing, &messages, &bytes) == FATE_OK; i++)
        if (!outgoing) sum += messages;
    return sum;
}

/* A message is complete with its receiver only after its record is kept. */
static void nothing_is_sent_before_it_is_kept(void **state)
{
    (void)state;
    struct hand *hand = hand_new(false);
    hand->keep = false;
    hand_run(hand, 200);
    assert_true(hand->open[1] != 0);
    assert_true(hand->parties[1].session->peers->stream.out_next == 2);
    assert_int_equal(messages_received(hand->parties[0].session), 0);
    assert_true(hand->parties[0].session->peers->stream.in_next == 1); /* its first part has come */
    hand->keep = true;
    hand_run(hand, 400);
    assert_int_equal(hand->results[0], FATE_FINISHED);
    assert_int_equal(hand->results[1], FATE_FINISHED);
    hand_free(hand);
}

/* State is stored only after the records that it knows are kept. */
static void no_state_is_stored_before_evidence_is_kept(void **state)
{
    (void)state;
    struct hand *hand = hand_new(true);
    hand_run(hand, 1);
    while (hand->parties[0].session->phase != PHASE_STORING) hand_run(hand, 1);
    uint32_t puts = hand->puts[0];
    hand->keep = false;
    hand_run(hand, 100);
    assert_int_equal(hand->puts[0], puts);
    assert_int_equal(hand->parties[0].session->phase, PHASE_STORING);
    hand->keep = true;
    hand_run(hand, 400);
    assert_true(hand->puts[0] > puts);
    assert_int_equal(hand->results[0], FATE_FINISHED);
    hand_free(hand);
}

static void a_log_that_cannot_be_kept_ends_the_job(void **state)
{
    (void)state;
    struct hand *hand = hand_new(false);
    hand->answer = FATE_E_APPLICATION - 5;
    hand_run(hand, 100);
    assert_int_equal(hand->results[0], FATE_E_APPLICATION - 5);
    assert_non_null(strstr(fate_session_error(hand->parties[0].session), "evidence cannot be kept"));
    assert_int_equal(fate_session_set_evidence(hand->parties[0].session, NULL, 0), FATE_E_STATE);
    assert_int_equal(fate_session_set_evidence(NULL, NULL, 0), FATE_E_ARGUMENT);
    assert_int_equal(fate_session_set_evidence(hand->parties[0].session, NULL, 1), FATE_E_ARGUMENT);
    hand_free(hand);
}

/* A job that is cancelled while an event is open: the outcome is handed over, and both may be completed. */
static void the_outcome_of_a_failed_job(void **state)
{
    (void)state;
    struct hand *hand = hand_new(false);
    hand->keep = false;
    hand_run(hand, 200);
    fate_session *session = hand->parties[1].session;
    uint64_t before = hand->open[1];
    hand->open[1] = 0;
    fate_session_cancel(session);
    hand_run(hand, 1);
    assert_int_equal(hand->results[1], FATE_E_CANCELLED);
    assert_true(hand->open[1] > before);
    assert_int_equal(fate_session_complete(session, before, FATE_OK, NULL, 0), FATE_OK);
    assert_int_equal(fate_session_complete(session, hand->open[1], FATE_OK, NULL, 0), FATE_OK);
    assert_int_equal(fate_session_complete(session, hand->open[1] + 1, FATE_OK, NULL, 0), FATE_E_ARGUMENT);
    assert_true(session->evidence.ended);
    hand_free(hand);
}

/* ---- which log a run goes on with ---- */

static void expect_refusal(fate_simulator *simulator, uint32_t party, const struct buffer *log, int32_t result, const char *text)
{
    fate_session *session = fate_simulator_session(simulator, party);
    assert_int_equal(fate_session_set_evidence(session, log->bytes, log->length), FATE_OK);
    assert_int_equal(fate_simulator_run(simulator, 100), result);
    if (strstr(fate_session_error(session), text) == NULL) fail_msg("%s does not say: %s", fate_session_error(session), text);
}

static void foreign_and_changed_logs_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"was cut off", "of another run", "was changed", "was cut off", "this run keeps evidence",
                                        "no record",   "another run",    "not the one"};
    for (int change = 0; change < 8; change++) {
        fate_context *context = evidence_context();
        struct evidence_run_of run = {.workers = 1, .rounds = 50, .parts = 2, .durable = true}, other_run = run;
        other_run.seed = 5;
        fate_simulator *simulator = evidence_simulator(context, &run), *other = evidence_simulator(context, &other_run);
        assert_int_equal(fate_simulator_run(simulator, 200), FATE_AGAIN);
        assert_int_equal(fate_simulator_run(other, 200), FATE_AGAIN);
        struct buffer log;
        uint64_t length;
        const uint8_t *bytes = fate_simulator_evidence(change == 1 ? other : simulator, change == 6 ? 1 : 0, &length);
        buffer_init(&log, context);
        buffer_append(&log, bytes, length);
        assert_true(length > 2000);
        if (change == 0) log.length = 0;
        if (change == 2) log.bytes[length / 2] ^= 4;
        if (change == 3) log.length = length / 2;
        if (change == 5) buffer_append(&log, "no record", 9);
        assert_int_equal(fate_simulator_restart(simulator, 0), FATE_OK);
        if (change == 4) fate_simulator_session(simulator, 0)->evidence.on = false;
        if (change == 4) {
            assert_int_equal(fate_simulator_run(simulator, 100), FATE_E_STORE);
            assert_non_null(strstr(fate_session_error(fate_simulator_session(simulator, 0)), texts[change]));
        } else if (change == 7) { /* a log that is sound in itself, of this run and party, but not what the state knows */
            fate_evidence *read = evidence_of(context, simulator, 0);
            uint8_t head[EVIDENCE_DIGEST] = {0};
            buffer_clear(&log);
            for (uint64_t i = 0; i < read->count; i++) {
                if (read->items[i].kind == FATE_EVIDENCE_SENT) read->items[i].record->message->bytes++;
                evidence_append(&log, head, read->items[i].record);
            }
            fate_evidence_free(read);
            expect_refusal(simulator, 0, &log, FATE_E_STORE, texts[change]);
        } else {
            expect_refusal(simulator, 0, &log, FATE_E_STORE, texts[change]);
        }
        buffer_free(&log);
        fate_simulator_free(simulator);
        fate_simulator_free(other);
        fate_context_free(context);
    }
}

static void a_run_begins_with_an_empty_log(void **state)
{
    (void)state;
    for (int durable = 0; durable < 2; durable++) {
        fate_context *context = evidence_context();
        struct evidence_run_of run = {.workers = 1, .rounds = 3, .parts = 2, .durable = durable == 1};
        fate_simulator *simulator = evidence_simulator(context, &run);
        struct buffer log;
        buffer_init(&log, context);
        buffer_append(&log, "x", 1);
        expect_refusal(simulator, 0, &log, FATE_E_EXISTS, "holds an earlier run");
        buffer_free(&log);
        fate_simulator_free(simulator);
        fate_context_free(context);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_runs),
        cmocka_unit_test(bad_networks),
        cmocka_unit_test(crashes),
        cmocka_unit_test(nothing_is_sent_before_it_is_kept),
        cmocka_unit_test(no_state_is_stored_before_evidence_is_kept),
        cmocka_unit_test(a_log_that_cannot_be_kept_ends_the_job),
        cmocka_unit_test(the_outcome_of_a_failed_job),
        cmocka_unit_test(foreign_and_changed_logs_are_refused),
        cmocka_unit_test(a_run_begins_with_an_empty_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
