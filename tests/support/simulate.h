/* One simulated job, drawn from a seed: protocol, parties, network, crashes, clocks. It must end with the right result. */
#ifndef TESTS_SIMULATE_H
#define TESTS_SIMULATE_H

#include <stdbool.h>
#include <stdint.h>

enum { SIMULATE_SENTENCE = 2048 };

/* false: *sentence says what went wrong. Faults stop after some time; from then on the job must end within a bound. */
bool simulate(uint64_t seed, char *sentence);

#endif
