/* The simulator: everything follows from its seed, and different seeds give the same result. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fate/simulator.h>
#include "lib/context.h"
#include "tests/support/allocator.h"
#include "tests/support/rounds.h"

struct trace {
    uint64_t now, frames;
    double sum;
};

static struct trace run(uint64_t seed)
{
    char text[4096];
    fate_context *context;
    fate_simulator *simulator;
    const double *values;
    uint64_t count;
    rounds_job(text, 3, 3, 5);
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(rounds_register(context), FATE_OK);
    assert_int_equal(fate_simulator_new(context, &simulator, text, FATE_PURPOSE_TRAIN, seed), FATE_OK);
    assert_int_equal(fate_simulator_set(simulator, "delay_most", 30), FATE_OK);
    assert_int_equal(fate_simulator_set(simulator, "loss", 30000), FATE_OK);
    assert_int_equal(fate_simulator_set(simulator, "repeat", 30000), FATE_OK);
    assert_int_equal(fate_simulator_run(simulator, 1000000), FATE_FINISHED);
    assert_int_equal(fate_session_result(fate_simulator_session(simulator, 0), "sum", &values, &count), FATE_OK);
    struct trace trace = {fate_simulator_now(simulator), fate_simulator_frames(simulator), values[0]};
    fate_simulator_free(simulator);
    fate_context_free(context);
    return trace;
}

static void all_follows_from_the_seed(void **state)
{
    (void)state;
    bool differs = false;
    struct trace first = run(0);
    for (uint64_t seed = 0; seed < 10; seed++) {
        struct trace one = run(seed), two = run(seed);
        assert_int_equal(one.now, two.now);
        assert_int_equal(one.frames, two.frames);
        assert_true(one.sum == first.sum && two.sum == first.sum);
        differs = differs || one.frames != first.frames || one.now != first.now;
    }
    assert_true(differs);
}

static void arguments(void **state)
{
    (void)state;
    char text[4096];
    fate_context *context;
    fate_simulator *simulator;
    rounds_job(text, 2, 3, 5);
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(rounds_register(context), FATE_OK);
    assert_int_equal(fate_simulator_new(context, &simulator, "{", FATE_PURPOSE_TRAIN, 0), FATE_E_JOB);
    assert_int_equal(fate_simulator_new(context, &simulator, "{\"algorithm\":\"none\"}", FATE_PURPOSE_TRAIN, 0), FATE_E_UNSUPPORTED);
    assert_int_equal(fate_simulator_new(context, &simulator, NULL, FATE_PURPOSE_TRAIN, 0), FATE_E_ARGUMENT);
    assert_null(simulator);
    assert_int_equal(fate_simulator_new(context, &simulator, text, FATE_PURPOSE_TRAIN, 0), FATE_OK);
    assert_int_equal(fate_simulator_set(simulator, "none", 0), FATE_E_ARGUMENT);
    assert_int_equal(fate_simulator_set(simulator, "loss", 1000001), FATE_E_ARGUMENT);
    assert_null(fate_simulator_session(simulator, 3));
    assert_int_equal(fate_simulator_restart(simulator, 3), FATE_E_ARGUMENT);
    assert_int_equal(fate_simulator_run(simulator, 0), FATE_AGAIN);
    assert_int_equal(fate_job_party_count(fate_simulator_job(simulator)), 3);
    fate_simulator_free(simulator);
    fate_simulator_free(NULL);
    fate_context_free(context);
}

/* With all frames lost nobody finishes: the first time-out is the outcome. */
static void a_dead_network_is_a_time_out(void **state)
{
    (void)state;
    char text[4096];
    fate_context *context;
    fate_simulator *simulator;
    rounds_job(text, 1, 3, 5);
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(rounds_register(context), FATE_OK);
    assert_int_equal(fate_simulator_new(context, &simulator, text, FATE_PURPOSE_TRAIN, 0), FATE_OK);
    assert_int_equal(fate_simulator_set(simulator, "loss", 1000000), FATE_OK);
    assert_int_equal(fate_simulator_run(simulator, 1000000), FATE_E_TIMEOUT);
    assert_true(fate_simulator_now(simulator) >= 45000);
    fate_simulator_free(simulator);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_follows_from_the_seed), cmocka_unit_test(arguments),
                                       cmocka_unit_test(a_dead_network_is_a_time_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
