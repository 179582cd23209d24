/* Whole alignments whose masked ids go through the store, in the simulator, against a run in one process: all modes and limits on memory, parties
 * that are killed at any moment, failing allocations and stores, and what stands in the store afterwards. */
#include "tests/support/effort.h"
#include "tests/support/unit.h"

#include <stdatomic.h>
#include "src/models/psi/spill.h"
#include "tests/support/allocator.h"
#include "tests/support/stored.h"

static fate_context *context;

static int setup(void **state)
{
    (void)state;
    return fate_context_new(&context, NULL) == FATE_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

static void make(struct stored_world *world, const char *parameters, const char *rule, uint64_t seed)
{
    stored_world_make(world, parameters, rule, seed, context);
    stored_world_set_ids(world, 0, 60, 2, strcmp(rule, "error") != 0);
    stored_world_set_ids(world, 1, 60, 3, strcmp(rule, "first") == 0);
}

static uint32_t kept(const struct stored_world *world, uint32_t party)
{
    uint32_t count = 0;
    for (const struct simulated_value *value = simulator_store(world->simulator, party)->values; value != NULL; value = value->next)
        count += strncmp(value->key, "kept-", 5) == 0;
    return count;
}

static struct simulated_value *find(const struct stored_world *world, uint32_t party, const char *words)
{
    struct simulated_value *value = simulator_store(world->simulator, party)->values;
    while (value != NULL && strstr(value->key, words) == NULL) value = value->next;
    return value;
}

static void finish(const struct stored_world *world, bool left)
{
    int32_t result = stored_world_run(world);
    if (result != FATE_FINISHED) fail_msg("%s: %s", fate_result_name(result), fate_context_error(context));
    const char *wrong = stored_world_check(world, left);
    if (wrong != NULL) fail_msg("%s", wrong);
    for (uint32_t party = 0; party < 2; party++) assert_int_equal(kept(world, party), 0);
}

static void every_mode(void **state)
{
    static const char *const modes[] = {"", ", \"learn\": \"guest\"", ", \"learn\": \"count\"", ", \"join\": \"left\"",
                                        ", \"protocol\": \"ecdh-x25519\""};
    static const char *const rules[] = {"error", "first", "many"}, *const memories[] = {"0.0001", "0.001", "0.002"};
    (void)state;
    for (uint32_t mode = 0; mode < 5; mode++)
        for (uint32_t rule = 0; rule < 3; rule++)
            for (uint32_t memory = 0; memory<3; memory += EFFORT_STRIDE> 1 ? 2 : 1) {
                char parameters[128];
                struct stored_world world;
                snprintf(parameters, sizeof parameters, "\"memory\": %s%s", memories[memory], modes[mode]);
                make(&world, parameters, rules[rule], 1 + memory);
                finish(&world, mode == 3);
                stored_world_free(&world);
            }
}

/* A stored set has its own way through the store: the limit neither changes what comes out, first and again, nor leaves runs. */
static void stored_sets_are_not_spilled(void **state)
{
    static const char *const owners[] = {"guest", "host"};
    (void)state;
    for (uint32_t owner = 0; owner < 2; owner++) {
        char parameters[128];
        struct stored_world world;
        snprintf(parameters, sizeof parameters, "\"memory\": 0.0001, \"stored_set\": \"%s\"", owners[owner]);
        make(&world, parameters, "error", 5);
        for (uint32_t round = 0; round < 2; round++) {
            if (round == 1) stored_world_again(&world);
            assert_int_equal(stored_world_run(&world), FATE_FINISHED);
            assert_null(stored_world_check(&world, false));
            for (uint32_t party = 0; party < 2; party++) {
                assert_true(kept(&world, party) > 0);
                assert_null(find(&world, party, "spill-"));
            }
        }
        stored_world_free(&world);
    }
}

/* Runs of several parts, and parts of several runs. */
static void many_ids(void **state)
{
    static const char *const memories[] = {"\"memory\": 0.15", "\"memory\": 0.4", "\"memory\": 1.2"};
    (void)state;
    for (uint32_t memory = 0; memory < 3; memory += EFFORT_FEWER) {
        struct stored_world world;
        stored_world_make(&world, memories[memory], "error", 5, context);
        stored_world_set_ids(&world, 0, 36000, 2, false);
        stored_world_set_ids(&world, 1, 36000, 3, false);
        (void)fate_simulator_run(world.simulator, 3);
        finish(&world, false);
        stored_world_free(&world);
    }
}

static void small_and_empty_sets(void **state)
{
    (void)state;
    for (uint32_t guest = 0; guest < 4; guest++)
        for (uint32_t host = 0; host < 4; host++) {
            struct stored_world world;
            stored_world_make(&world, "\"memory\": 0.0001", "error", 7, context);
            stored_world_set_ids(&world, 0, guest, 1, false);
            stored_world_set_ids(&world, 1, host, 1, false);
            finish(&world, false);
            stored_world_free(&world);
        }
}

/* One party, then the other, then both, are killed after every tick. */
static void killed_at_any_moment(void **state)
{
    uint32_t spilled = 0;
    (void)state;
    for (uint32_t who = 0; who < 3; who++) {
        bool over = false;
        for (uint64_t ticks = 1; !over; ticks += (uint64_t)(who == 2 ? 5 : 1) * EFFORT_STRIDE) {
            struct stored_world world;
            make(&world, "\"memory\": 0.0005", "many", 11);
            assert_int_equal(fate_simulator_set(world.simulator, "store_delay_most", 3), FATE_OK);
            over = fate_simulator_run(world.simulator, ticks) == FATE_FINISHED;
            for (uint32_t party = 0; party < 2; party++) {
                spilled += kept(&world, party);
                if (who == party || who == 2) assert_int_equal(fate_simulator_restart(world.simulator, party), FATE_OK);
            }
            finish(&world, false);
            stored_world_free(&world);
        }
    }
    assert_true(spilled > 1000 / EFFORT_STRIDE);
}

static void bad_networks_and_crashes(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct stored_world world;
        make(&world, seed % 2 == 0 ? "\"memory\": 0.0004" : "\"memory\": 0.001, \"join\": \"left\"", "many", seed);
        assert_int_equal(fate_simulator_set(world.simulator, "loss", 20000), FATE_OK);
        assert_int_equal(fate_simulator_set(world.simulator, "reconnect", 1000), FATE_OK);
        assert_int_equal(fate_simulator_set(world.simulator, "crash", 800), FATE_OK);
        assert_int_equal(fate_simulator_set(world.simulator, "store_delay_most", 40), FATE_OK);
        assert_int_equal(fate_simulator_set(world.simulator, "delay_most", 30), FATE_OK);
        assert_int_equal(fate_simulator_set(world.simulator, "faults_until", 40000), FATE_OK);
        finish(&world, seed % 2 == 1);
        stored_world_free(&world);
    }
}

/* State is lost, or discarded: a new run removes what the one before has left, also when its sets are others. */
static void left_over_runs_are_removed(void **state)
{
    (void)state;
    struct stored_world world;
    make(&world, "\"memory\": 0.0005", "error", 13);
    assert_int_equal(fate_simulator_set(world.simulator, "store_delay_most", 3), FATE_OK);
    for (uint64_t ticks = 0; ticks < 1000 && (kept(&world, 0) < 25 || kept(&world, 1) < 25); ticks++)
        (void)fate_simulator_run(world.simulator, 1);
    assert_true(kept(&world, 0) >= 25 && kept(&world, 1) >= 25);
    stored_world_again(&world);
    stored_world_set_ids(&world, 0, 30, 2, false);
    stored_world_set_ids(&world, 1, 30, 3, false);
    finish(&world, false);
    stored_world_free(&world);
}

/* Runs until a value of that kind is there; the party reads it back later. */
static struct simulated_value *wait_for(const struct stored_world *world, const char *words)
{
    struct simulated_value *value = NULL;
    assert_int_equal(fate_simulator_set(world->simulator, "store_delay_most", 3), FATE_OK);
    for (uint64_t ticks = 0; ticks < 1000 && value == NULL; ticks++) {
        assert_int_equal(fate_simulator_run(world->simulator, 1), FATE_AGAIN);
        value = find(world, 0, words);
    }
    assert_non_null(value);
    return value;
}

static void fails(struct stored_world *world, const char *words)
{
    assert_int_equal(stored_world_run(world), FATE_E_STORE);
    if (strstr(fate_context_error(context), words) == NULL) fail_msg("%s", fate_context_error(context));
    stored_world_free(world);
}

static void damaged_and_foreign_runs(void **state)
{
    static const char *const kinds[] = {"-own-0-0", "-peer0-0-0"};
    (void)state;
    for (uint32_t kind = 0; kind < 2; kind++) {
        struct stored_world world, other;
        char key[SIMULATED_KEY];
        make(&world, "\"memory\": 0.002", "error", 17); /* lost */
        snprintf(key, sizeof key, "%s", wait_for(&world, kinds[kind])->key);
        simulated_store_remove(simulator_store(world.simulator, 0), key);
        fails(&world, "missing");

        make(&world, "\"memory\": 0.002", "error", 17); /* a flipped bit */
        struct simulated_value *value = wait_for(&world, kinds[kind]);
        value->bytes[value->length / 2] ^= 4;
        fails(&world, key);

        make(&world, "\"memory\": 0.002", "error", 17); /* cut short */
        value = wait_for(&world, kinds[kind]);
        value->length -= 36;
        fails(&world, key);

        make(&world, "\"memory\": 0.002", "error", 17); /* of another run of the same party, with other ids */
        make(&other, "\"memory\": 0.002", "error", 17);
        stored_world_set_ids(&other, 0, 120, 4, false);
        stored_world_set_ids(&other, 1, 125, 5, false);
        value = wait_for(&world, kinds[kind]);
        struct simulated_value *foreign = wait_for(&other, kinds[kind]);
        uint8_t *bytes = value->bytes;
        uint64_t length = value->length;
        value->bytes = foreign->bytes;
        value->length = foreign->length;
        foreign->bytes = bytes;
        foreign->length = length;
        fails(&world, "not those that this run has stored");
        stored_world_free(&other);
    }
}

static void stores_that_fail(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct stored_world world;
        make(&world, "\"memory\": 0.001", "error", seed);
        assert_int_equal(fate_simulator_set(world.simulator, "store_failure", 20000), FATE_OK);
        assert_int_equal(fate_simulator_set(world.simulator, "faults_until", 20000), FATE_OK);
        int32_t result = FATE_E_FILE;
        for (uint32_t again = 0; again < 200 && result != FATE_FINISHED; again++) {
            result = fate_simulator_run(world.simulator, 1000000);
            assert_true(result == FATE_FINISHED || result == FATE_E_FILE || result == FATE_E_PEER);
            for (uint32_t party = 0; party < 2 && result != FATE_FINISHED; party++)
                assert_int_equal(fate_simulator_restart(world.simulator, party), FATE_OK);
        }
        finish(&world, false);
        stored_world_free(&world);
    }
}

/* Without a store all stays in memory, and the party is told. */
static void without_a_store(void **state)
{
    struct stored_world world;
    (void)state;
    make(&world, "\"memory\": 0.001", "error", 19);
    for (uint32_t party = 0; party < 2; party++)
        assert_int_equal(fate_session_set_option(fate_simulator_session(world.simulator, party), "durable", 0), FATE_OK);
    finish(&world, false);
    stored_world_free(&world);
}

static struct test_allocator counted;

static int32_t align_with(long long fail)
{
    struct stored_world world;
    fate_allocator allocator = test_allocator(&counted, -1);
    fate_context *own = context;
    assert_int_equal(fate_context_new(&context, &allocator), FATE_OK);
    stored_world_make(&world, "\"memory\": 0.0005", "error", 23, context);
    stored_world_set_ids(&world, 0, 12, 2, false);
    stored_world_set_ids(&world, 1, 12, 3, false);
    counted.fail = fail < 0 ? -1 : atomic_load(&counted.calls) + fail;
    int32_t result = fate_simulator_run(world.simulator, 3000);
    counted.fail = -1;
    stored_world_free(&world);
    fate_context_free(context);
    context = own;
    assert_int_equal(atomic_load(&counted.live), 0);
    return result;
}

static void allocations_may_fail(void **state)
{
    (void)state;
    int32_t result = FATE_E_MEMORY;
    assert_int_equal(align_with(-1), FATE_FINISHED);
    for (long long k = 0; result != FATE_FINISHED; k += 3) {
        result = align_with(k);
        assert_true(result == FATE_FINISHED || result == FATE_E_MEMORY || result == FATE_E_PEER);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mode),
        cmocka_unit_test(stored_sets_are_not_spilled),
        cmocka_unit_test(many_ids),
        cmocka_unit_test(small_and_empty_sets),
        cmocka_unit_test(killed_at_any_moment),
        cmocka_unit_test(bad_networks_and_crashes),
        cmocka_unit_test(left_over_runs_are_removed),
        cmocka_unit_test(damaged_and_foreign_runs),
        cmocka_unit_test(stores_that_fail),
        cmocka_unit_test(without_a_store),
        cmocka_unit_test(allocations_may_fail),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
