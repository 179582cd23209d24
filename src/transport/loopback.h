/* Transports that are joined to each other within one process; see fate_loopback_new. */
#ifndef SRC_TRANSPORT_LOOPBACK_H
#define SRC_TRANSPORT_LOOPBACK_H

#include "src/transport/transport.h"

/* Bytes that may wait on their way from one party to another; a frame that finds the way empty is always taken. */
enum { LOOPBACK_WINDOW = 4 * 1048576, LOOPBACK_PARTIES = 1024 };

#endif
