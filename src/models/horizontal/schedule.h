/* How the learning rate changes from round to round. */
#ifndef SRC_MODELS_HORIZONTAL_SCHEDULE_H
#define SRC_MODELS_HORIZONTAL_SCHEDULE_H

#include <stdint.h>

enum schedule_kind { SCHEDULE_CONSTANT = 1, SCHEDULE_STEP, SCHEDULE_COSINE, SCHEDULE_INVERSE };

struct schedule {
    int32_t kind;    /* enum schedule_kind */
    double rate;     /* of round 0 */
    uint32_t rounds; /* STEP: after so many the rate is multiplied by factor, again and again; COSINE: all rounds */
    double factor;   /* STEP: see above; COSINE: the last round's rate divided by the first's; INVERSE: rate / (1 + factor round) */
};

/* The learning rate of a round, from 0. The same bits on every machine. */
double schedule_rate(const struct schedule *schedule, uint32_t round);

const char *schedule_name(int32_t kind);
int32_t schedule_find(const char *name); /* 0 when unknown */

#endif
