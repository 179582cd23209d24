/* A tree as all parties see it: samples, levels, and which of two siblings is added up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "src/models/boosting/growth.h"
#include "tests/support/allocator.h"

enum { ROWS = 10 };

static const struct boosting_parameters parameters = {.depth = 3, .subsample = 1, .colsample_bylevel = 1};

static void levels_and_smaller_siblings(void **state)
{
    (void)state;
    fate_context *context;
    struct growth growth;
    const uint8_t split[1] = {1};
    const uint8_t goes_left[ROWS] = {1, 0, 0, 0, 1, 0, 0, 1, 0, 0};
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    assert_int_equal(growth_init(&growth, context, ROWS), FATE_OK);
    assert_int_equal(growth_begin(&growth, &parameters, 0, NULL), FATE_OK);
    assert_int_equal(growth.sample_count, ROWS);
    assert_int_equal(growth.summed_count, 1);
    assert_int_equal(growth.summed[0], 0);
    assert_false(growth_done(&growth, &parameters));
    assert_int_equal(growth_next_level(&growth, split, goes_left), FATE_OK);
    assert_int_equal(growth.level, 1);
    assert_int_equal(growth.first, 1);
    assert_int_equal(growth.end, 3);
    assert_int_equal(growth_sampled(&growth, 1), 3);
    assert_int_equal(growth_sampled(&growth, 2), 7);
    assert_int_equal(growth.summed_count, 1);
    assert_int_equal(growth.summed[0], 1); /* three rows against seven */
    for (uint32_t row = 0; row < ROWS; row++) {
        assert_int_equal(growth.slot[row], goes_left[row] ? 0 : GROWTH_NO_SLOT);
    }
    /* The right node's rows are 1 2 3 5 6 8 9: only 9 goes right; the left node stays a leaf. */
    const uint8_t split_right[2] = {0, 1};
    const uint8_t all_but_one[ROWS] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 0};
    assert_int_equal(growth_next_level(&growth, split_right, all_but_one), FATE_OK);
    assert_int_equal(growth.parent_first, 1);
    assert_int_equal(growth.first, 3);
    assert_int_equal(growth.end, 5);
    assert_int_equal(growth.summed[0], 4);
    assert_true(growth_examined(&growth, 3));
    assert_false(growth_examined(&growth, 4));
    const uint8_t none[2] = {0, 0};
    assert_int_equal(growth_next_level(&growth, none, all_but_one), FATE_OK);
    assert_true(growth_done(&growth, &parameters));
    growth_free(&growth);
    fate_context_free(context);
}

/* With columns of each level there are no differences: every node that can be split is added up. */
static void both_children_where_levels_have_columns(void **state)
{
    (void)state;
    fate_context *context;
    struct growth growth;
    const struct boosting_parameters levels = {.depth = 3, .subsample = 1, .colsample_bylevel = 0.5};
    const uint8_t split[1] = {1}, both[2] = {1, 1};
    const uint8_t goes_left[ROWS] = {1, 0, 0, 0, 1, 0, 0, 1, 0, 0}, one_alone[ROWS] = {1, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    assert_int_equal(growth_init(&growth, context, ROWS), FATE_OK);
    assert_int_equal(growth_begin(&growth, &levels, 0, NULL), FATE_OK);
    assert_int_equal(growth.summed_count, 1);
    assert_int_equal(growth_next_level(&growth, split, goes_left), FATE_OK);
    assert_int_equal(growth.summed_count, 2);
    for (uint32_t row = 0; row < ROWS; row++) assert_int_equal(growth.slot[row], goes_left[row] ? 0 : 1);
    assert_int_equal(growth_next_level(&growth, both, one_alone), FATE_OK);
    assert_int_equal(growth.summed_count, 2);
    assert_true(growth.summed[0] == 4 && growth.summed[1] == 6);
    growth_free(&growth);
    fate_context_free(context);
}

static void pairs_of_single_rows_are_not_added_up(void **state)
{
    (void)state;
    fate_context *context;
    struct growth growth;
    const uint8_t split[1] = {1}, goes_left[2] = {1, 0};
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    assert_int_equal(growth_init(&growth, context, 2), FATE_OK);
    assert_int_equal(growth_begin(&growth, &parameters, 0, NULL), FATE_OK);
    assert_int_equal(growth_next_level(&growth, split, goes_left), FATE_OK);
    assert_int_equal(growth.end - growth.first, 2);
    assert_int_equal(growth.summed_count, 0);
    growth_free(&growth);
    fate_context_free(context);
}

static void samples_are_the_same_everywhere(void **state)
{
    (void)state;
    fate_context *context;
    struct growth one, other;
    const struct boosting_parameters half = {.depth = 3, .subsample = 0.5, .colsample_bylevel = 1, .seed = 9};
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    assert_int_equal(growth_init(&one, context, ROWS), FATE_OK);
    assert_int_equal(growth_init(&other, context, ROWS), FATE_OK);
    bool differs = false;
    for (uint32_t tree = 0; tree < 5; tree++) {
        uint8_t before[ROWS];
        memcpy(before, one.sampled, ROWS);
        assert_int_equal(growth_begin(&one, &half, tree, NULL), FATE_OK);
        assert_int_equal(growth_begin(&other, &half, tree, NULL), FATE_OK);
        assert_int_equal(one.sample_count, 5);
        assert_memory_equal(one.sample, other.sample, 5 * sizeof *one.sample);
        differs = differs || (tree > 0 && memcmp(before, one.sampled, ROWS) != 0);
    }
    assert_true(differs);
    growth_free(&one);
    growth_free(&other);
    fate_context_free(context);
}

static int32_t grow(struct growth *growth, fate_context *context)
{
    const uint8_t split[1] = {1}, goes_left[ROWS] = {1, 0, 1, 0, 1, 0, 1, 0, 1, 0}, none[2] = {0, 0};
    int32_t result = growth_init(growth, context, ROWS);
    if (result == FATE_OK) {
        result = growth_begin(growth, &parameters, 0, NULL);
    }
    if (result == FATE_OK) {
        result = growth_next_level(growth, split, goes_left);
    }
    return result == FATE_OK ? growth_next_level(growth, none, goes_left) : result;
}

static void lack_of_memory_is_an_error_like_any_other(void **state)
{
    (void)state;
    int32_t result = FATE_E_MEMORY;
    for (long long fail = 1; result == FATE_E_MEMORY; fail++) {
        struct test_allocator test;
        fate_allocator allocator = test_allocator(&test, fail);
        fate_context *context;
        struct growth growth;
        assert_int_equal(context_new(&context, &allocator), FATE_OK);
        result = grow(&growth, context);
        growth_free(&growth);
        fate_context_free(context);
        assert_int_equal(atomic_load(&test.live), 0);
    }
    assert_int_equal(result, FATE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_and_smaller_siblings),
        cmocka_unit_test(pairs_of_single_rows_are_not_added_up),
        cmocka_unit_test(both_children_where_levels_have_columns),
        cmocka_unit_test(samples_are_the_same_everywhere),
        cmocka_unit_test(lack_of_memory_is_an_error_like_any_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
