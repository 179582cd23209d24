/* When to stop: the best round so far by the validation measure. A round is a tree in boosting. */
#ifndef SRC_MODELS_EARLY_STOPPING_H
#define SRC_MODELS_EARLY_STOPPING_H

#include <stdbool.h>
#include <stdint.h>

struct early_stopping {
    uint32_t rounds;     /* 0: never stops, keeps every round */
    uint32_t best_round; /* number of rounds with the smallest measure; 0: none was judged */
    double best;
};

void early_stopping_init(struct early_stopping *stopping, uint32_t rounds);
/* After `done` rounds (1, 2, ...) the measure is value. true: stop now, `rounds` rounds brought nothing better. Only a strictly smaller
 * value is better; NaN is not. */
bool early_stopping_update(struct early_stopping *stopping, uint32_t done, double value);
/* How many of `done` rounds the model keeps. */
uint32_t early_stopping_keep(const struct early_stopping *stopping, uint32_t done);

#endif
