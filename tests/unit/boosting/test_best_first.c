/* Leaf-wise growth: the order of leaves, and that growing by levels finds the same splits as growing leaf by leaf. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "lib/context.h"
#include "lib/random.h"
#include "src/models/boosting/best_first.h"
#include "tests/support/allocator.h"

enum { DEPTH = 6, WHOLE = 1 << DEPTH };

static void greatest_gain_first(void **state)
{
    (void)state;
    static const double gains[] = {3, 7, 7, 1, 9, 7};
    static const uint32_t expected[] = {4, 1, 2, 5, 0, 3};
    struct best_first queue = {0};
    struct best_first_item item;
    assert_int_equal(fate_context_new(&queue.context, NULL), FATE_OK);
    fate_context *context = queue.context;
    for (uint32_t i = 6; i-- > 0;) {
        assert_int_equal(best_first_push(&queue, (struct best_first_item){gains[i], i, i}), FATE_OK);
    }
    for (uint32_t i = 0; i < 6; i++) {
        assert_true(best_first_pop(&queue, &item));
        assert_int_equal(item.node, expected[i]);
    }
    assert_false(best_first_pop(&queue, &item));
    best_first_free(&queue);
    fate_context_free(context);
}

/* A whole tree of candidates: node i of 1 .. WHOLE-1 has children 2i and 2i+1; a gain of 0 cannot be split. */
static uint32_t leaf_by_leaf(fate_context *context, const double *gains, uint32_t splits, uint8_t *taken)
{
    struct best_first queue = {.context = context};
    struct best_first_item item;
    uint32_t count = 0;
    memset(taken, 0, WHOLE);
    if (gains[1] > 0) assert_int_equal(best_first_push(&queue, (struct best_first_item){gains[1], 1, 1}), FATE_OK);
    for (; count < splits && best_first_pop(&queue, &item); count++) {
        taken[item.node] = 1;
        for (uint32_t child = 2 * item.node; child < 2 * item.node + 2 && child < WHOLE; child++) {
            if (gains[child] > 0) assert_int_equal(best_first_push(&queue, (struct best_first_item){gains[child], child, child}), FATE_OK);
        }
    }
    best_first_free(&queue);
    return count;
}

/* Grows by levels; name[node] is the node's number in the whole tree. */
static void level_by_level(fate_context *context, const double *whole, uint32_t splits, uint8_t *expected, uint32_t count)
{
    struct tree tree;
    uint32_t name[2 * WHOLE] = {1}, made = 0, first = 0;
    uint8_t found[2 * WHOLE], taken[2 * WHOLE];
    double gains[2 * WHOLE];
    assert_int_equal(tree_init(&tree, context), FATE_OK);
    for (uint32_t level = 0; level < DEPTH && first < tree.count; level++) {
        uint32_t end = tree.count, widest = 0;
        for (uint32_t node = 0; node < end; node++) {
            gains[node] = whole[name[node]];
            found[node] = gains[node] > 0;
        }
        assert_int_equal(best_first_splits(context, &tree, found, gains, splits, taken), FATE_OK);
        tree_next_level(&tree);
        for (uint32_t node = first; node < end; node++) {
            if (taken[node] == 0) continue;
            widest++;
            assert_int_equal(tree_split(&tree, node), FATE_OK);
            name[tree.nodes[node].left] = 2 * name[node];
            name[tree.nodes[node].right] = 2 * name[node] + 1;
        }
        assert_true(widest <= splits);
        first = end;
    }
    for (uint32_t node = 0; node < tree.count; node++) {
        if (name[node] < WHOLE && node < first && taken[node] != 0) {
            assert_true(expected[name[node]]);
            made++;
        }
    }
    assert_int_equal(made, count);
    tree_free(&tree);
}

static void levels_hold_the_tree_that_grows_leaf_by_leaf(void **state)
{
    (void)state;
    fate_context *context;
    struct random_stream stream;
    const uint8_t key[RANDOM_KEY] = {3};
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    random_stream_init(&stream, key, 0);
    for (uint32_t round = 0; round < 500; round++) {
        double gains[WHOLE];
        uint8_t expected[WHOLE];
        uint32_t splits = 1 + (uint32_t)random_stream_below(&stream, 20);
        for (uint32_t i = 0; i < WHOLE; i++) gains[i] = (double)random_stream_below(&stream, 1 + round % 30);
        uint32_t count = leaf_by_leaf(context, gains, splits, expected);
        level_by_level(context, gains, splits, expected, count);
    }
    fate_context_free(context);
}

static void lack_of_memory(void **state)
{
    (void)state;
    const uint8_t found[1] = {1};
    const double gains[1] = {1};
    uint8_t taken[1] = {0};
    struct test_allocator memory;
    struct tree tree;
    fate_allocator allocator = test_allocator(&memory, -1);
    fate_context *poor = NULL;
    assert_int_equal(context_new(&poor, &allocator), FATE_OK);
    assert_int_equal(tree_init(&tree, poor), FATE_OK);
    memory.fail = memory.calls;
    assert_int_equal(best_first_splits(poor, &tree, found, gains, 1, taken), FATE_E_MEMORY);
    assert_int_equal(best_first_splits(poor, &tree, found, gains, 1, taken), FATE_OK);
    assert_int_equal(taken[0], 1);
    tree_free(&tree);
    fate_context_free(poor);
    assert_int_equal(memory.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(greatest_gain_first),
        cmocka_unit_test(levels_hold_the_tree_that_grows_leaf_by_leaf),
        cmocka_unit_test(lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
