/* What leaves the guest as "gradients": under its key and nothing else, the pairs of the sampled rows in order, each ciphertext another one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/boosting_hostile.h"

static const struct boosting_case usual = {
    .hosts = 1, .rows = 300, .columns = 2, .parameters = "\"trees\": 2, \"depth\": 1, \"subsample\": 0.9", .seed = 6};

static const struct guest *seen;
static uint32_t trees_seen;

static int32_t watch_guest(fate_turn *turn, void *state)
{
    seen = state;
    return guest_encrypt(turn, state);
}

static void check_row(const struct host *host, uint64_t place)
{
    uint64_t words[2], expected[2];
    const struct gradient_pair *pair = &seen->pairs[host->growth.sample[place]];
    assert_true(packing_write(&host->packing, pair, expected));
    assert_int_equal(fate_secret_key_decrypt(seen->key, host->gradients, place, 1, words, host->packing.pair_words), FATE_OK);
    assert_memory_equal(words, expected, host->packing.pair_words * sizeof *words);
}

/* All gradients have come: the host's vector decrypts to the guest's numbers, and no two ciphertexts are equal. */
static int32_t watch_host(fate_turn *turn, void *state)
{
    const struct host *host = state;
    if (host->growth.level == 0 && host->position == 0) {
        uint64_t count = host->growth.sample_count, length = fate_public_key_ciphertext_bytes(host->key);
        uint8_t *bytes = malloc(count * length);
        assert_non_null(bytes);
        assert_int_equal(count, 270);
        assert_int_equal(fate_ciphertexts_write(host->gradients, 0, count, bytes), FATE_OK);
        for (uint64_t i = 0; i < count; i++) {
            check_row(host, i);
            for (uint64_t k = 0; k < i; k++) {
                assert_memory_not_equal(bytes + i * length, bytes + k * length, length);
            }
        }
        free(bytes);
        trees_seen++;
    }
    return host_sum(turn, state);
}

static void encrypted_pairs_of_the_sample(void **state)
{
    (void)state;
    struct hostile_run run;
    seen = NULL;
    trees_seen = 0;
    struct replacement both[] = {{FATE_PURPOSE_TRAIN, ROLE_GUEST, GUEST_ENCRYPT, watch_guest},
                                 {FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_SUM, watch_host}};
    hostile_begin(&run, hostile_contexts(both, 2), &usual);
    assert_int_equal(fate_simulator_run(run.simulator, 1000000), FATE_FINISHED);
    assert_int_equal(trees_seen, 2);
    hostile_end(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(encrypted_pairs_of_the_sample)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
