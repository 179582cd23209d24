/* The aggregator's side of statistics: stored state, on bad networks. */
#include "src/models/rounds/statistics.h"

#include "tests/support/rounds_world.h"

static void bad_networks(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 12; seed++) {
        struct rounds_world world = {0};
        const double *values;
        uint64_t count;
        rounds_open(&world, 4, "horizontal-statistics", ",\"attempts\":10", 20, seed, true);
        fate_simulator_set(world.simulator, "delay_most", 30);
        fate_simulator_set(world.simulator, "loss", 20000);
        fate_simulator_set(world.simulator, "crash", 200);
        fate_simulator_set(world.simulator, "store_delay_most", 20);
        fate_simulator_set(world.simulator, "faults_until", 60000);
        int32_t result = fate_simulator_run(world.simulator, 10000000);
        assert_true(result == FATE_FINISHED || result == FATE_E_TIMEOUT);
        if (result == FATE_FINISHED) {
            assert_int_equal(fate_session_result(fate_simulator_session(world.simulator, 0), "count", &values, &count), FATE_OK);
            assert_true(count == 2 && values[0] <= 20 + 21 + 22 + 23 && values[0] >= 20);
        }
        rounds_close(&world);
    }
}

static bool ranking(const struct asker *asker)
{
    return asker->question == 5 && asker->out;
}

static void damaged_state(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    rounds_open(&world, 3, "horizontal-statistics", "", 12, 2, false);
    assert_true(rounds_run_until(&world, ranking));
    fate_session *session = fate_simulator_session(world.simulator, 0);
    struct buffer saved;
    struct reader in;
    buffer_init(&saved, session->context);
    const struct asker *asker = rounds_asker(&world);
    statistics_asker.save(asker->state, &saved);
    for (uint64_t length = 0; length <= saved.length; length++) {
        void *fresh = NULL;
        assert_int_equal(statistics_asker.start(&session->turn, &asker->aggregator.parameters, &fresh), FATE_OK);
        assert_int_equal(statistics_asker.settle(&session->turn, fresh, asker->layout.bytes, asker->layout.length), FATE_OK);
        reader_init(&in, saved.bytes, length);
        assert_int_equal(statistics_asker.load(&session->turn, fresh, &in), length == saved.length ? FATE_OK : FATE_E_FORMAT);
        statistics_asker.stop(session->context, fresh);
    }
    buffer_free(&saved);
    rounds_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bad_networks), cmocka_unit_test(damaged_state)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
