/* Evidence logs for tests: those of the parties of a simulated run of the rounds protocol. */
#ifndef TESTS_SUPPORT_EVIDENCE_H
#define TESTS_SUPPORT_EVIDENCE_H

#include <fate/fate.h>

/* What goes wrong in a run; zero: nothing. */
struct evidence_run_of {
    uint32_t workers, rounds, parts;
    uint64_t seed, delay_most, loss, crash, store_delay_most;
    bool durable, last_without; /* the last party keeps no evidence */
};

/* Makes the simulator of a run in which parties keep evidence; the context has the rounds protocol. Fails the test after an error. */
fate_simulator *evidence_simulator(fate_context *context, const struct evidence_run_of *run);
/* Runs it to its end. */
void evidence_run_to_end(fate_simulator *simulator, uint64_t seed);
/* The log of a party, read; fails the test when it cannot be. */
fate_evidence *evidence_of(fate_context *context, const fate_simulator *simulator, uint32_t party);
/* A context with the rounds protocol. */
fate_context *evidence_context(void);
/* Prints the findings of a verdict; for tests that fail. */
void evidence_print(const fate_verdict *verdict);
/* Whether a finding, wrong or not, holds that text. */
bool evidence_found(const fate_verdict *verdict, bool wrong, const char *text);

#endif
