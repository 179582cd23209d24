/* What trees are grown for: gradients of a loss, rounded once to integers, and the measure of early stopping.
 *
 * Logistic: labels 0 and 1, score p = sigmoid(margin), g = w (p - y), h = w p (1 - p), measure "log_loss".
 * Squared: any finite label, score = margin, g = w (margin - y), h = w, measure "rmse". w is the row's weight. */
#ifndef SRC_MODELS_BOOSTING_OBJECTIVE_H
#define SRC_MODELS_BOOSTING_OBJECTIVE_H

#include <fate/table.h>
#include "lib/memory.h"

enum objective_kind { OBJECTIVE_LOGISTIC = 1, OBJECTIVE_SQUARED = 2 };

/* Bits of one rounded number: |gradient| < 2^(OBJECTIVE_BITS-1), 0 <= hessian < 2^OBJECTIVE_BITS. Sums over fewer than 2^32 rows stay
 * below 2^(32+20) = 2^52 in magnitude: int64_t holds them and any difference of two, and double holds them exactly. Each bit costs a
 * squaring for every packed sum. 20 are enough: AUC and root mean squared error on the data sets of bench/quality.py agree with those of
 * 24 bits to 2e-6; 16 bits moved the AUC of default_credit after 100 trees by 4e-4. */
enum { OBJECTIVE_BITS = 20 };

/* One row's rounded numbers; both 0 for a row that is not in the tree's sample. */
struct gradient_pair {
    int32_t gradient;
    int32_t hessian;
};

/* The scale of a tree, known to the guest alone: integer = value * 2^exponent. */
struct gradient_scale {
    int32_t gradient;
    int32_t hessian;
};

/* OBJECTIVE_... by the job's name of it; 0 when unknown. */
int32_t objective_find(const char *name);
const char *objective_name(int32_t objective);
/* "log_loss" or "rmse": smaller is better. */
const char *objective_metric_name(int32_t objective);

/* Checks that a table can be learned from: it has labels, they fit the objective (logistic: 0 or 1), labels and weights are at most
 * 1e30 in magnitude, there is a row and some weight. FATE_E_TABLE says row and value. what: "table" or "validation table". */
int32_t objective_check(fate_context *context, int32_t objective, const fate_table *table, const char *what);

/* The margin that trees are added to: logit(base_score) or base_score. */
double objective_base_margin(int32_t objective, double base_score);
/* The score of a margin: sigmoid, or itself. */
double objective_score(int32_t objective, double margin);

/* Rounds the gradients of one tree: the only place where doubles become integers.
 * pairs    out: rows pairs, half away from zero; unsampled rows get 0, 0
 * scale    out: the greatest power of two for each of g and h that keeps every sampled row within its bits
 * margins  in: rows sums so far; labels, weights: rows; weights may be NULL (all 1)
 * sampled  in: rows bytes, 0 for a row outside of the sample; NULL: all rows
 * FATE_E_RANGE when a margin is no longer finite; FATE_E_MEMORY. */
int32_t objective_gradients(fate_context *context, int32_t objective, struct gradient_pair *pairs, struct gradient_scale *scale,
                            const double *margins, const double *labels, const double *weights, const uint8_t *sampled, uint64_t rows);

/* The weighted measure of margins, summed in row order. weights may be NULL. Probabilities are clipped to [1e-15, 1-1e-15]. */
double objective_metric(int32_t objective, const double *margins, const double *labels, const double *weights, uint64_t rows);

#endif
