/* Random tables and jobs of vertical boosting for tests: same rows at all parties, columns of every troublesome kind. */
#ifndef TESTS_SUPPORT_BOOSTING_TABLES_H
#define TESTS_SUPPORT_BOOSTING_TABLES_H

#include <fate/fate.h>
#include <stdbool.h>

/* HOSTS_USUAL: the most hosts of tests that try every number of them, or a random one. */
enum { BOOSTING_PARTIES_MOST = 11, BOOSTING_HOSTS_USUAL = 3 };

struct boosting_case {
    uint32_t hosts;
    uint64_t rows, validation_rows; /* validation_rows 0: no validation tables */
    uint32_t columns;               /* of each party; 0: the guest has labels alone */
    const uint32_t *party_columns;  /* instead of columns: one number for each party; NULL: none */
    bool missing, categories, constants, duplicates, squared, weights;
    bool directions; /* every third column of numbers may only raise the score, and every third only lower it */
    /* Other private data of the same public shape. */
    bool flipped;           /* logistic labels: 1 for 0 */
    bool mapped;            /* numbers through an increasing function */
    bool renamed;           /* other ids, as long */
    const char *objective;  /* NULL: squared or logistic */
    uint32_t classes;       /* softmax: of the labels; 0: 4 */
    const char *kernel;     /* of the encryption, where the machine has it; NULL: the fastest */
    const char *parameters; /* further ones, as JSON: "\"trees\": 3" */
    uint64_t seed;
};

/* The job's text; text has room for 4096 bytes. Party 0 is the guest unless guest says otherwise. */
void boosting_job(char *text, const struct boosting_case *from, uint32_t guest);

/* The table of a party; use: enum fate_table_use. */
fate_table *boosting_table(fate_context *context, const struct boosting_case *from, uint32_t party, bool guest, int32_t use);

#endif
