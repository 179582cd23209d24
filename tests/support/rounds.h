/* A protocol for tests of the engine: workers stream numbers to a leader, which answers with their sum, for some rounds. */
#ifndef TESTS_ROUNDS_H
#define TESTS_ROUNDS_H

#include <fate/fate.h>

/* Registers "rounds": roles leader (1) and worker (1 to 20), parameters rounds, parts. Results: "sum" at every party. */
int32_t rounds_register(fate_context *context);
/* The job's text for one leader and that many workers, without keys. text: 4096 bytes. */
void rounds_job(char *text, uint32_t workers, uint32_t rounds, uint32_t parts);
/* What the last sum must be. */
double rounds_expected(uint32_t workers, uint32_t rounds, uint32_t parts);

#endif
