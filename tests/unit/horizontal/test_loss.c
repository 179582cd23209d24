/* Losses by their formulas, slopes by differences, scores, labels. */
#include "tests/support/network.h"

#include "src/models/horizontal/loss.h"

static double value(const struct network *network, const float *margins, const float *labels, const float *weights, uint32_t rows)
{
    double weight = 0, sum = loss_sum(network, margins, labels, weights, rows, NULL, &weight);
    return sum / weight;
}

static double one(int32_t loss, double margin, double label)
{
    struct network network = test_network(loss, 0, 0);
    float m = (float)margin, y = (float)label;
    return value(&network, &m, &y, NULL, 1);
}

static void test_formulas(void **state)
{
    (void)state;
    assert_near(one(NETWORK_LOGISTIC, 0, 1), log(2), 1e-15);
    assert_near(one(NETWORK_LOGISTIC, 2, 0), log(1 + exp(2)), 1e-14);
    assert_near(one(NETWORK_LOGISTIC, -500, 1), 500, 1e-12);
    assert_near(one(NETWORK_LOGISTIC, 500, 1), 0, 1e-15);
    assert_near(one(NETWORK_SQUARED, 1.5, -0.5), 2, 1e-15);
    assert_near(one(NETWORK_HUBER, 0.25, 0), 0.03125, 1e-15);
    assert_near(one(NETWORK_HUBER, -2, 0), 0.5 * (2 - 0.25), 1e-15);
    assert_near(one(NETWORK_POISSON, 0.5, 3), exp(0.5) - 1.5, 1e-14);
    struct network softmax = test_network(NETWORK_SOFTMAX, 0, 0);
    const float margins[] = {1, 2, 3, 500}, label[] = {2};
    assert_near(value(&softmax, margins, label, NULL, 1), 497, 1e-12);
}

static void check_slopes(int32_t loss, bool weighted)
{
    struct network network = test_network(loss, 0, 0);
    enum { ROWS = 9 };
    struct examples examples = test_examples(&network, ROWS, weighted, 5);
    uint32_t count = ROWS * network.outputs;
    float *margins = test_floats(count, 3), *delta = test_floats(count, 4);
    double weight = 0, total = 0;
    loss_sum(&network, margins, examples.labels, examples.weights, ROWS, delta, &weight);
    for (uint32_t i = 0; i < ROWS; i++) total += weighted ? (double)examples.weights[i] : 1;
    assert_true(weight == total);
    for (uint32_t i = 0; i < count; i++) {
        float kept = margins[i], up = kept + 1.0f / 256, down = kept - 1.0f / 256;
        margins[i] = up;
        double above = value(&network, margins, examples.labels, examples.weights, ROWS);
        margins[i] = down;
        double below = value(&network, margins, examples.labels, examples.weights, ROWS);
        margins[i] = kept;
        assert_near((double)delta[i], (above - below) / ((double)up - (double)down), 2e-5);
    }
    free(margins);
    free(delta);
    test_examples_free(&examples);
}

static void test_slopes(void **state)
{
    (void)state;
    for (int32_t loss = NETWORK_LOGISTIC; loss <= NETWORK_POISSON; loss++) {
        check_slopes(loss, false);
        check_slopes(loss, true);
    }
}

static void test_no_weight(void **state)
{
    (void)state;
    struct network network = test_network(NETWORK_SOFTMAX, 0, 0);
    const float margins[8] = {1, 2, 3, 4, 5, 6, 7, 8}, labels[2] = {0, 1}, weights[2] = {0, 0};
    float delta[8];
    double weight = 1;
    assert_true(loss_sum(&network, margins, labels, weights, 2, delta, &weight) == 0 && weight == 0);
    for (int i = 0; i < 8; i++) assert_true(delta[i] == 0);
}

static void test_scores(void **state)
{
    (void)state;
    struct network network = test_network(NETWORK_SOFTMAX, 0, 0);
    const float margins[] = {1, 2, 3, 500};
    double scores[4];
    loss_scores(&network, margins, scores);
    assert_near(scores[0] + scores[1] + scores[2] + scores[3], 1, 1e-15);
    assert_true(scores[3] == 1);
    network = test_network(NETWORK_LOGISTIC, 0, 0);
    loss_scores(&network, margins, scores);
    assert_near(scores[0], 1 / (1 + exp(-1)), 1e-15);
    network.loss = NETWORK_POISSON;
    loss_scores(&network, margins + 1, scores);
    assert_near(scores[0], exp(2), 1e-14);
    loss_scores(&network, margins + 3, scores);
    assert_true(isfinite(scores[0]));
    network.loss = NETWORK_HUBER;
    loss_scores(&network, margins + 1, scores);
    assert_true(scores[0] == 2);
}

static void test_labels(void **state)
{
    (void)state;
    struct network network = test_network(NETWORK_LOGISTIC, 0, 0);
    assert_true(loss_accepts(&network, 0) && loss_accepts(&network, 1));
    assert_false(loss_accepts(&network, 0.5) || loss_accepts(&network, (double)NAN) || loss_accepts(&network, -1));
    network = test_network(NETWORK_SOFTMAX, 0, 0);
    assert_true(loss_accepts(&network, 0) && loss_accepts(&network, 3));
    assert_false(loss_accepts(&network, 4) || loss_accepts(&network, 1.5) || loss_accepts(&network, -1) ||
                 loss_accepts(&network, (double)NAN));
    network.loss = NETWORK_POISSON;
    assert_true(loss_accepts(&network, 2.5));
    assert_false(loss_accepts(&network, -0.5) || loss_accepts(&network, (double)INFINITY));
    network.loss = NETWORK_SQUARED;
    assert_true(loss_accepts(&network, -7));
    assert_false(loss_accepts(&network, (double)INFINITY) || loss_accepts(&network, (double)NAN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_formulas), cmocka_unit_test(test_slopes), cmocka_unit_test(test_no_weight),
                                       cmocka_unit_test(test_scores), cmocka_unit_test(test_labels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
