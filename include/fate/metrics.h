/* How good scores are: measures for binary classes, for several classes and for numbers. */
#ifndef FATE_METRICS_H
#define FATE_METRICS_H

#include <fate/context.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fate_metrics fate_metrics;

/* Compares scores with labels.
 * metrics  out: NULL after an error; free with fate_metrics_free
 * task     in: "binary" (labels 0 and 1, scores are probabilities of 1), "regression", or "auto": binary when all labels are 0 or 1
 *              and all scores lie in [0, 1]
 * scores, labels  in: count finite numbers; weights  in: count finite numbers that are not negative and not all 0, or NULL for all 1;
 *              none of them is kept
 * Binary: auc (ties count half), ks (largest distance between the shares of both classes above a score), accuracy, precision, recall, f1
 * (a score of 0.5 or more predicts 1), log_loss (natural logarithm, scores clipped to [1e-15, 1-1e-15]), true_positive, false_positive,
 * true_negative, false_negative (sums of weights). Numbers: rmse, mae, r2 (1 - squared errors / squared distances from the mean label).
 * Sums have a fixed order, so that equal input gives equal bits.
 * Returns FATE_OK; FATE_E_ARGUMENT when count is 0, a number is not finite, weights are bad, labels are not 0 or 1 or scores not in
 * [0, 1] for "binary": the sentence names the row, counted from 1; FATE_E_LIMIT above 2^32-2 rows; FATE_E_MEMORY.
 * Definitions: Fawcett 2006, "An introduction to ROC analysis". */
FATE_API int32_t fate_metrics_new(fate_context *context, fate_metrics **metrics, const char *task, const double *scores,
                                  const double *labels, const double *weights, uint64_t count);
/* The same for several classes.
 * classes  in: how many, 2 to 1000
 * scores   in: count * classes probabilities, row after row; labels  in: count whole numbers from 0 to classes - 1; weights as above
 * Measures: accuracy (the class with the greatest score is predicted, the first of equal ones), macro_f1 (mean of f1 over the classes that are
 * some row's label or prediction), log_loss (natural logarithm of the label's score, which is clipped to at least 1e-15).
 * Returns as fate_metrics_new; FATE_E_ARGUMENT also when classes is out of range. */
FATE_API int32_t fate_metrics_new_classes(fate_context *context, fate_metrics **metrics, uint32_t classes, const double *scores,
                                          const double *labels, const double *weights, uint64_t count);
/* NULL is accepted. */
FATE_API void fate_metrics_free(fate_metrics *metrics);

/* "binary", "multiclass" or "regression"; NULL for NULL. */
FATE_API const char *fate_metrics_task(const fate_metrics *metrics);
/* A measure by name, as in fate_metrics_new. FATE_EMPTY when it is not defined here (auc with one class only, precision when nothing is
 * predicted 1, r2 of equal labels, a measure of the other task; *value is then unchanged), FATE_E_ARGUMENT for an unknown name or
 * NULL. Functions on const metrics may run concurrently, except where they return an error. */
FATE_API int32_t fate_metrics_value(const fate_metrics *metrics, const char *name, double *value);
/* Lift and gain by tenths of the rows in descending score. gain: the share of all labels 1 that stands in the first tenths; lift: gain
 * over tenth/10. Rows of equal score, and rows that straddle the border, count in proportion; weights count as rows.
 * tenth  1 to 10, else FATE_E_ARGUMENT
 * Returns FATE_OK; FATE_EMPTY when the task is not binary or no label is 1. */
FATE_API int32_t fate_metrics_lift(const fate_metrics *metrics, uint32_t tenth, double *lift, double *gain);
/* All of it as text for readers, or as one JSON object. Binary: auc, ks, accuracy, precision, recall, f1, log_loss, lift and gain (arrays
 * of 10), confusion_matrix (an object: true_positive, false_positive, true_negative, false_negative). Several classes: accuracy, macro_f1, log_loss, confusion_matrix (an array for each label, of the sums of
 * weights by predicted class). Numbers: rmse, mae, r2. What is not defined is null.
 * format  in: "json" or "text", else FATE_E_ARGUMENT
 * text    out: ends with a line end and a zero byte, NULL after an error; free with fate_free
 * Returns FATE_OK, FATE_E_ARGUMENT, FATE_E_MEMORY. */
FATE_API int32_t fate_metrics_dump(const fate_metrics *metrics, const char *format, char **text);

#ifdef __cplusplus
}
#endif
#endif
