/* Stored sets and kept hints, which outlive the state of a job, in a directory of their own. */
#ifndef TOOLS_SETS_H
#define TOOLS_SETS_H

#include "tools/inputs.h"

/* Zeroed, then filled by sets_open; sets_close frees it. */
struct sets {
    fate_store *directory, *state, *both;
};

/* Whether the job keeps hints of the lattice cipher for further trainings. */
int sets_keep_hint(const fate_job *job);
/* Opens the directory of --sets, if that is given, for an alignment; and for a training that keeps hints.
 * store  in: what keeps the job's state, or NULL. out: what keeps both
 * Returns 0, or an exit code after the error was printed. */
int sets_open(struct sets *sets, const struct inputs *inputs, const struct arguments *arguments, const fate_store **store);
int sets_open_hint(struct sets *sets, const struct inputs *inputs, const struct arguments *arguments, const fate_store **store);
void sets_close(struct sets *sets);

#endif
