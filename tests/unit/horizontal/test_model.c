/* Model bodies: back and forth, damaged ones, scores, going on with other shifts. */
#include "tests/support/network.h"

#include "src/models/horizontal/model.h"
#include "src/models/horizontal/propagation.h"
#include "tests/support/allocator.h"

static fate_context *context;

static int start(void **state)
{
    (void)state;
    return fate_context_new(&context, NULL);
}

static int stop(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

static const char *const names[] = {"a", "b c", "\xff", "d", "e"};

static struct horizontal_model make(fate_context *from, const struct network *network)
{
    struct horizontal_model model;
    float *parameters = test_floats(network_parameters(network), 9);
    assert_int_equal(horizontal_model_init(&model, from, network, 0), FATE_OK);
    memcpy(model.parameters, parameters, (size_t)network_parameters(network) * sizeof(float));
    for (uint32_t i = 0; i < network->inputs; i++)
        assert_int_equal(horizontal_model_set_column(&model, i, names[i], 0.5 * i, 1 + 0.25 * i), FATE_OK);
    free(parameters);
    return model;
}

static void check_round_trip(const struct network *network)
{
    struct horizontal_model model = make(context, network), again;
    struct buffer first, second;
    buffer_init(&first, context);
    buffer_init(&second, context);
    assert_int_equal(horizontal_model_write(&model, &first), FATE_OK);
    assert_int_equal(horizontal_model_read(&again, context, first.bytes, first.length), FATE_OK);
    assert_int_equal(horizontal_model_write(&again, &second), FATE_OK);
    assert_int_equal(first.length, second.length);
    assert_memory_equal(first.bytes, second.bytes, first.length);
    assert_memory_equal(model.parameters, again.parameters, (size_t)network_parameters(network) * sizeof(float));
    assert_int_equal(again.network.loss, network->loss);
    assert_int_equal(again.network.hidden_count, network->hidden_count);
    assert_string_equal(again.names[1], "b c");
    horizontal_model_free(&model);
    horizontal_model_free(&again);
    buffer_free(&first);
    buffer_free(&second);
}

static void test_round_trip(void **state)
{
    (void)state;
    for (int32_t loss = NETWORK_LOGISTIC; loss <= NETWORK_POISSON; loss++) {
        struct network network = test_network(loss, 0, 0);
        check_round_trip(&network);
        network = test_network(loss, 2, NETWORK_GELU);
        network.layer_norm = true;
        check_round_trip(&network);
    }
}

static void test_weights_alone(void **state)
{
    (void)state;
    const float weights[] = {1, -2, 3};
    struct horizontal_model model, again;
    struct buffer body;
    double score = 0;
    buffer_init(&body, context);
    assert_int_equal(horizontal_model_init(&model, context, NULL, 3), FATE_OK);
    memcpy(model.parameters, weights, sizeof weights);
    assert_int_equal(horizontal_model_write(&model, &body), FATE_OK);
    assert_int_equal(horizontal_model_read(&again, context, body.bytes, body.length), FATE_OK);
    assert_int_equal(again.count, 3);
    assert_int_equal(again.network.loss, 0);
    assert_memory_equal(again.parameters, weights, sizeof weights);
    assert_int_equal(horizontal_model_score(&again, NULL, &score), FATE_E_MODEL);
    horizontal_model_free(&model);
    horizontal_model_free(&again);
    buffer_free(&body);
}

/* Every prefix and every changed byte is refused or read as another model, and leaks nothing. */
static void test_damage(void **state)
{
    (void)state;
    struct network network = test_network(NETWORK_SOFTMAX, 1, NETWORK_TANH);
    struct horizontal_model model = make(context, &network), again;
    struct buffer body;
    buffer_init(&body, context);
    assert_int_equal(horizontal_model_write(&model, &body), FATE_OK);
    for (uint64_t length = 0; length < body.length; length++)
        assert_int_equal(horizontal_model_read(&again, context, body.bytes, length), FATE_E_FORMAT);
    for (uint64_t i = 0; i < body.length; i++) {
        for (uint32_t bit = 0; bit < 8; bit++) {
            body.bytes[i] ^= (uint8_t)(1 << bit);
            int32_t result = horizontal_model_read(&again, context, body.bytes, body.length);
            assert_true(result == FATE_OK || result == FATE_E_FORMAT);
            if (result == FATE_OK) horizontal_model_free(&again);
            body.bytes[i] ^= (uint8_t)(1 << bit);
        }
    }
    model.parameters[3] = NAN;
    buffer_clear(&body);
    assert_int_equal(horizontal_model_write(&model, &body), FATE_OK);
    assert_int_equal(horizontal_model_read(&again, context, body.bytes, body.length), FATE_E_FORMAT);
    assert_non_null(strstr(fate_context_error(context), "not finite"));
    horizontal_model_free(&model);
    buffer_free(&body);
}

/* A table with the columns a and b c in another order, and one more; the second row misses its a. */
static fate_table *make_table(void)
{
    static const uint8_t ids[] = "12";
    static const uint64_t offsets[] = {0, 1, 2};
    const double b[] = {2, 3}, other[] = {7, 7}, a[] = {1, (double)NAN};
    fate_table *table = NULL;
    assert_int_equal(fate_table_new(context, &table, 2), FATE_OK);
    assert_int_equal(fate_table_set_ids(table, ids, offsets), FATE_OK);
    assert_int_equal(fate_table_add_numbers(table, "b c", b), FATE_OK);
    assert_int_equal(fate_table_add_numbers(table, "other", other), FATE_OK);
    assert_int_equal(fate_table_add_numbers(table, "a", a), FATE_OK);
    assert_int_equal(fate_table_finish(table), FATE_OK);
    return table;
}

static void test_scores(void **state)
{
    (void)state;
    struct network network = {.inputs = 2, .outputs = 1, .loss = NETWORK_LOGISTIC};
    struct horizontal_model model = make(context, &network);
    fate_table *table = make_table();
    double scores[2];
    const float parameters[] = {2, -1, 0.5f}; /* of a, of b c, bias; b c is shifted by 0.5 and multiplied by 1.25 */
    memcpy(model.parameters, parameters, sizeof parameters);
    assert_int_equal(horizontal_model_score(&model, table, scores), FATE_OK);
    assert_near(scores[0], 1 / (1 + exp(-(2 - 1.5 * 1.25 + 0.5))), 1e-7);
    assert_near(scores[1], 1 / (1 + exp(-(0 - 2.5 * 1.25 + 0.5))), 1e-7);
    horizontal_model_free(&model);
    network.inputs = 4;
    model = make(context, &network);
    assert_int_equal(horizontal_model_score(&model, table, scores), FATE_E_TABLE);
    horizontal_model_free(&model);
    fate_table_free(table);
}

/* The same margins for the same values, whatever they are shifted by. */
static void test_continue(void **state)
{
    (void)state;
    struct network network = test_network(NETWORK_SOFTMAX, 1, NETWORK_SIGMOID);
    struct horizontal_model model = make(context, &network);
    struct examples_column columns[5];
    float *values = test_floats(5, 3), parameters[512], inputs[2][5], margins[4];
    struct propagation propagation;
    for (uint32_t i = 0; i < 5; i++) {
        columns[i] = (struct examples_column){names[i], 2 - 0.5 * i, 3.0 / (i + 1)};
        inputs[0][i] = (float)(((double)values[i] - model.columns[i].mean) * model.columns[i].factor);
        inputs[1][i] = (float)(((double)values[i] - columns[i].mean) * columns[i].factor);
    }
    assert_int_equal(horizontal_model_continue(&model, &network, columns, parameters), FATE_OK);
    assert_int_equal(propagation_init(&propagation, context, &network, 1), FATE_OK);
    propagation_forward(&propagation, model.parameters, inputs[0], 1, NULL, 0);
    memcpy(margins, propagation.margins, sizeof margins);
    propagation_forward(&propagation, parameters, inputs[1], 1, NULL, 0);
    for (int i = 0; i < 4; i++) assert_near((double)propagation.margins[i], (double)margins[i], 1e-5);
    propagation_free(&propagation);
    columns[4].name = "f";
    assert_int_equal(horizontal_model_continue(&model, &network, columns, parameters), FATE_E_MODEL);
    assert_non_null(strstr(fate_context_error(context), "other columns"));
    network.hidden[0]++;
    assert_int_equal(horizontal_model_continue(&model, &network, columns, parameters), FATE_E_MODEL);
    assert_non_null(strstr(fate_context_error(context), "shape"));
    horizontal_model_free(&model);
    free(values);
}

static void test_memory(void **state)
{
    (void)state;
    struct network network = test_network(NETWORK_HUBER, 1, NETWORK_RELU);
    struct horizontal_model good = make(context, &network);
    struct buffer body;
    buffer_init(&body, context);
    assert_int_equal(horizontal_model_write(&good, &body), FATE_OK);
    for (long long fail = 0;; fail++) {
        struct test_allocator test;
        struct horizontal_model model;
        struct buffer again;
        fate_allocator allocator = test_allocator(&test, -1);
        fate_context *own = NULL;
        assert_int_equal(context_new(&own, &allocator), FATE_OK);
        long long live = atomic_load(&test.live);
        test.fail = atomic_load(&test.calls) + fail;
        int32_t result = horizontal_model_read(&model, own, body.bytes, body.length);
        if (result == FATE_OK) {
            buffer_init(&again, own);
            result = horizontal_model_write(&model, &again);
            buffer_free(&again);
            horizontal_model_free(&model);
        }
        assert_true(atomic_load(&test.live) == live);
        fate_context_free(own);
        if (result == FATE_OK) break;
        assert_int_equal(result, FATE_E_MEMORY);
    }
    buffer_free(&body);
    horizontal_model_free(&good);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_round_trip), cmocka_unit_test(test_weights_alone),
                                       cmocka_unit_test(test_damage),     cmocka_unit_test(test_scores),
                                       cmocka_unit_test(test_continue),   cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, start, stop);
}
