/* How a job says what the ids are: columns, normalisers, and what is done with ids that occur twice. */
#ifndef SRC_SESSION_JOB_IDS_H
#define SRC_SESSION_JOB_IDS_H

#include <jansson.h>

#include "src/session/job.h"

enum { READER_PLACE = 256, READER_SHOWN = 100 };

/* A job that is being read. */
struct job_reader {
    fate_job *job;
    const char *name; /* of the file, for sentences */
    const fate_protocol *protocol;
    const fate_protocol *align; /* NULL: none */
};

/* Copies a text of 1 to JOB_TEXT bytes; *copy stays NULL when it is absent and not required. (job_reader.c) */
int32_t job_reader_text(struct job_reader *reader, char **copy, json_t *value, const char *place, const char *key, bool required);

/* Reads "id", "normalise" and "duplicates". FATE_E_JOB, FATE_E_MEMORY. */
int32_t job_ids_read(struct job_reader *reader, json_t *root);

#endif
