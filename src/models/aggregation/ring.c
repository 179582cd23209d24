/* Fixed-point numbers; see ring.h. */
#include "src/models/aggregation/ring.h"

#include <math.h>

#include "lib/bytes.h"

int32_t ring_fraction(double bound, uint32_t clients, uint32_t width, int32_t least)
{
    double half = ldexp(1.0, (int)(8 * width - 1)) - 1.0;
    int32_t bits = 52;
    while (bits >= least && !((double)clients * (ldexp(bound, bits) + 1.0) < half)) bits--;
    return bits;
}

int64_t ring_round(double value, int32_t fraction)
{
    return (int64_t)rint(ldexp(value, fraction));
}

double ring_number(int64_t sum, int32_t fraction)
{
    return ldexp((double)sum, -fraction);
}

void ring_put(uint8_t *values, uint64_t at, int64_t number, uint32_t width)
{
    if (width == 4)
        bytes_store_u32(values + 4 * at, (uint32_t)(uint64_t)number);
    else
        bytes_store_u64(values + 8 * at, (uint64_t)number);
}

int64_t ring_get(const uint8_t *values, uint64_t at, uint32_t width)
{
    return width == 4 ? (int64_t)(int32_t)bytes_load_u32(values + 4 * at) : (int64_t)bytes_load_u64(values + 8 * at);
}
