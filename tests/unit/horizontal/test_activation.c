/* Activations and slopes against the C library's functions in double precision. */
#include "tests/support/network.h"

#include "src/models/horizontal/activation.h"

static double f(int32_t kind, double x)
{
    double u = sqrt(2 / 3.14159265358979323846) * (x + 0.044715 * x * x * x);
    switch (kind) {
    case NETWORK_RELU: return x > 0 ? x : 0;
    case NETWORK_TANH: return tanh(x);
    case NETWORK_SIGMOID: return 1 / (1 + exp(-x));
    default: return 0.5 * x * (1 + tanh(u));
    }
}

/* Odd counts, so that the last block is not whole. */
static void test_values(void **state)
{
    (void)state;
    enum { COUNT = 4003 };
    static float in[COUNT], out[COUNT], delta[COUNT];
    for (int32_t kind = NETWORK_RELU; kind <= NETWORK_GELU; kind++) {
        for (int i = 0; i < COUNT; i++) {
            in[i] = (float)(i - 2001) / 100.0f + 0.003f;
            delta[i] = 2.0f;
        }
        activation_apply(kind, out, in, COUNT);
        activation_slope(kind, delta, in, out, COUNT);
        for (int i = 0; i < COUNT; i++) {
            double x = (double)in[i], h = 1e-5;
            assert_near((double)out[i], f(kind, x), 1e-6 * (1 + fabs(x)));
            assert_near((double)delta[i], (f(kind, x + h) - f(kind, x - h)) / h, 1e-5);
        }
    }
}

static void test_extremes(void **state)
{
    (void)state;
    const float in[] = {1e30f, -1e30f, 1e4f, -1e4f, 0.0f};
    const double tanh_out[] = {1, -1, 1, -1, 0}, sigmoid_out[] = {1, 0, 1, 0, 0.5};
    float out[5], delta[5];
    activation_apply(NETWORK_TANH, out, in, 5);
    for (int i = 0; i < 5; i++) assert_true((double)out[i] == tanh_out[i]);
    activation_apply(NETWORK_SIGMOID, out, in, 5);
    for (int i = 0; i < 5; i++) assert_near((double)out[i], sigmoid_out[i], 1e-30);
    for (int32_t kind = NETWORK_RELU; kind < NETWORK_GELU; kind++) {
        for (int i = 0; i < 5; i++) delta[i] = 1;
        activation_apply(kind, out, in, 5);
        activation_slope(kind, delta, in, out, 5);
        for (int i = 0; i < 5; i++) assert_true(isfinite(out[i]) && isfinite(delta[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_values), cmocka_unit_test(test_extremes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
