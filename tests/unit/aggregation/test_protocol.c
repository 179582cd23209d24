/* Secure sums of many clients in the simulator: whoever vanishes when, the sum is exactly that of those whose vectors came. */
#include "tests/support/aggregation.h"

static void all_stay(void **state)
{
    (void)state;
    const uint32_t counts[] = {2, 3, 7, 40};
    const char *const parameters[] = {"", ",\"ring_bits\":32", ",\"trust\":\"lying\"",
                                      ",\"trust\":\"colluding\",\"result\":\"aggregator\""};
    bool there[CLIENTS_MOST + 1];
    memset(there, 1, sizeof there);
    for (uint32_t i = 0; i < 4; i++) {
        struct world world = {0};
        open_world(&world, counts[i], "secure-sum", parameters[i], i, i % 2 == 1);
        if (i == 3) { /* a client that is not told would wait for ever: the aggregator's end tells it */
            assert_int_equal(fate_simulator_run(world.simulator, 1000000), FATE_FINISHED);
            check_sums(&world, 0, there);
        } else {
            run_world(&world, i);
            for (uint32_t party = 0; party <= counts[i]; party++) check_sums(&world, party, there);
        }
        close_world(&world);
    }
}

/* Of seven clients every subset vanishes, before or after they have sent their vectors: what the sums hold is what came. */
static void every_subset_vanishes(void **state)
{
    (void)state;
    enum { CLIENTS = 7, STAGES = 5 };
    for (uint32_t lost = 0; lost < 1u << CLIENTS; lost++) {
        int32_t stage = (int32_t)(STAGE_KEYS + lost % STAGES);
        const char *trust = stage == STAGE_AGREE ? ",\"trust\":\"lying\"" : lost % 2 == 0 ? ",\"trust\":\"lying\"" : "";
        struct world world = {0};
        bool there[CLIENTS_MOST + 1] = {false};
        uint32_t stays = 0;
        open_world(&world, CLIENTS, "secure-sum", trust, lost, false);
        fate_session *session = fate_simulator_session(world.simulator, 0);
        int32_t result = FATE_AGAIN;
        if (stage == STAGE_AGREE && trust[0] == 0) stage = STAGE_REVEAL;
        for (int tick = 0; tick < 100000 && result == FATE_AGAIN; tick++) {
            result = fate_simulator_run(world.simulator, 1);
            const struct aggregator *aggregator = session->state;
            if (aggregator != NULL && aggregator->stage >= stage) break;
        }
        assert_int_equal(result, FATE_AGAIN);
        for (uint32_t client = 1; client <= CLIENTS; client++) {
            bool gone = lost >> (client - 1) & 1;
            if (gone) assert_int_equal(fate_simulator_stop(world.simulator, client), FATE_OK);
            stays += !gone;
        }
        result = fate_simulator_run(world.simulator, 1000000);
        if (stays >= 4) { /* of 7 holders more than a half */
            if (result != FATE_FINISHED) print_error("%u at %d: %s\n", lost, (int)stage, fate_context_error(world.context));
            assert_int_equal(result, FATE_FINISHED);
            double clients = values_of(&world, 0, "clients")[0];
            for (uint32_t client = 1; client <= CLIENTS; client++) there[client] = !(lost >> (client - 1) & 1) || stage > STAGE_UPLOAD;
            if (stage != STAGE_UPLOAD) {
                check_sums(&world, 0, there);
                assert_true(clients == (stage > STAGE_UPLOAD ? CLIENTS : stays));
            }
        } else if (result != FATE_FINISHED) {
            assert_int_equal(result, FATE_E_TIMEOUT);
            assert_non_null(strstr(fate_context_error(world.context), "too few clients"));
        }
        close_world(&world);
    }
}

static void weighted_means(void **state)
{
    (void)state;
    struct world world = {0};
    open_world(&world, 5, "secure-mean", ",\"weight\":\"weight\",\"weight_bound\":5", 3, false);
    run_world(&world, 3);
    for (uint32_t row = 0; row < ROWS; row++) {
        double sum = 0, weights = 0;
        for (uint32_t client = 1; client <= 5; client++) {
            sum += number(client, 0, row) * weight(client, row);
            weights += weight(client, row);
        }
        assert_true(fabs(values_of(&world, 2, "x")[row] - sum / weights) < 1e-12);
    }
    close_world(&world);
}

/* With state kept everywhere, whatever the network does and whoever is killed. */
static void bad_networks(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 30; seed++) {
        struct world world = {0};
        open_world(&world, 6, "secure-sum", seed % 2 == 0 ? ",\"trust\":\"lying\",\"patience\":8" : ",\"patience\":8", seed, true);
        fate_simulator_set(world.simulator, "delay_most", 30);
        fate_simulator_set(world.simulator, "loss", 20000);
        fate_simulator_set(world.simulator, "repeat", 20000);
        fate_simulator_set(world.simulator, "reconnect", 1000);
        fate_simulator_set(world.simulator, "crash", 300);
        fate_simulator_set(world.simulator, "store_delay_most", 20);
        fate_simulator_set(world.simulator, "faults_until", 20000);
        int32_t result = fate_simulator_run(world.simulator, 1000000);
        const char *sentence = fate_context_error(world.context);
        bool few = result == FATE_E_TIMEOUT && strstr(sentence, "too few clients") != NULL;
        if (result != FATE_FINISHED && !few) print_error("seed %llu: %d %s\n", (unsigned long long)seed, (int)result, sentence);
        assert_true(result == FATE_FINISHED || few);
        for (uint32_t party = 1; party <= 6 && result == FATE_FINISHED; party++)
            if (fate_simulator_outcome(world.simulator, party) == FATE_FINISHED)
                for (uint32_t row = 0; row < ROWS; row++) assert_true(values_of(&world, party, "y")[row] == values_of(&world, 0, "y")[row]);
        close_world(&world);
    }
}

/* Every some allocation fails, in any party: an error that says so, or an end as without it, and nothing is lost. */
static void out_of_memory(void **state)
{
    (void)state;
    bool failed = true;
    for (long long k = 0; failed; k += 13) {
        struct test_allocator test;
        struct world world = {0};
        fate_allocator allocator = test_allocator(&test, -1);
        assert_int_equal(fate_context_new(&world.context, &allocator), FATE_OK);
        open_world(&world, 3, "secure-sum", ",\"trust\":\"lying\"", 5, false);
        fate_simulator_set(world.simulator, "delay_most", 3);
        test.fail = atomic_load(&test.calls) + k;
        int32_t result = fate_simulator_run(world.simulator, 1000000);
        failed = atomic_load(&test.calls) > test.fail;
        test.fail = -1;
        assert_true(result == FATE_FINISHED || result == FATE_E_MEMORY || result == FATE_E_PEER || result == FATE_E_TIMEOUT);
        if (!failed) assert_int_equal(result, FATE_FINISHED);
        close_world(&world);
        assert_int_equal(atomic_load(&test.live), 0);
    }
}

static void many_clients(void **state)
{
    (void)state;
    struct world world = {0};
    bool there[CLIENTS_MOST + 1];
    memset(there, 1, sizeof there);
    open_world(&world, 300, "secure-sum", ",\"dropout\":0.05,\"corrupt\":0.05", 11, false);
    for (uint32_t client = 7; client < 14; client++) {
        assert_int_equal(fate_simulator_stop(world.simulator, client), FATE_OK);
        there[client] = false;
    }
    run_world(&world, 11);
    check_sums(&world, 0, there);
    check_sums(&world, 200, there);
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_stay),     cmocka_unit_test(weighted_means), cmocka_unit_test(every_subset_vanishes),
        cmocka_unit_test(bad_networks), cmocka_unit_test(out_of_memory),  cmocka_unit_test(many_clients)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
