/* What a pooled training refuses to go on from, and lack of memory at every place. */
#include "tests/support/boosting_earlier.h"

#include "lib/context.h"
#include "tests/support/allocator.h"

static void refused(const char *before, const char *parameters, int32_t result, const char *words)
{
    struct boosting_case from = {.hosts = 1, .rows = 60, .columns = 3, .parameters = parameters, .seed = 560};
    struct pair pair;
    fate_model *models[2];
    pair_make(&pair, &from, before, 0);
    fate_simulator *simulator = pair_simulate(&pair, false);
    assert_int_equal(fate_train_pooled_from(pair.whole.context, models, fate_simulator_job(simulator),
                                            (const fate_table *const *)pair.whole.tables, NULL,
                                            (const fate_model *const *)pair.before.pooled, NULL),
                     result);
    if (strstr(fate_context_error(pair.whole.context), words) == NULL) print_error("%s\n", fate_context_error(pair.whole.context));
    assert_non_null(strstr(fate_context_error(pair.whole.context), words));
    assert_null(models[0]);
    fate_simulator_free(simulator);
    pair_free(&pair);
}

static void jobs_that_cannot_go_on(void **state)
{
    (void)state;
    refused("\"trees\": 2", "\"trees\": 2", FATE_E_JOB, "counts the earlier ones too");
    refused("\"trees\": 2", "\"trees\": 3, \"base_score\": 0.25", FATE_E_MODEL, "another base_score");
}

static void lack_of_memory(void **state)
{
    (void)state;
    struct boosting_case from = {.hosts = 1,
                                 .rows = 24,
                                 .validation_rows = 8,
                                 .columns = 2,
                                 .categories = true,
                                 .parameters = "\"trees\": 2, \"depth\": 1",
                                 .seed = 570};
    struct pair pair;
    fate_model *models[2];
    int32_t result = FATE_E_MEMORY;
    pair_make(&pair, &from, "\"trees\": 1, \"depth\": 1", 0);
    fate_simulator *simulator = pair_simulate(&pair, false);
    for (long long fail = 0; result == FATE_E_MEMORY; fail++) {
        struct test_allocator test;
        fate_allocator allocator = test_allocator(&test, -1);
        fate_context *poor;
        assert_int_equal(context_new(&poor, &allocator), FATE_OK);
        test.fail = atomic_load(&test.calls) + fail;
        result =
            fate_train_pooled_from(poor, models, fate_simulator_job(simulator), (const fate_table *const *)pair.whole.tables,
                                   (const fate_table *const *)pair.whole.validations, (const fate_model *const *)pair.before.pooled, NULL);
        for (uint32_t i = 0; i < 2; i++) fate_model_free(models[i]);
        fate_context_free(poor);
        assert_int_equal(atomic_load(&test.live), 0);
    }
    assert_int_equal(result, FATE_OK);
    fate_simulator_free(simulator);
    pair_free(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_that_cannot_go_on),
        cmocka_unit_test(lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
