/* Stages of a round: late clients are told and join the sums no more, long vectors come from few clients at a time, too few clients end it. */
#include "tests/support/aggregation.h"
#include "tests/support/unit.h"

enum { LONG_ROWS = 12000 };

static bool sharing(const struct aggregator *aggregator)
{
    return aggregator->stage == STAGE_LETTERS;
}

static uint32_t most_uploads;

static bool count_uploads(const struct aggregator *aggregator)
{
    uint32_t busy = 0;
    for (uint32_t party = 0; party < aggregator->parties; party++) busy += aggregator->members.items[party].upload.length > 0;
    if (busy > most_uploads) most_uploads = busy;
    return false;
}

static fate_table *long_table(fate_context *context)
{
    fate_table *table;
    uint8_t *ids = malloc(8 * LONG_ROWS);
    uint64_t *offsets = malloc((LONG_ROWS + 1) * sizeof *offsets);
    double *values = malloc(LONG_ROWS * sizeof *values);
    for (uint32_t row = 0; row < LONG_ROWS; row++) {
        char id[16];
        snprintf(id, sizeof id, "%08u", row);
        memcpy(ids + 8 * (uint64_t)row, id, 8);
        offsets[row] = 8 * (uint64_t)row;
        values[row] = row % 90;
    }
    offsets[LONG_ROWS] = 8 * LONG_ROWS;
    assert_int_equal(fate_table_new(context, &table, LONG_ROWS), FATE_OK);
    assert_int_equal(fate_table_set_ids(table, ids, offsets), FATE_OK);
    assert_int_equal(fate_table_add_numbers(table, "x", values), FATE_OK);
    assert_int_equal(fate_table_finish(table), FATE_OK);
    free(ids);
    free(offsets);
    free(values);
    return table;
}

static void few_send_at_a_time(void **state)
{
    (void)state;
    enum { CLIENTS = 24 };
    struct world world = {0};
    open_world(&world, CLIENTS, "secure-sum", "", 1, false);
    fate_simulator_set(world.simulator, "delay_most", 5);
    fate_table *table = long_table(world.context);
    for (uint32_t party = 0; party <= CLIENTS; party++)
        assert_int_equal(fate_session_set_table(fate_simulator_session(world.simulator, party), FATE_TABLE_DATA, table), FATE_OK);
    most_uploads = 0;
    assert_false(run_until(&world, count_uploads));
    assert_true(most_uploads > 1 && most_uploads <= UPLOADS);
    const double *sums = values_of(&world, 3, "x");
    for (uint32_t row = 0; row < LONG_ROWS; row += 997) assert_true(sums[row] == CLIENTS * (double)(row % 90));
    close_world(&world);
    fate_table_free(table);
}

static bool letting_upload(const struct aggregator *aggregator)
{
    return aggregator->stage == STAGE_UPLOAD;
}

/* All whose turn it was vanish: the others have theirs at once. */
static void those_who_may_send_vanish(void **state)
{
    (void)state;
    enum { CLIENTS = 2 * UPLOADS + 8 };
    struct world world = {0};
    bool there[CLIENTS_MOST + 1];
    memset(there, 1, sizeof there);
    open_world(&world, CLIENTS, "secure-sum", ",\"patience\":1000", 4, false);
    assert_true(run_until(&world, letting_upload));
    for (uint32_t party = 1; party <= UPLOADS; party++) {
        assert_int_equal(fate_simulator_stop(world.simulator, party), FATE_OK);
        there[party] = false;
    }
    run_world(&world, 4);
    check_sums(&world, 0, there);
    assert_true(fate_simulator_now(world.simulator) < 100000);
    close_world(&world);
}

/* Cut off for a while in the middle of a round. */
static void late_clients_are_told(void **state)
{
    (void)state;
    struct world world = {0};
    bool there[CLIENTS_MOST + 1];
    memset(there, 1, sizeof there);
    open_world(&world, 7, "secure-sum", ",\"patience\":2", 2, false);
    assert_true(run_until(&world, sharing));
    assert_int_equal(fate_simulator_stop(world.simulator, 5), FATE_OK);
    assert_int_equal(fate_simulator_run(world.simulator, 2), FATE_AGAIN);
    assert_int_equal(fate_simulator_restart(world.simulator, 5), FATE_OK);
    there[5] = false;
    run_world(&world, 2);
    check_sums(&world, 0, there);
    if (fate_simulator_outcome(world.simulator, 5) == FATE_FINISHED) check_sums(&world, 5, there);
    close_world(&world);
}

static void too_few_came(void **state)
{
    (void)state;
    struct world world = {0};
    open_world(&world, 5, "secure-sum", ",\"least_clients\":4", 3, false);
    for (uint32_t party = 1; party <= 2; party++) assert_int_equal(fate_simulator_stop(world.simulator, party), FATE_OK);
    assert_int_equal(fate_simulator_run(world.simulator, 1000000), FATE_E_TIMEOUT);
    assert_non_null(strstr(fate_context_error(world.context), "too few clients came in time"));
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(few_send_at_a_time), cmocka_unit_test(those_who_may_send_vanish),
                                       cmocka_unit_test(late_clients_are_told), cmocka_unit_test(too_few_came)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
