/* Sums over columns; see columns.h. */
#include "src/models/rounds/columns.h"

#include <math.h>

bool columns_magnitudes(int64_t *counts, const double *values, uint64_t rows)
{
    bool fits = true;
    for (uint64_t row = 0; row < rows; row++) {
        int exponent = 0;
        if (isnan(values[row])) continue;
        (void)frexp(values[row], &exponent); /* from 2^(exponent - 1) to below 2^exponent */
        if (isinf(values[row]) || exponent > 128) {
            fits = false;
            continue;
        }
        counts[values[row] == 0 || exponent < -127 ? 0 : exponent + 128]++;
    }
    return fits;
}

int64_t columns_count(const int64_t *counts, int32_t *exponent)
{
    int64_t count = 0;
    *exponent = -127;
    for (int32_t magnitude = 0; magnitude < MAGNITUDES; magnitude++) {
        count += counts[magnitude];
        if (counts[magnitude] > 0 && magnitude > 0) *exponent = magnitude - 128;
    }
    return count;
}

double columns_sum(const double *values, uint64_t rows, int32_t exponent)
{
    double sum = 0;
    for (uint64_t row = 0; row < rows; row++)
        if (!isnan(values[row])) sum += ldexp(values[row], -exponent);
    return sum;
}

double columns_spread(const double *values, uint64_t rows, int32_t exponent, double mean)
{
    double sum = 0;
    for (uint64_t row = 0; row < rows; row++) {
        double distance = ldexp(values[row] - mean, -exponent);
        if (!isnan(values[row])) sum += distance * distance;
    }
    return sum;
}
