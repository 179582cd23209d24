/* What differs between two jobs, for the sentence that both sides show. */
#ifndef SRC_SESSION_DIFFERENCE_H
#define SRC_SESSION_DIFFERENCE_H

#include "lib/bytes.h"

/* Names the first field, in sorted order, in which two canonical forms differ, with both values, as one sentence of the form
 * `parameters.trees is 10 here and 20 at telecom`. peer: the other party's name; theirs is hostile text of any content.
 * sentence: free with memory_free. Returns FATE_OK, also when theirs cannot be read (the sentence says so), or FATE_E_MEMORY. */
int32_t job_difference(fate_context *context, const char *ours, const char *peer, const uint8_t *theirs, uint64_t length, char **sentence);

#endif
