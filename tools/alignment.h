/* What align, train and predict do alike to bring a table into the common order. */
#ifndef TOOLS_ALIGNMENT_H
#define TOOLS_ALIGNMENT_H

#include <fate/fate.h>
#include "tools/inputs.h"
#include "tools/sets.h"

/* A run of an alignment: zeroed, then filled by alignment_run; alignment_close frees it. */
struct alignment_run {
    fate_session *session;
    fate_recorder *recorder;
    fate_model *model; /* the alignment */
    uint64_t elapsed;  /* milliseconds */
    struct sets sets;
};

/* All return 0, or an exit code after the error was printed. */

/* Whether tables are to be aligned before anything else: the job says so, and no saved alignment is given. */
int alignment_wanted(const struct inputs *inputs, const struct arguments *arguments);

/* Runs the alignment with the other parties.
 * purpose   FATE_PURPOSE_ALIGN or FATE_PURPOSE_ALIGN_VALIDATION
 * store     NULL: no state is kept; stored sets are where --sets says
 * evidence  file name of the log, or NULL; suffix stands behind it */
int alignment_run(struct alignment_run *run, const struct inputs *inputs, const struct arguments *arguments, uint32_t seconds,
                  int32_t purpose, const fate_table *table, const fate_transport *transport, const fate_store *store, const char *suffix);
void alignment_close(struct alignment_run *run);

/* Replaces the table by its rows in the common order. */
int alignment_apply(const struct inputs *inputs, fate_table **table, const fate_model *alignment);
/* The same with the alignment of a file. */
int alignment_apply_file(const struct inputs *inputs, fate_table **table, const char *path);

/* Before another session is driven: where an alignment is wanted runs it, and gives the session the table in the common order; of a table for that
 * use of the session, enum fate_table_use. *table NULL: there is none. */
int alignment_before(const struct inputs *inputs, const struct arguments *arguments, uint32_t seconds, fate_session *session, int32_t use,
                     fate_table **table, const fate_transport *transport, const fate_store *store);
/* The same of all parties in one process: replaces the tables, one for each party. */
int alignment_pooled(const struct inputs *inputs, fate_table **tables);

#endif
