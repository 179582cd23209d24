/* The best split of one column at one node, and the weight of a leaf: the formulas of XGBoost (Chen, Guestrin, KDD 2016, eq. 6 and 7, with
 * its L1 term), in double from exact integer sums.
 *
 * With G and H the sums of gradient and hessian, soft(G) = G - alpha, G + alpha or 0 (for G > alpha, G < -alpha, else):
 *   quality(G, H) = soft(G)^2 / (H + lambda), 0 when H + lambda is not positive
 *   gain          = (quality(left) + quality(right)) - quality(node)
 *   weight        = -soft(G) / (H + lambda) * learning_rate, 0 when H + lambda is not positive
 * With several outputs a quality is the sum of the outputs', and a weight one for each; an output whose H is below min_child_weight counts as 0 in
 * both, and a side's H need not be as great.
 * A candidate counts when both sides have min_samples sampled rows (at least 1), both H are at least min_child_weight, and gain is above gamma and GAIN_LEAST.
 *
 * DIRECTIONS of columns (XGBoost's monotone constraints): a node has a range in which weights below it lie. There
 *   w(G, H)       = -soft(G) / (H + lambda), brought into the range
 *   quality(G, H) = -(2 G w + (H + lambda) w^2 + 2 alpha |w|) where w was brought into it: what w leaves of the gain
 * A split of a column with direction 1 counts when w(left) <= w(right), with -1 when w(left) >= w(right), both within the node's range. Below it
 * the middle of the two weights bounds both sides; splits of columns without direction hand the range on.
 *
 * ORDER, by which federated and pooled agree. Within a column: prefixes from short to long, of value bins in ascending order (numbers) or of
 * the node's non-empty value bins in order of G / (H + lambda), ties by bin number (categories); each prefix first with missing left, then
 * with missing right; last, all values left and missing right. With category_splits one-vs-rest: each non-empty value bin alone on the left, in
 * order of bins, instead of the prefixes. The first of the greatest gain is the column's candidate. Between columns: parties
 * in job order, columns in the party's table order, and only a strictly greater gain replaces (gain_better). A guest that sees a host's columns in
 * secret order therefore names all of that host's columns whose candidate has the host's greatest gain, and the host takes the one that
 * stands first in its table. */
#ifndef SRC_MODELS_BOOSTING_GAIN_H
#define SRC_MODELS_BOOSTING_GAIN_H

#include "src/models/boosting/histogram.h"
#include "src/models/boosting/parameters.h"

/* Least gain of a split (XGBoost's kRtEps): below it, a gain is rounding. */
#define GAIN_LEAST 1e-6

/* Most outputs of one tree: the search keeps a sum of each on its stack. */
enum { GAIN_OUTPUTS_MOST = 256 };

/* What the formulas need of a job and a tree. */
struct gain_terms {
    double lambda, alpha, gamma, min_child_weight, learning_rate;
    uint64_t min_samples;
    bool one_vs_rest;
    uint32_t outputs; /* of the tree: 1 to GAIN_OUTPUTS_MOST. All arrays of sums below have so many for each bin, side by side */
    struct gradient_scale scale;
};

/* What is known of a column's bins where the column itself is not: of a host's, the guest has no more. */
struct column_shape {
    int32_t kind;  /* enum fate_column_kind */
    uint32_t bins; /* value_bins, or value_bins + 1: then the last is missing's own */
    uint32_t value_bins;
    int32_t direction; /* numbers: 1 when the weight right of a split may not be below the one left of it, -1 when not above; 0: either */
};

/* What the weights of leaves below a node may be, before the learning rate. Splits of columns with a direction narrow it. */
struct weight_range {
    double least, most;
};

struct split_candidate {
    bool found;
    bool missing_left; /* of the missing bin, when it has a bin of its own; else 0 */
    uint32_t
        prefix; /* bins at the beginning of the order that go left: 1 to value_bins; one-vs-rest: the bin + 1, or value_bins + 1 for all */
    double gain;
    uint64_t left_count; /* rows of the left side; the right one has the node's less these */
};

struct gain_terms gain_terms_make(const struct boosting_parameters *parameters, struct gradient_scale scale);

/* true when the shape is one that binning can make with at most most_bins bins: for shapes that come from a peer. */
bool gain_shape_valid(const struct column_shape *shape, uint32_t most_bins);

/* Finds the column's candidate.
 * sums   in: shape->bins * outputs sums of the node; node: their total, outputs sums; range: the node's, NULL: any weight
 * order  scratch: value_bins numbers; categories only (NULL allowed for numbers)
 * The result's found is false when no split counts. */
struct split_candidate gain_best(const struct gain_terms *terms, const struct column_shape *shape, const struct bin_sum *sums,
                                 const struct bin_sum *node, const struct weight_range *range, uint32_t *order);

/* The range of the root, and those of both sides of a split, by the sums of the sides. Directions go with one output alone. */
struct weight_range gain_any_weight(void);
void gain_split_range(const struct gain_terms *terms, const struct column_shape *shape, const struct weight_range *range,
                      const struct bin_sum *left_sum, const struct bin_sum *right_sum, struct weight_range *left,
                      struct weight_range *right);

/* true when challenger, which stands later in the order of columns, replaces best. Ask in that order. */
bool gain_better(const struct split_candidate *challenger, const struct split_candidate *best);

/* left[bin] = 1 for every bin of the column that the candidate sends left, else 0; missing's own bin included. Same sums as in gain_best;
 * bins of a category column without rows in the node go right. order: scratch as in gain_best. */
void gain_left_bins(const struct gain_terms *terms, const struct column_shape *shape, const struct bin_sum *sums,
                    const struct split_candidate *candidate, uint32_t *order, uint8_t *left);

/* The weights of a leaf with these sums and range (NULL: any weight), one for each output, learning rate included; and its cover, the sum of all
 * hessians. */
void gain_leaf_weights(const struct gain_terms *terms, const struct bin_sum *node, const struct weight_range *range, double *weights);
double gain_cover(const struct gain_terms *terms, const struct bin_sum *node);

#endif
