/* How good models are that jobs train over rounds, with secure sums in fixed point, beside the same network trained on all rows by one client alone.
 * Data sets that are not here are skipped. */
#include "tests/support/rounds_world.h"

#include "tests/support/dealt_rows.h"
#include "tests/support/effort.h"
#include "tests/support/quality_lengths.h"

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

/* The same network by one client's work in one place. */
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

static void compare(const char *name, const struct network *network, const struct quality_lengths *lengths, const char *parameters,
                    const struct examples *rows, const struct examples *test, double least)
{
    static const uint32_t counts[] = {3, 10, 50};
    float *weights = calloc((size_t)network_parameters(network), sizeof *weights);
    train_pooled(network, rows, lengths->pooled, weights);
    double pooled = auc(network, weights, test);
    const uint32_t cases = whole ? 6 : network->hidden_count > 0 ? 2 : 4;
    for (uint32_t i = 0; i < cases; i++) {
        struct examples clients[CLIENTS_MOST];
        char text[300];
        uint32_t count = counts[i / 2];
        bool skewed = i % 2 == 1;
        snprintf(text, sizeof text, ",\"standardise\":\"no\",\"batch\":16,\"rounds\":%u%s%s",
                 (unsigned)(skewed ? lengths->skewed : lengths->even), parameters,
                 skewed && network->hidden_count > 0 ? ",\"method\":\"scaffold\",\"local_epochs\":0,\"local_steps\":20" : "");
        deal(clients, count, rows, skewed, 0.75);
        run_job(network, text, clients, count, weights);
        double value = auc(network, weights, test);
        for (uint32_t client = 0; client < count; client++) release(&clients[client]);
        print_message("%s, %u clients, %s: auc %.4f, pooled %.4f\n", name, (unsigned)count, skewed ? "skewed" : "even", value, pooled);
        if (!(value >= pooled - least)) fail_msg("%s: more than %g below pooled", name, least);
    }
    free(weights);
}

static void compare_both(const char *name, const struct quality_lengths lengths[2], const struct examples *rows,
                         const struct examples *test)
{
    struct network logistic = {.inputs = rows->columns, .outputs = 1, .loss = NETWORK_LOGISTIC}, perceptron = logistic;
    char text[100];
    perceptron.hidden_count = 1;
    perceptron.hidden[0] = 16;
    perceptron.activation = NETWORK_TANH;
    snprintf(text, sizeof text, "%s, logistic", name);
    compare(text, &logistic, &lengths[0], "", rows, test, 0.005);
    snprintf(text, sizeof text, "%s, perceptron", name);
    compare(text, &perceptron, &lengths[1], ",\"hidden\":\"16\",\"activation\":\"tanh\"", rows, test, 0.01);
}

static void test_breast(void **state)
{
    (void)state;
    struct examples test, rows = read_breast(&test);
    if (rows.rows == 0) skip();
    compare_both("breast", breast_lengths, &rows, &test);
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
    compare_both("default_credit", credit_lengths, &rows, &test);
    release(&all);
    release(&rows);
    release(&test);
}

/* Ten clients with about two digits each, as FedAvg trains by default; inputs lie in -1 to 1. */
static void test_digits(void **state)
{
    (void)state;
    struct examples all = read_rows("examples/data/", "digits.csv", NULL), rows, test, clients[10];
    if (all.rows == 0) skip();
    for (uint64_t i = 0; i < all.rows * all.columns; i++) all.inputs[i] = all.inputs[i] / 8 - 1;
    split(&rows, &test, &all);
    deal(clients, 10, &rows, true, 0.5);
    struct network network = {
        .inputs = 64, .outputs = 10, .loss = NETWORK_SOFTMAX, .hidden_count = 1, .hidden = {32}, .activation = NETWORK_TANH};
    struct training_measure measure;
    float *weights = calloc((size_t)network_parameters(&network), sizeof *weights);
    run_job(&network,
            ",\"objective\":\"softmax\",\"classes\":10,\"standardise\":\"no\",\"batch\":16,\"rounds\":50,\"hidden\":\"32\","
            "\"activation\":\"tanh\"",
            clients, 10, weights);
    assert_int_equal(training_evaluate(context, &measure, &network, weights, &test), FATE_OK);
    print_message("digits, 10 clients, skewed: accuracy %.4f after 50 rounds\n", measure.right / measure.weight);
    assert_true(measure.right / measure.weight >= 0.93);
    for (uint32_t client = 0; client < 10; client++) release(&clients[client]);
    free(weights);
    release(&all);
    release(&rows);
    release(&test);
}

/* "all" as argument: 50 clients too, and perceptrons of 10 and 50. */
int main(int count, char **arguments)
{
    whole = count > 1 && strcmp(arguments[1], "all") == 0;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_breast), cmocka_unit_test(test_default_credit), cmocka_unit_test(test_digits)};
    return cmocka_run_group_tests(tests, start, stop);
}
