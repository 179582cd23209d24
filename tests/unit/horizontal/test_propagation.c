/* Margins against a network written out in double precision, and slopes against differences of that one, for every combination. */
#include "tests/support/network.h"

#include "src/models/horizontal/loss.h"
#include "src/models/horizontal/propagation.h"
#include "tests/support/allocator.h"

enum { ROWS = 6, MOST = 512, WIDTH = 16 };

static fate_context *context;

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

static double activate(int32_t kind, double x)
{
    switch (kind) {
    case NETWORK_RELU: return x > 0 ? x : 0;
    case NETWORK_TANH: return tanh(x);
    case NETWORK_SIGMOID: return 1 / (1 + exp(-x));
    default: return 0.5 * x * (1 + tanh(sqrt(2 / 3.14159265358979323846) * (x + 0.044715 * x * x * x)));
    }
}

static void layer_norm(double *values, uint32_t count)
{
    double mean = 0, variance = 0;
    for (uint32_t i = 0; i < count; i++) mean += values[i] / count;
    for (uint32_t i = 0; i < count; i++) variance += (values[i] - mean) * (values[i] - mean) / count;
    for (uint32_t i = 0; i < count; i++) values[i] = (values[i] - mean) / sqrt(variance + 1e-5);
}

/* Margins of one row. masks: of the row in each hidden layer, or NULL. */
static void reference(const struct network *network, const double *parameters, const float *inputs, const float *const *masks,
                      double *margins)
{
    double in[WIDTH], out[WIDTH];
    for (uint32_t i = 0; i < network->inputs; i++) in[i] = (double)inputs[i];
    for (uint32_t number = 0; number <= network->hidden_count; number++) {
        struct network_layer layer = network_layer(network, number);
        for (uint32_t j = 0; j < layer.outputs; j++) {
            out[j] = parameters[layer.biases + j];
            for (uint32_t i = 0; i < layer.inputs; i++) out[j] += in[i] * parameters[layer.weights + i * layer.outputs + j];
        }
        if (layer.norm) {
            layer_norm(out, layer.outputs);
            for (uint32_t j = 0; j < layer.outputs; j++) out[j] = out[j] * parameters[layer.gains + j] + parameters[layer.shifts + j];
        }
        for (uint32_t j = 0; j < layer.outputs; j++) {
            in[j] = number < network->hidden_count ? activate(network->activation, out[j]) : out[j];
            if (masks != NULL && number < network->hidden_count) in[j] *= (double)masks[number][j];
        }
    }
    for (uint32_t j = 0; j < network->outputs; j++) margins[j] = in[j];
}

static double loss_of(const struct network *network, const double *m, double y)
{
    double sum = 0, error = m[0] - y;
    switch (network->loss) {
    case NETWORK_LOGISTIC: return log(1 + exp(-m[0])) + (1 - y) * m[0];
    case NETWORK_SOFTMAX:
        for (uint32_t i = 0; i < network->outputs; i++) sum += exp(m[i]);
        return log(sum) - m[(uint32_t)y];
    case NETWORK_SQUARED: return 0.5 * error * error;
    case NETWORK_HUBER:
        return fabs(error) > network->huber_delta ? network->huber_delta * (fabs(error) - network->huber_delta / 2) : 0.5 * error * error;
    default: return exp(m[0]) - y * m[0];
    }
}

static double mean_loss(const struct network *network, const double *parameters, const struct examples *examples,
                        const struct propagation *propagation)
{
    double sum = 0, weight = 0, margins[WIDTH];
    for (uint32_t row = 0; row < ROWS; row++) {
        const float *masks[2];
        for (uint32_t i = 0; i < network->hidden_count && propagation->hidden[i].mask != NULL; i++)
            masks[i] = propagation->hidden[i].mask + row * network->hidden[i];
        reference(network, parameters, examples->inputs + row * network->inputs, network->dropout > 0 ? masks : NULL, margins);
        double own = examples->weights == NULL ? 1 : (double)examples->weights[row];
        sum += own * loss_of(network, margins, (double)examples->labels[row]);
        weight += own;
    }
    return sum / weight;
}

static void check(const struct network *network, bool weighted, uint64_t seed)
{
    struct examples examples = test_examples(network, ROWS, weighted, seed);
    uint64_t count = network_parameters(network);
    float *parameters = test_floats(count, seed + 7), slopes[MOST];
    double exact[MOST] = {0}, weight = 0;
    uint8_t key[32] = {3};
    struct propagation propagation;
    assert_true(count <= MOST);
    assert_int_equal(propagation_init(&propagation, context, network, ROWS + 1), FATE_OK);
    propagation_forward(&propagation, parameters, examples.inputs, ROWS, network->dropout > 0 ? key : NULL, 11);
    double sum = loss_sum(network, propagation.margins, examples.labels, examples.weights, ROWS, propagation.delta[0], &weight);
    propagation_backward(&propagation, parameters, examples.inputs, ROWS, slopes);
    for (uint64_t i = 0; i < count; i++) exact[i] = (double)parameters[i];
    assert_near(sum / weight, mean_loss(network, exact, &examples, &propagation), 2e-5);
    for (uint64_t i = 0; i < count; i++) {
        double kept = exact[i], h = 1e-6;
        exact[i] = kept + h;
        double above = mean_loss(network, exact, &examples, &propagation);
        exact[i] = kept - h;
        double below = mean_loss(network, exact, &examples, &propagation);
        exact[i] = kept;
        double slope = (above - below) / (2 * h);
        if (!(fabs((double)slopes[i] - slope) <= 3e-5 * (1 + fabs(slope))))
            fail_msg("parameter %d of loss %s, activation %d, norm %d, dropout %d: %.9g, not %.9g", (int)i,
                     network_loss_name(network->loss), (int)network->activation, (int)network->layer_norm, network->dropout > 0,
                     (double)slopes[i], slope);
    }
    propagation_free(&propagation);
    free(parameters);
    test_examples_free(&examples);
}

static void test_slopes(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int32_t loss = NETWORK_LOGISTIC; loss <= NETWORK_POISSON; loss++) {
        struct network linear = test_network(loss, 0, 0);
        check(&linear, false, seed);
        check(&linear, true, seed++);
        for (int32_t kind = NETWORK_RELU; kind <= NETWORK_GELU; kind++) {
            for (uint32_t options = 0; options < 16; options++) {
                struct network network = test_network(loss, 1 + (options & 1), kind);
                network.layer_norm = (options & 2) != 0;
                network.dropout = (options & 4) != 0 ? 0.4 : 0;
                check(&network, (options & 8) != 0, seed++);
            }
        }
    }
}

/* The expectation of a mask is 1; other steps, layers and keys have other masks; the same ones the same. */
static void test_dropout(void **state)
{
    (void)state;
    struct network network = {.inputs = 2, .outputs = 1, .hidden_count = 2, .hidden = {400, 400}, .loss = NETWORK_SQUARED};
    struct propagation propagation;
    uint8_t keys[2][32] = {{1}, {2}};
    network.activation = NETWORK_SIGMOID;
    network.dropout = 0.25;
    float *parameters = test_floats(network_parameters(&network), 1), *inputs = test_floats(100, 2), first[400], sum = 0;
    assert_int_equal(propagation_init(&propagation, context, &network, 50), FATE_OK);
    propagation_forward(&propagation, parameters, inputs, 50, keys[0], 1);
    for (uint32_t i = 0; i < 20000; i++) {
        float mask = propagation.hidden[0].mask[i];
        assert_true(mask == 0 || mask == 65536.0f / 49152.0f);
        assert_true(propagation.hidden[0].kept[i] == propagation.hidden[0].out[i] * mask);
        sum += mask;
    }
    assert_near((double)sum / 20000, 1, 0.03);
    assert_memory_not_equal(propagation.hidden[0].mask, propagation.hidden[1].mask, sizeof first);
    memcpy(first, propagation.hidden[0].mask, sizeof first);
    propagation_forward(&propagation, parameters, inputs, 50, keys[0], 2);
    assert_memory_not_equal(first, propagation.hidden[0].mask, sizeof first);
    propagation_forward(&propagation, parameters, inputs, 50, keys[1], 1);
    assert_memory_not_equal(first, propagation.hidden[0].mask, sizeof first);
    propagation_forward(&propagation, parameters, inputs, 50, keys[0], 1);
    assert_memory_equal(first, propagation.hidden[0].mask, sizeof first);
    propagation_forward(&propagation, parameters, inputs, 50, NULL, 1);
    assert_memory_equal(propagation.hidden[0].kept, propagation.hidden[0].out, sizeof first);
    propagation_free(&propagation);
    free(parameters);
    free(inputs);
}

static void test_memory(void **state)
{
    (void)state;
    struct network network = test_network(NETWORK_SOFTMAX, 2, NETWORK_GELU);
    for (long long fail = 0;; fail++) {
        struct test_allocator test;
        struct propagation propagation;
        fate_allocator allocator = test_allocator(&test, -1);
        fate_context *own = NULL;
        assert_int_equal(context_new(&own, &allocator), FATE_OK);
        long long live = atomic_load(&test.live);
        test.fail = atomic_load(&test.calls) + fail;
        int32_t result = propagation_init(&propagation, own, &network, 3);
        test.fail = -1;
        if (result == FATE_OK) propagation_free(&propagation);
        assert_true(atomic_load(&test.live) == live);
        fate_context_free(own);
        if (result == FATE_OK) break;
        assert_int_equal(result, FATE_E_MEMORY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_slopes), cmocka_unit_test(test_dropout), cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, start, stop);
}
