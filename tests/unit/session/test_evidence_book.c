/* Evidence of simulated runs: every log holds, fits those of the peers, and is sealed; also when parties crash. */
#include "tests/support/unit.h"

#include "lib/context.h"
#include "src/session/session.h"
#include "tests/support/evidence.h"
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plain_runs), cmocka_unit_test(bad_networks), cmocka_unit_test(crashes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
