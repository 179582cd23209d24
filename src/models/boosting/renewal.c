/* Leaf weights of losses whose gradients say the direction alone. */
#include "src/models/boosting/renewal.h"

#include <stdlib.h>
#include "src/models/boosting/objective.h"
#include "src/models/boosting/sampling.h"

struct residual {
    double value, weight;
    uint32_t row;
};

bool renewal_applies(int32_t objective)
{
    return objective == OBJECTIVE_ABSOLUTE || objective == OBJECTIVE_QUANTILE;
}

/* Equal values by row: sums of weights are taken in one order everywhere. */
static int compare(const void *left, const void *right)
{
    const struct residual *a = left, *b = right;
    if (a->value != b->value) {
        return a->value < b->value ? -1 : 1;
    }
    return a->row < b->row ? -1 : a->row > b->row;
}

/* The quantile of sorted residuals. */
static double quantile(const struct residual *residuals, uint64_t count, double alpha)
{
    double total = 0, below = 0;
    for (uint64_t i = 0; i < count; i++) {
        total += residuals[i].weight;
    }
    for (uint64_t i = 0; i + 1 < count; i++) {
        below += residuals[i].weight;
        if (below == alpha * total) {
            return residuals[i].value / 2 + residuals[i + 1].value / 2;
        }
        if (below > alpha * total) {
            return residuals[i].value;
        }
    }
    return residuals[count - 1].value;
}

int32_t renewal_weight(fate_context *context, double *weight, const struct boosting_parameters *parameters, const double *margins,
                       const double *labels, const double *weights, const uint8_t *sampled, double amplification, const uint32_t *rows,
                       uint64_t count)
{
    struct residual *residuals = memory_allocate(context, count, sizeof *residuals);
    uint64_t used = 0;
    if (residuals == NULL) {
        return context_out_of_memory(context);
    }
    for (uint64_t i = 0; i < count; i++) {
        uint32_t row = rows[i];
        double own = weights == NULL ? 1 : weights[row];
        if (sampled != NULL && sampled[row] == SAMPLING_AMPLIFIED) {
            own *= amplification;
        }
        if (own > 0 && (sampled == NULL || sampled[row])) {
            residuals[used++] = (struct residual){labels[row] - margins[row], own, row};
        }
    }
    *weight = 0;
    if (used > 0) {
        double alpha = parameters->objective == OBJECTIVE_ABSOLUTE ? 0.5 : parameters->quantile_alpha;
        qsort(residuals, used, sizeof *residuals, compare);
        *weight = quantile(residuals, used, alpha) * parameters->learning_rate + 0.0; /* never -0, which the model file would not keep */
    }
    memory_free_secret(context, residuals, count * sizeof *residuals);
    return FATE_OK;
}
