/* A host before its trees: keys and rounds that no honest guest sends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "src/models/boosting/peer.h"
#include "tests/support/boosting_hostile.h"

static const struct boosting_case usual = {
    .hosts = 1, .rows = 30, .columns = 3, .parameters = "\"trees\": 2, \"guest_trees\": 1", .seed = 12};

static int32_t send_setup(fate_turn *turn, struct guest *guest, uint32_t value_bits, uint64_t cut)
{
    uint8_t *bytes = NULL;
    uint64_t length = 0;
    message_setup setup = BOOSTING_MESSAGE__SETUP__INIT;
    int32_t result = guest_make_key(turn, guest);
    if (result == FATE_OK) {
        result = fate_public_key_export(guest->public_key, &bytes, &length);
    }
    if (result == FATE_OK) {
        setup.public_key = (ProtobufCBinaryData){.len = length - cut, .data = bytes};
        setup.value_bits = value_bits;
        result = peer_send_message(turn, MESSAGE_SETUP, 1, &setup.base);
    }
    fate_free(guest->context, bytes);
    return result;
}

static int32_t garbage(fate_turn *turn, void *state)
{
    (void)state;
    return hostile_send(turn, MESSAGE_SETUP, 1, "\xff", 1);
}

static int32_t cut_key(fate_turn *turn, void *state)
{
    return send_setup(turn, state, OBJECTIVE_BITS, 1);
}

static int32_t other_width(fate_turn *turn, void *state)
{
    return send_setup(turn, state, OBJECTIVE_BITS + 1, 0);
}

/* A key of the other scheme, which is weaker against cheating hosts, or which the host did not agree to. */
static int32_t other_cipher(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    guest->parameters.cipher = strcmp(guest->parameters.cipher, "paillier") == 0 ? "okamoto-uchiyama" : "paillier";
    return send_setup(turn, guest, OBJECTIVE_BITS, 0);
}

static void keys_are_checked(void **state)
{
    (void)state;
    struct replacement replacement = {FATE_PURPOSE_TRAIN, ROLE_GUEST, GUEST_SETUP, garbage};
    hostile_expect(&usual, replacement, FATE_E_PROTOCOL, 1, "party0 sent what the protocol does not allow");
    replacement.run = cut_key;
    hostile_expect(&usual, replacement, FATE_E_PROTOCOL, 1, "party0 sent what the protocol does not allow");
    replacement.run = other_width;
    hostile_expect(&usual, replacement, FATE_E_PROTOCOL, 1, "width");
    replacement.run = other_cipher;
    hostile_expect(&usual, replacement, FATE_E_PROTOCOL, 1, "the key is of the scheme \"okamoto-uchiyama\"");
    struct boosting_case other = usual;
    other.parameters = "\"trees\": 2, \"cipher\": \"okamoto-uchiyama\"";
    hostile_expect(&other, replacement, FATE_E_PROTOCOL, 1, "the key is of the scheme \"paillier\"");
}

/* Sends a round instead of growing a tree. */
static int32_t send_round(fate_turn *turn, uint32_t kind, uint32_t tree, uint8_t shape, uint64_t shape_bytes)
{
    message_round round = BOOSTING_MESSAGE__ROUND__INIT;
    uint8_t bits[32];
    memset(bits, 0xff, sizeof bits);
    bits[0] = shape;
    round.kind = (BoostingMessage__Round__Kind)kind;
    round.tree = tree;
    round.shape = (ProtobufCBinaryData){.len = shape_bytes, .data = bits};
    int32_t result = fate_turn_go_to(turn, GUEST_PARTITION);
    return result == FATE_OK ? peer_send_message(turn, MESSAGE_ROUND, 1, &round.base) : result;
}

static int32_t unknown_kind(fate_turn *turn, void *state)
{
    (void)state;
    return send_round(turn, 9, 0, 0, 0);
}

static int32_t other_tree(fate_turn *turn, void *state)
{
    (void)state;
    return send_round(turn, BOOSTING_MESSAGE__ROUND__KIND__OWN, 1, 0, 1);
}

static int32_t shared_too_early(fate_turn *turn, void *state)
{
    (void)state;
    return send_round(turn, BOOSTING_MESSAGE__ROUND__KIND__SHARED, 0, 0, 0);
}

static int32_t no_tree(fate_turn *turn, void *state)
{
    (void)state;
    return send_round(turn, BOOSTING_MESSAGE__ROUND__KIND__OWN, 0, 0x01, 2);
}

/* A chain of splits that is one deeper than the job's depth of 3: nodes 0, 1, 3, 5. */
static int32_t too_deep(fate_turn *turn, void *state)
{
    message_round round = BOOSTING_MESSAGE__ROUND__INIT;
    uint8_t bits[2] = {0x2b, 0};
    (void)state;
    round.kind = BOOSTING_MESSAGE__ROUND__KIND__OWN;
    round.shape = (ProtobufCBinaryData){.len = 2, .data = bits};
    int32_t result = fate_turn_go_to(turn, GUEST_PARTITION);
    return result == FATE_OK ? peer_send_message(turn, MESSAGE_ROUND, 1, &round.base) : result;
}

static int32_t keeps_too_many(fate_turn *turn, void *state)
{
    (void)state;
    return send_round(turn, BOOSTING_MESSAGE__ROUND__KIND__END, 1, 0, 0);
}

/* A sample of other than the job's number of rows, or none. */
static int32_t send_sample(fate_turn *turn, uint8_t bits, uint64_t bytes)
{
    uint8_t sample[8] = {bits};
    message_round round = BOOSTING_MESSAGE__ROUND__INIT;
    int32_t result = fate_turn_go_to(turn, GUEST_END);
    round.kind = BOOSTING_MESSAGE__ROUND__KIND__SHARED;
    round.sample = (ProtobufCBinaryData){.len = bytes, .data = sample};
    return result == FATE_OK ? peer_send_message(turn, MESSAGE_ROUND, 1, &round.base) : result;
}

static int32_t no_sample(fate_turn *turn, void *state)
{
    (void)state;
    return send_sample(turn, 0, 0);
}

static int32_t small_sample(fate_turn *turn, void *state)
{
    (void)state;
    return send_sample(turn, 0x7, 4);
}

static int32_t long_sample(fate_turn *turn, void *state)
{
    (void)state;
    return send_sample(turn, 0x7, 5);
}

static void samples_are_checked(void **state)
{
    (void)state;
    struct boosting_case from = usual;
    from.parameters = "\"trees\": 2, \"goss_top\": 0.2, \"goss_other\": 0.3";
    struct replacement replacement = {FATE_PURPOSE_TRAIN, ROLE_GUEST, GUEST_BEGIN, no_sample};
    hostile_expect(&from, replacement, FATE_E_PROTOCOL, 1, "not one of this job's rows");
    replacement.run = long_sample;
    hostile_expect(&from, replacement, FATE_E_PROTOCOL, 1, "not one of this job's rows");
    replacement.run = small_sample;
    hostile_expect(&from, replacement, FATE_E_PROTOCOL, 1, "too few or too many rows");
    from.parameters = "\"trees\": 2";
    hostile_expect(&from, replacement, FATE_E_PROTOCOL, 1, "not one of this job's rows");
}

static void rounds_are_checked(void **state)
{
    (void)state;
    struct replacement replacement = {FATE_PURPOSE_TRAIN, ROLE_GUEST, GUEST_BEGIN, unknown_kind};
    hostile_expect(&usual, replacement, FATE_E_PROTOCOL, 1, "unknown kind");
    replacement.run = other_tree;
    hostile_expect(&usual, replacement, FATE_E_PROTOCOL, 1, "next tree");
    replacement.run = shared_too_early;
    hostile_expect(&usual, replacement, FATE_E_PROTOCOL, 1, "wrong kind");
    replacement.run = no_tree;
    hostile_expect(&usual, replacement, FATE_E_PROTOCOL, 1, "no tree");
    replacement.run = too_deep;
    hostile_expect(&usual, replacement, FATE_E_PROTOCOL, 1, "deeper than the job says");
    replacement.run = keeps_too_many;
    hostile_expect(&usual, replacement, FATE_E_PROTOCOL, 1, "more trees than were grown");
}

static uint32_t orders_seen;

/* The numbering is a permutation, and shapes are sent in its order. */
static int32_t watch_numbers(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    int32_t result = guest_compare(turn, state);
    if (result == FATE_OK) {
        assert_int_equal(guest->parties[1].count, 3);
        orders_seen++;
    }
    return result;
}

static int32_t watch_permutation(fate_turn *turn, void *state)
{
    struct host *host = state;
    uint32_t seen = 0;
    for (uint32_t number = 0; number < host->columns.count; number++) {
        assert_true(host->real[number] < host->columns.count);
        assert_int_equal(host->bins[number], host->columns.shapes[host->real[number]].bins);
        seen |= 1u << host->real[number];
    }
    assert_int_equal(seen, (1u << host->columns.count) - 1);
    return host_setup(turn, state);
}

static void columns_have_secret_numbers(void **state)
{
    (void)state;
    struct hostile_run run;
    struct replacement both[] = {{FATE_PURPOSE_TRAIN, ROLE_GUEST, GUEST_COMPARE, watch_numbers},
                                 {FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_SETUP, watch_permutation}};
    orders_seen = 0;
    hostile_begin(&run, hostile_contexts(both, 2), &usual);
    assert_int_equal(fate_simulator_run(run.simulator, 1000000), FATE_FINISHED);
    assert_int_equal(orders_seen, 1);
    hostile_end(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_checked),
        cmocka_unit_test(rounds_are_checked),
        cmocka_unit_test(samples_are_checked),
        cmocka_unit_test(columns_have_secret_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
