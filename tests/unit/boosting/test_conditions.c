/* Conditions by bins: found by node; outcomes say no more than which leaves remain possible. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "src/models/boosting/conditions.h"
#include "tests/support/allocator.h"

/* A full tree of depth 2: nodes 0; 1, 2; leaves 3 to 6. */
static void full_tree(struct tree *tree, fate_context *context)
{
    assert_int_equal(tree_init(tree, context), FATE_OK);
    tree_next_level(tree);
    assert_int_equal(tree_split(tree, 0), FATE_OK);
    tree_next_level(tree);
    assert_int_equal(tree_split(tree, 1), FATE_OK);
    assert_int_equal(tree_split(tree, 2), FATE_OK);
}

static const uint8_t low_left[4] = {1, 1, 0, 0}, first_left[4] = {1, 0, 0, 0};

static void found_by_node(void **state)
{
    (void)state;
    fate_context *context;
    struct conditions conditions;
    uint32_t index;
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    conditions_init(&conditions, context);
    assert_null(conditions_find(&conditions, 0, &index));
    for (uint32_t node = 1; node < 40; node += 2) {
        assert_int_equal(conditions_add(&conditions, node, node + 100, low_left, 4), FATE_OK);
    }
    for (uint32_t node = 0; node < 45; node++) {
        const struct condition *condition = conditions_find(&conditions, node, &index);
        assert_true((condition != NULL) == (node % 2 == 1 && node < 40));
        if (condition != NULL) {
            assert_int_equal(condition->column, node + 100);
            assert_int_equal(index, node / 2);
            assert_memory_equal(condition->left, low_left, 4);
        }
    }
    conditions_clear(&conditions);
    assert_null(conditions_find(&conditions, 1, &index));
    conditions_free(&conditions);
    fate_context_free(context);
}

static void pruned_with_their_tree(void **state)
{
    (void)state;
    static const uint8_t kept[7] = {1, 0, 1};
    static const uint32_t map[7] = {0, 1, 2, UINT32_MAX, UINT32_MAX, 3, 4};
    fate_context *context;
    struct conditions conditions;
    uint32_t index;
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    conditions_init(&conditions, context);
    assert_int_equal(conditions_add(&conditions, 0, 7, low_left, 4), FATE_OK);
    assert_int_equal(conditions_add(&conditions, 1, 8, low_left, 4), FATE_OK);
    assert_int_equal(conditions_add(&conditions, 2, 9, first_left, 4), FATE_OK);
    conditions_prune(&conditions, kept, map);
    assert_int_equal(conditions.count, 2);
    assert_null(conditions_find(&conditions, 1, &index));
    const struct condition *last = conditions_find(&conditions, 2, &index);
    assert_true(last != NULL && index == 1 && last->column == 9);
    assert_memory_equal(last->left, first_left, 4);
    conditions_free(&conditions);
    fate_context_free(context);
}

/* Every row of two columns with four bins: bit i is "right" exactly where the row can come to condition i by the party's own conditions. */
static void outcomes_of_every_row(void **state)
{
    (void)state;
    fate_context *context;
    struct conditions conditions;
    struct tree tree;
    uint16_t first[16], second[16], *columns[2] = {first, second};
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    full_tree(&tree, context);
    for (uint16_t row = 0; row < 16; row++) {
        first[row] = row % 4;
        second[row] = row / 4;
    }
    conditions_init(&conditions, context);
    assert_int_equal(conditions_add(&conditions, 0, 0, low_left, 4), FATE_OK);
    assert_int_equal(conditions_add(&conditions, 2, 1, first_left, 4), FATE_OK);
    for (uint64_t row = 0; row < 16; row++) {
        uint8_t bits[1];
        uint32_t stack[7];
        bool right = first[row] > 1, second_right = second[row] > 0;
        conditions_outcomes(&conditions, &tree, columns, row, bits, stack);
        assert_int_equal(bits[0], (right ? 1 : 0) | (right && second_right ? 2 : 0));
    }
    conditions_clear(&conditions);
    /* Where another party has the root, both of its children are possible. */
    assert_int_equal(conditions_add(&conditions, 1, 0, low_left, 4), FATE_OK);
    assert_int_equal(conditions_add(&conditions, 2, 1, first_left, 4), FATE_OK);
    for (uint64_t row = 0; row < 16; row++) {
        uint8_t bits[1];
        uint32_t stack[7];
        conditions_outcomes(&conditions, &tree, columns, row, bits, stack);
        assert_int_equal(bits[0], (first[row] > 1 ? 1 : 0) | (second[row] > 0 ? 2 : 0));
    }
    conditions_free(&conditions);
    tree_free(&tree);
    fate_context_free(context);
}

static void lack_of_memory_is_an_error_like_any_other(void **state)
{
    (void)state;
    int32_t result = FATE_E_MEMORY;
    for (long long fail = 1; result == FATE_E_MEMORY; fail++) {
        struct test_allocator test;
        fate_allocator allocator = test_allocator(&test, fail);
        fate_context *context;
        struct conditions conditions;
        assert_int_equal(context_new(&context, &allocator), FATE_OK);
        conditions_init(&conditions, context);
        result = FATE_OK;
        for (uint32_t node = 0; node < 20 && result == FATE_OK; node++) {
            result = conditions_add(&conditions, node, 0, low_left, 4);
        }
        conditions_free(&conditions);
        fate_context_free(context);
        assert_int_equal(atomic_load(&test.live), 0);
    }
    assert_int_equal(result, FATE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(found_by_node),
        cmocka_unit_test(pruned_with_their_tree),
        cmocka_unit_test(outcomes_of_every_row),
        cmocka_unit_test(lack_of_memory_is_an_error_like_any_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
