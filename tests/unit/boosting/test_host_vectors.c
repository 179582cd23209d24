/* A host and vectors, or rows of nodes, that no honest guest sends. */
#include "tests/support/unit.h"

#include "src/crypto/lattice_wire.h"
#include "src/models/boosting/guest_lattice.h"
#include "src/models/boosting/host_lattice.h"
#include "tests/support/boosting_hostile.h"

static const struct boosting_case usual = {
    .hosts = 1, .rows = 60, .columns = 3, .parameters = "\"trees\": 2, \"cipher\": \"lattice\"", .seed = 62};

static void expect(uint32_t step, fate_step_function run, const char *part)
{
    struct replacement replacement = {FATE_PURPOSE_TRAIN, ROLE_GUEST, step, run};
    hostile_expect(&usual, replacement, FATE_E_PROTOCOL, 1, part);
}

/* Vectors of the level under numbers that others had. */
static int32_t used_numbers(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    if (guest->growth.level > 0 && !guest->lattice->begun) guest->lattice->used = 0;
    return guest_vectors(turn, state);
}

static int32_t garbage(fate_turn *turn, void *state)
{
    (void)state;
    return hostile_send(turn, MESSAGE_VECTORS, 1, "garbage", 7);
}

static int32_t send_head(fate_turn *turn, struct guest *guest, uint32_t nodes, uint32_t node_vectors, int32_t last)
{
    const struct vectors_head head = {guest->tree, guest->growth.level, nodes, node_vectors, 0};
    struct buffer bytes;
    buffer_init(&bytes, guest->context);
    vectors_head_write(&bytes, &head);
    int32_t result = fate_turn_send(turn, MESSAGE_VECTORS, 1, bytes.bytes, bytes.length, last);
    buffer_free(&bytes);
    return result;
}

static int32_t too_many_nodes(fate_turn *turn, void *state)
{
    return send_head(turn, state, 2, 2, 1);
}

static int32_t no_vectors(fate_turn *turn, void *state)
{
    return send_head(turn, state, 1, 2, 1);
}

/* The head, then one part of a vector. */
static int32_t send_part(fate_turn *turn, struct guest *guest, struct lattice_head head, uint64_t cut)
{
    uint8_t bytes[LATTICE_HEAD + 200 * 16] = {0};
    int32_t result = send_head(turn, guest, 1, 2, 0);
    lattice_head_write(&guest->lattice->plan, bytes, &head);
    if (result != FATE_OK) return result;
    return hostile_send(turn, MESSAGE_VECTORS, 1, bytes, LATTICE_HEAD + head.count * guest->lattice->plan.profile->bytes - cut);
}

static int32_t other_attempt(fate_turn *turn, void *state)
{
    return send_part(turn, state, (struct lattice_head){LATTICE_VECTOR, 100, 0, 0, 1}, 0);
}

static int32_t other_number(fate_turn *turn, void *state)
{
    return send_part(turn, state, (struct lattice_head){LATTICE_VECTOR, 100, 0, 1, 0}, 0);
}

static int32_t other_place(fate_turn *turn, void *state)
{
    return send_part(turn, state, (struct lattice_head){LATTICE_VECTOR, 100, 4, 0, 0}, 0);
}

static int32_t cut_part(fate_turn *turn, void *state)
{
    return send_part(turn, state, (struct lattice_head){LATTICE_VECTOR, 100, 0, 0, 0}, 1);
}

static int32_t too_short(fate_turn *turn, void *state)
{
    return send_part(turn, state, (struct lattice_head){LATTICE_VECTOR, 100, 0, 0, 0}, 0);
}

static void vectors_are_checked(void **state)
{
    (void)state;
    expect(GUEST_VECTORS, used_numbers, "vectors under numbers that were used before");
    expect(GUEST_VECTORS, garbage, "vectors of another tree or level");
    expect(GUEST_VECTORS, too_many_nodes, "vectors of another tree or level, or too many of them");
    expect(GUEST_VECTORS, no_vectors, "fewer vectors than it had said");
    expect(GUEST_VECTORS, other_attempt, "a part of a vector that does not follow");
    expect(GUEST_VECTORS, other_number, "a part of a vector that does not follow");
    expect(GUEST_VECTORS, other_place, "a part of a vector that does not follow");
    expect(GUEST_VECTORS, cut_part, "a part of 100 items has");
    expect(GUEST_VECTORS, too_short, "fewer vectors than it had said");
}

static int32_t rows_of_another_level(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    const struct message_level level = {.tree = guest->tree, .level = guest->growth.level + 1};
    struct buffer bytes;
    buffer_init(&bytes, guest->context);
    node_rows_write(&bytes, &level, NULL, 0, NULL, 60);
    int32_t result = hostile_send(turn, MESSAGE_NODE_ROWS, 1, bytes.bytes, bytes.length);
    buffer_free(&bytes);
    return result;
}

static int32_t split_of_unnamed_rows(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    const struct message_level level = {.tree = guest->tree, .level = guest->growth.level};
    uint8_t left[32] = {1};
    message_candidate candidate = BOOSTING_MESSAGE__CANDIDATE__INIT, *candidates[] = {&candidate};
    message_node_split split = BOOSTING_MESSAGE__NODE_SPLIT__INIT, *nodes[] = {&split};
    message_splits splits = BOOSTING_MESSAGE__SPLITS__INIT;
    struct buffer bytes;
    candidate.column = 1;
    candidate.left = (ProtobufCBinaryData){.len = (guest->parties[1].bins[0] + 7) / 8, .data = left};
    split.n_tied = splits.n_nodes = 1;
    split.tied = candidates;
    splits.nodes = nodes;
    buffer_init(&bytes, guest->context);
    node_rows_write(&bytes, &level, NULL, 0, NULL, 60);
    int32_t result = hostile_send(turn, MESSAGE_NODE_ROWS, 1, bytes.bytes, bytes.length);
    bytes.length = 0;
    if (result == FATE_OK) result = message_encode(guest->context, &splits.base, &bytes);
    if (result == FATE_OK) result = hostile_send(turn, MESSAGE_SPLITS, 1, bytes.bytes, bytes.length);
    buffer_free(&bytes);
    return result;
}

static void rows_are_checked(void **state)
{
    (void)state;
    expect(GUEST_CHOOSE, rows_of_another_level, "names other nodes or rows than there are");
    expect(GUEST_CHOOSE, split_of_unnamed_rows, "a split of a node whose rows it had not named");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_are_checked),
        cmocka_unit_test(rows_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
