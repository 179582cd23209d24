/* The names of a table's columns as clients tell them to the aggregator: in bytewise order, each with a zero byte behind it. */
#ifndef SRC_MODELS_HORIZONTAL_NAMES_H
#define SRC_MODELS_HORIZONTAL_NAMES_H

#include <fate/job.h>
#include <fate/table.h>

#include "lib/bytes.h"

/* Appends them. FATE_OK; FATE_E_TABLE when there are none; FATE_E_MEMORY. */
int32_t names_write(fate_context *context, const fate_table *table, struct buffer *out);
/* How many names there are; 0: malformed, or none. names: room for so many pointers, into bytes; not written when malformed. NULL: only counted. */
uint32_t names_split(const uint8_t *bytes, uint64_t length, const char **names);
/* Whether names that names_write made are those of the job's parameter "columns". FATE_OK: they are, or any may be. FATE_E_TABLE: the sentence names a
 * column that is missing, or one too many. FATE_E_JOB: the job has no such parameter. */
int32_t names_check(fate_context *context, const fate_job *job, const uint8_t *bytes, uint64_t length);
/* The numbers of the column of that name, and how many; NULL when there is none, or it has no numbers. */
const double *names_column(const fate_table *table, const char *name, uint64_t *rows);

#endif
