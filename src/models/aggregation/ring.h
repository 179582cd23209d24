/* Fixed-point numbers of the ring of 2^32 or 2^64, as little-endian bytes, and how many bits may stand behind the point so that sums do not wrap. */
#ifndef SRC_MODELS_AGGREGATION_RING_H
#define SRC_MODELS_AGGREGATION_RING_H

#include <stdint.h>

/* The most bits behind the point, from 52 down to least (which may be below 0: numbers are then rounded to multiples of a power of two), with which so
 * many numbers up to a bound, each rounded, add up to less than half of the ring; least - 1: not even with those. width: bytes, 4 or 8. */
int32_t ring_fraction(double bound, uint32_t clients, uint32_t width, int32_t least);
/* A number within the bound, rounded to so many bits behind the point. */
int64_t ring_round(double value, int32_t fraction);
double ring_number(int64_t sum, int32_t fraction);

void ring_put(uint8_t *values, uint64_t at, int64_t number, uint32_t width);
int64_t ring_get(const uint8_t *values, uint64_t at, uint32_t width);

#endif
