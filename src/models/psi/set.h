/* A party's ids as a set: the different ids of its table, in bytewise order, and the rows of each. */
#ifndef SRC_MODELS_PSI_SET_H
#define SRC_MODELS_PSI_SET_H

#include <fate/table.h>
#include <stdbool.h>

struct psi_set {
    fate_context *context;
    const fate_table *table;
    uint64_t count;
    uint32_t *first; /* count+1 numbers: rows first[k] up to first[k+1] have id k; NULL: row k has id k */
};

/* The table is borrowed. FATE_E_MEMORY. Free also after an error. */
int32_t psi_set_make(struct psi_set *set, fate_context *context, const fate_table *table);
void psi_set_free(struct psi_set *set);
const uint8_t *psi_set_id(const struct psi_set *set, uint64_t id, uint64_t *length);
/* The first row of an id, and how many rows it has. */
uint32_t psi_set_row(const struct psi_set *set, uint64_t id);
uint32_t psi_set_rows(const struct psi_set *set, uint64_t id);

#endif
