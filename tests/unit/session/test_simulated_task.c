/* Tasks of simulated parties: done once, and again after a kill. */
#include "src/session/simulated_task.h"

#include "tests/support/rounds_world.h"

static int32_t count(void *context, uint32_t party, const fate_task *task, fate_task_result *done)
{
    (void)party;
    (void)task;
    (void)done;
    ++*(int *)context;
    return *(int *)context < 3 ? FATE_AGAIN : FATE_E_APPLICATION;
}

static void asked_until_done(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    int calls = 0;
    rounds_open(&world, 2, "horizontal-custom", ",\"rounds\":4,\"weights\":3", 0, 2, false);
    fate_simulator_set_task(world.simulator, &calls, count);
    assert_int_equal(fate_simulator_run(world.simulator, 100000), FATE_E_APPLICATION);
    assert_int_equal(calls, 3);
    struct simulated_task none = {0};
    const struct simulated_worker worker = {&calls, count};
    assert_int_equal(simulated_task_work(&none, &worker, fate_simulator_session(world.simulator, 0), 0), FATE_OK);
    assert_int_equal(calls, 3);
    rounds_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(asked_until_done)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
