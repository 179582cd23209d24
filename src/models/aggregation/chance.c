/* Chances of draws without replacement; see chance.h. */
#include "src/models/aggregation/chance.h"

#include "lib/mathematics.h"

static const double log_two = 0.69314718055994530942;

double chance_log_choose(uint32_t n, uint32_t k)
{
    double sum = 0;
    if (k > n) return -1e30;
    if (k > n - k) k = n - k;
    for (uint32_t i = 1; i <= k; i++) sum += mathematics_log((double)(n - k + i) / (double)i);
    return sum;
}

double chance_between(uint32_t total, uint32_t marked, uint32_t draws, uint32_t low, uint32_t high)
{
    double sum = 0;
    if (marked > total || draws > total) return 0;
    uint32_t plain = total - marked, least = draws > plain ? draws - plain : 0, most = draws < marked ? draws : marked;
    if (low < least) low = least;
    if (high > most) high = most;
    if (low > high) return 0;
    double term = chance_log_choose(marked, low) + chance_log_choose(plain, draws - low) - chance_log_choose(total, draws);
    for (uint32_t hits = low;; hits++) {
        sum += mathematics_exp(term);
        if (hits == high) return sum;
        term +=
            mathematics_log((double)(marked - hits) * (double)(draws - hits) / ((double)(hits + 1) * (double)(plain - draws + hits + 1)));
    }
}

double chance_bits(uint32_t bits)
{
    return mathematics_exp(-(double)bits * log_two);
}
