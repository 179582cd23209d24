/* Doubles as integers: the number nearest to x * 2^scale_bits, below 2^62 in size. */
#ifndef CRYPTO_FIXED_POINT_H
#define CRYPTO_FIXED_POINT_H

#include "lib/context.h"

/* FATE_E_RANGE unless all numbers times 2^scale_bits are below bound in size. Looks at all of them, so that time tells nothing. */
int32_t fixed_point_check(fate_context *context, const double *numbers, uint64_t count, uint32_t scale_bits, double bound);

/* The integer nearest to number * 2^scale_bits, which is below 2^62 in size, halves away from zero. Constant time. */
int64_t fixed_point_nearest(double number, uint32_t scale_bits);

#endif
