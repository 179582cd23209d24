/* Masks of leaves: what they exclude, that intersections leave one leaf, and how columns of other tables are matched. */
#include "tests/support/allocator.h"
#include "tests/support/boosting_models.h"
#include "src/models/boosting/predict.h"

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

/* The weights of the leaves that are named add up to the score's margin. */
static void check_leaves(const struct predictor *predictor, const uint8_t *masks, const double *scores, uint64_t rows)
{
    const struct boosting_model *model = predictor->model;
    double *leaves = calloc(rows * model->tree_count, sizeof *leaves);
    assert_non_null(leaves);
    assert_int_equal(predictor_leaves(predictor, 0, rows, masks, leaves, rows), FATE_OK);
    for (uint64_t row = 0; row < rows; row++) {
        double margin = objective_base_margin(model->objective, model->base_score);
        for (uint32_t tree = 0; tree < model->tree_count; tree++) {
            const struct boosting_node *leaf = &model->trees[tree].nodes[(uint32_t)leaves[tree * rows + row]];
            assert_int_equal(leaf->kind, BOOSTING_LEAF);
            margin += leaf->weight;
        }
        assert_true(scores[row] == objective_score(model->objective, margin));
    }
    free(leaves);
}

/* Scores by masks equal those of walking, for training rows and for rows with categories that training did not see. */
static void test_masks_equal_walking(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < 12; round++) {
        struct test_parties set, scored;
        struct boosting_model models[3];
        struct boosting_parameters parameters = test_parameters();
        struct test_shape shape = test_mixed_shape(round, 150);
        double expected[200], scores[200];
        uint8_t *masks[3];
        parameters.depth = 1 + round % 6;
        parameters.min_child_weight = 0;
        shape.squared = round % 2;
        parameters.objective = shape.squared ? OBJECTIVE_SQUARED : OBJECTIVE_LOGISTIC;
        assert_int_equal(test_parties_make(context, &set, shape, test_cuts, 3, round % 3, 0), FATE_OK);
        assert_int_equal(test_models_make(context, models, &set, &parameters), FATE_OK);
        shape.first_row = 5000;
        shape.rows = 200;
        shape.missing = 0.4;
        assert_int_equal(test_parties_make(context, &scored, shape, test_cuts, 3, round % 3, 0), FATE_OK);
        assert_int_equal(pooled_predict(context, expected, models, scored.parties, 3), FATE_OK);
        struct predictor predictors[3];
        for (uint32_t i = 0; i < 3; i++) {
            assert_int_equal(predictor_init(&predictors[i], context, &models[i], scored.parties[i].table), FATE_OK);
            assert_int_equal(predictors[i].mask_bytes, predictors[0].mask_bytes);
            masks[i] = malloc(200 * predictors[i].mask_bytes);
            assert_non_null(masks[i]);
            predictor_masks(&predictors[i], 0, 80, masks[i]);
            predictor_masks(&predictors[i], 80, 120, masks[i] + 80 * predictors[i].mask_bytes);
        }
        predictor_intersect(masks[0], masks[1], 200 * predictors[0].mask_bytes);
        predictor_intersect(masks[0], masks[2], 200 * predictors[0].mask_bytes);
        assert_int_equal(predictor_scores(&predictors[round % 3], 0, 200, masks[0], scores), FATE_OK);
        assert_memory_equal(scores, expected, sizeof scores);
        check_leaves(&predictors[round % 3], masks[0], scores, 200);
        for (uint32_t i = 0; i < 3; i++) {
            predictor_free(&predictors[i]);
            free(masks[i]);
        }
        test_parties_free(&scored);
        test_models_free(models, 3);
        test_parties_free(&set);
    }
}

/* Root (column a <= 1), its left child (column b in {p}), its right child another party's; four leaves. */
static void make_small(struct boosting_model *model)
{
    static const char *const parties[] = {"guest", "host"};
    static const char *const names[] = {"a", "b"};
    assert_int_equal(boosting_model_init(model, context, true, parties, 2), FATE_OK);
    model->objective = OBJECTIVE_SQUARED;
    model->base_score = 100;
    model->columns = memory_zeroed(context, 2, sizeof *model->columns);
    for (uint32_t i = 0; i < 2; i++)
        model->columns[i] = (struct boosting_column){.name = memory_text(context, names[i]), .kind = (int32_t)i + 1};
    model->columns[1].categories = memory_zeroed(context, 2, sizeof(char *));
    model->columns[1].categories[0] = memory_text(context, "p");
    model->columns[1].categories[1] = memory_text(context, "q");
    model->columns[1].category_count = 2;
    model->column_count = 2;
    assert_int_equal(boosting_model_add_tree(model), FATE_OK);
    for (uint32_t node = 0; node < 3; node++) assert_int_equal(boosting_model_split(model, node, 1, 1), FATE_OK);
    struct boosting_node *nodes = model->trees[0].nodes;
    nodes[0].kind = nodes[1].kind = BOOSTING_OWN;
    nodes[0].column = 1;
    nodes[0].condition = (struct boosting_condition){.threshold = 1, .missing_left = true};
    nodes[1].column = 2;
    nodes[1].condition =
        (struct boosting_condition){.left = memory_zeroed(context, 1, sizeof(uint32_t)), .left_count = 1, .other_left = true};
    for (uint32_t leaf = 3; leaf < 7; leaf++) nodes[leaf].weight = ldexp(1, (int)leaf);
}

static void make_small_table(fate_table **table, const char *const *categories, uint32_t category_count)
{
    static const uint8_t ids[] = "12345";
    static const uint64_t offsets[] = {0, 1, 2, 3, 4, 5};
    const double a[5] = {1, 1.5, (double)NAN, 0, 0};
    const uint32_t b[5] = {0, 0, UINT32_MAX, 1, category_count - 1};
    assert_int_equal(fate_table_new(context, table, 5), FATE_OK);
    assert_int_equal(fate_table_set_ids(*table, ids, offsets), FATE_OK);
    assert_int_equal(fate_table_add_categories(*table, "b", b, categories, category_count), FATE_OK);
    assert_int_equal(fate_table_add_numbers(*table, "a", a), FATE_OK);
    assert_int_equal(fate_table_finish(*table), FATE_OK);
}

static void test_small(void **state)
{
    (void)state;
    static const char *const categories[] = {"p", "q", "unseen"};
    static const uint8_t expected[5] = {0x1, 0xc, 0x2, 0x2, 0x1};
    struct boosting_model model;
    struct predictor predictor;
    fate_table *table = NULL;
    uint8_t masks[5];
    double scores[5];
    make_small(&model);
    make_small_table(&table, categories, 3);
    assert_int_equal(predictor_init(&predictor, context, &model, table), FATE_OK);
    assert_int_equal(predictor.mask_bytes, 1);
    predictor_masks(&predictor, 0, 5, masks);
    assert_memory_equal(masks, expected, sizeof masks);
    /* Two leaves remain in row 2. */
    assert_int_equal(predictor_scores(&predictor, 0, 1, masks, scores), FATE_OK);
    assert_true(scores[0] == 108);
    assert_int_equal(predictor_scores(&predictor, 0, 5, masks, scores), FATE_E_PROTOCOL);
    assert_non_null(strstr(fate_context_error(context), "row 2"));
    masks[1] = 0;
    assert_int_equal(predictor_scores(&predictor, 0, 5, masks, scores), FATE_E_PROTOCOL);
    masks[1] = 0x10; /* beyond the last leaf */
    assert_int_equal(predictor_scores(&predictor, 0, 5, masks, scores), FATE_E_PROTOCOL);
    masks[1] = 0x18;
    assert_int_equal(predictor_scores(&predictor, 0, 5, masks, scores), FATE_E_PROTOCOL);
    masks[1] = 0x8;
    assert_int_equal(predictor_scores(&predictor, 0, 5, masks, scores), FATE_OK);
    assert_true(scores[1] == 164 && scores[2] == 116 && scores[3] == 116 && scores[4] == 108);
    predictor_free(&predictor);
    fate_table_free(table);
    boosting_model_free(&model);
}

/* Trees of many leaves: more than a byte of them, and trees of one leaf. */
static void test_many_leaves(void **state)
{
    (void)state;
    static const char *const parties[] = {"guest"};
    struct boosting_model model;
    struct predictor predictor;
    fate_table *table = NULL;
    static const char *const categories[] = {"p", "q"};
    uint8_t masks[6];
    double score = 0;
    assert_int_equal(boosting_model_init(&model, context, true, parties, 1), FATE_OK);
    model.objective = OBJECTIVE_SQUARED;
    assert_int_equal(boosting_model_add_tree(&model), FATE_OK);
    model.trees[0].nodes[0].weight = 3;
    assert_int_equal(boosting_model_add_tree(&model), FATE_OK);
    for (uint32_t node = 0; node < 16; node++) assert_int_equal(boosting_model_split(&model, node, 0, 1), FATE_OK);
    for (uint32_t node = 16; node < 33; node++) model.trees[1].nodes[node].weight = node;
    make_small_table(&table, categories, 2);
    assert_int_equal(predictor_init(&predictor, context, &model, table), FATE_OK);
    assert_int_equal(predictor.mask_bytes, 1 + 3);
    predictor_masks(&predictor, 0, 1, masks);
    static const uint8_t open[4] = {1, 0xff, 0xff, 1};
    assert_memory_equal(masks, open, sizeof open);
    /* Node 15 was the first of the fourth level and was split: from left to right leaves are 31, 32, 16, 17, ..., 30. */
    static const uint8_t third[4] = {1, 4, 0, 0}, last[4] = {1, 0, 0, 1}, second[4] = {1, 2, 0, 0};
    assert_int_equal(predictor_scores(&predictor, 0, 1, second, &score), FATE_OK);
    assert_true(score == 35);
    assert_int_equal(predictor_scores(&predictor, 0, 1, third, &score), FATE_OK);
    assert_true(score == 19);
    assert_int_equal(predictor_scores(&predictor, 0, 1, last, &score), FATE_OK);
    assert_true(score == 33);
    predictor_free(&predictor);
    fate_table_free(table);
    boosting_model_free(&model);
}

/* Masks do not depend on the number of threads. */
static void test_threads(void **state)
{
    (void)state;
    struct test_parties set;
    struct boosting_model models[3];
    struct boosting_parameters parameters = test_parameters();
    parameters.trees = 40;
    parameters.depth = 6;
    parameters.min_child_weight = 0;
    assert_int_equal(test_parties_make(context, &set, test_mixed_shape(9, TEST_ROWS_LIMIT), test_cuts, 2, 0, 0), FATE_OK);
    assert_int_equal(test_models_make(context, models, &set, &parameters), FATE_OK);
    struct predictor predictor;
    assert_int_equal(predictor_init(&predictor, context, &models[1], set.parties[1].table), FATE_OK);
    uint64_t length = TEST_ROWS_LIMIT * predictor.mask_bytes;
    uint8_t *one = malloc(length), *many = malloc(length);
    assert_true(one != NULL && many != NULL);
    predictor_masks(&predictor, 0, TEST_ROWS_LIMIT, one);
    assert_int_equal(fate_context_set_threads(context, 4), FATE_OK);
    predictor_masks(&predictor, 0, TEST_ROWS_LIMIT, many);
    assert_int_equal(fate_context_set_threads(context, 1), FATE_OK);
    assert_memory_equal(one, many, length);
    free(one);
    free(many);
    predictor_free(&predictor);
    test_models_free(models, 2);
    test_parties_free(&set);
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const categories[] = {"p", "q"};
    struct boosting_model model;
    struct predictor predictor;
    fate_table *table = NULL;
    make_small(&model);
    make_small_table(&table, categories, 2);
    model.columns[0].kind = FATE_COLUMN_CATEGORY;
    assert_int_equal(predictor_init(&predictor, context, &model, table), FATE_E_TABLE);
    assert_non_null(strstr(fate_context_error(context), "column a holds numbers"));
    model.columns[0].kind = FATE_COLUMN_NUMBER;
    model.columns[1].name[0] = 'z';
    assert_int_equal(predictor_init(&predictor, context, &model, table), FATE_E_TABLE);
    assert_non_null(strstr(fate_context_error(context), "no column z"));
    fate_table_free(table);
    boosting_model_free(&model);
}

static void test_no_memory(void **state)
{
    (void)state;
    static const char *const categories[] = {"p", "q"};
    struct boosting_model model;
    fate_table *table = NULL;
    int32_t result = FATE_E_MEMORY;
    make_small(&model);
    make_small_table(&table, categories, 2);
    for (long long call = 0; result == FATE_E_MEMORY; call++) {
        struct test_allocator memory;
        struct predictor predictor;
        fate_allocator allocator = test_allocator(&memory, -1);
        fate_context *poor = NULL;
        assert_int_equal(context_new(&poor, &allocator), FATE_OK);
        memory.fail = memory.calls + call;
        result = predictor_init(&predictor, poor, &model, table);
        if (result == FATE_OK) predictor_free(&predictor);
        assert_true(result == FATE_OK || result == FATE_E_MEMORY);
        fate_context_free(poor);
        assert_int_equal(memory.live, 0);
    }
    fate_table_free(table);
    boosting_model_free(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_masks_equal_walking),
        cmocka_unit_test(test_small),
        cmocka_unit_test(test_many_leaves),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
