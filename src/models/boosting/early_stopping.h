/* When to stop: the best tree so far by the validation measure. */
#ifndef SRC_MODELS_BOOSTING_EARLY_STOPPING_H
#define SRC_MODELS_BOOSTING_EARLY_STOPPING_H

#include <stdbool.h>
#include <stdint.h>

struct early_stopping {
    uint32_t rounds;     /* 0: never stops, keeps every tree */
    uint32_t best_trees; /* number of trees with the smallest measure; 0: none was judged */
    double best;
};

void early_stopping_init(struct early_stopping *stopping, uint32_t rounds);
/* After `trees` trees (1, 2, ...) the measure is value. true: stop now, `rounds` trees brought nothing better. Only a strictly smaller
 * value is better; NaN is not. */
bool early_stopping_update(struct early_stopping *stopping, uint32_t trees, double value);
/* How many of `trees` grown trees the model keeps. */
uint32_t early_stopping_keep(const struct early_stopping *stopping, uint32_t trees);

#endif
