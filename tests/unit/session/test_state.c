/* Stored state: parties that are killed at any time go on where they were, and state that does not fit is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "lib/context.h"
#include "src/session/session.h"
#include "tests/support/rounds.h"

enum { WORKERS = 2, ROUNDS = 3, PARTS = 3 };

static void make_durable(fate_simulator *simulator, uint32_t party)
{
    fate_session *session = fate_simulator_session(simulator, party);
    assert_int_equal(fate_session_set_option(session, "durable", 1), FATE_OK);
    assert_int_equal(fate_session_set_option(session, "linger_timeout", 100000), FATE_OK);
}

static fate_simulator *start(fate_context *context, uint64_t seed)
{
    char text[4096];
    fate_simulator *simulator;
    rounds_job(text, WORKERS, ROUNDS, PARTS);
    assert_int_equal(fate_simulator_new(context, &simulator, text, FATE_PURPOSE_TRAIN, seed), FATE_OK);
    for (uint32_t party = 0; party <= WORKERS; party++) make_durable(simulator, party);
    return simulator;
}

static void finish(fate_simulator *simulator, const char *when, uint64_t tick, fate_context *context)
{
    int32_t result = fate_simulator_run(simulator, 1000000);
    if (result != FATE_FINISHED)
        print_error("%s at tick %llu: %d %s\n", when, (unsigned long long)tick, result, fate_context_error(context));
    assert_int_equal(result, FATE_FINISHED);
    for (uint32_t party = 0; party <= WORKERS; party++) {
        const double *values;
        uint64_t count;
        assert_int_equal(fate_session_result(fate_simulator_session(simulator, party), "sum", &values, &count), FATE_OK);
        assert_true(values[0] == rounds_expected(WORKERS, ROUNDS, PARTS));
    }
}

static void killed_at_any_time(void **state)
{
    (void)state;
    fate_context *context;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(rounds_register(context), FATE_OK);
    for (uint32_t victim = 0; victim <= WORKERS; victim++) {
        int32_t result = FATE_AGAIN;
        for (uint64_t tick = 1; result == FATE_AGAIN; tick += 1 + tick / 50) { /* later ticks are mostly idle */
            fate_simulator *simulator = start(context, 7);
            result = fate_simulator_run(simulator, tick);
            assert_true(result == FATE_AGAIN || result == FATE_FINISHED);
            if (result == FATE_AGAIN) {
                assert_int_equal(fate_simulator_restart(simulator, victim), FATE_OK);
                finish(simulator, "one killed", tick, context);
            }
            fate_simulator_free(simulator);
        }
    }
    fate_context_free(context);
}

static void all_killed_often(void **state)
{
    (void)state;
    fate_context *context;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(rounds_register(context), FATE_OK);
    for (uint64_t seed = 0; seed < 40; seed++) {
        fate_simulator *simulator = start(context, seed);
        fate_simulator_set(simulator, "delay_most", 5);
        fate_simulator_set(simulator, "loss", seed % 3 == 0 ? 20000 : 0);
        for (uint64_t kill = 0; kill < 10; kill++) {
            int32_t result = fate_simulator_run(simulator, 5 + (seed * 7 + kill * 13) % 60);
            if (result == FATE_FINISHED) break;
            assert_int_equal(result, FATE_AGAIN);
            for (uint32_t party = 0; party <= WORKERS; party++) {
                if ((seed + kill + party) % 3 == 0) continue;
                assert_int_equal(fate_simulator_restart(simulator, party), FATE_OK);
            }
        }
        finish(simulator, "all killed", seed, context);
        fate_simulator_free(simulator);
    }
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(killed_at_any_time), cmocka_unit_test(all_killed_often)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
