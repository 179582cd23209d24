/* Trees in the models: those that grow leaf by leaf are the best part of those that grow by levels, with nodes in breadth-first order. */
#include "tests/support/boosting_models.h"

enum { NODES = 1 << 8 };

/* The nodes of a tree at their places in a whole tree: 1 is the root, children of i are 2i and 2i+1. 0: no split. */
static void place_gains(const struct boosting_tree *tree, uint32_t node, uint32_t place, double *gains)
{
    gains[place] = tree->nodes[node].left == 0 ? 0 : tree->nodes[node].gain;
    if (gains[place] > 0) {
        place_gains(tree, tree->nodes[node].left, 2 * place, gains);
        place_gains(tree, tree->nodes[node].right, 2 * place + 1, gains);
    }
}

/* Takes back all but the best splits of a whole tree, one leaf after the other. */
static void keep_best(double *gains, uint32_t splits)
{
    bool kept[NODES] = {false};
    while (splits-- > 0) {
        uint32_t best = 0;
        for (uint32_t place = 1; place < NODES; place++) {
            bool leaf = !kept[place] && (place == 1 || kept[place / 2]);
            if (leaf && gains[place] > (best == 0 ? 0 : gains[best])) best = place;
        }
        if (best == 0) break;
        kept[best] = true;
    }
    for (uint32_t place = 1; place < NODES; place++) gains[place] = kept[place] ? gains[place] : 0;
}

static void one_tree(fate_context *context, uint32_t round, const struct test_parties *set, struct boosting_parameters *parameters,
                     double *gains, bool check)
{
    struct boosting_model models[2];
    assert_int_equal(pooled_train(context, models, parameters, set->parties, set->count, NULL), FATE_OK);
    const struct boosting_tree *tree = &models[0].trees[0];
    double own[NODES] = {0};
    place_gains(tree, 0, 1, own);
    for (uint32_t node = 0, next = 1; node < tree->count; node++) {
        if (tree->nodes[node].left != 0) {
            assert_int_equal(tree->nodes[node].left, next);
            next += 2;
        }
    }
    if (check) keep_best(gains, parameters->max_leaves - 1);
    for (uint32_t place = 1; place < NODES; place++) {
        if (check && own[place] != gains[place]) print_error("round %u, place %u\n", round, place);
        if (check) assert_true(own[place] == gains[place]);
        gains[place] = own[place];
    }
    for (uint32_t i = 0; i < 2; i++) boosting_model_free(&models[i]);
}

static void leaf_by_leaf_is_the_best_part_of_the_levels(void **state)
{
    (void)state;
    uint64_t random = 5;
    fate_context *context;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    for (uint32_t round = 0; round < 20; round++) {
        struct test_parties set;
        struct boosting_parameters parameters = test_parameters();
        double gains[NODES] = {0};
        struct test_shape shape = test_mixed_shape(round, 100 + test_below(&random, 300));
        parameters.trees = 1;
        parameters.depth = 7;
        parameters.min_child_weight = 0;
        assert_int_equal(test_parties_make(context, &set, shape, test_cuts, 2, 0, 0), FATE_OK);
        one_tree(context, round, &set, &parameters, gains, false);
        parameters.leaf_wise = true;
        parameters.max_leaves = 2 + test_below(&random, 30);
        one_tree(context, round, &set, &parameters, gains, true);
        test_parties_free(&set);
    }
    fate_context_free(context);
}

/* A grid over two columns: with a direction of the first one, scores never move the other way along it. */
static void check_direction(fate_context *context, int32_t direction, const struct boosting_parameters *parameters, bool expected)
{
    enum { ROWS = 400, STEPS = 20 };
    fate_table *tables[2];
    double scores[STEPS * STEPS], values[2][ROWS], labels[ROWS];
    uint64_t offsets[ROWS + 1], random = 8;
    char ids[ROWS * 4 + 1];
    bool kept = true;
    for (uint32_t use = 0; use < 2; use++) {
        for (uint32_t row = 0; row < ROWS; row++) {
            snprintf(ids + 4 * row, 5, "%04u", row);
            offsets[row + 1] = 4 * (row + 1);
            values[0][row] = use == 0 ? test_unit(&random) : (row % STEPS + 0.5) / STEPS;
            values[1][row] = use == 0 ? test_unit(&random) : (row / STEPS + 0.5) / STEPS;
            labels[row] = sin(7 * values[0][row]) * (values[1][row] - 0.3) + 0.2 * test_unit(&random);
        }
        offsets[0] = 0;
        assert_int_equal(fate_table_new(context, &tables[use], ROWS), FATE_OK);
        assert_int_equal(fate_table_set_ids(tables[use], (const uint8_t *)ids, offsets), FATE_OK);
        assert_int_equal(fate_table_add_numbers(tables[use], "x", values[0]), FATE_OK);
        assert_int_equal(fate_table_add_numbers(tables[use], "z", values[1]), FATE_OK);
        assert_int_equal(fate_table_set_label(tables[use], labels), FATE_OK);
        assert_int_equal(fate_table_finish(tables[use]), FATE_OK);
    }
    assert_int_equal(fate_table_set_direction(tables[0], "x", direction), FATE_OK);
    struct boosting_model model;
    struct pooled_party party = {.name = "guest", .guest = true, .table = tables[0]};
    assert_int_equal(pooled_train(context, &model, parameters, &party, 1, NULL), FATE_OK);
    party.table = tables[1];
    assert_int_equal(pooled_predict(context, scores, &model, &party, 1), FATE_OK);
    for (uint32_t i = 0; i < STEPS * STEPS; i++) {
        bool first = i % STEPS == 0;
        kept = kept && (first || (direction < 0 ? scores[i] <= scores[i - 1] : scores[i] >= scores[i - 1]));
    }
    assert_true(kept == expected);
    boosting_model_free(&model);
    fate_table_free(tables[0]);
    fate_table_free(tables[1]);
}

static void scores_keep_directions(void **state)
{
    (void)state;
    struct boosting_parameters parameters = test_parameters();
    fate_context *context;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    parameters.objective = OBJECTIVE_SQUARED;
    parameters.measure = measure_find("auto", OBJECTIVE_SQUARED);
    parameters.trees = 20;
    parameters.depth = 6;
    parameters.bins = 64;
    parameters.min_child_weight = 0;
    check_direction(context, 0, &parameters, false);
    check_direction(context, 1, &parameters, true);
    check_direction(context, -1, &parameters, true);
    parameters.leaf_wise = true;
    parameters.max_leaves = 12;
    parameters.alpha = 0.1;
    check_direction(context, 1, &parameters, true);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(scores_keep_directions),
                                       cmocka_unit_test(leaf_by_leaf_is_the_best_part_of_the_levels)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
