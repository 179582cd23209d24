/* Samples of rows and columns that every party draws alike: ranks by a keyed hash of (seed, tree, row) or (seed, tree, party, column).
 * Hash: SipHash-2-4 (Aumasson, Bernstein 2012) of the number, under a key from BLAKE2b of seed, tree and party. */
#ifndef SRC_MODELS_BOOSTING_SAMPLING_H
#define SRC_MODELS_BOOSTING_SAMPLING_H

#include "lib/memory.h"

/* How many of count are drawn: ceil(fraction * count), at least 1 when count is not 0, at most count. */
uint64_t sampling_count(double fraction, uint64_t count);

/* sampled[row] = 1 for exactly sampling_count(fraction, rows) rows, else 0. Rows are numbered in the tables' common id order, trees from 0.
 * With fraction 1 all rows. FATE_OK, FATE_E_MEMORY. Every party may call it: the sample is public within the job. */
int32_t sampling_rows(fate_context *context, uint8_t *sampled, uint64_t seed, uint32_t tree, uint64_t rows, double fraction);

/* The same for one party's columns, numbered in its table's order. party: its number in the job. */
int32_t sampling_columns(fate_context *context, uint8_t *sampled, uint64_t seed, uint32_t tree, uint32_t party, uint32_t columns,
                         double fraction);

#endif
