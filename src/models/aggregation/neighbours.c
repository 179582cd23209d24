/* The graph of secure aggregation; see neighbours.h. */
#include "src/models/aggregation/neighbours.h"

#include "lib/mathematics.h"
#include "lib/random.h"
#include "src/models/aggregation/chance.h"

static uint32_t part(uint32_t count, double fraction)
{
    return (uint32_t)((double)count * fraction);
}

/* The least threshold that the corrupt among somebody's neighbours do not reach but for 2^-40 over all. */
static uint32_t safe_threshold(uint32_t count, double corrupt, uint32_t neighbours, uint32_t least)
{
    for (uint32_t threshold = least; threshold <= neighbours + 1; threshold++) {
        double chance = (double)count * chance_between(count - 1, part(count, corrupt), neighbours, threshold, neighbours);
        if (chance <= chance_bits(40)) return threshold;
    }
    return neighbours + 2;
}

/* Those who stay fall apart only where neighbours/2 parties in a row on the circle are corrupt or gone. */
static bool stays_connected(uint32_t count, double corrupt, double dropout, uint32_t neighbours)
{
    double lost = corrupt + dropout;
    if (lost <= 0) return true;
    return mathematics_log((double)count) + (double)(neighbours / 2) * mathematics_log(lost) <= mathematics_log(chance_bits(40));
}

bool neighbours_plan(uint32_t count, double corrupt, double dropout, double least, uint32_t *neighbours, uint32_t *threshold)
{
    *neighbours = count - 1;
    *threshold = part(count, least) + 1;
    if (count <= NEIGHBOURS_ALL) return true;
    for (*neighbours = 16; *neighbours <= NEIGHBOURS_MOST; *neighbours += 2) {
        uint32_t holders = *neighbours + 1;
        if (!stays_connected(count, corrupt, dropout, *neighbours)) continue;
        *threshold = safe_threshold(count, corrupt, *neighbours, part(holders, least) + 1);
        if (*threshold > holders) continue;
        uint32_t staying = count - 1 - part(count, dropout);
        /* The party itself is one holder more. */
        double too_few = *threshold < 2 ? 0 : chance_between(count - 1, staying, *neighbours, 0, *threshold - 2);
        if ((double)count * too_few <= chance_bits(30)) return true;
    }
    return false;
}

void neighbours_order(uint32_t *order, uint32_t count, const uint8_t *seed)
{
    struct random_stream random;
    random_stream_init(&random, seed, 0);
    for (uint32_t i = 0; i < count; i++) order[i] = i;
    for (uint32_t i = count; i > 1; i--) {
        uint32_t other = (uint32_t)random_stream_below(&random, i), moved = order[i - 1];
        order[i - 1] = order[other];
        order[other] = moved;
    }
}

bool neighbours_are(uint32_t count, uint32_t neighbours, uint32_t one, uint32_t other)
{
    uint32_t apart = one > other ? one - other : other - one;
    if (apart == 0) return false;
    if (neighbours + 1 >= count) return true;
    return apart <= neighbours / 2 || count - apart <= neighbours / 2;
}
