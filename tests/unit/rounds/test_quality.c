/* How good models are that jobs train over rounds, with secure sums in fixed point, beside the same network trained on all rows by one client alone.
 * Data sets that are not here are skipped. Settings are those of tests/unit/horizontal/test_quality.c. */
#include "tests/support/rounds_world.h"

#include "tests/support/dealt_rows.h"
#include "tests/support/effort.h"

enum { CLIENTS_MOST = 50 };

static bool whole; /* all numbers of clients: for a minute and more */

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

/* Columns' names are in the order of the columns. */
static fate_table *table_of(fate_context *of, const struct examples *examples)
{
    fate_table *table;
    char name[16];
    uint64_t *offsets = calloc((size_t)examples->rows + 1, sizeof *offsets);
    double *values = calloc((size_t)examples->rows + 1, sizeof *values);
    char *ids = calloc((size_t)examples->rows + 1, 8);
    for (uint64_t row = 0; row < examples->rows; row++) {
        offsets[row + 1] = 7 * (row + 1);
        snprintf(ids + 7 * row, 8, "%07u", (unsigned)row % 10000000u);
    }
    assert_int_equal(fate_table_new(of, &table, examples->rows), FATE_OK);
    assert_int_equal(fate_table_set_ids(table, (const uint8_t *)ids, offsets), FATE_OK);
    for (uint32_t column = 0; column < examples->columns; column++) {
        for (uint64_t row = 0; row < examples->rows; row++) values[row] = (double)examples->inputs[row * examples->columns + column];
        snprintf(name, sizeof name, "c%03u", (unsigned)column);
        assert_int_equal(fate_table_add_numbers(table, name, values), FATE_OK);
    }
    for (uint64_t row = 0; row < examples->rows; row++) values[row] = (double)examples->labels[row];
    assert_int_equal(fate_table_set_label(table, values), FATE_OK);
    assert_int_equal(fate_table_finish(table), FATE_OK);
    free(offsets);
    free(values);
    free(ids);
    return table;
}

/* A whole job of so many clients, in the simulator. */
static void run_job(const struct network *network, const char *parameters, const struct examples *clients, uint32_t count, float *weights)
{
    struct rounds_world world = {0};
    uint64_t length;
    rounds_open(&world, count, network->hidden_count == 0 ? "horizontal-linear" : "horizontal-neural", parameters, 0, count, false);
    for (uint32_t party = 1; party <= count; party++) {
        world.tables[party] = table_of(world.context, &clients[party - 1]);
        assert_int_equal(fate_session_set_table(fate_simulator_session(world.simulator, party), FATE_TABLE_DATA, world.tables[party]),
                         FATE_OK);
    }
    rounds_run(&world, count);
    const double *values = rounds_weights(&world, 0, &length);
    assert_true(length == network_parameters(network));
    for (uint64_t i = 0; i < length; i++) weights[i] = (float)values[i];
    rounds_close(&world);
}

/* The same network by one client's work in one place: as many epochs as the job has rounds. */
static void train_pooled(const struct network *network, const struct examples *rows, uint32_t epochs, float *weights)
{
    struct training_options options = {.optimiser = {.kind = OPTIMISER_SGD}, .batch = 16, .epochs = 1};
    struct training_report report;
    uint64_t count = network_parameters(network);
    float *change = calloc((size_t)count, sizeof *change);
    network_initialise(network, weights, (const uint8_t[32]){3});
    for (uint32_t epoch = 0; epoch < epochs; epoch++) {
        struct training *training = NULL;
        const uint8_t key[32] = {(uint8_t)epoch};
        assert_int_equal(training_new(context, &training, network, &options, rows, 0.1, weights, NULL, NULL, key), FATE_OK);
        while (training_step(training)) continue;
        assert_int_equal(training_finish(training, change, NULL, &report), FATE_OK);
        for (uint64_t i = 0; i < count; i++) weights[i] += change[i];
        training_free(training);
    }
    free(change);
}

static void compare(const char *name, const struct network *network, const char *even, const char *skewed, const struct examples *rows,
                    const struct examples *test, double least)
{
    static const uint32_t counts[] = {3, 10, 50};
    float *weights = calloc((size_t)network_parameters(network), sizeof *weights);
    train_pooled(network, rows, 30, weights);
    double pooled = auc(network, weights, test);
    const uint32_t cases = whole ? 6 : network->hidden_count > 0 ? 2 : 4;
    for (uint32_t i = 0; i < cases; i++) {
        struct examples clients[CLIENTS_MOST];
        uint32_t count = counts[i / 2];
        deal(clients, count, rows, i % 2 == 1, 0.75);
        run_job(network, i % 2 == 1 ? skewed : even, clients, count, weights);
        double value = auc(network, weights, test);
        for (uint32_t client = 0; client < count; client++) release(&clients[client]);
        print_message("%s, %u clients, %s: auc %.4f, pooled %.4f\n", name, (unsigned)count, i % 2 == 1 ? "skewed" : "even", value, pooled);
        if (!(value >= pooled - least)) fail_msg("%s: more than %g below pooled", name, least);
    }
    free(weights);
}

static void compare_both(const char *name, const struct examples *rows, const struct examples *test)
{
    struct network logistic = {.inputs = rows->columns, .outputs = 1, .loss = NETWORK_LOGISTIC}, perceptron = logistic;
    char text[100];
    perceptron.hidden_count = 1;
    perceptron.hidden[0] = 16;
    perceptron.activation = NETWORK_TANH;
    snprintf(text, sizeof text, "%s, logistic", name);
    const char *average = ",\"standardise\":\"no\",\"batch\":16,\"rounds\":30";
    compare(text, &logistic, average, average, rows, test, 0.005);
    snprintf(text, sizeof text, "%s, perceptron", name);
    compare(text, &perceptron, ",\"standardise\":\"no\",\"batch\":16,\"rounds\":100,\"hidden\":\"16\",\"activation\":\"tanh\"",
            ",\"standardise\":\"no\",\"batch\":16,\"rounds\":300,\"hidden\":\"16\",\"activation\":\"tanh\",\"method\":\"scaffold\","
            "\"local_epochs\":0,\"local_steps\":20",
            rows, test, 0.01);
}

static void test_breast(void **state)
{
    (void)state;
    struct examples test, rows = read_breast(&test);
    if (rows.rows == 0) skip();
    compare_both("breast", &rows, &test);
    release(&rows);
    release(&test);
}

static void test_default_credit(void **state)
{
    (void)state;
    if (EFFORT_STRIDE > 1) skip();
    struct examples all = read_rows(directory, "default_credit_hetero_guest.csv", "default_credit_hetero_host.csv"), rows, test;
    if (all.rows == 0) skip();
    split(&rows, &test, &all);
    compare_both("default_credit", &rows, &test);
    release(&all);
    release(&rows);
    release(&test);
}

/* "all" as argument: 50 clients too, and perceptrons of 10 and 50. */
int main(int count, char **arguments)
{
    whole = count > 1 && strcmp(arguments[1], "all") == 0;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_breast), cmocka_unit_test(test_default_credit)};
    return cmocka_run_group_tests(tests, start, stop);
}
