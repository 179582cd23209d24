/* The best split of one column at one node, and the weight of a leaf. */
#include "src/models/boosting/gain.h"

#include <math.h>
#include <string.h>

struct gain_terms gain_terms_make(const struct boosting_parameters *parameters, struct gradient_scale scale)
{
    return (struct gain_terms){.lambda = parameters->lambda,
                               .alpha = parameters->alpha,
                               .gamma = parameters->gamma,
                               .min_child_weight = parameters->min_child_weight,
                               .learning_rate = parameters->learning_rate,
                               .min_samples = parameters->min_samples,
                               .one_vs_rest = parameters->one_vs_rest,
                               .scale = scale};
}

bool gain_shape_valid(const struct column_shape *shape, uint32_t most_bins)
{
    return (shape->kind == FATE_COLUMN_NUMBER || shape->kind == FATE_COLUMN_CATEGORY) && shape->bins >= 1 && shape->bins <= most_bins &&
           shape->value_bins <= shape->bins && shape->bins - shape->value_bins <= 1 &&
           (shape->kind == FATE_COLUMN_NUMBER ? shape->direction >= -1 && shape->direction <= 1 : shape->direction == 0);
}

static double gradient_of(const struct gain_terms *terms, const struct bin_sum *sum)
{
    return ldexp((double)sum->gradient, -terms->scale.gradient);
}

double gain_cover(const struct gain_terms *terms, const struct bin_sum *node)
{
    return ldexp((double)node->hessian, -terms->scale.hessian);
}

static double soft_threshold(double gradient, double alpha)
{
    return gradient > alpha ? gradient - alpha : gradient < -alpha ? gradient + alpha : 0;
}

/* The best weight within a range; 0 is brought into it too. clamped: out, NULL allowed. */
static double weight_within(const struct gain_terms *terms, double gradient, double hessian, const struct weight_range *range,
                            bool *clamped)
{
    double denominator = hessian + terms->lambda;
    double best = denominator > 0 ? -soft_threshold(gradient, terms->alpha) / denominator : 0;
    double weight = range == NULL ? best : best < range->least ? range->least : best > range->most ? range->most : best;
    if (clamped != NULL) {
        *clamped = weight != best;
    }
    return weight;
}

static double quality(const struct gain_terms *terms, double gradient, double hessian, const struct weight_range *range)
{
    bool clamped = false;
    double weight = range == NULL ? 0 : weight_within(terms, gradient, hessian, range, &clamped);
    double soft = soft_threshold(gradient, terms->alpha);
    double denominator = hessian + terms->lambda;
    if (clamped) {
        return -(2 * gradient * weight + denominator * weight * weight + 2 * terms->alpha * fabs(weight));
    }
    return denominator > 0 ? soft * soft / denominator : 0;
}

struct weight_range gain_any_weight(void)
{
    return (struct weight_range){-HUGE_VAL, HUGE_VAL};
}

static struct bin_sum plus(struct bin_sum a, const struct bin_sum *b)
{
    return (struct bin_sum){a.gradient + b->gradient, a.hessian + b->hessian, a.count + b->count};
}

static struct bin_sum minus(const struct bin_sum *a, const struct bin_sum *b)
{
    return (struct bin_sum){a->gradient - b->gradient, a->hessian - b->hessian, a->count - b->count};
}

/* One column at one node while its candidates are tried in order. */
struct scan {
    const struct gain_terms *terms;
    const struct bin_sum *node;
    const struct weight_range *range;
    int32_t direction;
    double node_quality;
    struct split_candidate best;
};

/* Whether the weights of both sides stand in the order that the column's direction asks for. */
static bool keeps_direction(const struct scan *scan, const struct bin_sum *left, const struct bin_sum *right)
{
    const struct gain_terms *terms = scan->terms;
    if (scan->direction == 0) {
        return true;
    }
    double below = weight_within(terms, gradient_of(terms, left), gain_cover(terms, left), scan->range, NULL);
    double above = weight_within(terms, gradient_of(terms, right), gain_cover(terms, right), scan->range, NULL);
    return scan->direction > 0 ? below <= above : below >= above;
}

static void scan_try(struct scan *scan, struct bin_sum left, uint32_t prefix, bool missing_left)
{
    const struct gain_terms *terms = scan->terms;
    struct bin_sum right = minus(scan->node, &left);
    if (left.count == 0 || right.count == 0 || left.count < terms->min_samples || right.count < terms->min_samples) {
        return;
    }
    double left_hessian = gain_cover(terms, &left);
    double right_hessian = gain_cover(terms, &right);
    if (!(left_hessian >= terms->min_child_weight && right_hessian >= terms->min_child_weight)) {
        return;
    }
    double gain = (quality(terms, gradient_of(terms, &left), left_hessian, scan->range) +
                   quality(terms, gradient_of(terms, &right), right_hessian, scan->range)) -
                  scan->node_quality;
    if (gain > GAIN_LEAST && gain > terms->gamma && (!scan->best.found || gain > scan->best.gain) && keeps_direction(scan, &left, &right)) {
        scan->best = (struct split_candidate){.found = true, .missing_left = missing_left, .prefix = prefix, .gain = gain, .left = left};
    }
}

/* The order of a category bin: without a positive denominator, by the sign of its gradient. */
static double category_rank(const struct gain_terms *terms, const struct bin_sum *sum)
{
    double gradient = gradient_of(terms, sum);
    double denominator = gain_cover(terms, sum) + terms->lambda;
    if (denominator > 0) {
        return gradient / denominator;
    }
    return gradient > 0 ? HUGE_VAL : gradient < 0 ? -HUGE_VAL : 0;
}

static bool category_before(const struct gain_terms *terms, const struct bin_sum *sums, uint32_t a, uint32_t b)
{
    double rank_a = category_rank(terms, &sums[a]);
    double rank_b = category_rank(terms, &sums[b]);
    return rank_a < rank_b || (rank_a == rank_b && a < b);
}

static void sift_down(const struct gain_terms *terms, const struct bin_sum *sums, uint32_t *order, uint32_t root, uint32_t count)
{
    for (uint32_t child = 2 * root + 1; child < count; child = 2 * root + 1) {
        if (child + 1 < count && category_before(terms, sums, order[child], order[child + 1])) {
            child++;
        }
        if (!category_before(terms, sums, order[root], order[child])) {
            return;
        }
        uint32_t swapped = order[root];
        order[root] = order[child];
        order[child] = swapped;
        root = child;
    }
}

/* Heap sort of the node's non-empty value bins; returns how many they are. */
static uint32_t category_order(const struct gain_terms *terms, const struct column_shape *shape, const struct bin_sum *sums,
                               uint32_t *order)
{
    uint32_t count = 0;
    for (uint32_t bin = 0; bin < shape->value_bins; bin++) {
        if (sums[bin].count > 0) {
            order[count++] = bin;
        }
    }
    for (uint32_t root = count / 2; root-- > 0;) {
        sift_down(terms, sums, order, root, count);
    }
    for (uint32_t last = count; last-- > 1;) {
        uint32_t swapped = order[0];
        order[0] = order[last];
        order[last] = swapped;
        sift_down(terms, sums, order, 0, last);
    }
    return count;
}

/* Each value bin that has rows against all others, then all values against missing ones. */
static void scan_one_vs_rest(struct scan *scan, const struct column_shape *shape, const struct bin_sum *sums)
{
    bool has_missing = shape->bins > shape->value_bins;
    struct bin_sum all = {0, 0, 0};
    for (uint32_t bin = 0; bin < shape->value_bins; bin++) {
        all = plus(all, &sums[bin]);
        if (sums[bin].count == 0) {
            continue;
        }
        if (has_missing) {
            scan_try(scan, plus(sums[bin], &sums[shape->value_bins]), bin + 1, true);
        }
        scan_try(scan, sums[bin], bin + 1, false);
    }
    scan_try(scan, all, shape->value_bins + 1, false);
}

struct split_candidate gain_best(const struct gain_terms *terms, const struct column_shape *shape, const struct bin_sum *sums,
                                 const struct bin_sum *node, const struct weight_range *range, uint32_t *order)
{
    bool by_category = shape->kind == FATE_COLUMN_CATEGORY && !terms->one_vs_rest;
    uint32_t count = by_category ? category_order(terms, shape, sums, order) : shape->value_bins;
    const struct bin_sum *missing = shape->bins > shape->value_bins ? &sums[shape->value_bins] : NULL;
    struct bin_sum left = {0, 0, 0};
    struct scan scan = {.terms = terms,
                        .node = node,
                        .range = range,
                        .direction = shape->direction,
                        .node_quality = quality(terms, gradient_of(terms, node), gain_cover(terms, node), range)};
    if (shape->kind == FATE_COLUMN_CATEGORY && terms->one_vs_rest) {
        scan_one_vs_rest(&scan, shape, sums);
        return scan.best;
    }
    for (uint32_t prefix = 1; prefix <= count; prefix++) {
        left = plus(left, &sums[by_category ? order[prefix - 1] : prefix - 1]);
        if (missing != NULL && prefix < count) {
            scan_try(&scan, plus(left, missing), prefix, true);
        }
        scan_try(&scan, left, prefix, false);
    }
    return scan.best;
}

bool gain_better(const struct split_candidate *challenger, const struct split_candidate *best)
{
    return challenger->found && (!best->found || challenger->gain > best->gain);
}

void gain_left_bins(const struct gain_terms *terms, const struct column_shape *shape, const struct bin_sum *sums,
                    const struct split_candidate *candidate, uint32_t *order, uint8_t *left)
{
    bool by_category = shape->kind == FATE_COLUMN_CATEGORY && !terms->one_vs_rest;
    memset(left, 0, shape->bins);
    if (shape->bins > shape->value_bins) {
        left[shape->value_bins] = candidate->missing_left;
    }
    if (shape->kind == FATE_COLUMN_CATEGORY && terms->one_vs_rest) {
        for (uint32_t bin = 0; bin < shape->value_bins; bin++) {
            left[bin] = candidate->prefix > shape->value_bins ? sums[bin].count > 0 : bin + 1 == candidate->prefix;
        }
        return;
    }
    if (by_category) {
        (void)category_order(terms, shape, sums, order);
    }
    for (uint32_t i = 0; i < candidate->prefix; i++) {
        left[by_category ? order[i] : i] = 1;
    }
}

void gain_split_range(const struct gain_terms *terms, const struct column_shape *shape, const struct bin_sum *node,
                      const struct weight_range *range, const struct split_candidate *candidate, struct weight_range *left,
                      struct weight_range *right)
{
    struct bin_sum rest = minus(node, &candidate->left);
    *left = *right = *range;
    if (shape->direction == 0) {
        return;
    }
    double below = weight_within(terms, gradient_of(terms, &candidate->left), gain_cover(terms, &candidate->left), range, NULL);
    double above = weight_within(terms, gradient_of(terms, &rest), gain_cover(terms, &rest), range, NULL);
    double middle = below / 2 + above / 2;
    *(shape->direction > 0 ? &left->most : &left->least) = middle;
    *(shape->direction > 0 ? &right->least : &right->most) = middle;
}

double gain_leaf_weight(const struct gain_terms *terms, const struct bin_sum *node, const struct weight_range *range)
{
    double weight = weight_within(terms, gradient_of(terms, node), gain_cover(terms, node), range, NULL) * terms->learning_rate;
    return weight + 0.0; /* never -0, which the model file would not keep */
}
