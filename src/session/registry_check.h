/* Whether the tables of a protocol are consistent. */
#ifndef SRC_SESSION_REGISTRY_CHECK_H
#define SRC_SESSION_REGISTRY_CHECK_H

#include <fate/protocol.h>

/* Checks a protocol whose tables have this library's element sizes and at most REGISTRY_... elements. FATE_OK; FATE_E_ARGUMENT with
 * the place in the sentence; FATE_E_MEMORY. */
int32_t registry_check(fate_context *context, const fate_protocol *protocol);

#endif
