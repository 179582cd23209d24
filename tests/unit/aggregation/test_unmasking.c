/* Masks are taken away only with shares that fit what was published: a false one is an error that names whose secret it was. */
#include "tests/support/aggregation.h"
#include "tests/support/unit.h"

static bool some_revealed(const struct aggregator *aggregator)
{
    return aggregator->stage == STAGE_REVEAL && aggregator->members.items[2].revealed;
}

static bool uploading(const struct aggregator *aggregator)
{
    return aggregator->stage == STAGE_UPLOAD;
}

static void expect(struct world *world, uint32_t owner, const char *name)
{
    struct member *member = &aggregator_of(world)->members.items[owner];
    assert_true(member->share_count > 0);
    member->shares[7] ^= 1;
    assert_int_equal(fate_simulator_run(world->simulator, 1000000), FATE_E_PROTOCOL);
    assert_non_null(strstr(fate_context_error(world->context), name));
    assert_non_null(strstr(fate_context_error(world->context), "do not fit"));
    close_world(world);
}

static void open_slow(struct world *world, uint64_t seed)
{
    open_world(world, 5, "secure-sum", "", seed, false);
    fate_simulator_set(world->simulator, "delay_most", 60);
}

static void of_one_who_stays(void **state)
{
    (void)state;
    struct world world = {0};
    open_slow(&world, 1);
    assert_true(run_until(&world, some_revealed));
    expect(&world, 3, "c3");
}

static void of_one_who_is_lost(void **state)
{
    (void)state;
    struct world world = {0};
    open_slow(&world, 2);
    assert_true(run_until(&world, uploading));
    assert_int_equal(fate_simulator_stop(world.simulator, 4), FATE_OK);
    assert_true(run_until(&world, some_revealed));
    assert_false(aggregator_of(&world)->members.items[4].masked);
    expect(&world, 4, "c4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(of_one_who_stays), cmocka_unit_test(of_one_who_is_lost)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
