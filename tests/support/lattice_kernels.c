/* Kernels of the lattice cipher, checked against definitions. */
#include "tests/support/lattice_kernels.h"

#include <stdlib.h>

#include "lib/bytes.h"
#include "lib/random.h"
#include "tests/support/unit.h"

static struct random_stream new_stream(uint64_t number)
{
    const uint8_t key[RANDOM_KEY] = {9};
    struct random_stream stream;
    random_stream_init(&stream, key, number);
    return stream;
}

/* X^n = -1. */
static void convolve(int64_t *out, const int64_t *left, const int64_t *right, uint32_t degree)
{
    for (uint32_t i = 0; i < degree; i++) {
        int64_t sum = 0;
        for (uint32_t j = 0; j < degree; j++) sum += j <= i ? left[j] * right[i - j] : -left[j] * right[degree + i - j];
        out[i] = sum;
    }
}

static int64_t draw(struct random_stream *stream, int way, int64_t most)
{
    if (way == 0) return most;
    if (way == 1) return random_stream_below(stream, 2) ? most : -most;
    return (int64_t)random_stream_below(stream, 2 * (uint64_t)most + 1) - most;
}

/* count products of digits below 2^most_bits and ternary numbers, added up. */
static void check_product(fate_context *context, const struct lattice_kernel *kernel, uint32_t log_degree, int way, uint32_t most_bits,
                          uint32_t count)
{
    struct random_stream stream = new_stream(log_degree + 100 * (uint64_t)way);
    const uint32_t degree = 1u << log_degree;
    struct lattice_ring ring;
    int64_t *memory = calloc(4 * (size_t)degree, sizeof *memory), *left = memory, *right = memory + degree, *expected = right + degree;
    int64_t *got = expected + degree;
    uint64_t *factors = calloc(3 * (size_t)degree, sizeof *factors), *other = factors + degree, *sums = other + degree;
    assert_int_equal(lattice_ring_make(context, &ring, log_degree, kernel), FATE_OK);
    for (uint32_t product = 0; product < count; product++) {
        for (uint32_t i = 0; i < degree; i++) {
            left[i] = draw(&stream, way, ((int64_t)1 << most_bits) - 1);
            right[i] = draw(&stream, way, 1);
        }
        convolve(got, left, right, degree);
        for (uint32_t i = 0; i < degree; i++) expected[i] += got[i];
        kernel->forward(&ring, factors, left);
        kernel->scale(&ring, factors);
        kernel->forward(&ring, other, right);
        if (product == 0)
            kernel->multiply(&ring, sums, factors, other);
        else
            kernel->accumulate(&ring, sums, factors, other);
    }
    kernel->inverse(&ring, got, sums);
    assert_memory_equal(got, expected, degree * sizeof *got);
    lattice_ring_free(context, &ring);
    free(memory);
    free(factors);
}

void lattice_check_products(fate_context *context, const struct lattice_kernel *kernel)
{
    for (uint32_t log_degree = 6; log_degree <= 11; log_degree++)
        for (int way = 0; way < 3; way++) check_product(context, kernel, log_degree, way, 34, 1);
    check_product(context, kernel, 12, 1, 34, 1);
    check_product(context, kernel, 13, 2, 31, 1);
}

void lattice_check_sums(fate_context *context, const struct lattice_kernel *kernel)
{
    const uint32_t count = (uint32_t)(1 / kernel->share(lattice_profile_find("B"), 1 << 7, 1 << 7));
    assert_true(count >= 4);
    for (int way = 0; way < 3; way++) check_product(context, kernel, 7, way, 34, count);
}

static void check_inner(const struct lattice_kernel *kernel, uint32_t planes, uint32_t count)
{
    struct random_stream stream = new_stream(count);
    int8_t *small = calloc(count, 1);
    int16_t *digits = calloc((size_t)count * planes, sizeof *digits);
    int32_t sums[LATTICE_MOST_PLANES] = {7, 7}, expected[LATTICE_MOST_PLANES] = {7, 7};
    for (int way = 0; way < 3; way++) {
        for (uint32_t i = 0; i < count; i++) small[i] = (int8_t)draw(&stream, way, 1);
        for (uint32_t i = 0; i < count * planes; i++) digits[i] = way == 0 ? INT16_MIN : (int16_t)draw(&stream, way, INT16_MAX);
        kernel->inner(sums, small, digits, planes, count);
        for (uint32_t i = 0; i < count * planes; i++) expected[i / count] += small[i % count] * digits[i];
        assert_memory_equal(sums, expected, planes * sizeof *sums);
    }
    free(small);
    free(digits);
}

static void check_binomial(const struct lattice_kernel *kernel)
{
    enum { COUNT = 512 };
    struct random_stream stream = new_stream(1);
    uint8_t bytes[6 * COUNT];
    int32_t numbers[COUNT];
    random_stream_bytes(&stream, bytes, sizeof bytes);
    memset(bytes, 0xff, 3);      /* the first 21 bits, and three of the others */
    bytes[4 * COUNT] = 0xff;     /* eight more */
    bytes[4 * COUNT + 1] = 0xfc; /* none */
    kernel->binomial(numbers, bytes, COUNT);
    for (int i = 0; i < COUNT; i++) {
        int32_t expected = 0;
        for (int bit = 0; bit < 32; bit++) {
            int32_t one = bytes[4 * i + bit / 8] >> bit % 8 & 1;
            expected += bit < 21 ? one : -one;
        }
        for (int bit = 0; bit < 10; bit++) expected -= bytes[4 * COUNT + 2 * i + bit / 8] >> bit % 8 & 1;
        assert_int_equal(numbers[i], expected);
    }
}

/* On both sides of each step of the table. */
static void check_gaussian(const struct lattice_kernel *kernel)
{
    enum { COUNT = 4 * LATTICE_WIDEST };
    uint8_t bytes[8 * COUNT];
    int32_t numbers[COUNT];
    for (int i = 0; i < COUNT; i++) {
        uint64_t drawn = lattice_gaussian_table[i / 4] - (uint64_t)(i % 2);
        bytes_store_u64(bytes + 8 * i, drawn | (uint64_t)(i / 2 % 2) << 63);
    }
    kernel->gaussian(numbers, bytes, COUNT);
    for (int i = 0; i < COUNT; i++) {
        int32_t size = i / 4 + (i % 2 == 0);
        assert_int_equal(numbers[i], i / 2 % 2 == 1 ? -size : size);
    }
}

static void check_rows(const struct lattice_kernel *kernel)
{
    enum { ROWS = 50, COLUMNS = 3, CELLS = 9 };
    struct random_stream stream = new_stream(2);
    for (uint32_t stride = 4; stride <= 32; stride += 4) {
        uint64_t rows[ROWS * 32], cells[CELLS * 32] = {0}, expected[CELLS * 32] = {0};
        uint16_t index[ROWS * COLUMNS];
        for (int i = 0; i < ROWS * 32; i++) rows[i] = random_stream_u64(&stream);
        for (int i = 0; i < ROWS * COLUMNS; i++) index[i] = (uint16_t)random_stream_below(&stream, CELLS);
        kernel->add_rows(cells, rows, index, ROWS, COLUMNS, stride);
        for (uint32_t i = 0; i < ROWS * COLUMNS; i++)
            for (uint32_t j = 0; j < stride; j++) expected[index[i] * stride + j] += rows[i / COLUMNS * stride + j];
        assert_memory_equal(cells, expected, sizeof cells);
    }
}

void lattice_check_loops(const struct lattice_kernel *kernel)
{
    check_inner(kernel, 7, 1024);
    check_inner(kernel, 8, 1024);
    check_inner(kernel, 3, 64);
    check_inner(kernel, 4, 1024);
    check_inner(kernel, 7, 16);
    check_binomial(kernel);
    check_gaussian(kernel);
    check_rows(kernel);
}
