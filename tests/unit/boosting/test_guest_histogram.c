/* Histograms that no honest host sends: each is refused, and the host is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/boosting_hostile.h"

static const struct boosting_case usual = {.hosts = 2, .rows = 40, .columns = 3, .parameters = "\"trees\": 2, \"depth\": 2", .seed = 3};
static const struct boosting_case sampled = {
    .hosts = 1, .rows = 40, .columns = 4, .parameters = "\"trees\": 2, \"depth\": 2, \"colsample_bytree\": 0.5", .seed = 4};

static struct replacement instead_of_sum(fate_step_function run)
{
    return (struct replacement){FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_SUM, run};
}

static void refused(const struct boosting_case *from, fate_step_function run, const char *part)
{
    hostile_expect(from, instead_of_sum(run), FATE_E_PROTOCOL, 0, part);
    hostile_expect(from, instead_of_sum(run), FATE_E_PROTOCOL, 0, "party1 sent what the protocol does not allow");
}

static int32_t other_tree(fate_turn *turn, void *state)
{
    struct host *host = state;
    host->tree++;
    int32_t result = host_sum(turn, state);
    host->tree--;
    return result;
}

static int32_t other_level(fate_turn *turn, void *state)
{
    struct host *host = state;
    host->growth.level++;
    int32_t result = host_sum(turn, state);
    host->growth.level--;
    return result;
}

static int32_t column_beyond(fate_turn *turn, void *state)
{
    struct host *host = state;
    uint8_t head[HISTOGRAM_PART_HEAD + 4] = {0};
    bytes_store_u32(head, host->tree);
    bytes_store_u32(head + 4, host->growth.level);
    bytes_store_u32(head + 8, host->columns.count);
    bytes_store_u32(head + 16, 1);
    return hostile_send(turn, MESSAGE_HISTOGRAMS, 0, head, sizeof head);
}

static int32_t cells_beyond(fate_turn *turn, void *state)
{
    struct host *host = state;
    uint8_t head[HISTOGRAM_PART_HEAD + 4 * 65] = {0};
    bytes_store_u32(head, host->tree);
    bytes_store_u32(head + 4, host->growth.level);
    bytes_store_u32(head + 16, 65);
    return hostile_send(turn, MESSAGE_HISTOGRAMS, 0, head, sizeof head);
}

static int32_t cells_that_do_not_follow(fate_turn *turn, void *state)
{
    struct host *host = state;
    uint8_t head[HISTOGRAM_PART_HEAD + 4] = {0};
    bytes_store_u32(head, host->tree);
    bytes_store_u32(head + 4, host->growth.level);
    bytes_store_u32(head + 12, 1);
    bytes_store_u32(head + 16, 1);
    return hostile_send(turn, MESSAGE_HISTOGRAMS, 0, head, sizeof head);
}

static int32_t without_ciphertexts(fate_turn *turn, void *state)
{
    struct host *host = state;
    uint8_t head[HISTOGRAM_PART_HEAD + 4] = {0};
    bytes_store_u32(head, host->tree);
    bytes_store_u32(head + 4, host->growth.level);
    bytes_store_u32(head + 16, 1);
    return hostile_send(turn, MESSAGE_HISTOGRAMS, 0, head, sizeof head);
}

static int32_t zeros_for_ciphertexts(fate_turn *turn, void *state)
{
    struct host *host = state;
    uint8_t bytes[HISTOGRAM_PART_HEAD + 4 + 1024] = {0};
    bytes_store_u32(bytes, host->tree);
    bytes_store_u32(bytes + 4, host->growth.level);
    bytes_store_u32(bytes + 16, 1);
    return hostile_send(turn, MESSAGE_HISTOGRAMS, 0, bytes, HISTOGRAM_PART_HEAD + 4 + fate_public_key_ciphertext_bytes(host->key));
}

static int32_t too_short(fate_turn *turn, void *state)
{
    (void)state;
    return hostile_send(turn, MESSAGE_HISTOGRAMS, 0, "short", 5);
}

static int32_t nothing(fate_turn *turn, void *state)
{
    (void)state;
    return hostile_send(turn, MESSAGE_HISTOGRAMS, 0, NULL, 0);
}

/* The last chunks are left out. */
static int32_t too_few(fate_turn *turn, void *state)
{
    struct host *host = state;
    uint64_t kept = host->chunk_count;
    host->chunk_count = kept > 1 ? 1 : kept;
    int32_t result = host_sum(turn, state);
    host->chunk_count = kept;
    return result;
}

/* A row is moved to another bin after its gradients were added: sums do not fit counts or totals. */
static int32_t counts_of_others(fate_turn *turn, void *state)
{
    struct host *host = state;
    uint32_t column = host->real[host->chunks[host->position].number];
    uint16_t kept = host->columns.data[column][0];
    host->columns.data[column][0] = (uint16_t)(kept == 0 ? 1 : 0);
    int32_t result = host_sum(turn, state);
    host->columns.data[column][0] = kept;
    return result;
}

/* Rows that are not the node's are added to a bin. */
static int32_t sums_of_others(fate_turn *turn, void *state)
{
    struct host *host = state;
    uint32_t first_bin = 0;
    int32_t result = fate_ciphertexts_gather_add(host->chunks[host->position].bins, host->gradients, 0, 1, &first_bin);
    return result == FATE_OK ? host_sum(turn, state) : result;
}

/* A plaintext beyond the bound, as a host makes it to learn the key: twice the largest one. */
static int32_t beyond_the_bound(fate_turn *turn, void *state)
{
    struct host *host = state;
    uint32_t bits = fate_public_key_plaintext_bits(host->key), first_bin = 0;
    uint64_t words[64] = {0};
    uint8_t seed[32] = {9};
    fate_ciphertexts *largest = NULL;
    words[(bits - 1) / 64] = UINT64_C(1) << (bits - 1) % 64;
    int32_t result = fate_ciphertexts_new(host->key, &largest, 1);
    if (result == FATE_OK) result = fate_public_key_encrypt(host->key, largest, 0, 1, words, (bits + 63) / 64, seed);
    for (int i = 0; i < 2 && result == FATE_OK; i++)
        result = fate_ciphertexts_gather_add(host->chunks[host->position].bins, largest, 0, 1, &first_bin);
    fate_ciphertexts_free(largest);
    return result == FATE_OK ? host_sum(turn, state) : result;
}

/* Below the root, columns that are not in the tree's sample. */
static int32_t other_columns_below(fate_turn *turn, void *state)
{
    struct host *host = state;
    if (host->growth.level == 0) {
        return host_sum(turn, state);
    }
    for (uint32_t number = 0; number < host->columns.count; number++) {
        if (host->sampled[host->real[number]] == 0) {
            host->chunks[0].number = number;
            break;
        }
    }
    return host_sum(turn, state);
}

static void heads_are_checked(void **state)
{
    (void)state;
    refused(&usual, other_tree, "another tree or level");
    refused(&usual, other_level, "another tree or level");
    refused(&usual, column_beyond, "a column that does not follow");
    refused(&usual, cells_beyond, "too many of them");
    refused(&usual, cells_that_do_not_follow, "do not follow");
    refused(&usual, without_ciphertexts, "wrong length");
    refused(&usual, too_short, "too short");
    refused(&usual, nothing, "too few or too many columns");
    refused(&usual, too_few, "not allow");
}

static void contents_are_checked(void **state)
{
    (void)state;
    refused(&usual, zeros_for_ciphertexts, "not allow");
    /* Sums and totals may still be possible ones: then the partition does not fit them. */
    refused(&sampled, counts_of_others, "not allow");
    refused(&usual, sums_of_others, "sums that");
    refused(&sampled, other_columns_below, "not allow");
}

/* The same checks under the other cipher, and the one that it alone needs. */
static void a_plaintext_beyond_the_bound_ends_the_job_and_the_key(void **state)
{
    (void)state;
    struct boosting_case other = usual;
    other.parameters = "\"trees\": 2, \"depth\": 2, \"cipher\": \"okamoto-uchiyama\"";
    refused(&other, beyond_the_bound, "the key is retired");
    refused(&other, sums_of_others, "sums that");
    refused(&other, zeros_for_ciphertexts, "not allow");
    refused(&usual, beyond_the_bound, "not allow");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(heads_are_checked), cmocka_unit_test(contents_are_checked),
                                       cmocka_unit_test(a_plaintext_beyond_the_bound_ends_the_job_and_the_key)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
