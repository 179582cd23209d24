/* Several classes: softmax itself, its gradients, and whole jobs, federated and pooled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "lib/context.h"
#include "src/models/boosting/classes.h"
#include "src/models/boosting/objective.h"
#include "tests/support/boosting_world.h"

static void shares_of_exponentials(void **state)
{
    (void)state;
    const double margins[3] = {1, 2, 1 + 1e-9}, shifted[3] = {1001, 1002, 1001 + 1e-9}, apart[3] = {-1e300, 0, -800};
    double shares[3], again[3];
    classes_probabilities(margins, shares, 3);
    assert_true(fabs(shares[0] + shares[1] + shares[2] - 1) < 1e-15);
    assert_true(fabs(shares[1] / shares[0] - exp(1)) < 1e-14 && shares[2] > shares[0]);
    classes_probabilities(shifted, again, 3);
    for (int i = 0; i < 3; i++) assert_true(fabs(again[i] - shares[i]) < 1e-9);
    classes_probabilities(apart, again, 3);
    assert_true(again[0] == 0 && again[1] == 1 && again[2] == 0);
    const double lost[2] = {NAN, 0};
    classes_probabilities(lost, again, 2);
    assert_true(isnan(again[0]) && isnan(again[1]));
}

static void names_of_columns(void **state)
{
    (void)state;
    char name[CLASSES_NAME];
    assert_string_equal(classes_score_name(name, 1, 0), "score");
    assert_string_equal(classes_score_name(name, 4, 3), "score_3");
    assert_string_equal(classes_score_name(name, 2, 0), "score_0");
}

/* One class's gradients are those of its share; all classes' in a tree of its own each, with the margins of one row alone. */
static void gradients_of_each_class(void **state)
{
    (void)state;
    enum { CLASSES = 3 };
    fate_context *context;
    const double margins[2 * CLASSES] = {0.5, -1, 2, 0, 0, 0}, labels[2] = {2, 0}, weights[2] = {1, 2};
    struct boosting_parameters parameters = {
        .objective = OBJECTIVE_SOFTMAX, .outputs = CLASSES, .round_trees = CLASSES, .tree_outputs = 1, .learning_rate = 1};
    double shares[2][CLASSES];
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    for (int row = 0; row < 2; row++) classes_probabilities(margins + CLASSES * row, shares[row], CLASSES);
    for (uint32_t tree = 0; tree < 2 * CLASSES; tree++) {
        struct gradient_pair pairs[2];
        struct gradient_scale scale;
        uint32_t class = tree % CLASSES;
        assert_int_equal(objective_gradients(context, &parameters, pairs, &scale, tree, margins, labels, weights, NULL, 2), FATE_OK);
        for (int row = 0; row < 2; row++) {
            double share = shares[row][class], gradient = weights[row] * (share - (labels[row] == class));
            double hessian = weights[row] * 2 * share * (1 - share);
            assert_true(fabs(ldexp(pairs[row].gradient, -scale.gradient) - gradient) <= ldexp(0.5, -scale.gradient));
            assert_true(fabs(ldexp(pairs[row].hessian, -scale.hessian) - hessian) <= ldexp(1, -scale.hessian));
        }
    }
    fate_context_free(context);
}

#define TOGETHER "\"multi_strategy\": \"multi_output_tree\", "

/* Federated equals pooled, with a tree for each class and with trees for all of them. */
static void jobs(void **state)
{
    (void)state;
    static const char *const parameters[] = {
        "\"classes\": 4, \"trees\": 2, \"min_bin_rows\": 1",
        "\"classes\": 4, \"trees\": 2, \"cipher\": \"okamoto-uchiyama\", \"guest_trees\": 1, \"metric\": \"accuracy\"",
        "\"classes\": 5, \"trees\": 6, \"early_stopping_rounds\": 2, \"learning_rate\": 1, \"subsample\": 0.7, \"metric\": \"macro_f1\"",
        "\"classes\": 4, \"trees\": 2, \"goss_top\": 0.2, \"goss_other\": 0.2, \"colsample_bytree\": 0.5, \"base_score\": 3",
        TOGETHER "\"classes\": 4, \"trees\": 3, \"min_bin_rows\": 1",
        TOGETHER "\"classes\": 4, \"trees\": 3, \"cipher\": \"okamoto-uchiyama\", \"guest_trees\": 1, \"subsample\": 0.7",
        TOGETHER "\"classes\": 4, \"trees\": 6, \"early_stopping_rounds\": 2, \"learning_rate\": 1, \"grow\": \"leaf-wise\", "
                 "\"max_leaves\": 6, \"depth\": 5",
        TOGETHER
        "\"classes\": 4, \"trees\": 2, \"goss_top\": 0.2, \"goss_other\": 0.2, \"colsample_bytree\": 0.5, \"metric\": \"macro_f1\"",
    };
    enum { KINDS = sizeof parameters / sizeof *parameters };
    for (uint32_t i = 0; i < 4 * KINDS; i++) {
        static const uint32_t hosts[] = {0, 1, 3, 2};
        struct boosting_case from = {.hosts = hosts[(i / KINDS + i) % 4],
                                     .rows = 90,
                                     .validation_rows = i % 4 == 2 ? 40 : 0,
                                     .columns = 3,
                                     .missing = true,
                                     .categories = i % 2 == 0,
                                     .weights = i % 3 == 0,
                                     .objective = "softmax",
                                     .parameters = parameters[i % KINDS],
                                     .seed = 200 + i};
        world_check(&from, i % (from.hosts + 1), 1 + i % 2, network_good);
    }
}

/* Killed between the trees of a round too. */
static void killed_within_a_round(void **state)
{
    (void)state;
    struct boosting_case from = {.hosts = 2,
                                 .rows = 50,
                                 .validation_rows = 20,
                                 .columns = 3,
                                 .objective = "softmax",
                                 .parameters = "\"classes\": 4, \"trees\": 2, \"depth\": 2, \"early_stopping_rounds\": 1",
                                 .seed = 230};
    world_check_killed(&from, 5, 60, 11);
    from.parameters = TOGETHER "\"classes\": 4, \"trees\": 4, \"depth\": 2, \"early_stopping_rounds\": 2";
    world_check_killed(&from, 5, 40, 11);
}

static void bad_jobs(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"softmax", "\"classes\": 1"},           {"softmax", ""},
        {"logistic", "\"classes\": 3"},          {"softmax", "\"classes\": 3, \"metric\": \"auc\""},
        {"logistic", TOGETHER "\"trees\": 1"},   {"softmax", TOGETHER "\"classes\": 257"},
        {"squared", "\"classes\": 1"},           {"softmax", "\"classes\": 3, \"scale_pos_weight\": 2"},
        {"squared", "\"metric\": \"macro_f1\""},
    };
    fate_context *context = NULL;
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[4096];
        fate_simulator *simulator = NULL;
        struct boosting_case from = {.objective = bad[i][0], .parameters = bad[i][1]};
        boosting_job(text, &from, 0);
        assert_int_equal(fate_simulator_new(context, &simulator, text, FATE_PURPOSE_TRAIN, 1), FATE_E_JOB);
    }
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_of_exponentials),
        cmocka_unit_test(names_of_columns),
        cmocka_unit_test(gradients_of_each_class),
        cmocka_unit_test(bad_jobs),
        cmocka_unit_test(jobs),
        cmocka_unit_test(killed_within_a_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
