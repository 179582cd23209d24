/* A sealed channel after the handshake: frames with explicit nonces, a replay window, and any length up to the frame limit.
 *
 * Sealed content is cut into Noise messages of at most 65 535 bytes, each with the next nonce; the length of the content, the
 * index of the piece and the header are authenticated with every piece, so that pieces cannot be moved, dropped or joined. */
#ifndef SRC_SESSION_CHANNEL_H
#define SRC_SESSION_CHANNEL_H

#include "lib/bytes.h"

enum { CHANNEL_CONTENT_LIMIT = 1048576, CHANNEL_WINDOW = 4096 };

struct channel {
    uint8_t send_key[32], receive_key[32];
    uint64_t send_nonce;
    uint64_t receive_highest;                   /* first nonce of the latest frame, plus 1 */
    uint64_t receive_seen[CHANNEL_WINDOW / 64]; /* sliding window of nonces already taken */
};

void channel_start(struct channel *channel, const uint8_t *send_key, const uint8_t *receive_key);
void channel_wipe(struct channel *channel);

/* Appends nonce, length and sealed pieces to frame; header is authenticated, not sent. FATE_E_LIMIT above CHANNEL_CONTENT_LIMIT; FATE_E_MEMORY. */
int32_t channel_seal(struct channel *channel, const uint8_t *header, uint64_t header_length, const uint8_t *content, uint64_t length,
                     struct buffer *frame);
/* Opens what channel_seal appended (sealed: all bytes after the header); appends the content. FATE_OK; FATE_EMPTY for an authentic or
 * too old repeat; FATE_E_FORMAT when it is not authentic or malformed (nothing is appended, the window is unchanged); FATE_E_MEMORY. */
int32_t channel_open(struct channel *channel, const uint8_t *header, uint64_t header_length, const uint8_t *sealed, uint64_t length,
                     struct buffer *content);

#endif
