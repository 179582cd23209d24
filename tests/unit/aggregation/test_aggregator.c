/* Clients that do not keep to the rules are expelled, one by one, and the others are summed. */
#include "tests/support/aggregation.h"
#include "tests/support/unit.h"

static bool begun(const struct aggregator *aggregator)
{
    return aggregator->stage == STAGE_KEYS;
}

static void check_expelled(struct world *world, uint32_t party, const char *what)
{
    bool there[CLIENTS_MOST + 1];
    memset(there, 1, sizeof there);
    there[party] = false;
    run_world(world, party);
    check_sums(world, 0, there);
    check_sums(world, 1, there);
    assert_int_equal(fate_simulator_outcome(world->simulator, party), FATE_E_PEER);
    if (strstr(sentence_of(world, party), what) == NULL) fail_msg("%s", sentence_of(world, party));
    close_world(world);
}

static void another_table(void **state)
{
    (void)state;
    struct world world = {0};
    fate_table *other;
    const char csv[] = "id,x,y\na,1,2\nb,1,2\nz,1,2\n";
    fate_schema *schema;
    open_world(&world, 5, "secure-sum", "", 1, false);
    assert_int_equal(fate_schema_new(world.context, &schema), FATE_OK);
    assert_int_equal(fate_schema_set_id(schema, "id"), FATE_OK);
    assert_int_equal(fate_table_parse_csv(world.context, &other, "t", (const uint8_t *)csv, strlen(csv), schema), FATE_OK);
    assert_int_equal(fate_session_set_table(fate_simulator_session(world.simulator, 3), FATE_TABLE_DATA, other), FATE_OK);
    fate_schema_free(schema);
    fate_table_free(world.tables[3]);
    world.tables[3] = other;
    check_expelled(&world, 3, "has other rows or columns");
}

static void another_length(void **state)
{
    (void)state;
    struct world world = {0};
    open_world(&world, 5, "secure-sum", "", 2, false);
    assert_true(run_until(&world, begun));
    client_of(&world, 4)->count--;
    check_expelled(&world, 4, "sent a vector of another length");
}

/* A client that thinks that another one stays reveals what nobody asked for. */
static void another_share(void **state)
{
    (void)state;
    struct world world = {0};
    open_world(&world, 5, "secure-sum", "", 3, false);
    fate_simulator_set(world.simulator, "delay_most", 40);
    bool changed = false;
    for (int tick = 0; tick < 100000 && !changed; tick++) {
        assert_int_equal(fate_simulator_run(world.simulator, 1), FATE_AGAIN);
        struct client *client = client_of(&world, 2);
        changed = client != NULL && client->stage == CLIENT_UPLOADED;
        if (changed) /* its letters lose one sender, whose share it will then not reveal; another one is told twice */
            bytes_store_u32(client->letters.bytes + ROUND_HEAD, 0);
    }
    assert_true(changed);
    int32_t result = fate_simulator_run(world.simulator, 1000000);
    assert_true(result == FATE_FINISHED || result == FATE_E_TIMEOUT);
    assert_true(fate_simulator_outcome(world.simulator, 2) < 0);
    close_world(&world);
}

static void stored_state_that_is_damaged(void **state)
{
    (void)state;
    struct world world = {0};
    open_world(&world, 3, "secure-sum", "", 4, false);
    assert_true(run_until(&world, begun));
    fate_session *session = fate_simulator_session(world.simulator, 0);
    for (uint64_t length = 0; length < 60; length += 7) {
        uint8_t bytes[64] = {0};
        assert_true(sum_aggregator_load(&session->turn, aggregator_of(&world), bytes, length) == FATE_E_STORE);
    }
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(another_table), cmocka_unit_test(another_length), cmocka_unit_test(another_share),
                                       cmocka_unit_test(stored_state_that_is_damaged)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
