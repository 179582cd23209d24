/* A matrix of signed integers times a vector of ciphertexts, by buckets: over the functions of any scheme's table. */
#ifndef CRYPTO_MATRIX_H
#define CRYPTO_MATRIX_H

#include "src/crypto/scheme.h"

/* How a product with `columns` columns and factors of so many bits is computed: digits of `window` bits, between -2^(window-1) and
 * 2^(window-1), `windows` of them, so that all factors below 2^bits have them. */
struct matrix_plan {
    uint32_t window;
    uint32_t windows;
};
struct matrix_plan matrix_plan_for(uint64_t columns, uint32_t bits);

/* digits[w], windows of them: factor = the sum of digits[w] * 2^(w*window). */
void matrix_digits(const struct matrix_plan *plan, int32_t *digits, int64_t factor);

#endif
