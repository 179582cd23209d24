/* Sorting with memory of the context's allocator and the same result everywhere. */
#ifndef SRC_DATA_ORDER_H
#define SRC_DATA_ORDER_H

#include "lib/memory.h"

/* Negative, zero or positive as left stands before, with or after right. */
typedef int32_t (*order_compare)(const void *argument, uint32_t left, uint32_t right);

/* Sorts indices by compare; equal ones keep their order. false: out of memory, indices then are unchanged. */
bool order_indices(fate_context *context, uint32_t *indices, uint64_t count, order_compare compare, const void *argument);
/* The same for the indices 0 to count-1, in a new array; NULL: out of memory. */
uint32_t *order_new(fate_context *context, uint64_t count, order_compare compare, const void *argument);

/* Doubles as keys: numbers (no NaN) compare as their keys do; -0 and 0 have one key. */
uint64_t order_key(double value);
double order_value(uint64_t key);
/* Sorts keys ascending. false: out of memory, keys then are unchanged. */
bool order_keys(fate_context *context, uint64_t *keys, uint64_t count);

#endif
