/* Sorting: sorted, stable, complete, for every length up to some hundred. */
#include "tests/support/data.h"

#include "src/data/order.h"
#include <float.h>
#include <math.h>

enum { MOST = 300 };

static int32_t compare_values(const void *argument, uint32_t left, uint32_t right)
{
    const uint32_t *values = argument;
    return values[left] < values[right] ? -1 : values[left] > values[right];
}

static void indices_are_sorted_and_stable(void **state)
{
    (void)state;
    uint64_t chance = 3;
    for (uint32_t count = 0; count <= MOST; count++) {
        uint32_t values[MOST];
        for (uint32_t i = 0; i < count; i++) values[i] = data_below(&chance, 1 + count / 3);
        uint32_t *order = order_new(context, count, compare_values, values);
        uint8_t seen[MOST] = {0};
        for (uint32_t i = 0; i < count; i++) {
            assert_true(order[i] < count && !seen[order[i]]);
            seen[order[i]] = 1;
            if (i > 0)
                assert_true(values[order[i - 1]] < values[order[i]] ||
                            (values[order[i - 1]] == values[order[i]] && order[i - 1] < order[i]));
        }
        memory_free(context, order);
    }
}

static void keys_order_numbers(void **state)
{
    (void)state;
    static const double ascending[] = {-INFINITY, -DBL_MAX, -1.5, -1, -DBL_MIN, -4.9e-324, 0, 4.9e-324, DBL_MIN, 1, 1.5, DBL_MAX, INFINITY};
    for (size_t i = 0; i < sizeof ascending / sizeof ascending[0]; i++) {
        assert_true(order_value(order_key(ascending[i])) == ascending[i]);
        if (i > 0) assert_true(order_key(ascending[i - 1]) < order_key(ascending[i]));
    }
    assert_true(order_key(-0.0) == order_key(0.0));
}

static void keys_are_sorted(void **state)
{
    (void)state;
    uint64_t chance = 5;
    for (uint32_t count = 0; count <= MOST; count++) {
        uint64_t keys[MOST], sum = 0, after = 0;
        for (uint32_t i = 0; i < count; i++) {
            uint64_t high = data_below(&chance, UINT32_MAX);
            keys[i] = (count & 1 ? high << 32 : high % 5) | data_below(&chance, 7);
            sum += keys[i];
        }
        assert_true(order_keys(context, keys, count));
        for (uint32_t i = 0; i < count; i++) {
            after += keys[i];
            assert_true(i == 0 || keys[i - 1] <= keys[i]);
        }
        assert_true(sum == after);
    }
}

static int32_t sort_both(void)
{
    uint32_t values[] = {3, 1, 2};
    uint64_t keys[] = {3, 1, 2};
    uint32_t *order = order_new(context, 3, compare_values, values);
    bool sorted = order_keys(context, keys, 3);
    memory_free(context, order);
    if (!sorted) assert_int_equal(keys[0], 3);
    return order && sorted ? FATE_OK : FATE_E_MEMORY;
}

static void failing_allocations(void **state)
{
    (void)state;
    data_fail_allocations(sort_both);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(indices_are_sorted_and_stable),
        cmocka_unit_test(keys_order_numbers),
        cmocka_unit_test(keys_are_sorted),
        cmocka_unit_test(failing_allocations),
    };
    return cmocka_run_group_tests(tests, data_setup, data_teardown);
}
