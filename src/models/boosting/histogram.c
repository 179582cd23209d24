/* Sums of rounded gradients by bin. */
#include "src/models/boosting/histogram.h"

static void add_pair(struct bin_sum *sum, struct gradient_pair pair)
{
    sum->gradient += pair.gradient;
    sum->hessian += pair.hessian;
    sum->count++;
}

void histogram_add(struct bin_sum *sums, const uint16_t *bins, const struct gradient_pair *pairs, const uint8_t *sampled,
                   const uint32_t *rows, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        uint32_t row = rows[i];
        if (sampled == NULL || sampled[row]) {
            add_pair(&sums[bins[row]], pairs[row]);
        }
    }
}

struct bin_sum histogram_total(const struct gradient_pair *pairs, const uint8_t *sampled, const uint32_t *rows, uint64_t count)
{
    struct bin_sum total = {0, 0, 0};
    for (uint64_t i = 0; i < count; i++) {
        if (sampled == NULL || sampled[rows[i]]) {
            add_pair(&total, pairs[rows[i]]);
        }
    }
    return total;
}

void histogram_subtract(struct bin_sum *larger, const struct bin_sum *parent, const struct bin_sum *smaller, uint64_t bins)
{
    for (uint64_t bin = 0; bin < bins; bin++) {
        larger[bin].gradient = parent[bin].gradient - smaller[bin].gradient;
        larger[bin].hessian = parent[bin].hessian - smaller[bin].hessian;
        larger[bin].count = parent[bin].count - smaller[bin].count;
    }
}
