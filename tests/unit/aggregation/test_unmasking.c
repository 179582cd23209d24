/* Masks are taken away only with shares that fit what was published: a false one is found among enough others; too many are an error that names
 * whose secret it was. */
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

static bool three_revealed(const struct aggregator *aggregator)
{
    uint32_t revealed = 0;
    for (uint32_t party = 1; party < aggregator->parties; party++) revealed += aggregator->members.items[party].revealed;
    return aggregator->stage == STAGE_REVEAL && revealed >= 3;
}

/* A false share of an owner's secret, of the first holder whose share came; then of three, which are too many of five. */
static void expect(struct world *world, uint32_t owner, const char *name, const bool *there)
{
    struct member *member = &aggregator_of(world)->members.items[owner];
    uint32_t lies = there == NULL ? 3 : 1, out = 0;
    assert_true(member->share_count >= lies);
    for (uint32_t i = 0; i < lies; i++) member->shares[i * SHARING_SECRET + 7 + i] ^= 1;
    int32_t result = fate_simulator_run(world->simulator, 1000000);
    if (there == NULL) {
        assert_int_equal(result, FATE_E_PROTOCOL);
        assert_non_null(strstr(fate_context_error(world->context), name));
        assert_non_null(strstr(fate_context_error(world->context), "do not fit"));
    } else {
        assert_int_equal(result, FATE_FINISHED);
        check_sums(world, 0, there);
        for (uint32_t party = 1; party <= 5; party++) out += fate_simulator_outcome(world->simulator, party) == FATE_E_PEER;
        assert_int_equal(out, there[4] ? 2 : 1); /* who has gone is not there to hear of it */
    }
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
    const bool there[6] = {true, true, true, true, true, true};
    for (int many = 0; many < 2; many++) {
        struct world world = {0};
        open_slow(&world, 1);
        assert_true(run_until(&world, many == 1 ? three_revealed : some_revealed));
        expect(&world, 3, "c3", many == 1 ? NULL : there);
    }
}

static void of_one_who_is_lost(void **state)
{
    (void)state;
    const bool there[6] = {true, true, true, true, false, true};
    for (int many = 0; many < 2; many++) {
        struct world world = {0};
        open_slow(&world, 2);
        assert_true(run_until(&world, uploading));
        assert_int_equal(fate_simulator_stop(world.simulator, 4), FATE_OK);
        assert_true(run_until(&world, many == 1 ? three_revealed : some_revealed));
        assert_false(aggregator_of(&world)->members.items[4].masked);
        expect(&world, 4, "c4", many == 1 ? NULL : there);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(of_one_who_stays), cmocka_unit_test(of_one_who_is_lost)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
