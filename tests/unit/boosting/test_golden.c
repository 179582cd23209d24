/* Real data sets, pooled: the measures that this library had when it was written, and XGBoost's (3.2.0, hist, the same settings, by
 * bench/quality.py). The data lies beside the repository; where it does not, the tests are skipped and say so. */
#include "tests/support/boosting_models.h"

#include <stdlib.h>

static const char directory[] = "../shared/data/";

struct golden {
    const char *guest, *host, *id, *label;
    int32_t objective;
    uint32_t trees, depth;
    uint32_t bins; /* 0: 32, merged; else every value has its own */
    const char *measure;
    double ours, xgboost, worse; /* how much worse than XGBoost's ours may be */
    uint32_t classes;            /* 0: one output */
    bool together;               /* multi-output trees */
};

static int32_t read_table(fate_context *context, const fate_table **table, const char *name, const struct golden *golden, bool guest)
{
    char path[128];
    fate_schema *schema = NULL;
    fate_table *read = NULL;
    snprintf(path, sizeof path, "%s%s", directory, name);
    assert_int_equal(fate_schema_new(context, &schema), FATE_OK);
    assert_int_equal(fate_schema_set_id(schema, golden->id), FATE_OK);
    assert_int_equal(fate_schema_set_label(schema, guest ? golden->label : NULL, 1), FATE_OK);
    int32_t result = fate_table_read_csv(context, &read, path, schema);
    fate_schema_free(schema);
    *table = read;
    return result;
}

static double measure(fate_context *context, const struct golden *golden, const struct pooled_party *parties)
{
    struct boosting_model models[2];
    struct boosting_parameters parameters = test_parameters();
    uint64_t rows = fate_table_rows(parties[0].table);
    const double *labels = fate_table_label(parties[0].table);
    uint32_t outputs = golden->classes > 0 ? golden->classes : 1;
    double *scores = malloc(rows * outputs * sizeof *scores);
    double value = 0;
    parameters.objective = golden->objective;
    parameters.outputs = outputs;
    parameters.tree_outputs = golden->together ? outputs : 1;
    parameters.round_trees = outputs / parameters.tree_outputs;
    parameters.one_vs_rest = golden->together;
    parameters.trees = golden->trees * parameters.round_trees;
    parameters.depth = golden->depth;
    parameters.lambda = 0.1;
    parameters.min_bin_rows = golden->bins == 0 ? 5 : 1;
    parameters.bins = golden->bins == 0 ? 32 : golden->bins;
    parameters.measure = measure_find(golden->measure, golden->objective);
    assert_non_null(scores);
    assert_int_equal(pooled_train(context, models, &parameters, parties, 2, NULL), FATE_OK);
    assert_int_equal(pooled_predict(context, scores, models, parties, 2), FATE_OK);
    /* Logarithms of probabilities are margins that give them. */
    for (uint64_t i = 0; i < rows * outputs; i++)
        scores[i] = outputs > 1 ? log(scores[i]) : objective_base_margin(golden->objective, scores[i]);
    assert_int_equal(measure_value(context, &value, &parameters, scores, labels, NULL, rows), FATE_OK);
    test_models_free(models, 2);
    free(scores);
    return value;
}

static void check(const struct golden *golden)
{
    fate_context *context = NULL;
    struct pooled_party parties[2] = {{.name = "guest", .guest = true}, {.name = "host"}};
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    int32_t result = read_table(context, &parties[0].table, golden->guest, golden, true);
    if (result == FATE_E_FILE) {
        fate_context_free(context);
        print_message("%s%s is not here: skipped\n", directory, golden->guest);
        skip();
    }
    assert_int_equal(result, FATE_OK);
    assert_int_equal(read_table(context, &parties[1].table, golden->host, golden, false), FATE_OK);
    double value = measure(context, golden, parties);
    double worse = strcmp(golden->measure, "auc") == 0 ? golden->xgboost - value : value - golden->xgboost;
    if (fabs(value - golden->ours) > 5e-7)
        fail_msg("%s of %s with %u trees is %.6f, not %.6f", golden->measure, golden->guest, (unsigned)golden->trees, value, golden->ours);
    assert_true(worse <= golden->worse);
    for (uint32_t i = 0; i < 2; i++) {
        fate_table *table = (fate_table *)(uintptr_t)parties[i].table;
        fate_table_free(table);
    }
    fate_context_free(context);
}

static void test_breast(void **state)
{
    (void)state;
    struct golden golden = {"breast_hetero_guest.csv",
                            "breast_hetero_host.csv",
                            "id",
                            "y",
                            OBJECTIVE_LOGISTIC,
                            10,
                            3,
                            0,
                            "auc",
                            0.999564,
                            0.999478,
                            0.002,
                            0,
                            false};
    check(&golden);
    golden.trees = 30;
    golden.ours = golden.xgboost = 1;
    check(&golden);
}

static void test_default_credit(void **state)
{
    (void)state;
    struct golden golden = {"default_credit_hetero_guest.csv",
                            "default_credit_hetero_host.csv",
                            "id",
                            "y",
                            OBJECTIVE_LOGISTIC,
                            30,
                            3,
                            0,
                            "auc",
                            0.796640,
                            0.796241,
                            0.002,
                            0,
                            false};
    check(&golden);
    golden.depth = 6;
    golden.ours = 0.851287;
    golden.xgboost = 0.851058;
    check(&golden);
}

static void test_dvisits(void **state)
{
    (void)state;
    struct golden golden = {"dvisits_hetero_guest.csv",
                            "dvisits_hetero_host.csv",
                            "id",
                            "doctorco",
                            OBJECTIVE_SQUARED,
                            30,
                            3,
                            0,
                            "rmse",
                            0.646382,
                            0.648248,
                            0.002,
                            0,
                            false};
    check(&golden);
    golden.objective = OBJECTIVE_POISSON;
    golden.measure = "poisson_deviance";
    golden.ours = 0.739435;
    golden.xgboost = 0.741609;
    check(&golden);
    golden.objective = OBJECTIVE_TWEEDIE;
    golden.measure = "tweedie_deviance";
    golden.ours = golden.xgboost = 1.868242;
    check(&golden);
}

/* Every value has its own bin: what is left of the difference is rounding. */
static void test_motor(void **state)
{
    (void)state;
    struct golden golden = {"motor_hetero_guest.csv",
                            "motor_hetero_host.csv",
                            "idx",
                            "motor_speed",
                            OBJECTIVE_ABSOLUTE,
                            30,
                            3,
                            1024,
                            "mae",
                            0.086270,
                            0.086270,
                            0.000001,
                            0,
                            false};
    check(&golden);
    golden.objective = OBJECTIVE_SQUARED;
    golden.measure = "rmse";
    golden.ours = golden.xgboost = 0.062115;
    check(&golden);
}

/* Four classes, every value with its own bin. */
static void test_vehicle(void **state)
{
    (void)state;
    struct golden golden = {.guest = "vehicle_scale_hetero_guest.csv",
                            .host = "vehicle_scale_hetero_host.csv",
                            .id = "id",
                            .label = "y",
                            .objective = OBJECTIVE_SOFTMAX,
                            .trees = 30,
                            .depth = 3,
                            .bins = 1024,
                            .measure = "log_loss",
                            .ours = 0.253156,
                            .xgboost = 0.253156,
                            .worse = 0.000001,
                            .classes = 4};
    check(&golden);
    golden.together = true;
    golden.ours = golden.xgboost = 0.336206;
    check(&golden);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_breast), cmocka_unit_test(test_default_credit), cmocka_unit_test(test_dvisits),
                                       cmocka_unit_test(test_motor), cmocka_unit_test(test_vehicle)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
