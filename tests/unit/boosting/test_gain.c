/* Split finding against brute force: every table of four rows with few values, and random ones. */
#include "tests/support/boosting.h"
#include "src/models/boosting/gain.h"

enum { ROWS = 4, BINS_LIMIT = 8 };

struct rows {
    uint32_t count;
    uint32_t bin[16];
    int64_t gradient[16], hessian[16];
};

static double soft(double gradient, double alpha)
{
    return gradient > alpha ? gradient - alpha : gradient < -alpha ? gradient + alpha : 0;
}

static double quality(const struct gain_terms *terms, const struct bin_sum *sum)
{
    double hessian = ldexp((double)sum->hessian, -terms->scale.hessian) + terms->lambda;
    double gradient = soft(ldexp((double)sum->gradient, -terms->scale.gradient), terms->alpha);
    return hessian > 0 ? gradient * gradient / hessian : 0;
}

/* The gain of sending the bins of a set left; negative infinity when it does not count. */
static double brute_gain(const struct gain_terms *terms, const struct rows *rows, uint32_t set)
{
    struct bin_sum sides[2] = {{0, 0, 0}, {0, 0, 0}};
    struct bin_sum node = {0, 0, 0};
    for (uint32_t i = 0; i < rows->count; i++) {
        struct bin_sum *side = &sides[set >> rows->bin[i] & 1];
        side->gradient += rows->gradient[i];
        side->hessian += rows->hessian[i];
        side->count++;
        node.gradient += rows->gradient[i];
        node.hessian += rows->hessian[i];
    }
    double gain = quality(terms, &sides[1]) + quality(terms, &sides[0]) - quality(terms, &node);
    bool counts = sides[0].count > 0 && sides[1].count > 0 && gain > GAIN_LEAST && gain > terms->gamma;
    for (uint32_t i = 0; i < 2; i++) counts = counts && sides[i].count >= terms->min_samples;
    for (uint32_t i = 0; i < 2; i++) counts = counts && ldexp((double)sides[i].hessian, -terms->scale.hessian) >= terms->min_child_weight;
    return counts ? gain : -(double)INFINITY;
}

static void sum_bins(const struct rows *rows, struct bin_sum *sums, struct bin_sum *node)
{
    memset(sums, 0, BINS_LIMIT * sizeof *sums);
    memset(node, 0, sizeof *node);
    for (uint32_t i = 0; i < rows->count; i++) {
        struct bin_sum *sum = &sums[rows->bin[i]];
        sum->gradient += rows->gradient[i];
        sum->hessian += rows->hessian[i];
        sum->count++;
        node->gradient += rows->gradient[i];
        node->hessian += rows->hessian[i];
        node->count++;
    }
}

static uint32_t left_set(const struct gain_terms *terms, const struct column_shape *shape, const struct bin_sum *sums,
                         const struct split_candidate *candidate)
{
    uint32_t order[BINS_LIMIT];
    uint8_t left[BINS_LIMIT];
    uint32_t set = 0;
    gain_left_bins(terms, shape, sums, candidate, order, left);
    for (uint32_t bin = 0; bin < shape->bins; bin++) set |= (uint32_t)left[bin] << bin;
    return set;
}

/* The greatest gain of one value bin against all others, with missing on either side, or of all values against missing. */
static double brute_one(const struct gain_terms *terms, const struct column_shape *shape, const struct rows *rows)
{
    uint32_t missing = shape->bins > shape->value_bins ? 1u << shape->value_bins : 0;
    double best = brute_gain(terms, rows, (1u << shape->value_bins) - 1);
    for (uint32_t bin = 0; bin < shape->value_bins; bin++) {
        bool has_rows = false;
        for (uint32_t i = 0; i < rows->count; i++) has_rows = has_rows || rows->bin[i] == bin;
        if (has_rows) best = fmax(best, fmax(brute_gain(terms, rows, 1u << bin), brute_gain(terms, rows, 1u << bin | missing)));
    }
    return best;
}

/* The greatest gain over all that the column allows, and the first prefix (numbers) that has it. */
static double brute_best(const struct gain_terms *terms, const struct column_shape *shape, const struct rows *rows, uint32_t *first)
{
    double best = -(double)INFINITY;
    bool has_missing = shape->bins > shape->value_bins;
    uint32_t missing = 1u << shape->value_bins;
    if (shape->kind == FATE_COLUMN_CATEGORY && terms->one_vs_rest) return brute_one(terms, shape, rows);
    if (shape->kind == FATE_COLUMN_CATEGORY) {
        for (uint32_t set = 0; set < 1u << shape->bins; set++) best = fmax(best, brute_gain(terms, rows, set));
        return best;
    }
    for (uint32_t prefix = 1; prefix <= shape->value_bins; prefix++) {
        for (uint32_t right = has_missing ? 0 : 1; right < 2; right++) {
            uint32_t set = ((1u << prefix) - 1) | (right ? 0 : missing);
            double gain = brute_gain(terms, rows, set);
            if (gain > best) {
                best = gain;
                *first = set;
            }
        }
    }
    return best;
}

static void check(const struct gain_terms *terms, const struct column_shape *shape, const struct rows *rows)
{
    struct bin_sum sums[BINS_LIMIT], node;
    uint32_t order[BINS_LIMIT];
    uint32_t first = 0;
    sum_bins(rows, sums, &node);
    struct split_candidate found = gain_best(terms, shape, sums, &node, NULL, order);
    double best = brute_best(terms, shape, rows, &first);
    if (found.found != isfinite(best)) fail_msg("found %d where the best gain is %d", found.found, isfinite(best));
    if (!found.found) return;
    uint32_t set = left_set(terms, shape, sums, &found);
    double gain = brute_gain(terms, rows, set);
    bool same = shape->kind == FATE_COLUMN_NUMBER ? gain == best && set == first : gain >= best * (1 - 1e-12);
    if (!same || fabs(found.gain - gain) > 1e-12 * gain)
        fail_msg("bins %x with gain %d/1000, not %x with %d/1000", set, (int)(gain * 1000), first, (int)(best * 1000));
    struct bin_sum left = {0, 0, 0};
    for (uint32_t bin = 0; bin < shape->bins; bin++) {
        if (set >> bin & 1) {
            left.gradient += sums[bin].gradient;
            left.hessian += sums[bin].hessian;
            left.count += sums[bin].count;
        }
    }
    assert_int_equal(left.count, found.left_count);
}

/* Sorting categories by gradient over hessian is optimal only without regularisation (Fisher 1958), so categories are checked so. */
static const struct gain_terms plain = {.lambda = 0, .alpha = 0, .gamma = 0, .min_child_weight = 0, .learning_rate = 1, .outputs = 1};

/* All tables of four rows: three value bins and missing, four gradients, two hessians. */
static void test_all_tables_of_four_rows(void **state)
{
    (void)state;
    static const int64_t gradients[4] = {-3, -1, 0, 2};
    const struct gain_terms strict = {.lambda = 1, .alpha = 0.5, .gamma = 0.25, .min_child_weight = 2, .learning_rate = 1, .outputs = 1};
    const struct column_shape number = {FATE_COLUMN_NUMBER, 4, 3, 0};
    const struct column_shape full = {FATE_COLUMN_NUMBER, 4, 4, 0};
    const struct column_shape category = {FATE_COLUMN_CATEGORY, 4, 3, 0};
    struct rows rows = {.count = ROWS};
    for (uint32_t bins = 0; bins < 256; bins++) {
        for (uint32_t values = 0; values < 4096; values++) {
            for (uint32_t row = 0; row < ROWS; row++) {
                rows.bin[row] = bins >> (2 * row) & 3;
                rows.gradient[row] = gradients[values >> (3 * row) & 3];
                rows.hessian[row] = 1 + (values >> (3 * row + 2) & 1);
            }
            check(&strict, &number, &rows);
            check(&plain, &full, &rows);
            check(&plain, &category, &rows);
        }
    }
}

static void test_random_tables(void **state)
{
    (void)state;
    uint64_t random = 4;
    for (uint32_t round = 0; round < 20000; round++) {
        struct gain_terms terms = plain;
        uint32_t value_bins = 1 + test_below(&random, 7);
        struct column_shape shape = {1 + (int32_t)test_below(&random, 2), value_bins + test_below(&random, 2), value_bins, 0};
        if (shape.bins == BINS_LIMIT + 1) shape.bins--;
        struct rows rows = {.count = 1 + test_below(&random, 16)};
        for (uint32_t i = 0; i < rows.count; i++) {
            rows.bin[i] = test_below(&random, shape.bins);
            rows.gradient[i] = (int64_t)test_below(&random, 1 << 24) - (1 << 23);
            rows.hessian[i] = 1 + test_below(&random, (1 << 24) - 1);
        }
        terms.scale = (struct gradient_scale){23, 24};
        terms.one_vs_rest = round % 2 == 0;
        terms.min_samples = shape.kind == FATE_COLUMN_NUMBER || terms.one_vs_rest ? test_below(&random, 5) : 1;
        if (shape.kind == FATE_COLUMN_NUMBER) {
            terms.lambda = test_unit(&random);
            terms.alpha = test_unit(&random) * 0.2;
            terms.gamma = test_unit(&random) * 0.05;
            terms.min_child_weight = test_unit(&random);
        }
        check(&terms, &shape, &rows);
    }
}

/* Gains do not depend on the scale when the numbers are exact. */
static void test_scale(void **state)
{
    (void)state;
    const struct column_shape shape = {FATE_COLUMN_NUMBER, 2, 2, 0};
    struct bin_sum sums[2] = {{-5, 3, 2}, {9, 4, 3}};
    struct bin_sum node = {4, 7, 5};
    struct gain_terms terms = plain;
    terms.lambda = 0.5;
    double gain = gain_best(&terms, &shape, sums, &node, NULL, NULL).gain;
    for (uint32_t i = 0; i < 2; i++) {
        sums[i].gradient *= 1 << 20;
        sums[i].hessian *= 1 << 9;
    }
    node.gradient *= 1 << 20;
    node.hessian *= 1 << 9;
    terms.scale = (struct gradient_scale){20, 9};
    assert_true(gain_best(&terms, &shape, sums, &node, NULL, NULL).gain == gain);
    assert_true(gain == (25 / 3.5 + 81 / 4.5) - 16 / 7.5);
}

/* Of equal candidates the first in the stated order. */
static void test_ties(void **state)
{
    (void)state;
    const struct column_shape number = {FATE_COLUMN_NUMBER, 5, 4, 0};
    const struct bin_sum sums[5] = {{-4, 1, 1}, {0, 0, 0}, {0, 0, 0}, {4, 1, 1}, {0, 0, 0}};
    const struct bin_sum node = {0, 2, 2};
    struct split_candidate found = gain_best(&plain, &number, sums, &node, NULL, NULL);
    assert_true(found.found);
    assert_int_equal(found.prefix, 1);
    assert_true(found.missing_left); /* no row is missing: left is the first */
    /* Only missing separates: all values left, missing right. */
    const struct bin_sum apart[5] = {{-1, 1, 1}, {-1, 1, 1}, {-1, 1, 1}, {-1, 1, 1}, {9, 1, 1}};
    const struct bin_sum both = {5, 5, 5};
    found = gain_best(&plain, &number, apart, &both, NULL, NULL);
    assert_int_equal(found.prefix, 4);
    assert_false(found.missing_left);
    assert_int_equal(left_set(&plain, &number, apart, &found), 0xf);
    /* Categories of equal rank stand in the order of their bins, empty ones go right. */
    const struct column_shape category = {FATE_COLUMN_CATEGORY, 4, 4, 0};
    const struct bin_sum ranks[4] = {{4, 1, 1}, {-2, 1, 1}, {0, 0, 0}, {-2, 1, 1}};
    const struct bin_sum sum = {0, 3, 3};
    uint32_t order[4];
    found = gain_best(&plain, &category, ranks, &sum, NULL, order);
    assert_int_equal(found.prefix, 2);
    assert_int_equal(left_set(&plain, &category, ranks, &found), 0xa);
}

static void test_better(void **state)
{
    (void)state;
    struct split_candidate none = {.found = false, .gain = 9};
    struct split_candidate one = {.found = true, .gain = 1};
    struct split_candidate same = one;
    struct split_candidate two = {.found = true, .gain = 2};
    assert_true(gain_better(&one, &none));
    assert_false(gain_better(&none, &one));
    assert_false(gain_better(&same, &one));
    assert_true(gain_better(&two, &one));
    assert_false(gain_better(&one, &two));
}

static double weight_of(const struct gain_terms *terms, const struct bin_sum *sum, const struct weight_range *range)
{
    double weight = (double)NAN;
    gain_leaf_weights(terms, sum, range, &weight);
    return weight;
}

/* The gain of two outputs is the sum of those of each at the same split, and no split has a greater one. */
static void test_several_outputs(void **state)
{
    (void)state;
    enum { BINS = 6, OUTPUTS = 3 };
    const struct column_shape shape = {FATE_COLUMN_NUMBER, BINS, BINS - 1, 0};
    for (uint64_t seed = 0; seed < 300; seed++) {
        uint64_t random = seed;
        struct gain_terms terms = plain, single = plain;
        struct bin_sum sums[BINS * OUTPUTS], node[OUTPUTS] = {{0, 0, 0}};
        terms.outputs = OUTPUTS;
        terms.lambda = single.lambda = 0.5;
        for (uint32_t bin = 0; bin < BINS; bin++) {
            uint64_t count = test_below(&random, 4);
            for (uint32_t i = 0; i < OUTPUTS; i++) {
                struct bin_sum *sum = &sums[bin * OUTPUTS + i];
                *sum = (struct bin_sum){count == 0 ? 0 : (int64_t)test_below(&random, 9) - 4, (int64_t)count * 2, count};
                node[i].gradient += sum->gradient;
                node[i].hessian += sum->hessian;
                node[i].count += sum->count;
            }
        }
        double best = 0;
        for (uint32_t candidate = 0; candidate < 2 * (BINS - 1); candidate++) {
            struct bin_sum left[OUTPUTS] = {{0, 0, 0}};
            double gain = 0;
            for (uint32_t i = 0; i < OUTPUTS; i++) {
                for (uint32_t bin = 0; bin < BINS; bin++) {
                    bool goes_left = bin == BINS - 1 ? candidate % 2 == 1 : bin <= candidate / 2;
                    left[i].gradient += goes_left ? sums[bin * OUTPUTS + i].gradient : 0;
                    left[i].hessian += goes_left ? sums[bin * OUTPUTS + i].hessian : 0;
                    left[i].count += goes_left ? sums[bin * OUTPUTS + i].count : 0;
                }
                struct bin_sum right = {node[i].gradient - left[i].gradient, node[i].hessian - left[i].hessian, 0};
                gain += quality(&single, &left[i]) + quality(&single, &right) - quality(&single, &node[i]);
            }
            best = left[0].count > 0 && left[0].count < node[0].count && gain > best ? gain : best;
        }
        struct split_candidate found = gain_best(&terms, &shape, sums, node, NULL, NULL);
        assert_true(found.found ? fabs(found.gain - best) <= 1e-12 * best : best <= GAIN_LEAST);
        int64_t hessians = node[0].hessian + node[1].hessian + node[2].hessian;
        assert_true(gain_cover(&terms, node) == (double)hessians);
    }
}

static void test_leaf(void **state)
{
    (void)state;
    struct gain_terms terms = plain;
    terms.scale = (struct gradient_scale){1, 2};
    const struct bin_sum node = {-6, 8, 5};
    terms.learning_rate = 0.5;
    assert_true(weight_of(&terms, &node, NULL) == 0.75);
    assert_true(gain_cover(&terms, &node) == 2);
    terms.lambda = 4;
    assert_true(weight_of(&terms, &node, NULL) == 0.25);
    terms.alpha = 1;
    assert_true(weight_of(&terms, &node, NULL) == 2.0 / 6 * 0.5);
    terms.alpha = 3;
    double zero = weight_of(&terms, &node, NULL);
    assert_true(zero == 0 && !signbit(zero));
    terms.lambda = 0;
    terms.alpha = 0;
    const struct bin_sum flat = {-6, 0, 5};
    assert_true(weight_of(&terms, &flat, NULL) == 0);
}

/* The ranges of a candidate's sides, missing values aside. */
static void split_range(const struct column_shape *shape, const struct bin_sum *sums, const struct bin_sum *node,
                        const struct weight_range *range, const struct split_candidate *candidate, struct weight_range *left,
                        struct weight_range *right)
{
    struct bin_sum below = {0, 0, 0};
    for (uint32_t bin = 0; bin < candidate->prefix; bin++) {
        below.gradient += sums[bin].gradient;
        below.hessian += sums[bin].hessian;
    }
    const struct bin_sum above = {node->gradient - below.gradient, node->hessian - below.hessian, 0};
    gain_split_range(&plain, shape, range, &below, &above, left, right);
}

/* Weights 3, -1, 2, 4 in four bins of hessian 1: of a rising column only splits whose right weight is not below the left one count. */
static void test_directions(void **state)
{
    (void)state;
    struct column_shape shape = {FATE_COLUMN_NUMBER, 4, 4, 0};
    const struct bin_sum sums[4] = {{-3, 1, 1}, {1, 1, 1}, {-2, 1, 1}, {-4, 1, 1}}, node = {-8, 4, 4};
    struct weight_range any = gain_any_weight(), left, right;
    struct split_candidate free = gain_best(&plain, &shape, sums, &node, &any, NULL);
    assert_true(free.gain == gain_best(&plain, &shape, sums, &node, NULL, NULL).gain);
    assert_true(free.prefix == 3 && free.gain == (16 / 3.0 + 16) - 16.0);
    split_range(&shape, sums, &node, &any, &free, &left, &right);
    assert_true(left.least == any.least && left.most == any.most && right.least == any.least && right.most == any.most);
    shape.direction = 1;
    struct split_candidate rising = gain_best(&plain, &shape, sums, &node, &any, NULL);
    assert_true(rising.prefix == 3 && rising.gain == free.gain);
    split_range(&shape, sums, &node, &any, &rising, &left, &right);
    assert_true(left.least == any.least && left.most == right.least && right.most == any.most);
    assert_true(left.most == 4 / 3.0 / 2 + 2); /* weights 4/3 and 4 */
    shape.direction = -1;
    struct split_candidate falling = gain_best(&plain, &shape, sums, &node, &any, NULL);
    assert_true(falling.prefix == 1 && falling.gain == (9 + 25 / 3.0) - 16); /* 3 and 5/3 */
    split_range(&shape, sums, &node, &any, &falling, &left, &right);
    assert_true(left.most == any.most && left.least == right.most && left.least == 3 / 2.0 + 5 / 3.0 / 2);
}

/* Weights that a range holds back gain what they leave of it. */
static void test_ranges(void **state)
{
    (void)state;
    const struct column_shape shape = {FATE_COLUMN_NUMBER, 2, 2, 0};
    const struct bin_sum sums[2] = {{-3, 1, 1}, {1, 1, 1}}, node = {-2, 2, 2};
    struct weight_range range = {0, 2};
    struct gain_terms terms = plain;
    struct split_candidate candidate = gain_best(&terms, &shape, sums, &node, &range, NULL);
    assert_true(candidate.found && candidate.gain == ((12 - 4) + 0) - 2.0); /* weights 2 for 3, and 0 for -1 */
    assert_true(weight_of(&terms, &sums[0], &range) == 2);
    double zero = weight_of(&terms, &sums[1], &range);
    assert_true(zero == 0 && !signbit(zero));
    terms.alpha = 0.5;
    candidate = gain_best(&terms, &shape, sums, &node, &range, NULL); /* 2 for 2.5, 0 for -0.5; 0.75 together */
    assert_true(candidate.gain == ((12 - 4 - 2) + 0) - 1.5 * 1.5 / 2);
    range = (struct weight_range){-1, 0};
    assert_false(gain_best(&terms, &shape, sums, &node, &range, NULL).gain < 0);
}

static void test_shapes(void **state)
{
    (void)state;
    struct shape_case {
        struct column_shape shape;
        bool valid;
    } cases[] = {
        {{FATE_COLUMN_NUMBER, 1, 1, 0}, true},
        {{FATE_COLUMN_NUMBER, 1, 0, 0}, true},
        {{FATE_COLUMN_CATEGORY, 32, 31, 0}, true},
        {{FATE_COLUMN_NUMBER, 32, 32, 0}, true},
        {{FATE_COLUMN_NUMBER, 33, 32, 0}, false},
        {{FATE_COLUMN_NUMBER, 0, 0, 0}, false},
        {{0, 4, 4, 0}, false},
        {{3, 4, 4, 0}, false},
        {{FATE_COLUMN_NUMBER, 4, 5, 0}, false},
        {{FATE_COLUMN_NUMBER, 5, 3, 0}, false},
        {{FATE_COLUMN_NUMBER, UINT32_MAX, UINT32_MAX, 0}, false},
        {{FATE_COLUMN_NUMBER, 3, 3, 1}, true},
        {{FATE_COLUMN_NUMBER, 3, 3, -1}, true},
        {{FATE_COLUMN_NUMBER, 3, 3, 2}, false},
        {{FATE_COLUMN_NUMBER, 3, 3, -2}, false},
        {{FATE_COLUMN_CATEGORY, 3, 3, 1}, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) assert_int_equal(gain_shape_valid(&cases[i].shape, 32), cases[i].valid);
}

static void test_terms(void **state)
{
    (void)state;
    struct boosting_parameters parameters = test_parameters();
    parameters.alpha = 0.25;
    parameters.gamma = 0.125;
    parameters.min_samples = 4;
    parameters.one_vs_rest = true;
    struct gain_terms terms = gain_terms_make(&parameters, (struct gradient_scale){3, 4});
    assert_true(terms.lambda == 1 && terms.alpha == 0.25 && terms.gamma == 0.125 && terms.min_child_weight == 1);
    assert_true(terms.min_samples == 4 && terms.one_vs_rest);
    assert_true(terms.learning_rate == 0.3 && terms.scale.gradient == 3 && terms.scale.hessian == 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_tables_of_four_rows),
        cmocka_unit_test(test_random_tables),
        cmocka_unit_test(test_scale),
        cmocka_unit_test(test_ties),
        cmocka_unit_test(test_better),
        cmocka_unit_test(test_leaf),
        cmocka_unit_test(test_directions),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_several_outputs),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_terms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
