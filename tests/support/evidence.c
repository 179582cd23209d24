/* Evidence logs for tests; see evidence.h. */
#include "tests/support/unit.h"

#include "lib/context.h"
#include "tests/support/evidence.h"
#include "tests/support/rounds.h"

fate_context *evidence_context(void)
{
    fate_context *context;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(rounds_register(context), FATE_OK);
    return context;
}

fate_simulator *evidence_simulator(fate_context *context, const struct evidence_run_of *run)
{
    char text[4096];
    fate_simulator *simulator;
    rounds_job(text, run->workers, run->rounds, run->parts);
    assert_int_equal(fate_simulator_new(context, &simulator, text, FATE_PURPOSE_TRAIN, run->seed), FATE_OK);
    assert_int_equal(fate_simulator_set(simulator, "delay_most", run->delay_most + 1), FATE_OK);
    assert_int_equal(fate_simulator_set(simulator, "loss", run->loss), FATE_OK);
    assert_int_equal(fate_simulator_set(simulator, "crash", run->crash), FATE_OK);
    assert_int_equal(fate_simulator_set(simulator, "store_delay_most", run->store_delay_most), FATE_OK);
    assert_int_equal(fate_simulator_set(simulator, "faults_until", 20000), FATE_OK);
    for (uint32_t party = 0; party <= run->workers; party++) {
        fate_session *session = fate_simulator_session(simulator, party);
        if (run->durable) assert_int_equal(fate_session_set_option(session, "durable", 1), FATE_OK);
        if (!run->last_without || party < run->workers) assert_int_equal(fate_session_set_evidence(session, NULL, 0), FATE_OK);
    }
    return simulator;
}

void evidence_run_to_end(fate_simulator *simulator, uint64_t seed)
{
    int32_t result = fate_simulator_run(simulator, 10000000);
    for (uint32_t party = 0; result != FATE_FINISHED && fate_simulator_session(simulator, party) != NULL; party++)
        print_error("seed %llu, party %u: %d %s\n", (unsigned long long)seed, party, fate_simulator_outcome(simulator, party),
                    fate_session_error(fate_simulator_session(simulator, party)));
    assert_int_equal(result, FATE_FINISHED);
}

fate_evidence *evidence_of(fate_context *context, const fate_simulator *simulator, uint32_t party)
{
    fate_evidence *evidence;
    uint64_t length;
    const uint8_t *bytes = fate_simulator_evidence(simulator, party, &length);
    int32_t result = fate_evidence_parse(context, &evidence, NULL, bytes, length);
    if (result != FATE_OK) print_error("%s\n", fate_context_error(context));
    assert_int_equal(result, FATE_OK);
    return evidence;
}

void evidence_print(const fate_verdict *verdict)
{
    int32_t wrong;
    const char *sentence;
    for (uint32_t i = 0; (sentence = fate_verdict_finding(verdict, i, &wrong)) != NULL; i++)
        print_error("  %s %s\n", wrong ? "WRONG" : "note", sentence);
}

bool evidence_found(const fate_verdict *verdict, bool wrong, const char *text)
{
    int32_t is_wrong;
    const char *sentence;
    for (uint32_t i = 0; (sentence = fate_verdict_finding(verdict, i, &is_wrong)) != NULL; i++)
        if (is_wrong == wrong && strstr(sentence, text) != NULL) return true;
    return false;
}
