/* What fate_describe and fate_job_describe share: pieces of a page about a protocol. */
#ifndef SRC_SESSION_DESCRIBE_H
#define SRC_SESSION_DESCRIBE_H

#include <fate/protocol.h>
#include "lib/bytes.h"

/* "Training" or "Scoring". */
const char *describe_purpose(int32_t purpose);

/* Hands the page over as text that is freed with fate_free, and frees it; FATE_E_MEMORY when it failed. */
int32_t describe_finish(struct buffer *page, char **text);

#endif
