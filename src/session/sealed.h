/* Bytes sealed for a party's own store, under a key that follows from its identity: XChaCha20-Poly1305 with a nonce of its own. */
#ifndef SRC_SESSION_SEALED_H
#define SRC_SESSION_SEALED_H

#include "src/session/session.h"

enum { SEALED_MAGIC = 8 };

/* Appends magic, nonce and the sealed bytes. about: what the bytes are, which must be the same when they are opened; none when its length is 0.
 * FATE_E_MEMORY. */
int32_t sealed_write(fate_session *session, const uint8_t *magic, const void *about, uint64_t about_length, const uint8_t *plain,
                     uint64_t length, struct buffer *sealed);
/* Appends the plain bytes. FATE_E_FORMAT: the bytes do not begin with the magic, or are too short; FATE_E_STORE: they were altered, are about
 * something else, or were sealed by another identity; FATE_E_MEMORY. */
int32_t sealed_read(const fate_session *session, const uint8_t *magic, const void *about, uint64_t about_length, const uint8_t *bytes,
                    uint64_t length, struct buffer *plain);

#endif
