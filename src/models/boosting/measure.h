/* How good margins are, for reports and for early stopping: measures of boosting's own losses, and those of the library (fate/metrics.h). */
#ifndef SRC_MODELS_BOOSTING_MEASURE_H
#define SRC_MODELS_BOOSTING_MEASURE_H

#include "lib/memory.h"
#include "src/models/boosting/parameters.h"

/* Own losses come first, measures of the library behind them. */
enum measure_kind {
    MEASURE_LOG_LOSS = 1,
    MEASURE_RMSE,
    MEASURE_MAE,
    MEASURE_HUBER,   /* mean Huber loss at huber_delta */
    MEASURE_PINBALL, /* mean pinball loss at quantile_alpha */
    MEASURE_POISSON_DEVIANCE,
    MEASURE_GAMMA_DEVIANCE,
    MEASURE_TWEEDIE_DEVIANCE, /* at tweedie_power */
    MEASURE_AUC,
    MEASURE_KS,
    MEASURE_ACCURACY,
    MEASURE_PRECISION,
    MEASURE_RECALL,
    MEASURE_F1,
    MEASURE_MACRO_F1,
    MEASURE_R2,
    MEASURE_END
};

/* MEASURE_... by the job's name of it; "auto": that of the objective's own loss. 0 when unknown. */
int32_t measure_find(const char *name, int32_t objective);
const char *measure_name(int32_t measure);
/* true when the measure makes sense of the objective's labels and scores. */
bool measure_fits(int32_t measure, int32_t objective);
/* true when more is better. */
bool measure_greater(int32_t measure);

/* *value = parameters->measure of the margins (rows * outputs), weighted, summed in row order; NaN when it is not defined (auc of one class alone). weights
 * may be NULL. Probabilities are clipped to [1e-15, 1-1e-15] in the log loss. FATE_E_MEMORY. */
int32_t measure_value(fate_context *context, double *value, const struct boosting_parameters *parameters, const double *margins,
                      const double *labels, const double *weights, uint64_t rows);
/* The same number, turned so that less is better. */
double measure_loss(int32_t measure, double value);

#endif
