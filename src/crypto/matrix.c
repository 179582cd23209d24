/* A matrix of signed integers times a vector of ciphertexts: multi-exponentiation by buckets (N. Pippenger, "On the evaluation of powers and
 * related problems", FOCS 1976). For each row and digit position, columns are added into the bucket of their digit; a sum of running sums
 * over the buckets gives each bucket its weight; positions are joined as pack does. Positive and negative digits have buckets of their own,
 * so that only the rows' negative halves need an inverse. */
#include "src/crypto/matrix.h"
#include "src/crypto/limbs.h"

enum {
    MOST_WINDOW = 10,
    MOST_WINDOWS = 65,
    CHUNK_BUCKETS = 8192, /* ciphertexts that are summed side by side, about: they should stay in a cache */
    CHUNK_DIGITS = 1 << 20
};

/* 2^63 for the smallest number. */
static uint64_t magnitude(int64_t factor)
{
    return factor < 0 ? 0 - (uint64_t)factor : (uint64_t)factor;
}

/* The window with the fewest additions for one row: of each column at each position, and two for every bucket. */
struct matrix_plan matrix_plan_for(uint64_t columns, uint32_t bits)
{
    struct matrix_plan best = {1, bits + 1};
    double least = 0;
    for (uint32_t window = 1; window <= MOST_WINDOW; window++) {
        uint32_t windows = bits / window + 1; /* the highest position has a bit to spare for a carry */
        double additions = (double)windows * ((double)columns + 2 * (double)(1U << window));
        if (window == 1 || additions < least) {
            best = (struct matrix_plan){window, windows};
            least = additions;
        }
    }
    return best;
}

void matrix_digits(const struct matrix_plan *plan, int32_t *digits, int64_t factor)
{
    const uint32_t half = 1U << (plan->window - 1);
    uint64_t left = magnitude(factor);
    const int32_t negative = -(int32_t)(factor < 0);
    uint32_t carry = 0;
    for (uint32_t w = 0; w < plan->windows; w++) {
        uint32_t digit = (uint32_t)(left & (2 * half - 1)) + carry;
        left >>= plan->window;
        carry = digit > half;
        int32_t value = (int32_t)digit - (carry ? 2 * (int32_t)half : 0);
        digits[w] = (value ^ negative) - negative;
    }
}

struct matrix_product {
    const struct fate_ciphertexts *vector;
    struct fate_ciphertexts *products, *negatives;
    const int64_t *matrix;
    struct matrix_plan plan;
    uint64_t half;   /* buckets of one sign, at one position of one row */
    uint64_t rows;   /* of a chunk, at most */
    uint32_t *index; /* of each digit that is not 0, its bucket and its column */
    uint32_t *column;
};

/* Sums of a chunk: sign, row, position. Buckets: their weight less one, then the sum that they are part of. */
static uint64_t sums_of(const struct matrix_product *product, uint64_t rows)
{
    return 2 * rows * product->plan.windows;
}

static uint64_t sort_digits(const struct matrix_product *product, uint64_t first, uint64_t rows)
{
    const uint64_t columns = product->vector->count, windows = product->plan.windows, sums = sums_of(product, rows);
    uint64_t count = 0;
    for (uint64_t row = 0; row < rows; row++)
        for (uint64_t column = 0; column < columns; column++) {
            int32_t digits[MOST_WINDOWS];
            matrix_digits(&product->plan, digits, product->matrix[(first + row) * columns + column]);
            for (uint64_t w = 0; w < windows; w++) {
                /* Signs are as random as the factors, so there is no branch on them; the place of a zero is taken by the next digit. */
                const uint32_t sign = (uint32_t)digits[w] >> 31, weight = ((uint32_t)digits[w] ^ (0 - sign)) + sign;
                product->index[count] =
                    (weight - 1) * (uint32_t)sums + (sign * (uint32_t)rows + (uint32_t)row) * (uint32_t)windows + (uint32_t)w;
                product->column[count] = (uint32_t)column;
                count += weight != 0;
            }
        }
    return count;
}

static int32_t multiply_rows(const struct matrix_product *product, uint64_t first, uint64_t rows)
{
    struct scheme_key *key = product->vector->key;
    const struct scheme *scheme = key->scheme;
    const uint64_t sums = sums_of(product, rows), count = sort_digits(product, first, rows);
    struct fate_ciphertexts *buckets = NULL, *weighed = NULL, *joined = NULL;
    int32_t result = ciphertexts_new(key, &buckets, sums * product->half);
    if (result == FATE_OK) result = ciphertexts_new(key, &weighed, sums);
    if (result == FATE_OK) result = ciphertexts_new(key, &joined, 2 * rows);
    if (result == FATE_OK) result = scheme->gather_add(buckets, product->vector, product->column, 0, count, product->index);
    if (result == FATE_OK) result = scheme->weigh(weighed, buckets);
    if (result == FATE_OK) result = scheme->pack(weighed, joined, product->plan.window, product->plan.windows);
    if (result == FATE_OK) result = scheme->add(product->products, first, joined, 0, rows);
    if (result == FATE_OK) result = scheme->add(product->negatives, first, joined, rows, rows);
    fate_ciphertexts_free(buckets);
    fate_ciphertexts_free(weighed);
    fate_ciphertexts_free(joined);
    return result;
}

/* Rows that are computed together: at least one. */
static uint64_t chunk_of(const struct matrix_product *product)
{
    uint64_t columns = product->vector->count, by_buckets = CHUNK_BUCKETS / (sums_of(product, 1) * product->half),
             by_digits = CHUNK_DIGITS / (columns * product->plan.windows), rows = by_buckets < by_digits ? by_buckets : by_digits;
    if (rows > product->products->count) rows = product->products->count;
    return rows == 0 ? 1 : rows;
}

static int32_t multiply(struct matrix_product *product)
{
    fate_context *context = product->vector->key->context;
    const uint64_t rows = product->products->count, digits = product->rows * product->vector->count * product->plan.windows;
    int32_t result = FATE_OK;
    product->index = memory_allocate(context, digits, sizeof *product->index);
    product->column = memory_allocate(context, digits, sizeof *product->column);
    if (product->index == NULL || product->column == NULL) result = context_out_of_memory(context);
    if (result == FATE_OK) result = ciphertexts_new(product->vector->key, &product->negatives, rows);
    for (uint64_t first = 0; first < rows && result == FATE_OK; first += product->rows)
        result = multiply_rows(product, first, rows - first < product->rows ? rows - first : product->rows);
    if (result == FATE_OK) result = product->vector->key->scheme->subtract(product->products, product->negatives);
    fate_ciphertexts_free(product->negatives);
    memory_free(context, product->index);
    memory_free(context, product->column);
    return result;
}

/* Whether a row's product stays below 2^(plaintext_bits - 1): the sum of the factors' magnitudes is at most 2^room. */
static bool row_fits(const int64_t *row, uint64_t columns, uint32_t room)
{
    uint64_t low = 0, high = 0; /* fewer than 2^32 columns: the sum is below 2^95 */
    for (uint64_t column = 0; column < columns; column++) {
        uint64_t size = magnitude(row[column]);
        low += size;
        high += low < size;
    }
    if (room >= 96) return true;
    if (room >= 64) return high >> (room - 64) == 0 || (high == (uint64_t)1 << (room - 64) && low == 0);
    return high == 0 && (low >> room == 0 || low == (uint64_t)1 << room);
}

static int32_t check_range(const struct scheme_key *key, const int64_t *matrix, uint64_t rows, uint64_t columns, uint32_t value_bits)
{
    if (value_bits >= key->plaintext_bits)
        return context_fail(key->context, FATE_E_RANGE,
                            "fate_ciphertexts_multiply_matrix: plaintexts of %lu bits leave no room below 2^%lu", (unsigned long)value_bits,
                            (unsigned long)key->plaintext_bits - 1);
    for (uint64_t row = 0; row < rows; row++)
        if (!row_fits(matrix + row * columns, columns, key->plaintext_bits - 1 - value_bits))
            return context_fail(key->context, FATE_E_RANGE,
                                "fate_ciphertexts_multiply_matrix: row %llu times plaintexts of %lu bits may reach 2^%lu: use smaller "
                                "factors or a longer key",
                                (unsigned long long)row, (unsigned long)value_bits, (unsigned long)key->plaintext_bits - 1);
    return FATE_OK;
}

static uint32_t longest_factor(const int64_t *matrix, uint64_t count)
{
    uint64_t any = 0;
    for (uint64_t i = 0; i < count; i++) any |= magnitude(matrix[i]);
    return (uint32_t)limbs_bits(&any, 1);
}

int32_t fate_ciphertexts_multiply_matrix(const fate_ciphertexts *vector, fate_ciphertexts **products, const int64_t *matrix, uint64_t rows,
                                         uint32_t value_bits)
{
    static const char function[] = "fate_ciphertexts_multiply_matrix";
    if (products != NULL) *products = NULL;
    if (vector == NULL) return FATE_E_ARGUMENT;
    fate_context *context = vector->key->context;
    const uint64_t columns = vector->count;
    if (products == NULL || (matrix == NULL && rows != 0 && columns != 0))
        return context_fail(context, FATE_E_ARGUMENT, "%s: products and matrix must not be NULL", function);
    if (columns > UINT32_MAX || (columns != 0 && rows > UINT64_MAX / sizeof *matrix / columns))
        return context_fail(context, FATE_E_ARGUMENT, "%s: %llu rows of %llu factors are too many", function, (unsigned long long)rows,
                            (unsigned long long)columns);
    int32_t result = check_range(vector->key, matrix, columns == 0 ? 0 : rows, columns, value_bits);
    struct fate_ciphertexts *made = NULL;
    if (result == FATE_OK) result = ciphertexts_new(vector->key, &made, rows);
    if (result == FATE_OK && rows != 0 && columns != 0) {
        struct matrix_product product = {.vector = vector, .products = made, .matrix = matrix};
        product.plan = matrix_plan_for(columns, longest_factor(matrix, rows * columns));
        product.half = (uint64_t)1 << (product.plan.window - 1);
        product.rows = chunk_of(&product);
        result = multiply(&product);
    }
    if (result == FATE_OK)
        *products = made;
    else
        fate_ciphertexts_free(made);
    return result;
}
