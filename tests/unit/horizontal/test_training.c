/* Local training: the same bytes again, what it minimises, FedProx, SCAFFOLD, weights, L1, and numbers that leave their range. */
#include "tests/support/network.h"

#include "src/models/horizontal/loss.h"
#include "src/models/horizontal/propagation.h"
#include "src/models/horizontal/training.h"
#include "tests/support/allocator.h"

enum { MOST = 512 };

static fate_context *context;
static const uint8_t key[32] = {5};

static int start(void **state)
{
    (void)state;
    return context_new(&context, NULL);
}

static int stop(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

static struct training_options sgd(uint32_t batch, uint32_t epochs)
{
    struct training_options options = {.optimiser = {.kind = OPTIMISER_SGD}, .batch = batch, .epochs = epochs};
    return options;
}

static struct training_report run(const struct network *network, const struct training_options *options, const struct examples *examples,
                                  double rate, const float *weights, float *change)
{
    struct training *training = NULL;
    struct training_report report;
    assert_int_equal(training_new(context, &training, network, options, examples, rate, weights, NULL, NULL, key), FATE_OK);
    while (training_step(training)) continue;
    assert_false(training_step(training));
    assert_int_equal(training_finish(training, change, NULL, &report), FATE_OK);
    training_free(training);
    return report;
}

static double loss_at(const struct network *network, const float *weights, const float *change, const struct examples *examples)
{
    float moved[MOST];
    struct training_measure measure;
    for (uint64_t i = 0; i < network_parameters(network); i++) moved[i] = weights[i] + change[i];
    assert_int_equal(training_evaluate(context, &measure, network, moved, examples), FATE_OK);
    return measure.loss / measure.weight;
}

/* Slopes of the mean loss over all rows. */
static void whole_slopes(const struct network *network, const float *weights, const struct examples *examples, float *slopes)
{
    struct propagation propagation;
    double weight = 0;
    uint32_t rows = (uint32_t)examples->rows;
    assert_int_equal(propagation_init(&propagation, context, network, rows), FATE_OK);
    propagation_forward(&propagation, weights, examples->inputs, rows, NULL, 0);
    loss_sum(network, propagation.margins, examples->labels, examples->weights, rows, propagation.delta[0], &weight);
    propagation_backward(&propagation, weights, examples->inputs, rows, slopes);
    propagation_free(&propagation);
}

static void test_repeats(void **state)
{
    (void)state;
    struct network network = test_network(NETWORK_SOFTMAX, 2, NETWORK_GELU);
    network.dropout = 0.2;
    network.layer_norm = true;
    struct examples examples = test_examples(&network, 53, true, 1);
    float *weights = test_floats(network_parameters(&network), 2), first[MOST], second[MOST];
    struct training_options options = {.optimiser = {.kind = OPTIMISER_ADAM, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8}};
    options.batch = 8;
    options.epochs = 3;
    struct training_report report = run(&network, &options, &examples, 0.01, weights, first);
    run(&network, &options, &examples, 0.01, weights, second);
    assert_memory_equal(first, second, (size_t)network_parameters(&network) * sizeof *first);
    assert_int_equal(report.rows, 53);
    assert_int_equal(report.steps, 3 * 7);
    options.epochs = 0;
    options.steps = 10;
    assert_int_equal(run(&network, &options, &examples, 0.01, weights, first).steps, 10);
    free(weights);
    test_examples_free(&examples);
}

/* Every loss falls, with every activation. */
static void test_learns(void **state)
{
    (void)state;
    for (int32_t loss = NETWORK_LOGISTIC; loss <= NETWORK_POISSON; loss++) {
        for (int32_t kind = 0; kind <= NETWORK_GELU; kind++) {
            struct network network = test_network(loss, kind == 0 ? 0 : 1, kind);
            struct examples examples = test_examples(&network, 40, false, 3);
            float weights[MOST], change[MOST], none[MOST] = {0};
            struct training_options options = sgd(10, 30);
            options.optimiser.momentum = 0.5;
            network_initialise(&network, weights, key);
            run(&network, &options, &examples, 0.05, weights, change);
            double before = loss_at(&network, weights, none, &examples), after = loss_at(&network, weights, change, &examples);
            if (!(after < before - 0.01)) fail_msg("loss %d, activation %d: %g to %g", (int)loss, (int)kind, before, after);
            test_examples_free(&examples);
        }
    }
}

/* One step over all rows is the slope itself, with what is added to it. */
static void test_one_step(void **state)
{
    (void)state;
    struct network network = test_network(NETWORK_LOGISTIC, 1, NETWORK_TANH);
    struct examples examples = test_examples(&network, 20, true, 3);
    uint64_t count = network_parameters(&network);
    float *weights = test_floats(count, 4), change[MOST], slopes[MOST];
    struct training_options options = sgd(100, 1);
    struct network_layer first = network_layer(&network, 0), last = network_layer(&network, 1);
    options.l2 = 0.5;
    whole_slopes(&network, weights, &examples, slopes);
    run(&network, &options, &examples, 0.25, weights, change);
    for (uint64_t i = 0; i < count; i++) {
        bool weight = i < first.biases || (i >= last.weights && i < last.biases);
        assert_near((double)change[i], -0.25 * ((double)slopes[i] + (weight ? 0.5 * (double)weights[i] : 0)), 1e-6);
    }
    free(weights);
    test_examples_free(&examples);
}

/* With weights 0 and whole numbers: as if rows were left out or written several times. */
static void test_weights(void **state)
{
    (void)state;
    struct network network = test_network(NETWORK_SQUARED, 0, 0);
    struct examples examples = test_examples(&network, 6, true, 3), copies = test_examples(&network, 6, false, 3);
    const float weights[] = {0, 1, 2, 1, 0, 2};
    const uint32_t rows[] = {1, 2, 2, 3, 5, 5};
    float begin[MOST] = {0}, change[2][MOST];
    struct training_options options = sgd(6, 20);
    memcpy(examples.weights, weights, sizeof weights);
    for (uint32_t i = 0; i < 6; i++) {
        memcpy(copies.inputs + i * 5, examples.inputs + rows[i] * 5, 5 * sizeof(float));
        copies.labels[i] = examples.labels[rows[i]];
    }
    run(&network, &options, &examples, 0.1, begin, change[0]);
    run(&network, &options, &copies, 0.1, begin, change[1]);
    for (int i = 0; i < 6; i++) assert_near((double)change[0][i], (double)change[1][i], 1e-6);
    test_examples_free(&examples);
    test_examples_free(&copies);
}

static double length_of(const float *values, uint64_t count)
{
    double sum = 0;
    for (uint64_t i = 0; i < count; i++) sum += (double)values[i] * (double)values[i];
    return sqrt(sum);
}

static void test_proximal(void **state)
{
    (void)state;
    struct network network = test_network(NETWORK_LOGISTIC, 1, NETWORK_RELU);
    struct examples examples = test_examples(&network, 30, false, 3);
    uint64_t count = network_parameters(&network);
    float *weights = test_floats(count, 4), free_change[MOST], held[MOST];
    struct training_options options = sgd(5, 10);
    run(&network, &options, &examples, 0.1, weights, free_change);
    options.proximal = 5;
    run(&network, &options, &examples, 0.1, weights, held);
    assert_true(length_of(held, count) < 0.5 * length_of(free_change, count));
    free(weights);
    test_examples_free(&examples);
}

/* With a large l1 nothing but the bias is left. */
static void test_l1(void **state)
{
    (void)state;
    struct network network = test_network(NETWORK_POISSON, 0, 0);
    struct examples examples = test_examples(&network, 30, false, 3);
    float *weights = test_floats(6, 4), change[MOST];
    struct training_options options = sgd(30, 100);
    options.l1 = 5;
    run(&network, &options, &examples, 0.1, weights, change);
    for (int i = 0; i < 5; i++) assert_near((double)(weights[i] + change[i]), 0, 1e-7);
    assert_true(fabsf(weights[5] + change[5]) > 0.01f);
    free(weights);
    test_examples_free(&examples);
}

/* The slope on the way plus the correction; the new control variate is the mean slope without it. */
static void test_scaffold(void **state)
{
    (void)state;
    struct network network = test_network(NETWORK_SQUARED, 0, 0);
    struct examples examples = test_examples(&network, 20, false, 3);
    float *weights = test_floats(6, 4), *control = test_floats(6, 5), *own = test_floats(6, 6), change[6], control_change[6], slopes[6];
    struct training_options options = sgd(100, 1);
    struct training *training = NULL;
    struct training_report report;
    options.scaffold = true;
    whole_slopes(&network, weights, &examples, slopes);
    assert_int_equal(training_new(context, &training, &network, &options, &examples, 0.5, weights, control, own, key), FATE_OK);
    assert_false(training_step(training));
    assert_int_equal(training_finish(training, change, control_change, &report), FATE_OK);
    for (int i = 0; i < 6; i++) {
        assert_near((double)change[i], -0.5 * (double)(slopes[i] + control[i] - own[i]), 1e-6);
        assert_near((double)(own[i] + control_change[i]), (double)slopes[i], 1e-6);
    }
    training_free(training);
    free(weights);
    free(control);
    free(own);
    test_examples_free(&examples);
}

static void test_no_rows(void **state)
{
    (void)state;
    struct network network = test_network(NETWORK_SQUARED, 1, NETWORK_TANH);
    struct examples examples = test_examples(&network, 0, false, 3);
    float *weights = test_floats(network_parameters(&network), 4), change[MOST];
    struct training_options options = sgd(4, 2);
    struct training_measure measure;
    struct training_report report = run(&network, &options, &examples, 0.1, weights, change);
    assert_true(report.rows == 0 && report.steps == 0 && report.weight == 0);
    assert_true(length_of(change, network_parameters(&network)) == 0);
    assert_int_equal(training_evaluate(context, &measure, &network, weights, &examples), FATE_OK);
    assert_true(measure.rows == 0 && measure.weight == 0 && measure.loss == 0);
    free(weights);
    test_examples_free(&examples);
}

static void test_range(void **state)
{
    (void)state;
    struct network network = test_network(NETWORK_SQUARED, 0, 0);
    struct examples examples = test_examples(&network, 20, false, 3);
    float weights[6] = {1}, change[6];
    struct training_options options = sgd(1, 50);
    struct training *training = NULL;
    struct training_report report;
    options.l1 = 1e-3; /* which must not hide it */
    assert_int_equal(training_new(context, &training, &network, &options, &examples, 1e3, weights, NULL, NULL, key), FATE_OK);
    while (training_step(training)) continue;
    assert_int_equal(training_finish(training, change, NULL, &report), FATE_E_RANGE);
    assert_non_null(strstr(fate_context_error(context), "learning_rate"));
    training_free(training);
    test_examples_free(&examples);
}

static void test_measure(void **state)
{
    (void)state;
    struct network network = {.inputs = 1, .outputs = 1, .loss = NETWORK_LOGISTIC};
    float inputs[] = {1, 2, -1, -2}, labels[] = {1, 0, 0, 1}, row_weights[] = {1, 2, 3, 4}, weights[] = {1, 0};
    struct examples examples = {.rows = 4, .columns = 1, .inputs = inputs, .labels = labels, .weights = row_weights};
    struct training_measure measure;
    assert_int_equal(training_evaluate(context, &measure, &network, weights, &examples), FATE_OK);
    assert_true(measure.right == 4 && measure.weight == 10 && measure.rows == 4);
    network.loss = NETWORK_SQUARED;
    assert_int_equal(training_evaluate(context, &measure, &network, weights, &examples), FATE_OK);
    assert_true(measure.right == 0 + 2 * 4 + 3 * 1 + 4 * 9 && measure.loss == measure.right / 2);
}

static void test_memory(void **state)
{
    (void)state;
    struct network network = test_network(NETWORK_SQUARED, 1, NETWORK_TANH);
    struct examples examples = test_examples(&network, 9, true, 3);
    float *weights = test_floats(network_parameters(&network), 4);
    struct training_options options = sgd(4, 1);
    options.scaffold = true;
    for (long long fail = 0;; fail++) {
        struct test_allocator test;
        struct training *training = NULL;
        struct training_measure measure;
        fate_allocator allocator = test_allocator(&test, -1);
        fate_context *own = NULL;
        assert_int_equal(context_new(&own, &allocator), FATE_OK);
        long long live = atomic_load(&test.live);
        test.fail = atomic_load(&test.calls) + fail;
        int32_t result = training_new(own, &training, &network, &options, &examples, 0.1, weights, weights, weights, key);
        training_free(training);
        if (result == FATE_OK) result = training_evaluate(own, &measure, &network, weights, &examples);
        assert_true(atomic_load(&test.live) == live);
        fate_context_free(own);
        if (result == FATE_OK) break;
        assert_int_equal(result, FATE_E_MEMORY);
    }
    free(weights);
    test_examples_free(&examples);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_repeats),  cmocka_unit_test(test_learns),   cmocka_unit_test(test_one_step),
                                       cmocka_unit_test(test_weights),  cmocka_unit_test(test_proximal), cmocka_unit_test(test_l1),
                                       cmocka_unit_test(test_scaffold), cmocka_unit_test(test_no_rows),  cmocka_unit_test(test_range),
                                       cmocka_unit_test(test_measure),  cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, start, stop);
}
