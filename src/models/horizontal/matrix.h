/* Products of dense matrices of floats, row after row, and the sums and products of vectors that training is made of. Nothing here depends on
 * the number of threads. */
#ifndef SRC_MODELS_HORIZONTAL_MATRIX_H
#define SRC_MODELS_HORIZONTAL_MATRIX_H

#include <stdbool.h>
#include <stdint.h>

/* Vectors are worked on in blocks of so many numbers, which compilers turn into wide instructions. */
enum { MATRIX_LANES = 16 };

/* c (rows x columns) = a b, with `inner` numbers in each sum. portable: by loops of this library, whose bits are the same everywhere; else by BLAS,
 * if this build has one: the bits are then the same for one BLAS on one type of processor. c is none of a and b.
 * matrix_product: a is rows x inner, b is inner x columns. */
void matrix_product(float *c, const float *a, const float *b, uint32_t rows, uint32_t columns, uint32_t inner, bool portable);
/* a is inner x rows: c = a^T b. */
void matrix_product_left(float *c, const float *a, const float *b, uint32_t rows, uint32_t columns, uint32_t inner, bool portable);
/* b is columns x inner: c = a b^T. */
void matrix_product_right(float *c, const float *a, const float *b, uint32_t rows, uint32_t columns, uint32_t inner, bool portable);

/* Sums in a fixed order. */
float matrix_dot(const float *a, const float *b, uint64_t count);
float matrix_sum(const float *a, uint64_t count);
/* y += factor x; y is not x. */
void matrix_add(float *restrict y, float factor, const float *restrict x, uint64_t count);
/* out[i] = a[i] * b[i]; out may be a or b. */
void matrix_times(float *out, const float *a, const float *b, uint64_t count);

#endif
