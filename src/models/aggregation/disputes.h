/* False shares: a holder has revealed another share than its owner's secret has there. Either the holder lies, or the owner had sealed a false one
 * for it; the aggregator sees neither letter. Who is in most disputes is to blame; where two are in as many, both are. */
#ifndef SRC_MODELS_AGGREGATION_DISPUTES_H
#define SRC_MODELS_AGGREGATION_DISPUTES_H

#include "lib/bytes.h"

struct disputes {
    struct buffer pairs; /* owner, holder: 4 bytes each */
};

void disputes_init(struct disputes *disputes, fate_context *context);
void disputes_free(struct disputes *disputes);
/* Without memory: pairs.failed. */
void disputes_add(struct disputes *disputes, uint32_t owner, uint32_t holder);
uint32_t disputes_count(const struct disputes *disputes);
/* How many a party is in. */
uint32_t disputes_of(const struct disputes *disputes, uint32_t party);

/* Takes out the party that is in most disputes, and all of these. FATE_EMPTY: there are none any more. other: one with whom it was in dispute; even:
 * that one was in as many, and is to blame as well; it is then taken out, too. */
int32_t disputes_settle(struct disputes *disputes, uint32_t *party, uint32_t *other, bool *even);

#endif
