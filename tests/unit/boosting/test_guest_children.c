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

/* One column of two bins, the host's: every split is that of these bins. */
static const uint32_t one_column[] = {0, 1};
static const struct boosting_case two_bins = {
    .hosts = 1,
    .rows = 24,
    .party_columns = one_column,
    .parameters = "\"trees\": 1, \"depth\": 1, \"bins\": 2, \"lambda\": 0, \"min_child_weight\": 0, \"min_bin_rows\": 1",
    .seed = 12};

static uint32_t swapped_row;

/* The host adds up other rows than those that it has counted and will split: its row 0 and another one take each other's bin. */
static void swap_rows(struct host *host)
{
    uint16_t *data = host->columns.data[0], kept = data[0];
    data[0] = data[swapped_row];
    data[swapped_row] = kept;
}

static int32_t add_others(fate_turn *turn, void *state)
{
    swap_rows(state);
    int32_t result = host_add(turn, state);
    swap_rows(state);
    return result;
}

static int32_t sum_others(fate_turn *turn, void *state)
{
    swap_rows(state);
    int32_t result = host_sum(turn, state);
    swap_rows(state);
    return result;
}

static int32_t added_to_a_sum;

/* An encryption of g + 1 in place of g. */
static int32_t add_one(fate_turn *turn, void *state)
{
    struct host *host = state;
    uint8_t seed[32] = {7};
    uint64_t words[8] = {1};
    uint32_t first = 0;
    fate_ciphertexts *one = NULL;
    if (host->cells == NULL || added_to_a_sum != 0) {
        return host_sum(turn, state);
    }
    added_to_a_sum = 1;
    int32_t result = fate_ciphertexts_new(host->key, &one, 1);
    if (result == FATE_OK) result = fate_public_key_encrypt(host->key, one, 0, 1, words, host->packing.pair_words, seed);
    if (result == FATE_OK) result = fate_ciphertexts_gather_add(host->cells, one, 0, 1, &first);
    fate_ciphertexts_free(one);
    return result == FATE_OK ? host_sum(turn, state) : result;
}

/* Whether the guest ended the run. A model that it made must be the pooled one, or lack the split. */
static bool ends_or_is_true(const struct replacement *replacements, uint32_t count, const struct boosting_case *from)
{
    struct hostile_run run;
    hostile_begin(&run, hostile_contexts(replacements, count), from);
    int32_t result = fate_simulator_run(run.simulator, 1000000);
    if (result == FATE_E_PROTOCOL) {
        const char *sentence = fate_session_error(fate_simulator_session(run.simulator, 0));
        assert_non_null(strstr(sentence, "party1 sent what the protocol does not allow"));
    } else {
        assert_int_equal(result, FATE_FINISHED);
        assert_true(hostile_compare(&run) <= 0); /* shorter: no split at all, its false sums gained nothing */
    }
    hostile_end(&run);
    return result == FATE_E_PROTOCOL;
}

/* Sums that are possible but not those of the rows: no split is made of them. */
static void sums_of_other_rows_make_no_split(void **state)
{
    (void)state;
    const struct replacement others[] = {{FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_ADD, add_others},
                                         {FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_SUM, sum_others}};
    const struct replacement one = {FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_SUM, add_one};
    struct boosting_case squared = two_bins;
    uint32_t ended = 0, ended_squared = 0;
    squared.squared = true; /* no two rows have the same gradient */
    for (swapped_row = 1; swapped_row < two_bins.rows; swapped_row++) {
        ended += ends_or_is_true(others, 2, &two_bins);
        ended_squared += ends_or_is_true(others, 2, &squared);
    }
    assert_in_range(ended, 1, 12); /* rows of the other bin, and of those the ones with another label */
    assert_int_equal(ended_squared, 12);
    added_to_a_sum = 0;
    assert_true(ends_or_is_true(&one, 1, &squared));
    assert_int_equal(added_to_a_sum, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(partitions_are_checked), cmocka_unit_test(sums_of_other_rows_make_no_split)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
