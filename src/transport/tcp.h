/* The inside of the TCP transport: its peers, its listening sockets and its connections. tcp.c is the hook, tcp_listen.c lets
 * connections in, tcp_dial.c makes them. */
#ifndef SRC_TRANSPORT_TCP_H
#define SRC_TRANSPORT_TCP_H

#include "src/transport/tcp_connection.h"
#include "src/transport/wakeup.h"

enum {
    TCP_STRANGERS = 64,          /* accepted connections over which nobody has proved an identity */
    TCP_STRANGERS_OF_A_PEER = 8, /* of these, with one claimed peer */
    TCP_PROVED_OF_A_PEER = 4,    /* newer ones replace older ones: a peer behind a dead line dials again */
    TCP_GREETING_TIME = 5000,    /* milliseconds until the preamble must have come */
    TCP_DIAL_TIME = 10000,       /* milliseconds until a dialled connection must be up */
    TCP_PAUSE_LEAST = 100,
    TCP_PAUSE_MOST = 2000,
    TCP_PATIENCE = 5000,    /* milliseconds of failed dialling before it is told: parties do not start in the same instant */
    TCP_ACCEPTS = 32,       /* in one poll */
    TCP_READS = 4 * 1048576 /* bytes of one connection in one poll, so that each gets its turn */
};

struct tcp_peer {
    uint32_t number;
    char *name;
    char *text; /* its address as it was given; NULL: it dials us */
    struct tcp_address address;
    struct tcp_endpoints endpoints;
    uint32_t next_endpoint;
    struct tcp_connection *dialled; /* connecting or open; borrowed from tcp.connections */
    uint64_t dial_at;
    uint32_t failures;      /* rounds of dialling since a frame last came */
    uint64_t failing_since; /* when the first of them failed */
    bool reached;           /* a frame has come over the last connection */
    bool failing;           /* a notice has said so */
};

struct tcp {
    fate_transport face;
    fate_context *context;
    uint32_t party;
    struct wakeup wakeup;
    int listeners[TCP_ADDRESS_ENDPOINTS];
    uint32_t listener_count;
    uint32_t port;
    uint64_t accept_at; /* after the system ran out of descriptors: when to try again */
    bool warned_of_stranger;
    struct tcp_peer *peers;
    uint32_t peer_count;
    struct tcp_connection **connections;
    struct pollfd *polled;
    uint32_t connection_count;
    uint32_t connection_capacity;
    uint64_t last_link;
    uint64_t activity;
};

/* Keeps a connection, which is freed when that fails (FATE_E_MEMORY). */
int32_t tcp_keep(struct tcp *tcp, struct tcp_connection *connection);
/* Gives a connection that came up its link number and tells the inbox. */
int32_t tcp_announce(struct tcp *tcp, struct tcp_connection *connection, fate_inbox *inbox);
struct tcp_peer *tcp_find_peer(struct tcp *tcp, uint32_t number);
/* strerror for an errno: text is 128 bytes. */
const char *tcp_reason(int error, char *text);

/* Opens the listening sockets. Sets the sentence. */
int32_t tcp_listen(struct tcp *tcp, const char *listen);
/* Takes new connections in, greets those that have not said who they are, and sends away whom the limits or the clock do not allow. */
int32_t tcp_accept(struct tcp *tcp, uint64_t now, fate_inbox *inbox);
/* Marks a connection as proved, and closes the peer's oldest ones beyond the limit. */
void tcp_prove(struct tcp *tcp, struct tcp_connection *connection);

/* Dials a peer if it is time to, and follows a dialled connection until it is up. */
int32_t tcp_dial(struct tcp *tcp, struct tcp_peer *peer, uint64_t now, fate_inbox *inbox);
/* The dialled connection is gone: when to try again, and a notice when this is news. error: errno, 0 when the other side closed. */
int32_t tcp_dial_lost(struct tcp *tcp, struct tcp_peer *peer, const struct tcp_endpoint *endpoint, int error, uint64_t now,
                      fate_inbox *inbox);
/* A frame came over the dialled connection: the way is good. */
int32_t tcp_dial_proved(struct tcp_peer *peer, fate_inbox *inbox);
/* The pause before the next round of dialling, in milliseconds: 100 ms doubled with each failure up to 2 s, less up to an eighth
 * that depends on the two parties alone, so that parties that started together do not stay in step. */
uint64_t tcp_dial_pause(uint32_t party, uint32_t peer, uint32_t failures);

#endif
