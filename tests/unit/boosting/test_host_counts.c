/* The host's counts: compared with what a plain walk over the rows gives, at every level. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/boosting_hostile.h"

static uint32_t levels_seen, fullest_seen;

/* When the step is done all fullest bins are known: no other bin of theirs has more rows. */
static int32_t watch_counts(fate_turn *turn, void *state)
{
    struct host *host = state;
    int32_t result = host_count(turn, state);
    const struct growth *growth = &host->growth;
    for (uint32_t place = 0; result == FATE_OK && place < host->drawn_count; place++) {
        uint32_t bins = host->level_columns[place].bins;
        uint64_t fullest = 0;
        assert_int_equal(bins, host->bins[host->drawn[place]]);
        for (uint32_t slot = 0; slot < growth->summed_count; slot++) {
            uint64_t counts[1024] = {0}, *most = &counts[host->fullest[place * growth->summed_count + slot]];
            for (uint64_t i = 0; i < growth->sample_count; i++) {
                uint32_t row = growth->sample[i];
                counts[host->columns.data[host->real[host->drawn[place]]][row]] += growth->slot[row] == slot;
            }
            for (uint32_t bin = 0; bin < bins; bin++) assert_true(counts[bin] < *most || (counts[bin] == *most && &counts[bin] >= most));
            fullest += *most;
            fullest_seen++;
        }
        assert_int_equal(host->level_columns[place].fullest, fullest);
    }
    levels_seen += result == FATE_OK;
    return result;
}

static void counts_are_those_of_the_rows(void **state)
{
    (void)state;
    const struct boosting_case from = {.hosts = 2,
                                       .rows = 120,
                                       .columns = 4,
                                       .missing = true,
                                       .categories = true,
                                       .parameters = "\"trees\": 2, \"depth\": 3, \"colsample_bylevel\": 0.7, \"subsample\": 0.8",
                                       .seed = 15};
    struct hostile_run run;
    hostile_begin(&run, hostile_context((struct replacement){FATE_PURPOSE_TRAIN, ROLE_HOST, HOST_COUNT, watch_counts}), &from);
    assert_int_equal(fate_simulator_run(run.simulator, 1000000), FATE_FINISHED);
    hostile_end(&run);
    assert_true(levels_seen >= 8 && fullest_seen > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_are_those_of_the_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
