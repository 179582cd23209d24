/* The guest and replies that no honest host sends: each ends the job with an error that names the host. */
#include "tests/support/unit.h"

#include "src/crypto/lattice_wire.h"
#include "src/models/boosting/guest_lattice.h"
#include "src/models/boosting/host_lattice.h"
#include "tests/support/boosting_hostile.h"

static const struct boosting_case usual = {
    .hosts = 1, .rows = 60, .columns = 3, .parameters = "\"trees\": 2, \"cipher\": \"lattice\"", .seed = 32};
static const struct boosting_case counted = {
    .hosts = 1, .rows = 60, .columns = 3, .parameters = "\"trees\": 2, \"min_samples\": 2, \"cipher\": \"lattice\"", .seed = 33};

static void expect(const struct boosting_case *from, fate_step_function run, const char *part)
{
    struct replacement replacement = {FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_REPLY, run};
    hostile_expect(from, replacement, FATE_E_PROTOCOL, 0, part);
}

/* Adds to the number of each reply, once a level; half: half a step, so that rounding shows it; else as many steps. */
static int32_t add_to_replies(fate_turn *turn, struct host *host, bool half, uint8_t steps)
{
    struct host_lattice *lattice = host->lattice;
    const uint32_t bytes = lattice->plan.reply_bytes, fraction = 8 * bytes - (lattice->plan.shape.bits + 1);
    for (uint64_t i = 0; i < lattice->vectors * lattice->bin_count && !lattice->begun; i++) {
        uint64_t number = 0;
        for (uint32_t k = 0; k < bytes; k++) number |= (uint64_t)lattice->replies[i * bytes + k] << 8 * k;
        number += half ? (uint64_t)1 << (fraction - 1) : (uint64_t)steps << fraction;
        for (uint32_t k = 0; k < bytes; k++) lattice->replies[i * bytes + k] = (uint8_t)(number >> 8 * k);
    }
    return host_reply(turn, host);
}

static int32_t half_a_step(fate_turn *turn, void *state)
{
    return add_to_replies(turn, state, true, 0);
}

static int32_t other_sums(fate_turn *turn, void *state)
{
    return add_to_replies(turn, state, false, 100);
}

static void altered_replies_are_refused(void **state)
{
    (void)state;
    expect(&usual, half_a_step, "party1 sent what the protocol does not allow: lattice: a reply is not one that the protocol makes");
    expect(&usual, other_sums, "party1 sent what the protocol does not allow: ");
    expect(&counted, other_sums, "party1 sent what the protocol does not allow: sums that");
}

static int32_t garbage(fate_turn *turn, void *state)
{
    (void)state;
    return hostile_send(turn, MESSAGE_REPLIES, 0, "garbage", 7);
}

static int32_t head_alone(fate_turn *turn, void *state)
{
    struct host *host = state;
    host->lattice->vectors = 0;
    return host_reply(turn, state);
}

static int32_t other_columns(fate_turn *turn, void *state)
{
    struct host *host = state;
    host->sampled[0] = 0;
    return host_reply(turn, state);
}

static int32_t other_vector(fate_turn *turn, void *state)
{
    struct host *host = state;
    if (!host->lattice->begun) host->lattice->first++;
    return host_reply(turn, state);
}

static int32_t skipped_bin(fate_turn *turn, void *state)
{
    struct host *host = state;
    if (host->lattice->begun && host->lattice->vector == 0) host->lattice->item = 1;
    return host_reply(turn, state);
}

static int32_t too_few_vectors(fate_turn *turn, void *state)
{
    struct host *host = state;
    host->lattice->vectors = 1;
    return host_reply(turn, state);
}

static int32_t after_the_head(fate_turn *turn, const struct host *host, const void *bytes, uint64_t length)
{
    uint8_t columns = 7;
    const struct replies_head head = {host->tree, host->growth.level, &columns};
    struct buffer first;
    buffer_init(&first, host->context);
    replies_head_write(&first, &head, 3);
    int32_t result = fate_turn_send(turn, MESSAGE_REPLIES, 0, first.bytes, first.length, 0);
    buffer_free(&first);
    return result == FATE_OK ? hostile_send(turn, MESSAGE_REPLIES, 0, bytes, length) : result;
}

static int32_t no_head_of_the_cipher(fate_turn *turn, void *state)
{
    return after_the_head(turn, state, "garbage", 7);
}

static void heads_are_checked(void **state)
{
    (void)state;
    expect(&usual, garbage, "replies of another tree or level");
    expect(&usual, head_alone, "replies of other columns than at the root");
    expect(&usual, other_columns, "replies of other columns than at the root");
    expect(&usual, other_vector, "replies that do not follow");
    expect(&usual, skipped_bin, "replies that do not follow");
    expect(&usual, too_few_vectors, "replies to too few vectors");
    expect(&usual, no_head_of_the_cipher, "a part is of another kind");
    struct boosting_case drawn = usual;
    drawn.parameters = "\"trees\": 2, \"cipher\": \"lattice\", \"colsample_bytree\": 0.5";
    expect(&drawn, head_alone, "replies of too few or too many columns");
}

/* Rows that the replies do not count: a bin has one or none. */
static void counts_follow_from_hessians(void **state)
{
    (void)state;
    struct guest guest = {.parameters.tree_outputs = 2};
    struct guest_lattice lattice = {.counted = false};
    struct bin_sum scratch[2], sums[] = {{5, 0, 9}, {1, 2, 9}, {0, 0, 9}, {0, 0, 9}, {-3, 4, 9}, {0, 0, 9}};
    const struct bin_sum total[] = {{2, 4, 77}, {1, 2, 77}};
    guest.lattice = &lattice;
    assert_true(guest_lattice_count(&guest, sums, 3, 0, total));
    assert_true(sums[0].count == 1 && sums[1].count == 1 && sums[2].count == 0 && sums[3].count == 0 && sums[4].count == 1);
    const struct bin_sum *node = guest_lattice_node(&guest, sums, 3, total, scratch);
    assert_true(node[0].count == 2 && node[1].count == 2 && node[0].gradient == 2 && node[1].hessian == 2);
    lattice.counted = true;
    sums[2].count = sums[3].count = 40;
    sums[4].count = sums[5].count = 30;
    assert_true(guest_lattice_count(&guest, sums, 3, 0, total));
    assert_true(sums[0].count == 7 && sums[1].count == 7 && sums[4].count == 30);
    assert_ptr_equal(guest_lattice_node(&guest, sums, 3, total, scratch), total);
    sums[2].count = sums[3].count = 48; /* more than the node has */
    assert_false(guest_lattice_count(&guest, sums, 3, 0, total));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(altered_replies_are_refused),
        cmocka_unit_test(heads_are_checked),
        cmocka_unit_test(counts_follow_from_hessians),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
