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
                               .outputs = parameters->tree_outputs,
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

static double hessian_of(const struct gain_terms *terms, const struct bin_sum *sum)
{
    return ldexp((double)sum->hessian, -terms->scale.hessian);
}

/* Sums of fewer than 2^52 over at most 256 outputs: below 2^60. */
double gain_cover(const struct gain_terms *terms, const struct bin_sum *node)
{
    int64_t hessian = 0;
    for (uint32_t i = 0; i < terms->outputs; i++) {
        hessian += node[i].hessian;
    }
    return ldexp((double)hessian, -terms->scale.hessian);
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

static void add_sums(const struct gain_terms *terms, struct bin_sum *sums, const struct bin_sum *more)
{
    for (uint32_t i = 0; i < terms->outputs; i++) {
        sums[i].gradient += more[i].gradient;
        sums[i].hessian += more[i].hessian;
        sums[i].count += more[i].count;
    }
}

/* Where there are several outputs, those with too little hessian have no weight: which is how XGBoost takes min_child_weight there. */
static bool too_light(const struct gain_terms *terms, double hessian)
{
    return terms->outputs > 1 && hessian < terms->min_child_weight;
}

static double output_quality(const struct gain_terms *terms, const struct bin_sum *sum, const struct weight_range *range)
{
    double hessian = hessian_of(terms, sum);
    return too_light(terms, hessian) ? 0 : quality(terms, gradient_of(terms, sum), hessian, range);
}

static double node_quality(const struct gain_terms *terms, const struct bin_sum *sums, const struct weight_range *range)
{
    double total = 0;
    for (uint32_t i = 0; i < terms->outputs; i++) {
        total += output_quality(terms, &sums[i], range);
    }
    return total;
}

/* One column at one node while its candidates are tried in order. */
struct scan {
    const struct gain_terms *terms;
    const struct bin_sum *node;
    const struct bin_sum *missing; /* NULL: no bin of their own */
    const struct weight_range *range;
    int32_t direction;
    double node_quality;
    struct split_candidate best;
};

/* Both sides of a candidate, outputs added up. */
struct sides {
    double left_quality, right_quality;
    bool too_light;    /* of one output: a side has less than min_child_weight */
    bool in_direction; /* the weights of both sides stand in the order that the column's direction asks for */
};

static bool keeps_direction(const struct scan *scan, const struct bin_sum *left, const struct bin_sum *right)
{
    const struct gain_terms *terms = scan->terms;
    if (scan->direction == 0) {
        return true;
    }
    double below = weight_within(terms, gradient_of(terms, left), hessian_of(terms, left), scan->range, NULL);
    double above = weight_within(terms, gradient_of(terms, right), hessian_of(terms, right), scan->range, NULL);
    return scan->direction > 0 ? below <= above : below >= above;
}

static struct sides weigh_sides(const struct scan *scan, const struct bin_sum *values, bool missing_left)
{
    const struct gain_terms *terms = scan->terms;
    struct sides sides = {.in_direction = true};
    for (uint32_t i = 0; i < terms->outputs; i++) {
        struct bin_sum left = values[i];
        if (missing_left) {
            left.gradient += scan->missing[i].gradient;
            left.hessian += scan->missing[i].hessian;
        }
        struct bin_sum right = {scan->node[i].gradient - left.gradient, scan->node[i].hessian - left.hessian, 0};
        sides.too_light = terms->outputs == 1 &&
                          !(hessian_of(terms, &left) >= terms->min_child_weight && hessian_of(terms, &right) >= terms->min_child_weight);
        sides.left_quality += output_quality(terms, &left, scan->range);
        sides.right_quality += output_quality(terms, &right, scan->range);
        sides.in_direction = sides.in_direction && keeps_direction(scan, &left, &right);
    }
    return sides;
}

/* values: the sums of the values that go left; missing ones go there too with missing_left. */
static void scan_try(struct scan *scan, const struct bin_sum *values, uint32_t prefix, bool missing_left)
{
    const struct gain_terms *terms = scan->terms;
    uint64_t left = values->count + (missing_left ? scan->missing->count : 0), right = scan->node->count - left;
    if (left == 0 || right == 0 || left < terms->min_samples || right < terms->min_samples) {
        return;
    }
    struct sides sides = weigh_sides(scan, values, missing_left);
    double gain = (sides.left_quality + sides.right_quality) - scan->node_quality;
    if (!sides.too_light && gain > GAIN_LEAST && gain > terms->gamma && (!scan->best.found || gain > scan->best.gain) &&
        sides.in_direction) {
        scan->best =
            (struct split_candidate){.found = true, .missing_left = missing_left, .prefix = prefix, .gain = gain, .left_count = left};
    }
}

/* The order of a category bin, for trees of one output: without a positive denominator, by the sign of its gradient. */
static double category_rank(const struct gain_terms *terms, const struct bin_sum *sum)
{
    double gradient = gradient_of(terms, sum);
    double denominator = hessian_of(terms, sum) + terms->lambda;
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

/* Each value bin that has rows against all others, then all values against missing ones. all: zero sums. */
static void scan_one_vs_rest(struct scan *scan, const struct column_shape *shape, const struct bin_sum *sums, struct bin_sum *all)
{
    uint32_t outputs = scan->terms->outputs;
    for (uint32_t bin = 0; bin < shape->value_bins; bin++) {
        const struct bin_sum *own = &sums[(uint64_t)bin * outputs];
        add_sums(scan->terms, all, own);
        if (own->count == 0) {
            continue;
        }
        if (scan->missing != NULL) {
            scan_try(scan, own, bin + 1, true);
        }
        scan_try(scan, own, bin + 1, false);
    }
    scan_try(scan, all, shape->value_bins + 1, false);
}

/* Prefixes of the values in their order. order: NULL for that of the bins. left: zero sums. */
static void scan_prefixes(struct scan *scan, const struct bin_sum *sums, const uint32_t *order, uint32_t count, struct bin_sum *left)
{
    for (uint32_t prefix = 1; prefix <= count; prefix++) {
        add_sums(scan->terms, left, &sums[(uint64_t)(order != NULL ? order[prefix - 1] : prefix - 1) * scan->terms->outputs]);
        if (scan->missing != NULL && prefix < count) {
            scan_try(scan, left, prefix, true);
        }
        scan_try(scan, left, prefix, false);
    }
}

struct split_candidate gain_best(const struct gain_terms *terms, const struct column_shape *shape, const struct bin_sum *sums,
                                 const struct bin_sum *node, const struct weight_range *range, uint32_t *order)
{
    struct bin_sum left[GAIN_OUTPUTS_MOST];
    bool category = shape->kind == FATE_COLUMN_CATEGORY;
    struct scan scan = {
        .terms = terms, .node = node, .range = range, .direction = shape->direction, .node_quality = node_quality(terms, node, range)};
    if (shape->bins > shape->value_bins) {
        scan.missing = &sums[(uint64_t)shape->value_bins * terms->outputs];
    }
    memset(left, 0, terms->outputs * sizeof *left);
    if (category && terms->one_vs_rest) {
        scan_one_vs_rest(&scan, shape, sums, left);
    } else if (category) {
        scan_prefixes(&scan, sums, order, category_order(terms, shape, sums, order), left);
    } else {
        scan_prefixes(&scan, sums, NULL, shape->value_bins, left);
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
            left[bin] =
                candidate->prefix > shape->value_bins ? sums[(uint64_t)bin * terms->outputs].count > 0 : bin + 1 == candidate->prefix;
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

void gain_split_range(const struct gain_terms *terms, const struct column_shape *shape, const struct weight_range *range,
                      const struct bin_sum *left_sum, const struct bin_sum *right_sum, struct weight_range *left,
                      struct weight_range *right)
{
    *left = *right = *range;
    if (shape->direction == 0) {
        return;
    }
    double below = weight_within(terms, gradient_of(terms, left_sum), hessian_of(terms, left_sum), range, NULL);
    double above = weight_within(terms, gradient_of(terms, right_sum), hessian_of(terms, right_sum), range, NULL);
    double middle = below / 2 + above / 2;
    *(shape->direction > 0 ? &left->most : &left->least) = middle;
    *(shape->direction > 0 ? &right->least : &right->most) = middle;
}

void gain_leaf_weights(const struct gain_terms *terms, const struct bin_sum *node, const struct weight_range *range, double *weights)
{
    for (uint32_t i = 0; i < terms->outputs; i++) {
        double hessian = hessian_of(terms, &node[i]);
        double weight = too_light(terms, hessian) ? 0 : weight_within(terms, gradient_of(terms, &node[i]), hessian, range, NULL);
        weights[i] = weight * terms->learning_rate + 0.0; /* never -0, which the model file would not keep */
    }
}
