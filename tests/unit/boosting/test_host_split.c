/* Splits and children that no honest guest sends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "src/models/boosting/peer.h"
#include "tests/support/boosting_hostile.h"

static const struct boosting_case usual = {.hosts = 1, .rows = 40, .columns = 2, .parameters = "\"trees\": 1, \"depth\": 2", .seed = 15};

static message_splits splits;
static message_node_split node, *nodes[1] = {&node};
static message_candidate candidate, *tied[1] = {&candidate};
static uint8_t left[8];

/* The root by the first bin of column 0. */
static void prepare(const struct guest *guest)
{
    boosting_message__splits__init(&splits);
    boosting_message__node_split__init(&node);
    boosting_message__candidate__init(&candidate);
    memset(left, 0, sizeof left);
    left[0] = 1;
    splits.tree = guest->tree;
    splits.level = guest->growth.level;
    splits.n_nodes = 1;
    splits.nodes = nodes;
    node.n_tied = 1;
    node.tied = tied;
    candidate.column = 1; /* column 0 */
    candidate.left = (ProtobufCBinaryData){.len = message_bit_bytes(guest->parties[1].bins[0]), .data = left};
}

static int32_t send_it(fate_turn *turn)
{
    return peer_send_message(turn, MESSAGE_SPLITS, 1, &splits.base);
}

static int32_t garbage(fate_turn *turn, void *state)
{
    (void)state;
    return hostile_send(turn, MESSAGE_SPLITS, 1, "\x07", 1);
}

static int32_t other_level(fate_turn *turn, void *state)
{
    prepare(state);
    splits.level = 1;
    return send_it(turn);
}

static int32_t other_node(fate_turn *turn, void *state)
{
    prepare(state);
    node.node = 1;
    return send_it(turn);
}

static int32_t other_column(fate_turn *turn, void *state)
{
    prepare(state);
    candidate.column = 3; /* column 2 of two */
    return send_it(turn);
}

static int32_t no_candidate(fate_turn *turn, void *state)
{
    prepare(state);
    node.n_tied = 0;
    return send_it(turn);
}

static int32_t all_right(fate_turn *turn, void *state)
{
    prepare(state);
    left[0] = 0;
    return send_it(turn);
}

static int32_t other_bins(fate_turn *turn, void *state)
{
    prepare(state);
    candidate.left.len++;
    return send_it(turn);
}

static int32_t bins_apart(fate_turn *turn, void *state)
{
    prepare(state);
    left[0] = 5;
    return send_it(turn);
}

static void refused(uint32_t step, fate_step_function run, const char *part)
{
    hostile_expect(&usual, (struct replacement){FATE_PURPOSE_TRAIN, ROLE_GUEST, step, run}, FATE_E_PROTOCOL, 1, part);
}

static void splits_are_checked(void **state)
{
    (void)state;
    refused(GUEST_CHOOSE, garbage, "party0 sent what the protocol does not allow");
    refused(GUEST_CHOOSE, other_level, "another tree or level");
    refused(GUEST_CHOOSE, other_node, "not of this level");
    refused(GUEST_CHOOSE, other_column, "column that does not exist");
    refused(GUEST_CHOOSE, no_candidate, "without a way");
    refused(GUEST_CHOOSE, all_right, "all bins on one side");
    refused(GUEST_CHOOSE, bins_apart, "no column of its kind");
    refused(GUEST_CHOOSE, other_bins, "not those of its column");
}

/* Children of a level: sent instead of the guest's own. */
static int32_t send_children(fate_turn *turn, const struct guest *guest, uint8_t split, uint64_t rows, uint8_t first_rows)
{
    uint8_t right[16] = {0}, split_bits[1] = {split};
    right[0] = first_rows;
    message_children children = BOOSTING_MESSAGE__CHILDREN__INIT;
    children.tree = guest->tree;
    children.level = guest->growth.level;
    children.split = (ProtobufCBinaryData){.len = 1, .data = split_bits};
    children.right = (ProtobufCBinaryData){.len = message_bit_bytes(rows), .data = right};
    return peer_send_message(turn, MESSAGE_CHILDREN, 1, &children.base);
}

static int32_t more_nodes(fate_turn *turn, void *state)
{
    return send_children(turn, state, 3, 40, 0);
}

static int32_t fewer_rows(fate_turn *turn, void *state)
{
    return send_children(turn, state, 1, 30, 0);
}

static int32_t more_rows(fate_turn *turn, void *state)
{
    return send_children(turn, state, 1, 48, 0);
}

static void children_are_checked(void **state)
{
    (void)state;
    refused(GUEST_ASSIGN, more_nodes, "whether it is split");
    refused(GUEST_ASSIGN, fewer_rows, "too few or too many rows");
    refused(GUEST_ASSIGN, more_rows, "too few or too many rows");
}

static int32_t without_own_columns(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    guest->parties[guest->own].count = 0;
    return guest_choose(turn, state);
}

static int32_t no_split(fate_turn *turn, void *state)
{
    return send_children(turn, state, 0, 0, 0);
}

static int32_t other_rows(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    uint8_t first_rows = 0;
    for (uint32_t row = 0; row < 8; row++) {
        first_rows = (uint8_t)(first_rows | (guest->goes_left[row] != 0 ? 1u << row : 0u));
    }
    return send_children(turn, state, 1, 40, first_rows);
}

/* Where the split is the host's own, it knows better. */
static void refused_at_own_node(fate_step_function run, const char *part)
{
    struct hostile_run world;
    struct replacement both[] = {{FATE_PURPOSE_TRAIN, ROLE_GUEST, GUEST_CHOOSE, without_own_columns},
                                 {FATE_PURPOSE_TRAIN, ROLE_GUEST, GUEST_ASSIGN, run}};
    hostile_begin(&world, hostile_contexts(both, 2), &usual);
    assert_int_equal(fate_simulator_run(world.simulator, 1000000), FATE_E_PROTOCOL);
    assert_non_null(strstr(fate_session_error(fate_simulator_session(world.simulator, 1)), part));
    hostile_end(&world);
}

static void own_splits_are_not_contradicted(void **state)
{
    (void)state;
    refused_at_own_node(no_split, "without the split");
    refused_at_own_node(other_rows, "contradict");
}

/* One level, leaf-wise: the children also say which splits stay. */
static int32_t send_kept(fate_turn *turn, const struct guest *guest, uint8_t split, uint8_t *kept, uint64_t length)
{
    uint8_t right[16] = {0}, split_bits[1] = {split};
    message_children children = BOOSTING_MESSAGE__CHILDREN__INIT;
    children.tree = guest->tree;
    children.split = (ProtobufCBinaryData){.len = 1, .data = split_bits};
    children.right = (ProtobufCBinaryData){.len = split != 0 ? 5 : 0, .data = right};
    children.kept = (ProtobufCBinaryData){.len = length, .data = kept};
    return peer_send_message(turn, MESSAGE_CHILDREN, 1, &children.base);
}

static int32_t nothing_kept(fate_turn *turn, void *state)
{
    return send_kept(turn, state, 1, NULL, 0);
}

static int32_t more_kept(fate_turn *turn, void *state)
{
    return send_kept(turn, state, 1, (uint8_t[]){3}, 1);
}

static int32_t kept_without_split(fate_turn *turn, void *state)
{
    return send_kept(turn, state, 0, (uint8_t[]){1}, 1);
}

static int32_t kept_depth_wise(fate_turn *turn, void *state)
{
    return send_kept(turn, state, 1, (uint8_t[]){1}, 1);
}

static void splits_that_stay_are_checked(void **state)
{
    (void)state;
    static const struct boosting_case leaves = {
        .hosts = 1, .rows = 40, .parameters = "\"trees\": 1, \"depth\": 1, \"max_leaves\": 2, \"grow\": \"leaf-wise\"", .seed = 15};
    struct replacement replacement = {FATE_PURPOSE_TRAIN, ROLE_GUEST, GUEST_ASSIGN, nothing_kept};
    hostile_expect(&leaves, replacement, FATE_E_PROTOCOL, 1, "of other nodes");
    replacement.run = more_kept;
    hostile_expect(&leaves, replacement, FATE_E_PROTOCOL, 1, "of other nodes");
    replacement.run = kept_without_split;
    hostile_expect(&leaves, replacement, FATE_E_PROTOCOL, 1, "without being there");
    refused(GUEST_ASSIGN, kept_depth_wise, "of other nodes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(splits_are_checked),
        cmocka_unit_test(children_are_checked),
        cmocka_unit_test(own_splits_are_not_contradicted),
        cmocka_unit_test(splits_that_stay_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
