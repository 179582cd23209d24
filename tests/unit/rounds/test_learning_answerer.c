/* A client's side of training: changes out of bounds end its part alone, and what a lying aggregator asks is refused. */
#include "tests/support/rounds_world.h"

static int32_t hear(struct rounds_world *world, const uint8_t *bytes, uint64_t length, uint64_t *count)
{
    fate_session *session = fate_simulator_session(world->simulator, 1);
    struct answerer *answerer = session->state;
    return learning_answerer.hear(&session->turn, answerer->state, bytes, length, count);
}

static bool begun(const struct asker *asker)
{
    return asker->question > 0;
}

static void malformed_questions(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    uint64_t count;
    rounds_open(&world, 2, "horizontal-linear", ",\"rounds\":3", 20, 2, false);
    assert_true(rounds_run_until(&world, begun));
    for (int kind = 0; kind < 8; kind++)
        for (uint64_t length = 0; length < 60; length++) {
            uint8_t bytes[60] = {0};
            bytes[0] = (uint8_t)kind;
            /* Magnitudes need nothing more; two exponents; two exponents with means; no round is 0. */
            bool good = (kind == QUESTION_MAGNITUDES && length == 1) || (kind == QUESTION_MEANS && length == 9) ||
                        (kind == QUESTION_SPREADS && length == 25);
            assert_int_equal(hear(&world, bytes, length, &count), good ? FATE_OK : FATE_E_FORMAT);
        }
    rounds_close(&world);
}

static void change_out_of_bounds(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    rounds_open(&world, 3, "horizontal-linear", ",\"rounds\":3,\"bound\":1e-6", 20, 2, false);
    (void)fate_simulator_run(world.simulator, 1000000);
    assert_int_equal(fate_simulator_outcome(world.simulator, 1), FATE_E_RANGE);
    assert_non_null(strstr(fate_session_error(fate_simulator_session(world.simulator, 1)), "beyond the job's bound"));
    rounds_close(&world);
}

static void too_many_examples(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    rounds_open(&world, 3, "horizontal-linear", ",\"rounds\":3,\"examples_bound\":21", 20, 2, false);
    (void)fate_simulator_run(world.simulator, 1000000);
    assert_int_equal(fate_simulator_outcome(world.simulator, 3), FATE_E_TABLE);
    assert_int_equal(fate_simulator_outcome(world.simulator, 1), FATE_FINISHED);
    rounds_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(malformed_questions), cmocka_unit_test(change_out_of_bounds),
                                       cmocka_unit_test(too_many_examples)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
