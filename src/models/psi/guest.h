/* The guest: joins what it has in common with each host, decides the common order, and tells each host its own rows in it. */
#ifndef SRC_MODELS_PSI_GUEST_H
#define SRC_MODELS_PSI_GUEST_H

#include "src/models/psi/party.h"

int32_t guest_hear_common(fate_turn *turn, void *state);
int32_t guest_take_matches(fate_turn *turn, void *state);
int32_t guest_join(fate_turn *turn, void *state);
int32_t guest_send_rows(fate_turn *turn, void *state);

#endif
