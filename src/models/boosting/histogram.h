/* Sums of rounded gradients by bin. */
#ifndef SRC_MODELS_BOOSTING_HISTOGRAM_H
#define SRC_MODELS_BOOSTING_HISTOGRAM_H

#include <stdbool.h>
#include <stdint.h>
#include "src/models/boosting/objective.h"

/* Of a bin, or of a whole node. count: sampled rows only. Where a tree has several outputs, pairs stand row after row, and sums bin after bin: one for
 * each output side by side, all with the same count. */
struct bin_sum {
    int64_t gradient;
    int64_t hessian;
    uint64_t count;
};

/* sums[i] += pairs[i] of one row, outputs of them. */
void histogram_add_one(struct bin_sum *sums, const struct gradient_pair *pairs, uint32_t outputs);
/* sums[bins[row]] += pairs[row] for the given rows that are sampled. sums: at least as many as the column has bins; not cleared first.
 * rows: count row numbers. sampled: NULL when all rows are. */
void histogram_add(struct bin_sum *sums, const uint16_t *bins, const struct gradient_pair *pairs, uint32_t outputs, const uint8_t *sampled,
                   const uint32_t *rows, uint64_t count);
/* total[0 .. outputs) = the sums of all given sampled rows. */
void histogram_total(struct bin_sum *total, const struct gradient_pair *pairs, uint32_t outputs, const uint8_t *sampled,
                     const uint32_t *rows, uint64_t count);
/* larger[i] = parent[i] - smaller[i]: the sibling's sums. larger may be parent. */
void histogram_subtract(struct bin_sum *larger, const struct bin_sum *parent, const struct bin_sum *smaller, uint64_t bins);

#endif
