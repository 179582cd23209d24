/* Whole jobs with the experimental cipher: hosts know neither nodes nor samples, and the model equals the pooled one all the same, with every option
 * that says which rows are where. */
#include "tests/support/unit.h"

#include <fate/session.h>

#include "lib/context.h"
#include "tests/support/boosting_world.h"

/* What each job has besides the cipher. */
static const char *const usual[] = {
    "\"trees\": 3, \"min_bin_rows\": 1",
    "\"trees\": 3, \"depth\": 5, \"min_samples\": 3",
    "\"trees\": 2, \"bins\": 200, \"min_bin_rows\": 1, \"lattice_profile\": \"C\"",
    "\"trees\": 3, \"depth\": 4, \"lattice_profile\": \"A\"",
    "\"trees\": 3, \"colsample_bytree\": 0.7, \"colsample_bylevel\": 0.5, \"subsample\": 0.6",
    "\"trees\": 3, \"goss_top\": 0.2, \"goss_other\": 0.3, \"guest_trees\": 1",
    "\"trees\": 2, \"depth\": 7, \"max_leaves\": 6, \"grow\": \"leaf-wise\", \"min_child_weight\": 0",
    "\"trees\": 2, \"depth\": 4, \"category_splits\": \"one-vs-rest\", \"lambda\": 0, \"min_child_weight\": 0, \"min_bin_rows\": 1"};

enum { USUAL = sizeof usual / sizeof *usual };

static void check(struct boosting_case from, const char *parameters, uint32_t guest, uint32_t threads)
{
    char text[600];
    snprintf(text, sizeof text, "\"cipher\": \"lattice\", %s", parameters);
    from.parameters = text;
    world_check(&from, guest, threads, network_good);
}

static void any_number_of_hosts_and_either_kernel(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < USUAL * (BOOSTING_HOSTS_USUAL + 1); i++) {
        const uint32_t hosts = i % (BOOSTING_HOSTS_USUAL + 1);
        struct boosting_case from = {.hosts = hosts,
                                     .rows = 150,
                                     .validation_rows = i % 2 == 0 ? 30 : 0,
                                     .columns = 4,
                                     .missing = i % 3 > 0,
                                     .categories = true,
                                     .duplicates = i % 4 > 1,
                                     .weights = i % 2 == 0,
                                     .kernel = i % 2 == 0 ? "avx2" : "portable",
                                     .seed = 140 + i};
        check(from, usual[i / (BOOSTING_HOSTS_USUAL + 1)], i % (hosts + 1), 1 + i % 2);
    }
}

/* Hessians that are zero, of some rows or in some outputs: then rows are counted by a vector of their own. */
static void every_objective(void **state)
{
    (void)state;
    static const char *const objectives[] = {"logistic", "squared", "absolute", "huber", "quantile", "poisson", "gamma", "tweedie"};
    for (uint32_t i = 0; i < sizeof objectives / sizeof *objectives; i++) {
        struct boosting_case from = {.hosts = 1 + i % 2,
                                     .rows = 90,
                                     .columns = 4,
                                     .missing = true,
                                     .directions = i != 2 && i != 4,
                                     .weights = i % 2 == 0,
                                     .objective = objectives[i],
                                     .seed = 170 + i};
        check(from, "\"trees\": 3, \"depth\": 4, \"learning_rate\": 1", 0, 1);
    }
    struct boosting_case classes = {
        .hosts = 2, .rows = 120, .columns = 4, .categories = true, .objective = "softmax", .classes = 4, .seed = 180};
    check(classes, "\"trees\": 2, \"classes\": 4", 1, 2);
    check(classes, "\"trees\": 2, \"classes\": 4, \"multi_strategy\": \"multi_output_tree\"", 0, 1);
    classes.weights = true;
    check(classes, "\"trees\": 2, \"classes\": 4, \"multi_strategy\": \"multi_output_tree\"", 0, 1);
}

static void hosts_with_few_columns_or_none(void **state)
{
    (void)state;
    static const uint32_t columns[] = {3, 0, 2, 1}, none[] = {2, 0, 0, 0};
    struct boosting_case from = {.hosts = 3, .rows = 60, .party_columns = columns, .constants = true, .missing = true, .seed = 190};
    check(from, "\"trees\": 2", 0, 1);
    from.party_columns = none;
    check(from, "\"trees\": 2, \"depth\": 4", 0, 1);
    for (uint64_t rows = 1; rows < 6; rows++) {
        struct boosting_case small = {.hosts = 1, .rows = rows, .columns = 3, .seed = 190 + rows};
        check(small, "\"trees\": 2, \"min_bin_rows\": 1, \"min_child_weight\": 0, \"lambda\": 0.1", 0, 1);
    }
}

/* More vectors at a level than are added up at once, and more rows than a part of a vector has. */
static void long_vectors_and_many(void **state)
{
    (void)state;
    struct boosting_case from = {.hosts = 1, .rows = 45000, .columns = 2, .seed = 200};
    check(from, "\"trees\": 1, \"depth\": 2", 0, 2);
    from.rows = 400;
    check(from, "\"trees\": 1, \"depth\": 6, \"min_child_weight\": 0, \"min_samples\": 2, \"min_bin_rows\": 1", 0, 2);
}

/* The true profiles, not those of tests; the first one's hints are made in several pieces. */
static void true_profiles(void **state)
{
    (void)state;
    static const char *const parameters[] = {"\"trees\": 2, \"bins\": 60, \"min_bin_rows\": 1, \"cipher\": \"lattice\"",
                                             "\"trees\": 1, \"bins\": 6, \"cipher\": \"lattice\", \"lattice_profile\": \"C\"",
                                             "\"trees\": 2, \"bins\": 8, \"cipher\": \"lattice\", \"lattice_profile\": \"A\""};
    for (uint32_t i = 0; i < 3; i++) {
        struct boosting_case from = {.hosts = 1, .rows = 100, .columns = 2, .parameters = parameters[i], .seed = 210 + i};
        struct world world;
        world_make(&world, &from, 0, 2);
        world.context->accepts_small_keys = false;
        world_train(&world, network_good);
        world_free(&world);
    }
}

static void killed_parties_end_with_the_same_model(void **state)
{
    (void)state;
    struct boosting_case from = {.hosts = 2,
                                 .rows = 50,
                                 .validation_rows = 20,
                                 .columns = 3,
                                 .missing = true,
                                 .parameters = "\"cipher\": \"lattice\", \"trees\": 4, \"depth\": 3, \"guest_trees\": 1, "
                                               "\"colsample_bylevel\": 0.7, \"early_stopping_rounds\": 3",
                                 .seed = 220};
    world_check_killed(&from, 2, 44, 7);
    from.hosts = 1;
    from.parameters = "\"cipher\": \"lattice\", \"trees\": 3, \"min_samples\": 2";
    world_check_killed(&from, 1, 24, 1);
}

static void bad_networks(void **state)
{
    (void)state;
    static const struct network networks[] = {{50, 0, 0, 0}, {20, 50000, 0, 0}, {20, 0, 300000, 0}, {5, 20000, 20000, 2000}};
    struct boosting_case from = {
        .hosts = 2, .rows = 60, .columns = 3, .parameters = "\"cipher\": \"lattice\", \"trees\": 2, \"depth\": 2", .seed = 230};
    for (size_t i = 0; i < sizeof networks / sizeof *networks; i++) world_check(&from, 0, 1, networks[i]);
}

/* Sums that are too long for a profile are refused before anything is sent. */
static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct boosting_case from = {
        .hosts = 1, .rows = 100000, .columns = 2, .parameters = "\"cipher\": \"lattice\", \"trees\": 100000, \"depth\": 16", .seed = 240};
    struct world world;
    world_make(&world, &from, 0, 1);
    fate_simulator *simulator = world_simulate(&world, FATE_PURPOSE_TRAIN, network_good, false);
    assert_int_equal(fate_simulator_run(simulator, 100000), FATE_E_RANGE);
    assert_non_null(strstr(fate_session_error(fate_simulator_session(simulator, 1)), "use fewer vectors"));
    fate_simulator_free(simulator);
    world_free(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_hosts_and_either_kernel),
        cmocka_unit_test(every_objective),
        cmocka_unit_test(hosts_with_few_columns_or_none),
        cmocka_unit_test(long_vectors_and_many),
        cmocka_unit_test(true_profiles),
        cmocka_unit_test(killed_parties_end_with_the_same_model),
        cmocka_unit_test(bad_networks),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
