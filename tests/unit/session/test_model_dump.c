/* Dumps of models: the protocol's own, the head alone, and models that do not belong together. */
#include "tests/support/unit.h"

#include "src/session/model.h"
#include "tests/support/sample_job.h"

static const uint8_t digest[MODEL_DIGEST] = {0xab}, other_digest[MODEL_DIGEST] = {0xac};

static int32_t own_dump(fate_context *context, const fate_model *const *models, uint32_t count, const char *format, char **text)
{
    (void)models;
    *text = fate_allocate(context, 32);
    if (*text == NULL) return FATE_E_MEMORY;
    snprintf(*text, 32, "%u models as %s", (unsigned)count, format);
    return FATE_OK;
}

static fate_context *new_context(bool with_dump)
{
    fate_context *context = NULL;
    struct sample sample;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    sample_make(&sample);
    sample.protocol.dump = with_dump ? own_dump : NULL;
    assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_OK);
    return context;
}

static fate_model *make(fate_context *context, const char *algorithm, const char *party, const uint8_t *job)
{
    fate_model *model = NULL;
    assert_int_equal(model_new(context, &model, algorithm, party, "host", job, (const uint8_t *)"xyz", 3), FATE_OK);
    return model;
}

static void heads_are_shown_without_a_protocols_dump(void **state)
{
    (void)state;
    static const char hex[] = "ab00000000000000000000000000000000000000000000000000000000000000";
    fate_context *context = new_context(false);
    fate_model *models[] = {make(context, "sample-boosting", "bank", digest), make(context, "sample-boosting", "shop", digest)};
    const fate_model *const given[] = {models[0], models[1]};
    char *text = NULL, expected[1024];
    assert_int_equal(fate_model_dump(context, given, 2, "json", &text), FATE_OK);
    snprintf(expected, sizeof expected,
             "{\"models\":[{\"algorithm\":\"sample-boosting\",\"party\":\"bank\",\"role\":\"host\",\"job_digest\":\"%s\",\"body_bytes\":3},"
             "{\"algorithm\":\"sample-boosting\",\"party\":\"shop\",\"role\":\"host\",\"job_digest\":\"%s\",\"body_bytes\":3}]}\n",
             hex, hex);
    assert_string_equal(text, expected);
    fate_free(context, text);
    assert_int_equal(fate_model_dump(context, given, 1, "text", &text), FATE_OK);
    snprintf(expected, sizeof expected,
             "model of sample-boosting\n  party       bank\n  role        host\n  job digest  %s\n  body        3 bytes\n", hex);
    assert_string_equal(text, expected);
    fate_free(context, text);
    fate_model_free(models[0]);
    fate_model_free(models[1]);
    fate_context_free(context);
}

static void the_protocols_dump_is_called(void **state)
{
    (void)state;
    fate_context *context = new_context(true);
    fate_model *models[] = {make(context, "sample-boosting", "bank", digest), make(context, "sample-boosting", "shop", digest)};
    const fate_model *const given[] = {models[0], models[1]};
    char *text = NULL;
    assert_int_equal(fate_model_dump(context, given, 2, "text", &text), FATE_OK);
    assert_string_equal(text, "2 models as text");
    fate_free(context, text);
    assert_int_equal(fate_model_dump(context, given, 2, "xml", &text), FATE_E_UNSUPPORTED);
    assert_int_equal(fate_model_dump(context, given, 0, "text", &text), FATE_E_ARGUMENT);
    assert_int_equal(fate_model_dump(context, NULL, 1, "text", &text), FATE_E_ARGUMENT);
    assert_int_equal(fate_model_dump(context, given, 1, NULL, &text), FATE_E_ARGUMENT);
    assert_int_equal(fate_model_dump(context, given, 1, "text", NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_model_dump(NULL, given, 1, "text", &text), FATE_E_ARGUMENT);
    fate_model_free(models[0]);
    fate_model_free(models[1]);
    fate_context_free(context);
}

static void models_must_belong_together(void **state)
{
    (void)state;
    fate_context *context = new_context(false);
    fate_model *bank = make(context, "sample-boosting", "bank", digest),
               *other_job = make(context, "sample-boosting", "shop", other_digest);
    fate_model *linear = make(context, "linear", "shop", digest);
    char *text = NULL;
    const fate_model *const two_jobs[] = {bank, other_job}, *const one_party[] = {bank, bank}, *const two_kinds[] = {bank, linear};
    const fate_model *const unknown[] = {linear}, *const empty[] = {bank, NULL}, *const none[] = {NULL};
    assert_int_equal(fate_model_dump(context, two_jobs, 2, "text", &text), FATE_E_MODEL);
    assert_string_equal(fate_context_error(context), "the models of bank and shop are not of one job");
    assert_int_equal(fate_model_dump(context, two_kinds, 2, "text", &text), FATE_E_MODEL);
    assert_int_equal(fate_model_dump(context, one_party, 2, "text", &text), FATE_E_MODEL);
    assert_int_equal(fate_model_dump(context, unknown, 1, "text", &text), FATE_E_UNSUPPORTED);
    assert_int_equal(fate_model_dump(context, empty, 2, "text", &text), FATE_E_ARGUMENT);
    assert_int_equal(fate_model_dump(context, none, 1, "text", &text), FATE_E_ARGUMENT);
    assert_null(text);
    fate_model_free(bank);
    fate_model_free(other_job);
    fate_model_free(linear);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_are_shown_without_a_protocols_dump),
        cmocka_unit_test(the_protocols_dump_is_called),
        cmocka_unit_test(models_must_belong_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
