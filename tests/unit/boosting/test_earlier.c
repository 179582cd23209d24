/* Warm start: a training that goes on from an earlier model ends with the model of an uninterrupted one, byte for byte, federated and pooled. */
#include "tests/support/boosting_earlier.h"

static void assert_equal(const fate_model *one, const fate_model *other)
{
    const uint8_t *first, *second;
    uint64_t first_length, second_length;
    assert_int_equal(fate_model_body(one, &first, &first_length), FATE_OK);
    assert_int_equal(fate_model_body(other, &second, &second_length), FATE_OK);
    assert_int_equal(first_length, second_length);
    assert_memory_equal(first, second, first_length);
}

/* The pooled run of the whole length is what both others are held against. */
static void check(const struct boosting_case *from, const char *before, uint32_t guest)
{
    struct pair pair;
    fate_model *models[BOOSTING_PARTIES_MOST] = {NULL};
    pair_make(&pair, from, before, guest);
    fate_simulator *simulator = pair_simulate(&pair, false);
    world_finish(simulator, &pair.whole);
    world_take_models(&pair.whole, simulator);
    int32_t result =
        fate_train_pooled_from(pair.whole.context, models, fate_simulator_job(simulator), (const fate_table *const *)pair.whole.tables,
                               from->validation_rows > 0 ? (const fate_table *const *)pair.whole.validations : NULL,
                               (const fate_model *const *)pair.before.pooled, NULL);
    if (result != FATE_OK) print_error("%s\n", fate_context_error(pair.whole.context));
    assert_int_equal(result, FATE_OK);
    for (uint32_t party = 0; party < pair.whole.count; party++) {
        assert_equal(models[party], pair.whole.pooled[party]);
        fate_model_free(models[party]);
    }
    fate_simulator_free(simulator);
    pair_free(&pair);
}

static void equals_an_uninterrupted_run(void **state)
{
    (void)state;
    static const uint32_t hosts[] = {0, 1, 3};
    for (uint32_t i = 0; i < 3; i++) {
        struct boosting_case from = {.hosts = hosts[i],
                                     .rows = 90,
                                     .columns = 4,
                                     .missing = true,
                                     .categories = true,
                                     .weights = true,
                                     .parameters = "\"trees\": 5, \"subsample\": 0.7, \"colsample_bytree\": 0.8",
                                     .seed = 500 + i};
        check(&from, "\"trees\": 2, \"subsample\": 0.7, \"colsample_bytree\": 0.8", hosts[i] / 2);
        from.parameters = "\"trees\": 4, \"cipher\": \"okamoto-uchiyama\", \"key_bits\": 3072, \"guest_trees\": 2";
        check(&from, "\"trees\": 3, \"cipher\": \"okamoto-uchiyama\", \"key_bits\": 3072, \"guest_trees\": 2", 0);
        from.parameters = "\"trees\": 4, \"cipher\": \"lattice\", \"subsample\": 0.7, \"min_samples\": 2";
        check(&from, "\"trees\": 3, \"cipher\": \"lattice\", \"subsample\": 0.7, \"min_samples\": 2", 0);
        from.parameters = "\"trees\": 4, \"goss_top\": 0.3, \"goss_other\": 0.2, \"grow\": \"leaf-wise\", \"max_leaves\": 5";
        check(&from, "\"trees\": 1, \"goss_top\": 0.3, \"goss_other\": 0.2, \"grow\": \"leaf-wise\", \"max_leaves\": 5", 0);
    }
}

static void stops_early_as_an_uninterrupted_run(void **state)
{
    (void)state;
    for (uint32_t hosts = 0; hosts < 3; hosts++) {
        struct boosting_case from = {.hosts = hosts,
                                     .rows = 80,
                                     .validation_rows = 40,
                                     .columns = 4,
                                     .missing = true,
                                     .parameters = "\"trees\": 12, \"early_stopping_rounds\": 3, \"learning_rate\": 0.9",
                                     .seed = 520 + hosts};
        check(&from, "\"trees\": 2, \"early_stopping_rounds\": 3, \"learning_rate\": 0.9", 0);
        from.parameters = "\"trees\": 6";
        check(&from, "\"trees\": 4", 0);
    }
}

static void softmax_goes_on(void **state)
{
    (void)state;
    for (uint32_t hosts = 0; hosts < 3; hosts++) {
        struct boosting_case from = {.hosts = hosts,
                                     .rows = 90,
                                     .validation_rows = 20,
                                     .columns = 4,
                                     .objective = "softmax",
                                     .parameters = "\"classes\": 4, \"trees\": 4, \"early_stopping_rounds\": 2",
                                     .seed = 530 + hosts};
        check(&from, "\"classes\": 4, \"trees\": 2, \"early_stopping_rounds\": 2", 0);
        from.parameters = "\"classes\": 4, \"trees\": 3, \"multi_strategy\": \"multi_output_tree\"";
        check(&from, "\"classes\": 4, \"trees\": 1, \"multi_strategy\": \"multi_output_tree\"", 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_an_uninterrupted_run),
        cmocka_unit_test(stops_early_as_an_uninterrupted_run),
        cmocka_unit_test(softmax_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
