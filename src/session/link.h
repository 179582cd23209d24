/* The way to one peer: handshakes, the channel that is in use, and frames on it.
 *
 * A frame: kind u8 (enum frame_kind), channel id u64, then a handshake message or a sealed content. The later-listed party of a
 * pair begins handshakes. A side whose pin is not met finishes the handshake all the same, to say so under seal, and forgets it. */
#ifndef SRC_SESSION_LINK_H
#define SRC_SESSION_LINK_H

#include "src/session/channel.h"
#include "src/session/identity.h"
#include "src/session/noise.h"

enum frame_kind {
    FRAME_FIRST = 1,  /* handshake, initiator */
    FRAME_SECOND = 2, /* handshake, responder */
    FRAME_THIRD = 3,  /* handshake, initiator */
    FRAME_SEALED = 4,
    FRAME_UNKNOWN = 5 /* "I have no such channel": a hint, believed only as a reason to try a new handshake */
};

enum { LINK_PENDING = 4, FRAME_HEADER = 9, FRAME_LIMIT = 1048576 + 4096 };

struct pending_handshake {
    bool used;
    uint64_t id;
    uint64_t link; /* the application's connection */
    uint64_t begun;
    struct noise noise;
};

struct link {
    fate_context *context;
    bool initiator;
    uint8_t own_secret[IDENTITY_KEY];
    uint8_t peer_key[IDENTITY_KEY];
    struct pending_handshake pending[LINK_PENDING]; /* initiator: only the first */
    bool open;                                      /* there is a channel, and its other end has the pinned key */
    bool confirmed;                                 /* initiator: something authentic has come over it */
    uint64_t id;
    uint64_t connection; /* link over which the last authentic frame came */
    struct channel channel;
    struct buffer third;   /* initiator: the third message, repeated until confirmed */
    bool wanted;           /* initiator: a new handshake is wanted although there is a channel */
    uint64_t next_attempt; /* initiator: when to begin or repeat a handshake */
    uint64_t pause;
    uint64_t last_hint;
    uint64_t handshakes;
    uint64_t rejected; /* frames that were not authentic */
    uint64_t repeated;
    bool refused_peer; /* somebody with another key was at the other end */
};

/* What link_receive found. */
enum link_found {
    LINK_NOTHING = 0,
    LINK_OPENED = 1,  /* a new channel is in use: say hello */
    LINK_CONTENT = 2, /* content holds an authentic content */
    LINK_REFUSE = 3,  /* another key than the pinned; the answers say so to its holder */
    LINK_CLOSE = 4    /* not authentic: close the connection */
};

void link_init(struct link *link, fate_context *context, bool initiator, const uint8_t *own_secret, const uint8_t *peer_key);
void link_free(struct link *link);

/* Initiator: begins a handshake over a connection; appends the frame. ephemeral: 32 fresh secret bytes; id: fresh. */
int32_t link_begin(struct link *link, uint64_t connection, uint64_t now, uint64_t id, const uint8_t *ephemeral, struct buffer *frame);
/* Takes a frame. ephemeral: 32 fresh secret bytes, used when the frame begins a handshake. answers: two buffers,
 * frames to send back over the same connection where not empty; content: see enum link_found. FATE_OK or FATE_E_MEMORY. */
int32_t link_receive(struct link *link, uint64_t connection, uint64_t now, const uint8_t *ephemeral, const uint8_t *bytes, uint64_t length,
                     struct buffer *answers, struct buffer *content, enum link_found *found);
/* Seals content for the channel in use; appends the frame. FATE_E_STATE when there is none. */
int32_t link_seal(struct link *link, const uint8_t *content, uint64_t length, struct buffer *frame);
/* Forgets the channel. */
void link_close(struct link *link);

#endif
