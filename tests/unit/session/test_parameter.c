/* Values of parameters: kinds, ranges, choices, canonical text, small keys of test builds. */
#include "tests/support/unit.h"

#include <math.h>

#include "tests/support/sample_job.h"

enum { TREES, DEPTH, LEARNING_RATE, BASE_SCORE, GAMMA, OBJECTIVE, NOTE, KEY_BITS };

struct accepted {
    int parameter;
    const char *given, *canonical;
};
struct refused {
    int parameter;
    const char *given, *sentence;
};

static const struct accepted accepted[] = {
    {TREES, "1", "1"},
    {TREES, "1000", "1000"},
    {TREES, "10.0", "10"},
    {TREES, "1e2", "100"},
    {LEARNING_RATE, "0", "0"},
    {LEARNING_RATE, "-0.0", "0"},
    {LEARNING_RATE, "1", "1"},
    {LEARNING_RATE, "0.10", "0.1"},
    {LEARNING_RATE, "1e-1", "0.1"},
    {LEARNING_RATE, "0.30000000000000004", "0.30000000000000004"},
    {BASE_SCORE, "-1e300", "-1e+300"},
    {BASE_SCORE, "3", "3"},
    {OBJECTIVE, "\"squared\"", "\"squared\""},
    {NOTE, "\"\"", "\"\""},
    {NOTE, "\"a\\\"b\\\\c\\nd\\u007f\\u00e9\"", "\"a\\\"b\\\\c\\u000ad\\u007f\xc3\xa9\""},
    {KEY_BITS, "2048", "2048"},
};

static const struct refused refused[] = {
    {TREES, "0", "job.json: parameters.trees is 0, but must be at least 1"},
    {TREES, "1001", "job.json: parameters.trees is 1001, but must be at most 1000"},
    {TREES, "-5", "job.json: parameters.trees is -5, but must be at least 1"},
    {TREES, "1.5", "job.json: parameters.trees must be a whole number"},
    {TREES, "1e300", "job.json: parameters.trees must be a whole number"},
    {TREES, "\"10\"", "job.json: parameters.trees must be a whole number"},
    {TREES, "true", "job.json: parameters.trees must be a whole number"},
    {TREES, "null", "job.json: parameters.trees must be a whole number"},
    {TREES, "[1]", "job.json: parameters.trees must be a whole number"},
    {LEARNING_RATE, "1.0000001", "job.json: parameters.learning_rate is 1.0000001, but must be at most 1"},
    {LEARNING_RATE, "\"0.3\"", "job.json: parameters.learning_rate must be a number"},
    {LEARNING_RATE, "{}", "job.json: parameters.learning_rate must be a number"},
    {OBJECTIVE, "\"logistics\"",
     "job.json: parameters.objective is \"logistics\", which is not one of: logistic squared; "
     "nearest is \"logistic\" or \"squared\""},
    {OBJECTIVE, "\"\"",
     "job.json: parameters.objective is \"\", which is not one of: logistic squared; nearest is \"squared\" or \"logistic\""},
    {OBJECTIVE, "1", "job.json: parameters.objective must be a text in quotes"},
    {KEY_BITS, "1024", "job.json: parameters.key_bits is 1024, but must be at least 2048"},
    {KEY_BITS, "8192", "job.json: parameters.key_bits is 8192, but must be at most 4096"},
};

static fate_context *new_context(void)
{
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    return context;
}

static int32_t read_given(fate_context *context, struct parameter_value *value, int parameter, const char *given)
{
    json_t *json = json_loads(given, JSON_DECODE_ANY, NULL);
    assert_non_null(json);
    const int32_t result = parameter_read(context, value, &sample_parameters[parameter], json, FATE_E_JOB, "job.json: parameters.");
    json_decref(json);
    return result;
}

static void good_values_become_canonical(void **state)
{
    (void)state;
    fate_context *context = new_context();
    for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
        struct parameter_value value;
        struct buffer buffer;
        buffer_init(&buffer, context);
        assert_int_equal(read_given(context, &value, accepted[i].parameter, accepted[i].given), FATE_OK);
        parameter_write(&buffer, &sample_parameters[accepted[i].parameter], &value);
        buffer_u8(&buffer, 0);
        assert_string_equal((const char *)buffer.bytes, accepted[i].canonical);
        buffer_free(&buffer);
        parameter_free(context, &value);
    }
    fate_context_free(context);
}

static void bad_values_are_named(void **state)
{
    (void)state;
    fate_context *context = new_context();
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct parameter_value value;
        assert_int_equal(read_given(context, &value, refused[i].parameter, refused[i].given), FATE_E_JOB);
        assert_string_equal(fate_context_error(context), refused[i].sentence);
    }
    fate_context_free(context);
}

static void small_keys_are_for_tests_only(void **state)
{
    (void)state;
    fate_context *context = new_context();
    struct parameter_value value;
    context->accepts_small_keys = true;
    assert_int_equal(read_given(context, &value, KEY_BITS, "256"), FATE_OK);
    assert_int_equal(value.integer, 256);
    assert_int_equal(read_given(context, &value, KEY_BITS, "8192"), FATE_E_JOB);
    assert_int_equal(read_given(context, &value, TREES, "0"), FATE_E_JOB);
    fate_context_free(context);
}

static void presets_are_read_like_values(void **state)
{
    (void)state;
    fate_context *context = new_context();
    struct parameter_value value;
    fate_protocol_parameter parameter = sample_parameters[OBJECTIVE];
    assert_int_equal(parameter_read_preset(context, &value, &parameter, FATE_E_ARGUMENT, ""), FATE_OK);
    assert_string_equal(value.text, "logistic");
    parameter_free(context, &value);
    parameter.preset = "logistic";
    assert_int_equal(parameter_read_preset(context, &value, &parameter, FATE_E_ARGUMENT, ""), FATE_E_ARGUMENT);
    parameter.preset = "";
    assert_int_equal(parameter_read_preset(context, &value, &parameter, FATE_E_ARGUMENT, ""), FATE_E_ARGUMENT);
    parameter.preset = "\"a\" \"b\"";
    assert_int_equal(parameter_read_preset(context, &value, &parameter, FATE_E_ARGUMENT, ""), FATE_E_ARGUMENT);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_values_become_canonical),
        cmocka_unit_test(bad_values_are_named),
        cmocka_unit_test(small_keys_are_for_tests_only),
        cmocka_unit_test(presets_are_read_like_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
