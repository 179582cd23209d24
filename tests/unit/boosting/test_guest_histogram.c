/* Histograms that no honest host sends: each is refused, and the host is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/boosting_hostile.h"

static const struct boosting_case usual = {.hosts = 2, .rows = 40, .columns = 3, .parameters = "\"trees\": 2, \"depth\": 2", .seed = 3};

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

/* A part of the first sums: first, how many, and so many bytes of ciphertexts, all zero. */
static int32_t send_sums(fate_turn *turn, const struct host *host, uint64_t first, uint64_t cells, uint64_t length)
{
    uint8_t bytes[HISTOGRAM_PART_HEAD + 1024] = {0};
    bytes_store_u32(bytes, host->tree);
    bytes_store_u32(bytes + 4, host->growth.level);
    bytes_store_u64(bytes + 8, first);
    bytes_store_u32(bytes + 16, (uint32_t)cells);
    assert_true(length <= 1024);
    return hostile_send(turn, MESSAGE_HISTOGRAMS, 0, bytes, HISTOGRAM_PART_HEAD + length);
}

static int32_t cells_beyond(fate_turn *turn, void *state)
{
    const struct host *host = state;
    return send_sums(turn, host, 0, host->cells_total + 1, 0);
}

static int32_t cells_that_do_not_follow(fate_turn *turn, void *state)
{
    return send_sums(turn, state, 1, 1, 0);
}

static int32_t without_ciphertexts(fate_turn *turn, void *state)
{
    return send_sums(turn, state, 0, 1, 0);
}

static int32_t zeros_for_ciphertexts(fate_turn *turn, void *state)
{
    const struct host *host = state;
    return send_sums(turn, host, 0, 1, fate_public_key_ciphertext_bytes(host->key));
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

/* The last sums are left out. */
static int32_t too_few(fate_turn *turn, void *state)
{
    struct host *host = state;
    uint64_t kept = host->cells_total;
    host->cells_total = kept > host->packing.pairs ? host->packing.pairs : kept;
    int32_t result = host_sum(turn, state);
    host->cells_total = kept;
    return result;
}

/* Rows that are not the node's are added to a sum. */
static int32_t sums_of_others(fate_turn *turn, void *state)
{
    struct host *host = state;
    uint32_t first = 0;
    int32_t result = FATE_OK;
    if (host->cells != NULL) {
        for (uint64_t row = 0; row < host->growth.sample_count && result == FATE_OK; row++)
            result = fate_ciphertexts_gather_add(host->cells, host->gradients, row, 1, &first);
    }
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
    if (host->cells == NULL) return host_sum(turn, state);
    int32_t result = fate_ciphertexts_new(host->key, &largest, 1);
    if (result == FATE_OK) result = fate_public_key_encrypt(host->key, largest, 0, 1, words, (bits + 63) / 64, seed);
    for (int i = 0; i < 2 && result == FATE_OK; i++) result = fate_ciphertexts_gather_add(host->cells, largest, 0, 1, &first_bin);
    fate_ciphertexts_free(largest);
    return result == FATE_OK ? host_sum(turn, state) : result;
}

static void heads_are_checked(void **state)
{
    (void)state;
    refused(&usual, other_tree, "another tree or level");
    refused(&usual, other_level, "another tree or level");
    refused(&usual, cells_beyond, "too many of them");
    refused(&usual, cells_that_do_not_follow, "do not follow");
    refused(&usual, without_ciphertexts, "wrong length");
    refused(&usual, too_short, "too short");
    refused(&usual, nothing, "too few columns");
    refused(&usual, too_few, "too few columns");
}

static void contents_are_checked(void **state)
{
    (void)state;
    refused(&usual, zeros_for_ciphertexts, "not allow");
    refused(&usual, sums_of_others, "sums that");
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
