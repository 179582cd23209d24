/* Hosts that are killed while they send leaves of earlier trees, and later. */
#include "tests/support/boosting_earlier.h"

/* Every party is killed at many moments and begun anew with what it stored. */
static void goes_on_after_crashes(void **state)
{
    (void)state;
    struct boosting_case from = {.hosts = 2, .rows = 60, .validation_rows = 20, .columns = 3, .parameters = "\"trees\": 3", .seed = 540};
    struct pair pair;
    pair_make(&pair, &from, "\"trees\": 1", 0);
    for (uint64_t first = 5; first < 200; first += 30) {
        fate_simulator *simulator = pair_simulate(&pair, true);
        for (uint32_t kill = 0; kill < 3; kill++) {
            uint32_t party = kill % pair.whole.count;
            if (fate_simulator_run(simulator, first) != FATE_AGAIN) break;
            assert_int_equal(fate_simulator_restart(simulator, party), FATE_OK);
            world_equip(simulator, &pair.whole, party, FATE_PURPOSE_TRAIN, true);
            assert_int_equal(fate_session_set_model(fate_simulator_session(simulator, party), pair.before.pooled[party]), FATE_OK);
        }
        world_finish(simulator, &pair.whole);
        for (uint32_t party = 0; party < pair.whole.count; party++) {
            fate_model_free(pair.whole.pooled[party]);
            fate_model_free(pair.whole.models[party]);
            pair.whole.pooled[party] = pair.whole.models[party] = NULL;
        }
        world_take_models(&pair.whole, simulator);
        fate_simulator_free(simulator);
    }
    pair_free(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_on_after_crashes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
