/* Training over rounds, whole jobs in the simulator: what comes of it, whoever vanishes and returns. */
#include "src/models/rounds/protocol.h"

#include "tests/support/effort.h"
#include "tests/support/rounds_simulate.h"

/* How many of a client's rows the final linear model puts right; columns were standardised. */
static double accuracy(struct rounds_world *world, uint32_t client)
{
    const fate_table *table = world->tables[client];
    uint64_t count, right = 0;
    const double *weights = rounds_weights(world, client, &count), *label = fate_table_label(table);
    assert_true(count == 3);
    for (uint64_t row = 0; row < fate_table_rows(table); row++) {
        double margin = weights[2];
        for (uint32_t column = 0; column < 2; column++) {
            bool x = fate_table_column_name(table, column)[0] == 'x';
            double value = fate_table_numbers(table, column)[row];
            margin += weights[x ? 0 : 1] * (x ? (value - 1000) / (50 / sqrt(3)) : value / (0.001 / sqrt(3)));
        }
        right += (margin > 0) == (label[row] > 0.5);
    }
    return (double)right / (double)fate_table_rows(table);
}

static void models_fit(void **state)
{
    (void)state;
    const char *const parameters[] = {
        ",\"rounds\":10,\"learning_rate\":0.5", ",\"rounds\":10,\"learning_rate\":0.5,\"trust\":\"lying\",\"method\":\"scaffold\"",
        ",\"rounds\":15,\"optimiser\":\"adam\",\"method\":\"adam\",\"server_rate\":0.1,\"ring_bits\":32,\"examples_bound\":999,\"bound\":9",
        ",\"rounds\":10,\"proximal\":0.1,\"momentum\":0.9,\"server_momentum\":0.5,\"local_epochs\":0,\"local_steps\":4"};
    for (uint64_t i = 0; i < 4; i++) {
        struct rounds_world world = {0};
        rounds_open(&world, 3, "horizontal-linear", parameters[i], 300, i, i % 2 == 0);
        rounds_run(&world, i);
        for (uint32_t client = 1; client <= 3; client++) {
            if (accuracy(&world, client) <= 0.93) print_error("%d: %f\n", (int)i, accuracy(&world, client));
            assert_true(accuracy(&world, client) > 0.93);
        }
        rounds_close(&world);
    }
}

/* All parties end with the same weights; equal jobs give equal weights, whatever the network did, if nobody was left out of a round. */
static void equal_everywhere(void **state)
{
    (void)state;
    double before[3] = {0};
    for (uint64_t seed = 0; seed < 4; seed++) {
        struct rounds_world world = {0};
        rounds_open(&world, 4, "horizontal-neural", ",\"rounds\":3,\"hidden\":\"3\",\"seed\":4", 50, seed, seed > 1);
        fate_simulator_set(world.simulator, "delay_most", seed * 20);
        fate_simulator_set(world.simulator, "loss", seed * 10000);
        rounds_run(&world, seed);
        uint64_t count, other;
        const double *own = rounds_weights(&world, 0, &count);
        assert_true(count == 13);
        for (uint32_t client = 1; client <= 4; client++) {
            const double *theirs = rounds_weights(&world, client, &other);
            assert_true(other == count);
            assert_memory_equal(own, theirs, count * sizeof *own);
        }
        if (seed > 0) assert_memory_equal(own, before, sizeof before);
        memcpy(before, own, sizeof before);
        rounds_close(&world);
    }
}

/* Each round moves every weight a tenth of the way to the mean of the clients' numbers. */
static void own_training(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    rounds_open(&world, 4, "horizontal-custom", ",\"rounds\":5,\"weights\":6", 0, 3, true);
    rounds_run(&world, 3);
    uint64_t count;
    const double *weights = rounds_weights(&world, 2, &count);
    assert_true(count == 6);
    for (uint64_t i = 0; i < count; i++) {
        double expected = (double)i;
        for (int round = 0; round < 5; round++) expected += (2.5 - expected) / 10;
        assert_true(fabs(weights[i] - expected) < 1e-5);
    }
    rounds_close(&world);
}

/* `make simulate-rounds` runs a thousand. */
static void bad_networks(void **state)
{
    (void)state;
    char sentence[1000];
    uint32_t killed = 0;
    for (uint64_t seed = 0; seed < 24; seed += EFFORT_FEWER)
        if (!rounds_simulate(seed, sentence, sizeof sentence, &killed)) fail_msg("%s", sentence);
    assert_true(killed > 24 / EFFORT_FEWER);
}

static bool in_third_round(const struct asker *asker)
{
    return asker->question >= 6 && asker->aggregator.stage == STAGE_UPLOAD;
}

static bool in_fifth_round(const struct asker *asker)
{
    return asker->question >= 8;
}

/* A client vanishes in the middle of a round; the others go on; it comes back without its state and takes part again. */
static void vanishes_and_returns(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    rounds_open(&world, 4, "horizontal-linear", ",\"rounds\":30", 60, 5, false);
    assert_true(rounds_run_until(&world, in_third_round));
    assert_int_equal(fate_simulator_stop(world.simulator, 2), FATE_OK);
    assert_true(rounds_run_until(&world, in_fifth_round));
    assert_false(rounds_asker(&world)->aggregator.members.items[2].joined);
    assert_int_equal(fate_simulator_restart(world.simulator, 2), FATE_OK);
    rounds_run(&world, 5);
    assert_int_equal(fate_simulator_outcome(world.simulator, 2), FATE_FINISHED);
    uint64_t count;
    const double *weights = rounds_weights(&world, 2, &count);
    assert_memory_equal(weights, rounds_weights(&world, 0, &count), count * sizeof *weights);
    rounds_close(&world);
}

static void many_clients(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    rounds_open(&world, 1000 / EFFORT_FEWER, "horizontal-custom",
                ",\"rounds\":1,\"weights\":50,\"client_share\":0.8,\"corrupt\":0.01,\"dropout\":0.02", 0, 7, false);
    rounds_run(&world, 7);
    rounds_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(models_fit),   cmocka_unit_test(equal_everywhere),
                                       cmocka_unit_test(own_training), cmocka_unit_test(vanishes_and_returns),
                                       cmocka_unit_test(bad_networks), cmocka_unit_test(many_clients)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
