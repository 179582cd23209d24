/* What sums of gradients the rows of a node can give. The guest knows these rows, and holds a host's sums by bin against that. */
#ifndef SRC_MODELS_BOOSTING_SUM_BOUNDS_H
#define SRC_MODELS_BOOSTING_SUM_BOUNDS_H

#include "src/models/boosting/histogram.h"

/* Of one output, over the sampled rows of a node. */
struct sum_bounds {
    int64_t least_gradient, most_gradient; /* of one row */
    int64_t least_hessian, most_hessian;
    int64_t gradients; /* of all rows together, without their signs */
};

/* bounds: out, one for each output. rows: count row numbers; sampled: one byte for each row of the table. */
void sum_bounds_make(struct sum_bounds *bounds, const struct gradient_pair *pairs, uint32_t outputs, const uint8_t *sampled,
                     const uint32_t *rows, uint64_t count);

/* Whether the node's rows can be dealt out to bins so that these are their sums, as far as bounds say: each bin's sums lie within what as many
 * rows can give, and the bins' gradients without their signs do not exceed those of the rows.
 * sums  in: bins * outputs sums, whose counts are together not above 2^32 and whose numbers are below 2^62 / bins */
bool sum_bounds_hold(const struct sum_bounds *bounds, const struct bin_sum *sums, uint32_t bins, uint32_t outputs);
/* What is left of that where nobody has counted the rows of bins: no bin's hessians are below zero, and the bins' gradients as above. */
bool sum_bounds_hold_uncounted(const struct sum_bounds *bounds, const struct bin_sum *sums, uint32_t bins, uint32_t outputs);

#endif
