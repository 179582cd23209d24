/* The host's sums: gradients that no honest guest sends, and sums that carry fresh randomness. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/boosting_hostile.h"
#include "tests/support/effort.h"

static const struct boosting_case usual = {.hosts = 1, .rows = 40, .columns = 3, .parameters = "\"trees\": 2, \"depth\": 3", .seed = 13};

/* A part of count rows from first, its ciphertexts all 1 (an encryption of 0) or all 0 (none). */
static int32_t send_part(fate_turn *turn, const struct guest *guest, uint64_t first, uint64_t count, uint8_t value, uint64_t cut)
{
    uint64_t each = fate_public_key_ciphertext_bytes(guest->public_key), length = GRADIENT_PART_HEAD + count * each - cut;
    uint8_t *bytes = calloc(GRADIENT_PART_HEAD + count * each, 1);
    assert_non_null(bytes);
    bytes_store_u64(bytes, first);
    bytes_store_u64(bytes + 8, count);
    for (uint64_t i = 0; i < count; i++) {
        bytes[GRADIENT_PART_HEAD + i * each] = value;
    }
    int32_t result = hostile_send(turn, MESSAGE_GRADIENTS, 1, bytes, length);
    free(bytes);
    return result;
}

static int32_t too_few(fate_turn *turn, void *state)
{
    return send_part(turn, state, 0, 39, 1, 0);
}

static int32_t too_many(fate_turn *turn, void *state)
{
    return send_part(turn, state, 0, 41, 1, 0);
}

static int32_t not_from_the_first(fate_turn *turn, void *state)
{
    return send_part(turn, state, 1, 39, 1, 0);
}

static int32_t cut(fate_turn *turn, void *state)
{
    return send_part(turn, state, 0, 40, 1, 1);
}

static int32_t no_ciphertexts(fate_turn *turn, void *state)
{
    return send_part(turn, state, 0, 40, 0, 0);
}

static int32_t nothing(fate_turn *turn, void *state)
{
    (void)state;
    return hostile_send(turn, MESSAGE_GRADIENTS, 1, NULL, 0);
}

static void gradients_are_checked(void **state)
{
    (void)state;
    struct replacement replacement = {FATE_PURPOSE_TRAIN, ROLE_GUEST, GUEST_ENCRYPT, too_few};
    hostile_expect(&usual, replacement, FATE_E_PROTOCOL, 1, "too few rows");
    replacement.run = too_many;
    hostile_expect(&usual, replacement, FATE_E_PROTOCOL, 1, "do not follow");
    replacement.run = not_from_the_first;
    hostile_expect(&usual, replacement, FATE_E_PROTOCOL, 1, "do not follow");
    replacement.run = cut;
    hostile_expect(&usual, replacement, FATE_E_PROTOCOL, 1, "wrong length");
    replacement.run = no_ciphertexts;
    hostile_expect(&usual, replacement, FATE_E_PROTOCOL, 1, "party0 sent what the protocol does not allow");
    replacement.run = nothing;
    hostile_expect(&usual, replacement, FATE_E_PROTOCOL, 1, "wrong length");
}

static uint8_t *bare;
static uint64_t bare_length;
static uint32_t compared;

/* What the first part would look like with no randomness of the host's own. */
static int32_t keep_bare(fate_turn *turn, void *state)
{
    struct host *host = state;
    bool full = host->cells != NULL && host->cells_count == fate_ciphertexts_count(host->cells);
    if (host->growth.level == 0 && host->cells_first == 0 && full) {
        fate_ciphertexts *packed;
        assert_int_equal(fate_ciphertexts_pack(host->cells, &packed, host->packing.pair_bits, host->packing.pairs), FATE_OK);
        bare_length = fate_ciphertexts_count(packed) * fate_public_key_ciphertext_bytes(host->key);
        free(bare);
        bare = malloc(bare_length);
        assert_non_null(bare);
        assert_int_equal(fate_ciphertexts_write(packed, 0, fate_ciphertexts_count(packed), bare), FATE_OK);
        fate_ciphertexts_free(packed);
    }
    return host_sum(turn, state);
}

/* What came is another ciphertext of the same sums: every one differs, and all of them decrypt as the bare ones do. */
static int32_t compare_with_bare(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    const uint8_t *bytes;
    uint64_t length, each = fate_public_key_ciphertext_bytes(guest->public_key);
    struct histogram_part part;
    assert_int_equal(fate_turn_received(turn, fate_turn_from(turn), &bytes, &length), FATE_OK);
    assert_true(histogram_part_read(&part, bytes, length));
    if (part.level == 0 && part.first == 0 && guest->part == NULL) {
        uint64_t count = bare_length / each, one[64], other[64];
        fate_ciphertexts *vector;
        assert_int_equal(part.ciphertext_length, bare_length);
        assert_true(count > 0);
        assert_int_equal(fate_ciphertexts_new(guest->public_key, &vector, 2), FATE_OK);
        for (uint64_t i = 0; i < count; i++) {
            assert_memory_not_equal(part.ciphertexts + i * each, bare + i * each, each);
            assert_int_equal(fate_ciphertexts_read(vector, 0, 1, part.ciphertexts + i * each, each), FATE_OK);
            assert_int_equal(fate_ciphertexts_read(vector, 1, 1, bare + i * each, each), FATE_OK);
            assert_int_equal(fate_secret_key_decrypt(guest->key, vector, 0, 1, one, 64), FATE_OK);
            assert_int_equal(fate_secret_key_decrypt(guest->key, vector, 1, 1, other, 64), FATE_OK);
            assert_memory_equal(one, other, sizeof one);
        }
        fate_ciphertexts_free(vector);
        compared++;
    }
    return guest_collect(turn, state);
}

static void sums_carry_fresh_randomness(void **state)
{
    (void)state;
    struct hostile_run run;
    struct replacement both[] = {{FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_SUM, keep_bare},
                                 {FATE_PURPOSE_TRAIN, ROLE_GUEST, GUEST_COLLECT, compare_with_bare}};
    compared = 0;
    hostile_begin(&run, hostile_contexts(both, 2), &usual);
    assert_int_equal(fate_simulator_run(run.simulator, 1000000), FATE_FINISHED);
    assert_int_equal(compared, 2);
    hostile_end(&run);
    free(bare);
    bare = NULL;
}

static uint32_t joint_seen, alone_seen, parts_seen;

/* Groups cover the level's columns once, in order; joint cells are fewer than rows; parts are full but the last. */
static int32_t watch_groups(fate_turn *turn, void *state)
{
    const struct host *host = state;
    uint32_t next = 0;
    for (uint32_t i = 0; i < host->group_count; i++) {
        const struct joint_group *joint = &host->groups[i].joint;
        assert_int_equal(joint->first, next);
        next += joint->count;
        joint_seen += joint->count > 1;
        alone_seen += joint->count == 1;
        assert_true(joint->count == 1 || joint->cells * host->growth.summed_count < host->growth.sample_count);
    }
    assert_int_equal(next, host->drawn_count);
    uint64_t most = 32 * host->packing.pairs, left = host->cells_total - host->cells_first;
    assert_true(host->cells == NULL || fate_ciphertexts_count(host->cells) == (left < most ? left : most));
    parts_seen += host->cells != NULL && host->cells_first > 0;
    return host_sum(turn, state);
}

static void groups_cover_the_level(void **state)
{
    (void)state;
    struct hostile_run run;
    struct boosting_case from = {.hosts = 1,
                                 .rows = 150,
                                 .columns = 4,
                                 .parameters = "\"trees\": 1, \"depth\": 5, \"bins\": 60, \"min_bin_rows\": 1, "
                                               "\"min_child_weight\": 0, \"colsample_bytree\": 0.7",
                                 .seed = 14};
    struct replacement watch = {FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_SUM, watch_groups};
    hostile_begin(&run, hostile_context(watch), &from);
    assert_int_equal(fate_simulator_run(run.simulator, 1000000), FATE_FINISHED);
    hostile_end(&run);
    assert_true(alone_seen > 0 && parts_seen > 0);
    from.parameters = "\"trees\": 1, \"depth\": 3, \"bins\": 3";
    joint_seen = 0;
    hostile_begin(&run, hostile_context(watch), &from);
    assert_int_equal(fate_simulator_run(run.simulator, 1000000), FATE_FINISHED);
    hostile_end(&run);
    assert_true(joint_seen > 0);
}

static uint32_t batches_seen;

/* Only the first group takes the root's gradients as they come. */
static int32_t stream_one_group(fate_turn *turn, void *state)
{
    struct host *host = state;
    int32_t result = host_count(turn, state);
    if (result == FATE_OK && host->growth.level == 0) {
        fate_ciphertexts_free(host->sums);
        host->sums = NULL;
        host->batch_end = 0;
        result = host_begin_batch(host, 1);
    }
    return result;
}

/* Every batch has one group. */
static int32_t sum_by_groups(fate_turn *turn, void *state)
{
    struct host *host = state;
    assert_true(host->sums == NULL || host->batch_end == host->batch_first + 1);
    if (host->sums == NULL || (host->batch_added && host->position == host->batch_end && host->batch_end < host->group_count)) {
        fate_ciphertexts_free(host->sums);
        host->sums = NULL;
        batches_seen += host->batch_first > 0;
        int32_t result = host_begin_batch(host, 1);
        return result == FATE_OK ? FATE_AGAIN : result;
    }
    return host_sum(turn, state);
}

static fate_model *guests_model(const struct boosting_case *from, fate_context *context)
{
    struct hostile_run run;
    fate_model *model = NULL;
    hostile_begin(&run, context, from);
    assert_int_equal(fate_simulator_run(run.simulator, 1000000), FATE_FINISHED);
    assert_int_equal(fate_session_model(fate_simulator_session(run.simulator, 0), &model), FATE_OK);
    hostile_end(&run);
    return model;
}

static void batches_change_nothing(void **state)
{
    (void)state;
    const struct boosting_case from = {
        .hosts = 1, .rows = 150, .columns = 5, .missing = true, .parameters = "\"trees\": 2, \"depth\": 3, \"bins\": 8", .seed = 16};
    struct replacement small[] = {{FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_COUNT, stream_one_group},
                                  {FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_SUM, sum_by_groups}};
    fate_model *one = guests_model(&from, hostile_contexts(small, 0)), *other = guests_model(&from, hostile_contexts(small, 2));
    const uint8_t *bytes, *others;
    uint64_t length, others_length;
    assert_int_equal(fate_model_body(one, &bytes, &length), FATE_OK);
    assert_int_equal(fate_model_body(other, &others, &others_length), FATE_OK);
    assert_int_equal(length, others_length);
    assert_memory_equal(bytes, others, length);
    assert_true(batches_seen > 3);
    fate_model_free(one);
    fate_model_free(other);
}

/* A column of many bins: its cells of all nodes together are more than have room, and its nodes are added up some at a time. */
static uint64_t most_sums, most_cells;

static int32_t watch_room(fate_turn *turn, void *state)
{
    const struct host *host = state;
    uint64_t sums = fate_ciphertexts_count(host->sums), cells = host->level_columns[0].bins * (uint64_t)host->growth.summed_count;
    most_sums = sums > most_sums ? sums : most_sums;
    most_cells = cells > most_cells ? cells : most_cells;
    return host_sum(turn, state);
}

static void many_bins_at_many_nodes(void **state)
{
    (void)state;
    if (EFFORT_STRIDE > 1) skip();
    enum { ROOM = 32768 };
    static const uint32_t columns[] = {0, 3};
    struct boosting_case from = {.hosts = 1,
                                 .rows = 9000,
                                 .party_columns = columns,
                                 .parameters = "\"trees\": 1, \"depth\": 5, \"bins\": 9000, \"min_bin_rows\": 1, \"min_child_weight\": 0",
                                 .seed = 14};
    struct hostile_run run;
    most_sums = most_cells = 0;
    hostile_begin(&run, hostile_context((struct replacement){FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_SUM, watch_room}), &from);
    assert_int_equal(fate_simulator_run(run.simulator, 10000000), FATE_FINISHED);
    assert_true(most_cells > 2 * ROOM);
    assert_true(most_sums <= ROOM);
    assert_int_equal(hostile_compare(&run), 0);
    hostile_end(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_checked),  cmocka_unit_test(sums_carry_fresh_randomness), cmocka_unit_test(groups_cover_the_level),
        cmocka_unit_test(batches_change_nothing), cmocka_unit_test(many_bins_at_many_nodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
