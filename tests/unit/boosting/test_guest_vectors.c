/* The guest's vectors: how many there are, and what hosts see of the guest's rows. */
#include "tests/support/unit.h"

#include <stdlib.h>

#include "src/models/boosting/guest_lattice.h"
#include "src/models/boosting/host_lattice.h"
#include "tests/support/boosting_hostile.h"

static const struct boosting_case usual = {
    .hosts = 2, .rows = 80, .columns = 3, .parameters = "\"trees\": 2, \"cipher\": \"lattice\", \"subsample\": 0.5", .seed = 42};

static struct {
    bool counted;
    uint32_t levels;
    uint64_t named[3]; /* rows that each party was told of at a level, at most */
} seen;

static int32_t look_at_level(fate_turn *turn, void *state)
{
    const struct guest *guest = state;
    const struct guest_lattice *lattice = guest->lattice;
    assert_int_equal(lattice->vectors, (uint64_t)guest->growth.summed_count * guest_lattice_node_vectors(guest));
    assert_int_equal(guest_lattice_node_vectors(guest), seen.counted ? 3 : 2);
    assert_int_equal(lattice->used, lattice->first + lattice->vectors);
    assert_null(lattice->bytes);
    assert_null(lattice->values);
    seen.levels++;
    return guest_pads(turn, state);
}

static void look(const struct boosting_case *from, bool counted_rows)
{
    struct replacement replacement = {FATE_PURPOSE_TRAIN, ROLE_GUEST, GUEST_PADS, look_at_level};
    struct hostile_run run;
    seen.counted = counted_rows;
    seen.levels = 0;
    hostile_begin(&run, hostile_context(replacement), from);
    assert_int_equal(fate_simulator_run(run.simulator, 1000000), FATE_FINISHED);
    assert_int_equal(hostile_compare(&run), 0);
    assert_true(seen.levels > 1);
    hostile_end(&run);
}

/* By a vector of their own only where hessians do not tell, or the job's least number does. */
static void rows_are_counted_where_it_matters(void **state)
{
    (void)state;
    struct boosting_case from = usual;
    look(&from, false);
    from.parameters = "\"trees\": 2, \"cipher\": \"lattice\", \"min_samples\": 2";
    look(&from, true);
    from = usual;
    from.weights = true; /* some of which are 0 */
    from.squared = true;
    look(&from, true);
}

/* Notes which rows a host is told of, and that it knows of no others: neither sample nor nodes. */
static int32_t look_at_rows(fate_turn *turn, void *state)
{
    const struct host *host = state;
    int32_t result = host_node_rows(turn, state);
    const struct node_rows *rows = &host->lattice->node_rows;
    uint64_t named = rows->count == 0 ? 0 : rows->first[rows->count];
    uint32_t party = fate_turn_party(turn);
    assert_int_equal(host->growth.rows.count, 0);
    assert_int_equal(host->growth.sample_count, 0);
    seen.named[party] = named > seen.named[party] ? named : seen.named[party];
    return result;
}

static void rows_are_named_to_winners_alone(void **state)
{
    (void)state;
    struct replacement replacement = {FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_NODE_ROWS, look_at_rows};
    struct boosting_case from = usual;
    static const uint32_t columns[] = {0, 4, 0};
    struct hostile_run run;
    from.party_columns = columns;
    memset(&seen, 0, sizeof seen);
    hostile_begin(&run, hostile_context(replacement), &from);
    assert_int_equal(fate_simulator_run(run.simulator, 1000000), FATE_FINISHED);
    assert_int_equal(hostile_compare(&run), 0);
    assert_int_equal(seen.named[1], 80); /* the root, with rows outside of the sample */
    assert_int_equal(seen.named[2], 0);
    hostile_end(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_counted_where_it_matters),
        cmocka_unit_test(rows_are_named_to_winners_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
