/* Places for tables: the first that are put there stay. */
#include "src/crypto/slot.h"
#include <stdatomic.h>

struct slot {
    _Atomic(void *) tables;
    _Atomic uint64_t uses;
};

int32_t slot_new(struct slot **slot, fate_context *context)
{
    *slot = memory_zeroed(context, 1, sizeof **slot);
    if (*slot == NULL) return context_out_of_memory(context);
    atomic_init(&(*slot)->tables, NULL);
    atomic_init(&(*slot)->uses, 0);
    return FATE_OK;
}

void slot_free(struct slot *slot, fate_context *context)
{
    memory_free(context, slot);
}

void *slot_look(struct slot *slot)
{
    return slot == NULL ? NULL : atomic_load(&slot->tables);
}

void *slot_keep(struct slot *slot, void *made)
{
    void *there = NULL;
    return atomic_compare_exchange_strong(&slot->tables, &there, made) ? made : there;
}

uint64_t slot_use(struct slot *slot, uint64_t more)
{
    return atomic_fetch_add(&slot->uses, more) + more;
}
