/* Which of a level's splits are made when a tree may have so many leaves alone. */
#ifndef SRC_MODELS_BOOSTING_LEAVES_H
#define SRC_MODELS_BOOSTING_LEAVES_H

#include "lib/memory.h"

/* How many more splits a tree of `nodes` nodes may have; UINT32_MAX when max_leaves is 0. */
uint32_t leaves_room(uint32_t max_leaves, uint32_t nodes);

/* Of count nodes, those with split[i] != 0 could be split with gains[i]: keeps the `room` with the greatest gains, of equal ones the first, and
 * sets split of the others to 0. FATE_E_MEMORY. */
int32_t leaves_limit(fate_context *context, uint8_t *split, const double *gains, uint32_t count, uint32_t room);

#endif
