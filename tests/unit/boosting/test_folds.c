/* Cross-validation: how rows are dealt, that no row's label reaches its own score, and whole jobs, federated and pooled. */
#include "tests/support/boosting_models.h"

#include "lib/random.h"
#include "src/models/boosting/folds.h"
#include "tests/support/allocator.h"
#include "tests/support/boosting_world.h"

static fate_context *context;

static struct boosting_parameters with_folds(uint32_t folds)
{
    struct boosting_parameters parameters = test_parameters();
    parameters.folds = folds;
    parameters.fold_trees = 3;
    parameters.trees = 3 * folds;
    return parameters;
}

static void rows_are_dealt_evenly(void **state)
{
    (void)state;
    for (uint32_t count = 2; count <= FOLDS_MOST; count += 7) {
        for (uint64_t rows = count; rows < 400; rows += 37) {
            struct boosting_parameters parameters = with_folds(count);
            struct folds folds, again;
            uint32_t sizes[FOLDS_MOST] = {0};
            assert_int_equal(folds_init(&folds, context, &parameters, rows, false), FATE_OK);
            assert_int_equal(folds_init(&again, context, &parameters, rows, true), FATE_OK);
            assert_memory_equal(folds.of_row, again.of_row, rows);
            for (uint64_t row = 0; row < rows; row++) sizes[folds.of_row[row]]++;
            for (uint32_t fold = 0; fold < count; fold++) {
                assert_true(sizes[fold] + 1 >= rows / count && sizes[fold] <= rows / count + 1);
            }
            folds_free(&again);
            parameters.seed++;
            assert_int_equal(folds_init(&again, context, &parameters, rows, false), FATE_OK);
            assert_true(rows < 10 || memcmp(folds.of_row, again.of_row, rows) != 0);
            folds_free(&again);
            folds_free(&folds);
        }
    }
    struct boosting_parameters parameters = with_folds(3);
    struct folds folds;
    assert_int_equal(folds_init(&folds, context, &parameters, 2, false), FATE_E_TABLE);
    folds_free(&folds);
}

static void samples_leave_held_out_rows_aside(void **state)
{
    (void)state;
    enum { ROWS = 101 };
    struct boosting_parameters parameters = with_folds(4);
    struct folds folds;
    uint8_t sampled[ROWS];
    parameters.subsample = 0.5;
    assert_int_equal(folds_init(&folds, context, &parameters, ROWS, false), FATE_OK);
    for (uint32_t tree = 0; tree < 12; tree++) {
        uint32_t drawn = 0, eligible = 0;
        assert_int_equal(folds_of_tree(&parameters, tree), tree / 3);
        assert_int_equal(folds_sample(&folds, &parameters, tree, sampled), FATE_OK);
        for (uint32_t row = 0; row < ROWS; row++) {
            drawn += sampled[row];
            eligible += folds.of_row[row] != tree / 3;
            assert_false(sampled[row] != 0 && folds.of_row[row] == tree / 3);
        }
        assert_int_equal(drawn, (eligible + 1) / 2);
    }
    parameters.guest_trees = 2;
    for (uint32_t tree = 0; tree < 12; tree++) assert_int_equal(folds_guest_alone(&parameters, tree), tree % 3 < 2);
    folds_free(&folds);
}

/* Other labels of one fold's rows change all scores but theirs. */
static void labels_do_not_reach_their_own_scores(void **state)
{
    (void)state;
    enum { ROWS = 120, CHANGED = 1 };
    struct boosting_parameters parameters = with_folds(3);
    struct test_parties set;
    struct test_shape shape = test_mixed_shape(5, ROWS);
    struct folds before, after;
    uint32_t moved = 0;
    parameters.objective = OBJECTIVE_SQUARED;
    parameters.measure = MEASURE_RMSE;
    shape.squared = true;
    assert_int_equal(test_parties_make(context, &set, shape, test_cuts, 2, 0, 0), FATE_OK);
    assert_int_equal(pooled_cross_validate(context, &before, &parameters, set.parties, 2, NULL), FATE_OK);
    double *labels = (double *)(uintptr_t)fate_table_label(set.parties[0].table);
    for (uint32_t row = 0; row < ROWS; row++) labels[row] += before.of_row[row] == CHANGED ? 1.5 : 0;
    assert_int_equal(pooled_cross_validate(context, &after, &parameters, set.parties, 2, NULL), FATE_OK);
    assert_memory_equal(before.of_row, after.of_row, ROWS);
    for (uint32_t row = 0; row < ROWS; row++) {
        assert_true(before.of_row[row] != CHANGED || before.scores[row] == after.scores[row]);
        moved += before.of_row[row] != CHANGED && before.scores[row] != after.scores[row];
    }
    assert_true(moved > ROWS / 2);
    folds_free(&before);
    folds_free(&after);
    test_parties_free(&set);
}

static void stored_and_read_again(void **state)
{
    (void)state;
    struct boosting_parameters parameters = with_folds(2);
    struct folds folds, again;
    struct buffer bytes;
    struct reader reader;
    buffer_init(&bytes, context);
    assert_int_equal(folds_init(&folds, context, &parameters, 5, true), FATE_OK);
    assert_int_equal(folds_init(&again, context, &parameters, 5, true), FATE_OK);
    for (int row = 0; row < 5; row++) folds.scores[row] = 0.1 * row;
    folds_save(&folds, &parameters, &bytes);
    reader_init(&reader, bytes.bytes, bytes.length);
    assert_true(folds_load(&again, &parameters, &reader) && reader_finished(&reader));
    assert_memory_equal(folds.scores, again.scores, 5 * sizeof(double));
    reader_init(&reader, bytes.bytes, bytes.length - 1);
    assert_false(folds_load(&again, &parameters, &reader));
    memset(bytes.bytes, 0xff, 8);
    reader_init(&reader, bytes.bytes, bytes.length);
    assert_false(folds_load(&again, &parameters, &reader));
    buffer_free(&bytes);
    folds_free(&folds);
    folds_free(&again);
}

/* The guest's results are the pooled ones; hosts get none, and nobody gets a model. */
static void compare(const struct world *world, fate_simulator *simulator)
{
    fate_scores *pooled = NULL;
    assert_int_equal(
        fate_cross_validate_pooled(world->context, &pooled, fate_simulator_job(simulator), (const fate_table *const *)world->tables, NULL),
        FATE_OK);
    assert_string_equal(fate_scores_column_name(pooled, fate_scores_columns(pooled) - 1), "fold");
    for (uint32_t i = 0; i < fate_scores_columns(pooled); i++) {
        const double *values;
        uint64_t count;
        fate_session *guest = fate_simulator_session(simulator, world->guest);
        assert_int_equal(fate_session_result(guest, fate_scores_column_name(pooled, i), &values, &count), FATE_OK);
        assert_int_equal(count, fate_scores_rows(pooled));
        assert_memory_equal(values, fate_scores_values(pooled, i), count * sizeof *values);
    }
    for (uint32_t party = 0; party < world->count; party++) {
        fate_model *model = NULL;
        fate_session *session = fate_simulator_session(simulator, party);
        assert_int_equal(fate_session_model(session, &model), FATE_EMPTY);
        assert_true((fate_session_result_name(session, 0) != NULL) == (party == world->guest));
    }
    fate_scores_free(pooled);
}

/* Runs a job whose parties are killed in turn, after every `step` ticks, and go on from what they have stored. Returns how many were killed. */
static uint32_t check(const struct boosting_case *from, uint32_t guest, uint32_t threads, uint32_t kills, uint32_t step)
{
    struct world world;
    uint32_t kill = 0;
    world_make(&world, from, guest, threads);
    fate_simulator *simulator = world_simulate(&world, FATE_PURPOSE_TRAIN, network_good, kills > 0);
    for (; kill < kills && fate_simulator_run(simulator, step) == FATE_AGAIN; kill++) {
        uint32_t party = (kill + step) % world.count;
        assert_int_equal(fate_simulator_restart(simulator, party), FATE_OK);
        world_equip(simulator, &world, party, FATE_PURPOSE_TRAIN, true);
    }
    world_finish(simulator, &world);
    compare(&world, simulator);
    fate_simulator_free(simulator);
    world_free(&world);
    return kill;
}

static void jobs(void **state)
{
    (void)state;
    static const char *const options[][2] = {
        {"logistic", "\"folds\": 3, \"trees\": 2, \"metric\": \"auc\""},
        {"softmax", "\"folds\": 2, \"classes\": 4, \"trees\": 2, \"guest_trees\": 1, \"subsample\": 0.6"},
        {"softmax",
         "\"folds\": 3, \"classes\": 4, \"trees\": 2, \"multi_strategy\": \"multi_output_tree\", \"cipher\": \"okamoto-uchiyama\""},
        {"absolute", "\"folds\": 2, \"trees\": 3, \"colsample_bytree\": 0.5, \"grow\": \"leaf-wise\", \"max_leaves\": 5, \"depth\": 4"},
        {"poisson", "\"folds\": 5, \"trees\": 1, \"cipher\": \"okamoto-uchiyama\""},
        {"logistic", "\"folds\": 3, \"trees\": 2, \"cipher\": \"lattice\", \"guest_trees\": 1, \"subsample\": 0.6"},
    };
    enum { KINDS = sizeof options / sizeof *options };
    for (uint32_t i = 0; i < 3 * KINDS; i++) {
        static const uint32_t hosts[] = {1, 0, 3};
        struct boosting_case from = {.hosts = hosts[(i / KINDS + i) % 3],
                                     .rows = 5 + 7 * i,
                                     .columns = 3,
                                     .missing = true,
                                     .categories = i % 2 == 0,
                                     .weights = i % 3 == 0,
                                     .objective = options[i % KINDS][0],
                                     .parameters = options[i % KINDS][1],
                                     .seed = 300 + i};
        check(&from, i % (from.hosts + 1), 1 + i % 2, i % 2 * 5, 23);
    }
}

/* Parties die at many moments: within a tree, between the trees of a fold, and between folds. */
static void killed_parties_end_with_the_same_scores(void **state)
{
    (void)state;
    static const char *const options[][2] = {
        {"logistic", "\"folds\": 3, \"trees\": 2, \"guest_trees\": 1, \"subsample\": 0.7, \"metric\": \"auc\""},
        {"softmax", "\"folds\": 2, \"classes\": 4, \"trees\": 2, \"cipher\": \"okamoto-uchiyama\""},
        {"softmax", "\"folds\": 2, \"classes\": 4, \"trees\": 2, \"cipher\": \"lattice\""},
    };
    for (uint32_t i = 0; i < sizeof options / sizeof *options; i++) {
        struct boosting_case from = {.hosts = 2,
                                     .rows = 40,
                                     .columns = 3,
                                     .missing = true,
                                     .categories = true,
                                     .objective = options[i][0],
                                     .parameters = options[i][1],
                                     .seed = 340 + i};
        for (uint32_t step = 3; step < 48; step += 5) {
            assert_in_range(check(&from, i, 1 + step % 2, 6, step), 1, 6);
        }
    }
}

static void bad_jobs(void **state)
{
    (void)state;
    static const char *const bad[] = {"\"folds\": 1", "\"folds\": 2, \"goss_top\": 0.2, \"goss_other\": 0.2",
                                      "\"folds\": 2, \"early_stopping_rounds\": 1", "\"folds\": 2, \"trees\": 3, \"guest_trees\": 4"};
    char text[4096];
    fate_simulator *simulator = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct boosting_case from = {.parameters = bad[i]};
        boosting_job(text, &from, 0);
        assert_int_equal(fate_simulator_new(context, &simulator, text, FATE_PURPOSE_TRAIN, 1), FATE_E_JOB);
    }
    const struct boosting_case folded = {.hosts = 1, .rows = 20, .columns = 2, .parameters = "\"folds\": 2", .seed = 1};
    struct boosting_case plain = folded;
    struct world world;
    fate_scores *scores = NULL;
    fate_model *models[2] = {NULL, NULL};
    plain.parameters = "\"trees\": 1";
    world_make(&world, &folded, 0, 1);
    const fate_table *const *tables = (const fate_table *const *)world.tables;
    simulator = world_simulate(&world, FATE_PURPOSE_TRAIN, network_good, false);
    const fate_job *job = fate_simulator_job(simulator);
    assert_int_equal(fate_train_pooled(world.context, models, job, tables, NULL, NULL), FATE_E_JOB);
    assert_int_equal(fate_cross_validate_pooled(world.context, &scores, job, NULL, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_cross_validate_pooled(world.context, NULL, job, tables, NULL), FATE_E_ARGUMENT);
    assert_int_equal(fate_cross_validate_pooled(world.context, &scores, NULL, tables, NULL), FATE_E_ARGUMENT);
    fate_simulator_free(simulator);
    world_free(&world);
    world_make(&world, &plain, 0, 1);
    simulator = world_simulate(&world, FATE_PURPOSE_TRAIN, network_good, false);
    assert_int_equal(fate_cross_validate_pooled(world.context, &scores, fate_simulator_job(simulator), tables, NULL), FATE_E_JOB);
    assert_null(scores);
    fate_simulator_free(simulator);
    world_free(&world);
}

static void lack_of_memory(void **state)
{
    (void)state;
    struct test_parties set;
    int32_t result = FATE_E_MEMORY;
    struct boosting_parameters parameters = with_folds(2);
    struct test_shape shape = test_mixed_shape(3, 12);
    assert_int_equal(test_parties_make(context, &set, shape, test_cuts, 2, 0, 0), FATE_OK);
    for (long long fail = 0; result == FATE_E_MEMORY; fail++) {
        struct test_allocator test;
        fate_allocator allocator = test_allocator(&test, -1);
        fate_context *poor;
        struct folds folds;
        assert_int_equal(context_new(&poor, &allocator), FATE_OK);
        test.fail = atomic_load(&test.calls) + fail;
        result = pooled_cross_validate(poor, &folds, &parameters, set.parties, 2, NULL);
        folds_free(&folds);
        fate_context_free(poor);
        assert_int_equal(atomic_load(&test.live), 0);
        assert_true(fail < 20 || result == FATE_OK || result == FATE_E_MEMORY);
    }
    assert_int_equal(result, FATE_OK);
    test_parties_free(&set);
}

static int make_context(void **state)
{
    (void)state;
    return fate_context_new(&context, NULL);
}

static int free_context(void **state)
{
    (void)state;
    fate_context_free(context);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_dealt_evenly),
        cmocka_unit_test(samples_leave_held_out_rows_aside),
        cmocka_unit_test(labels_do_not_reach_their_own_scores),
        cmocka_unit_test(stored_and_read_again),
        cmocka_unit_test(bad_jobs),
        cmocka_unit_test(lack_of_memory),
        cmocka_unit_test(jobs),
        cmocka_unit_test(killed_parties_end_with_the_same_scores),
    };
    return cmocka_run_group_tests(tests, make_context, free_context);
}
