/* What every ready-made transport shares: the inside of an inbox, the frame limit and the clock. */
#ifndef SRC_TRANSPORT_TRANSPORT_H
#define SRC_TRANSPORT_TRANSPORT_H

#include <fate/transport.h>
#include "lib/memory.h"

enum { TRANSPORT_FRAME_LIMIT = 1048576 + 4096 };

/* Where poll's findings go: the drive's session, or a test's own list. */
struct fate_inbox {
    void *context;
    int32_t (*frame)(void *context, uint32_t peer, uint64_t link, const uint8_t *bytes, uint64_t length);
    int32_t (*connected)(void *context, uint32_t peer, uint64_t link);
    int32_t (*disconnected)(void *context, uint32_t peer, uint64_t link);
    int32_t (*notice)(void *context, uint32_t peer, const char *sentence);
};

/* Milliseconds of CLOCK_MONOTONIC. */
uint64_t transport_now(void);

#endif
