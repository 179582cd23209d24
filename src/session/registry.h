/* The protocols a context knows: checked when registered, found by name and purpose. */
#ifndef SRC_SESSION_REGISTRY_H
#define SRC_SESSION_REGISTRY_H

#include <fate/protocol.h>
#include "lib/memory.h"

/* Largest tables and longest names that can be registered; REGISTRY_MESSAGE bytes is the default of a message's limit. */
enum {
    REGISTRY_ROLES = 16,
    REGISTRY_STEPS = 256,
    REGISTRY_MESSAGES = 256,
    REGISTRY_PARAMETERS = 128,
    REGISTRY_NAME = 64,
    REGISTRY_MESSAGE = 67108864
};

/* The registered copy (tables with this library's element sizes), NULL when there is none. purpose 0: any purpose of that name, training
 * first. */
const fate_protocol *registry_find(const fate_context *context, const char *name, int32_t purpose);

/* "train", "predict", "align"; "?" for what is no purpose. */
const char *registry_purpose(uint32_t purpose);

/* Index of a role by its name; -1 when there is none. */
int32_t registry_role(const fate_protocol *protocol, const char *name);

#endif
