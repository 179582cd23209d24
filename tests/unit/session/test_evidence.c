/* Reading evidence logs: facts, entries, what is no log, and logs that grew over torn ends. */
#include "tests/support/unit.h"

#include "lib/context.h"
#include "lib/file.h"
#include "src/session/evidence.h"
#include "tests/support/evidence.h"
#include "tests/support/rounds.h"

#include <stdlib.h>
#include <unistd.h>

static fate_simulator *finished_run(fate_context *context)
{
    struct evidence_run_of run = {.workers = 2, .rounds = 2, .parts = 3};
    fate_simulator *simulator = evidence_simulator(context, &run);
    evidence_run_to_end(simulator, 0);
    return simulator;
}

static void facts(void **state)
{
    (void)state;
    fate_context *context = evidence_context();
    fate_simulator *simulator = finished_run(context);
    fate_evidence *log = evidence_of(context, simulator, 1);
    const fate_job *job = fate_simulator_job(simulator);
    assert_string_equal(fate_evidence_fact(log, "library"), fate_version());
    assert_string_equal(fate_evidence_fact(log, "algorithm"), "rounds");
    assert_string_equal(fate_evidence_fact(log, "purpose"), "train");
    assert_int_equal(strlen(fate_evidence_fact(log, "run")), 32);
    assert_int_equal(strlen(fate_evidence_fact(log, "job_digest")), 64);
    assert_null(fate_evidence_fact(log, "colour"));
    assert_null(fate_evidence_fact(NULL, "run"));
    assert_int_equal(fate_evidence_party_count(log), 3);
    assert_int_equal(fate_evidence_party(log), 1);
    for (uint32_t party = 0; party < 3; party++) {
        assert_string_equal(fate_evidence_party_name(log, party), fate_job_party_name(job, party));
        assert_string_equal(fate_evidence_party_role(log, party), fate_job_party_role(job, party));
        assert_string_equal(fate_evidence_party_key(log, party), fate_job_party_key(job, party));
    }
    assert_null(fate_evidence_party_name(log, 3));
    assert_null(fate_evidence_party_role(NULL, 0));
    assert_null(fate_evidence_party_key(log, UINT32_MAX));
    assert_int_equal(fate_evidence_count(NULL), 0);
    fate_evidence_free(log);
    fate_evidence_free(NULL);
    fate_simulator_free(simulator);
    fate_context_free(context);
}

/* A worker sends its numbers in three parts and receives the sum, twice; then the end. */
static void entries(void **state)
{
    (void)state;
    fate_context *context = evidence_context();
    fate_simulator *simulator = finished_run(context);
    fate_evidence *log = evidence_of(context, simulator, 1);
    fate_evidence_entry entry = {.struct_size = sizeof entry};
    uint64_t sent = 0, received = 0, outcomes = 0;
    for (uint64_t place = 0; fate_evidence_entry_at(log, place, &entry) == FATE_OK; place++) {
        assert_int_equal(entry.number, place);
        if (entry.kind == FATE_EVIDENCE_SENT) {
            assert_string_equal(entry.message, "numbers");
            assert_int_equal(entry.first, 3 * sent++);
            assert_int_equal(entry.parts, 3);
            assert_int_equal(entry.bytes, 24000);
        }
        if (entry.kind == FATE_EVIDENCE_RECEIVED) assert_int_equal(entry.first, received++);
        if (entry.kind == FATE_EVIDENCE_SENT || entry.kind == FATE_EVIDENCE_RECEIVED) assert_int_equal(entry.peer, 0);
        if (entry.kind == FATE_EVIDENCE_OUTCOME) assert_int_equal(entry.result, FATE_FINISHED);
        outcomes += entry.kind == FATE_EVIDENCE_OUTCOME;
        if (entry.kind == FATE_EVIDENCE_SIGNED) assert_true(entry.peer == 1 && entry.count == place && entry.digest != NULL);
    }
    assert_int_equal(sent, 2);
    assert_int_equal(received, 2);
    assert_int_equal(outcomes, 1);
    struct {
        fate_evidence_entry entry;
        uint8_t guard;
    } shorter = {.guard = 7};
    for (uint32_t size = 4; size < sizeof entry; size += 4) { /* an older caller's structure */
        memset(&shorter.entry, 0xee, sizeof shorter.entry);
        shorter.entry.struct_size = size;
        assert_int_equal(fate_evidence_entry_at(log, 0, &shorter.entry), FATE_OK);
        assert_int_equal(((uint8_t *)&shorter.entry)[size], 0xee);
    }
    entry.struct_size = 3;
    assert_int_equal(fate_evidence_entry_at(log, 0, &entry), FATE_E_ARGUMENT);
    assert_int_equal(fate_evidence_entry_at(log, 0, NULL), FATE_E_ARGUMENT);
    fate_evidence_free(log);
    fate_simulator_free(simulator);
    fate_context_free(context);
}

static void what_is_no_log(void **state)
{
    (void)state;
    fate_context *context = evidence_context();
    fate_evidence *log;
    static const uint8_t zeros[100];
    assert_int_equal(fate_evidence_parse(context, &log, NULL, NULL, 0), FATE_E_FORMAT);
    assert_null(log);
    assert_int_equal(fate_evidence_parse(context, &log, "x.log", zeros, sizeof zeros), FATE_E_FORMAT);
    assert_non_null(strstr(fate_context_error(context), "x.log"));
    assert_int_equal(fate_evidence_parse(context, &log, NULL, NULL, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_evidence_parse(context, NULL, NULL, zeros, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_evidence_parse(NULL, &log, NULL, zeros, 1), FATE_E_ARGUMENT);
    assert_int_equal(fate_evidence_read(context, &log, "/nowhere/at/all"), FATE_E_FILE);
    assert_int_equal(fate_evidence_read(context, &log, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_evidence_read(NULL, &log, "x"), FATE_E_ARGUMENT);
    fate_context_free(context);
}

static void another_version(void **state)
{
    (void)state;
    fate_context *context = evidence_context();
    fate_simulator *simulator = finished_run(context);
    fate_evidence *log = evidence_of(context, simulator, 0), *newer;
    struct buffer bytes;
    uint8_t head[EVIDENCE_DIGEST] = {0};
    buffer_init(&bytes, context);
    log->items[0].record->opened->version = EVIDENCE_VERSION + 1;
    evidence_append(&bytes, head, log->items[0].record);
    assert_int_equal(fate_evidence_parse(context, &newer, NULL, bytes.bytes, bytes.length), FATE_E_VERSION);
    buffer_free(&bytes);
    fate_evidence_free(log);
    fate_simulator_free(simulator);
    fate_context_free(context);
}

/* Records that hold what their kind may not are damaged. */
static void records_are_checked(void **state)
{
    (void)state;
    fate_context *context = evidence_context();
    fate_simulator *simulator = finished_run(context);
    for (int change = 0; change < 6; change++) {
        fate_evidence *log = evidence_of(context, simulator, 1), *changed;
        struct buffer bytes;
        uint8_t head[EVIDENCE_DIGEST] = {0};
        uint64_t place = 1;
        while (log->items[place].kind != (change < 5 ? FATE_EVIDENCE_SENT : FATE_EVIDENCE_SIGNED)) place++;
        Fate__EvidenceRecord *record = log->items[place].record;
        if (change == 0) record->message->peer = 3;
        if (change == 1) record->message->digest.len--;
        if (change == 2) record->message->name[0] = '"';
        if (change == 3) record->message->parts = 0;
        if (change == 4) record->message->first = UINT64_MAX;
        if (change == 5) record->signed_->signature.len--;
        buffer_init(&bytes, context);
        for (uint64_t i = 0; i < log->count; i++) evidence_append(&bytes, head, log->items[i].record);
        assert_int_equal(fate_evidence_parse(context, &changed, NULL, bytes.bytes, bytes.length), FATE_OK);
        assert_int_equal(changed->items[place].kind, FATE_EVIDENCE_DAMAGED);
        assert_int_equal(changed->items[place + 1].kind, log->items[place + 1].kind);
        if (change == 1) record->message->digest.len++;
        if (change == 5) record->signed_->signature.len++;
        fate_evidence_free(changed);
        fate_evidence_free(log);
        buffer_free(&bytes);
    }
    fate_simulator_free(simulator);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(facts), cmocka_unit_test(entries), cmocka_unit_test(what_is_no_log),
                                       cmocka_unit_test(another_version), cmocka_unit_test(records_are_checked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
