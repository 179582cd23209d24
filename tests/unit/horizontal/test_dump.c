/* Models as text and as JSON. */
#include "tests/support/network.h"

#include <jansson.h>

#include "src/models/horizontal/dump.h"
#include "src/session/model.h"

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

/* a and b, shifted by 1 and 2, multiplied by 2 and 0.5. */
static struct horizontal_model make(const struct network *network)
{
    struct horizontal_model model;
    assert_int_equal(horizontal_model_init(&model, context, network, 0), FATE_OK);
    for (uint64_t i = 0; i < network_parameters(network); i++) model.parameters[i] = (float)(i + 1) / 2;
    assert_int_equal(horizontal_model_set_column(&model, 0, "a", 1, 2), FATE_OK);
    assert_int_equal(horizontal_model_set_column(&model, 1, "b", 2, 0.5), FATE_OK);
    return model;
}

static void check(const struct network *network, const char *format, const char *expected)
{
    struct horizontal_model model = make(network);
    struct buffer text;
    buffer_init(&text, context);
    assert_int_equal(horizontal_dump(&model, format, &text), FATE_OK);
    buffer_u8(&text, 0);
    assert_string_equal((char *)text.bytes, expected);
    if (strcmp(format, "json") == 0) {
        json_t *json = json_loads((char *)text.bytes, 0, NULL);
        assert_non_null(json);
        json_decref(json);
    }
    buffer_free(&text);
    horizontal_model_free(&model);
}

static void test_linear(void **state)
{
    (void)state;
    const struct network network = {.inputs = 2, .outputs = 1, .loss = NETWORK_POISSON};
    /* bias 1.5 - 0.5*2*1 - 1*0.5*2 */
    check(&network, "text", "horizontal-linear, objective poisson, 2 columns, 3 parameters\n\n  bias: -0.5\n  a: 1\n  b: 0.5\n");
    check(
        &network, "json",
        "{\"algorithm\": \"horizontal-linear\", \"objective\": \"poisson\", \n \"columns\": [{\"column\": \"a\", \"mean\": 1, \"factor\": 2},\n"
        "  {\"column\": \"b\", \"mean\": 2, \"factor\": 0.5}],\n \"layers\": [{\"weights\": [[0.5],\n    [1]],\n   \"biases\": [1.5]}]}\n");
}

static void test_network_dump(void **state)
{
    (void)state;
    struct network network = {.inputs = 2, .outputs = 2, .loss = NETWORK_SOFTMAX, .hidden_count = 1, .hidden = {1}};
    network.activation = NETWORK_GELU;
    network.layer_norm = true;
    check(&network, "text",
          "horizontal-neural, objective softmax, 2 classes, 2 columns, 9 parameters\n\nactivation gelu, layer norm\n"
          "layer 1: 2 inputs, 1 outputs, 5 parameters\nlayer 2: 1 inputs, 2 outputs, 4 parameters\n\n"
          "columns: mean, factor\n  a: 1, 2\n  b: 2, 0.5\n");
    check(
        &network, "json",
        "{\"algorithm\": \"horizontal-neural\", \"objective\": \"softmax\", \"classes\": 2, \"activation\": \"gelu\", \"layer_norm\": true, \n"
        " \"columns\": [{\"column\": \"a\", \"mean\": 1, \"factor\": 2},\n  {\"column\": \"b\", \"mean\": 2, \"factor\": 0.5}],\n"
        " \"layers\": [{\"weights\": [[0.5],\n    [1]],\n   \"biases\": [1.5],\n   \"gains\": [2],\n   \"shifts\": [2.5]},\n"
        "  {\"weights\": [[3, 3.5]],\n   \"biases\": [4, 4.5]}]}\n");
}

static void test_weights_alone(void **state)
{
    (void)state;
    struct horizontal_model model;
    struct buffer text;
    buffer_init(&text, context);
    assert_int_equal(horizontal_model_init(&model, context, NULL, 2), FATE_OK);
    model.parameters[1] = 0.5f;
    assert_int_equal(horizontal_dump(&model, "json", &text), FATE_OK);
    assert_int_equal(horizontal_dump(&model, "text", &text), FATE_OK);
    buffer_u8(&text, 0);
    assert_string_equal((char *)text.bytes, "{\"parameters\": [0, 0.5]}\nan application's own model, 2 parameters\n");
    buffer_free(&text);
    horizontal_model_free(&model);
}

static void test_models(void **state)
{
    (void)state;
    const struct network network = {.inputs = 2, .outputs = 1, .loss = NETWORK_SQUARED};
    struct horizontal_model model = make(&network);
    uint8_t digest[MODEL_DIGEST] = {0};
    fate_model *file = NULL, *bad = NULL;
    char *text = NULL;
    struct buffer body;
    buffer_init(&body, context);
    assert_int_equal(horizontal_model_write(&model, &body), FATE_OK);
    assert_int_equal(model_new(context, &file, "horizontal-linear", "x", "client", digest, body.bytes, body.length), FATE_OK);
    assert_int_equal(model_new(context, &bad, "horizontal-linear", "x", "client", digest, body.bytes, body.length - 1), FATE_OK);
    const fate_model *const files[] = {file}, *const bads[] = {bad};
    assert_int_equal(horizontal_dump_models(context, files, 1, "text", &text), FATE_OK);
    assert_non_null(strstr(text, "objective squared"));
    fate_free(context, text);
    assert_int_equal(horizontal_dump_models(context, files, 1, "yaml", &text), FATE_E_UNSUPPORTED);
    assert_int_equal(horizontal_dump_models(context, bads, 1, "text", &text), FATE_E_FORMAT);
    assert_int_equal(horizontal_dump_models(context, files, 0, "text", &text), FATE_E_ARGUMENT);
    assert_null(text);
    fate_model_free(file);
    fate_model_free(bad);
    buffer_free(&body);
    horizontal_model_free(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_linear), cmocka_unit_test(test_network_dump),
                                       cmocka_unit_test(test_weights_alone), cmocka_unit_test(test_models)};
    return cmocka_run_group_tests(tests, start, stop);
}
