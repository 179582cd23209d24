/* Numbers modulo n^2 as a group (src/crypto/group.h): pairs, in the rows of a kernel (src/crypto/kernel.h) or one by one (src/crypto/pair.h).
 * It has no plain numbers: take, enter, leave and select_row are NULL, one_lane too, and words is 0. */
#ifndef CRYPTO_PAIR_GROUP_H
#define CRYPTO_PAIR_GROUP_H

#include "src/crypto/group.h"
#include "src/crypto/kernel.h"

/* lanes: of the same modulus, or NULL. Both must outlive the group. */
void pair_group_make(struct group *group, const struct pair_ring *ring, const struct kernel_ring *lanes);

#endif
