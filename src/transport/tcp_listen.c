/* Letting connections in. Whoever reaches the port may connect and claim to be a peer, so what is not proved is bounded in number,
 * in time and in memory, makes room for newer ones, and never takes the place of a proved connection. */
#include "src/transport/tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 128, PORT_TRIES = 16, ACCEPT_PAUSE = 200 };

/* Binds one socket. Returns 0, or errno. */
static int open_listener(struct tcp *tcp, const struct tcp_endpoint *endpoint)
{
    int yes = 1, descriptor = socket(endpoint->address.ss_family, SOCK_STREAM, 0);
    if (descriptor < 0) return errno;
    bool six = endpoint->address.ss_family == AF_INET6;
    if (wakeup_prepare(descriptor) && setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0 &&
        (!six || setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes) == 0) &&
        bind(descriptor, (const struct sockaddr *)&endpoint->address, endpoint->length) == 0 && listen(descriptor, BACKLOG) == 0) {
        tcp->listeners[tcp->listener_count++] = descriptor;
        return 0;
    }
    int error = errno;
    close(descriptor);
    return error;
}

static void close_listeners(struct tcp *tcp)
{
    while (tcp->listener_count > 0) close(tcp->listeners[--tcp->listener_count]);
}

/* A name may stand for addresses of a family that this machine does not have: these are passed over while another one works. */
static bool is_absent(int error)
{
    return error == EAFNOSUPPORT || error == EADDRNOTAVAIL || error == EPROTONOSUPPORT;
}

/* Binds every endpoint, all to one port. Returns 0, or errno; failed says where. */
static int open_listeners(struct tcp *tcp, struct tcp_endpoints *endpoints, const struct tcp_endpoint **failed)
{
    int absent = 0;
    for (uint32_t i = 0; i < endpoints->count; i++) {
        struct tcp_endpoint endpoint = endpoints->items[i];
        if (tcp->listener_count > 0) tcp_endpoint_set_port(&endpoint, tcp->port);
        int error = open_listener(tcp, &endpoint);
        if (error == 0 && tcp->listener_count == 1) {
            struct tcp_endpoint bound = {.length = sizeof bound.address};
            if (getsockname(tcp->listeners[0], (struct sockaddr *)&bound.address, &bound.length) == 0)
                tcp->port = tcp_endpoint_port(&bound);
        }
        if (error == 0) continue;
        *failed = &endpoints->items[i];
        if (!is_absent(error)) {
            close_listeners(tcp);
            return error;
        }
        absent = error;
    }
    return tcp->listener_count > 0 ? 0 : absent;
}

#define CANNOT_LISTEN "cannot listen on %s: %s; name an address of this machine, or \":port\" for all of them"

int32_t tcp_listen(struct tcp *tcp, const char *listen)
{
    struct tcp_address address;
    struct tcp_endpoints endpoints;
    const struct tcp_endpoint *failed = NULL;
    char where[TCP_ADDRESS_TEXT], text[128];
    if (!tcp_address_parse(&address, listen))
        return context_fail(tcp->context, FATE_E_NETWORK,
                            "cannot listen on \"%s\": an address reads \"host:port\", \"[v6]:port\" or \":port\", with a port up to 65535",
                            listen);
    const char *reason = tcp_address_resolve(&address, true, &endpoints);
    if (reason != NULL) return context_fail(tcp->context, FATE_E_NETWORK, CANNOT_LISTEN, listen, reason);
    int error = EADDRINUSE;
    /* Port 0 on several addresses: the port that the system gave for the first may be taken on the second. */
    int tries = address.port == 0 ? PORT_TRIES : 1;
    for (int i = 0; i < tries && error == EADDRINUSE; i++) error = open_listeners(tcp, &endpoints, &failed);
    if (error == 0) return FATE_OK;
    tcp_endpoint_text(failed, where);
    if (error == EADDRINUSE)
        return context_fail(tcp->context, FATE_E_NETWORK,
                            "cannot listen on %s: the port is in use; end the program that holds it or choose another port", where);
    return context_fail(tcp->context, FATE_E_NETWORK, CANNOT_LISTEN, where, tcp_reason(error, text));
}

/* An accepted connection over which nobody has proved anything; peer UINT32_MAX: whoever it claims to be. */
static bool is_stranger(const struct tcp_connection *connection, uint32_t peer)
{
    if (connection->dialled || connection->proved || connection->state == TCP_CLOSED) return false;
    return peer == UINT32_MAX || connection->peer == peer;
}

/* Closes the least active stranger if there are limit of them; those that have not said who they are go first. */
static void make_room(struct tcp *tcp, uint32_t peer, uint32_t limit)
{
    struct tcp_connection *least = NULL;
    uint32_t count = 0;
    for (uint32_t i = 0; i < tcp->connection_count; i++) {
        struct tcp_connection *one = tcp->connections[i];
        if (!is_stranger(one, peer)) continue;
        count++;
        bool earlier = least == NULL || (one->state == TCP_GREETING && least->state != TCP_GREETING) ||
                       (one->state == least->state && one->activity < least->activity);
        if (earlier) least = one;
    }
    if (count >= limit) tcp_connection_close(least, 0);
}

void tcp_prove(struct tcp *tcp, struct tcp_connection *connection)
{
    struct tcp_connection *least = NULL;
    uint32_t count = 0;
    connection->proved = true;
    for (uint32_t i = 0; i < tcp->connection_count; i++) {
        struct tcp_connection *one = tcp->connections[i];
        if (one->dialled || !one->proved || one->state != TCP_OPEN || one->peer != connection->peer || one == connection) continue;
        count++;
        if (least == NULL || one->activity < least->activity) least = one;
    }
    if (count >= TCP_PROVED_OF_A_PEER) tcp_connection_close(least, 0);
}

/* Closes a connection of somebody who does not speak like a peer; the first time is told. */
static int32_t send_away(struct tcp *tcp, struct tcp_connection *connection, const char *reason, fate_inbox *inbox)
{
    char where[TCP_ADDRESS_TEXT], sentence[256];
    tcp_connection_close(connection, 0);
    if (tcp->warned_of_stranger) return FATE_OK;
    tcp->warned_of_stranger = true;
    tcp_endpoint_text(&connection->remote, where);
    snprintf(sentence, sizeof sentence, "a connection from %s was closed: %s (further ones are closed without notice)", where, reason);
    return fate_inbox_notice(inbox, UINT32_MAX, sentence);
}

/* Reads the preamble of an accepted connection and no more. */
static int32_t greet(struct tcp *tcp, struct tcp_connection *connection, uint64_t now, fate_inbox *inbox)
{
    struct tcp_preamble preamble;
    uint64_t there = connection->input.end - connection->input.start, length;
    int32_t result = tcp_connection_read(connection, TCP_PREAMBLE - there, &length);
    if (result == FATE_E_MEMORY) return result;
    if (connection->state == TCP_CLOSED) return FATE_OK;
    result = tcp_input_preamble(&connection->input, &preamble);
    if (result == FATE_EMPTY && now < connection->deadline) return FATE_OK;
    if (result == FATE_EMPTY) return send_away(tcp, connection, "it did not say which party it is", inbox);
    if (result == FATE_E_VERSION) return send_away(tcp, connection, "it speaks another version of this transport", inbox);
    if (result != FATE_OK) return send_away(tcp, connection, "it does not speak this protocol", inbox);
    if (preamble.to != tcp->party) return send_away(tcp, connection, "it looks for another party of the job", inbox);
    if (tcp_find_peer(tcp, preamble.from) == NULL) return send_away(tcp, connection, "it claims to be a party that is no peer here", inbox);
    make_room(tcp, preamble.from, TCP_STRANGERS_OF_A_PEER);
    connection->peer = preamble.from;
    connection->state = TCP_OPEN;
    return tcp_announce(tcp, connection, inbox);
}

/* Takes one connection from a listening socket. FATE_EMPTY when there is none. */
static int32_t accept_one(struct tcp *tcp, int listener, uint64_t now)
{
    struct tcp_endpoint remote = {.length = sizeof remote.address};
    int descriptor = accept(listener, (struct sockaddr *)&remote.address, &remote.length);
    if (descriptor < 0) {
        bool exhausted = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
        if (exhausted) tcp->accept_at = now + ACCEPT_PAUSE;
        return FATE_EMPTY;
    }
    if (!wakeup_prepare(descriptor)) {
        close(descriptor);
        return FATE_OK;
    }
    make_room(tcp, UINT32_MAX, TCP_STRANGERS);
    struct tcp_connection *connection = tcp_connection_make(tcp->context, descriptor, TCP_GREETING);
    if (connection == NULL) return FATE_E_MEMORY;
    connection->remote = remote;
    connection->deadline = now + TCP_GREETING_TIME;
    connection->activity = ++tcp->activity;
    return tcp_keep(tcp, connection);
}

int32_t tcp_accept(struct tcp *tcp, uint64_t now, fate_inbox *inbox)
{
    int32_t result = FATE_OK;
    for (uint32_t i = 0; i < tcp->listener_count && now >= tcp->accept_at; i++) {
        int accepted = 0;
        do result = accept_one(tcp, tcp->listeners[i], now);
        while (result == FATE_OK && ++accepted < TCP_ACCEPTS);
        if (result < 0) return result;
    }
    for (uint32_t i = 0; i < tcp->connection_count; i++) {
        if (tcp->connections[i]->state != TCP_GREETING) continue;
        result = greet(tcp, tcp->connections[i], now, inbox);
        if (result != FATE_OK) return result;
    }
    return FATE_OK;
}
