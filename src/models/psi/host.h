/* A host: tells the guest which of the guest's ids are common, and hears from it which of its own rows stand in the common order. */
#ifndef SRC_MODELS_PSI_HOST_H
#define SRC_MODELS_PSI_HOST_H

#include "src/models/psi/party.h"

int32_t host_hear_common(fate_turn *turn, void *state);
int32_t host_tell_matches(fate_turn *turn, void *state);
int32_t host_hear_result(fate_turn *turn, void *state);
int32_t host_take_rows(fate_turn *turn, void *state);

#endif
