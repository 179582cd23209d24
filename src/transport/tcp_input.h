/* The bytes of a TCP connection taken apart as they arrive: a preamble of 16 bytes from the side that dialled, then frames, each
 * behind its length in 4 bytes, little-endian. Memory grows with what has arrived, never with what was announced. */
#ifndef SRC_TRANSPORT_TCP_INPUT_H
#define SRC_TRANSPORT_TCP_INPUT_H

#include "src/transport/transport.h"

enum { TCP_PREAMBLE = 16, TCP_LENGTH = 4, TCP_VERSION = 1 };

struct tcp_input {
    fate_context *context;
    uint8_t *bytes;
    uint64_t start; /* of what has not been taken */
    uint64_t end;
    uint64_t capacity;
};

/* Who dials whom: "FATE", the version, three zero bytes, and the two numbers. A claim only; the handshake above proves it. */
struct tcp_preamble {
    uint32_t from;
    uint32_t to;
};

void tcp_input_init(struct tcp_input *input, fate_context *context);
void tcp_input_free(struct tcp_input *input);

/* Where further bytes go, at least one: FATE_E_MEMORY. filled says how many came. */
int32_t tcp_input_room(struct tcp_input *input, uint8_t **room, uint64_t *length);
void tcp_input_filled(struct tcp_input *input, uint64_t length);

/* Takes the preamble. FATE_EMPTY: more must come; FATE_E_FORMAT as soon as it cannot be one; FATE_E_VERSION. */
int32_t tcp_input_preamble(struct tcp_input *input, struct tcp_preamble *preamble);
/* Shows the next frame, which stays until drop. FATE_EMPTY: more must come; FATE_E_FORMAT when its length is 0 or above the limit. */
int32_t tcp_input_frame(const struct tcp_input *input, const uint8_t **bytes, uint64_t *length);
void tcp_input_drop(struct tcp_input *input);

/* Writes a preamble: TCP_PREAMBLE bytes. */
void tcp_preamble_write(uint8_t *bytes, const struct tcp_preamble *preamble);

#endif
