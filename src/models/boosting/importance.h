/* How much each column brought: sums over the splits that use it. */
#ifndef SRC_MODELS_BOOSTING_IMPORTANCE_H
#define SRC_MODELS_BOOSTING_IMPORTANCE_H

#include "src/models/boosting/model.h"

struct importance {
    uint32_t party;  /* number in the job */
    uint32_t column; /* number in that party's model */
    uint64_t splits;
    double gain, cover;
};

/* Of all columns that the guest's model uses, greatest gain first, then in the order of parties and columns. guest_party: the guest's own number.
 * items: out, *count of them; freed with memory_free. FATE_E_MEMORY. */
int32_t importance_make(const struct boosting_model *guest, uint32_t guest_party, struct importance **items, uint32_t *count);

#endif
