/* Each inconsistency of a protocol's tables is found, and the sentence names the place. */
#include "tests/support/unit.h"

#include <math.h>

#include "src/session/registry_check.h"
#include "tests/support/sample_job.h"

typedef void (*spoil)(struct sample *sample);

static const char long_name[] = "a-name-of-more-than-sixty-four-characters-is-longer-than-any-table-can-show-nicely";

static void name_null(struct sample *s)
{
    s->protocol.name = NULL;
}
static void name_empty(struct sample *s)
{
    s->protocol.name = "";
}
static void name_blank(struct sample *s)
{
    s->protocol.name = "two words";
}
static void name_long(struct sample *s)
{
    s->protocol.name = long_name;
}
static void purpose_zero(struct sample *s)
{
    s->protocol.purpose = 0;
}
static void purpose_five(struct sample *s)
{
    s->protocol.purpose = 5;
}
static void summary_null(struct sample *s)
{
    s->protocol.summary = NULL;
}
static void limits_empty(struct sample *s)
{
    s->protocol.limits = "";
}
static void label_role_unknown(struct sample *s)
{
    s->protocol.label_role = "arbiter";
}
static void no_roles(struct sample *s)
{
    s->protocol.role_count = 0;
}
static void role_name_null(struct sample *s)
{
    s->roles[1].name = NULL;
}
static void role_name_twice(struct sample *s)
{
    s->roles[1].name = "guest";
}
static void role_bounds(struct sample *s)
{
    s->roles[1].minimum = 4;
}
static void role_maximum_zero(struct sample *s)
{
    s->roles[1].minimum = s->roles[1].maximum = 0;
}
static void role_learns_null(struct sample *s)
{
    s->roles[0].learns = NULL;
}
static void role_start_null(struct sample *s)
{
    s->roles[0].start = NULL;
}
static void role_stop_null(struct sample *s)
{
    s->roles[0].stop = NULL;
}
static int32_t save_nothing(fate_turn *turn, const void *state)
{
    (void)turn;
    (void)state;
    return FATE_OK;
}
static void role_save_alone(struct sample *s)
{
    s->roles[0].save = save_nothing;
}
static void role_no_steps(struct sample *s)
{
    s->roles[0].step_count = 0;
}
static void step_name_null(struct sample *s)
{
    s->guest_steps[1].name = NULL;
}
static void step_name_twice(struct sample *s)
{
    s->guest_steps[1].name = "encrypt";
}
static void step_name_control(struct sample *s)
{
    s->guest_steps[1].name = "a\nb";
}
static void step_run_null(struct sample *s)
{
    s->guest_steps[1].run = NULL;
}
static void step_wait_unknown(struct sample *s)
{
    s->guest_steps[1].wait = 5;
}
static void step_message_unknown(struct sample *s)
{
    s->guest_steps[1].message = 2;
}
static void step_message_of_other(struct sample *s)
{
    s->guest_steps[1].message = SAMPLE_GRADIENTS;
}
static void message_name_null(struct sample *s)
{
    s->messages[1].name = NULL;
}
static void message_name_twice(struct sample *s)
{
    s->messages[1].name = "gradients";
}
static void message_name_quote(struct sample *s)
{
    s->messages[1].name = "a\"b";
}
static void message_sender(struct sample *s)
{
    s->messages[1].sender = 2;
}
static void message_receiver(struct sample *s)
{
    s->messages[0].receiver = UINT32_MAX;
    s->host_steps[0].wait = FATE_WAIT_NOTHING;
}
static void message_limit(struct sample *s)
{
    s->messages[1].limit = UINT64_MAX;
}
static void message_carries(struct sample *s)
{
    s->messages[1].carries = NULL;
}
static void message_reason(struct sample *s)
{
    s->messages[1].reason = "";
}
static void parameter_name(struct sample *s)
{
    s->parameters[3].name = "with blank";
}
static void parameter_twice(struct sample *s)
{
    s->parameters[3].name = "trees";
}
static void parameter_kind_zero(struct sample *s)
{
    s->parameters[3].kind = 0;
}
static void parameter_kind_four(struct sample *s)
{
    s->parameters[3].kind = 4;
}
static void parameter_bounds(struct sample *s)
{
    s->parameters[3].minimum = 1;
    s->parameters[3].maximum = 0;
}
static void parameter_nan(struct sample *s)
{
    s->parameters[3].minimum = (double)NAN;
}
static void parameter_choices(struct sample *s)
{
    s->parameters[3].choices = "a b";
}
static void parameter_help(struct sample *s)
{
    s->parameters[3].help = NULL;
}
static void preset_no_json(struct sample *s)
{
    s->parameters[3].preset = "ten";
}
static void preset_kind(struct sample *s)
{
    s->parameters[3].preset = "\"ten\"";
}
static void preset_range(struct sample *s)
{
    s->parameters[0].preset = "0";
}
static void preset_choice(struct sample *s)
{
    s->parameters[5].preset = "\"cubic\"";
}

static const struct {
    spoil spoil;
    const char *place, *problem;
} cases[] = {
    {name_null, "the protocol's name", "64"},
    {name_empty, "the protocol's name", "64"},
    {name_blank, "the protocol's name", "64"},
    {name_long, "the protocol's name", "64"},
    {purpose_zero, "protocol \"sample-boosting\"", "purpose"},
    {purpose_five, "protocol \"sample-boosting\"", "purpose"},
    {summary_null, "sample-boosting", "summary"},
    {limits_empty, "sample-boosting", "limits"},
    {label_role_unknown, "sample-boosting", "label_role"},
    {no_roles, "sample-boosting", "no roles"},
    {role_name_null, "role 1", "name"},
    {role_name_twice, "role 1", "same name"},
    {role_bounds, "role 1", "maximum"},
    {role_maximum_zero, "role 1", "maximum"},
    {role_learns_null, "role 0", "learns"},
    {role_start_null, "role 0", "start"},
    {role_stop_null, "role 0", "stop"},
    {role_save_alone, "role 0", "save and load"},
    {role_no_steps, "role 0", "no steps"},
    {step_name_null, "role 0: step 1", "name"},
    {step_name_twice, "role 0: step 1", "same name"},
    {step_name_control, "role 0: step 1", "name"},
    {step_run_null, "role 0: step 1", "run"},
    {step_wait_unknown, "role 0: step 1", "wait"},
    {step_message_unknown, "role 0: step 1", "not in the table"},
    {step_message_of_other, "role 0: step 1", "another role receives"},
    {message_name_null, "message 1", "name"},
    {message_name_twice, "message 1", "same name"},
    {message_name_quote, "message 1", "name"},
    {message_sender, "message 1", "sender"},
    {message_receiver, "message 0", "receiver"},
    {message_limit, "message 1", "limit"},
    {message_carries, "message 1", "carries"},
    {message_reason, "message 1", "reason"},
    {parameter_name, "parameter 3", "name"},
    {parameter_twice, "parameter 3", "same name"},
    {parameter_kind_zero, "parameter 3", "kind"},
    {parameter_kind_four, "parameter 3", "kind"},
    {parameter_bounds, "parameter 3", "maximum"},
    {parameter_nan, "parameter 3", "maximum"},
    {parameter_choices, "parameter 3", "choices"},
    {parameter_help, "parameter 3", "help"},
    {preset_no_json, "parameter 3", "default"},
    {preset_kind, "base_score", "a number"},
    {preset_range, "trees is 0", "at least 1"},
    {preset_choice, "objective is \"cubic\"", "logistic squared"},
};

static void each_inconsistency_is_named(void **state)
{
    (void)state;
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sample sample;
        sample_make(&sample);
        cases[i].spoil(&sample);
        assert_int_equal(fate_protocol_register(context, &sample.protocol), FATE_E_ARGUMENT);
        const char *sentence = fate_context_error(context);
        if (strstr(sentence, cases[i].place) == NULL || strstr(sentence, cases[i].problem) == NULL) fail_msg("case %zu: %s", i, sentence);
    }
    assert_null(fate_protocol_name(context, 0));
    fate_context_free(context);
}

static void consistent_tables_pass(void **state)
{
    (void)state;
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    struct sample sample;
    sample_make(&sample);
    assert_int_equal(registry_check(context, &sample.protocol), FATE_OK);
    sample.protocol.label_role = NULL;
    sample.parameters[0].preset = NULL;
    sample.guest_steps[0].message = 99; /* ignored: it waits for nothing */
    assert_int_equal(registry_check(context, &sample.protocol), FATE_OK);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_inconsistency_is_named),
        cmocka_unit_test(consistent_tables_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
