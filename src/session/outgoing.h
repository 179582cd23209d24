/* Frames that a transport could not take yet: kept in order for each link, offered again, and dropped above a limit, since a session
 * sends again what is lost. */
#ifndef SRC_SESSION_OUTGOING_H
#define SRC_SESSION_OUTGOING_H

#include <fate/transport.h>
#include "lib/memory.h"

enum { OUTGOING_BYTES = 16 * 1048576, OUTGOING_FRAMES = 4096, OUTGOING_BLOCKED = 16 };

struct outgoing_frame;

struct outgoing {
    fate_context *context;
    struct outgoing_frame *first;
    struct outgoing_frame *last;
    uint64_t bytes;
    uint32_t count;
};

void outgoing_init(struct outgoing *outgoing, fate_context *context);
void outgoing_free(struct outgoing *outgoing);

/* Sends a frame, or keeps a copy when the transport or an earlier frame of that link says so. FATE_OK; FATE_E_MEMORY; the hook's error. */
int32_t outgoing_send(struct outgoing *outgoing, const fate_transport *transport, uint32_t peer, uint64_t link, const uint8_t *bytes,
                      uint64_t length);
/* Offers what is kept; a link that takes nothing does not hold up the others. FATE_OK, or the hook's error. */
int32_t outgoing_offer(struct outgoing *outgoing, const fate_transport *transport);

#endif
