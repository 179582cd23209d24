/* The roles of secure sums: tables that do not fit, and stored state that is damaged. */
#include "src/models/aggregation/sum.h"

#include "tests/support/aggregation.h"

static void other_tables_are_refused(void **state)
{
    (void)state;
    struct world world = {0};
    open_world(&world, 4, "secure-sum", "", 1, false);
    fate_table *other;
    const uint64_t offsets[] = {0, 1, 2, 3};
    assert_int_equal(fate_table_new(world.context, &other, ROWS), FATE_OK);
    assert_int_equal(fate_table_set_ids(other, (const uint8_t *)"abd", offsets), FATE_OK);
    const double values[ROWS] = {1, 2, 3};
    assert_int_equal(fate_table_add_numbers(other, "x", values), FATE_OK);
    assert_int_equal(fate_table_add_numbers(other, "y", values), FATE_OK);
    assert_int_equal(fate_table_finish(other), FATE_OK);
    assert_int_equal(fate_session_set_table(fate_simulator_session(world.simulator, 3), FATE_TABLE_DATA, other), FATE_OK);
    run_world(&world, 1);
    assert_true(values_of(&world, 0, "clients")[0] == 3);
    assert_non_null(strstr(sentence_of(&world, 3), "other rows or columns"));
    close_world(&world);
    fate_table_free(other);
}

static void a_client_needs_a_table(void **state)
{
    (void)state;
    struct world world = {0};
    open_world(&world, 3, "secure-sum", "", 2, false);
    assert_int_equal(fate_session_set_table(fate_simulator_session(world.simulator, 2), FATE_TABLE_DATA, NULL), FATE_OK);
    (void)fate_simulator_run(world.simulator, 1000000);
    assert_int_equal(fate_simulator_outcome(world.simulator, 2), FATE_E_TABLE);
    close_world(&world);
}

static void damaged_state(void **state)
{
    (void)state;
    struct world world = {0};
    open_world(&world, 3, "secure-sum", "", 3, false);
    (void)fate_simulator_run(world.simulator, 40);
    uint8_t bytes[64] = {0};
    fate_session *session = fate_simulator_session(world.simulator, 2);
    for (uint64_t length = 0; length < sizeof bytes; length++)
        assert_int_equal(sum_client_load(&session->turn, session->state, bytes, length), length == 48 ? FATE_OK : FATE_E_STORE);
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(other_tables_are_refused), cmocka_unit_test(a_client_needs_a_table),
                                       cmocka_unit_test(damaged_state)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
