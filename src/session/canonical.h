/* The canonical form of a job: JSON with sorted keys, defaults filled in, no addresses, no blanks. */
#ifndef SRC_SESSION_CANONICAL_H
#define SRC_SESSION_CANONICAL_H

#include <fate/job.h>
#include "lib/bytes.h"

/* Appends a JSON string in quotes: only quote, backslash and control characters are escaped. */
void canonical_text(struct buffer *buffer, const char *text);

/* Copies text for a sentence: printable ASCII stays, every other byte becomes \xNN; cut with "..." to fit size (at least 8) bytes. */
void canonical_show(char *shown, size_t size, const char *text);

/* Appends the canonical form of a job. */
void canonical_write(struct buffer *buffer, const fate_job *job);

#endif
