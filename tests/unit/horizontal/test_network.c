/* Layout, limits and first parameters of networks. */
#include "tests/support/network.h"

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

static void test_layout(void **state)
{
    (void)state;
    struct network network = test_network(NETWORK_SOFTMAX, 2, NETWORK_RELU);
    assert_int_equal(network_parameters(&network), (5 * 7 + 7) + (7 * 3 + 3) + (3 * 4 + 4));
    network.layer_norm = true;
    assert_int_equal(network_parameters(&network), (5 * 7 + 7 + 14) + (7 * 3 + 3 + 6) + (3 * 4 + 4));
    struct network_layer layer = network_layer(&network, 1);
    assert_int_equal(layer.weights, 56);
    assert_int_equal(layer.biases, 56 + 21);
    assert_int_equal(layer.gains, 56 + 24);
    assert_int_equal(layer.shifts, 56 + 27);
    assert_int_equal(layer.end, 56 + 30);
    layer = network_layer(&network, 2);
    assert_false(layer.norm);
    assert_int_equal(layer.weights, 86);
    struct network linear = test_network(NETWORK_POISSON, 0, 0);
    assert_int_equal(network_parameters(&linear), 6);
}

static void refused(const struct network *network, const char *sentence)
{
    assert_int_equal(network_check(context, network, FATE_E_JOB), FATE_E_JOB);
    assert_non_null(strstr(fate_context_error(context), sentence));
}

static void test_limits(void **state)
{
    (void)state;
    struct network good = test_network(NETWORK_HUBER, 2, NETWORK_GELU), network = good;
    assert_int_equal(network_check(context, &good, FATE_E_JOB), FATE_OK);
    network.inputs = 0;
    refused(&network, "0 inputs");
    network = good;
    network.hidden[1] = NETWORK_WIDTH_MOST + 1;
    refused(&network, "65537 units");
    network = good;
    network.hidden_count = NETWORK_HIDDEN_MOST + 1;
    refused(&network, "17 hidden layers");
    network = good;
    network.activation = NETWORK_GELU + 1;
    refused(&network, "activation");
    network = good;
    network.loss = 0;
    refused(&network, "loss");
    network = good;
    network.outputs = 2;
    refused(&network, "2 outputs and the loss huber");
    network.loss = NETWORK_SOFTMAX;
    assert_int_equal(network_check(context, &network, FATE_E_JOB), FATE_OK);
    network.outputs = 1;
    refused(&network, "softmax");
    network = good;
    network.dropout = 1;
    refused(&network, "dropout");
    network = good;
    network.huber_delta = (double)NAN;
    refused(&network, "huber_delta");
    network = good;
    network.hidden[0] = network.hidden[1] = 65536;
    refused(&network, "parameters: at most");
}

static void test_names(void **state)
{
    (void)state;
    for (int32_t kind = NETWORK_RELU; kind <= NETWORK_GELU; kind++)
        assert_int_equal(network_activation_find(network_activation_name(kind)), kind);
    for (int32_t loss = NETWORK_LOGISTIC; loss <= NETWORK_POISSON; loss++)
        assert_int_equal(network_loss_find(network_loss_name(loss)), loss);
    assert_null(network_loss_name(NETWORK_POISSON + 1));
    assert_null(network_activation_name(-1));
    assert_int_equal(network_loss_find("cubic"), 0);
}

static void test_initialise(void **state)
{
    (void)state;
    struct network network = test_network(NETWORK_SQUARED, 2, NETWORK_RELU);
    uint8_t key[32] = {1}, other[32] = {2};
    float first[128], second[128];
    network.layer_norm = true;
    uint64_t count = network_parameters(&network);
    network_initialise(&network, first, key);
    network_initialise(&network, second, key);
    assert_memory_equal(first, second, (size_t)count * sizeof *first);
    network_initialise(&network, second, other);
    assert_memory_not_equal(first, second, (size_t)count * sizeof *first);
    for (uint32_t number = 0; number < 3; number++) {
        struct network_layer layer = network_layer(&network, number);
        double bound = sqrt(6.0 / (number < 2 ? layer.inputs : layer.inputs + layer.outputs)), greatest = 0;
        for (uint64_t i = layer.weights; i < layer.biases; i++) greatest = fmax(greatest, fabs((double)first[i]));
        assert_true(greatest <= bound * 1.000001 && greatest > 0.3 * bound);
        for (uint32_t i = 0; i < layer.outputs; i++) {
            assert_true(first[layer.biases + i] == 0);
            if (layer.norm) assert_true(first[layer.gains + i] == 1 && first[layer.shifts + i] == 0);
        }
    }
    /* What this machine gave, every machine gives. */
    assert_true(first[0] == 0x1.4e3e12p-3f && first[1] == 0x1.775138p-5f);
    struct network linear = test_network(NETWORK_LOGISTIC, 0, 0);
    network_initialise(&linear, first, key);
    for (uint32_t i = 0; i < 6; i++) assert_true(first[i] == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_layout), cmocka_unit_test(test_limits), cmocka_unit_test(test_names),
                                       cmocka_unit_test(test_initialise)};
    return cmocka_run_group_tests(tests, start, stop);
}
