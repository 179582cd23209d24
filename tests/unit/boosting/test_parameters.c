/* Parameters of jobs: defaults, all names, and what is refused. */
#include "tests/support/unit.h"
#include "src/models/boosting/measure.h"
#include "src/models/boosting/objective.h"
#include "src/models/boosting/parameters.h"

#include <fate/simulator.h>
#include <stdio.h>

static fate_context *context;

static int start(void **state)
{
    (void)state;
    return fate_context_new(&context, NULL);
}

static int stop(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

/* The result of reading a job with these parameters, which are JSON members. */
static int32_t read_job(const char *given, struct boosting_parameters *parameters)
{
    char text[1024];
    fate_simulator *simulator = NULL;
    snprintf(
        text, sizeof text,
        "{\"algorithm\": \"vertical-boosting\", \"id\": \"id\", \"label\": \"y\", \"parties\": [{\"name\": \"bank\", \"role\": \"guest\", "
        "\"address\": \"127.0.0.1:1\"}, {\"name\": \"telecom\", \"role\": \"host\"}], \"parameters\": {%s}}",
        given);
    int32_t result = fate_simulator_new(context, &simulator, text, FATE_PURPOSE_TRAIN, 1);
    if (result == FATE_OK) result = parameters_read(context, parameters, fate_simulator_job(simulator));
    fate_simulator_free(simulator);
    return result;
}

static void test_defaults(void **state)
{
    (void)state;
    struct boosting_parameters p;
    assert_int_equal(read_job("", &p), FATE_OK);
    assert_int_equal(p.objective, OBJECTIVE_LOGISTIC);
    assert_true(p.trees == 10 && p.depth == 3 && p.bins == 32 && p.learning_rate == 0.3);
    assert_true(p.lambda == 1 && p.alpha == 0 && p.gamma == 0 && p.min_child_weight == 1);
    assert_true(p.subsample == 1 && p.colsample_bytree == 1 && p.early_stopping_rounds == 0 && p.base_score == 0.5);
    assert_true(p.min_bin_rows == 5 && p.guest_trees == 0 && p.key_bits == 2048 && p.seed == 0);
    assert_string_equal(p.cipher, "paillier");
    assert_true(p.min_samples == 1 && p.max_leaves == 0 && !p.leaf_wise && p.colsample_bylevel == 1 && !p.one_vs_rest && p.goss_top == 0 &&
                p.goss_other == 0);
    assert_true(p.scale_pos_weight == 1 && p.huber_delta == 1 && p.quantile_alpha == 0.5 && p.tweedie_power == 1.5);
    assert_int_equal(p.measure, MEASURE_LOG_LOSS);
}

static void test_all(void **state)
{
    (void)state;
    struct boosting_parameters p;
    assert_int_equal(
        read_job("\"objective\": \"squared\", \"trees\": 100000, \"depth\": 16, \"bins\": 65535, \"learning_rate\": 1, \"lambda\": 0.1, "
                 "\"alpha\": 2, \"gamma\": 3, \"min_child_weight\": 4, \"subsample\": 0.5, \"colsample_bytree\": 0.25, "
                 "\"early_stopping_rounds\": 6, \"base_score\": -7, \"min_bin_rows\": 8, \"guest_trees\": 9, \"key_bits\": 3072, "
                 "\"seed\": 9007199254740991, \"cipher\": \"okamoto-uchiyama\"",
                 &p),
        FATE_OK);
    assert_int_equal(p.objective, OBJECTIVE_SQUARED);
    assert_true(p.trees == 100000 && p.depth == 16 && p.bins == 65535 && p.learning_rate == 1);
    assert_true(p.lambda == 0.1 && p.alpha == 2 && p.gamma == 3 && p.min_child_weight == 4);
    assert_true(p.subsample == 0.5 && p.colsample_bytree == 0.25 && p.early_stopping_rounds == 6 && p.base_score == -7);
    assert_true(p.min_bin_rows == 8 && p.guest_trees == 9 && p.key_bits == 3072 && p.seed == UINT64_C(9007199254740991));
    assert_string_equal(p.cipher, "okamoto-uchiyama");
    assert_null(p.lattice);
    assert_int_equal(p.measure, MEASURE_RMSE);
    assert_int_equal(read_job("\"cipher\": \"lattice\"", &p), FATE_OK);
    assert_string_equal(p.cipher, "lattice");
    assert_string_equal(p.lattice->name, "B");
    assert_int_equal(read_job("\"cipher\": \"lattice\", \"lattice_profile\": \"C\"", &p), FATE_OK);
    assert_string_equal(p.lattice->name, "C");
    assert_int_equal(read_job("\"lattice_profile\": \"C\"", &p), FATE_E_JOB);
    assert_int_equal(p.lattice_vectors, 0);
    assert_int_equal(read_job("\"cipher\": \"lattice\", \"trees\": 2, \"depth\": 2, \"lattice_vectors\": 12", &p), FATE_OK);
    assert_int_equal(p.lattice_vectors, 12);
    assert_int_equal(read_job("\"cipher\": \"lattice\", \"trees\": 2, \"depth\": 2, \"lattice_vectors\": 11", &p), FATE_E_JOB);
    assert_int_equal(read_job("\"lattice_vectors\": 12", &p), FATE_E_JOB);
    assert_int_equal(read_job("\"cipher\": \"lattice\", \"lattice_profile\": \"D\"", &p), FATE_E_JOB);
    assert_int_equal(read_job("\"scale_pos_weight\": 3, \"metric\": \"auc\"", &p), FATE_OK);
    assert_true(p.scale_pos_weight == 3 && p.measure == MEASURE_AUC);
    assert_int_equal(read_job("\"objective\": \"huber\", \"huber_delta\": 2, \"quantile_alpha\": 0.9, \"metric\": \"pinball\"", &p),
                     FATE_OK);
    assert_true(p.huber_delta == 2 && p.quantile_alpha == 0.9);
    assert_int_equal(read_job("\"objective\": \"tweedie\", \"tweedie_power\": 1.1, \"huber_delta\": 2, \"metric\": \"huber\"", &p),
                     FATE_OK);
    assert_true(p.huber_delta == 2 && p.tweedie_power == 1.1);
    assert_int_equal(
        read_job(
            "\"min_samples\": 7, \"max_leaves\": 9, \"grow\": \"leaf-wise\", \"colsample_bylevel\": 0.5, \"category_splits\": \"one-vs-rest\", \"goss_top\": 0.25, "
            "\"goss_other\": 0.125",
            &p),
        FATE_OK);
    assert_true(p.min_samples == 7 && p.max_leaves == 9 && p.leaf_wise && p.colsample_bylevel == 0.5 && p.one_vs_rest &&
                p.goss_top == 0.25 && p.goss_other == 0.125);
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"\"objective\": \"cubic\"", "objective"},
        {"\"trees\": 0", "trees"},
        {"\"trees\": 100001", "trees"},
        {"\"depth\": 17", "depth"},
        {"\"bins\": 1", "bins"},
        {"\"bins\": 65536", "bins"},
        {"\"learning_rate\": 0", "learning_rate"},
        {"\"learning_rate\": 1.5", "learning_rate"},
        {"\"lambda\": -1", "lambda"},
        {"\"subsample\": 0", "subsample"},
        {"\"colsample_bytree\": 1.01", "colsample"},
        {"\"base_score\": 0", "base_score"},
        {"\"base_score\": 1", "base_score"},
        {"\"min_bin_rows\": 0", "min_bin_rows"},
        {"\"guest_trees\": 11", "guest_trees"},
        {"\"key_bits\": 2050", "key_bits"},
        {"\"key_bits\": 1024", "key_bits"},
        {"\"cipher\": \"lattice\", \"key_bits\": 3072", "key_bits does nothing with the cipher \"lattice\""},
        {"\"cipher\": \"rsa\"", "cipher"},
        {"\"seed\": -1", "seed"},
        {"\"tree\": 5", "tree"},
        {"\"objective\": \"poisson\", \"base_score\": 0", "base_score must be above 0"},
        {"\"objective\": \"poisson\", \"scale_pos_weight\": 2", "scale_pos_weight"},
        {"\"objective\": \"poisson\", \"metric\": \"auc\"", "does not fit the objective"},
        {"\"metric\": \"poisson_deviance\"", "does not fit the objective"},
        {"\"metric\": \"beauty\"", "metric"},
        {"\"min_samples\": 0", "min_samples"},
        {"\"max_leaves\": 1", "max_leaves is 1"},
        {"\"grow\": \"leaf-wise\"", "needs max_leaves"},
        {"\"category_splits\": \"none\"", "category_splits"},
        {"\"goss_top\": 0.2", "goss_other"},
        {"\"goss_other\": 0.2", "goss_other"},
        {"\"goss_top\": 0.8, \"goss_other\": 0.3", "at most 1 together"},
        {"\"goss_top\": 0.2, \"goss_other\": 0.3, \"subsample\": 0.5", "subsample must be 1"},
        {"\"huber_delta\": 0", "huber_delta"},
        {"\"quantile_alpha\": 1", "quantile_alpha"},
        {"\"tweedie_power\": 2", "tweedie_power"},
        {"\"huber_delta\": 2", "huber_delta does nothing with the objective \"logistic\""},
        {"\"objective\": \"squared\", \"quantile_alpha\": 0.9", "quantile_alpha does nothing"},
        {"\"objective\": \"gamma\", \"tweedie_power\": 1.1, \"metric\": \"huber\"", "tweedie_power does nothing"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct boosting_parameters p;
        assert_int_equal(read_job(bad[i][0], &p), FATE_E_JOB);
        assert_non_null(strstr(fate_context_error(context), bad[i][1]));
    }
}

static void test_validation(void **state)
{
    (void)state;
    struct boosting_parameters p;
    assert_int_equal(read_job("\"early_stopping_rounds\": 3", &p), FATE_OK);
    assert_int_equal(parameters_check_validation(context, &p, true), FATE_OK);
    assert_int_equal(parameters_check_validation(context, &p, false), FATE_E_JOB);
    p.early_stopping_rounds = 0;
    assert_int_equal(parameters_check_validation(context, &p, false), FATE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_defaults), cmocka_unit_test(test_all), cmocka_unit_test(test_refused),
                                       cmocka_unit_test(test_validation)};
    return cmocka_run_group_tests(tests, start, stop);
}
