/* Sums of rounded gradients by bin. */
#include "src/models/boosting/histogram.h"

#include <string.h>

void histogram_add_one(struct bin_sum *sums, const struct gradient_pair *pairs, uint32_t outputs)
{
    for (uint32_t i = 0; i < outputs; i++) {
        sums[i].gradient += pairs[i].gradient;
        sums[i].hessian += pairs[i].hessian;
        sums[i].count++;
    }
}

void histogram_add(struct bin_sum *sums, const uint16_t *bins, const struct gradient_pair *pairs, uint32_t outputs, const uint8_t *sampled,
                   const uint32_t *rows, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        uint32_t row = rows[i];
        if (sampled == NULL || sampled[row]) {
            histogram_add_one(&sums[(uint64_t)bins[row] * outputs], &pairs[(uint64_t)row * outputs], outputs);
        }
    }
}

void histogram_total(struct bin_sum *total, const struct gradient_pair *pairs, uint32_t outputs, const uint8_t *sampled,
                     const uint32_t *rows, uint64_t count)
{
    memset(total, 0, outputs * sizeof *total);
    for (uint64_t i = 0; i < count; i++) {
        if (sampled == NULL || sampled[rows[i]]) {
            histogram_add_one(total, &pairs[(uint64_t)rows[i] * outputs], outputs);
        }
    }
}

void histogram_subtract(struct bin_sum *larger, const struct bin_sum *parent, const struct bin_sum *smaller, uint64_t bins)
{
    for (uint64_t bin = 0; bin < bins; bin++) {
        larger[bin].gradient = parent[bin].gradient - smaller[bin].gradient;
        larger[bin].hessian = parent[bin].hessian - smaller[bin].hessian;
        larger[bin].count = parent[bin].count - smaller[bin].count;
    }
}
