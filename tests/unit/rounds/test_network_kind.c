/* Networks as a kind of model: clients whose columns differ, tables that do not fit, an earlier model of another shape. */
#include "src/models/rounds/network_kind.h"

#include "tests/support/rounds_world.h"

static fate_table *other_table(fate_context *context, bool label)
{
    fate_table *table;
    const uint64_t offsets[] = {0, 1, 2};
    const double values[] = {1, 0};
    assert_int_equal(fate_table_new(context, &table, 2), FATE_OK);
    assert_int_equal(fate_table_set_ids(table, (const uint8_t *)"ab", offsets), FATE_OK);
    assert_int_equal(fate_table_add_numbers(table, "x", values), FATE_OK);
    assert_int_equal(fate_table_add_numbers(table, label ? "z" : "y", values), FATE_OK);
    if (label) assert_int_equal(fate_table_set_label(table, values), FATE_OK);
    assert_int_equal(fate_table_finish(table), FATE_OK);
    return table;
}

/* The first client that comes decides; the other one is told, and the others go on. */
static void other_columns(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    rounds_open(&world, 4, "horizontal-linear", ",\"rounds\":2", 20, 2, false);
    fate_table *other = other_table(world.context, true);
    assert_int_equal(fate_session_set_table(fate_simulator_session(world.simulator, 4), FATE_TABLE_DATA, other), FATE_OK);
    rounds_run(&world, 2);
    assert_non_null(strstr(fate_session_error(fate_simulator_session(world.simulator, 4)), "other columns"));
    rounds_close(&world);
    fate_table_free(other);
}

/* Where the job names the columns, it does not matter who comes first. */
static void columns_of_the_job(void **state)
{
    (void)state;
    for (uint32_t wrong = 1; wrong <= 4; wrong += 3) {
        struct rounds_world world = {0};
        rounds_open(&world, 4, "horizontal-linear", ",\"rounds\":2,\"columns\":\"y,x\"", 20, 2, false);
        fate_table *other = other_table(world.context, true);
        assert_int_equal(fate_session_set_table(fate_simulator_session(world.simulator, wrong), FATE_TABLE_DATA, other), FATE_OK);
        (void)fate_simulator_run(world.simulator, 1000000);
        for (uint32_t party = 0; party <= 4; party++)
            assert_int_equal(fate_simulator_outcome(world.simulator, party), party == wrong ? FATE_E_TABLE : FATE_FINISHED);
        assert_non_null(strstr(fate_session_error(fate_simulator_session(world.simulator, wrong)), "column z is none of the job's"));
        rounds_close(&world);
        fate_table_free(other);
    }
}

static void without_labels(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    rounds_open(&world, 3, "horizontal-linear", ",\"rounds\":2", 20, 2, false);
    fate_table *other = other_table(world.context, false);
    assert_int_equal(fate_session_set_table(fate_simulator_session(world.simulator, 3), FATE_TABLE_DATA, other), FATE_OK);
    (void)fate_simulator_run(world.simulator, 1000000);
    assert_int_equal(fate_simulator_outcome(world.simulator, 3), FATE_E_TABLE);
    rounds_close(&world);
    fate_table_free(other);
}

/* The final weights of a small job of three clients; count: out. All parties have the same. */
static double *weights_of(const char *algorithm, const char *options, uint64_t *count)
{
    struct rounds_world world = {0};
    char text[300];
    uint64_t same;
    snprintf(text, sizeof text, ",\"rounds\":3%s", options);
    rounds_open(&world, 3, algorithm, text, 40, 5, false);
    rounds_run(&world, 3);
    const double *values = rounds_weights(&world, 0, count);
    double *copy = calloc((size_t)*count, sizeof *copy);
    memcpy(copy, values, (size_t)*count * sizeof *copy);
    for (uint32_t party = 1; party <= 3; party++) {
        values = rounds_weights(&world, party, &same);
        assert_true(same == *count);
        assert_memory_equal(values, copy, (size_t)*count * sizeof *copy);
    }
    for (uint64_t i = 0; i < *count; i++) assert_true(isfinite(copy[i]));
    rounds_close(&world);
    return copy;
}

/* Whole jobs with each option: they end, all parties have one model, and the option changes it. */
static void every_option(void **state)
{
    (void)state;
    static const struct {
        const char *algorithm, *options;
    } cases[] = {
        {"horizontal-linear", ""},
        {"horizontal-linear", ",\"objective\":\"squared\""},
        {"horizontal-linear", ",\"objective\":\"huber\",\"huber_delta\":0.3"},
        {"horizontal-linear", ",\"objective\":\"poisson\""},
        {"horizontal-linear", ",\"objective\":\"softmax\",\"classes\":2"},
        {"horizontal-linear", ",\"l1\":0.01"},
        {"horizontal-linear", ",\"l2\":0.1"},
        {"horizontal-linear", ",\"momentum\":0.9"},
        {"horizontal-linear", ",\"optimiser\":\"adam\""},
        {"horizontal-linear", ",\"local_epochs\":2"},
        {"horizontal-linear", ",\"local_epochs\":0,\"local_steps\":1"},
        {"horizontal-linear", ",\"batch\":8"},
        {"horizontal-linear", ",\"proximal\":0.5,\"local_epochs\":3"},
        {"horizontal-linear", ",\"method\":\"adam\",\"server_rate\":0.1"},
        {"horizontal-linear", ",\"method\":\"scaffold\",\"batch\":4"},
        {"horizontal-linear", ",\"server_momentum\":0.5"},
        {"horizontal-linear", ",\"schedule\":\"step\",\"schedule_rounds\":1"},
        {"horizontal-linear", ",\"schedule\":\"cosine\""},
        {"horizontal-linear", ",\"schedule\":\"inverse\",\"schedule_factor\":0.5"},
        {"horizontal-linear", ",\"standardise\":\"no\",\"learning_rate\":0.000001"},
        {"horizontal-neural", ",\"hidden\":\"4\""},
        {"horizontal-neural", ",\"hidden\":\"4\",\"activation\":\"tanh\""},
        {"horizontal-neural", ",\"hidden\":\"4\",\"activation\":\"sigmoid\""},
        {"horizontal-neural", ",\"hidden\":\"4\",\"activation\":\"gelu\""},
        {"horizontal-neural", ",\"hidden\":\"4\",\"hidden_dropout\":0.5"},
        {"horizontal-neural", ",\"hidden\":\"4\",\"layer_norm\":\"yes\""},
        {"horizontal-neural", ",\"hidden\":\"4\",\"objective\":\"softmax\",\"classes\":2"},
        {"horizontal-neural", ",\"hidden\":\"4\",\"objective\":\"huber\""},
        {"horizontal-neural", ",\"hidden\":\"4 3\""},
    };
    enum { CASES = sizeof cases / sizeof cases[0] };
    double *weights[CASES];
    uint64_t counts[CASES];
    for (size_t i = 0; i < CASES; i++) {
        print_message("%s %s\n", cases[i].algorithm, cases[i].options);
        weights[i] = weights_of(cases[i].algorithm, cases[i].options, &counts[i]);
        for (size_t j = 0; j < i; j++)
            assert_true(counts[i] != counts[j] || memcmp(weights[i], weights[j], (size_t)counts[i] * sizeof(double)) != 0);
    }
    for (size_t i = 0; i < CASES; i++) free(weights[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(other_columns), cmocka_unit_test(columns_of_the_job),
                                       cmocka_unit_test(every_option), cmocka_unit_test(without_labels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
