/* Neighbours that clients choose; see choice.h. */
#include "src/models/aggregation/choice.h"

#include <stdlib.h>

#include "lib/mathematics.h"
#include "lib/random.h"
#include "src/models/aggregation/chance.h"

static uint32_t part(uint32_t count, double fraction)
{
    return (uint32_t)((double)count * fraction);
}

/* Whether, but for 2^-41, every set of honest clients that has a threshold of each one's holders in it or corrupt is more than half of them. For a
 * set of s: its members' draws do not depend on each other. Sizes are taken in groups, with each group's largest chance. */
static bool sets_are_large(uint32_t clients, uint32_t corrupt, uint32_t chosen, uint32_t threshold)
{
    uint32_t honest = clients - corrupt, most = honest / 2;
    double sum = 0, sets = 0; /* log of how many sets there are */
    for (uint32_t low = 1, high; low <= most; low = high + 1) {
        high = low + low / 64 < most ? low + low / 64 : most;
        for (uint32_t size = low; size <= high; size++) sets += mathematics_log((double)(honest - size + 1) / (double)size);
        double each = chance_between(clients - 1, corrupt + high - 1, chosen, threshold - 1, chosen);
        if (each <= 0) continue;
        double term = sets + (double)low * mathematics_log(each) + mathematics_log((double)(high - low + 1));
        sum += term < 0 ? mathematics_exp(term) : 1;
        if (sum > chance_bits(41)) return false;
    }
    return true;
}

/* Whether, but for 2^-30, each client has a threshold of holders who stay; it is one of them itself. */
static bool is_reached(uint32_t clients, double dropout, uint32_t chosen, uint32_t threshold)
{
    uint32_t staying = clients - 1 - part(clients, dropout);
    return (double)clients * chance_between(clients - 1, staying, chosen, 0, threshold - 2) <= chance_bits(30);
}

bool choice_plan(uint32_t clients, double corrupt, double dropout, double least, uint32_t *chosen, uint32_t *threshold)
{
    uint32_t bad = part(clients, corrupt), worst = 0;
    for (*chosen = 16; *chosen <= CHOICE_MOST && *chosen < clients; *chosen += 2) {
        uint32_t holders = *chosen + 1;
        while (worst < *chosen && (double)clients * chance_between(clients - 1, bad, *chosen, worst + 1, *chosen) > chance_bits(41))
            worst++;
        *threshold = part(holders, least) + 1;
        if (2 * *threshold <= holders + worst) *threshold = (holders + worst) / 2 + 1;
        for (; *threshold <= holders && is_reached(clients, dropout, *chosen, *threshold); ++*threshold)
            if (sets_are_large(clients, bad, *chosen, *threshold)) return true;
    }
    return false;
}

static int compare(const void *one, const void *other)
{
    uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
    return a < b ? -1 : a > b;
}

static bool among(const uint32_t *numbers, uint32_t count, uint32_t number)
{
    for (uint32_t i = 0; i < count; i++)
        if (numbers[i] == number) return true;
    return false;
}

/* Floyd's sample of the others, numbered without own. */
void choice_draw(uint32_t *numbers, uint32_t chosen, uint32_t count, uint32_t own, const uint8_t *seed)
{
    struct random_stream random;
    uint32_t others = count - 1;
    random_stream_init(&random, seed, 0);
    for (uint32_t i = 0; i < chosen; i++) {
        uint32_t last = others - chosen + i, drawn = (uint32_t)random_stream_below(&random, (uint64_t)last + 1);
        numbers[i] = among(numbers, i, drawn) ? last : drawn;
    }
    random_stream_wipe(&random);
    for (uint32_t i = 0; i < chosen; i++) numbers[i] += numbers[i] >= own;
    qsort(numbers, chosen, sizeof *numbers, compare);
}
