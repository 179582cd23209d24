/* The inside of a job. */
#ifndef SRC_SESSION_JOB_H
#define SRC_SESSION_JOB_H

#include <fate/job.h>
#include <fate/protocol.h>
#include "lib/memory.h"

/* Names the first field in which two canonical forms differ, with both values, as one sentence of the form
 * `parameters.trees is 10 here and 20 at telecom`. peer: the other party's name; theirs is hostile text of any content. */
int32_t job_difference(fate_context *context, const char *ours, const char *peer, const uint8_t *theirs, uint64_t length, char **sentence);

/* The protocol of the job's algorithm; purpose 0: any, training first. */
const fate_protocol *job_protocol(const fate_job *job, int32_t purpose);

#endif
