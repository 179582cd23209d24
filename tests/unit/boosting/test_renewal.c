/* Quantiles of what a leaf's rows still lack. */
#include "src/models/boosting/renewal.h"
#include "tests/support/allocator.h"
#include "tests/support/boosting.h"

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

static const double labels[6] = {5, 1, 3, 2, 4, 100};
static const double margins[6] = {0, 0, 0, 0, 0, 0};

static double renewed(int32_t objective, double alpha, const double *weights, const uint8_t *sampled, const uint32_t *rows, uint64_t count)
{
    struct boosting_parameters parameters = test_parameters();
    double weight = -1;
    parameters.objective = objective;
    parameters.quantile_alpha = alpha;
    parameters.learning_rate = 0.5;
    assert_int_equal(renewal_weight(context, &weight, &parameters, margins, labels, weights, sampled, 4, rows, count), FATE_OK);
    return weight * 2;
}

static void test_median(void **state)
{
    (void)state;
    const uint32_t rows[] = {4, 0, 2, 1, 3};
    const double ones[6] = {1, 1, 1, 1, 1, 1}, some[6] = {0, 1, 1, 3, 0, 1};
    const uint8_t sampled[6] = {0, 1, 1, 0, 1, 1};
    assert_true(renewed(OBJECTIVE_ABSOLUTE, 0.9, NULL, NULL, rows, 5) == 3);
    assert_true(renewed(OBJECTIVE_ABSOLUTE, 0.9, ones, NULL, rows, 5) == 3);
    assert_true(renewed(OBJECTIVE_ABSOLUTE, 0.9, NULL, NULL, rows + 1, 4) == 2.5);
    assert_true(renewed(OBJECTIVE_ABSOLUTE, 0.9, some, NULL, rows, 5) == 2);
    assert_true(renewed(OBJECTIVE_ABSOLUTE, 0.9, NULL, sampled, rows, 5) == 3);
    assert_true(renewed(OBJECTIVE_ABSOLUTE, 0.9, NULL, NULL, rows, 1) == 4);
    const uint8_t amplified[6] = {1, 1, 1, 0, 2, 1};
    assert_true(renewed(OBJECTIVE_ABSOLUTE, 0.9, NULL, amplified, rows, 5) == 4);
}

static void test_quantile(void **state)
{
    (void)state;
    const uint32_t rows[] = {0, 1, 2, 3, 4};
    assert_true(renewed(OBJECTIVE_QUANTILE, 0.9, NULL, NULL, rows, 5) == 5);
    assert_true(renewed(OBJECTIVE_QUANTILE, 0.25, NULL, NULL, rows, 5) == 2);
    assert_true(renewed(OBJECTIVE_QUANTILE, 0.25, NULL, NULL, rows + 1, 4) == 1.5);
    assert_true(renewed(OBJECTIVE_QUANTILE, 0.01, NULL, NULL, rows, 5) == 1);
    assert_true(renewed(OBJECTIVE_QUANTILE, 0.99, NULL, NULL, rows, 5) == 5);
}

static void test_nothing(void **state)
{
    (void)state;
    const uint32_t rows[] = {0, 1};
    const double zeros[6] = {0};
    assert_true(renewed(OBJECTIVE_ABSOLUTE, 0.5, zeros, NULL, rows, 2) == 0);
    assert_true(renewed(OBJECTIVE_ABSOLUTE, 0.5, NULL, NULL, rows, 0) == 0);
    assert_true(renewal_applies(OBJECTIVE_ABSOLUTE) && renewal_applies(OBJECTIVE_QUANTILE));
    assert_false(renewal_applies(OBJECTIVE_HUBER) || renewal_applies(OBJECTIVE_LOGISTIC));
}

/* The order of the rows does not matter, not even to the last bit of sums of weights. */
static void test_order(void **state)
{
    (void)state;
    enum { ROWS = 64 };
    uint64_t random = 5;
    for (uint32_t round = 0; round < 50; round++) {
        struct boosting_parameters parameters = test_parameters();
        double many[ROWS], zeros[ROWS] = {0}, weights[ROWS], first = 0, second = 1;
        uint32_t rows[ROWS], turned[ROWS];
        parameters.objective = OBJECTIVE_QUANTILE;
        parameters.quantile_alpha = test_unit(&random);
        for (uint32_t row = 0; row < ROWS; row++) {
            many[row] = test_below(&random, 8);
            weights[row] = test_unit(&random);
            rows[row] = turned[ROWS - 1 - row] = row;
        }
        assert_int_equal(renewal_weight(context, &first, &parameters, zeros, many, weights, NULL, 1, rows, ROWS), FATE_OK);
        assert_int_equal(renewal_weight(context, &second, &parameters, zeros, many, weights, NULL, 1, turned, ROWS), FATE_OK);
        assert_true(first == second);
    }
}

static void test_no_memory(void **state)
{
    (void)state;
    struct test_allocator memory;
    fate_allocator allocator = test_allocator(&memory, -1);
    fate_context *poor = NULL;
    struct boosting_parameters parameters = test_parameters();
    const uint32_t row = 0;
    double weight;
    assert_int_equal(context_new(&poor, &allocator), FATE_OK);
    memory.fail = memory.calls;
    assert_int_equal(renewal_weight(poor, &weight, &parameters, margins, labels, NULL, NULL, 1, &row, 1), FATE_E_MEMORY);
    fate_context_free(poor);
    assert_int_equal(memory.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_median), cmocka_unit_test(test_quantile), cmocka_unit_test(test_nothing),
                                       cmocka_unit_test(test_order), cmocka_unit_test(test_no_memory)};
    return cmocka_run_group_tests(tests, start, stop);
}
