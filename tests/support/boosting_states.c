/* Damaged states of a role of vertical boosting; see boosting_states.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/boosting_states.h"

static const struct boosting_case usual = {.hosts = 1,
                                           .rows = 12,
                                           .validation_rows = 6,
                                           .columns = 2,
                                           .parameters = "\"trees\": 3, \"depth\": 2, \"min_bin_rows\": 1",
                                           .seed = 11};

static const struct stateful_role *role;
static uint32_t loads;

/* Loads into a fresh state; what it gives is freed. */
static int32_t load_anew(fate_turn *turn, const uint8_t *bytes, uint64_t length)
{
    void *fresh = NULL;
    int32_t result = role->start(turn, &fresh);
    if (result == FATE_OK) {
        result = role->load(turn, fresh, bytes, length);
    }
    role->stop(fate_turn_context(turn), fresh);
    return result;
}

/* Before the real load: every shorter state is refused, every state with another byte is refused or taken, without harm. */
static int32_t load_damaged(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length)
{
    uint8_t *copy = malloc(length + 1);
    assert_non_null(copy);
    memcpy(copy, bytes, length);
    copy[length] = 0;
    for (uint64_t cut = 0; cut < length; cut += cut < 64 ? 1 : 7) {
        assert_int_equal(load_anew(turn, bytes, cut), FATE_E_STORE);
    }
    assert_int_equal(load_anew(turn, copy, length + 1), FATE_E_STORE);
    for (uint64_t at = 0; at < length; at += at < 32 ? 1 : 11) {
        copy[at] ^= 0xff;
        int32_t result = load_anew(turn, copy, length);
        assert_true(result == FATE_OK || result == FATE_E_STORE);
        copy[at] ^= 0xff;
    }
    free(copy);
    loads++;
    return role->load(turn, state, bytes, length);
}

static void restart(struct hostile_run *run, uint32_t party)
{
    assert_int_equal(fate_simulator_restart(run->simulator, party), FATE_OK);
    fate_session *session = fate_simulator_session(run->simulator, party);
    assert_int_equal(fate_session_set_table(session, FATE_TABLE_DATA, run->tables[party]), FATE_OK);
    assert_int_equal(fate_session_set_table(session, FATE_TABLE_VALIDATION, run->validations[party]), FATE_OK);
    assert_int_equal(fate_session_set_option(session, "durable", 1), FATE_OK);
}

static void damaged_states_are_refused(void **state)
{
    (void)state;
    struct hostile_run run;
    loads = 0;
    hostile_begin(&run, hostile_state_context(role->role, role->save, load_damaged), &usual);
    for (uint32_t party = 0; party < 2; party++) {
        assert_int_equal(fate_session_set_option(fate_simulator_session(run.simulator, party), "durable", 1), FATE_OK);
    }
    for (uint32_t ticks = 0; ticks < 200 && loads < 2; ticks++) {
        if (fate_simulator_run(run.simulator, 12 + 3 * ticks) != FATE_AGAIN) {
            break;
        }
        restart(&run, role->party);
    }
    assert_true(loads > 0);
    assert_int_equal(fate_simulator_run(run.simulator, 1000000), FATE_FINISHED);
    hostile_end(&run);
}

int boosting_states_test(const struct stateful_role *tested)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(damaged_states_are_refused)};
    role = tested;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
