/* Fixed-point numbers without a branch on a value. */
#include "src/crypto/fixed_point.h"
#include <math.h>

int32_t fixed_point_check(fate_context *context, const double *numbers, uint64_t count, uint32_t scale_bits, double bound)
{
    double scale = ldexp(1, (int)scale_bits);
    bool outside = false;
    for (uint64_t i = 0; i < count; i++) outside |= !(fabs(numbers[i] * scale) < bound);
    if (!outside) return FATE_OK;
    return context_fail(context, FATE_E_RANGE, "a number times 2^%lu is not below 2^62: choose a smaller scale", (unsigned long)scale_bits);
}

/* The library's round() may branch. */
int64_t fixed_point_nearest(double number, uint32_t scale_bits)
{
    double scaled = number * ldexp(1, (int)scale_bits);
    int64_t whole = (int64_t)scaled;
    double rest = scaled - (double)whole; /* exact */
    return whole + (rest >= 0.5) - (rest <= -0.5);
}
