/* The aggregator of rounds: too few clients, late ones, those that are drawn, memory that runs out. */
#include "src/models/rounds/asker.h"

#include "tests/support/effort.h"
#include "tests/support/rounds_world.h"

static bool working(const struct asker *asker)
{
    return asker->question == 2 && asker->out && asker->aggregator.stage == STAGE_JOIN;
}

/* At any time in the middle, started again at once: all clients take part in every round nevertheless, and nobody waits for anything. */
static void the_aggregator_comes_back(void **state)
{
    (void)state;
    enum { STRIDE = 7 };
    uint64_t end = 0, count;
    double expected[3];
    for (uint64_t tick = 0; tick <= end; tick += tick == 0 ? 1 : STRIDE * EFFORT_FEWER) {
        struct rounds_world world = {0};
        rounds_open(&world, 4, "horizontal-custom", ",\"rounds\":3,\"weights\":3,\"attempts\":1", 0, 2, true);
        fate_simulator_set(world.simulator, "delay_least", 5);
        fate_simulator_set(world.simulator, "delay_most", 20);
        if (tick > 0) {
            assert_int_equal(fate_simulator_run(world.simulator, tick), FATE_AGAIN);
            assert_int_equal(fate_simulator_restart(world.simulator, 0), FATE_OK);
        }
        rounds_run(&world, tick);
        const double *weights = rounds_weights(&world, 0, &count);
        assert_true(count == 3);
        if (tick == 0) {
            end = fate_simulator_now(world.simulator) - 50;
            memcpy(expected, weights, sizeof expected);
        }
        assert_memory_equal(weights, expected, sizeof expected);
        assert_true(fate_simulator_now(world.simulator) < end + 3000);
        rounds_close(&world);
    }
}

static bool uploading(const struct asker *asker)
{
    return asker->question == 2 && asker->aggregator.stage == STAGE_UPLOAD;
}

/* Two of three vanish in the middle of a sum: it is asked again when they are back. */
static void sums_are_tried_again(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    rounds_open(&world, 3, "horizontal-custom", ",\"rounds\":4,\"weights\":3", 0, 2, false);
    assert_true(rounds_run_until(&world, uploading));
    assert_int_equal(fate_simulator_stop(world.simulator, 1), FATE_OK);
    assert_int_equal(fate_simulator_stop(world.simulator, 2), FATE_OK);
    (void)fate_simulator_run(world.simulator, 9000);
    assert_true(rounds_asker(&world)->failures >= 1);
    assert_int_equal(fate_simulator_restart(world.simulator, 1), FATE_OK);
    assert_int_equal(fate_simulator_restart(world.simulator, 2), FATE_OK);
    rounds_run(&world, 2);
    rounds_close(&world);
}

static void too_few_for_long(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    rounds_open(&world, 3, "horizontal-custom", ",\"rounds\":4,\"weights\":3", 0, 2, false);
    assert_true(rounds_run_until(&world, uploading));
    assert_int_equal(fate_simulator_stop(world.simulator, 1), FATE_OK);
    assert_int_equal(fate_simulator_stop(world.simulator, 2), FATE_OK);
    assert_int_equal(fate_simulator_run(world.simulator, 1000000), FATE_E_TIMEOUT);
    assert_non_null(strstr(fate_context_error(world.context), "clients"));
    rounds_close(&world);
}

static int32_t slow(void *context, uint32_t party, const fate_task *task, fate_task_result *done)
{
    struct rounds_world *world = context;
    if (party == 3 && task->round == 2 && fate_simulator_now(world->simulator) < 6000) return FATE_AGAIN;
    return rounds_world_task(context, party, task, done);
}

/* Who works for longer than the others wait is left out, told so when it is ready, and takes part again. */
static void late_ones_are_told(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    rounds_open(&world, 4, "horizontal-custom", ",\"rounds\":400,\"weights\":3,\"work_patience\":2", 0, 2, true);
    fate_simulator_set_task(world.simulator, &world, slow);
    bool left_out = false;
    int32_t result = FATE_AGAIN;
    while (result == FATE_AGAIN) {
        result = fate_simulator_run(world.simulator, 1);
        const struct asker *asker = rounds_asker(&world);
        if (asker != NULL && asker->question == 3 && asker->clients[3].busy && !asker->clients[3].asked) left_out = true;
    }
    assert_int_equal(result, FATE_FINISHED);
    assert_true(left_out);
    assert_int_equal(fate_simulator_outcome(world.simulator, 3), FATE_FINISHED);
    rounds_close(&world);
}

static void draws(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    rounds_open(&world, 8, "horizontal-custom", ",\"rounds\":4,\"weights\":3,\"client_share\":0.5", 0, 2, false);
    assert_true(rounds_run_until(&world, working));
    uint32_t asked = 0;
    for (uint32_t party = 1; party <= 8; party++) asked += rounds_asker(&world)->clients[party].asked;
    assert_true(asked == 4);
    rounds_run(&world, 2);
    rounds_close(&world);
}

/* A client that says it is ready for another question, or twice, or sends what is no message. */
static void malformed_messages(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    rounds_open(&world, 4, "horizontal-custom", ",\"rounds\":400,\"weights\":3", 0, 2, false);
    assert_true(rounds_run_until(&world, working));
    rounds_answerer(&world, 2)->client.count++; /* a vector that is longer than the others' */
    rounds_run(&world, 2);
    assert_true(fate_simulator_outcome(world.simulator, 1) == FATE_FINISHED);
    rounds_close(&world);
}

/* Every some allocation fails, in any party. */
static void out_of_memory(void **state)
{
    (void)state;
    bool failed = true;
    for (long long k = 0; failed; k += 37) {
        struct test_allocator test;
        struct rounds_world world = {0};
        fate_allocator allocator = test_allocator(&test, -1);
        assert_int_equal(fate_context_new(&world.context, &allocator), FATE_OK);
        rounds_open(&world, 3, k % 2 == 0 ? "horizontal-linear" : "horizontal-custom",
                    k % 2 == 0 ? ",\"rounds\":2,\"method\":\"scaffold\",\"early_stopping_rounds\":1" : ",\"rounds\":2,\"weights\":3",
                    k % 2 == 0 ? 10 : 0, 5, true);
        test.fail = atomic_load(&test.calls) + k;
        int32_t result = fate_simulator_run(world.simulator, 1000000);
        failed = atomic_load(&test.calls) > test.fail;
        test.fail = -1;
        assert_true(result == FATE_FINISHED || result == FATE_E_MEMORY || result == FATE_E_PEER || result == FATE_E_TIMEOUT);
        if (!failed) assert_int_equal(result, FATE_FINISHED);
        rounds_close(&world);
        assert_int_equal(atomic_load(&test.live), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sums_are_tried_again),     cmocka_unit_test(too_few_for_long),
                                       cmocka_unit_test(late_ones_are_told),       cmocka_unit_test(draws),
                                       cmocka_unit_test(malformed_messages),       cmocka_unit_test(out_of_memory),
                                       cmocka_unit_test(the_aggregator_comes_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
