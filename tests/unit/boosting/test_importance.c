/* Importance: sums over the splits of each column. */
#include "tests/support/allocator.h"
#include "tests/support/boosting_models.h"
#include "src/models/boosting/importance.h"

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

static void test_sums(void **state)
{
    (void)state;
    struct test_parties set;
    struct boosting_model models[3];
    struct boosting_parameters parameters = test_parameters();
    struct importance *items = NULL;
    uint32_t count = 0;
    assert_int_equal(test_parties_make(context, &set, test_mixed_shape(1, 300), test_cuts, 3, 1, 0), FATE_OK);
    assert_int_equal(test_models_make(context, models, &set, &parameters), FATE_OK);
    assert_int_equal(importance_make(&models[1], 1, &items, &count), FATE_OK);
    assert_int_equal(count, models[0].column_count + models[1].column_count + models[2].column_count);
    for (uint32_t i = 0; i < count; i++) {
        double gain = 0, cover = 0;
        uint64_t splits = 0;
        for (uint32_t tree = 0; tree < models[1].tree_count; tree++) {
            for (uint32_t j = 0; j < models[1].trees[tree].count; j++) {
                const struct boosting_node *own = &models[items[i].party].trees[tree].nodes[j];
                if (own->kind == BOOSTING_OWN && own->column == items[i].column) {
                    gain += models[1].trees[tree].nodes[j].gain;
                    cover += models[1].trees[tree].nodes[j].cover;
                    splits++;
                }
            }
        }
        assert_true(splits > 0);
        assert_int_equal(items[i].splits, splits);
        assert_true(items[i].gain == gain && items[i].cover == cover);
        assert_true(i == 0 || items[i - 1].gain >= items[i].gain);
    }
    memory_free(context, items);
    test_models_free(models, 3);
    test_parties_free(&set);
}

static void test_ties(void **state)
{
    (void)state;
    static const char *const parties[] = {"a", "b", "c"};
    struct boosting_model model;
    struct importance *items = NULL;
    uint32_t count = 0;
    assert_int_equal(boosting_model_init(&model, context, true, parties, 3), FATE_OK);
    static const uint32_t owners[4] = {2, 1, 2, 1};
    for (uint32_t tree = 0; tree < 4; tree++) {
        assert_int_equal(boosting_model_add_tree(&model), FATE_OK);
        assert_int_equal(boosting_model_split(&model, 0, owners[tree], 1 + tree / 2), FATE_OK);
        model.trees[tree].nodes[0].gain = tree == 3 ? 9 : 1;
    }
    assert_int_equal(importance_make(&model, 0, &items, &count), FATE_OK);
    assert_int_equal(count, 4);
    static const uint32_t expected[4][2] = {{1, 2}, {1, 1}, {2, 1}, {2, 2}};
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(items[i].party, expected[i][0]);
        assert_int_equal(items[i].column, expected[i][1]);
    }
    memory_free(context, items);
    boosting_model_free(&model);
}

static void test_no_memory(void **state)
{
    (void)state;
    int32_t result = FATE_E_MEMORY;
    for (long long call = 0; result == FATE_E_MEMORY; call++) {
        static const char *const parties[] = {"a"};
        struct test_allocator memory;
        struct boosting_model model;
        struct importance *items = NULL;
        uint32_t count = 0;
        fate_allocator allocator = test_allocator(&memory, -1);
        fate_context *poor = NULL;
        assert_int_equal(context_new(&poor, &allocator), FATE_OK);
        assert_int_equal(boosting_model_init(&model, poor, true, parties, 1), FATE_OK);
        memory.fail = memory.calls + call;
        result = importance_make(&model, 0, &items, &count);
        assert_true(result == FATE_OK || (result == FATE_E_MEMORY && items == NULL));
        memory_free(poor, items);
        boosting_model_free(&model);
        fate_context_free(poor);
        assert_int_equal(memory.live, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sums), cmocka_unit_test(test_ties), cmocka_unit_test(test_no_memory)};
    return cmocka_run_group_tests(tests, start, stop);
}
