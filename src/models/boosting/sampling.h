/* Samples of rows and columns that every party draws alike: ranks by a keyed hash of (seed, tree, row) or (seed, tree, party, column), of a level (seed, tree, level, party, column).
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

/* Of the columns of a tree, those of a level: keeps sampling_count(fraction, marked) of the columns that sampled marks, by hashes that depend on the
 * level too. FATE_OK, FATE_E_MEMORY. */
int32_t sampling_level(fate_context *context, uint8_t *sampled, uint64_t seed, uint32_t tree, uint32_t level, uint32_t party,
                       uint32_t columns, double fraction);

/* Gradient-based one-side sampling (Ke et al., LightGBM, NIPS 2017): the sampling_count(top, rows) rows with the greatest magnitudes, ties by
 * number, get 1; of the others sampling_count(other, rows) (all, when they are fewer), drawn by keyed hash, get SAMPLING_AMPLIFIED; the rest 0.
 * magnitudes: of each row's gradient, not negative. */
enum { SAMPLING_AMPLIFIED = 2 };
int32_t sampling_gradients(fate_context *context, uint8_t *sampled, const double *magnitudes, uint64_t seed, uint32_t tree, uint64_t rows,
                           double top, double other);
/* How many rows that draws, and by what the amplified ones count: the others' number over that of those drawn from them. */
uint64_t sampling_gradients_count(uint64_t rows, double top, double other);
double sampling_amplification(uint64_t rows, double top, double other);

#endif
