/* A place for tables that are made when they are first needed, and then kept. Several threads may look at the same time. */
#ifndef CRYPTO_SLOT_H
#define CRYPTO_SLOT_H

#include "lib/memory.h"

struct slot;

/* FATE_E_MEMORY. The tables must be freed before the slot. */
int32_t slot_new(struct slot **slot, fate_context *context);
void slot_free(struct slot *slot, fate_context *context);

/* NULL: nobody needed them yet, or there is no slot. */
void *slot_look(struct slot *slot);
/* What the slot keeps from now on: `made`, or the equal tables of another thread that was faster; then the caller frees its own. */
void *slot_keep(struct slot *slot, void *made);
/* Counts what is taken from the tables: so much more. Gives what that comes to. */
uint64_t slot_use(struct slot *slot, uint64_t more);

#endif
