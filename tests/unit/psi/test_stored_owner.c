/* When the owner of a stored set makes it anew: a changed table, a used-up key, a key that is too old, a holder that has lost it; and that what it
 * counts outlives crashes. */
#include "tests/support/unit.h"

#include "src/models/psi/stored_party.h"
#include "tests/support/stored.h"

static fate_context *context;
static struct stored_world world;

static void begin(const char *parameters)
{
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    stored_world_make(&world, parameters, NULL, 4, context);
    stored_world_set_ids(&world, 1, 200, 1, false);
    stored_world_set_ids(&world, 0, 50, 7, false);
}

static void end(void)
{
    stored_world_free(&world);
    fate_context_free(context);
}

/* The next alignment, and whether the host's set was sent in it. */
static bool sends(void)
{
    int32_t result = stored_world_run(&world);
    if (result != FATE_FINISHED) fail_msg("%s", fate_context_error(context));
    assert_null(stored_world_check(&world, false));
    bool sent = stored_world_sent(&world, 1, "host stored ids") > 0;
    stored_world_again(&world);
    return sent;
}

static void a_changed_table(void **state)
{
    (void)state;
    begin("\"stored_set\": \"host\"");
    assert_true(sends());
    assert_false(sends());
    stored_world_set_ids(&world, 1, 210, 1, false);
    assert_true(sends());
    assert_false(sends());
    stored_world_set_ids(&world, 1, 420, 2, false); /* as many, but others */
    assert_true(sends());
    assert_false(sends());
    stored_world_set_ids(&world, 0, 60, 5, false); /* the holder's own may change */
    assert_false(sends());
    end();
}

static void a_used_up_key(void **state)
{
    (void)state;
    begin("\"stored_set\": \"host\", \"stored_queries\": 3");
    for (int i = 0; i < 9; i++) assert_int_equal(sends(), i % 3 == 0);
    end();
    begin("\"stored_set\": \"host\", \"stored_queries\": 1");
    for (int i = 0; i < 3; i++) assert_true(sends());
    end();
}

static void a_key_too_old(void **state)
{
    (void)state;
    begin("\"stored_set\": \"host\", \"stored_days\": 2");
    assert_true(sends());
    world.date += 2 * 86400 - 1;
    stored_world_again(&world);
    assert_false(sends());
    world.date += 1;
    stored_world_again(&world);
    assert_true(sends());
    assert_false(sends());
    world.date -= 10; /* the clock went back: its age is not known */
    stored_world_again(&world);
    assert_true(sends());
    end();
}

/* The name under which a party keeps its record. */
static void record_key(char *key, uint32_t party)
{
    char name[STORED_NAME];
    stored_name(name, fate_simulator_job(world.simulator), !party, party == 1, false);
    snprintf(key, 80, "kept-%s", name);
}

static void a_store_that_lost_it(void **state)
{
    (void)state;
    char key[80];
    for (uint32_t party = 0; party < 2; party++) {
        begin("\"stored_set\": \"host\"");
        assert_true(sends());
        record_key(key, party);
        simulated_store_remove(simulator_store(world.simulator, party), key);
        assert_true(sends());
        assert_false(sends());
        end();
    }
}

/* However often the owner is killed, it never answers with a key more often than the job allows: as many alignments, or fewer. */
static void the_count_outlives_crashes(void **state)
{
    (void)state;
    for (uint64_t tick = 1; tick < 60; tick += 7) {
        begin("\"stored_set\": \"host\", \"stored_queries\": 3");
        (void)fate_simulator_set(world.simulator, "store_delay_most", 9);
        int in_a_row = 0;
        for (int i = 0; i < 8; i++) {
            (void)fate_simulator_run(world.simulator, tick);
            assert_int_equal(fate_simulator_restart(world.simulator, 1), FATE_OK);
            in_a_row = sends() ? 1 : in_a_row + 1;
            assert_in_range(in_a_row, 1, 3);
        }
        end();
    }
}

/* An alignment that is given up in the middle leaves no half of a set that is taken for a whole one. */
static void a_given_up_alignment(void **state)
{
    (void)state;
    for (uint64_t tick = 1; tick < 200; tick += 9) {
        begin("\"stored_set\": \"host\"");
        (void)fate_simulator_set(world.simulator, "store_delay_most", 9);
        (void)fate_simulator_run(world.simulator, tick);
        stored_world_again(&world);
        stored_world_set_ids(&world, 1, 190, 1, false);
        (void)sends();
        assert_false(sends());
        end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_changed_table),
        cmocka_unit_test(a_used_up_key),
        cmocka_unit_test(a_key_too_old),
        cmocka_unit_test(a_store_that_lost_it),
        cmocka_unit_test(the_count_outlives_crashes),
        cmocka_unit_test(a_given_up_alignment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
