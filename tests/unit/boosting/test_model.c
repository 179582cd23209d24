/* Building models: conditions from bins, and columns numbered by first use. */
#include "tests/support/allocator.h"
#include "tests/support/boosting_models.h"

#include <float.h>

static fate_context *context;
static fate_table *table; /* columns x0, x1 (numbers), x2 (category), x3, x4, x5 (category) */

static int start(void **state)
{
    (void)state;
    struct test_shape shape = test_mixed_shape(21, 200);
    shape.columns = 6;
    return context_new(&context, NULL) != FATE_OK || test_table(context, &table, &shape) != FATE_OK;
}

static int stop(void **state)
{
    (void)state;
    fate_table_free(table);
    fate_context_free(context);
    return 0;
}

static void make_bins(struct column_bins *bins, uint32_t column)
{
    assert_int_equal(binning_make(context, bins, table, column, 8, 3), FATE_OK);
    assert_int_equal(bins->bins, bins->value_bins + 1);
}

/* A row of the table goes left by the condition exactly when its bin does. */
static void check_condition(const struct boosting_model *model, const struct boosting_node *node, const struct column_bins *bins,
                            const uint8_t *left, uint32_t column)
{
    uint16_t bin[200];
    assert_int_equal(binning_assign(bins, table, column, bin), FATE_OK);
    for (uint32_t row = 0; row < 200; row++) {
        bool goes_left = false;
        if (bins->kind == FATE_COLUMN_NUMBER) {
            double value = fate_table_numbers(table, column)[row];
            goes_left = isnan(value) ? node->condition.missing_left : value <= node->condition.threshold;
        } else {
            uint32_t code = fate_table_codes(table, column)[row];
            goes_left = code == UINT32_MAX && node->condition.missing_left;
            for (uint32_t i = 0; i < node->condition.left_count && code != UINT32_MAX; i++) {
                const char *name = model->columns[node->column - 1].categories[node->condition.left[i]];
                goes_left = goes_left || strcmp(name, fate_table_category(table, column, code)) == 0;
            }
        }
        assert_int_equal(goes_left, left[bin[row]]);
    }
}

static void test_conditions(void **state)
{
    (void)state;
    for (uint32_t column = 0; column < 6; column++) {
        struct column_bins bins;
        make_bins(&bins, column);
        for (uint32_t set = 0; set < 1u << bins.bins; set++) {
            struct boosting_model model;
            uint8_t left[16];
            uint32_t values = set & ((1u << bins.value_bins) - 1);
            for (uint32_t bin = 0; bin < bins.bins; bin++) left[bin] = set >> bin & 1;
            bool is_prefix = values != 0 && (values & (values + 1)) == 0;
            bool possible = set != 0 && set != (1u << bins.bins) - 1 && (bins.kind == FATE_COLUMN_CATEGORY || is_prefix);
            assert_int_equal(boosting_model_init(&model, context, false, NULL, 0), FATE_OK);
            assert_int_equal(boosting_model_add_tree(&model), FATE_OK);
            assert_int_equal(boosting_model_split(&model, 0, 0, 0), FATE_OK);
            int32_t result = boosting_model_own(&model, 0, &bins, left, table, column);
            assert_int_equal(result, possible ? FATE_OK : FATE_E_PROTOCOL);
            if (possible) check_condition(&model, &model.trees[0].nodes[0], &bins, left, column);
            boosting_model_free(&model);
        }
        binning_free(&bins);
    }
}

static void test_all_numbers_left(void **state)
{
    (void)state;
    struct column_bins bins;
    struct boosting_model model;
    uint8_t left[16];
    make_bins(&bins, 0);
    memset(left, 1, bins.value_bins);
    left[bins.value_bins] = 0;
    assert_int_equal(boosting_model_init(&model, context, false, NULL, 0), FATE_OK);
    assert_int_equal(boosting_model_add_tree(&model), FATE_OK);
    assert_int_equal(boosting_model_split(&model, 0, 0, 0), FATE_OK);
    assert_int_equal(boosting_model_own(&model, 0, &bins, left, table, 0), FATE_OK);
    assert_true(model.trees[0].nodes[0].condition.threshold == DBL_MAX);
    assert_false(model.trees[0].nodes[0].condition.missing_left);
    boosting_model_free(&model);
    binning_free(&bins);
}

/* Adds a tree with one split of the given column (own: of the table). */
static void add_stump(struct boosting_model *model, bool own, uint32_t party, uint32_t column)
{
    assert_int_equal(boosting_model_add_tree(model), FATE_OK);
    assert_int_equal(boosting_model_split(model, 0, party, column), FATE_OK);
    if (own) {
        struct column_bins bins;
        uint8_t left[16] = {1};
        make_bins(&bins, column);
        assert_int_equal(boosting_model_own(model, 0, &bins, left, table, column), FATE_OK);
        binning_free(&bins);
    }
}

static uint32_t column_of(const struct boosting_model *model, uint32_t tree)
{
    return model->trees[tree].nodes[0].column;
}

static void test_numbering(void **state)
{
    (void)state;
    static const char *const parties[] = {"bank", "telecom", "shop"};
    struct boosting_model model;
    assert_int_equal(boosting_model_init(&model, context, true, parties, 3), FATE_OK);
    add_stump(&model, true, 0, 4);
    add_stump(&model, false, 1, 900);
    add_stump(&model, false, 2, 900);
    add_stump(&model, false, 1, 3);
    add_stump(&model, true, 0, 2);
    add_stump(&model, false, 1, 900);
    add_stump(&model, true, 0, 4);
    add_stump(&model, true, 0, 1); /* is cut */
    boosting_model_keep(&model, 7);
    assert_int_equal(boosting_model_number_columns(&model), FATE_OK);
    static const uint32_t expected[7] = {1, 1, 1, 2, 2, 1, 1};
    for (uint32_t tree = 0; tree < 7; tree++) assert_int_equal(column_of(&model, tree), expected[tree]);
    assert_int_equal(model.tree_count, 7);
    assert_int_equal(model.column_count, 2);
    assert_string_equal(model.columns[0].name, "x4");
    assert_string_equal(model.columns[1].name, "x2");
    assert_string_equal(model.parties[2], "shop");
    boosting_model_free(&model);
}

/* Columns that were met in another order than that of use are put in order. */
static void test_reordering(void **state)
{
    (void)state;
    struct boosting_model model;
    struct column_bins bins;
    uint8_t left[16] = {1};
    assert_int_equal(boosting_model_init(&model, context, false, NULL, 0), FATE_OK);
    assert_int_equal(boosting_model_add_tree(&model), FATE_OK);
    for (uint32_t node = 0; node < 3; node++) assert_int_equal(boosting_model_split(&model, node, 0, 0), FATE_OK);
    for (uint32_t node = 3; node-- > 0;) {
        make_bins(&bins, node);
        assert_int_equal(boosting_model_own(&model, node, &bins, left, table, node), FATE_OK);
        binning_free(&bins);
    }
    assert_int_equal(boosting_model_number_columns(&model), FATE_OK);
    for (uint32_t node = 0; node < 3; node++) {
        assert_int_equal(model.trees[0].nodes[node].column, node + 1);
        assert_string_equal(model.columns[node].name, fate_table_column_name(table, node));
    }
    assert_int_equal(model.columns[2].category_count, 7);
    boosting_model_free(&model);
}

static int32_t build(fate_context *poor, const struct column_bins *bins)
{
    static const char *const parties[] = {"bank", "telecom"};
    uint8_t left[16] = {1};
    struct boosting_model model;
    int32_t result = boosting_model_init(&model, poor, true, parties, 2);
    for (uint32_t tree = 0; tree < 5 && result == FATE_OK; tree++) {
        result = boosting_model_add_tree(&model);
        for (uint32_t node = 0; node < 4 && result == FATE_OK; node++) result = boosting_model_split(&model, node, 1, tree * 7 + node);
        if (result == FATE_OK) result = boosting_model_own(&model, 0, bins, left, table, 2);
    }
    if (result == FATE_OK) result = boosting_model_number_columns(&model);
    boosting_model_free(&model);
    return result;
}

static void test_no_memory(void **state)
{
    (void)state;
    struct column_bins bins;
    int32_t result = FATE_E_MEMORY;
    make_bins(&bins, 2);
    for (long long call = 0; result == FATE_E_MEMORY; call++) {
        struct test_allocator memory;
        fate_allocator allocator = test_allocator(&memory, -1);
        fate_context *poor = NULL;
        assert_int_equal(context_new(&poor, &allocator), FATE_OK);
        memory.fail = memory.calls + call;
        result = build(poor, &bins);
        assert_true(result == FATE_OK || result == FATE_E_MEMORY);
        fate_context_free(poor);
        assert_int_equal(memory.live, 0);
    }
    binning_free(&bins);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conditions), cmocka_unit_test(test_all_numbers_left), cmocka_unit_test(test_numbering),
        cmocka_unit_test(test_reordering), cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
