/* The protocols a context knows: checked when registered, found by name and purpose. */
#ifndef SRC_SESSION_REGISTRY_H
#define SRC_SESSION_REGISTRY_H

#include <fate/protocol.h>
#include "lib/memory.h"

/* The registered copy (tables with this library's element sizes), NULL when there is none. purpose 0: any purpose of that name, training first. */
const fate_protocol *registry_find(const fate_context *context, const char *name, int32_t purpose);

/* Index of a role by its name; -1 when there is none. */
int32_t registry_role(const fate_protocol *protocol, const char *name);

#endif
