/* From JSON text to the members of a job. */
#ifndef SRC_SESSION_JOB_READER_H
#define SRC_SESSION_JOB_READER_H

#include "src/session/job.h"

/* Fills job, which is zeroed except for its context: all but schemas, canonical form and digest. name stands for the file in
 * sentences. On error job is partly filled: the caller frees it. FATE_E_JOB, FATE_E_UNSUPPORTED, FATE_E_MEMORY. */
int32_t job_reader_run(fate_job *job, const char *name, const uint8_t *text, uint64_t length);

/* A name of parties, roles and algorithms: 1 to JOB_NAME characters of A-Z a-z 0-9 . _ - */
bool job_reader_is_name(const char *text);

#endif
