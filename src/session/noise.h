/* The Noise handshake XX over X25519, ChaCha20-Poly1305 and BLAKE2b (Noise Protocol Framework, revision 34):
 * Noise_XX_25519_ChaChaPoly_BLAKE2b. Three messages, then two keys. */
#ifndef SRC_SESSION_NOISE_H
#define SRC_SESSION_NOISE_H

#include "lib/bytes.h"

enum { NOISE_KEY = 32, NOISE_HASH = 64, NOISE_TAG = 16, NOISE_MESSAGE = 65535, NOISE_MESSAGES = 3, NOISE_DEAD = 4 };

struct noise {
    bool initiator;
    uint32_t step; /* messages written or read so far: 0 to 3; NOISE_DEAD after a failure */
    uint8_t static_secret[NOISE_KEY], static_public[NOISE_KEY];
    uint8_t ephemeral_secret[NOISE_KEY], ephemeral_public[NOISE_KEY];
    uint8_t remote_static[NOISE_KEY], remote_ephemeral[NOISE_KEY];
    uint8_t chaining_key[NOISE_HASH], hash[NOISE_HASH];
    uint8_t key[NOISE_KEY];
    bool has_key;
    uint64_t nonce;
};

/* ephemeral: the secret of this handshake, fresh for each one (passed in, so that vectors and the simulator can fix it). */
void noise_start(struct noise *noise, bool initiator, const uint8_t *prologue, uint64_t prologue_length, const uint8_t *static_secret,
                 const uint8_t *ephemeral_secret);
/* Appends the next message with this payload to out. FATE_E_STATE when it is not this side's turn; FATE_E_LIMIT when the message would be
 * longer than NOISE_MESSAGE (the handshake is then as before, as after FATE_E_MEMORY); FATE_E_FORMAT when the other side's key is of
 * small order (the handshake is then dead). */
int32_t noise_write(struct noise *noise, const uint8_t *payload, uint64_t length, struct buffer *out);
/* Reads the other side's next message; appends its payload. FATE_E_STATE when it is not the other side's turn; FATE_E_FORMAT when it is not
 * authentic or malformed (nothing is appended and the handshake is dead); FATE_E_MEMORY (the handshake is as before). */
int32_t noise_read(struct noise *noise, const uint8_t *message, uint64_t length, struct buffer *payload);
/* After three messages: the keys to send and to receive with, NOISE_KEY bytes each; FATE_E_STATE before. */
int32_t noise_split(const struct noise *noise, uint8_t *send_key, uint8_t *receive_key);
/* After three messages noise->remote_static is the other side's key, and noise->hash (NOISE_HASH bytes) a public value that only these two
 * sides of this handshake share: for binding. */

/* Wipes everything; noise must be started again before use. */
void noise_wipe(struct noise *noise);

#endif
