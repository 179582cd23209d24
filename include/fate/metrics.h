/* How good scores are: measures for binary classes and for numbers. */
#ifndef FATE_METRICS_H
#define FATE_METRICS_H

#include <fate/context.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fate_metrics fate_metrics;

/* Compares scores with labels.
 * task     in: "binary" (labels 0 and 1, scores are probabilities of 1), "regression", or "auto": binary when all labels are 0 or 1
 *              and all scores lie in [0, 1]
 * scores, labels  in: count finite numbers; weights  in: count, or NULL for all 1
 * Binary: auc (ties count half), ks, accuracy, precision, recall, f1 (threshold 0.5), log_loss (scores clipped to [1e-15, 1-1e-15]),
 * true_positive, false_positive, true_negative, false_negative. Numbers: rmse, mae, r2.
 * Returns FATE_OK; FATE_E_ARGUMENT when count is 0, a number is not finite, or labels are not 0 or 1 for "binary"; FATE_E_MEMORY. */
FATE_API int32_t fate_metrics_new(fate_context *context, fate_metrics **metrics, const char *task, const double *scores,
                                  const double *labels, const double *weights, uint64_t count);
FATE_API void fate_metrics_free(fate_metrics *metrics);

/* "binary" or "regression". */
FATE_API const char *fate_metrics_task(const fate_metrics *metrics);
/* A measure by name. FATE_EMPTY when it is not defined here (auc with one class only), FATE_E_ARGUMENT for an unknown name. */
FATE_API int32_t fate_metrics_value(const fate_metrics *metrics, const char *name, double *value);
/* Lift and gain by tenths of the rows in descending score: tenth 1 to 10; binary only, else FATE_EMPTY. */
FATE_API int32_t fate_metrics_lift(const fate_metrics *metrics, uint32_t tenth, double *lift, double *gain);
/* All of it as JSON or text. format "json" or "text"; text: free with fate_free. */
FATE_API int32_t fate_metrics_dump(const fate_metrics *metrics, const char *format, char **text);

#ifdef __cplusplus
}
#endif
#endif
