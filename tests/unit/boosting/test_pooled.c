/* Pooled training: every split is the first best by direct sums, and nothing that should not matter does. */
#include "tests/support/allocator.h"
#include "tests/support/boosting_models.h"
#include "lib/mathematics.h"
#include "src/models/boosting/columns.h"
#include "src/models/boosting/gain.h"
#include "src/models/boosting/predict.h"
#include "src/models/boosting/renewal.h"
#include "src/models/boosting/sampling.h"

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

/* ---- a trained model, checked split by split with sums made row by row ---- */

struct audit {
    const struct boosting_parameters *parameters;
    const struct test_parties *set;
    const struct boosting_model *models;
    struct predictor predictors[3];
    uint32_t guest;
    uint32_t rows;
    double margins[TEST_ROWS_LIMIT];
    uint32_t node_of[TEST_ROWS_LIMIT];
    uint8_t sampled[TEST_ROWS_LIMIT];
    struct gradient_pair pairs[TEST_ROWS_LIMIT];
    struct gain_terms terms;
};

static struct bin_sum audit_total(const struct audit *audit, const uint8_t *in_node)
{
    struct bin_sum total = {0, 0, 0};
    for (uint32_t row = 0; row < audit->rows; row++) {
        if (in_node[row] && audit->sampled[row]) {
            total.gradient += audit->pairs[row].gradient;
            total.hessian += audit->pairs[row].hessian;
            total.count++;
        }
    }
    return total;
}

/* By gains, or by what the rows still lack, taken from the last row to the first. */
static double audit_weight(const struct audit *audit, const uint8_t *in_node, const struct bin_sum *total)
{
    uint32_t rows[TEST_ROWS_LIMIT];
    uint64_t count = 0;
    double weight = 0;
    const fate_table *table = audit->set->parties[audit->guest].table;
    if (!renewal_applies(audit->parameters->objective)) {
        gain_leaf_weights(&audit->terms, total, NULL, &weight);
        return weight;
    }
    for (uint32_t row = audit->rows; row-- > 0;) {
        if (in_node[row]) rows[count++] = row;
    }
    assert_int_equal(renewal_weight(context, &weight, audit->parameters, audit->margins, fate_table_label(table), fate_table_weight(table),
                                    audit->sampled,
                                    sampling_amplification(audit->rows, audit->parameters->goss_top, audit->parameters->goss_other), rows,
                                    count),
                     FATE_OK);
    return weight;
}

/* The best candidate over all columns that the tree may use, and its column. */
static struct split_candidate audit_best(const struct audit *audit, uint32_t tree, uint32_t depth, const uint8_t *in_node, uint32_t *party,
                                         uint32_t *column)
{
    struct split_candidate best = {.found = false};
    struct bin_sum node = audit_total(audit, in_node);
    for (uint32_t i = 0; i < audit->set->count; i++) {
        const fate_table *table = audit->set->parties[i].table;
        uint8_t allowed[TEST_COLUMNS_LIMIT];
        assert_int_equal(columns_draw(context, allowed, audit->parameters, tree, depth, i, fate_table_columns(table)), FATE_OK);
        for (uint32_t j = 0; j < fate_table_columns(table); j++) {
            struct column_bins bins;
            struct bin_sum sums[64] = {{0, 0, 0}};
            uint16_t bin[TEST_ROWS_LIMIT];
            uint32_t order[64];
            if (!allowed[j] || (tree < audit->parameters->guest_trees && i != audit->guest)) continue;
            assert_int_equal(binning_make(context, &bins, table, j, audit->parameters->bins, audit->parameters->min_bin_rows), FATE_OK);
            assert_int_equal(binning_assign(&bins, table, j, bin), FATE_OK);
            for (uint32_t row = 0; row < audit->rows; row++) {
                if (in_node[row] && audit->sampled[row]) {
                    sums[bin[row]].gradient += audit->pairs[row].gradient;
                    sums[bin[row]].hessian += audit->pairs[row].hessian;
                    sums[bin[row]].count++;
                }
            }
            const struct column_shape shape = {bins.kind, bins.bins, bins.value_bins, 0};
            struct split_candidate candidate = gain_best(&audit->terms, &shape, sums, &node, NULL, order);
            if (gain_better(&candidate, &best)) {
                best = candidate;
                *party = i;
                *column = j;
            }
            binning_free(&bins);
        }
    }
    return best;
}

static void audit_node(struct audit *audit, uint32_t tree, uint32_t number, uint32_t depth)
{
    const struct boosting_node *node = &audit->models[audit->guest].trees[tree].nodes[number];
    uint8_t in_node[TEST_ROWS_LIMIT];
    uint32_t party = 0, column = 0;
    for (uint32_t row = 0; row < audit->rows; row++) in_node[row] = audit->node_of[row] == number;
    struct bin_sum total = audit_total(audit, in_node);
    assert_true(node->cover == gain_cover(&audit->terms, &total));
    struct split_candidate best = audit_best(audit, tree, depth, in_node, &party, &column);
    if (node->left == 0) {
        assert_true(!best.found || depth == audit->parameters->depth || audit->parameters->max_leaves > 0);
        assert_true(node->weight == audit_weight(audit, in_node, &total));
        for (uint32_t row = 0; row < audit->rows; row++) audit->margins[row] += in_node[row] ? node->weight : 0;
        return;
    }
    const struct boosting_node *own = &audit->models[party].trees[tree].nodes[number];
    assert_true(best.found && depth < audit->parameters->depth);
    assert_true(node->gain == best.gain);
    assert_int_equal(own->kind, BOOSTING_OWN);
    assert_string_equal(audit->models[party].columns[own->column - 1].name,
                        fate_table_column_name(audit->set->parties[party].table, column));
    for (uint32_t row = 0; row < audit->rows; row++) {
        if (in_node[row])
            audit->node_of[row] = predictor_goes_left(&audit->predictors[party], tree, number, row) ? node->left : node->right;
    }
    audit_node(audit, tree, node->left, depth + 1);
    audit_node(audit, tree, node->right, depth + 1);
}

static void audit_sample(struct audit *audit, uint32_t tree)
{
    const struct boosting_parameters *parameters = audit->parameters;
    const fate_table *table = audit->set->parties[audit->guest].table;
    assert_int_equal(parameters->goss_top > 0
                         ? objective_sample(context, parameters, audit->sampled, tree, audit->margins, fate_table_label(table),
                                            fate_table_weight(table), audit->rows)
                         : sampling_rows(context, audit->sampled, parameters->seed, tree, audit->rows, parameters->subsample),
                     FATE_OK);
}

static void audit_models(const struct boosting_parameters *parameters, const struct test_parties *set, const struct boosting_model *models)
{
    static struct audit audit;
    audit = (struct audit){.parameters = parameters, .set = set, .models = models};
    while (!set->parties[audit.guest].guest) audit.guest++;
    const fate_table *table = set->parties[audit.guest].table;
    audit.rows = (uint32_t)fate_table_rows(table);
    for (uint32_t i = 0; i < set->count; i++)
        assert_int_equal(predictor_init(&audit.predictors[i], context, &models[i], set->parties[i].table), FATE_OK);
    for (uint32_t row = 0; row < audit.rows; row++)
        audit.margins[row] = objective_base_margin(parameters->objective, parameters->base_score);
    for (uint32_t tree = 0; tree < models[audit.guest].tree_count; tree++) {
        struct gradient_scale scale;
        audit_sample(&audit, tree);
        assert_int_equal(objective_gradients(context, parameters, audit.pairs, &scale, tree, audit.margins, fate_table_label(table),
                                             fate_table_weight(table), audit.sampled, audit.rows),
                         FATE_OK);
        audit.terms = gain_terms_make(parameters, scale);
        memset(audit.node_of, 0, sizeof audit.node_of);
        audit_node(&audit, tree, 0, 0);
    }
    double scores[TEST_ROWS_LIMIT];
    assert_int_equal(pooled_predict(context, scores, models, set->parties, set->count), FATE_OK);
    for (uint32_t row = 0; row < audit.rows; row++) assert_true(scores[row] == objective_score(parameters->objective, audit.margins[row]));
    for (uint32_t i = 0; i < set->count; i++) predictor_free(&audit.predictors[i]);
}

/* Random tables and parameters of all kinds, one to three parties, the guest in any place. */
static void test_every_split(void **state)
{
    (void)state;
    uint64_t random = 12;
    for (uint32_t round = 0; round < 40; round++) {
        struct test_parties set;
        struct boosting_model models[3];
        struct boosting_parameters parameters = test_parameters();
        struct test_shape shape = test_mixed_shape(round, 1 + test_below(&random, 300));
        uint32_t count = 1 + test_below(&random, 3);
        parameters.objective = 1 + (int32_t)(round % (OBJECTIVE_SOFTMAX - 1));
        parameters.measure = measure_find("auto", parameters.objective);
        parameters.quantile_alpha = 0.8;
        parameters.scale_pos_weight = parameters.objective == OBJECTIVE_LOGISTIC && round % 3 == 0 ? 3 : 1;
        shape.squared = parameters.objective != OBJECTIVE_LOGISTIC;
        shape.positive = objective_log_link(parameters.objective);
        shape.weight = round % 3 == 0;
        shape.missing = round % 4 == 0 ? 0 : 0.2;
        parameters.trees = 3;
        parameters.depth = 1 + test_below(&random, 5);
        parameters.bins = 2 + test_below(&random, 30);
        parameters.min_bin_rows = 1 + test_below(&random, 6);
        parameters.lambda = test_unit(&random) * 2;
        parameters.alpha = round % 5 == 0 ? 0.5 : 0;
        parameters.gamma = round % 7 == 0 ? 0.5 : 0;
        parameters.min_child_weight = round % 3;
        parameters.subsample = round % 4 == 1 ? 0.6 : 1;
        parameters.colsample_bytree = round % 5 == 2 ? 0.5 : 1;
        parameters.colsample_bylevel = round % 5 == 2 || round % 5 == 3 ? 0.6 : 1;
        parameters.min_samples = round % 4 == 2 ? 6 : 1;
        parameters.max_leaves = round % 5 == 3 ? 5 : 0;
        parameters.leaf_wise = round % 10 == 8;
        parameters.one_vs_rest = round % 3 == 1;
        parameters.goss_top = round % 4 == 3 ? 0.2 : 0;
        parameters.goss_other = round % 4 == 3 ? 0.3 : 0;
        parameters.guest_trees = round % 6 == 0 ? 2 : 0;
        assert_int_equal(test_parties_make(context, &set, shape, test_cuts, count, test_below(&random, count), 0), FATE_OK);
        assert_int_equal(test_models_make(context, models, &set, &parameters), FATE_OK);
        audit_models(&parameters, &set, models);
        test_models_free(models, count);
        test_parties_free(&set);
    }
}

/* ---- what must not matter ---- */

static void test_order_of_rows(void **state)
{
    (void)state;
    enum { ROWS = 200 };
    uint32_t order[ROWS];
    uint64_t random = 3;
    struct test_parties set;
    struct boosting_model models[3], again[3];
    struct boosting_parameters parameters = test_parameters();
    parameters.subsample = 0.7;
    struct test_shape shape = test_mixed_shape(5, ROWS);
    for (uint32_t i = 0; i < ROWS; i++) order[i] = i;
    assert_int_equal(test_parties_make(context, &set, shape, test_cuts, 2, 0, 0), FATE_OK);
    assert_int_equal(test_models_make(context, models, &set, &parameters), FATE_OK);
    test_parties_free(&set);
    for (uint32_t i = ROWS; i-- > 1;) {
        uint32_t other = test_below(&random, i + 1), swapped = order[i];
        order[i] = order[other];
        order[other] = swapped;
    }
    shape.order = order;
    assert_int_equal(test_parties_make(context, &set, shape, test_cuts, 2, 0, 0), FATE_OK);
    assert_int_equal(test_models_make(context, again, &set, &parameters), FATE_OK);
    for (uint32_t i = 0; i < 2; i++) assert_true(test_models_equal(context, &models[i], &again[i]));
    test_models_free(models, 2);
    test_models_free(again, 2);
    test_parties_free(&set);
}

/* The same columns with one, two or three parties: the same scores. */
static void test_number_of_parties(void **state)
{
    (void)state;
    enum { ROWS = 300 };
    static const uint32_t cuts[3][3] = {{9, 0, 0}, {4, 5, 0}, {3, 3, 3}};
    double scores[3][ROWS];
    for (uint32_t count = 1; count <= 3; count++) {
        struct test_parties set;
        struct boosting_model models[3];
        struct boosting_parameters parameters = test_parameters();
        assert_int_equal(test_parties_make(context, &set, test_mixed_shape(8, ROWS), cuts[count - 1], count, 0, 0), FATE_OK);
        assert_int_equal(test_models_make(context, models, &set, &parameters), FATE_OK);
        assert_int_equal(pooled_predict(context, scores[count - 1], models, set.parties, count), FATE_OK);
        test_models_free(models, count);
        test_parties_free(&set);
    }
    assert_memory_equal(scores[0], scores[1], sizeof scores[0]);
    assert_memory_equal(scores[0], scores[2], sizeof scores[0]);
}

/* Enough rows that threads are started. */
static void test_number_of_threads(void **state)
{
    (void)state;
    struct test_parties set;
    struct boosting_parameters parameters = test_parameters();
    struct boosting_model models[4][3];
    uint32_t cuts[3] = {8, 120, 0};
    assert_int_equal(test_parties_make(context, &set, test_mixed_shape(2, TEST_ROWS_LIMIT), cuts, 2, 1, 0), FATE_OK);
    for (uint32_t threads = 1; threads <= 4; threads++) {
        assert_int_equal(fate_context_set_threads(context, threads), FATE_OK);
        assert_int_equal(test_models_make(context, models[threads - 1], &set, &parameters), FATE_OK);
    }
    assert_int_equal(fate_context_set_threads(context, 1), FATE_OK);
    for (uint32_t threads = 2; threads <= 4; threads++) {
        for (uint32_t i = 0; i < 2; i++) assert_true(test_models_equal(context, &models[0][i], &models[threads - 1][i]));
    }
    for (uint32_t i = 0; i < 4; i++) test_models_free(models[i], 2);
    test_parties_free(&set);
}

/* Histograms by difference or added up again: the same. */
static void test_histogram_memory(void **state)
{
    (void)state;
    struct test_parties set;
    struct boosting_parameters parameters = test_parameters();
    struct boosting_model models[3][3];
    static const uint64_t limits[3] = {UINT64_MAX, 30000, 0};
    parameters.depth = 6;
    parameters.min_child_weight = 0;
    assert_int_equal(test_parties_make(context, &set, test_mixed_shape(10, 400), test_cuts, 2, 0, 0), FATE_OK);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(pooled_train_within(context, models[i], &parameters, set.parties, 2, NULL, limits[i]), FATE_OK);
        for (uint32_t party = 0; party < 2; party++) assert_true(test_models_equal(context, &models[0][party], &models[i][party]));
    }
    for (uint32_t i = 0; i < 3; i++) test_models_free(models[i], 2);
    test_parties_free(&set);
}

/* Two parties have the same columns: the first party's win, whoever is the guest. */
static void test_equal_columns(void **state)
{
    (void)state;
    for (uint32_t guest = 0; guest < 2; guest++) {
        struct test_shape shape = test_mixed_shape(11, 200);
        struct boosting_parameters parameters = test_parameters();
        struct boosting_model models[2];
        struct pooled_party parties[2] = {{.name = "one"}, {.name = "two"}};
        shape.columns = 3;
        for (uint32_t i = 0; i < 2; i++) {
            fate_table *table = NULL;
            shape.label = i == guest;
            assert_int_equal(test_table(context, &table, &shape), FATE_OK);
            parties[i].table = table;
            parties[i].guest = i == guest;
        }
        assert_int_equal(pooled_train(context, models, &parameters, parties, 2, NULL), FATE_OK);
        assert_true(models[0].column_count > 0);
        assert_int_equal(models[1].column_count, 0);
        assert_true(models[0].trees[0].nodes[0].kind == BOOSTING_OWN && models[1].trees[0].nodes[0].kind == BOOSTING_OTHER);
        test_models_free(models, 2);
        for (uint32_t i = 0; i < 2; i++) {
            fate_table *table = (fate_table *)(uintptr_t)parties[i].table;
            fate_table_free(table);
        }
    }
}

/* ---- parameters ---- */

struct watched {
    uint32_t trees, metrics;
    double best;
    uint32_t best_tree;
    int32_t result;
    uint32_t fail_at;
};

static int32_t watch_progress(void *given, const fate_progress *progress)
{
    struct watched *watched = given;
    watched->trees++;
    assert_int_equal(progress->round, watched->trees);
    assert_true(progress->fraction > 0 && progress->fraction <= 1);
    return watched->trees == watched->fail_at ? watched->result : FATE_OK;
}

static int32_t watch_tick(void *given)
{
    const struct watched *watched = given;
    return watched->trees == 3 ? FATE_E_CANCELLED : FATE_OK;
}

static int32_t watch_metric(void *given, const char *name, uint32_t round, double value)
{
    struct watched *watched = given;
    watched->metrics++;
    assert_string_equal(name, "validation log_loss");
    assert_int_equal(round, watched->metrics);
    if (watched->best_tree == 0 || value < watched->best) {
        watched->best = value;
        watched->best_tree = round;
    }
    return FATE_OK;
}

static void test_early_stopping(void **state)
{
    (void)state;
    struct watched watched = {0};
    const fate_observer observer = {.struct_size = sizeof observer,
                                    .abi_version = FATE_ABI_VERSION,
                                    .context = &watched,
                                    .progress = watch_progress,
                                    .metric = watch_metric};
    struct test_parties set;
    struct boosting_model models[3];
    struct boosting_parameters parameters = test_parameters();
    parameters.trees = 400;
    parameters.learning_rate = 1;
    parameters.early_stopping_rounds = 5;
    assert_int_equal(test_parties_make(context, &set, test_mixed_shape(6, 150), test_cuts, 2, 0, 100), FATE_OK);
    assert_int_equal(pooled_train(context, models, &parameters, set.parties, 2, &observer), FATE_OK);
    assert_true(watched.trees < 400);
    assert_int_equal(watched.trees, watched.metrics);
    assert_int_equal(watched.trees, watched.best_tree + 5);
    assert_int_equal(models[0].tree_count, watched.best_tree);
    assert_int_equal(models[1].tree_count, watched.best_tree);
    /* The measure is that of the kept trees on the validation tables. */
    double scores[100], margins[100];
    struct pooled_party judges[2] = {set.parties[0], set.parties[1]};
    for (uint32_t i = 0; i < 2; i++) judges[i].table = set.parties[i].validation;
    assert_int_equal(pooled_predict(context, scores, models, judges, 2), FATE_OK);
    for (uint32_t row = 0; row < 100; row++) margins[row] = mathematics_log(scores[row] / (1 - scores[row]));
    double loss = 0;
    assert_int_equal(measure_value(context, &loss, &parameters, margins, fate_table_label(judges[0].table), NULL, 100), FATE_OK);
    assert_true(fabs(loss - watched.best) < 1e-9);
    test_models_free(models, 2);
    /* Stopping early and asking for just so many trees give the same bytes: what was cut leaves no trace. */
    struct boosting_model stopped[3];
    parameters.trees = watched.best_tree;
    parameters.early_stopping_rounds = 0;
    watched = (struct watched){0};
    assert_int_equal(pooled_train(context, stopped, &parameters, set.parties, 2, NULL), FATE_OK);
    parameters.trees = 400;
    parameters.early_stopping_rounds = 5;
    assert_int_equal(pooled_train(context, models, &parameters, set.parties, 2, NULL), FATE_OK);
    for (uint32_t i = 0; i < 2; i++) assert_true(test_models_equal(context, &models[i], &stopped[i]));
    test_models_free(models, 2);
    test_models_free(stopped, 2);
    test_parties_free(&set);
}

static void test_observer(void **state)
{
    (void)state;
    struct watched watched = {.fail_at = 2, .result = -1234};
    fate_observer observer = {
        .struct_size = sizeof observer, .abi_version = FATE_ABI_VERSION, .context = &watched, .progress = watch_progress};
    struct test_parties set;
    struct boosting_model models[3];
    struct boosting_parameters parameters = test_parameters();
    assert_int_equal(test_parties_make(context, &set, test_mixed_shape(6, 50), test_cuts, 2, 0, 0), FATE_OK);
    assert_int_equal(pooled_train(context, models, &parameters, set.parties, 2, &observer), -1234);
    assert_int_equal(watched.trees, 2);
    watched = (struct watched){0};
    observer.tick = watch_tick;
    assert_int_equal(pooled_train(context, models, &parameters, set.parties, 2, &observer), FATE_E_CANCELLED);
    assert_int_equal(watched.trees, 3);
    observer.abi_version = 99;
    assert_int_equal(pooled_train(context, models, &parameters, set.parties, 2, &observer), FATE_E_VERSION);
    test_parties_free(&set);
}

/* The first trees use no host's columns; the guest's model names hosts' columns by number, from 1, in order of use. */
static void test_guest_trees(void **state)
{
    (void)state;
    struct test_parties set;
    struct boosting_model models[3];
    struct boosting_parameters parameters = test_parameters();
    parameters.trees = 6;
    parameters.guest_trees = 3;
    assert_int_equal(test_parties_make(context, &set, test_mixed_shape(4, 300), test_cuts, 3, 1, 0), FATE_OK);
    assert_int_equal(test_models_make(context, models, &set, &parameters), FATE_OK);
    uint32_t others = 0;
    uint32_t last[3] = {0, 0, 0};
    for (uint32_t tree = 0; tree < 6; tree++) {
        for (uint32_t i = 0; i < models[1].trees[tree].count; i++) {
            const struct boosting_node *node = &models[1].trees[tree].nodes[i];
            if (node->kind == BOOSTING_OTHER) {
                assert_true(tree >= 3);
                assert_true(node->column >= 1 && node->column <= last[node->party] + 1);
                last[node->party] = node->column > last[node->party] ? node->column : last[node->party];
                others++;
            }
        }
    }
    assert_true(others > 0);
    assert_int_equal(models[0].column_count, last[0]);
    assert_int_equal(models[2].column_count, last[2]);
    test_models_free(models, 3);
    test_parties_free(&set);
}

static void check_refused(struct test_parties *set, struct boosting_parameters parameters, int32_t expected, const char *word)
{
    struct boosting_model models[3];
    assert_int_equal(pooled_train(context, models, &parameters, set->parties, set->count, NULL), expected);
    assert_non_null(strstr(fate_context_error(context), word));
    test_parties_free(set);
}

static void test_refusals(void **state)
{
    (void)state;
    struct test_parties set, other;
    struct boosting_parameters parameters = test_parameters();
    struct test_shape shape = test_mixed_shape(4, 30);
    assert_int_equal(test_parties_make(context, &set, shape, test_cuts, 2, 0, 0), FATE_OK);
    shape.rows = 31;
    assert_int_equal(test_parties_make(context, &other, shape, test_cuts, 2, 0, 0), FATE_OK);
    const fate_table *swapped = set.parties[1].table;
    set.parties[1].table = other.parties[1].table;
    other.parties[1].table = swapped;
    test_parties_free(&other);
    check_refused(&set, parameters, FATE_E_ROWS_DIFFER, "guest and host");
    parameters.early_stopping_rounds = 3;
    assert_int_equal(test_parties_make(context, &set, shape, test_cuts, 2, 0, 0), FATE_OK);
    check_refused(&set, parameters, FATE_E_JOB, "validation");
    parameters.early_stopping_rounds = 0;
    shape.squared = true;
    assert_int_equal(test_parties_make(context, &set, shape, test_cuts, 2, 0, 0), FATE_OK);
    check_refused(&set, parameters, FATE_E_TABLE, "logistic");
    assert_int_equal(test_parties_make(context, &set, shape, test_cuts, 2, 5, 0), FATE_OK);
    check_refused(&set, parameters, FATE_E_ARGUMENT, "one guest");
}

/* Training and scoring with every allocation failed in turn. */
static int32_t run_poor(fate_context *poor, const struct test_parties *set)
{
    struct boosting_model models[3];
    double scores[64];
    struct boosting_parameters parameters = test_parameters();
    parameters.trees = 2;
    parameters.depth = 2;
    parameters.subsample = 0.9;
    parameters.early_stopping_rounds = 1;
    int32_t result = pooled_train(poor, models, &parameters, set->parties, set->count, NULL);
    if (result != FATE_OK) return result;
    result = pooled_predict(poor, scores, models, set->parties, set->count);
    test_models_free(models, set->count);
    return result;
}

static void test_no_memory(void **state)
{
    (void)state;
    int32_t result = FATE_E_MEMORY;
    for (long long call = 0; result == FATE_E_MEMORY; call++) {
        struct test_allocator memory;
        struct test_parties set;
        fate_allocator allocator = test_allocator(&memory, -1);
        fate_context *poor = NULL;
        assert_int_equal(context_new(&poor, &allocator), FATE_OK);
        assert_int_equal(test_parties_make(poor, &set, test_mixed_shape(3, 40), test_cuts, 2, 0, 20), FATE_OK);
        memory.fail = memory.calls + call;
        result = run_poor(poor, &set);
        assert_true(result == FATE_OK || result == FATE_E_MEMORY);
        assert_true(result == FATE_OK || fate_context_error(poor)[0] != '\0');
        test_parties_free(&set);
        fate_context_free(poor);
        assert_int_equal(memory.live, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_split),       cmocka_unit_test(test_order_of_rows),    cmocka_unit_test(test_number_of_parties),
        cmocka_unit_test(test_number_of_threads), cmocka_unit_test(test_histogram_memory), cmocka_unit_test(test_equal_columns),
        cmocka_unit_test(test_early_stopping),    cmocka_unit_test(test_observer),         cmocka_unit_test(test_guest_trees),
        cmocka_unit_test(test_refusals),          cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
