/* exp, log and the logistic function against the C library, and golden bit patterns that must be the same on every machine. */
#include "tests/support/unit.h"

#include "lib/mathematics.h"
#include "lib/random.h"

#include <float.h>
#include <math.h>
#include <sodium.h>
#include <stdbool.h>

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* How many doubles lie between two finite ones. */
static uint64_t distance(double a, double b)
{
    int64_t x = (int64_t)bits_of(a), y = (int64_t)bits_of(b);
    if (x < 0) x = INT64_MIN - x;
    if (y < 0) y = INT64_MIN - y;
    return x > y ? (uint64_t)x - (uint64_t)y : (uint64_t)y - (uint64_t)x;
}

static void check_exp(double x)
{
    double expected = exp(x);
    if (isinf(expected))
        assert_true(isinf(mathematics_exp(x)));
    else
        assert_in_range(distance(mathematics_exp(x), expected), 0, 1);
}

static void exp_is_within_one_unit(void **state)
{
    (void)state;
    const uint8_t key[RANDOM_KEY] = {1};
    struct random_stream stream;
    random_stream_init(&stream, key, 0);
    for (int i = 0; i < 400000; i++) {
        double unit = (double)(random_stream_u64(&stream) >> 11) * 0x1p-53 - 0.5;
        check_exp(unit * 1500.0);
        check_exp(unit * 2.0);
        check_exp(unit * from_bits((random_stream_below(&stream, 60) + 960) << 52));
    }
    for (int k = -1100; k <= 1100; k++) { /* where the reduction changes over, and whole powers of two */
        double edge = (k + 0.5) * 0.69314718055994530942;
        check_exp(edge);
        check_exp(nextafter(edge, 1e9));
        check_exp(nextafter(edge, -1e9));
        check_exp(k);
        check_exp(k * 0.69314718055994530942);
    }
}

static void exp_at_its_edges(void **state)
{
    (void)state;
    assert_true(mathematics_exp(0.0) == 1.0 && mathematics_exp(-0.0) == 1.0);
    assert_true(mathematics_exp(1.0) == 0x1.5bf0a8b145769p+1);
    assert_true(mathematics_exp(DBL_MIN) == 1.0 && mathematics_exp(-0x1p-1074) == 1.0);
    assert_true(isinf(mathematics_exp(INFINITY)) && mathematics_exp(-INFINITY) == 0.0);
    assert_true(isnan(mathematics_exp(NAN)) && isnan(mathematics_exp(-NAN)));
    double largest = 0x1.62e42fefa39efp+9;
    assert_true(isfinite(mathematics_exp(largest)));
    assert_true(isinf(mathematics_exp(nextafter(largest, INFINITY))));
    double smallest = -0x1.74910d52d3051p+9;
    assert_true(mathematics_exp(smallest) == 0x1p-1074);
    assert_true(mathematics_exp(nextafter(smallest, -INFINITY)) == 0.0);
}

static void check_log(double x)
{
    assert_in_range(distance(mathematics_log(x), log(x)), 0, 1);
}

static void log_is_within_one_unit(void **state)
{
    (void)state;
    const uint8_t key[RANDOM_KEY] = {2};
    struct random_stream stream;
    random_stream_init(&stream, key, 0);
    for (int i = 0; i < 400000; i++) {
        check_log(from_bits(random_stream_below(&stream, UINT64_C(0x7fefffffffffffff)) + 1));
        double unit = (double)(random_stream_u64(&stream) >> 11) * 0x1p-53;
        check_log(0.5 + unit);
        check_log(1.0 + (unit - 0.5) * from_bits((random_stream_below(&stream, 50) + 970) << 52));
    }
    for (int k = -1074; k < 1024; k++) {
        check_log(ldexp(1.0, k));
        check_log(nextafter(ldexp(1.0, k), INFINITY));
        if (k < -1022) continue;
        double edge = ldexp(1.41421356237309504880, k);
        check_log(edge);
        check_log(nextafter(edge, INFINITY));
        check_log(nextafter(edge, 0.0));
    }
}

static void log_at_its_edges(void **state)
{
    (void)state;
    assert_true(bits_of(mathematics_log(1.0)) == 0);
    assert_true(mathematics_log(0.0) == -INFINITY && mathematics_log(-0.0) == -INFINITY);
    assert_true(mathematics_log(INFINITY) == INFINITY);
    assert_true(isnan(mathematics_log(-1.0)) && isnan(mathematics_log(-INFINITY)) && isnan(mathematics_log(NAN)));
    check_log(0x1p-1074);
    check_log(DBL_MAX);
    check_log(DBL_MIN);
}

static void sigmoid_is_accurate_and_never_overflows(void **state)
{
    (void)state;
    assert_true(mathematics_sigmoid(0.0) == 0.5);
    assert_true(mathematics_sigmoid(INFINITY) == 1.0 && mathematics_sigmoid(-INFINITY) == 0.0);
    assert_true(mathematics_sigmoid(1e300) == 1.0 && mathematics_sigmoid(-1e300) == 0.0);
    assert_true(isnan(mathematics_sigmoid(NAN)));
    for (int i = -7400; i <= 7400; i++) {
        double x = i * 0.1;
        double expected = x < 0.0 ? exp(x) / (1.0 + exp(x)) : 1.0 / (1.0 + exp(-x));
        double value = mathematics_sigmoid(x);
        assert_in_range(distance(value, expected), 0, 2);
        assert_true(value >= 0.0 && value <= 1.0);
    }
}

/* The bits that this code gives. A machine or compiler that gives others would make other models from the same job. */
static void bits_are_the_same_everywhere(void **state)
{
    (void)state;
    static const struct {
        double x;
        uint64_t exp, log, sigmoid;
    } golden[] = {
        {0.1, UINT64_C(0x3ff1aec7b35a00d4), UINT64_C(0xc0026bb1bbb55515), UINT64_C(0x3fe0cca12729afb8)},
        {0.5, UINT64_C(0x3ffa61298e1e069c), UINT64_C(0xbfe62e42fefa39ef), UINT64_C(0x3fe3eb2fd4d34391)},
        {0.7, UINT64_C(0x40001c2a61268987), UINT64_C(0xbfd6d3c324e13f50), UINT64_C(0x3fe561cb52a19476)},
        {1.0, UINT64_C(0x4005bf0a8b145769), UINT64_C(0x0000000000000000), UINT64_C(0x3fe764d4f5d5a2bd)},
        {1.5, UINT64_C(0x4011ed3fe64fc541), UINT64_C(0x3fd9f323ecbf984c), UINT64_C(0x3fea2991f2a97914)},
        {2.0, UINT64_C(0x401d8e64b8d4ddae), UINT64_C(0x3fe62e42fefa39ef), UINT64_C(0x3fec2f7d5a8a79c9)},
        {3.141592653589793, UINT64_C(0x403724046eb09339), UINT64_C(0x3ff250d048e7a1bd), UINT64_C(0x3feeaca7ed72415c)},
        {10.0, UINT64_C(0x40d5829dcf950560), UINT64_C(0x40026bb1bbb55516), UINT64_C(0x3fefffa0cb346f89)},
        {37.5, UINT64_C(0x4351293919c201e5), UINT64_C(0x400cfea67585803d), UINT64_C(0x3ff0000000000000)},
        {123.456, UINT64_C(0x4b11428e1cbc0143), UINT64_C(0x401343774f3e2362), UINT64_C(0x3ff0000000000000)},
        {700.0, UINT64_C(0x7f0d945df4f8ec8e), UINT64_C(0x401a344e6741ebab), UINT64_C(0x3ff0000000000000)},
        {1e-8, UINT64_C(0x3ff0000002af31dc), UINT64_C(0xc0326bb1bbb55516), UINT64_C(0x3fe00000015798ee)},
        {1e-300, UINT64_C(0x3ff0000000000000), UINT64_C(0xc085963447f87fb5), UINT64_C(0x3fe0000000000000)},
        {0.34657359027997264, UINT64_C(0x3ff6a09e667f3bcc), UINT64_C(0xbff0f45e267477e0), UINT64_C(0x3fe2bec333018867)},
        {709.5, UINT64_C(0x7fe81e9b4b52d0c9), UINT64_C(0x401a421c25960b33), UINT64_C(0x3ff0000000000000)},
    };
    for (size_t i = 0; i < sizeof golden / sizeof golden[0]; i++) {
        assert_true(bits_of(mathematics_exp(golden[i].x)) == golden[i].exp);
        assert_true(bits_of(mathematics_log(golden[i].x)) == golden[i].log);
        assert_true(bits_of(mathematics_sigmoid(golden[i].x)) == golden[i].sigmoid);
    }
    assert_true(bits_of(mathematics_exp(NAN)) == UINT64_C(0x7ff8000000000000));
    assert_true(bits_of(mathematics_log(-1.0)) == UINT64_C(0x7ff8000000000000));
}

/* A digest over many results catches a single changed bit in any of them. */
static void a_digest_over_many_results(void **state)
{
    (void)state;
    crypto_generichash_state digest;
    crypto_generichash_init(&digest, NULL, 0, 16);
    for (int i = -60000; i < 60000; i++) {
        double results[3] = {mathematics_exp(i * 0x1.9p-7), mathematics_log((i + 60001) * 0x1.7p-5), mathematics_sigmoid(i * 0x1.3p-9)};
        uint8_t bytes[24];
        for (int j = 0; j < 24; j++) bytes[j] = (uint8_t)(bits_of(results[j / 8]) >> (8 * (j % 8)));
        crypto_generichash_update(&digest, bytes, sizeof bytes);
    }
    uint8_t sum[16];
    char text[33];
    crypto_generichash_final(&digest, sum, sizeof sum);
    assert_string_equal(sodium_bin2hex(text, sizeof text, sum, sizeof sum), "349897f6b2effcbffb04704cdcf65f79");
}

static int start(void **state)
{
    (void)state;
    return sodium_init() < 0 ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exp_is_within_one_unit),
        cmocka_unit_test(exp_at_its_edges),
        cmocka_unit_test(log_is_within_one_unit),
        cmocka_unit_test(log_at_its_edges),
        cmocka_unit_test(sigmoid_is_accurate_and_never_overflows),
        cmocka_unit_test(bits_are_the_same_everywhere),
        cmocka_unit_test(a_digest_over_many_results),
    };
    return cmocka_run_group_tests(tests, start, NULL);
}
