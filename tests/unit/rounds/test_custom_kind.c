/* An application's own training: its errors, answers that do not fit, and a party that is killed while it works. */
#include "src/models/rounds/custom_kind.h"

#include "tests/support/rounds_world.h"

static int32_t failing(void *context, uint32_t party, const fate_task *task, fate_task_result *done)
{
    if (party == 2 && task->round == 2) return FATE_E_APPLICATION - 7;
    return rounds_world_task(context, party, task, done);
}

/* An application's own code comes back, and the others go on. */
static void own_errors(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    rounds_open(&world, 4, "horizontal-custom", ",\"rounds\":4,\"weights\":3", 0, 2, false);
    fate_simulator_set_task(world.simulator, &world, failing);
    rounds_run(&world, 2);
    assert_int_equal(fate_simulator_outcome(world.simulator, 2), FATE_E_APPLICATION - 7);
    assert_int_equal(fate_simulator_outcome(world.simulator, 1), FATE_FINISHED);
    rounds_close(&world);
}

static void nobody_works(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    rounds_open(&world, 2, "horizontal-custom", ",\"rounds\":4,\"weights\":3", 0, 2, false);
    fate_simulator_set_task(world.simulator, NULL, NULL);
    assert_int_equal(fate_simulator_run(world.simulator, 1000000), FATE_E_UNSUPPORTED);
    rounds_close(&world);
}

struct counter {
    struct rounds_world *world;
    uint32_t first[8]; /* how often client 1 was asked, by round */
};

static int32_t count_tasks(void *context, uint32_t party, const fate_task *task, fate_task_result *done)
{
    struct counter *counter = context;
    int32_t result = rounds_world_task(counter->world, party, task, done);
    if (result == FATE_OK && party == 1 && task->round < 8) counter->first[task->round]++;
    return result;
}

/* A client that is killed after its answer is stored is not asked for it again; one that was killed before is. */
static void stored_before_used(void **state)
{
    (void)state;
    for (int tick = 10; tick < 400; tick += 13) {
        struct rounds_world world = {0};
        struct counter counter = {&world, {0}};
        rounds_open(&world, 3, "horizontal-custom", ",\"rounds\":4,\"weights\":3", 0, 2, true);
        fate_simulator_set_task(world.simulator, &counter, count_tasks);
        for (int i = 0; i < tick; i++) (void)fate_simulator_run(world.simulator, 1);
        const struct answerer *answerer = rounds_answerer(&world, 1);
        bool stored = answerer != NULL && answerer->client.stage > CLIENT_IDLE; /* its keys are out: the answer is stored */
        uint32_t before[8];
        memcpy(before, counter.first, sizeof before);
        assert_int_equal(fate_simulator_restart(world.simulator, 1), FATE_OK);
        rounds_run(&world, (uint64_t)tick);
        uint32_t again = 0;
        for (int round = 1; round < 8; round++) again += counter.first[round] > 1;
        assert_true(again <= 1);
        if (stored)
            for (int round = 1; round < 8; round++) assert_true(before[round] == 0 || counter.first[round] == before[round]);
        uint64_t count;
        for (uint32_t party = 1; party <= 3; party++)
            assert_memory_equal(rounds_weights(&world, 0, &count), rounds_weights(&world, party, &count), 3 * sizeof(double));
        rounds_close(&world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(own_errors), cmocka_unit_test(nobody_works), cmocka_unit_test(stored_before_used)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
