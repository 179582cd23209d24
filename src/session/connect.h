/* A TCP transport for one party of a job; see fate_tcp_for_job. */
#ifndef SRC_SESSION_CONNECT_H
#define SRC_SESSION_CONNECT_H

#include <fate/transport.h>

#endif
