/* Says before anything is sent who the peers are, what will leave this party and what each party will learn. */
#ifndef TOOLS_ANNOUNCE_H
#define TOOLS_ANNOUNCE_H

#include "tools/inputs.h"

/* Checks that there is somebody to ask when --ask is given. Returns 0 or EXIT_USAGE. */
int announce_check(const struct arguments *arguments);

/* Takes --link and --delay for what is printed, and measures for a few milliseconds how fast this machine is. Returns 0, EXIT_USAGE or another
 * exit code. */
int announce_link(const struct inputs *inputs, const struct arguments *arguments);

/* Prints it on standard error; with --ask waits for a yes. Returns 0, EXIT_CANCELLED after any other answer, or an exit code. */
int announce_job(const struct inputs *inputs, const struct arguments *arguments, int32_t purpose);

#endif
