/* Random sets and jobs of private set intersection for tests, and what their alignments must be. */
#ifndef TESTS_SUPPORT_PSI_H
#define TESTS_SUPPORT_PSI_H

#include <fate/fate.h>
#include <stdbool.h>

enum { PSI_TEST_PARTIES = 10, PSI_TEST_TEXT = 8192 };

struct psi_case {
    uint32_t hosts;
    uint32_t universe;                /* ids are drawn from so many */
    uint32_t sizes[PSI_TEST_PARTIES]; /* how many different ids each party has; the guest is party 0 */
    bool repeated;                    /* some ids stand in several rows: of the guest, and with duplicates "first" of hosts too */
    const char *duplicates;           /* NULL: "error" */
    const char *parameters;           /* "\"learn\": \"count\"" */
    uint64_t seed;
};

/* The job's text, without keys; text has room for PSI_TEST_TEXT bytes. */
void psi_test_job(char *text, const struct psi_case *from);
/* The CSV file of a party, in an order of its own, with a column x of text; free with fate_free. */
char *psi_test_csv(fate_context *context, const struct psi_case *from, uint32_t party);
/* Whether a party has an id of the universe, and in how many rows. */
uint32_t psi_test_rows(const struct psi_case *from, uint32_t party, uint32_t id);
/* How an id is written. */
void psi_test_id(char *text, uint32_t id);
/* How many ids the guest and a party have in common; party 0: all parties. */
uint64_t psi_test_common(const struct psi_case *from, uint32_t party);

#endif
