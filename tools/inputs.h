/* What train and predict read before anything else happens: the job, who we are, the key, the tables. */
#ifndef TOOLS_INPUTS_H
#define TOOLS_INPUTS_H

#include <fate/fate.h>
#include "tools/options.h"

struct inputs {
    fate_context *context;
    fate_job *job;
    uint32_t party;          /* of a federated run */
    fate_identity *identity; /* of a federated run */
};

/* All return 0, or an exit code after the error was printed. */

/* Makes the context with the threads that are asked for and reads the job. inputs_close also after an error. */
int inputs_open(struct inputs *inputs, const struct arguments *arguments);
void inputs_close(struct inputs *inputs);

/* Finds the party in the job, reads its key and holds it against the job. */
int inputs_read_party(struct inputs *inputs, const struct arguments *arguments);

/* Reads a table as the job says for that party. */
int inputs_read_table(const struct inputs *inputs, fate_table **table, uint32_t party, int32_t purpose, const char *path);

/* Reads the tables that are given as NAME=FILE with an option that repeats, one for every party of the job.
 * tables  out: as many as the job has parties; some may be set after an error too */
int inputs_read_tables(const struct inputs *inputs, fate_table **tables, const struct arguments *arguments, const char *option,
                       int32_t purpose);

/* Reads a party's part of an earlier model, and holds it against the job's algorithm and the party. */
int inputs_read_earlier(const struct inputs *inputs, fate_model **model, uint32_t party, const char *path);
/* The same for all parties, given as NAME=FILE with --from. models: out, as inputs_read_tables. */
int inputs_read_earlier_of_all(const struct inputs *inputs, fate_model **models, const struct arguments *arguments);

/* Gives columns the directions of --increasing and --decreasing. tables: one; or, when named, one of each party, values being NAME=COLUMN. */
int inputs_set_directions(const struct inputs *inputs, fate_table *const *tables, int named, const struct arguments *arguments);

#endif
