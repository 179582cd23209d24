/* The choice of splits: sums that do not leave a possible sibling are refused; of equal columns all are named, and the first in the host's
 * own order is taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/boosting_hostile.h"

/* More rows in a bin of the smaller child than its parent had there, though the node's total is right: a cell's sums go to the next one. */
static int32_t shifted_below(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    struct guest_party *host = &guest->parties[1];
    if (guest->growth.level == 1 && guest->position == 0) {
        for (uint32_t i = 0; i < guest->growth.summed_count; i++) {
            struct bin_sum *sums = guest_sums(guest, host, guest->growth.summed[i], 0);
            struct bin_sum kept = sums[0];
            for (uint32_t bin = 1; bin < host->bins[0]; bin++) {
                kept.gradient += sums[bin].gradient;
                kept.hessian += sums[bin].hessian;
                kept.count += sums[bin].count;
                sums[bin] = (struct bin_sum){0};
            }
            sums[0] = kept;
        }
    }
    return guest_choose(turn, state);
}

static void impossible_siblings_are_refused(void **state)
{
    (void)state;
    const struct boosting_case from = {.hosts = 1, .rows = 60, .columns = 2, .parameters = "\"trees\": 1, \"depth\": 2", .seed = 8};
    struct replacement replacement = {FATE_PURPOSE_TRAIN, ROLE_GUEST, GUEST_CHOOSE, shifted_below};
    hostile_expect(&from, replacement, FATE_E_PROTOCOL, 0, "party1 sent what the protocol does not allow: sums that do not add up");
}

static uint32_t ties_seen;

/* All columns of the host are copies of one: every split names them all, and the one taken is the first of its table. */
static int32_t watch_ties(fate_turn *turn, void *state)
{
    const struct guest *guest = state;
    for (uint32_t node = guest->growth.first; node < guest->growth.end; node++) {
        if (guest->nodes[node].split && guest->nodes[node].host) {
            assert_int_equal(guest->nodes[node].tie_count, 3);
            ties_seen++;
        }
    }
    return guest_partition(turn, state);
}

static int32_t watch_conditions(fate_turn *turn, void *state)
{
    const struct host *host = state;
    for (uint32_t i = 0; i < host->conditions.count; i++) {
        assert_int_equal(host->conditions.items[i].column, 0);
    }
    return host_children(turn, state);
}

static fate_table *copies(fate_context *context, bool guest)
{
    enum { ROWS = 24 };
    double values[ROWS], labels[ROWS];
    uint64_t offsets[ROWS + 1];
    uint8_t ids[ROWS];
    fate_table *table;
    for (uint64_t row = 0; row < ROWS; row++) {
        ids[row] = (uint8_t)('a' + row);
        offsets[row] = row;
        values[row] = (double)(row / 3);
        labels[row] = row / 6 % 2 == 0;
    }
    offsets[ROWS] = ROWS;
    assert_int_equal(fate_table_new(context, &table, ROWS), FATE_OK);
    assert_int_equal(fate_table_set_ids(table, ids, offsets), FATE_OK);
    static const char *const names[] = {"first", "second", "third"};
    for (int i = 0; i < 3 && !guest; i++) {
        assert_int_equal(fate_table_add_numbers(table, names[i], values), FATE_OK);
    }
    if (guest) {
        assert_int_equal(fate_table_set_label(table, labels), FATE_OK);
    }
    assert_int_equal(fate_table_finish(table), FATE_OK);
    return table;
}

static void of_equal_columns_the_host_takes_its_first(void **state)
{
    (void)state;
    struct hostile_run run;
    const struct boosting_case from = {
        .hosts = 1, .rows = 24, .columns = 3, .parameters = "\"trees\": 2, \"depth\": 2, \"min_bin_rows\": 1, \"min_child_weight\": 0"};
    struct replacement both[] = {{FATE_PURPOSE_TRAIN, ROLE_GUEST, GUEST_PARTITION, watch_ties},
                                 {FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_CHILDREN, watch_conditions}};
    fate_context *context = hostile_contexts(both, 2);
    hostile_begin(&run, context, &from);
    ties_seen = 0;
    for (uint32_t party = 0; party < 2; party++) {
        fate_table_free(run.tables[party]);
        run.tables[party] = copies(context, party == 0);
        fate_session_set_table(fate_simulator_session(run.simulator, party), FATE_TABLE_DATA, run.tables[party]);
    }
    assert_int_equal(fate_simulator_run(run.simulator, 1000000), FATE_FINISHED);
    assert_true(ties_seen >= 3);
    hostile_end(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(impossible_siblings_are_refused),
        cmocka_unit_test(of_equal_columns_the_host_takes_its_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
