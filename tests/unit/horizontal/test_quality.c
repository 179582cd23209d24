/* How good models are that many clients train together, beside the same models trained on all rows at once: averages of clients' updates in one
 * process, with rows dealt evenly and skewed by label. Data sets that are not here are skipped. */
#include "tests/support/dealt_rows.h"
#include "tests/support/effort.h"
#include "tests/support/quality_lengths.h"

#include "lib/random.h"
#include "src/models/horizontal/schedule.h"
#include "src/models/horizontal/server.h"

enum { CLIENTS_MOST = 50, CHOOSING_CLIENTS = 10 };

static bool whole; /* lengths are chosen again: for a minute and more */

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

/* ---- training ---- */

struct plan {
    struct network network;
    struct training_options options;
    struct server_options server;
    double rate;
    uint32_t rounds;
};

static struct plan logistic(uint32_t columns)
{
    struct plan plan = {.network = {.inputs = columns, .outputs = 1, .loss = NETWORK_LOGISTIC}, .rate = 0.1, .rounds = 30};
    plan.options = (struct training_options){.optimiser = {.kind = OPTIMISER_SGD}, .batch = 16, .epochs = 1};
    plan.server = (struct server_options){.method = SERVER_AVERAGE, .learning_rate = 1};
    return plan;
}

static struct plan perceptron(uint32_t columns)
{
    struct plan plan = logistic(columns);
    plan.network.hidden_count = 1;
    plan.network.hidden[0] = 16;
    plan.network.activation = NETWORK_TANH;
    return plan;
}

/* Where clients have one label alone, averages of a network's updates lose by it: control variates, and more rounds of fewer steps. */
static struct plan scaffold(struct plan plan)
{
    plan.options.scaffold = true;
    plan.options.epochs = 0;
    plan.options.steps = 20;
    plan.server.method = SERVER_SCAFFOLD;
    return plan;
}

static void round_of(const struct plan *plan, const struct examples *client, const struct server *server, float *own, uint32_t round,
                     uint32_t number, float *change)
{
    struct training *training = NULL;
    struct training_report report;
    uint64_t count = network_parameters(&plan->network);
    bool scaffold = plan->options.scaffold;
    uint8_t key[32] = {(uint8_t)round, (uint8_t)number};
    assert_int_equal(training_new(context, &training, &plan->network, &plan->options, client, plan->rate, server->broadcast,
                                  scaffold ? server->broadcast + count : NULL, own, key),
                     FATE_OK);
    while (training_step(training)) continue;
    assert_int_equal(training_finish(training, change, scaffold ? change + count : NULL, &report), FATE_OK);
    for (uint64_t i = 0; i < count && scaffold; i++) own[i] += change[count + i];
    training_free(training);
}

/* What a model is worth on held-out rows after so many rounds of one training. */
struct course {
    const struct examples *held;
    double values[sizeof LENGTHS / sizeof *LENGTHS];
};

static void follow(struct course *course, const struct plan *plan, const float *weights, uint32_t rounds)
{
    for (uint32_t i = 0; i < sizeof LENGTHS / sizeof *LENGTHS; i++)
        if (rounds == LENGTHS[i]) course->values[i] = auc(&plan->network, weights, course->held);
}

/* Trains with these clients; weights: out. course: or NULL. */
static void train(const struct plan *plan, const struct examples *clients, uint32_t client_count, float *weights, struct course *course)
{
    uint64_t count = network_parameters(&plan->network), length = 2 * count, all = 0;
    struct server server;
    float *change = calloc((size_t)length, sizeof *change), *own = calloc((size_t)(count * client_count), sizeof *own);
    double *mean = calloc((size_t)length, sizeof *mean);
    const uint8_t key[32] = {3};
    network_initialise(&plan->network, weights, key);
    assert_int_equal(server_init(&server, context, &plan->server, weights, count), FATE_OK);
    for (uint32_t client = 0; client < client_count; client++) all += clients[client].rows;
    for (uint32_t round = 0; round < plan->rounds; round++) {
        memset(mean, 0, (size_t)length * sizeof *mean);
        for (uint32_t client = 0; client < client_count; client++) {
            round_of(plan, &clients[client], &server, own + client * count, round, client, change);
            for (uint64_t i = 0; i < length; i++) mean[i] += (double)change[i] * (double)clients[client].rows / (double)all;
        }
        assert_int_equal(server_apply(&server, mean, 1), FATE_OK);
        if (course != NULL) follow(course, plan, server.broadcast, round + 1);
    }
    memcpy(weights, server.broadcast, (size_t)count * sizeof *weights);
    server_free(&server);
    free(change);
    free(own);
    free(mean);
}

static double trained_auc(const struct plan *plan, const struct examples *clients, uint32_t count, const struct examples *test)
{
    float *weights = calloc((size_t)network_parameters(&plan->network), sizeof *weights);
    train(plan, clients, count, weights, NULL);
    double value = auc(&plan->network, weights, test);
    free(weights);
    return value;
}

/* ---- lengths ---- */

static uint32_t choose(const char *name, struct plan plan, const struct examples *clients, uint32_t count, const struct examples *held)
{
    struct course course = {.held = held};
    float *weights = calloc((size_t)network_parameters(&plan.network), sizeof *weights);
    uint32_t best = 0;
    plan.rounds = LENGTHS[sizeof LENGTHS / sizeof *LENGTHS - 1];
    train(&plan, clients, count, weights, &course);
    for (uint32_t i = 0; i < sizeof LENGTHS / sizeof *LENGTHS; i++) {
        if (course.values[i] > course.values[best]) best = i;
        print_message("%s: held-out auc %.4f after %u\n", name, course.values[i], (unsigned)LENGTHS[i]);
    }
    free(weights);
    return LENGTHS[best];
}

/* Holds the lengths that stand in the header against those that the training rows alone would choose. */
static void choose_lengths(const struct quality_lengths *lengths, const struct plan *even, const struct plan *skewed,
                           const struct examples *rows)
{
    struct examples fitted, held, clients[CHOOSING_CLIENTS];
    uint32_t found[3];
    split(&fitted, &held, rows);
    found[0] = choose("pooled", *even, &fitted, 1, &held);
    for (uint32_t i = 0; i < 2; i++) {
        deal(clients, CHOOSING_CLIENTS, &fitted, i == 1, 0.75);
        found[1 + i] = choose(i == 1 ? "skewed" : "even", i == 1 ? *skewed : *even, clients, CHOOSING_CLIENTS, &held);
        for (uint32_t client = 0; client < CHOOSING_CLIENTS; client++) release(&clients[client]);
    }
    release(&fitted);
    release(&held);
    assert_int_equal(found[0], lengths->pooled);
    assert_int_equal(found[1], lengths->even);
    assert_int_equal(found[2], lengths->skewed);
}

/* Plans with 3, 10 and 50 clients, even and skewed, must not be worse than the pooled one by more than `least`. */
static void compare(const char *name, const struct quality_lengths *lengths, struct plan even, struct plan skewed,
                    const struct examples *rows, const struct examples *test, double least)
{
    static const uint32_t counts[] = {3, 10, 50};
    if (whole) choose_lengths(lengths, &even, &skewed, rows);
    even.rounds = lengths->pooled;
    double pooled = trained_auc(&even, rows, 1, test);
    even.rounds = lengths->even;
    skewed.rounds = lengths->skewed;
    for (uint32_t i = 0; i < 6; i++) {
        struct examples clients[CLIENTS_MOST];
        uint32_t count = counts[i / 2];
        deal(clients, count, rows, i % 2 == 1, 0.75);
        double value = trained_auc(i % 2 == 1 ? &skewed : &even, clients, count, test);
        for (uint32_t client = 0; client < count; client++) release(&clients[client]);
        print_message("%s, %u clients, %s: auc %.4f, pooled %.4f\n", name, (unsigned)count, i % 2 == 1 ? "skewed" : "even", value, pooled);
        if (!(value >= pooled - least)) fail_msg("%s: more than %g below pooled", name, least);
    }
}

static void compare_both(const char *name, const struct quality_lengths lengths[2], const struct examples *rows,
                         const struct examples *test)
{
    struct plan linear = logistic(rows->columns), network = perceptron(rows->columns);
    char both[2][100];
    snprintf(both[0], sizeof both[0], "%s, logistic", name);
    snprintf(both[1], sizeof both[1], "%s, perceptron", name);
    compare(both[0], &lengths[0], linear, linear, rows, test, 0.005);
    if (EFFORT_STRIDE > 1) return;
    compare(both[1], &lengths[1], network, scaffold(network), rows, test, 0.01);
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
    struct examples all = read_rows(directory, "default_credit_hetero_guest.csv", "default_credit_hetero_host.csv"), rows, test;
    if (all.rows == 0) skip();
    split(&rows, &test, &all);
    compare_both("default_credit", credit_lengths, &rows, &test);
    release(&all);
    release(&rows);
    release(&test);
}

/* Ten clients with about two digits each. */
static void digits(const char *name, const struct plan *plan, const struct examples *rows, const struct examples *test)
{
    struct examples clients[10];
    struct training_measure measure;
    float *weights = calloc((size_t)network_parameters(&plan->network), sizeof *weights);
    deal(clients, 10, rows, true, 0.5);
    train(plan, clients, 10, weights, NULL);
    assert_int_equal(training_evaluate(context, &measure, &plan->network, weights, test), FATE_OK);
    print_message("digits, %s: accuracy %.4f after %u rounds\n", name, measure.right / measure.weight, (unsigned)plan->rounds);
    for (uint32_t client = 0; client < 10; client++) release(&clients[client]);
    free(weights);
    assert_true(measure.right / measure.weight >= 0.93);
}

static void test_digits(void **state)
{
    (void)state;
    struct examples all = read_rows("examples/data/", "digits.csv", NULL), rows, test;
    if (all.rows == 0) skip();
    for (uint64_t i = 0; i < all.rows * all.columns; i++) all.inputs[i] = all.inputs[i] / 8 - 1;
    split(&rows, &test, &all);
    struct plan plan = perceptron(64);
    plan.network.loss = NETWORK_SOFTMAX;
    plan.network.outputs = 10;
    plan.network.hidden[0] = 32;
    plan.rounds = 50;
    digits("FedAvg", &plan, &rows, &test);
    plan.options.proximal = 0.1;
    digits("FedProx", &plan, &rows, &test);
    plan.options.proximal = 0;
    plan.options.scaffold = true;
    plan.server.method = SERVER_SCAFFOLD;
    digits("SCAFFOLD", &plan, &rows, &test);
    plan.options.scaffold = false;
    plan.server = (struct server_options){.method = SERVER_ADAM, .learning_rate = 0.03, .beta1 = 0.9, .beta2 = 0.99, .adaptivity = 1e-3};
    digits("FedAdam", &plan, &rows, &test);
    release(&all);
    release(&rows);
    release(&test);
}

/* "all" as argument: lengths are chosen again. */
int main(int count, char **arguments)
{
    whole = count > 1 && strcmp(arguments[1], "all") == 0;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_breast), cmocka_unit_test(test_default_credit), cmocka_unit_test(test_digits)};
    return cmocka_run_group_tests(tests, start, stop);
}
