/* What a client refuses from an aggregator that lies: keys that nobody signed, letters that nobody sealed, lists that others did not see. */
#include "src/models/aggregation/client.h"

#include "tests/support/aggregation.h"
#include "tests/support/unit.h"

/* The last of those who have answered in a stage. */
static uint32_t answered_first;

static bool some_keyed(const struct aggregator *aggregator)
{
    for (answered_first = 5; answered_first > 0 && !aggregator->members.items[answered_first].keyed; answered_first--) continue;
    return aggregator->stage == STAGE_KEYS && answered_first > 0;
}

static bool some_shared(const struct aggregator *aggregator)
{
    for (answered_first = 5; answered_first > 0 && !aggregator->members.items[answered_first].shared; answered_first--) continue;
    return aggregator->stage == STAGE_LETTERS && answered_first > 0;
}

static bool some_agreed(const struct aggregator *aggregator)
{
    for (answered_first = 5; answered_first > 0 && !aggregator->members.items[answered_first].agreed; answered_first--) continue;
    return aggregator->stage == STAGE_AGREE && answered_first > 0;
}

static bool some_masked(const struct aggregator *aggregator)
{
    for (answered_first = 5; answered_first > 0 && !aggregator->members.items[answered_first].masked; answered_first--) continue;
    return aggregator->stage == STAGE_UPLOAD && answered_first > 0;
}

static void open_slow(struct world *world, const char *parameters, uint64_t seed)
{
    open_world(world, 5, "secure-sum", parameters, seed, false);
    fate_simulator_set(world->simulator, "delay_least", 1);
    fate_simulator_set(world->simulator, "delay_most", 60);
}

/* Everybody else refuses what was made of that client's part. */
static void expect_refusal(struct world *world, const char *what)
{
    (void)fate_simulator_run(world->simulator, 1000000);
    uint32_t refused = 0;
    for (uint32_t party = 1; party <= 5; party++) {
        if (party == answered_first || fate_simulator_outcome(world->simulator, party) != FATE_E_PROTOCOL) continue;
        if (strstr(sentence_of(world, party), what) == NULL) fail_msg("%s", sentence_of(world, party));
        refused++;
    }
    assert_true(refused >= 4);
    close_world(world);
}

static void keys_that_nobody_signed(void **state)
{
    (void)state;
    struct world world = {0};
    open_slow(&world, "", 1);
    assert_true(run_until(&world, some_keyed));
    aggregator_of(&world)->members.items[answered_first].keys[0] ^= 1;
    expect_refusal(&world, "has not signed for this round");
}

static void letters_that_nobody_sealed(void **state)
{
    (void)state;
    struct world world = {0};
    open_slow(&world, "", 2);
    assert_true(run_until(&world, some_shared));
    struct buffer *letters = &aggregator_of(&world)->members.items[answered_first].letters;
    for (uint64_t at = ROUND_HEAD + 4; at < letters->length; at += 4 + ROUND_SEALED) letters->bytes[at] ^= 1;
    expect_refusal(&world, "its sender did not seal");
}

static void lists_that_others_did_not_see(void **state)
{
    (void)state;
    struct world world = {0};
    open_slow(&world, ",\"trust\":\"lying\"", 3);
    assert_true(run_until(&world, some_agreed));
    aggregator_of(&world)->members.items[answered_first].agreement[3] ^= 1;
    expect_refusal(&world, "told clients different survivors");
}

/* An aggregator that says fewer have stayed than the threshold asks for. */
static void too_few_survivors(void **state)
{
    (void)state;
    struct world world = {0};
    open_slow(&world, "", 4);
    assert_true(run_until(&world, some_masked));
    aggregator_of(&world)->members.threshold = 1;
    aggregator_of(&world)->parameters.least_clients = 1;
    for (uint32_t party = 1; party <= 5; party++)
        if (!aggregator_of(&world)->members.items[party].masked) assert_int_equal(fate_simulator_stop(world.simulator, party), FATE_OK);
    (void)fate_simulator_run(world.simulator, 1000000);
    assert_int_equal(fate_simulator_outcome(world.simulator, answered_first), FATE_E_PROTOCOL);
    assert_non_null(strstr(sentence_of(&world, answered_first), "fewer clients than the threshold"));
    close_world(&world);
}

static void no_table(void **state)
{
    (void)state;
    struct world world = {0};
    open_world(&world, 2, "secure-sum", "", 5, false);
    assert_int_equal(fate_session_set_table(fate_simulator_session(world.simulator, 1), FATE_TABLE_DATA, NULL), FATE_OK);
    (void)fate_simulator_run(world.simulator, 100);
    assert_int_equal(fate_simulator_outcome(world.simulator, 1), FATE_E_TABLE);
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(keys_that_nobody_signed), cmocka_unit_test(letters_that_nobody_sealed),
                                       cmocka_unit_test(lists_that_others_did_not_see), cmocka_unit_test(too_few_survivors),
                                       cmocka_unit_test(no_table)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
