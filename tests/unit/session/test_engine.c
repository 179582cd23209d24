/* The engine over the simulator: protocols end with the same result over every network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "lib/context.h"
#include "tests/support/rounds.h"

struct network {
    uint64_t delay_most, loss, repeat, reconnect;
};

static fate_simulator *simulate(fate_context *context, uint32_t workers, uint32_t rounds, uint32_t parts, uint64_t seed,
                                struct network network)
{
    char text[4096];
    fate_simulator *simulator;
    rounds_job(text, workers, rounds, parts);
    int32_t result = fate_simulator_new(context, &simulator, text, FATE_PURPOSE_TRAIN, seed);
    if (result != FATE_OK) print_error("%s\n", fate_context_error(context));
    assert_int_equal(result, FATE_OK);
    fate_simulator_set(simulator, "delay_most", network.delay_most);
    fate_simulator_set(simulator, "loss", network.loss);
    fate_simulator_set(simulator, "repeat", network.repeat);
    fate_simulator_set(simulator, "reconnect", network.reconnect);
    return simulator;
}

static void check_sums(fate_simulator *simulator, uint32_t parties, double expected)
{
    for (uint32_t party = 0; party < parties; party++) {
        const double *values;
        uint64_t count;
        assert_int_equal(fate_session_result(fate_simulator_session(simulator, party), "sum", &values, &count), FATE_OK);
        assert_int_equal(count, 1);
        assert_true(values[0] == expected);
    }
}

static void run_network(uint32_t workers, uint32_t rounds, uint32_t parts, uint64_t seed, struct network network)
{
    fate_context *context;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(rounds_register(context), FATE_OK);
    fate_simulator *simulator = simulate(context, workers, rounds, parts, seed, network);
    int32_t result = fate_simulator_run(simulator, 10000000);
    if (result != FATE_FINISHED) print_error("seed %llu: %d %s\n", (unsigned long long)seed, result, fate_context_error(context));
    assert_int_equal(result, FATE_FINISHED);
    check_sums(simulator, workers + 1, rounds_expected(workers, rounds, parts));
    fate_simulator_free(simulator);
    fate_context_free(context);
}

static void plain_network(void **state)
{
    (void)state;
    run_network(1, 3, 4, 1, (struct network){1, 0, 0, 0});
    run_network(3, 5, 2, 2, (struct network){1, 0, 0, 0});
    run_network(20, 2, 1, 3, (struct network){1, 0, 0, 0});
}

/* More than the window is under way: credit is given and taken. */
static void long_messages(void **state)
{
    (void)state;
    run_network(2, 1, 3000, 4, (struct network){1, 0, 0, 0});
}

static void bad_networks(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 30; seed++) {
        run_network(2, 3, 20, seed, (struct network){50, 0, 0, 0});
        run_network(2, 3, 20, seed, (struct network){20, 50000, 0, 0});
        run_network(2, 3, 20, seed, (struct network){20, 0, 300000, 0});
        run_network(2, 3, 20, seed, (struct network){5, 20000, 20000, 2000});
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plain_network), cmocka_unit_test(long_messages), cmocka_unit_test(bad_networks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
