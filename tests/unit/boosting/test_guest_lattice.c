/* The guest of a job with the lattice cipher: hosts that cheat at the coin toss or with their hint, and hints in the store. */
#include "tests/support/unit.h"

#include "src/models/boosting/guest_lattice.h"
#include "src/models/boosting/host_lattice.h"
#include "src/session/simulated_store.h"
#include "tests/support/boosting_hostile.h"
#include "tests/support/boosting_world.h"

static const struct boosting_case usual = {
    .hosts = 1, .rows = 60, .columns = 3, .parameters = "\"trees\": 2, \"cipher\": \"lattice\"", .seed = 22};

static void expect(uint32_t step, fate_step_function run, const char *part)
{
    struct replacement replacement = {FATE_PURPOSE_TRAIN, ROLE_HOST, step, run};
    hostile_expect(&usual, replacement, FATE_E_PROTOCOL, 0, part);
}

static int32_t short_commitment(fate_turn *turn, void *state)
{
    (void)state;
    return hostile_send(turn, MESSAGE_COMMITMENT, 0, "short", 5);
}

/* Commits to a nonce that it does not send. */
static int32_t other_commitment(fate_turn *turn, void *state)
{
    struct host *host = state;
    int32_t result = lattice_toss_begin(turn, &host->lattice->toss, &host->lattice->terms, host->table);
    lattice_toss_commitment(&host->lattice->toss, 1)[0] ^= 1;
    return result != FATE_OK ? result
                             : hostile_send(turn, MESSAGE_COMMITMENT, 0, lattice_toss_commitment(&host->lattice->toss, 1), LATTICE_SEED);
}

static int32_t short_nonce(fate_turn *turn, void *state)
{
    (void)state;
    return hostile_send(turn, MESSAGE_NONCE, 0, NULL, 0);
}

static void tosses_are_checked(void **state)
{
    (void)state;
    struct replacement honest = {FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_COMMITMENTS, NULL};
    struct hostile_run run;
    hostile_begin(&run, hostile_context(honest), &usual);
    assert_int_equal(fate_simulator_run(run.simulator, 1000000), FATE_FINISHED);
    assert_int_equal(hostile_compare(&run), 0);
    hostile_end(&run);
    expect(HOST_COMMIT, short_commitment, "of a wrong length");
    expect(HOST_COMMIT, other_commitment, "the nonce of party 1 is not the one that it committed to");
    expect(HOST_COMMITMENTS, short_nonce, "of a wrong length");
}

static int32_t fullest_that_is_none(fate_turn *turn, void *state)
{
    struct host *host = state;
    host->lattice->fullest[0] = host->bins[0];
    return host_hint(turn, state);
}

static int32_t hint_of_nothing(fate_turn *turn, void *state)
{
    (void)state;
    return hostile_send(turn, MESSAGE_HINT, 0, NULL, 0);
}

static int32_t bins_that_do_not_follow(fate_turn *turn, void *state)
{
    struct host *host = state;
    if (host->lattice->begun && host->lattice->position == 0) host->lattice->position = 1;
    return host_hint(turn, state);
}

static int32_t too_few_bins(fate_turn *turn, void *state)
{
    struct host *host = state;
    if (host->lattice->begun) return fate_turn_send(turn, MESSAGE_HINT, 0, NULL, 0, 1);
    return host_hint(turn, state);
}

/* A hint under another blinding than the replies: nothing that the host replies later fits it. */
static int32_t altered_hint(fate_turn *turn, void *state)
{
    struct host *host = state;
    struct lattice_blinding *blinding = &host->lattice->blinding;
    int32_t result = host_hint(turn, state);
    if (!host->lattice->begun) memset(blinding->reversed, 1, blinding->bins * blinding->degree);
    return result;
}

/* A hint under another seed than came out of the toss. */
static int32_t other_seed(fate_turn *turn, void *state)
{
    struct host *host = state;
    struct host_lattice *lattice = host->lattice;
    uint8_t seed[LATTICE_SEED] = {7};
    int32_t result = host_nonces(turn, state);
    if (result != FATE_OK) return result;
    lattice_public_free(host->context, &lattice->public_part);
    lattice_blinding_free(host->context, &lattice->blinding);
    result = lattice_public_make(host->context, &lattice->public_part, &lattice->plan, seed, NULL);
    if (result != FATE_OK) return result;
    return lattice_blinding_make(host->context, &lattice->public_part, seed, lattice->groups, lattice->group_count, &lattice->blinding);
}

static void hints_are_checked(void **state)
{
    (void)state;
    expect(HOST_HINT, fullest_that_is_none, "a hint of other columns");
    expect(HOST_HINT, hint_of_nothing, "a hint of other columns");
    expect(HOST_HINT, bins_that_do_not_follow, "a hint");
    expect(HOST_HINT, too_few_bins, "a part is of another kind");
    expect(HOST_HINT, altered_hint, "party1 sent what the protocol does not allow");
    expect(HOST_NONCES, other_seed, "party1 sent what the protocol does not allow");
}

/* Values of hints in the guest's store; *name: one of them. */
static uint32_t hints_kept(fate_simulator *simulator, const char **name)
{
    uint32_t kept = 0;
    for (const struct simulated_value *value = simulator_store(simulator, 0)->values; value != NULL; value = value->next) {
        if (strncmp(value->key, "kept-lattice-hint", 17) != 0) continue;
        *name = value->key;
        kept++;
    }
    return kept;
}

/* A guest that is started again reads hints from its store, which has none any more when it is done. */
static void hints_are_kept_while_they_are_needed(void **state)
{
    (void)state;
    struct world world;
    const struct boosting_case from = {
        .hosts = 2, .rows = 60, .columns = 3, .parameters = "\"trees\": 3, \"cipher\": \"lattice\"", .seed = 23};
    uint32_t most = 0;
    const char *name = NULL;
    int32_t result = FATE_AGAIN;
    world_make(&world, &from, 0, 1);
    fate_simulator *simulator = world_simulate(&world, FATE_PURPOSE_TRAIN, network_good, true);
    for (uint32_t ticks = 0; result == FATE_AGAIN && ticks < 100000; ticks++) {
        uint32_t kept = hints_kept(simulator, &name);
        most = kept > most ? kept : most;
        result = fate_simulator_run(simulator, 1);
    }
    assert_int_equal(result, FATE_FINISHED);
    assert_int_equal(most, 2);
    assert_int_equal(hints_kept(simulator, &name), 0);
    fate_simulator_free(simulator);
    world_free(&world);
}

/* A guest that is started again; spoil: without one part of a hint. */
static void expect_spoilt(const struct world *world, bool spoil)
{
    const char *name = NULL;
    char key[SIMULATED_KEY];
    fate_simulator *simulator = world_simulate(world, FATE_PURPOSE_TRAIN, network_good, true);
    while (hints_kept(simulator, &name) < 2) assert_int_equal(fate_simulator_run(simulator, 1), FATE_AGAIN);
    assert_int_equal(fate_simulator_run(simulator, 3), FATE_AGAIN);
    snprintf(key, sizeof key, "%s", name);
    if (spoil) simulated_store_remove(simulator_store(simulator, 0), key);
    assert_int_equal(fate_simulator_restart(simulator, 0), FATE_OK);
    world_equip(simulator, world, 0, FATE_PURPOSE_TRAIN, true);
    assert_int_equal(fate_simulator_run(simulator, 100000), spoil ? FATE_E_STORE : FATE_FINISHED);
    if (spoil) assert_non_null(strstr(fate_session_error(fate_simulator_session(simulator, 0)), "a part of a host's hint is missing"));
    fate_simulator_free(simulator);
}

static void missing_hints_are_named(void **state)
{
    (void)state;
    struct world world;
    const struct boosting_case from = {
        .hosts = 2, .rows = 60, .columns = 3, .parameters = "\"trees\": 3, \"cipher\": \"lattice\"", .seed = 23};
    world_make(&world, &from, 0, 1);
    expect_spoilt(&world, true);
    expect_spoilt(&world, false);
    world_free(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tosses_are_checked),
        cmocka_unit_test(hints_are_checked),
        cmocka_unit_test(hints_are_kept_while_they_are_needed),
        cmocka_unit_test(missing_hints_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
