/* Neighbours that clients choose themselves: the sparse graph against an aggregator that lies (Bell et al., CCS 2020, section 4). Each client draws
 * those who hold shares of its secrets from all clients of the job, by randomness of its own, and tells them after. So neither the
 * aggregator nor anybody who works with it has a say in who holds an honest client's secrets, and whoever does not come
 * counts as one who vanished. */
#ifndef SRC_MODELS_AGGREGATION_CHOICE_H
#define SRC_MODELS_AGGREGATION_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

/* A client is one of its own holders: with it there are no more than sharing.h allows. CHOICE_TIMES: a client whom more than so many times the
 * number chosen have chosen keeps the first of them. CHOICE_ROOM: neighbours of a client in either direction. */
enum { CHOICE_MOST = 254, CHOICE_TIMES = 3, CHOICE_ROOM = (CHOICE_TIMES + 1) * CHOICE_MOST, CHOICE_SEED = 32 };

/* How many neighbours each of the job's clients chooses, and the threshold among its holders (the chosen ones and itself), when up to the fraction
 * corrupt work with the aggregator and up to the fraction dropout are not there. Of a round with K holders each, but for a chance of 2^-40:
 *
 *  - among no honest client's holders are so many corrupt ones, x, that 2 threshold <= K + x: so nobody gets both of its secrets, and so many
 *    holders who say that they reveal the one are enough to know that nobody gets the other;
 *  - there is no set of at most half of all honest clients of which each has a threshold of holders in the set or corrupt: so what comes of
 *    a round is one sum, over more than half of all honest clients, or none (ARCHITECTURE, "Secure aggregation", has the proof);
 *
 * and but for 2^-30 the threshold is no more than those who stay. threshold is at least floor(least * K) + 1. false: no number up to
 * CHOICE_MOST does. */
bool choice_plan(uint32_t clients, double corrupt, double dropout, double least, uint32_t *chosen, uint32_t *threshold);

/* Draws so many different numbers below count, in ascending order, none of which is own: chosen < count. seed: CHOICE_SEED bytes. */
void choice_draw(uint32_t *numbers, uint32_t chosen, uint32_t count, uint32_t own, const uint8_t *seed);

#endif
