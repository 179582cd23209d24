/* Private set intersection as a protocol: registered under "psi" for the purpose of aligning. */
#ifndef SRC_MODELS_PSI_PROTOCOL_H
#define SRC_MODELS_PSI_PROTOCOL_H

#include <fate/protocol.h>

extern const fate_protocol psi_protocol;

#endif
