/* Partitions that no honest host sends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "src/models/boosting/peer.h"
#include "tests/support/boosting_hostile.h"

/* The guest has labels alone, so that every split is the host's. */
static const struct boosting_case usual = {
    .hosts = 1, .rows = 40, .columns = 2, .parameters = "\"trees\": 1, \"depth\": 2, \"min_child_weight\": 0", .seed = 9};

static message_partition partition;
static message_node_partition node, other, *nodes[2] = {&node, &other};
static uint8_t bits[16];

/* A partition of the root into halves. */
static void prepare(const struct host *host)
{
    boosting_message__partition__init(&partition);
    boosting_message__node_partition__init(&node);
    node.chosen = 1; /* the first */
    boosting_message__node_partition__init(&other);
    partition.tree = host->tree;
    partition.level = host->growth.level;
    partition.n_nodes = 1;
    partition.nodes = nodes;
    memset(bits, 0, sizeof bits);
    bits[0] = 0xff;
    node.right = (ProtobufCBinaryData){.len = message_bit_bytes(40), .data = bits};
}

static int32_t send_it(fate_turn *turn, const struct host *host)
{
    return peer_send_message(turn, MESSAGE_PARTITION, host->guest, &partition.base);
}

static int32_t garbage(fate_turn *turn, void *state)
{
    (void)state;
    return hostile_send(turn, MESSAGE_PARTITION, 0, "\x07", 1);
}

static int32_t other_level(fate_turn *turn, void *state)
{
    prepare(state);
    partition.level++;
    return send_it(turn, state);
}

static int32_t no_node(fate_turn *turn, void *state)
{
    prepare(state);
    partition.n_nodes = 0;
    return send_it(turn, state);
}

static int32_t other_node(fate_turn *turn, void *state)
{
    prepare(state);
    node.node = 1;
    return send_it(turn, state);
}

static int32_t other_candidate(fate_turn *turn, void *state)
{
    prepare(state);
    node.chosen = 1000;
    return send_it(turn, state);
}

static int32_t too_few_rows(fate_turn *turn, void *state)
{
    prepare(state);
    node.right.len = 4;
    return send_it(turn, state);
}

static int32_t rows_beyond(fate_turn *turn, void *state)
{
    prepare(state);
    node.right.len = 6;
    return send_it(turn, state);
}

static int32_t all_rows_left(fate_turn *turn, void *state)
{
    prepare(state);
    bits[0] = 0;
    return send_it(turn, state);
}

static int32_t two_nodes(fate_turn *turn, void *state)
{
    struct host *host = state;
    int32_t result = FATE_OK;
    if (host->growth.level == 0) {
        return host_split(turn, state);
    }
    prepare(state);
    partition.n_nodes = 2;
    result = send_it(turn, state);
    return result;
}

static void refused(fate_step_function run, const char *part)
{
    struct boosting_case from = usual;
    struct replacement replacement = {FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_SPLIT, run};
    hostile_expect(&from, replacement, FATE_E_PROTOCOL, 0, part);
}

/* The guest alone would win some nodes: it gives way where its own columns are not in the sample. */
static int32_t without_own_columns(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    guest->parties[guest->own].count = 0;
    return guest_choose(turn, state);
}

static void refused_of_the_host(fate_step_function run, const char *part)
{
    struct hostile_run world;
    struct replacement both[] = {{FATE_PURPOSE_TRAIN, ROLE_GUEST, GUEST_CHOOSE, without_own_columns},
                                 {FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_SPLIT, run}};
    hostile_begin(&world, hostile_contexts(both, 2), &usual);
    assert_int_equal(fate_simulator_run(world.simulator, 1000000), FATE_E_PROTOCOL);
    assert_non_null(strstr(fate_session_error(fate_simulator_session(world.simulator, 0)), part));
    hostile_end(&world);
}

static void partitions_are_checked(void **state)
{
    (void)state;
    refused(garbage, "party1 sent what the protocol does not allow");
    refused(other_level, "another tree or level");
    refused_of_the_host(no_node, "does not fit");
    refused_of_the_host(other_node, "does not fit");
    refused_of_the_host(other_candidate, "does not fit");
    refused_of_the_host(too_few_rows, "does not fit");
    refused_of_the_host(rows_beyond, "does not fit");
    refused_of_the_host(all_rows_left, "does not fit");
    refused_of_the_host(two_nodes, "partition");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(partitions_are_checked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
