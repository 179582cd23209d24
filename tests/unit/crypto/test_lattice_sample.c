/* What the lattice cipher draws has the distributions that are said, and keys depend on content. */
#include "src/crypto/lattice_sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/allocator.h"
#include "tests/support/unit.h"

enum { COUNT = 8192, TIMES = 20 };

static void ternary_numbers(void **state)
{
    (void)state;
    const uint8_t key[RANDOM_KEY] = {1};
    int8_t numbers[COUNT], again[COUNT];
    int counts[3] = {0};
    for (uint64_t number = 0; number < TIMES; number++) {
        lattice_ternary(numbers, COUNT, key, number);
        for (int i = 0; i < COUNT; i++) {
            assert_true(numbers[i] >= -1 && numbers[i] <= 1);
            counts[numbers[i] + 1]++;
        }
    }
    /* a deviation is 191 */
    for (int i = 0; i < 3; i++) assert_true(abs(3 * counts[i] - COUNT * TIMES) < 3 * 1000);
    lattice_ternary(again, COUNT, key, TIMES - 1);
    assert_memory_equal(again, numbers, COUNT);
    lattice_ternary(again, COUNT, key, 0);
    assert_memory_not_equal(again, numbers, COUNT);
}

static void binomial_numbers(void **state)
{
    (void)state;
    const uint8_t key[RANDOM_KEY] = {2};
    int8_t numbers[COUNT];
    double sum = 0, squares = 0, fourths = 0;
    for (uint64_t number = 0; number < TIMES; number++) {
        lattice_binomial(&lattice_portable, numbers, COUNT, key, number);
        for (int i = 0; i < COUNT; i++) {
            double square = (double)numbers[i] * (double)numbers[i];
            assert_true(numbers[i] >= -LATTICE_NOISE && numbers[i] <= LATTICE_NOISE);
            sum += numbers[i];
            squares += square;
            fourths += square * square;
        }
    }
    const double count = (double)COUNT * TIMES;
    assert_true(sum / count > -0.05 && sum / count < 0.05);
    assert_true(squares / count > 10.3 && squares / count < 10.7);
    assert_true(fourths / count > 315 && fourths / count < 337); /* 3 v^2 - v/2, v = 10.5 */
}

/* The number times 2^-scale, as a double. */
static double in_steps(lattice_wide word, uint32_t scale)
{
    bool negative = word >> 127 != 0;
    if (negative) word = 0 - word;
    double size = (double)(uint64_t)(word >> (scale - 40)) / ((uint64_t)1 << 40);
    return negative ? -size : size;
}

static void floods(void **state)
{
    (void)state;
    const uint8_t key[RANDOM_KEY] = {3};
    static const uint32_t scales[] = {41, 63, 66, 83, 126};
    for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++) {
        double sum = 0, squares = 0, most = 0;
        enum { DRAWN = 40000 };
        for (uint64_t number = 0; number < DRAWN; number++) {
            double flood = in_steps(lattice_flood(key, number, scales[i]), scales[i]);
            assert_true(flood >= -0.375 && flood <= 0.375);
            if (flood > most) most = flood;
            sum += flood;
            squares += flood * flood;
        }
        assert_true(sum / DRAWN > -0.005 && sum / DRAWN < 0.005);
        assert_true(squares / DRAWN > 0.97 / 64 && squares / DRAWN < 1.03 / 64);
        assert_true(most > 0.33);
    }
    assert_true(lattice_flood(key, 5, 63) == lattice_flood(key, 5, 63));
    assert_true(lattice_flood(key, 5, 63) != lattice_flood(key, 6, 63));
}

/* P(|z| = size) times the constant that makes them 1. */
static void the_table_of_gaussians(void **state)
{
    (void)state;
    double total = 0, below = 0;
    for (int size = 0; size <= LATTICE_WIDEST; size++) total += (size == 0 ? 1 : 2) * exp(-size * size / 128.0);
    for (int size = 0; size < LATTICE_WIDEST; size++) {
        below += (size == 0 ? 1 : 2) * exp(-size * size / 128.0);
        assert_true(fabs((double)lattice_gaussian_table[size] / 9223372036854775808.0 - below / total) < 1e-14);
    }
}

static void short_gaussian_numbers(void **state)
{
    (void)state;
    const uint8_t key[RANDOM_KEY] = {5};
    int8_t numbers[COUNT];
    double sum = 0, squares = 0;
    for (uint64_t number = 0; number < TIMES; number++) {
        lattice_gaussian_short(&lattice_portable, numbers, COUNT, key, number);
        for (int i = 0; i < COUNT; i++) {
            assert_true(numbers[i] >= -LATTICE_WIDEST && numbers[i] <= LATTICE_WIDEST);
            sum += numbers[i];
            squares += (double)numbers[i] * (double)numbers[i];
        }
    }
    assert_true(fabs(sum / COUNT / TIMES) < 0.1);
    assert_true(squares / COUNT / TIMES > 63 && squares / COUNT / TIMES < 65);
    /* Of 64 numbers every twelfth draw is too long. */
    for (uint64_t number = 0; number < 500; number++) {
        int64_t total = 0;
        lattice_gaussian_short(&lattice_portable, numbers, 64, key, number);
        for (int i = 0; i < 64; i++) total += numbers[i] * numbers[i];
        assert_true(total <= 80 * 64);
    }
}

static void short_binomial_numbers(void **state)
{
    (void)state;
    const uint8_t key[RANDOM_KEY] = {6};
    int8_t numbers[64], plain[64];
    int drawn_again = 0;
    for (uint64_t number = 0; number < 500; number++) {
        int64_t positive = 0, negative = 0, squares = 0;
        lattice_binomial(&lattice_portable, plain, 64, key, number);
        lattice_binomial_short(&lattice_portable, numbers, 64, key, number);
        drawn_again += memcmp(plain, numbers, sizeof plain) != 0;
        for (int i = 0; i < 64; i++) {
            positive += numbers[i] > 0 ? numbers[i] : 0;
            negative -= numbers[i] < 0 ? numbers[i] : 0;
            squares += numbers[i] * numbers[i];
        }
        assert_true(positive <= 104 && negative <= 104 && squares <= 16 * 64);
    }
    assert_true(drawn_again > 10 && drawn_again < 250);
}

static void gaussian_floods(void **state)
{
    (void)state;
    const uint8_t key[RANDOM_KEY] = {3};
    for (uint32_t scale = LATTICE_LEAST_SCALE; scale <= 62; scale++) {
        enum { DRAWN = 3000 };
        double squares = 0, sum = 0, fourths = 0;
        for (uint64_t number = 0; number < DRAWN; number++) {
            double flood =
                ldexp((double)(int64_t)(uint64_t)lattice_flood_gaussian(&lattice_portable, key, number, scale), -(int)scale) * 20;
            assert_true(fabs(flood) <= 5.5);
            sum += flood;
            squares += flood * flood;
            fourths += flood * flood * flood * flood;
        }
        assert_true(fabs(sum / DRAWN) < 0.1);
        assert_true(squares / DRAWN > 0.9 && squares / DRAWN < 1.1);
        assert_true(fourths / DRAWN > 2.4 && fourths / DRAWN < 3.6);
    }
    assert_true(lattice_flood_gaussian(&lattice_portable, key, 5, 40) == lattice_flood_gaussian(&lattice_portable, key, 5, 40));
}

static void digest_of(uint8_t *key, const char *label, const char *first, const char *second)
{
    const uint8_t secret[LATTICE_SEED] = {4};
    fate_context *context = NULL;
    struct lattice_digest digest;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(lattice_digest_begin(context, &digest, secret, label), FATE_OK);
    lattice_digest_add(&digest, first, strlen(first));
    lattice_digest_add(&digest, second, strlen(second));
    lattice_digest_end(&digest, key);
    fate_context_free(context);
}

static void keys_depend_on_content(void **state)
{
    (void)state;
    uint8_t one[RANDOM_KEY], other[RANDOM_KEY];
    digest_of(one, "label", "some", "thing");
    digest_of(other, "label", "somet", "hing");
    assert_memory_equal(one, other, RANDOM_KEY);
    digest_of(other, "label", "some", "things");
    assert_memory_not_equal(one, other, RANDOM_KEY);
    digest_of(other, "label", "some", "thinh");
    assert_memory_not_equal(one, other, RANDOM_KEY);
    digest_of(other, "labels", "some", "thing");
    assert_memory_not_equal(one, other, RANDOM_KEY);
}

static const struct lattice_kernel *fastest(void)
{
#ifdef __x86_64__
    if (lattice_avx2.available()) return &lattice_avx2;
#endif
    return &lattice_portable;
}

static uint64_t digest_of_numbers(uint8_t *key, const struct lattice_kernel *kernel, const int32_t *numbers, uint64_t count)
{
    const uint8_t secret[LATTICE_SEED] = {4};
    fate_context *context = NULL;
    struct lattice_digest digest;
    assert_int_equal(context_new(&context, NULL), FATE_OK);
    assert_int_equal(lattice_digest_begin(context, &digest, secret, "label"), FATE_OK);
    uint64_t total = lattice_digest_add_numbers(&digest, kernel, numbers, count);
    lattice_digest_end(&digest, key);
    fate_context_free(context);
    return total;
}

/* Each of them, and how many there are. */
static void keys_depend_on_numbers(void **state)
{
    (void)state;
    enum { NUMBERS = 600 };
    int32_t numbers[NUMBERS] = {0};
    uint8_t one[RANDOM_KEY], other[RANDOM_KEY];
    for (int i = 0; i < NUMBERS - 1; i++) numbers[i] = i % 2 ? -i : i;
    assert_int_equal(digest_of_numbers(one, &lattice_portable, numbers, NUMBERS), 598 * 599 / 2);
    assert_int_equal(digest_of_numbers(other, fastest(), numbers, NUMBERS), 598 * 599 / 2);
    assert_memory_equal(one, other, RANDOM_KEY);
    digest_of_numbers(other, &lattice_portable, numbers, NUMBERS - 1); /* the last one is 0 */
    assert_memory_not_equal(one, other, RANDOM_KEY);
    for (int i = 0; i < NUMBERS; i += 7) {
        numbers[i] ^= 1 << i % 31;
        digest_of_numbers(other, &lattice_portable, numbers, NUMBERS);
        assert_memory_not_equal(one, other, RANDOM_KEY);
        numbers[i] ^= 1 << i % 31;
    }
}

static void a_digest_needs_memory(void **state)
{
    (void)state;
    const uint8_t secret[LATTICE_SEED] = {4};
    struct test_allocator test;
    struct lattice_digest digest;
    fate_allocator allocator = test_allocator(&test, -1);
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, &allocator), FATE_OK);
    test.fail = atomic_load(&test.calls);
    assert_int_equal(lattice_digest_begin(context, &digest, secret, "label"), FATE_E_MEMORY);
    assert_int_equal(lattice_digest_begin(context, &digest, secret, "label"), FATE_OK);
    lattice_digest_end(&digest, NULL);
    fate_context_free(context);
    assert_int_equal(atomic_load(&test.live), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ternary_numbers),        cmocka_unit_test(binomial_numbers),       cmocka_unit_test(floods),
        cmocka_unit_test(the_table_of_gaussians), cmocka_unit_test(short_gaussian_numbers), cmocka_unit_test(short_binomial_numbers),
        cmocka_unit_test(gaussian_floods),        cmocka_unit_test(keys_depend_on_content), cmocka_unit_test(keys_depend_on_numbers),
        cmocka_unit_test(a_digest_needs_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
