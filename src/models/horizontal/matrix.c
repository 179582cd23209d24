/* Products of matrices: by BLAS in calls of so few products that none of them is shared between threads, or by loops in a fixed order. */
#include "src/models/horizontal/matrix.h"

#include <string.h>

#ifdef FATE_BLAS
#include <cblas.h>
#endif

/* Lanes are added up in pairs. */
static float add_lanes(float *lanes)
{
    for (uint32_t width = MATRIX_LANES / 2; width > 0; width /= 2)
        for (uint32_t i = 0; i < width; i++) lanes[i] += lanes[i + width];
    return lanes[0];
}

float matrix_dot(const float *a, const float *b, uint64_t count)
{
    float lanes[MATRIX_LANES] = {0};
    uint64_t i = 0;
    for (; i + MATRIX_LANES <= count; i += MATRIX_LANES)
        for (uint32_t lane = 0; lane < MATRIX_LANES; lane++) lanes[lane] += a[i + lane] * b[i + lane];
    for (uint32_t lane = 0; i + lane < count; lane++) lanes[lane] += a[i + lane] * b[i + lane];
    return add_lanes(lanes);
}

float matrix_sum(const float *a, uint64_t count)
{
    float lanes[MATRIX_LANES] = {0};
    uint64_t i = 0;
    for (; i + MATRIX_LANES <= count; i += MATRIX_LANES)
        for (uint32_t lane = 0; lane < MATRIX_LANES; lane++) lanes[lane] += a[i + lane];
    for (uint32_t lane = 0; i + lane < count; lane++) lanes[lane] += a[i + lane];
    return add_lanes(lanes);
}

void matrix_add(float *restrict y, float factor, const float *restrict x, uint64_t count)
{
    uint64_t i = 0;
    for (; i + MATRIX_LANES <= count; i += MATRIX_LANES)
        for (uint32_t lane = 0; lane < MATRIX_LANES; lane++) y[i + lane] += factor * x[i + lane];
    for (; i < count; i++) y[i] += factor * x[i];
}

void matrix_times(float *out, const float *a, const float *b, uint64_t count)
{
    uint64_t i = 0;
    for (; i + MATRIX_LANES <= count; i += MATRIX_LANES) {
        float block[MATRIX_LANES];
        for (uint32_t lane = 0; lane < MATRIX_LANES; lane++) block[lane] = a[i + lane] * b[i + lane];
        memcpy(out + i, block, sizeof block);
    }
    for (; i < count; i++) out[i] = a[i] * b[i];
}

/* A matrix, transposed or not: its rows are `row` numbers apart, its columns `column`; one of them is 1. */
struct operand {
    const float *at;
    uint64_t row, column;
};

/* c = a b with any layouts. Where b's rows lie together, multiples of them are added to rows of c; where its columns do, each number is a dot
 * product. */
static void loops(float *c, struct operand a, struct operand b, uint32_t rows, uint32_t columns, uint32_t inner)
{
    memset(c, 0, (size_t)rows * columns * sizeof *c);
    if (columns == 1 && a.row == 1) { /* c is one column: multiples of a's columns */
        for (uint64_t k = 0; k < inner; k++) matrix_add(c, b.at[k * b.row], a.at + k * a.column, rows);
    } else if (a.column == 1 && b.row == 1) {
        for (uint64_t i = 0; i < rows; i++)
            for (uint64_t j = 0; j < columns; j++) c[i * columns + j] = matrix_dot(a.at + i * a.row, b.at + j * b.column, inner);
    } else {
        for (uint64_t k = 0; k < inner; k++)
            for (uint64_t i = 0; i < rows; i++) matrix_add(c + i * columns, a.at[i * a.row + k * a.column], b.at + k * b.row, columns);
    }
}

#ifdef FATE_BLAS
/* OpenBLAS shares a call between threads when it has more than 2^18 products, and how it does so decides the order of sums. */
enum { BLOCK = 64 };

static uint32_t least(uint32_t left)
{
    return left < BLOCK ? left : BLOCK;
}

static void blocks(float *c, struct operand a, struct operand b, uint32_t rows, uint32_t columns, uint32_t inner)
{
    enum CBLAS_TRANSPOSE left = a.column == 1 ? CblasNoTrans : CblasTrans, right = b.column == 1 ? CblasNoTrans : CblasTrans;
    int a_step = (int)(a.column == 1 ? a.row : a.column), b_step = (int)(b.column == 1 ? b.row : b.column);
    for (uint32_t i = 0; i < rows; i += BLOCK)
        for (uint32_t j = 0; j < columns; j += BLOCK)
            for (uint32_t k = 0; k < inner; k += BLOCK)
                cblas_sgemm(CblasRowMajor, left, right, (int)least(rows - i), (int)least(columns - j), (int)least(inner - k), 1.0f,
                            a.at + i * a.row + k * a.column, a_step, b.at + k * b.row + j * b.column, b_step, k == 0 ? 0.0f : 1.0f,
                            c + (uint64_t)i * columns + j, (int)columns);
}
#endif

static void product(float *c, struct operand a, struct operand b, uint32_t rows, uint32_t columns, uint32_t inner, bool portable)
{
#ifdef FATE_BLAS
    /* A product with a vector is bound by memory, and some versions share it between threads in another way. */
    if (!portable && rows > 1 && columns > 1 && inner > 1) {
        blocks(c, a, b, rows, columns, inner);
        return;
    }
#endif
    (void)portable;
    loops(c, a, b, rows, columns, inner);
}

void matrix_product(float *c, const float *a, const float *b, uint32_t rows, uint32_t columns, uint32_t inner, bool portable)
{
    product(c, (struct operand){a, inner, 1}, (struct operand){b, columns, 1}, rows, columns, inner, portable);
}

void matrix_product_left(float *c, const float *a, const float *b, uint32_t rows, uint32_t columns, uint32_t inner, bool portable)
{
    product(c, (struct operand){a, 1, rows}, (struct operand){b, columns, 1}, rows, columns, inner, portable);
}

void matrix_product_right(float *c, const float *a, const float *b, uint32_t rows, uint32_t columns, uint32_t inner, bool portable)
{
    product(c, (struct operand){a, inner, 1}, (struct operand){b, 1, inner}, rows, columns, inner, portable);
}
