/* Who shares secrets with whom in a round of secure aggregation: everybody with everybody (Bonawitz et al., CCS 2017), or, with many parties,
 * each with those next to it on a circle in random order (Bell et al., CCS 2020, section 3: Harary graph). The aggregator draws the circle, so this is
 * for one that follows the protocol; for others see choice.h. */
#ifndef SRC_MODELS_AGGREGATION_NEIGHBOURS_H
#define SRC_MODELS_AGGREGATION_NEIGHBOURS_H

#include <stdbool.h>
#include <stdint.h>

#include "src/models/aggregation/choice.h"

/* A party is its own holder too, so that with all of 128 there are no more holders than sharing.h allows. */
enum { NEIGHBOURS_ALL = 128, NEIGHBOURS_MOST = 254, NEIGHBOURS_ROOM = CHOICE_ROOM, NEIGHBOURS_SEED = 32 };

/* How many neighbours each of count parties needs when up to the fraction corrupt works with the aggregator and up to the fraction dropout
 * vanishes: count - 1 up to NEIGHBOURS_ALL parties, else an even number such that, but for a chance of 2^-40 over all parties, the threshold
 * is more than the corrupt ones among anybody's holders and those who stay are connected without the corrupt, and, but for 2^-30, is no more than
 * those who stay. threshold: out, of the holders (neighbours and the party itself); at least floor(least * holders) + 1. false: no number does. */
bool neighbours_plan(uint32_t count, double corrupt, double dropout, double least, uint32_t *neighbours, uint32_t *threshold);

/* order[i]: which of count parties is at place i of the circle. Follows from the seed. */
void neighbours_order(uint32_t *order, uint32_t count, const uint8_t *seed);

/* Whether the parties at two places of the circle are neighbours. */
bool neighbours_are(uint32_t count, uint32_t neighbours, uint32_t one, uint32_t other);

#endif
