/* What sums of gradients the rows of a node can give. */
#include "src/models/boosting/sum_bounds.h"

#include <string.h>

static void widen(struct sum_bounds *bounds, const struct gradient_pair *pair)
{
    int64_t g = pair->gradient, h = pair->hessian;
    bounds->least_gradient = g < bounds->least_gradient ? g : bounds->least_gradient;
    bounds->most_gradient = g > bounds->most_gradient ? g : bounds->most_gradient;
    bounds->least_hessian = h < bounds->least_hessian ? h : bounds->least_hessian;
    bounds->most_hessian = h > bounds->most_hessian ? h : bounds->most_hessian;
    bounds->gradients += g < 0 ? -g : g;
}

void sum_bounds_make(struct sum_bounds *bounds, const struct gradient_pair *pairs, uint32_t outputs, const uint8_t *sampled,
                     const uint32_t *rows, uint64_t count)
{
    bool any = false;
    memset(bounds, 0, outputs * sizeof *bounds);
    for (uint64_t i = 0; i < count; i++) {
        const struct gradient_pair *row = &pairs[(uint64_t)rows[i] * outputs];
        if (sampled[rows[i]] == 0) {
            continue;
        }
        for (uint32_t k = 0; k < outputs && !any; k++) {
            bounds[k] = (struct sum_bounds){row[k].gradient, row[k].gradient, row[k].hessian, row[k].hessian, 0};
        }
        any = true;
        for (uint32_t k = 0; k < outputs; k++) {
            widen(&bounds[k], &row[k]);
        }
    }
}

static bool one_holds(const struct sum_bounds *bounds, const struct bin_sum *sum)
{
    int64_t count = (int64_t)sum->count;
    return sum->gradient >= count * bounds->least_gradient && sum->gradient <= count * bounds->most_gradient &&
           sum->hessian >= count * bounds->least_hessian && sum->hessian <= count * bounds->most_hessian;
}

static bool hold(const struct sum_bounds *bounds, const struct bin_sum *sums, uint32_t bins, uint32_t outputs, bool counted)
{
    for (uint32_t k = 0; k < outputs; k++) {
        int64_t gradients = 0;
        for (uint32_t bin = 0; bin < bins; bin++) {
            const struct bin_sum *sum = &sums[(uint64_t)bin * outputs + k];
            if (counted ? !one_holds(&bounds[k], sum) : sum->hessian < 0) {
                return false;
            }
            gradients += sum->gradient < 0 ? -sum->gradient : sum->gradient;
        }
        if (gradients > bounds[k].gradients) {
            return false;
        }
    }
    return true;
}

bool sum_bounds_hold(const struct sum_bounds *bounds, const struct bin_sum *sums, uint32_t bins, uint32_t outputs)
{
    return hold(bounds, sums, bins, outputs, true);
}

bool sum_bounds_hold_uncounted(const struct sum_bounds *bounds, const struct bin_sum *sums, uint32_t bins, uint32_t outputs)
{
    return hold(bounds, sums, bins, outputs, false);
}
