/* Which columns are added up together, against all groupings of small cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "src/models/boosting/joint_bins.h"
#include "tests/support/allocator.h"
#include "tests/support/boosting.h"

enum { COLUMNS = 6 };

static double cost_of(const struct joint_column *columns, uint32_t count, double rows, double nodes)
{
    double cells = nodes, outside = rows;
    for (uint32_t i = 0; i < count; i++) {
        cells *= columns[i].bins;
        outside *= (double)columns[i].fullest / rows;
    }
    return count == 1 ? rows - outside : cells < rows ? 1.25 * (rows - outside) + count * cells : 1e300;
}

/* The least cost of all groupings from a column on. */
static double least(const struct joint_column *columns, uint32_t left, double rows, double nodes)
{
    double best = left == 0 ? 0 : 1e300;
    for (uint32_t count = 1; count <= left && count <= JOINT_MOST; count++) {
        double cost = cost_of(columns, count, rows, nodes) + least(columns + count, left - count, rows, nodes);
        best = cost < best ? cost : best;
    }
    return best;
}

static void plans_are_the_cheapest(void **state)
{
    (void)state;
    fate_context *context;
    uint64_t random = 5;
    uint32_t sizes[JOINT_MOST + 1] = {0};
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    for (int round = 0; round < 500; round++) {
        struct joint_column columns[COLUMNS];
        struct joint_group groups[COLUMNS];
        uint32_t count = test_below(&random, COLUMNS + 1), made = 99, next = 0;
        uint64_t rows = 1 + test_below(&random, 5000), nodes = 1 + test_below(&random, 4);
        double cost = 0;
        for (uint32_t i = 0; i < count; i++) {
            columns[i] = (struct joint_column){.bins = 1 + test_below(&random, 30), .fullest = test_below(&random, (uint32_t)rows + 1)};
        }
        assert_int_equal(joint_bins_plan(context, groups, &made, columns, count, rows, nodes), FATE_OK);
        for (uint32_t i = 0; i < made; i++) {
            uint64_t cells = 1;
            assert_int_equal(groups[i].first, next);
            for (uint32_t k = 0; k < groups[i].count; k++) cells *= columns[next + k].bins;
            assert_int_equal(groups[i].cells, cells);
            cost += cost_of(columns + next, groups[i].count, (double)rows, (double)nodes);
            next += groups[i].count;
            sizes[groups[i].count]++;
        }
        assert_int_equal(next, count);
        assert_true(fabs(cost - least(columns, count, (double)rows, (double)nodes)) <= 1e-6 * (1 + cost));
    }
    for (uint32_t i = 1; i <= JOINT_MOST; i++) assert_true(sizes[i] > 0);
    fate_context_free(context);
}

/* What the header promises: two columns of 32 bins pay for many rows and not for few. */
static void two_columns_of_32_bins(void **state)
{
    (void)state;
    fate_context *context;
    const struct joint_column columns[] = {{32, 4}, {32, 4}};
    struct joint_group groups[2];
    uint32_t made;
    assert_int_equal(fate_context_new(&context, NULL), FATE_OK);
    assert_int_equal(joint_bins_plan(context, groups, &made, columns, 2, 10000, 1), FATE_OK);
    assert_int_equal(made, 1);
    assert_int_equal(groups[0].cells, 1024);
    assert_int_equal(joint_bins_plan(context, groups, &made, columns, 2, 2000, 1), FATE_OK);
    assert_int_equal(made, 2);
    fate_context_free(context);
}

static void the_first_of_the_fullest(void **state)
{
    (void)state;
    const uint32_t counts[] = {0, 3, 5, 5, 1};
    assert_int_equal(joint_bins_fullest(counts, 5), 2);
    assert_int_equal(joint_bins_fullest(counts, 2), 1);
    assert_int_equal(joint_bins_fullest(counts, 1), 0);
}

static void memory_runs_out(void **state)
{
    (void)state;
    fate_context *context;
    struct test_allocator failing;
    fate_allocator allocator = test_allocator(&failing, -1);
    const struct joint_column columns[] = {{3, 1}, {3, 1}};
    struct joint_group groups[2];
    uint32_t made;
    assert_int_equal(fate_context_new(&context, &allocator), FATE_OK);
    atomic_store(&failing.calls, 0);
    failing.fail = 0;
    assert_int_equal(joint_bins_plan(context, groups, &made, columns, 2, 100, 1), FATE_E_MEMORY);
    failing.fail = -1;
    assert_int_equal(joint_bins_plan(context, groups, &made, columns, 2, 100, 1), FATE_OK);
    fate_context_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(plans_are_the_cheapest), cmocka_unit_test(two_columns_of_32_bins),
                                       cmocka_unit_test(the_first_of_the_fullest), cmocka_unit_test(memory_runs_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
