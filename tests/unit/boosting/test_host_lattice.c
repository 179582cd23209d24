/* A host of a job with the lattice cipher before its trees: guests that cheat at the coin toss, groups of columns, and its stored state. */
#include "tests/support/unit.h"

#include "src/models/boosting/guest_lattice.h"
#include "src/models/boosting/host_lattice.h"
#include "tests/support/boosting_hostile.h"
#include "tests/support/boosting_world.h"

static const struct boosting_case usual = {
    .hosts = 2, .rows = 60, .columns = 3, .parameters = "\"trees\": 1, \"cipher\": \"lattice\"", .seed = 52};

/* Sends something else to one host, and says so to the other one as it was. */
static int32_t send_changed(fate_turn *turn, struct lattice_toss *toss, uint32_t message, const uint8_t *all, uint32_t changed)
{
    uint8_t bytes[3 * LATTICE_SEED];
    uint64_t length = (uint64_t)toss->parties * LATTICE_SEED;
    memcpy(bytes, all, length);
    bytes[(uint64_t)changed * LATTICE_SEED] ^= 1;
    int32_t result = hostile_send(turn, message, 1, bytes, length);
    return result == FATE_OK ? hostile_send(turn, message, 2, all, length) : result;
}

static int32_t take(fate_turn *turn, struct guest *guest)
{
    int32_t result = lattice_toss_begin(turn, &guest->lattice->toss, &guest->lattice->terms, guest->table);
    for (uint32_t p = 1; p < 3 && result == FATE_OK; p++) {
        const uint8_t *bytes;
        uint64_t length;
        result = fate_turn_received(turn, p, &bytes, &length);
        if (result == FATE_OK) memcpy(lattice_toss_commitment(&guest->lattice->toss, p), bytes, LATTICE_SEED);
    }
    return result;
}

static int32_t other_own_commitment(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    int32_t result = take(turn, guest);
    return result == FATE_OK ? send_changed(turn, &guest->lattice->toss, MESSAGE_COMMITMENTS, guest->lattice->toss.commitments, 1) : result;
}

static int32_t other_guest_commitment(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    int32_t result = take(turn, guest);
    return result == FATE_OK ? send_changed(turn, &guest->lattice->toss, MESSAGE_COMMITMENTS, guest->lattice->toss.commitments, 0) : result;
}

static int32_t too_few_nonces(fate_turn *turn, void *state)
{
    const struct guest *guest = state;
    return hostile_send(turn, MESSAGE_NONCES, 1, guest->lattice->toss.nonces, LATTICE_SEED);
}

static void tosses_are_checked(void **state)
{
    (void)state;
    struct replacement replacement = {FATE_PURPOSE_TRAIN, ROLE_GUEST, GUEST_COMMITMENTS, other_own_commitment};
    hostile_expect(&usual, replacement, FATE_E_PROTOCOL, 1, "others of this party than it sent");
    replacement.run = other_guest_commitment;
    hostile_expect(&usual, replacement, FATE_E_PROTOCOL, 1, "the nonce of party 0 is not the one that it committed to");
    replacement = (struct replacement){FATE_PURPOSE_TRAIN, ROLE_GUEST, GUEST_NONCES, too_few_nonces};
    hostile_expect(&usual, replacement, FATE_E_PROTOCOL, 1, "nonces of another number of parties");
}

/* Looks at the host when it is to send its hint. */
static int32_t look_at_groups(fate_turn *turn, void *state)
{
    const struct host *host = state;
    const struct host_lattice *lattice = host->lattice;
    uint32_t number = 0;
    for (uint32_t i = 0; i < lattice->group_count; i++) {
        const struct lattice_group *group = &lattice->groups[i];
        assert_true(group->columns <= 16 && (group->columns == 1 || group->starts[group->columns] <= 1024));
        for (uint32_t k = 0; k < group->columns; k++, number++) {
            const uint16_t *data = host->columns.data[host->real[number]];
            assert_int_equal(lattice->offsets[number], group->first_bin + group->starts[k]);
            for (uint64_t row = 0; row < fate_table_rows(host->table); row++)
                assert_int_equal(group->index[row * group->columns + k], group->starts[k] + data[row]);
        }
    }
    assert_int_equal(number, host->columns.count);
    return host_hint(turn, state);
}

static void groups_hold_all_columns(void **state)
{
    (void)state;
    struct replacement replacement = {FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_HINT, look_at_groups};
    struct boosting_case from = {.hosts = 1,
                                 .rows = 2000,
                                 .columns = 35,
                                 .parameters = "\"trees\": 1, \"bins\": 400, \"min_bin_rows\": 1, \"cipher\": \"lattice\"",
                                 .seed = 53};
    struct hostile_run run;
    hostile_begin(&run, hostile_context(replacement), &from);
    assert_int_equal(fate_simulator_run(run.simulator, 1000000), FATE_FINISHED);
    assert_int_equal(hostile_compare(&run), 0);
    hostile_end(&run);
}

/* Looks at what was added up, when the host is to reply. */
static int32_t look_at_listed(fate_turn *turn, void *state)
{
    const struct host *host = state;
    const struct host_lattice *lattice = host->lattice;
    uint32_t number = 0, columns = 0;
    for (uint32_t i = 0; i < lattice->group_count && !lattice->begun; i++) {
        const struct lattice_group *group = &lattice->groups[i];
        for (uint32_t k = 0; k < group->columns; k++, number++, columns++) {
            while (host->sampled[host->real[number]] == 0) number++;
            const uint16_t *data = host->columns.data[host->real[number]];
            assert_int_equal(lattice->places[number], group->first_bin + group->starts[k]);
            for (uint64_t row = 0; row < fate_table_rows(host->table); row++)
                assert_int_equal(group->index[row * group->columns + k], group->starts[k] + data[row]);
        }
    }
    if (!lattice->begun) assert_int_equal(columns, 12);
    return host_reply(turn, state);
}

/* Columns that are not drawn are not added up: of 40, 12 are at each level. */
static void columns_that_are_not_drawn_cost_nothing(void **state)
{
    (void)state;
    static const uint32_t columns[] = {1, 40};
    struct replacement replacement = {FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_REPLY, look_at_listed};
    struct boosting_case from = {.hosts = 1,
                                 .rows = 1500,
                                 .party_columns = columns,
                                 .parameters =
                                     "\"trees\": 2, \"colsample_bytree\": 0.6, \"colsample_bylevel\": 0.5, \"cipher\": \"lattice\"",
                                 .seed = 54};
    struct hostile_run run;
    hostile_begin(&run, hostile_context(replacement), &from);
    assert_int_equal(fate_simulator_run(run.simulator, 1000000), FATE_FINISHED);
    assert_int_equal(hostile_compare(&run), 0);
    hostile_end(&run);
}

/* A stored state that ends too early. */
static int32_t load_cut(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length)
{
    return host_load(turn, state, bytes, length - 1);
}

static void damaged_states_are_named(void **state)
{
    (void)state;
    struct hostile_run run;
    struct boosting_case from = usual;
    from.parameters = "\"trees\": 30, \"cipher\": \"lattice\"";
    hostile_begin(&run, hostile_state_context(ROLE_HOST, host_save, load_cut), &from);
    for (uint32_t party = 0; party < run.count; party++)
        assert_int_equal(fate_session_set_option(fate_simulator_session(run.simulator, party), "durable", 1), FATE_OK);
    int32_t result = FATE_AGAIN;
    for (uint32_t kill = 0; kill < 30 && result == FATE_AGAIN; kill++) {
        result = fate_simulator_run(run.simulator, 10 + 5 * kill);
        if (result == FATE_AGAIN) assert_int_equal(fate_simulator_restart(run.simulator, 1), FATE_OK);
    }
    assert_int_equal(result, FATE_E_STORE);
    assert_non_null(strstr(fate_session_error(fate_simulator_session(run.simulator, 1)), "the stored state of the training is damaged"));
    hostile_end(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tosses_are_checked),
        cmocka_unit_test(groups_hold_all_columns),
        cmocka_unit_test(columns_that_are_not_drawn_cost_nothing),
        cmocka_unit_test(damaged_states_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
