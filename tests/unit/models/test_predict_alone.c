/* Scores of models that are whole at every party, and what is refused. */
#include "tests/support/network.h"

#include <fate/fate.h>
#include <fate/simulator.h>

#include "src/models/horizontal/model.h"
#include "src/session/model.h"
#include "tests/support/allocator.h"

static const char linear[] =
    "{\"algorithm\":\"horizontal-linear\",\"id\":\"id\",\"label\":\"y\",\"parties\":[{\"name\":\"a\",\"role\":\"aggregator\"},"
    "{\"name\":\"b\",\"role\":\"client\"},{\"name\":\"c\",\"role\":\"client\"}],\"parameters\":{}}";
static const char trees[] =
    "{\"algorithm\":\"vertical-boosting\",\"id\":\"id\",\"label\":\"y\",\"parties\":[{\"name\":\"a\",\"role\":\"guest\"},"
    "{\"name\":\"b\",\"role\":\"host\"}],\"parameters\":{}}";

/* A model of one party with weights 1 and 2, softmax over two classes where several. */
static fate_model *make_model(fate_context *context, const fate_job *job, const char *party, bool several)
{
    struct network network = {.inputs = 2, .outputs = several ? 2 : 1, .loss = several ? NETWORK_SOFTMAX : NETWORK_SQUARED};
    struct horizontal_model model;
    struct buffer body;
    uint8_t digest[MODEL_DIGEST];
    fate_model *made = NULL;
    buffer_init(&body, context);
    assert_int_equal(fate_job_digest(job, digest), FATE_OK);
    assert_int_equal(horizontal_model_init(&model, context, &network, 0), FATE_OK);
    assert_int_equal(horizontal_model_set_column(&model, 0, "x", 0, 1), FATE_OK);
    assert_int_equal(horizontal_model_set_column(&model, 1, "z", 0, 1), FATE_OK);
    for (uint64_t i = 0; i < model.count; i++) model.parameters[i] = (float)i + 1;
    assert_int_equal(horizontal_model_write(&model, &body), FATE_OK);
    assert_int_equal(model_new(context, &made, fate_job_algorithm(job), party, "client", digest, body.bytes, body.length), FATE_OK);
    horizontal_model_free(&model);
    buffer_free(&body);
    return made;
}

static fate_table *make_table(fate_context *context, const char *second)
{
    static const uint64_t offsets[] = {0, 1, 2};
    const double x[] = {1, 2}, z[] = {3, (double)NAN};
    fate_table *table = NULL;
    assert_int_equal(fate_table_new(context, &table, 2), FATE_OK);
    assert_int_equal(fate_table_set_ids(table, (const uint8_t *)"12", offsets), FATE_OK);
    assert_int_equal(fate_table_add_numbers(table, "x", x), FATE_OK);
    assert_int_equal(fate_table_add_numbers(table, second, z), FATE_OK);
    assert_int_equal(fate_table_finish(table), FATE_OK);
    return table;
}

struct world {
    fate_context *context;
    fate_simulator *simulator;
    const fate_job *job;
};

static struct world open_world(const char *text, const fate_allocator *allocator)
{
    struct world world = {0};
    assert_int_equal(fate_context_new(&world.context, allocator), FATE_OK);
    assert_int_equal(fate_simulator_new(world.context, &world.simulator, text, FATE_PURPOSE_TRAIN, 1), FATE_OK);
    world.job = fate_simulator_job(world.simulator);
    return world;
}

static void close_world(struct world *world)
{
    fate_simulator_free(world->simulator);
    fate_context_free(world->context);
}

static void test_scores(void **state)
{
    (void)state;
    struct world world = open_world(linear, NULL);
    fate_table *table = make_table(world.context, "z");
    for (int several = 0; several < 2; several++) {
        fate_model *model = make_model(world.context, world.job, "b", several);
        fate_scores *scores = NULL;
        assert_int_equal(fate_predict_alone(world.context, &scores, world.job, model, table), FATE_OK);
        assert_int_equal(fate_scores_rows(scores), 2);
        assert_int_equal(fate_scores_columns(scores), 1 + several);
        assert_string_equal(fate_scores_column_name(scores, 0), several ? "score_0" : "score");
        if (several) {
            assert_near(fate_scores_values(scores, 0)[0] + fate_scores_values(scores, 1)[0], 1, 1e-12);
        } else {
            assert_near(fate_scores_values(scores, 0)[0], 1 + 2 * 3 + 3, 1e-6);
            assert_near(fate_scores_values(scores, 0)[1], 2 + 3, 1e-6);
        }
        fate_scores_free(scores);
        fate_model_free(model);
    }
    fate_table_free(table);
    close_world(&world);
}

static void test_refusals(void **state)
{
    (void)state;
    struct world world = open_world(linear, NULL), other = open_world(trees, NULL);
    fate_model *model = make_model(world.context, world.job, "b", false), *stranger = make_model(world.context, world.job, "q", false);
    fate_model *of_trees = make_model(world.context, other.job, "b", false);
    fate_table *table = make_table(world.context, "z"), *wrong = make_table(world.context, "w");
    fate_scores *scores = NULL;
    assert_int_equal(fate_predict_alone(world.context, &scores, other.job, model, table), FATE_E_UNSUPPORTED);
    assert_int_equal(fate_predict_alone(world.context, &scores, world.job, stranger, table), FATE_E_MODEL);
    assert_int_equal(fate_predict_alone(world.context, &scores, world.job, of_trees, table), FATE_E_MODEL);
    assert_int_equal(fate_predict_alone(world.context, &scores, world.job, model, wrong), FATE_E_TABLE);
    assert_non_null(strstr(fate_context_error(world.context), "\"z\""));
    assert_null(scores);
    assert_int_equal(fate_predict_alone(world.context, NULL, world.job, model, table), FATE_E_ARGUMENT);
    assert_int_equal(fate_predict_alone(world.context, &scores, NULL, model, table), FATE_E_ARGUMENT);
    assert_int_equal(fate_predict_alone(world.context, &scores, world.job, NULL, table), FATE_E_ARGUMENT);
    assert_int_equal(fate_predict_alone(world.context, &scores, world.job, model, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_predict_alone(NULL, &scores, world.job, model, table), FATE_E_ARGUMENT);
    fate_table_free(table);
    fate_table_free(wrong);
    fate_model_free(model);
    fate_model_free(stranger);
    fate_model_free(of_trees);
    close_world(&world);
    close_world(&other);
}

static void test_memory(void **state)
{
    (void)state;
    struct test_allocator test;
    fate_allocator allocator = test_allocator(&test, -1);
    struct world world = open_world(linear, &allocator);
    fate_model *model = make_model(world.context, world.job, "c", true);
    fate_table *table = make_table(world.context, "z");
    for (long long fail = 0;; fail++) {
        fate_scores *scores = NULL;
        long long live = atomic_load(&test.live);
        test.fail = atomic_load(&test.calls) + fail;
        int32_t result = fate_predict_alone(world.context, &scores, world.job, model, table);
        test.fail = -1;
        fate_scores_free(scores);
        assert_true(atomic_load(&test.live) == live);
        if (result == FATE_OK) break;
        assert_int_equal(result, FATE_E_MEMORY);
    }
    fate_table_free(table);
    fate_model_free(model);
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_scores), cmocka_unit_test(test_refusals), cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
