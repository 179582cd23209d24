/* Numbers of nodes and rows of nodes while a tree grows. */
#include "tests/support/allocator.h"
#include "tests/support/boosting.h"
#include "src/models/boosting/tree.h"

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

static void test_numbers(void **state)
{
    (void)state;
    struct tree tree;
    assert_int_equal(tree_init(&tree, context), FATE_OK);
    assert_int_equal(tree.count, 1);
    assert_int_equal(tree.level_first, 0);
    tree_next_level(&tree);
    assert_int_equal(tree_split(&tree, 0), FATE_OK);
    tree_next_level(&tree);
    assert_int_equal(tree.level_first, 3);
    assert_int_equal(tree_split(&tree, 2), FATE_OK);
    assert_int_equal(tree.nodes[0].left, 1);
    assert_int_equal(tree.nodes[0].right, 2);
    assert_int_equal(tree.nodes[2].left, 3);
    assert_int_equal(tree.nodes[2].right, 4);
    assert_int_equal(tree.nodes[4].parent, 2);
    assert_int_equal(tree.nodes[4].depth, 2);
    assert_int_equal(tree.nodes[1].left, 0);
    tree_next_level(&tree);
    assert_int_equal(tree.level_first, tree.count);
    tree_free(&tree);
}

/* A tree in which every node is split at random: rows stay ascending, none is lost, and ranges are those of the rows' own walk. */
static void test_rows(void **state)
{
    (void)state;
    enum { ROWS = 300, DEPTH = 9 };
    uint64_t random = 2;
    struct tree tree;
    struct tree_rows rows;
    uint32_t node_of[ROWS] = {0};
    uint8_t goes_left[ROWS], sampled[ROWS];
    assert_int_equal(tree_init(&tree, context), FATE_OK);
    assert_int_equal(tree_rows_init(&rows, context, ROWS), FATE_OK);
    for (uint32_t row = 0; row < ROWS; row++) sampled[row] = test_below(&random, 2) != 0;
    for (uint32_t depth = 0; depth < DEPTH; depth++) {
        uint32_t first = tree.level_first, end = tree.count;
        tree_next_level(&tree);
        for (uint32_t node = first; node < end; node++) {
            uint64_t count = 0;
            assert_int_equal(tree_split(&tree, node), FATE_OK);
            const uint32_t *own = tree_rows_of(&rows, node, &count);
            for (uint64_t i = 0; i < count; i++) {
                goes_left[i] = test_below(&random, 3) == 0;
                assert_int_equal(node_of[own[i]], node);
                assert_true(i == 0 || own[i] > own[i - 1]);
            }
            for (uint64_t i = 0; i < count; i++) node_of[own[i]] = goes_left[i] ? tree.nodes[node].left : tree.nodes[node].right;
            assert_int_equal(tree_rows_split(&rows, node, tree.nodes[node].left, goes_left), FATE_OK);
        }
    }
    for (uint32_t node = tree.level_first; node < tree.count; node++) {
        uint64_t count = 0, expected = 0, drawn = 0;
        (void)tree_rows_of(&rows, node, &count);
        for (uint32_t row = 0; row < ROWS; row++) {
            expected += node_of[row] == node;
            drawn += node_of[row] == node && sampled[row];
        }
        assert_int_equal(count, expected);
        assert_int_equal(tree_rows_sampled(&rows, node, sampled), drawn);
        assert_int_equal(tree_rows_sampled(&rows, node, NULL), expected);
    }
    tree_rows_reset(&rows);
    uint64_t count = 0;
    const uint32_t *all = tree_rows_of(&rows, 0, &count);
    assert_int_equal(count, ROWS);
    for (uint32_t row = 0; row < ROWS; row++) assert_int_equal(all[row], row);
    tree_rows_free(&rows);
    tree_free(&tree);
}

/* Of a tree 0; 1 2; 3 4 5 6; 7 8 (below 4) the split of 4 and then that of 2 are taken back. */
static void test_prune(void **state)
{
    (void)state;
    static const uint8_t goes_left[8] = {1, 0, 1, 0, 1, 0, 1, 0}, kept[9] = {1, 1}, without[7] = {1, 0, 1};
    struct tree tree;
    struct tree_rows rows;
    uint32_t map[9];
    uint64_t count, below;
    assert_int_equal(tree_init(&tree, context), FATE_OK);
    assert_int_equal(tree_rows_init(&rows, context, 8), FATE_OK);
    for (uint32_t i = 0; i < 4; i++) {
        static const uint32_t split[4] = {0, 1, 2, 4};
        assert_int_equal(tree_split(&tree, split[i]), FATE_OK);
        assert_int_equal(tree_rows_split(&rows, split[i], tree.nodes[split[i]].left, goes_left), FATE_OK);
    }
    (void)tree_rows_of(&rows, 2, &below);
    tree_prune(&tree, kept, map);
    tree_rows_prune(&rows, map, 9);
    const uint32_t expected[9] = {0, 1, 2, 3, 4, TREE_NO_NODE, TREE_NO_NODE, TREE_NO_NODE, TREE_NO_NODE};
    assert_memory_equal(map, expected, sizeof map);
    assert_int_equal(tree.count, 5);
    assert_true(tree.nodes[1].left == 3 && tree.nodes[2].left == 0 && tree.nodes[4].left == 0);
    (void)tree_rows_of(&rows, 2, &count);
    assert_int_equal(count, below);
    /* Nodes move up, and find their parents and rows. */
    assert_int_equal(tree_split(&tree, 2), FATE_OK);
    assert_int_equal(tree_rows_split(&rows, 2, 5, goes_left), FATE_OK);
    const uint32_t first = *tree_rows_of(&rows, 5, &below);
    tree_prune(&tree, without, map);
    tree_rows_prune(&rows, map, 7);
    assert_true(tree.count == 5 && rows.nodes == 5 && map[5] == 3 && map[3] == TREE_NO_NODE);
    assert_true(tree.nodes[2].left == 3 && tree.nodes[2].right == 4 && tree.nodes[3].parent == 2 && tree.nodes[3].depth == 2);
    assert_int_equal(*tree_rows_of(&rows, 3, &count), first);
    assert_int_equal(count, below);
    tree_rows_free(&rows);
    tree_free(&tree);
}

static void test_smaller(void **state)
{
    (void)state;
    assert_true(tree_left_is_smaller(1, 2));
    assert_true(tree_left_is_smaller(2, 2));
    assert_false(tree_left_is_smaller(3, 2));
}

static int32_t grow(fate_context *poor)
{
    static const uint8_t goes_left[8] = {1, 0, 1, 0, 1, 0, 1, 0};
    struct tree tree;
    struct tree_rows rows;
    int32_t result = tree_init(&tree, poor);
    if (result != FATE_OK) return result;
    result = tree_rows_init(&rows, poor, 8);
    for (uint32_t node = 0; node < 40 && result == FATE_OK; node++) {
        result = tree_split(&tree, node);
        if (result == FATE_OK) result = tree_rows_split(&rows, node, tree.nodes[node].left, goes_left);
    }
    tree_rows_free(&rows);
    tree_free(&tree);
    return result;
}

static void test_no_memory(void **state)
{
    (void)state;
    int32_t result = FATE_E_MEMORY;
    for (long long call = 0; result == FATE_E_MEMORY; call++) {
        struct test_allocator memory;
        fate_allocator allocator = test_allocator(&memory, -1);
        fate_context *poor = NULL;
        assert_int_equal(context_new(&poor, &allocator), FATE_OK);
        memory.fail = memory.calls + call;
        result = grow(poor);
        assert_true(result == FATE_OK || result == FATE_E_MEMORY);
        assert_true(result == FATE_OK || fate_context_error(poor)[0] != '\0');
        fate_context_free(poor);
        assert_int_equal(memory.live, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_numbers), cmocka_unit_test(test_rows), cmocka_unit_test(test_smaller),
                                       cmocka_unit_test(test_prune), cmocka_unit_test(test_no_memory)};
    return cmocka_run_group_tests(tests, start, stop);
}
