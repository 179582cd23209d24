/* Stored state: parties that are killed at any time go on where they were, and state that does not fit is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/context.h"
#include "src/session/session.h"
#include "tests/support/rounds.h"

enum { WORKERS = 2, ROUNDS = 3, PARTS = 3 };

static void make_durable(fate_simulator *simulator, uint32_t party)
{
    fate_session *session = fate_simulator_session(simulator, party);
    assert_int_equal(fate_session_set_option(session, "durable", 1), FATE_OK);
    assert_int_equal(fate_session_set_option(session, "linger_timeout", 100000), FATE_OK);
}

static fate_simulator *start(fate_context *context, uint64_t seed)
{
    char text[4096];
    fate_simulator *simulator;
    rounds_job(text, WORKERS, ROUNDS, PARTS);
    assert_int_equal(fate_simulator_new(context, &simulator, text, FATE_PURPOSE_TRAIN, seed), FATE_OK);
    for (uint32_t party = 0; party <= WORKERS; party++) make_durable(simulator, party);
    return simulator;
}

static void finish(fate_simulator *simulator, const char *when, uint64_t tick, fate_context *context)
{
    int32_t result = fate_simulator_run(simulator, 1000000);
    if (result != FATE_FINISHED)
        print_error("%s at tick %llu: %d %s\n", when, (unsigned long long)tick, result, fate_context_error(context));
    assert_int_equal(result, FATE_FINISHED);
    for (uint32_t party = 0; party <= WORKERS; party++) {
        const double *values;
        uint64_t count;
        assert_int_equal(fate_session_result(fate_simulator_session(simulator, party), "sum", &values, &count), FATE_OK);
        assert_true(values[0] == rounds_expected(WORKERS, ROUNDS, PARTS));
    }
}

static void killed_at_any_time(void **state)
{
    (void)state;
    fate_context *context;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(rounds_register(context), FATE_OK);
    for (uint32_t victim = 0; victim <= WORKERS; victim++) {
        int32_t result = FATE_AGAIN;
        for (uint64_t tick = 1; result == FATE_AGAIN; tick += 1 + tick / 50) { /* later ticks are mostly idle */
            fate_simulator *simulator = start(context, 7);
            result = fate_simulator_run(simulator, tick);
            assert_true(result == FATE_AGAIN || result == FATE_FINISHED);
            if (result == FATE_AGAIN) {
                assert_int_equal(fate_simulator_restart(simulator, victim), FATE_OK);
                finish(simulator, "one killed", tick, context);
            }
            fate_simulator_free(simulator);
        }
    }
    fate_context_free(context);
}

static void all_killed_often(void **state)
{
    (void)state;
    fate_context *context;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(rounds_register(context), FATE_OK);
    for (uint64_t seed = 0; seed < 40; seed++) {
        fate_simulator *simulator = start(context, seed);
        fate_simulator_set(simulator, "delay_most", 5);
        fate_simulator_set(simulator, "loss", seed % 3 == 0 ? 20000 : 0);
        for (uint64_t kill = 0; kill < 10; kill++) {
            int32_t result = fate_simulator_run(simulator, 5 + (seed * 7 + kill * 13) % 60);
            if (result == FATE_FINISHED) break;
            assert_int_equal(result, FATE_AGAIN);
            for (uint32_t party = 0; party <= WORKERS; party++) {
                if ((seed + kill + party) % 3 == 0) continue;
                assert_int_equal(fate_simulator_restart(simulator, party), FATE_OK);
            }
        }
        finish(simulator, "all killed", seed, context);
        fate_simulator_free(simulator);
    }
    fate_context_free(context);
}

/* ---- two parties by hand, with every state that either has stored ---- */

enum { STATES = 64 };

struct kept {
    uint8_t *bytes;
    uint64_t length;
};

struct couple {
    fate_context *context;
    fate_identity *identities[2];
    fate_job *job;
    fate_table *tables[2]; /* two that differ */
    fate_session *sessions[2];
    struct kept kept[2][STATES];
    uint32_t puts[2];
    int64_t answer[2]; /* which kept state a get is answered with; -1: none */
    int32_t results[2];
    uint64_t ended[2]; /* when the result was the end */
    uint64_t now;
};

static const char *const couple_names[2] = {"leader", "worker"};

static fate_table *small_table(fate_context *context, const char *csv)
{
    fate_schema *schema;
    fate_table *table;
    assert_int_equal(fate_schema_new(context, &schema), FATE_OK);
    assert_int_equal(fate_schema_set_id(schema, "id"), FATE_OK);
    assert_int_equal(fate_table_parse_csv(context, &table, "table", (const uint8_t *)csv, strlen(csv), schema), FATE_OK);
    fate_schema_free(schema);
    return table;
}

static fate_job *couple_job(const struct couple *couple, int rounds)
{
    char text[2048];
    fate_job *job;
    snprintf(text, sizeof text,
             "{\"algorithm\":\"rounds\",\"id\":\"id\",\"parties\":[{\"name\":\"leader\",\"role\":\"leader\",\"key\":\"%s\"},"
             "{\"name\":\"worker\",\"role\":\"worker\",\"key\":\"%s\"}],\"parameters\":{\"rounds\":%d,\"parts\":2}}",
             fate_identity_public(couple->identities[0]), fate_identity_public(couple->identities[1]), rounds);
    assert_int_equal(fate_job_parse(couple->context, &job, "job", (const uint8_t *)text, strlen(text)), FATE_OK);
    return job;
}

static void couple_start(struct couple *couple, int side, const fate_job *job, const fate_table *table)
{
    fate_session_free(couple->sessions[side]);
    assert_int_equal(
        fate_session_new(couple->context, &couple->sessions[side], job, couple_names[side], couple->identities[side], FATE_PURPOSE_TRAIN),
        FATE_OK);
    assert_int_equal(fate_session_set_option(couple->sessions[side], "durable", 1), FATE_OK);
    assert_int_equal(fate_session_set_table(couple->sessions[side], FATE_TABLE_DATA, table), FATE_OK);
}

static void couple_open(struct couple *couple, int rounds)
{
    memset(couple, 0, sizeof *couple);
    assert_int_equal(context_new(&couple->context, NULL), FATE_OK);
    assert_int_equal(rounds_register(couple->context), FATE_OK);
    for (int i = 0; i < 2; i++) assert_int_equal(fate_identity_generate(couple->context, &couple->identities[i]), FATE_OK);
    couple->job = couple_job(couple, rounds);
    couple->tables[0] = small_table(couple->context, "id,x\na,1\n");
    couple->tables[1] = small_table(couple->context, "id,x\na,2\n");
    couple->answer[0] = couple->answer[1] = -1;
    for (int i = 0; i < 2; i++) couple_start(couple, i, couple->job, couple->tables[0]);
}

static void couple_close(struct couple *couple)
{
    for (int i = 0; i < 2; i++) {
        fate_session_free(couple->sessions[i]);
        fate_table_free(couple->tables[i]);
        fate_identity_free(couple->identities[i]);
        for (uint32_t put = 0; put < couple->puts[i]; put++) free(couple->kept[i][put].bytes);
    }
    fate_job_free(couple->job);
    fate_context_free(couple->context);
}

static void couple_store(struct couple *couple, int side, const fate_event *event)
{
    uint64_t length;
    const uint8_t *bytes = fate_event_bytes(event, &length);
    if (fate_event_kind(event) == FATE_EVENT_PUT) {
        struct kept *kept = &couple->kept[side][couple->puts[side]++];
        assert_true(couple->puts[side] < STATES);
        kept->bytes = malloc(length);
        kept->length = length;
        memcpy(kept->bytes, bytes, length);
        assert_int_equal(fate_session_complete(couple->sessions[side], fate_event_identifier(event), FATE_OK, NULL, 0), FATE_OK);
        return;
    }
    assert_int_equal(fate_event_kind(event), FATE_EVENT_GET);
    const struct kept *kept = couple->answer[side] < 0 ? NULL : &couple->kept[side][couple->answer[side]];
    assert_int_equal(fate_session_complete(couple->sessions[side], fate_event_identifier(event), kept == NULL ? FATE_EMPTY : FATE_OK,
                                           kept == NULL ? NULL : kept->bytes, kept == NULL ? 0 : kept->length),
                     FATE_OK);
}

/* Runs one side once; hands its frames to the other. */
static int32_t couple_step(struct couple *couple, int side)
{
    const fate_event *event;
    couple->results[side] = fate_session_run(couple->sessions[side], couple->now, 4);
    couple->ended[side] = couple->now;
    while (fate_session_next(couple->sessions[side], &event) == FATE_OK) {
        uint64_t length;
        const uint8_t *bytes = fate_event_bytes(event, &length);
        int32_t kind = fate_event_kind(event);
        if (kind == FATE_EVENT_SEND) fate_session_receive(couple->sessions[1 - side], (uint32_t)side, 0, bytes, length);
        if (kind >= FATE_EVENT_PUT && kind <= FATE_EVENT_LIST) couple_store(couple, side, event);
    }
    return couple->results[side];
}

/* Until either is at an end, either has stored that often, or time is over. */
static void couple_run(struct couple *couple, uint32_t puts)
{
    for (int tick = 0; tick < 4000 && couple->puts[0] < puts && couple->puts[1] < puts; tick++, couple->now += 20)
        for (int i = 0; i < 2; i++)
            if (couple->results[i] >= 0 && couple->results[i] != FATE_FINISHED) couple_step(couple, i);
}

/* The result of a side's first runs, answered with that state. */
static int32_t begin_with(struct couple *couple, int side, int64_t state)
{
    int32_t result = FATE_OK;
    couple->answer[side] = state;
    couple->results[side] = FATE_OK;
    for (int i = 0; i < 4 && result >= 0; i++) result = couple_step(couple, side);
    return result;
}

static void altered_state_is_refused(void **state)
{
    (void)state;
    struct couple couple;
    couple_open(&couple, 3);
    couple_run(&couple, 3);
    struct kept *kept = &couple.kept[0][couple.puts[0] - 1];
    for (uint64_t at = 0; at < kept->length; at += 1 + kept->length / 97) {
        kept->bytes[at] ^= 1;
        couple_start(&couple, 0, couple.job, couple.tables[0]);
        assert_int_equal(begin_with(&couple, 0, couple.puts[0] - 1), FATE_E_STORE);
        assert_non_null(strstr(fate_session_error(couple.sessions[0]), "restart"));
        kept->bytes[at] ^= 1;
    }
    uint64_t length = kept->length;
    for (kept->length = 0; kept->length < length; kept->length += 1 + length / 31) {
        couple_start(&couple, 0, couple.job, couple.tables[0]);
        assert_int_equal(begin_with(&couple, 0, couple.puts[0] - 1), FATE_E_STORE);
    }
    kept->length = length;
    couple_close(&couple);
}

static void foreign_state_is_refused(void **state)
{
    (void)state;
    struct couple couple;
    couple_open(&couple, 3);
    couple_run(&couple, 3);
    fate_job *other_job = couple_job(&couple, 4);
    couple_start(&couple, 0, other_job, couple.tables[0]);
    assert_int_equal(begin_with(&couple, 0, 0), FATE_E_STORE);
    assert_non_null(strstr(fate_session_error(couple.sessions[0]), "another job"));
    couple_start(&couple, 0, couple.job, couple.tables[1]);
    assert_int_equal(begin_with(&couple, 0, 0), FATE_E_STORE);
    assert_non_null(strstr(fate_session_error(couple.sessions[0]), "another table"));
    couple_start(&couple, 0, couple.job, NULL);
    assert_int_equal(begin_with(&couple, 0, 0), FATE_E_STORE);
    couple_start(&couple, 0, couple.job, couple.tables[0]);
    struct kept own = couple.kept[0][0];
    couple.kept[0][0] = couple.kept[1][0]; /* the other party's: sealed under another identity */
    assert_int_equal(begin_with(&couple, 0, 0), FATE_E_STORE);
    assert_non_null(strstr(fate_session_error(couple.sessions[0]), "identity"));
    couple.kept[0][0] = own;
    /* What the option "restart" is for: the kept state is not even asked for. */
    couple_start(&couple, 0, couple.job, couple.tables[1]);
    assert_int_equal(fate_session_set_option(couple.sessions[0], "restart", 1), FATE_OK);
    assert_int_equal(begin_with(&couple, 0, 0), FATE_OK);
    fate_job_free(other_job);
    couple_close(&couple);
}

/* A backup older than what this party once said to be durable: its peer refuses to go on, and says why. */
static void an_older_copy_is_refused(void **state)
{
    (void)state;
    struct couple couple;
    couple_open(&couple, 8);
    couple_run(&couple, 6);
    assert_true(couple.puts[1] >= 5);
    couple_start(&couple, 1, couple.job, couple.tables[0]);
    couple.answer[1] = 1;
    couple.results[1] = FATE_OK;
    couple_run(&couple, STATES);
    assert_int_equal(couple.results[0], FATE_E_STORE);
    assert_non_null(strstr(fate_session_error(couple.sessions[0]), "worker"));
    assert_true(couple.results[1] < 0);
    couple_close(&couple);
}

/* A party that lost its state altogether, while the other goes on. */
static void lost_state_is_refused(void **state)
{
    (void)state;
    struct couple couple;
    couple_open(&couple, 8);
    couple_run(&couple, 6);
    couple_start(&couple, 1, couple.job, couple.tables[0]);
    couple.answer[1] = -1;
    couple.results[1] = FATE_OK;
    couple_run(&couple, STATES);
    assert_int_equal(couple.results[0], FATE_E_STORE);
    assert_non_null(strstr(fate_session_error(couple.sessions[0]), "anew"));
    couple_close(&couple);
}

/* A finished job that both run again: each tells the other that it is done before it leaves, so that neither lingers for its peer. */
static void a_finished_job_ends_at_once_again(void **state)
{
    (void)state;
    for (uint64_t later = 0; later <= 1500; later += 60) {
        struct couple couple;
        couple_open(&couple, 2);
        couple_run(&couple, STATES);
        for (int side = 0; side < 2; side++) {
            assert_int_equal(couple.results[side], FATE_FINISHED);
            couple_start(&couple, side, couple.job, couple.tables[0]);
            couple.answer[side] = couple.puts[side] - 1;
            couple.results[side] = FATE_OK;
        }
        for (uint64_t end = couple.now + later; couple.now < end; couple.now += 20) couple_step(&couple, 0);
        uint64_t begun = couple.now;
        couple_run(&couple, STATES);
        for (int side = 0; side < 2; side++) assert_int_equal(couple.results[side], FATE_FINISHED);
        uint64_t ended = 0;
        for (int side = 0; side < 2; side++)
            if (couple.ended[side] > ended) ended = couple.ended[side];
        assert_true(ended - begun < 5000); /* of the couple's clock; the linger's time is 10 000 */
        couple_close(&couple);
    }
}

/* The latest copy goes on and ends well. */
static void the_latest_copy_goes_on(void **state)
{
    (void)state;
    struct couple couple;
    couple_open(&couple, 8);
    couple_run(&couple, 6);
    for (int side = 0; side < 2; side++) {
        couple_start(&couple, side, couple.job, couple.tables[0]);
        couple.answer[side] = couple.puts[side] - 1;
        couple.results[side] = FATE_OK;
    }
    couple_run(&couple, STATES);
    for (int side = 0; side < 2; side++) {
        const double *values;
        uint64_t count;
        assert_int_equal(couple.results[side], FATE_FINISHED);
        assert_int_equal(fate_session_result(couple.sessions[side], "sum", &values, &count), FATE_OK);
        assert_true(values[0] == rounds_expected(1, 8, 2));
    }
    /* The same command after success changes nothing and ends with success, without any peer. */
    uint32_t puts = couple.puts[0];
    couple_start(&couple, 0, couple.job, couple.tables[0]);
    begin_with(&couple, 0, puts - 1);
    couple.results[1] = FATE_FINISHED;
    couple.now += 20000;
    assert_int_equal(couple_step(&couple, 0), FATE_FINISHED);
    assert_int_equal(couple.puts[0], puts);
    couple_close(&couple);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(killed_at_any_time),
                                       cmocka_unit_test(all_killed_often),
                                       cmocka_unit_test(altered_state_is_refused),
                                       cmocka_unit_test(foreign_state_is_refused),
                                       cmocka_unit_test(an_older_copy_is_refused),
                                       cmocka_unit_test(lost_state_is_refused),
                                       cmocka_unit_test(a_finished_job_ends_at_once_again),
                                       cmocka_unit_test(the_latest_copy_goes_on)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
