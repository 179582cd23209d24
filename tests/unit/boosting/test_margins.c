/* Margins of rows: rounds of one and of several trees, and their stored form. */
#include "tests/support/boosting.h"

#include "src/models/boosting/margins.h"
#include "tests/support/allocator.h"

static struct boosting_parameters of_classes(uint32_t round_trees)
{
    struct boosting_parameters parameters = test_parameters();
    parameters.objective = OBJECTIVE_SOFTMAX;
    parameters.outputs = 3;
    parameters.round_trees = round_trees;
    parameters.tree_outputs = 3 / round_trees;
    return parameters;
}

static void test_rounds(void **state)
{
    (void)state;
    fate_context *context;
    const double three[3] = {1, -1, 0.25};
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    struct boosting_parameters parameters = of_classes(3);
    struct margins margins;
    assert_int_equal(margins_init(&margins, context, &parameters, 2), FATE_OK);
    margins_row(&margins, 1)[2] += 2;
    for (int i = 0; i < 6; i++) assert_true(margins.values[i] == 0.5);
    margins_end_round(&margins);
    assert_true(margins.values[5] == 2.5 && margins.values[4] == 0.5);
    margins_reset(&margins, &parameters);
    assert_true(margins.values[5] == 0.5 && margins.next[5] == 0.5);
    margins_free(&margins);
    parameters = of_classes(1);
    assert_int_equal(margins_init(&margins, context, &parameters, 2), FATE_OK);
    for (int i = 0; i < 3; i++) margins_row(&margins, 0)[i] += three[i];
    assert_true(margins.values[0] == 1.5 && margins.values[1] == -0.5 && margins.values[2] == 0.75 && margins.values[3] == 0.5);
    margins_free(&margins);
    margins_free(&margins);
    fate_context_free(context);
}

static void test_stored(void **state)
{
    (void)state;
    fate_context *context;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    for (uint32_t round_trees = 1; round_trees <= 3; round_trees += 2) {
        struct boosting_parameters parameters = of_classes(round_trees);
        struct margins margins, again;
        struct buffer bytes;
        struct reader reader;
        buffer_init(&bytes, context);
        assert_int_equal(margins_init(&margins, context, &parameters, 2), FATE_OK);
        assert_int_equal(margins_init(&again, context, &parameters, 2), FATE_OK);
        margins_row(&margins, 1)[0] += 2;
        margins_save(&margins, &bytes);
        reader_init(&reader, bytes.bytes, bytes.length);
        assert_true(margins_load(&again, &reader) && reader_finished(&reader));
        assert_memory_equal(again.values, margins.values, 6 * sizeof(double));
        assert_memory_equal(again.next, margins.next, 6 * sizeof(double));
        reader_init(&reader, bytes.bytes, bytes.length - 1);
        assert_false(margins_load(&again, &reader));
        memset(bytes.bytes, 0xff, 8);
        reader_init(&reader, bytes.bytes, bytes.length);
        assert_false(margins_load(&again, &reader));
        margins_free(&margins);
        margins_free(&again);
        buffer_free(&bytes);
    }
    fate_context_free(context);
}

static void test_lack_of_memory(void **state)
{
    (void)state;
    int32_t result = FATE_E_MEMORY;
    for (long long fail = 0; result == FATE_E_MEMORY; fail++) {
        struct test_allocator test;
        fate_allocator allocator = test_allocator(&test, -1);
        fate_context *context;
        struct boosting_parameters parameters = of_classes(3);
        struct margins margins;
        assert_int_equal(context_new(&context, &allocator), FATE_OK);
        test.fail = atomic_load(&test.calls) + fail;
        result = margins_init(&margins, context, &parameters, 2);
        margins_free(&margins);
        fate_context_free(context);
        assert_int_equal(atomic_load(&test.live), 0);
        assert_true(fail < 2 || result == FATE_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rounds),
        cmocka_unit_test(test_stored),
        cmocka_unit_test(test_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
