/* The inside of metrics. */
#ifndef SRC_DATA_METRICS_H
#define SRC_DATA_METRICS_H

#include <fate/metrics.h>
#include "lib/memory.h"

enum metrics_measure {
    METRICS_AUC,
    METRICS_KS,
    METRICS_ACCURACY,
    METRICS_PRECISION,
    METRICS_RECALL,
    METRICS_F1,
    METRICS_LOG_LOSS,
    METRICS_TRUE_POSITIVE,
    METRICS_FALSE_POSITIVE,
    METRICS_TRUE_NEGATIVE,
    METRICS_FALSE_NEGATIVE,
    METRICS_RMSE,
    METRICS_MAE,
    METRICS_R2,
    METRICS_MACRO_F1,
    METRICS_COUNT
};

enum { METRICS_TENTHS = 10 };

struct fate_metrics {
    fate_context *context;
    bool binary;
    uint32_t classes;             /* 0 unless there are several classes */
    double *confusion;            /* of several classes: weights by label and predicted class, label after label */
    double values[METRICS_COUNT]; /* NaN or infinite: not defined */
    double gain[METRICS_TENTHS];
    double lift[METRICS_TENTHS];
};

/* A sum that carries the bits which each addition loses (Neumaier 1974). */
struct metrics_sum {
    double total;
    double lost;
};

void metrics_add(struct metrics_sum *sum, double value);
double metrics_sum_value(const struct metrics_sum *sum);

/* "auc" and so on, as the public functions know the measures. */
const char *metrics_name(int32_t measure);

#endif
