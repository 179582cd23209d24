/* Where sorted numbers are cut into bins: the quantiles of binning.h. */
#ifndef SRC_DATA_BINNING_CUTS_H
#define SRC_DATA_BINNING_CUTS_H

#include "lib/memory.h"

/* Bins of ascending values: each from first to last, both included. count is at least 1, also without any value. */
struct binning_cuts {
    fate_context *context;
    double *first;
    double *last;
    uint64_t *rows;
    uint32_t count;
};

/* keys: those of order.h, count of them, ascending. At most `most` bins (1 to 65535), none below `smallest` rows unless it is the only
 * one. false: out of memory. */
bool binning_cut(fate_context *context, struct binning_cuts *cuts, const uint64_t *keys, uint64_t count, uint32_t most, uint64_t smallest);
void binning_cuts_free(struct binning_cuts *cuts);

#endif
