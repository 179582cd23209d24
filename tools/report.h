/* The report of a finished job for programs: what crossed the network, and how long it took. */
#ifndef TOOLS_REPORT_H
#define TOOLS_REPORT_H

#include <fate/fate.h>

/* Writes JSON: bytes_sent, bytes_received, frames, seconds, and per message of the protocol its peer, direction, number and bytes.
 * Returns 0, or an exit code after the error was printed. */
int report_write(const char *path, const fate_job *job, const fate_session *session, uint64_t milliseconds);

#endif
