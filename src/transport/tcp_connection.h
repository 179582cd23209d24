/* One TCP connection: a socket, what has arrived on it and what must still leave. It never blocks and never frees itself: a
 * connection that failed is closed and stays, until its owner has told of it. One that fails while it is written to is read to its end first. */
#ifndef SRC_TRANSPORT_TCP_CONNECTION_H
#define SRC_TRANSPORT_TCP_CONNECTION_H

#include "lib/bytes.h"
#include "src/transport/tcp_address.h"
#include "src/transport/tcp_input.h"

enum tcp_connection_state {
    TCP_CONNECTING, /* dialled, not up yet */
    TCP_GREETING,   /* accepted, the preamble has not come yet */
    TCP_OPEN,
    TCP_CLOSED
};

/* Bytes that may wait to leave; a frame that finds nothing waiting is always taken. */
enum { TCP_OUTPUT_WINDOW = 2 * 1048576 };

struct tcp_connection {
    fate_context *context;
    int descriptor;
    enum tcp_connection_state state;
    uint32_t peer; /* claimed by the preamble, or dialled; UINT32_MAX while greeting */
    uint64_t link;
    bool dialled;
    bool proved;       /* the session has told that the peer proved its identity over it */
    bool announced;    /* the inbox was told that it is up */
    bool blocked;      /* the inbox did not take its next frame: nothing more is read until it does */
    uint64_t deadline; /* while connecting and greeting, milliseconds */
    uint64_t activity; /* a count that grows with every opening and every frame taken: who was heard last */
    uint64_t frames;   /* taken by the inbox */
    uint64_t asked;    /* a count that grows with every frame for any way: when the last one went this way */
    struct tcp_endpoint remote;
    int broken; /* errno of a write that failed: nothing is sent any more, what has come is read to its end; else 0 */
    int error;  /* errno of what closed it; 0: the other side, or we did */
    struct tcp_input input;
    struct buffer output;
    uint64_t written; /* of output */
};

/* Makes one around a socket, which it then owns: also after an error, when it is closed. Sets the socket's options. NULL: no memory. */
struct tcp_connection *tcp_connection_make(fate_context *context, int descriptor, enum tcp_connection_state state);
void tcp_connection_free(struct tcp_connection *connection);
/* Closes the socket and gives its buffers back. */
void tcp_connection_close(struct tcp_connection *connection, int error);

/* Looks whether a dialled connection has come up: TCP_OPEN, still TCP_CONNECTING, or TCP_CLOSED with its error. */
void tcp_connection_finish_dial(struct tcp_connection *connection);
/* Appends bytes that are not a frame (the preamble). FATE_E_MEMORY. */
int32_t tcp_connection_greet(struct tcp_connection *connection, const uint8_t *bytes, uint64_t length);
/* Takes a frame, and writes as much as the socket takes. FATE_AGAIN: too much is waiting; FATE_E_MEMORY. Where
 * writing has failed the frame is dropped. */
int32_t tcp_connection_send(struct tcp_connection *connection, const uint8_t *bytes, uint64_t length);
/* Writes what is waiting as far as the socket takes it. */
void tcp_connection_write(struct tcp_connection *connection);
/* Reads once, at most `most` bytes. FATE_OK; FATE_EMPTY: nothing there, or the connection is closed now; FATE_E_MEMORY. */
int32_t tcp_connection_read(struct tcp_connection *connection, uint64_t most, uint64_t *length);
uint64_t tcp_connection_waiting(const struct tcp_connection *connection);

#endif
