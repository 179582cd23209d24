/* Statistics of columns over many clients: equal to those of the pooled rows. */
#include "src/models/rounds/statistics.h"

#include "tests/support/rounds_world.h"

static void keys_are_in_order(void **state)
{
    (void)state;
    const double values[] = {-1e300, -2, -1.5, -1e-300, 0, 1e-310, 1, 1.0000000001, 3e200};
    for (int i = 0; i < 9; i++) {
        assert_true(statistics_value(statistics_key(values[i])) == values[i]);
        for (int j = 0; j < 9; j++) assert_true((values[i] < values[j]) == (statistics_key(values[i]) < statistics_key(values[j])));
    }
    assert_true(statistics_key(-0.0) == statistics_key(0.0));
    assert_true(statistics_place(0, 64, 15) == UINT64_MAX && statistics_place(32, 4, 0) == 32);
}

static const double *result_of(struct rounds_world *world, uint32_t party, const char *name)
{
    const double *values;
    uint64_t count;
    assert_int_equal(fate_session_result(fate_simulator_session(world->simulator, party), name, &values, &count), FATE_OK);
    assert_true(count == 2);
    return values;
}

static int compare(const void *one, const void *other)
{
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

/* All clients' values of a column, sorted. */
static uint64_t pool(const struct rounds_world *world, const char *name, double *out)
{
    uint64_t count = 0;
    for (uint32_t client = 1; client <= world->clients; client++)
        for (uint32_t column = 0; column < 2; column++)
            if (strcmp(fate_table_column_name(world->tables[client], column), name) == 0)
                for (uint64_t row = 0; row < fate_table_rows(world->tables[client]); row++)
                    out[count++] = fate_table_numbers(world->tables[client], column)[row];
    qsort(out, count, sizeof *out, compare);
    return count;
}

static void check_column(struct rounds_world *world, uint32_t column, double tolerance)
{
    double values[2000], mean = 0, variance = 0, bins = 0;
    uint64_t count = pool(world, column == 0 ? "x" : "y", values);
    for (uint64_t i = 0; i < count; i++) mean += values[i] / (double)count;
    for (uint64_t i = 0; i < count; i++) variance += (values[i] - mean) * (values[i] - mean) / (double)count;
    assert_true(result_of(world, 0, "count")[column] == (double)count);
    assert_true(fabs(result_of(world, 1, "mean")[column] - mean) <= 1e-6 * fabs(values[count - 1]));
    assert_true(fabs(result_of(world, 2, "variance")[column] - variance) <= 1e-5 * (variance + 1e-3 * mean * mean));
    const char *const names[] = {"minimum", "quantile 0.1", "quantile 0.5", "maximum"};
    const uint64_t places[] = {0, (uint64_t)ceil(0.1 * (double)count) - 1, (uint64_t)ceil(0.5 * (double)count) - 1, count - 1};
    for (int i = 0; i < 4; i++) {
        double found = result_of(world, 0, names[i])[column];
        assert_true(fabs(found - values[places[i]]) <= tolerance * fabs(values[places[i]]));
        assert_true(i != 0 || found <= values[0]);
        assert_true(i != 3 || found >= values[count - 1]);
    }
    for (int bin = 1; bin <= 5; bin++) {
        char name[16];
        snprintf(name, sizeof name, "bin %d", bin);
        bins += result_of(world, 0, name)[column];
    }
    assert_true(bins == (double)count);
}

static void equal_the_pooled_rows(void **state)
{
    (void)state;
    const uint32_t resolutions[] = {64, 20, 33};
    const double tolerances[] = {0, 1.0 / 128, 1.0 / (1 << 20)};
    for (uint32_t i = 0; i < 3; i++) {
        struct rounds_world world = {0};
        char parameters[120];
        snprintf(parameters, sizeof parameters, ",\"quantiles\":\"0.1, 0.5\",\"bins\":5,\"resolution\":%u%s", (unsigned)resolutions[i],
                 i == 1 ? ",\"trust\":\"lying\"" : "");
        rounds_open(&world, 4, "horizontal-statistics", parameters, 50, i, i == 2);
        rounds_run(&world, i);
        for (uint32_t column = 0; column < 2; column++) check_column(&world, column, tolerances[i]);
        rounds_close(&world);
    }
}

/* Where the job names the columns, a client with others leaves, whether it comes first or last, and the rest are counted. */
static void columns_of_the_job(void **state)
{
    (void)state;
    for (uint32_t wrong = 1; wrong <= 4; wrong += 3) {
        struct rounds_world world = {0};
        const double values[] = {3, 4};
        const uint64_t offsets[] = {0, 1, 2};
        fate_table *other;
        rounds_open(&world, 4, "horizontal-statistics", ",\"columns\":\"y,x\",\"bins\":0,\"quantiles\":\"\"", 50, 2, false);
        assert_int_equal(fate_table_new(world.context, &other, 2), FATE_OK);
        assert_int_equal(fate_table_set_ids(other, (const uint8_t *)"ab", offsets), FATE_OK);
        assert_int_equal(fate_table_add_numbers(other, "x", values), FATE_OK);
        assert_int_equal(fate_table_add_numbers(other, "z", values), FATE_OK);
        assert_int_equal(fate_table_finish(other), FATE_OK);
        assert_int_equal(fate_session_set_table(fate_simulator_session(world.simulator, wrong), FATE_TABLE_DATA, other), FATE_OK);
        (void)fate_simulator_run(world.simulator, 1000000);
        double rows = 0;
        for (uint32_t party = 0; party <= 4; party++) {
            assert_int_equal(fate_simulator_outcome(world.simulator, party), party == wrong ? FATE_E_TABLE : FATE_FINISHED);
            if (party > 0 && party != wrong) rows += (double)fate_table_rows(world.tables[party]);
        }
        assert_non_null(strstr(fate_session_error(fate_simulator_session(world.simulator, wrong)), "column z is none of the job's"));
        for (int column = 0; column < 2; column++) assert_true(result_of(&world, 0, "count")[column] == rows);
        rounds_close(&world);
        fate_table_free(other);
    }
}

static void shown_as_text(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    fate_model *model;
    char *text;
    rounds_open(&world, 2, "horizontal-statistics", ",\"bins\":0,\"quantiles\":\"\"", 30, 1, false);
    rounds_run(&world, 1);
    assert_int_equal(fate_session_model(fate_simulator_session(world.simulator, 1), &model), FATE_OK);
    assert_int_equal(fate_model_dump(world.context, (const fate_model *const *)&model, 1, "json", &text), FATE_OK);
    assert_non_null(strstr(text, "\"kind\": \"statistics\""));
    assert_non_null(strstr(text, "\"count\": [61, 61]"));
    fate_free(world.context, text);
    fate_model_free(model);
    rounds_close(&world);
}

static void refused_jobs(void **state)
{
    (void)state;
    const char *const wrong[] = {"\"quantiles\":\"1\"", "\"quantiles\":\"0.5;0.6\"", "\"ring_bits\":32,\"examples_bound\":1e10"};
    for (int i = 0; i < 3; i++) {
        fate_context *context;
        fate_simulator *simulator;
        char text[400];
        assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
        snprintf(
            text, sizeof text,
            "{\"algorithm\":\"horizontal-statistics\",\"id\":\"id\",\"parties\":[{\"name\":\"a\",\"role\":\"aggregator\"},{\"name\":\"b\","
            "\"role\":\"client\"},{\"name\":\"c\",\"role\":\"client\"}],\"parameters\":{%s}}",
            wrong[i]);
        assert_int_equal(fate_simulator_new(context, &simulator, text, FATE_PURPOSE_TRAIN, 1), FATE_E_JOB);
        fate_context_free(context);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(keys_are_in_order), cmocka_unit_test(equal_the_pooled_rows),
                                       cmocka_unit_test(columns_of_the_job), cmocka_unit_test(shown_as_text),
                                       cmocka_unit_test(refused_jobs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
