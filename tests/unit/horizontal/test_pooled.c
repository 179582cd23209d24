/* Pooled runs of horizontal training through the public calls: all clients' rows, some of them, going on, stopping early, refusals. */
#include "tests/support/network.h"

#include <fate/fate.h>
#include <fate/simulator.h>

#include "src/models/horizontal/model.h"
#include "src/models/horizontal/pooled.h"
#include "tests/support/allocator.h"

enum { ROWS = 60, PARTIES = 3 };

struct world {
    fate_context *context;
    fate_simulator *simulator;
    const fate_job *job;
    fate_table *tables[PARTIES]; /* of the clients 1 and 2; none of party 0 */
};

/* The label says whether a + 2 b > 0; a is shifted by 100, and client 2 has its columns in the other order. */
static fate_table *make_table(fate_context *context, uint64_t seed, bool swapped, const char *second)
{
    fate_table *table = NULL;
    uint64_t offsets[ROWS + 1] = {0};
    double a[ROWS], b[ROWS], label[ROWS];
    char ids[ROWS * 4 + 1];
    for (uint32_t row = 0; row < ROWS; row++) {
        a[row] = (double)test_draw(&seed);
        b[row] = (double)test_draw(&seed);
        label[row] = a[row] + 2 * b[row] > 0;
        a[row] += 100;
        offsets[row + 1] = 4 * (row + 1);
        snprintf(ids + 4 * row, 5, "%04u", (unsigned)row);
    }
    assert_int_equal(fate_table_new(context, &table, ROWS), FATE_OK);
    assert_int_equal(fate_table_set_ids(table, (const uint8_t *)ids, offsets), FATE_OK);
    if (swapped) assert_int_equal(fate_table_add_numbers(table, second, b), FATE_OK);
    assert_int_equal(fate_table_add_numbers(table, "a", a), FATE_OK);
    if (!swapped) assert_int_equal(fate_table_add_numbers(table, second, b), FATE_OK);
    assert_int_equal(fate_table_set_label(table, label), FATE_OK);
    assert_int_equal(fate_table_finish(table), FATE_OK);
    return table;
}

static struct world open_world(const char *algorithm, const char *parameters, const fate_allocator *allocator)
{
    struct world world = {0};
    char text[1024];
    snprintf(text, sizeof text,
             "{\"algorithm\":\"%s\",\"id\":\"id\",\"label\":\"y\",\"parties\":[{\"name\":\"x\",\"role\":\"aggregator\"},"
             "{\"name\":\"n\",\"role\":\"client\"},{\"name\":\"s\",\"role\":\"client\"}],\"parameters\":{%s}}",
             algorithm, parameters);
    assert_int_equal(fate_context_new(&world.context, allocator), FATE_OK);
    assert_int_equal(fate_simulator_new(world.context, &world.simulator, text, FATE_PURPOSE_TRAIN, 1), FATE_OK);
    world.job = fate_simulator_job(world.simulator);
    world.tables[1] = make_table(world.context, 1, false, "b");
    world.tables[2] = make_table(world.context, 2, true, "b");
    return world;
}

static void close_world(struct world *world)
{
    for (uint32_t i = 0; i < PARTIES; i++) fate_table_free(world->tables[i]);
    fate_simulator_free(world->simulator);
    fate_context_free(world->context);
}

static void free_models(fate_model **models)
{
    for (uint32_t i = 0; i < PARTIES; i++) fate_model_free(models[i]);
}

/* How many rows a model puts on the right side. */
static uint32_t right(const struct world *world, const fate_model *model, const fate_table *table)
{
    fate_scores *scores = NULL;
    uint32_t count = 0;
    assert_int_equal(fate_predict_alone(world->context, &scores, world->job, model, table), FATE_OK);
    for (uint32_t row = 0; row < ROWS; row++) count += (fate_scores_values(scores, 0)[row] > 0.5) == (fate_table_label(table)[row] > 0.5);
    fate_scores_free(scores);
    return count;
}

static void check_learns(const char *algorithm, const char *parameters)
{
    struct world world = open_world(algorithm, parameters, NULL);
    fate_model *models[PARTIES], *again[PARTIES];
    const fate_table *const *tables = (const fate_table *const *)world.tables;
    const uint8_t *bodies[2];
    uint64_t lengths[2];
    assert_int_equal(fate_train_pooled(world.context, models, world.job, tables, NULL, NULL), FATE_OK);
    assert_int_equal(fate_train_pooled(world.context, again, world.job, tables, NULL, NULL), FATE_OK);
    assert_true(right(&world, models[0], world.tables[1]) >= ROWS - 3);
    assert_true(right(&world, models[2], world.tables[2]) >= ROWS - 3);
    assert_int_equal(fate_model_body(models[0], &bodies[0], &lengths[0]), FATE_OK);
    assert_int_equal(fate_model_body(again[2], &bodies[1], &lengths[1]), FATE_OK);
    assert_int_equal(lengths[0], lengths[1]);
    assert_memory_equal(bodies[0], bodies[1], lengths[0]);
    free_models(models);
    free_models(again);
    close_world(&world);
}

static void test_learns(void **state)
{
    (void)state;
    check_learns("horizontal-linear", "\"rounds\":30,\"batch\":8,\"learning_rate\":0.5");
    check_learns("horizontal-neural", "\"rounds\":30,\"batch\":8,\"hidden\":\"8\",\"method\":\"scaffold\"");
}

static void test_columns(void **state)
{
    (void)state;
    struct world world = open_world("horizontal-linear", "\"rounds\":1", NULL);
    struct horizontal_model model;
    struct buffer body;
    const fate_table *tables[PARTIES] = {NULL, NULL, world.tables[2]};
    double mean = 0, square = 0;
    const double *values = fate_table_numbers(world.tables[2], 1);
    buffer_init(&body, world.context);
    assert_int_equal(horizontal_pooled_train(world.context, &body, world.job, tables, NULL, NULL, NULL), FATE_OK);
    assert_int_equal(horizontal_model_read(&model, world.context, body.bytes, body.length), FATE_OK);
    for (uint32_t i = 0; i < ROWS; i++) mean += values[i] / ROWS;
    for (uint32_t i = 0; i < ROWS; i++) square += (values[i] - mean) * (values[i] - mean) / ROWS;
    assert_string_equal(model.names[0], "a");
    assert_string_equal(model.names[1], "b");
    assert_near(model.columns[0].mean, mean, 1e-9);
    assert_near(model.columns[0].factor, 1 / sqrt(square), 1e-9);
    horizontal_model_free(&model);
    buffer_free(&body);
    close_world(&world);
}

static double loss_of_round[64];
static int32_t take_metric(void *own, const char *name, uint32_t round, double value)
{
    (void)own;
    (void)name;
    loss_of_round[round] = value;
    loss_of_round[0] = round;
    return FATE_OK;
}

static void test_goes_on(void **state)
{
    (void)state;
    struct world world = open_world("horizontal-neural", "\"rounds\":5,\"hidden\":\"4\"", NULL);
    fate_model *models[PARTIES], *further[PARTIES];
    const fate_table *const *tables = (const fate_table *const *)world.tables;
    fate_observer observer = {.struct_size = sizeof observer, .abi_version = FATE_ABI_VERSION, .metric = take_metric};
    assert_int_equal(fate_train_pooled(world.context, models, world.job, tables, tables, &observer), FATE_OK);
    double last = loss_of_round[5];
    assert_true(loss_of_round[0] == 5 && last < loss_of_round[1]);
    assert_int_equal(
        fate_train_pooled_from(world.context, further, world.job, tables, tables, (const fate_model *const *)models, &observer), FATE_OK);
    assert_true(loss_of_round[5] < last);
    free_models(models);
    free_models(further);
    close_world(&world);
}

/* With a rate that is far too large the first rounds are the best. */
static void test_stops(void **state)
{
    (void)state;
    struct world world =
        open_world("horizontal-linear", "\"rounds\":40,\"objective\":\"squared\",\"early_stopping_rounds\":2,\"learning_rate\":0.3", NULL);
    fate_model *models[PARTIES];
    const fate_table *const *tables = (const fate_table *const *)world.tables;
    fate_observer observer = {.struct_size = sizeof observer, .abi_version = FATE_ABI_VERSION, .metric = take_metric};
    assert_int_equal(fate_train_pooled(world.context, models, world.job, tables, tables, &observer), FATE_OK);
    assert_true(loss_of_round[0] < 40);
    free_models(models);
    close_world(&world);
}

static void test_refusals(void **state)
{
    (void)state;
    struct world world = open_world("horizontal-linear", "\"rounds\":2", NULL);
    struct world custom = open_world("horizontal-custom", "\"weights\":3", NULL);
    fate_model *models[PARTIES];
    const fate_table *const none[PARTIES] = {NULL, NULL, NULL};
    fate_table *other = make_table(world.context, 3, false, "c");
    const fate_table *const mixed[PARTIES] = {NULL, world.tables[1], other};
    assert_int_equal(fate_train_pooled(world.context, models, world.job, none, NULL, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_train_pooled(world.context, models, world.job, mixed, NULL, NULL), FATE_E_TABLE);
    assert_non_null(strstr(fate_context_error(world.context), "\"b\""));
    assert_null(models[0]);
    assert_int_equal(fate_train_pooled(custom.context, models, custom.job, (const fate_table *const *)custom.tables, NULL, NULL),
                     FATE_E_UNSUPPORTED);
    fate_table_free(other);
    close_world(&world);
    close_world(&custom);
}

static void test_memory(void **state)
{
    (void)state;
    struct test_allocator test;
    fate_allocator allocator = test_allocator(&test, -1);
    struct world world = open_world("horizontal-neural", "\"rounds\":1,\"hidden\":\"2\"", &allocator);
    for (long long fail = 0;; fail++) {
        fate_model *models[PARTIES];
        long long live = atomic_load(&test.live);
        test.fail = atomic_load(&test.calls) + fail;
        int32_t result = fate_train_pooled(world.context, models, world.job, (const fate_table *const *)world.tables, NULL, NULL);
        test.fail = -1;
        free_models(models);
        assert_true(atomic_load(&test.live) == live);
        if (result == FATE_OK) break;
        assert_int_equal(result, FATE_E_MEMORY);
    }
    close_world(&world);
}

static void columns_of_the_job(void **state)
{
    (void)state;
    fate_model *models[PARTIES] = {NULL};
    struct world world = open_world("horizontal-linear", "\"rounds\":1,\"columns\":\"b,a\"", NULL);
    assert_int_equal(fate_train_pooled(world.context, models, world.job, (const fate_table *const *)world.tables, NULL, NULL), FATE_OK);
    free_models(models);
    close_world(&world);
    world = open_world("horizontal-linear", "\"rounds\":1,\"columns\":\"b,a,c\"", NULL);
    memset(models, 0, sizeof models);
    assert_int_equal(fate_train_pooled(world.context, models, world.job, (const fate_table *const *)world.tables, NULL, NULL),
                     FATE_E_TABLE);
    assert_non_null(strstr(fate_context_error(world.context), "column c of the job"));
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(columns_of_the_job), cmocka_unit_test(test_learns), cmocka_unit_test(test_columns),
                                       cmocka_unit_test(test_goes_on),       cmocka_unit_test(test_stops),  cmocka_unit_test(test_refusals),
                                       cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
