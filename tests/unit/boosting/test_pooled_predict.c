/* Pooled prediction: scores are base and leaves, whatever the order of the parties; models that do not belong together are refused. */
#include "tests/support/boosting_models.h"
#include "src/models/boosting/predict.h"

#include <stdlib.h>

static fate_context *context;

static int start(void **state)
{
    (void)state;
    return context_new(&context, NULL);
}

static int stop(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

/* The scores are those of the federated way: masks of all parties, intersected. */
static void test_masks(void **state)
{
    (void)state;
    for (int32_t objective = 1; objective < OBJECTIVE_SOFTMAX; objective++) {
        struct test_parties set;
        struct boosting_model models[3];
        struct boosting_parameters parameters = test_parameters();
        struct test_shape shape = test_mixed_shape((uint32_t)objective, 120);
        double scores[120], masked[120];
        shape.squared = objective != OBJECTIVE_LOGISTIC;
        shape.positive = objective_log_link(objective);
        parameters.objective = objective;
        parameters.measure = measure_find("auto", objective);
        assert_int_equal(test_parties_make(context, &set, shape, test_cuts, 3, 1, 0), FATE_OK);
        assert_int_equal(test_models_make(context, models, &set, &parameters), FATE_OK);
        assert_int_equal(pooled_predict(context, scores, models, set.parties, 3), FATE_OK);
        uint8_t *all = NULL;
        for (uint32_t i = 0; i < 3; i++) {
            uint32_t party = (i + 2) % 3; /* the guest, who is 1, last */
            struct predictor predictor;
            assert_int_equal(predictor_init(&predictor, context, &models[party], set.parties[party].table), FATE_OK);
            uint8_t *masks = calloc(120, (size_t)predictor.mask_bytes);
            assert_non_null(masks);
            predictor_masks(&predictor, 0, 120, masks);
            if (all != NULL) predictor_intersect(masks, all, 120 * predictor.mask_bytes);
            free(all);
            all = masks;
            if (party == 1) assert_int_equal(predictor_scores(&predictor, 0, 120, all, masked), FATE_OK);
            predictor_free(&predictor);
        }
        free(all);
        assert_memory_equal(scores, masked, sizeof scores);
        test_models_free(models, 3);
        test_parties_free(&set);
    }
}

static void test_refused(void **state)
{
    (void)state;
    struct test_parties set;
    struct boosting_model models[3], others[3];
    struct boosting_parameters parameters = test_parameters();
    double scores[120];
    assert_int_equal(test_parties_make(context, &set, test_mixed_shape(2, 120), test_cuts, 3, 0, 0), FATE_OK);
    assert_int_equal(test_models_make(context, models, &set, &parameters), FATE_OK);
    parameters.trees = 1;
    assert_int_equal(test_models_make(context, others, &set, &parameters), FATE_OK);
    struct boosting_model mixed[3] = {models[0], others[1], others[2]};
    assert_int_equal(pooled_predict(context, scores, mixed, set.parties, 3), FATE_E_MODEL);
    assert_non_null(strstr(fate_context_error(context), "do not belong together"));
    assert_int_equal(pooled_predict(context, scores, models + 1, set.parties + 1, 2), FATE_E_MODEL);
    assert_non_null(strstr(fate_context_error(context), "none of the models"));
    test_models_free(models, 3);
    test_models_free(others, 3);
    test_parties_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_masks), cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, start, stop);
}
