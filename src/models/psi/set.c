/* A party's ids as a set; see set.h. Equal ids stand together in a finished table. */
#include "src/models/psi/set.h"

#include <string.h>

#include "lib/memory.h"

static bool same_id(const fate_table *table, uint64_t one, uint64_t other)
{
    uint64_t length, other_length;
    const uint8_t *id = fate_table_row_id(table, one, &length), *other_id = fate_table_row_id(table, other, &other_length);
    return length == other_length && memcmp(id, other_id, (size_t)length) == 0;
}

int32_t psi_set_make(struct psi_set *set, fate_context *context, const fate_table *table)
{
    uint64_t rows = fate_table_rows(table), different = rows > 0;
    memset(set, 0, sizeof *set);
    set->context = context;
    set->table = table;
    for (uint64_t row = 1; row < rows; row++) different += !same_id(table, row - 1, row);
    set->count = different;
    if (different == rows) return FATE_OK;
    set->first = memory_allocate(context, different + 1, sizeof *set->first);
    if (set->first == NULL) return context_out_of_memory(context);
    uint64_t id = 0;
    for (uint64_t row = 0; row < rows; row++)
        if (row == 0 || !same_id(table, row - 1, row)) set->first[id++] = (uint32_t)row;
    set->first[id] = (uint32_t)rows;
    return FATE_OK;
}

void psi_set_free(struct psi_set *set)
{
    memory_free(set->context, set->first);
    set->first = NULL;
}

const uint8_t *psi_set_id(const struct psi_set *set, uint64_t id, uint64_t *length)
{
    return fate_table_row_id(set->table, psi_set_row(set, id), length);
}

uint32_t psi_set_row(const struct psi_set *set, uint64_t id)
{
    return set->first == NULL ? (uint32_t)id : set->first[id];
}

uint32_t psi_set_rows(const struct psi_set *set, uint64_t id)
{
    return set->first == NULL ? 1 : set->first[id + 1] - set->first[id];
}
