/* Networks as a kind of model: clients whose columns differ, tables that do not fit, an earlier model of another shape. */
#include "src/models/rounds/network_kind.h"

#include "tests/support/rounds_world.h"

static fate_table *other_table(fate_context *context, bool label)
{
    fate_table *table;
    const uint64_t offsets[] = {0, 1, 2};
    const double values[] = {1, 0};
    assert_int_equal(fate_table_new(context, &table, 2), FATE_OK);
    assert_int_equal(fate_table_set_ids(table, (const uint8_t *)"ab", offsets), FATE_OK);
    assert_int_equal(fate_table_add_numbers(table, "x", values), FATE_OK);
    assert_int_equal(fate_table_add_numbers(table, label ? "z" : "y", values), FATE_OK);
    if (label) assert_int_equal(fate_table_set_label(table, values), FATE_OK);
    assert_int_equal(fate_table_finish(table), FATE_OK);
    return table;
}

/* The first client that comes decides; the other one is told, and the others go on. */
static void other_columns(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    rounds_open(&world, 4, "horizontal-linear", ",\"rounds\":2", 20, 2, false);
    fate_table *other = other_table(world.context, true);
    assert_int_equal(fate_session_set_table(fate_simulator_session(world.simulator, 4), FATE_TABLE_DATA, other), FATE_OK);
    rounds_run(&world, 2);
    assert_non_null(strstr(fate_session_error(fate_simulator_session(world.simulator, 4)), "other columns"));
    rounds_close(&world);
    fate_table_free(other);
}

/* Where the job names the columns, it does not matter who comes first. */
static void columns_of_the_job(void **state)
{
    (void)state;
    for (uint32_t wrong = 1; wrong <= 4; wrong += 3) {
        struct rounds_world world = {0};
        rounds_open(&world, 4, "horizontal-linear", ",\"rounds\":2,\"columns\":\"y,x\"", 20, 2, false);
        fate_table *other = other_table(world.context, true);
        assert_int_equal(fate_session_set_table(fate_simulator_session(world.simulator, wrong), FATE_TABLE_DATA, other), FATE_OK);
        (void)fate_simulator_run(world.simulator, 1000000);
        for (uint32_t party = 0; party <= 4; party++)
            assert_int_equal(fate_simulator_outcome(world.simulator, party), party == wrong ? FATE_E_TABLE : FATE_FINISHED);
        assert_non_null(strstr(fate_session_error(fate_simulator_session(world.simulator, wrong)), "column z is none of the job's"));
        rounds_close(&world);
        fate_table_free(other);
    }
}

static void without_labels(void **state)
{
    (void)state;
    struct rounds_world world = {0};
    rounds_open(&world, 3, "horizontal-linear", ",\"rounds\":2", 20, 2, false);
    fate_table *other = other_table(world.context, false);
    assert_int_equal(fate_session_set_table(fate_simulator_session(world.simulator, 3), FATE_TABLE_DATA, other), FATE_OK);
    (void)fate_simulator_run(world.simulator, 1000000);
    assert_int_equal(fate_simulator_outcome(world.simulator, 3), FATE_E_TABLE);
    rounds_close(&world);
    fate_table_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(other_columns), cmocka_unit_test(columns_of_the_job),
                                       cmocka_unit_test(without_labels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
