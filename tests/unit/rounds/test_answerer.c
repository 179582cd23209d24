/* A client of rounds: an aggregator that asks twice, or begins a sum without a question, and stored state that is damaged. */
#include "src/models/rounds/answerer.h"

#include "tests/support/rounds_world.h"

static bool asked(const struct asker *asker)
{
    return asker->question == 2 && asker->out;
}

static void old_questions(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    rounds_open(&world, 3, "horizontal-custom", ",\"rounds\":4,\"weights\":3", 0, 2, false);
    assert_true(rounds_run_until(&world, asked));
    rounds_asker(&world)->question = 0; /* the next one has a number that has been */
    (void)fate_simulator_run(world.simulator, 1000000);
    assert_int_equal(fate_simulator_outcome(world.simulator, 1), FATE_E_PROTOCOL);
    assert_non_null(strstr(fate_session_error(fate_simulator_session(world.simulator, 1)), "question that has been"));
    rounds_close(&world);
}

static bool agreeing(const struct asker *asker)
{
    return asker->question == 2 && asker->aggregator.stage == STAGE_REVEAL;
}

/* One answer, one sum: an aggregator that begins another one with the same answers is refused. */
static void one_sum_for_an_answer(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    rounds_open(&world, 3, "horizontal-custom", ",\"rounds\":4,\"weights\":3", 0, 2, false);
    assert_true(rounds_run_until(&world, agreeing));
    (void)fate_simulator_run(world.simulator, 3);
    struct asker *asker = rounds_asker(&world);
    fate_session *session = fate_simulator_session(world.simulator, 0);
    bool wanted[4] = {false, true, true, true};
    for (uint32_t party = 1; party < 4; party++) asker->aggregator.members.items[party].joined = true;
    session->turn.in_step = true;
    assert_int_equal(aggregator_begin(&session->turn, &asker->aggregator, wanted, asker->count), FATE_OK);
    session->turn.in_step = false;
    (void)fate_simulator_run(world.simulator, 1000000);
    assert_int_equal(fate_simulator_outcome(world.simulator, 1), FATE_E_PROTOCOL);
    rounds_close(&world);
}

static void damaged_state(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    rounds_open(&world, 3, "horizontal-linear", ",\"rounds\":4,\"method\":\"scaffold\"", 12, 2, false);
    assert_true(rounds_run_until(&world, agreeing));
    fate_session *session = fate_simulator_session(world.simulator, 1);
    struct buffer saved;
    buffer_init(&saved, session->context);
    session->turn.save = &saved;
    assert_int_equal(answerer_save(&session->turn, session->state), FATE_OK);
    session->turn.save = NULL;
    for (uint64_t length = 0; length <= saved.length; length++) {
        void *fresh = NULL;
        assert_int_equal(answerer_start(&session->turn, &fresh), FATE_OK);
        assert_int_equal(answerer_load(&session->turn, fresh, saved.bytes, length), length == saved.length ? FATE_OK : FATE_E_STORE);
        answerer_stop(session->context, fresh);
    }
    buffer_free(&saved);
    rounds_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(old_questions), cmocka_unit_test(one_sum_for_an_answer),
                                       cmocka_unit_test(damaged_state)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
