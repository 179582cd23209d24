/* The graph of secure aggregation: everybody among few, a circle among many, and a threshold that is safe and can be reached. */
#include "src/models/aggregation/neighbours.h"

#include "tests/support/unit.h"

enum { MANY = 1000 };

static void few_are_all_neighbours(void **state)
{
    (void)state;
    uint32_t neighbours, threshold;
    for (uint32_t count = 2; count <= NEIGHBOURS_ALL; count++) {
        assert_true(neighbours_plan(count, 0.3, 0.3, 0.5, &neighbours, &threshold));
        assert_int_equal(neighbours, count - 1);
        assert_int_equal(threshold, count / 2 + 1);
        assert_true(neighbours_plan(count, 0.3, 0.3, 2.0 / 3.0, &neighbours, &threshold));
        assert_int_equal(threshold, 2 * count / 3 + 1);
        for (uint32_t other = 1; other < count; other++) assert_true(neighbours_are(count, neighbours, 0, other));
    }
}

static void many_are_next_to_each_other(void **state)
{
    (void)state;
    const uint32_t counts[] = {129, 300, MANY, 10000};
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t neighbours, threshold, degree = 0, count = counts[i];
        assert_true(neighbours_plan(count, 0.1, 0.1, 0.5, &neighbours, &threshold));
        assert_true(neighbours <= NEIGHBOURS_MOST && neighbours < count && neighbours % 2 == 0 && neighbours >= 16);
        assert_true(threshold > (neighbours + 1) / 2 && threshold <= neighbours + 1);
        for (uint32_t other = 0; other < count; other++) {
            bool are = neighbours_are(count, neighbours, 5, other);
            assert_int_equal(are, neighbours_are(count, neighbours, other, 5));
            degree += are;
        }
        assert_int_equal(degree, neighbours);
        assert_false(neighbours_are(count, neighbours, 5, 5));
    }
}

/* More who lie or vanish take more neighbours; too many cannot be had. */
static void a_worse_world_takes_more(void **state)
{
    (void)state;
    uint32_t before = 0, neighbours, threshold;
    const double shares[] = {0.02, 0.1, 0.2, 0.25};
    for (int i = 0; i < 4; i++) {
        assert_true(neighbours_plan(MANY, shares[i], shares[i], 0.5, &neighbours, &threshold));
        assert_true(neighbours >= before);
        before = neighbours;
    }
    assert_false(neighbours_plan(MANY, 0.33, 0.5, 0.5, &neighbours, &threshold));
    assert_false(neighbours_plan(MANY, 0.33, 0.4, 2.0 / 3.0, &neighbours, &threshold));
}

static void orders(void **state)
{
    (void)state;
    uint32_t order[MANY], again[MANY], other[MANY];
    bool seen[MANY] = {false};
    uint8_t seed[NEIGHBOURS_SEED] = {1}, another[NEIGHBOURS_SEED] = {2};
    neighbours_order(order, MANY, seed);
    neighbours_order(again, MANY, seed);
    neighbours_order(other, MANY, another);
    assert_memory_equal(order, again, sizeof order);
    assert_memory_not_equal(order, other, sizeof order);
    for (uint32_t i = 0; i < MANY; i++) {
        assert_true(order[i] < MANY && !seen[order[i]]);
        seen[order[i]] = true;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(few_are_all_neighbours), cmocka_unit_test(many_are_next_to_each_other),
                                       cmocka_unit_test(a_worse_world_takes_more), cmocka_unit_test(orders)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
