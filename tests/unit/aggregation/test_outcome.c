/* What comes of a secure sum: a model that can be shown as text and JSON; damaged ones are refused. */
#include "src/models/aggregation/outcome.h"

#include <fate/model.h>

#include "src/session/model.h"
#include "tests/support/aggregation.h"
#include "tests/support/unit.h"

static void shown(void **state)
{
    (void)state;
    struct world world = {0};
    fate_model *model;
    char *text;
    open_world(&world, 2, "secure-sum", "", 1, false);
    run_world(&world, 1);
    assert_int_equal(fate_session_model(fate_simulator_session(world.simulator, 1), &model), FATE_OK);
    assert_int_equal(fate_model_dump(world.context, (const fate_model *const *)&model, 1, "json", &text), FATE_OK);
    assert_non_null(strstr(text, "\"kind\": \"sum\", \"clients\": 2, \"ids\": [\"a\", \"b\", \"c\"]"));
    assert_non_null(strstr(text, "\"x\": ["));
    fate_free(world.context, text);
    assert_int_equal(fate_model_dump(world.context, (const fate_model *const *)&model, 1, "text", &text), FATE_OK);
    assert_non_null(strstr(text, "sum over 2 clients\nx a "));
    fate_free(world.context, text);
    fate_model_free(model);
    close_world(&world);
}

static void damaged(void **state)
{
    (void)state;
    fate_context *context;
    const uint8_t digest[32] = {0};
    const struct {
        const char *bytes;
        uint64_t length;
    } bodies[] = {{"\xff\xff\xff", 3},
                  {"\x1a\x01x", 3},
                  {"\x22\x01"
                   "a",
                   3}};
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    for (int i = 0; i < 3; i++) {
        fate_model *model;
        char *text = NULL;
        uint8_t *body = memory_allocate(context, bodies[i].length, 1);
        memcpy(body, bodies[i].bytes, bodies[i].length);
        assert_int_equal(model_new(context, &model, "secure-sum", "c1", "client", digest, body, bodies[i].length), FATE_OK);
        assert_int_equal(outcome_dump(context, (const fate_model *const *)&model, 1, "json", &text), FATE_E_FORMAT);
        assert_null(text);
        fate_model_free(model);
        memory_free(context, body);
    }
    fate_context_free(context);
}

/* An aggregator without a table of its own knows no names: it gets the numbers alone. */
static void without_names(void **state)
{
    (void)state;
    struct world world = {0};
    fate_model *model;
    char *text;
    open_world(&world, 2, "secure-sum", "", 2, false);
    assert_int_equal(fate_session_set_table(fate_simulator_session(world.simulator, 0), FATE_TABLE_DATA, NULL), FATE_OK);
    run_world(&world, 2);
    for (uint32_t row = 0; row < ROWS; row++)
        assert_true(values_of(&world, 0, "values")[ROWS + row] == number(1, 1, row) + number(2, 1, row));
    assert_int_equal(fate_session_model(fate_simulator_session(world.simulator, 0), &model), FATE_OK);
    assert_int_equal(fate_model_dump(world.context, (const fate_model *const *)&model, 1, "json", &text), FATE_OK);
    assert_non_null(strstr(text, "\"ids\": [], \"columns\": {\"values\": ["));
    fate_free(world.context, text);
    fate_model_free(model);
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(shown), cmocka_unit_test(damaged), cmocka_unit_test(without_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
