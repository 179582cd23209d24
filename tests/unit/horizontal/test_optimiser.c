/* SGD and Adam against their formulas in double precision; soft thresholds. */
#include "tests/support/network.h"

#include "src/models/horizontal/optimiser.h"
#include "tests/support/allocator.h"

enum { COUNT = 37, STEPS = 5 };

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

/* One parameter after STEPS steps whose slope is w + drift. */
static double expected(const struct optimiser_options *options, double w, double drift, double rate)
{
    double m = 0, v = 0;
    for (int step = 1; step <= STEPS; step++) {
        double slope = w + drift;
        if (options->kind == OPTIMISER_SGD) {
            m = options->momentum * m + slope;
            w -= rate * m;
        } else {
            m = options->beta1 * m + (1 - options->beta1) * slope;
            v = options->beta2 * v + (1 - options->beta2) * slope * slope;
            w -= rate * (m / (1 - pow(options->beta1, step))) / (sqrt(v / (1 - pow(options->beta2, step))) + options->epsilon);
        }
    }
    return w;
}

static void check(const struct optimiser_options *options)
{
    struct optimiser optimiser;
    float *weights = test_floats(COUNT, 1), *first = test_floats(COUNT, 1), *drift = test_floats(COUNT, 2), slopes[COUNT];
    assert_int_equal(optimiser_init(&optimiser, context, options, COUNT), FATE_OK);
    for (int step = 0; step < STEPS; step++) {
        for (int i = 0; i < COUNT; i++) slopes[i] = weights[i] + drift[i];
        optimiser_step(&optimiser, weights, slopes, 0.1);
    }
    for (int i = 0; i < COUNT; i++) assert_near((double)weights[i], expected(options, (double)first[i], (double)drift[i], 0.1), 2e-6);
    optimiser_free(&optimiser);
    free(weights);
    free(first);
    free(drift);
}

static void test_steps(void **state)
{
    (void)state;
    check(&(struct optimiser_options){.kind = OPTIMISER_SGD});
    check(&(struct optimiser_options){.kind = OPTIMISER_SGD, .momentum = 0.9});
    check(&(struct optimiser_options){.kind = OPTIMISER_ADAM, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8});
    check(&(struct optimiser_options){.kind = OPTIMISER_ADAM, .beta1 = 0, .beta2 = 0.5, .epsilon = 1e-2});
}

static void test_shrink(void **state)
{
    (void)state;
    float weights[] = {0.5f, -0.5f, 0.125f, -0.125f, 0.25f, NAN};
    optimiser_shrink(weights, 6, 0.25f);
    assert_true(weights[0] == 0.25f && weights[1] == -0.25f && weights[2] == 0 && weights[3] == 0 && weights[4] == 0);
    assert_true(isnan(weights[5]));
}

static void test_memory(void **state)
{
    (void)state;
    const struct optimiser_options options = {.kind = OPTIMISER_ADAM, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};
    for (long long fail = 0; fail < 3; fail++) {
        struct test_allocator test;
        struct optimiser optimiser;
        fate_allocator allocator = test_allocator(&test, -1);
        fate_context *own = NULL;
        assert_int_equal(context_new(&own, &allocator), FATE_OK);
        long long live = atomic_load(&test.live);
        test.fail = atomic_load(&test.calls) + fail;
        assert_int_equal(optimiser_init(&optimiser, own, &options, 3), fail < 2 ? FATE_E_MEMORY : FATE_OK);
        if (fail == 2) optimiser_free(&optimiser);
        assert_true(atomic_load(&test.live) == live);
        fate_context_free(own);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_steps), cmocka_unit_test(test_shrink), cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, start, stop);
}
