/* What trees are grown for: gradients of a loss, rounded once to integers. w is the row's weight, m its margin, y its label.
 *
 *   objective   labels      score       g, without w               h, without w
 *   logistic    0 or 1      sigmoid(m)  score - y                  score (1 - score)        both times scale_pos_weight where y is 1
 *   squared     any         m           m - y                      1
 *   absolute    any         m           sign of m - y              1                        leaves renewed (renewal.h)
 *   huber       any         m           m - y cut to +-huber_delta 1
 *   quantile    any         m           1 - a (m >= y), else -a    1                        leaves renewed; a is quantile_alpha
 *   poisson     at least 0  exp(m)      exp(m) - y                 exp(m + 0.7)
 *   gamma       above 0     exp(m)      1 - y exp(-m)              y exp(-m)
 *   tweedie     at least 0  exp(m)      b - a                      (2 - p) b - (1 - p) a    a = y exp((1-p) m), b = exp((2-p) m)
 *   softmax     0, 1, ...   softmax(m)  score_k - (y is k)         2 score_k (1 - score_k)  one of each for every class k
 *
 * These are XGBoost's (absolute, poisson, gamma, tweedie, quantile, softmax) and LightGBM's (huber); 0.7 is the poisson max_delta_step of both. */
#ifndef SRC_MODELS_BOOSTING_OBJECTIVE_H
#define SRC_MODELS_BOOSTING_OBJECTIVE_H

#include <fate/table.h>
#include "lib/memory.h"
#include "src/models/boosting/parameters.h"

enum objective_kind {
    OBJECTIVE_LOGISTIC = 1,
    OBJECTIVE_SQUARED,
    OBJECTIVE_ABSOLUTE,
    OBJECTIVE_HUBER,
    OBJECTIVE_QUANTILE,
    OBJECTIVE_POISSON,
    OBJECTIVE_GAMMA,
    OBJECTIVE_TWEEDIE,
    OBJECTIVE_SOFTMAX,
    OBJECTIVE_END /* one more than the last */
};

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
/* true when scores are exp of margins. */
bool objective_log_link(int32_t objective);
/* true when base_score is one that the objective can begin with: between 0 and 1 for logistic, above 0 with a log link, else finite. */
bool objective_base_fits(int32_t objective, double base_score);

/* Checks that a table can be learned from: it has labels, they fit the objective (see the table), labels and weights are at most
 * 1e30 in magnitude, there is a row and some weight. FATE_E_TABLE says the row's id, column and value. schema: how the table was to be read,
 * for the columns' names; may be NULL. what: "table" or "validation table". */
int32_t objective_check(fate_context *context, const struct boosting_parameters *parameters, const fate_table *table,
                        const fate_schema *schema, const char *what);

/* The margin that trees are added to: logit(base_score), log(base_score) or base_score. */
double objective_base_margin(int32_t objective, double base_score);
/* The score of a margin: sigmoid, exp, or itself; of softmax, which needs all of a row's margins, only by objective_scores. */
double objective_score(int32_t objective, double margin);
/* The scores of one row from its margins; the arrays may be one. */
void objective_scores(int32_t objective, const double *margins, double *scores, uint32_t outputs);

/* Draws a tree's sample by the magnitudes of gradients (sampling_gradients), those of several outputs added up. sampled out: rows bytes. Errors as objective_gradients. */
int32_t objective_sample(fate_context *context, const struct boosting_parameters *parameters, uint8_t *sampled, uint32_t tree,
                         const double *margins, const double *labels, const double *weights, uint64_t rows);

/* Rounds the gradients of one tree: the only place where doubles become integers.
 * parameters in: the objective and its numbers
 * pairs    out: rows * tree_outputs pairs, half away from zero; unsampled rows get 0, 0
 * tree     in: its number: which class it is for, where each has its own
 * scale    out: the greatest power of two for each of g and h that keeps every sampled row within its bits
 * margins  in: rows * outputs sums so far; labels, weights: rows; weights may be NULL (all 1)
 * sampled  in: rows bytes, 0 for a row outside of the sample; SAMPLING_AMPLIFIED: g and h count as often as sampling_amplification
 *                says; NULL: all rows
 * FATE_E_RANGE when a margin is no longer finite; FATE_E_MEMORY. */
int32_t objective_gradients(fate_context *context, const struct boosting_parameters *parameters, struct gradient_pair *pairs,
                            struct gradient_scale *scale, uint32_t tree, const double *margins, const double *labels, const double *weights,
                            const uint8_t *sampled, uint64_t rows);

#endif
