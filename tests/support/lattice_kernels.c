/* Kernels of the lattice cipher, checked against definitions. */
#include "tests/support/lattice_kernels.h"

#include <stdlib.h>
#include <string.h>

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

struct product {
    struct lattice_ring ring;
    int64_t *memory, *left, *right, *expected, *got; /* memory begins with left */
    int8_t *small;
    uint64_t *factors, *others, *sums; /* of LATTICE_MOST_PRODUCTS, LATTICE_MOST_PRODUCTS and one */
};

static void product_begin(fate_context *context, struct product *product, const struct lattice_kernel *kernel, uint32_t log_degree)
{
    const size_t degree = (size_t)1 << log_degree;
    product->memory = product->left = calloc(4 * degree, sizeof *product->memory);
    product->right = product->left + degree;
    product->expected = product->right + degree;
    product->got = product->expected + degree;
    product->small = calloc(degree, 1);
    product->factors = calloc((2 * LATTICE_MOST_PRODUCTS + 1) * degree, sizeof *product->factors);
    product->others = product->factors + LATTICE_MOST_PRODUCTS * degree;
    product->sums = product->others + LATTICE_MOST_PRODUCTS * degree;
    assert_int_equal(lattice_ring_make(context, &product->ring, log_degree, kernel), FATE_OK);
}

static void product_end(fate_context *context, struct product *product)
{
    lattice_ring_free(context, &product->ring);
    free(product->memory);
    free(product->small);
    free(product->factors);
}

/* Draws two polynomials, adds their product to what is expected, and transforms them. */
static void draw_factors(struct product *product, struct random_stream *stream, int way, uint32_t most_bits, uint32_t at)
{
    const struct lattice_kernel *kernel = product->ring.kernel;
    const uint32_t degree = product->ring.degree;
    uint64_t *factor = product->factors + (size_t)at * degree, *other = product->others + (size_t)at * degree;
    for (uint32_t i = 0; i < degree; i++) {
        product->left[i] = draw(stream, way, ((int64_t)1 << most_bits) - 1);
        product->right[i] = product->small[i] = (int8_t)draw(stream, way, 1);
    }
    convolve(product->got, product->left, product->right, degree);
    for (uint32_t i = 0; i < degree; i++) product->expected[i] += product->got[i];
    kernel->forward(&product->ring, factor, product->left);
    kernel->scale(&product->ring, factor);
    kernel->forward(&product->ring, other, product->right);
    kernel->forward_small(&product->ring, product->sums, product->small);
    assert_memory_equal(product->sums, other, degree * sizeof *other);
}

/* One product of digits below 2^most_bits and ternary numbers; another stands behind it. */
static void check_product(fate_context *context, const struct lattice_kernel *kernel, uint32_t log_degree, int way, uint32_t most_bits)
{
    struct random_stream stream = new_stream(log_degree + 100 * (uint64_t)way);
    struct product product;
    const uint32_t degree = 1u << log_degree;
    int64_t *both = calloc(2 * (size_t)degree, sizeof *both);
    uint64_t *scratch = calloc(2 * (size_t)degree, sizeof *scratch);
    product_begin(context, &product, kernel, log_degree);
    draw_factors(&product, &stream, way, most_bits, 0);
    memcpy(product.factors + degree, product.factors, degree * sizeof *product.factors);
    kernel->multiply(&product.ring, both, scratch, product.factors, product.others, 2);
    assert_memory_equal(both, product.expected, degree * sizeof *both);
    assert_memory_equal(both + degree, product.expected, degree * sizeof *both);
    product_end(context, &product);
    free(both);
    free(scratch);
}

/* count of them added up, `some` at a time. */
static void check_sum(fate_context *context, const struct lattice_kernel *kernel, int way, uint32_t count, uint32_t some)
{
    struct random_stream stream = new_stream((uint64_t)way);
    struct product product;
    product_begin(context, &product, kernel, 7);
    const size_t degree = product.ring.degree;
    uint64_t *sums = calloc(degree, sizeof *sums);
    for (uint32_t done = 0; done < count; done += some) {
        const uint64_t *left[LATTICE_MOST_PRODUCTS], *right[LATTICE_MOST_PRODUCTS];
        if (count - done < some) some = count - done;
        for (uint32_t i = 0; i < some; i++) {
            draw_factors(&product, &stream, way, 34, i);
            left[i] = product.factors + i * degree;
            right[i] = product.others + i * degree;
        }
        kernel->accumulate(&product.ring, sums, left, right, some);
    }
    kernel->inverse(&product.ring, product.got, sums);
    assert_memory_equal(product.got, product.expected, degree * sizeof *product.got);
    product_end(context, &product);
    free(sums);
}

void lattice_check_products(fate_context *context, const struct lattice_kernel *kernel)
{
    for (uint32_t log_degree = 6; log_degree <= 11; log_degree++)
        for (int way = 0; way < 3; way++) check_product(context, kernel, log_degree, way, 34);
    check_product(context, kernel, 12, 1, 34);
    check_product(context, kernel, 13, 2, 31);
}

void lattice_check_sums(fate_context *context, const struct lattice_kernel *kernel)
{
    const uint32_t count = (uint32_t)(1 / kernel->share(lattice_profile_find("B"), 1 << 7, 1 << 7));
    assert_true(count >= 4);
    for (int way = 0; way < 3; way++)
        for (uint32_t some = 1; some <= LATTICE_MOST_PRODUCTS; some++) check_sum(context, kernel, way, count, some);
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

static int bit_of(const uint8_t *bytes, size_t bit)
{
    return bytes[bit / 8] >> bit % 8 & 1;
}

static void check_binomial(const struct lattice_kernel *kernel)
{
    enum { GROUPS = 3, COUNT = 2 * LATTICE_BINOMIAL_GROUP + 32, PART = 32 * 5 };
    struct random_stream stream = new_stream(1);
    uint8_t bytes[GROUPS * LATTICE_BINOMIAL_BYTES];
    int8_t numbers[COUNT];
    random_stream_bytes(&stream, bytes, sizeof bytes);
    for (size_t i = 0; i < 5; i++) bytes[32 * i] = 0xff; /* all of the first number's bits but two, and none of the second's */
    for (size_t i = 0; i < 5; i++) bytes[32 * i + 1] = 0;
    bytes[4 * PART] = 3;
    bytes[4 * PART + 1] = 0xfc;
    kernel->binomial(numbers, bytes, COUNT);
    assert_int_equal(numbers[0], LATTICE_NOISE);
    assert_int_equal(numbers[1], -LATTICE_NOISE);
    for (size_t i = 0; i < COUNT; i++) {
        const uint8_t *group = bytes + i / LATTICE_BINOMIAL_GROUP * LATTICE_BINOMIAL_BYTES;
        const size_t part = i / 32 % 4, lane = i % 32;
        int expected = -LATTICE_NOISE;
        for (size_t bit = 0; bit < 40; bit++) expected += bit_of(group, 8 * (PART * part + bit / 8 * 32 + lane) + bit % 8);
        for (size_t bit = 0; bit < 2; bit++) expected += bit_of(group, 8 * (4 * PART + lane) + 2 * part + bit);
        assert_int_equal(numbers[i], expected);
    }
}

static void check_lengths(const struct lattice_kernel *kernel)
{
    enum { COUNT = 8192 };
    struct random_stream stream = new_stream(3);
    int8_t numbers[COUNT];
    for (int way = 0; way < 3; way++) {
        uint64_t positive = 0, negative = 0, squares = 0;
        for (int i = 0; i < COUNT; i++) {
            numbers[i] = (int8_t)draw(&stream, way, LATTICE_WIDEST);
            positive += (uint64_t)(numbers[i] > 0 ? numbers[i] : 0);
            negative += (uint64_t)(numbers[i] < 0 ? -numbers[i] : 0);
            squares += (uint64_t)(numbers[i] * numbers[i]);
        }
        const struct lattice_lengths lengths = kernel->lengths(numbers, COUNT);
        assert_true(lengths.positive == positive && lengths.negative == negative && lengths.squares == squares);
    }
}

static void check_hash(const struct lattice_kernel *kernel)
{
    struct random_stream stream = new_stream(4);
    int32_t numbers[LATTICE_HASHED];
    uint32_t key[LATTICE_HASH_KEY];
    random_stream_bytes(&stream, numbers, sizeof numbers);
    random_stream_bytes(&stream, key, sizeof key);
    numbers[5] = INT32_MIN;
    for (uint32_t count = 8; count <= LATTICE_HASHED; count += 8) {
        uint64_t sums[LATTICE_HASHES], total = 0;
        for (uint32_t i = 0; i < count; i++) total += (uint64_t)llabs((int64_t)numbers[i]);
        assert_true(kernel->hash(sums, key, numbers, count) == total);
        for (uint32_t j = 0; j < LATTICE_HASHES; j++) {
            uint64_t expected = 0;
            for (uint32_t i = 0; i < count; i += 2) {
                const uint32_t left = (uint32_t)numbers[i] + key[i + 2 * j], right = (uint32_t)numbers[i + 1] + key[i + 1 + 2 * j];
                expected += (uint64_t)left * right;
            }
            assert_true(sums[j] == expected);
        }
    }
}

/* A word is what its definition says, in as many bytes as the profile has, and nothing is written behind the last one. */
static void check_write(const struct lattice_kernel *kernel, const char *name, uint32_t scale, uint32_t count, bool valued)
{
    enum { DEGREE = 64, MOST_DIGITS = 4 };
    struct random_stream stream = new_stream(count);
    struct lattice_profile profile = *lattice_profile_find(name);
    int64_t integers[MOST_DIGITS * DEGREE];
    int8_t noise[DEGREE];
    int32_t values[DEGREE];
    uint8_t bytes[16 * DEGREE + 1];
    profile.degree = DEGREE;
    memset(bytes, 0x5a, sizeof bytes);
    for (int i = 0; i < MOST_DIGITS * DEGREE; i++) integers[i] = draw(&stream, i % 3, ((int64_t)1 << (i % 2 ? 47 : 62)) - 1);
    for (int i = 0; i < DEGREE; i++) noise[i] = (int8_t)draw(&stream, i % 3, LATTICE_WIDEST);
    for (int i = 0; i < DEGREE; i++) values[i] = (int32_t)draw(&stream, i % 3, INT32_MAX);
    kernel->write(&profile, scale, bytes, integers, noise, valued ? values : NULL, count);
    assert_int_equal(bytes[count * profile.bytes], 0x5a);
    for (uint32_t i = 0; i < count; i++) {
        lattice_wide word = lattice_signed(noise[i]) + (valued ? lattice_signed(values[i]) << scale : 0), got = 0;
        for (uint32_t digit = 0; digit < profile.digits; digit++)
            word += lattice_signed(integers[digit * DEGREE + i]) << digit * profile.digit_bits;
        for (uint32_t j = profile.bytes; j-- > 0;) got = got << 8 | bytes[i * profile.bytes + j];
        assert_true(got == lattice_reduce(word, profile.bits));
    }
}

/* On both sides of each step of the table. */
static void check_gaussian(const struct lattice_kernel *kernel)
{
    enum { CASES = 4 * LATTICE_WIDEST, COUNT = CASES + 4 };
    uint8_t bytes[8 * COUNT] = {0};
    int8_t numbers[COUNT];
    for (int i = 0; i < CASES; i++) {
        uint64_t drawn = lattice_gaussian_table[i / 4] - (uint64_t)(i % 2);
        bytes_store_u64(bytes + 8 * i, drawn | (uint64_t)(i / 2 % 2) << 63);
    }
    kernel->gaussian(numbers, bytes, COUNT);
    for (int i = 0; i < CASES; i++) {
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
    check_lengths(kernel);
    check_hash(kernel);
    for (uint32_t count = 1; count <= 64; count++)
        for (int valued = 0; valued < 2; valued++) {
            check_write(kernel, "A", 20 + count % 40, count, valued);
            check_write(kernel, "B", 41 + count % 60, count, valued);
            check_write(kernel, "C", 60 + count, count, valued);
        }
    check_rows(kernel);
}
