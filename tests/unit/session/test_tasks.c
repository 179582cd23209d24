/* Tasks, driven step by step: what is checked of an answer, and that peers are spoken to while the application works. */
#include "tests/support/effort.h"
#include "tests/support/rounds_world.h"

static int32_t never(void *context, uint32_t party, const fate_task *task, fate_task_result *done)
{
    (void)done;
    if (party == 0 && task->kind == FATE_TASK_FIRST) *(fate_task *)context = *task;
    return FATE_AGAIN;
}

static void answers_are_checked(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    fate_task task = {0};
    float values[4] = {0};
    rounds_open(&world, 2, "horizontal-custom", ",\"rounds\":4,\"weights\":3", 0, 2, false);
    fate_simulator_set_task(world.simulator, &task, never);
    assert_int_equal(fate_simulator_run(world.simulator, 3000), FATE_AGAIN);
    assert_true(task.kind == FATE_TASK_FIRST && task.count == 3 && task.weights == NULL && task.rounds == 4);
    fate_session *session = fate_simulator_session(world.simulator, 0);
    uint64_t identifier = session->task.next;
    fate_task_result done = {.struct_size = sizeof done, .abi_version = FATE_ABI_VERSION, .values = values, .count = 3};
    assert_int_equal(fate_session_complete_task(NULL, identifier, FATE_OK, &done), FATE_E_ARGUMENT);
    assert_int_equal(fate_session_complete_task(session, identifier + 1, FATE_OK, &done), FATE_E_ARGUMENT);
    assert_int_equal(fate_session_complete_task(session, identifier, FATE_AGAIN, &done), FATE_E_ARGUMENT);
    assert_int_equal(fate_session_complete_task(session, identifier, FATE_OK, NULL), FATE_E_ARGUMENT);
    done.count = 4;
    assert_int_equal(fate_session_complete_task(session, identifier, FATE_OK, &done), FATE_E_ARGUMENT);
    done.count = 3;
    done.values = NULL;
    assert_int_equal(fate_session_complete_task(session, identifier, FATE_OK, &done), FATE_E_ARGUMENT);
    done.values = values;
    values[2] = NAN;
    assert_int_equal(fate_session_complete_task(session, identifier, FATE_OK, &done), FATE_E_ARGUMENT);
    values[2] = 1;
    done.loss = (double)INFINITY;
    assert_int_equal(fate_session_complete_task(session, identifier, FATE_OK, &done), FATE_E_ARGUMENT);
    done.loss = 0;
    done.abi_version++;
    assert_int_equal(fate_session_complete_task(session, identifier, FATE_OK, &done), FATE_E_VERSION);
    done.abi_version--;
    assert_int_equal(fate_session_complete_task(session, identifier, FATE_OK, &done), FATE_OK);
    assert_int_equal(fate_session_complete_task(session, identifier, FATE_OK, &done), FATE_E_ARGUMENT);
    assert_true(fate_session_deadline(session) <= session->now);
    rounds_close(&world);
}

/* An hour of work: nobody takes the other for lost. */
static void peers_are_spoken_to(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    fate_task task = {0};
    rounds_open(&world, 2, "horizontal-custom", ",\"rounds\":4,\"weights\":3", 0, 2, false);
    fate_simulator_set_task(world.simulator, &task, never);
    while (fate_simulator_now(world.simulator) < 3600000 / EFFORT_FEWER)
        assert_int_equal(fate_simulator_run(world.simulator, 1000), FATE_AGAIN);
    fate_simulator_set_task(world.simulator, &world, rounds_world_task);
    rounds_run(&world, 1);
    rounds_close(&world);
}

static void wrong_arguments(void **state)
{
    (void)state;
    fate_task task = {.struct_size = sizeof task};
    assert_int_equal(fate_event_task(NULL, &task), FATE_E_ARGUMENT);
    const fate_task_result *done;
    assert_int_equal(fate_turn_task(NULL, &task, &done), FATE_E_ARGUMENT);
    assert_int_equal(fate_simulator_set_task(NULL, NULL, NULL), FATE_E_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(answers_are_checked), cmocka_unit_test(peers_are_spoken_to),
                                       cmocka_unit_test(wrong_arguments)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
