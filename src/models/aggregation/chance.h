/* Chances of draws without replacement (the hypergeometric distribution), for the number of neighbours and the threshold. */
#ifndef SRC_MODELS_AGGREGATION_CHANCE_H
#define SRC_MODELS_AGGREGATION_CHANCE_H

#include <stdint.h>

/* log(n choose k); k above n: very small. */
double chance_log_choose(uint32_t n, uint32_t k);
/* Of draws out of total, marked of which are marked: the chance that the marked among them are from low to high. */
double chance_between(uint32_t total, uint32_t marked, uint32_t draws, uint32_t low, uint32_t high);
/* 2^-bits */
double chance_bits(uint32_t bits);

#endif
