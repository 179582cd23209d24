/* Products against sums in double precision; equal bytes again, from other addresses, and whatever the number of BLAS's threads. */
#include "tests/support/network.h"

#include "src/models/horizontal/matrix.h"

#ifdef FATE_BLAS
void openblas_set_num_threads(int threads);
#else
static void openblas_set_num_threads(int threads)
{
    (void)threads;
}
#endif

typedef void (*product)(float *, const float *, const float *, uint32_t, uint32_t, uint32_t, bool);

struct shape {
    uint32_t rows, columns, inner;
};

static const struct shape shapes[] = {{1, 1, 1},       {1, 5, 3},      {4, 1, 70},    {5, 4, 1},    {2, 2, 2},
                                      {64, 64, 64},    {65, 63, 66},   {3, 17, 33},   {130, 10, 1}, {32, 256, 784},
                                      {128, 129, 130}, {1, 300, 1000}, {300, 1, 1000}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static double expected(product function, const float *a, const float *b, struct shape s, uint32_t i, uint32_t j)
{
    double sum = 0;
    for (uint32_t k = 0; k < s.inner; k++) {
        double left = (double)(function == matrix_product_left ? a[k * s.rows + i] : a[i * s.inner + k]);
        double right = (double)(function == matrix_product_right ? b[j * s.inner + k] : b[k * s.columns + j]);
        sum += left * right;
    }
    return sum;
}

static void check(product function, struct shape s, bool portable)
{
    float *a = test_floats((uint64_t)s.rows * s.inner, 1), *b = test_floats((uint64_t)s.inner * s.columns, 2);
    float *c = test_floats((uint64_t)s.rows * s.columns, 3);
    function(c, a, b, s.rows, s.columns, s.inner, portable);
    for (uint32_t i = 0; i < s.rows; i++)
        for (uint32_t j = 0; j < s.columns; j++)
            assert_near((double)c[i * s.columns + j], expected(function, a, b, s, i, j), 1e-5 * sqrt(s.inner));
    free(a);
    free(b);
    free(c);
}

static void test_values(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < SHAPES; i++) {
        for (int portable = 0; portable < 2; portable++) {
            check(matrix_product, shapes[i], portable);
            check(matrix_product_left, shapes[i], portable);
            check(matrix_product_right, shapes[i], portable);
        }
    }
}

/* The product of copies `shift` floats further on in memory. */
static void shifted(product function, float *out, struct shape s, uint32_t shift)
{
    uint64_t sizes[] = {(uint64_t)s.rows * s.inner, (uint64_t)s.inner * s.columns, (uint64_t)s.rows * s.columns};
    float *a = test_floats(sizes[0], 1), *b = test_floats(sizes[1], 2);
    float *moved = test_floats(sizes[0] + sizes[1] + sizes[2] + 3 * 16, 3);
    float *to_a = moved + shift, *to_b = to_a + sizes[0] + shift, *to_c = to_b + sizes[1] + shift;
    memcpy(to_a, a, (size_t)sizes[0] * sizeof *a);
    memcpy(to_b, b, (size_t)sizes[1] * sizeof *b);
    function(to_c, to_a, to_b, s.rows, s.columns, s.inner, false);
    memcpy(out, to_c, (size_t)sizes[2] * sizeof *out);
    free(a);
    free(b);
    free(moved);
}

static void test_repeats(void **state)
{
    (void)state;
    static const product products[] = {matrix_product, matrix_product_left, matrix_product_right};
    for (uint32_t i = 0; i < SHAPES; i++) {
        uint64_t count = (uint64_t)shapes[i].rows * shapes[i].columns;
        float *first = test_floats(count, 0), *again = test_floats(count, 0);
        for (uint32_t p = 0; p < 3; p++) {
            openblas_set_num_threads(1);
            shifted(products[p], first, shapes[i], 0);
            for (uint32_t run = 0; run < 12; run++) {
                openblas_set_num_threads(1 + (int)(run % 4));
                shifted(products[p], again, shapes[i], run);
                assert_memory_equal(first, again, (size_t)count * sizeof *first);
            }
        }
        free(first);
        free(again);
    }
}

static void test_vectors(void **state)
{
    (void)state;
    for (uint64_t count = 0; count < 50; count++) {
        float *a = test_floats(count, 1), *b = test_floats(count, 2), *c = test_floats(count, 2);
        double dot = 0, sum = 0;
        for (uint64_t i = 0; i < count; i++) {
            dot += (double)a[i] * (double)b[i];
            sum += (double)a[i];
        }
        assert_near((double)matrix_dot(a, b, count), dot, 1e-5);
        assert_near((double)matrix_sum(a, count), sum, 1e-5);
        matrix_add(c, -2.0f, a, count);
        for (uint64_t i = 0; i < count; i++) assert_true(c[i] == b[i] - 2.0f * a[i]);
        matrix_times(c, c, b, count);
        for (uint64_t i = 0; i < count; i++) assert_true(c[i] == (b[i] - 2.0f * a[i]) * b[i]);
        free(a);
        free(b);
        free(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_values), cmocka_unit_test(test_repeats), cmocka_unit_test(test_vectors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
