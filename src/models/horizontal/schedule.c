/* Learning rates by rounds. */
#include "src/models/horizontal/schedule.h"

#include <string.h>

static const char *const names[] = {NULL, "constant", "step", "cosine", "inverse"};
enum { KINDS = sizeof names / sizeof *names };

const char *schedule_name(int32_t kind)
{
    return kind > 0 && kind < KINDS ? names[kind] : NULL;
}

int32_t schedule_find(const char *name)
{
    for (int32_t kind = 1; kind < KINDS; kind++)
        if (strcmp(names[kind], name) == 0) return kind;
    return 0;
}

/* (1 + cos(pi t)) / 2 for t from 0 to 1, by the sine's Taylor series between -pi/2 and pi/2: the C library's cosine differs between machines. */
static double half_wave(double t)
{
    double x = 3.14159265358979323846 * (0.5 - t), square = x * x, term = x, sine = x;
    for (uint32_t k = 2; k <= 20; k += 2) {
        term *= -square / (double)(k * (k + 1));
        sine += term;
    }
    return 0.5 + 0.5 * sine;
}

double schedule_rate(const struct schedule *schedule, uint32_t round)
{
    double rate = schedule->rate;
    switch (schedule->kind) {
    case SCHEDULE_STEP:
        for (uint64_t i = schedule->rounds; i <= round && i > 0 && rate > 0; i += schedule->rounds) rate *= schedule->factor;
        return rate;
    case SCHEDULE_COSINE: {
        double t = schedule->rounds > 1 ? (double)round / (double)(schedule->rounds - 1) : 0.0;
        return rate * (schedule->factor + (1.0 - schedule->factor) * half_wave(t < 1.0 ? t : 1.0));
    }
    case SCHEDULE_INVERSE: return rate / (1.0 + schedule->factor * (double)round);
    default: return rate;
    }
}
