/* Runs of vertical boosting with one step replaced. */
#include "tests/support/boosting_hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include <fate/train.h>

enum { ROLES = 2, STEPS_MOST = 32 };

/* Tables that can be changed before they are registered, which copies them. */
struct changed {
    fate_protocol protocol;
    fate_protocol_role roles[ROLES];
    fate_protocol_step steps[ROLES][STEPS_MOST];
};

static void copy_protocol(struct changed *changed, const fate_protocol *from)
{
    changed->protocol = *from;
    changed->protocol.roles = changed->roles;
    for (uint32_t role = 0; role < ROLES; role++) {
        changed->roles[role] = from->roles[role];
        memcpy(changed->steps[role], from->roles[role].steps, from->roles[role].step_count * sizeof(fate_protocol_step));
        changed->roles[role].steps = changed->steps[role];
    }
}

static fate_context *register_all(const struct changed *training, const struct changed *scoring, const struct changed *serving)
{
    fate_context *context;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    context->accepts_small_keys = true;
    assert_int_equal(fate_protocol_register(context, &training->protocol), FATE_OK);
    assert_int_equal(fate_protocol_register(context, &scoring->protocol), FATE_OK);
    assert_int_equal(fate_protocol_register(context, &serving->protocol), FATE_OK);
    return context;
}

fate_context *hostile_contexts(const struct replacement *replacements, uint32_t count)
{
    struct changed training, scoring, serving;
    copy_protocol(&training, &boosting_training);
    copy_protocol(&scoring, &boosting_scoring);
    copy_protocol(&serving, &boosting_serving);
    for (uint32_t i = 0; i < count; i++) {
        int32_t purpose = replacements[i].purpose;
        struct changed *changed = purpose == FATE_PURPOSE_PREDICT ? &scoring : purpose == FATE_PURPOSE_SERVE ? &serving : &training;
        changed->steps[replacements[i].role][replacements[i].step].run = replacements[i].run;
    }
    return register_all(&training, &scoring, &serving);
}

fate_context *hostile_context(struct replacement replacement)
{
    return hostile_contexts(&replacement, replacement.run == NULL ? 0 : 1);
}

fate_context *hostile_state_context(uint32_t role, int32_t (*save)(fate_turn *turn, const void *state),
                                    int32_t (*load)(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length))
{
    struct changed training, scoring, serving;
    copy_protocol(&training, &boosting_training);
    copy_protocol(&scoring, &boosting_scoring);
    copy_protocol(&serving, &boosting_serving);
    training.roles[role].save = save;
    training.roles[role].load = load;
    return register_all(&training, &scoring, &serving);
}

void hostile_begin(struct hostile_run *run, fate_context *context, const struct boosting_case *from)
{
    char text[4096];
    memset(run, 0, sizeof *run);
    run->context = context;
    run->count = from->hosts + 1;
    boosting_job(text, from, 0);
    assert_int_equal(fate_simulator_new(context, &run->simulator, text, FATE_PURPOSE_TRAIN, from->seed), FATE_OK);
    for (uint32_t party = 0; party < run->count; party++) {
        fate_session *session = fate_simulator_session(run->simulator, party);
        run->tables[party] = boosting_table(context, from, party, party == 0, FATE_TABLE_DATA);
        assert_int_equal(fate_session_set_table(session, FATE_TABLE_DATA, run->tables[party]), FATE_OK);
        if (from->validation_rows > 0) {
            run->validations[party] = boosting_table(context, from, party, party == 0, FATE_TABLE_VALIDATION);
            assert_int_equal(fate_session_set_table(session, FATE_TABLE_VALIDATION, run->validations[party]), FATE_OK);
        }
    }
}

void hostile_end(struct hostile_run *run)
{
    fate_simulator_free(run->simulator);
    for (uint32_t party = 0; party < run->count; party++) {
        fate_table_free(run->tables[party]);
        fate_table_free(run->validations[party]);
    }
    fate_context_free(run->context);
}

void hostile_expect(const struct boosting_case *from, struct replacement replacement, int32_t expected, uint32_t party, const char *part)
{
    struct hostile_run run;
    hostile_begin(&run, hostile_context(replacement), from);
    int32_t result = fate_simulator_run(run.simulator, 1000000);
    const char *sentence = fate_session_error(fate_simulator_session(run.simulator, party));
    if (result != expected || strstr(sentence, part) == NULL) {
        print_error("%s instead of %s: %s\n", fate_result_name(result), fate_result_name(expected), sentence);
    }
    assert_int_equal(result, expected);
    assert_non_null(strstr(sentence, part));
    hostile_end(&run);
}

int hostile_compare(const struct hostile_run *run)
{
    fate_model *pooled[BOOSTING_PARTIES_MOST], *model = NULL;
    const uint8_t *bytes, *expected;
    uint64_t length, expected_length;
    const fate_table *const *validations = (const fate_table *const *)(run->validations[0] != NULL ? run->validations : NULL);
    assert_int_equal(fate_session_model(fate_simulator_session(run->simulator, 0), &model), FATE_OK);
    assert_int_equal(fate_train_pooled(run->context, pooled, fate_simulator_job(run->simulator), (const fate_table *const *)run->tables,
                                       validations, NULL),
                     FATE_OK);
    assert_int_equal(fate_model_body(model, &bytes, &length), FATE_OK);
    assert_int_equal(fate_model_body(pooled[0], &expected, &expected_length), FATE_OK);
    if (length == expected_length) {
        assert_memory_equal(bytes, expected, length);
    }
    fate_model_free(model);
    for (uint32_t party = 0; party < run->count; party++) {
        fate_model_free(pooled[party]);
    }
    return length < expected_length ? -1 : length > expected_length;
}

int32_t hostile_send(fate_turn *turn, uint32_t message, uint32_t party, const void *bytes, uint64_t length)
{
    return fate_turn_send(turn, message, party, bytes, length, 1);
}
