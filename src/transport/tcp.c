/* The TCP transport as a hook: frames to the right connection and from each of them, and waiting for whatever comes next. */
#include "src/transport/tcp.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long free waits for peers to read what was sent: closing at once could make the system throw it away. */
enum { FAREWELL = 250 };

const char *tcp_reason(int error, char *text)
{
    if (strerror_r(error, text, 128) != 0) snprintf(text, 128, "error %d", error);
    return text;
}

struct tcp_peer *tcp_find_peer(struct tcp *tcp, uint32_t number)
{
    for (uint32_t i = 0; i < tcp->peer_count; i++)
        if (tcp->peers[i].number == number) return &tcp->peers[i];
    return NULL;
}

int32_t tcp_keep(struct tcp *tcp, struct tcp_connection *connection)
{
    if (tcp->connection_count == tcp->connection_capacity) {
        uint32_t capacity = tcp->connection_capacity == 0 ? 16 : 2 * tcp->connection_capacity;
        struct tcp_connection **connections = memory_resize(tcp->context, tcp->connections, capacity, sizeof *connections);
        if (connections != NULL) tcp->connections = connections;
        struct pollfd *polled = memory_resize(tcp->context, tcp->polled, 1 + TCP_ADDRESS_ENDPOINTS + capacity, sizeof *polled);
        if (polled != NULL) tcp->polled = polled;
        if (connections == NULL || polled == NULL) {
            tcp_connection_free(connection);
            return FATE_E_MEMORY;
        }
        tcp->connection_capacity = capacity;
    }
    tcp->connections[tcp->connection_count++] = connection;
    return FATE_OK;
}

int32_t tcp_announce(struct tcp *tcp, struct tcp_connection *connection, fate_inbox *inbox)
{
    connection->link = ++tcp->last_link;
    connection->activity = ++tcp->activity;
    connection->announced = true;
    return fate_inbox_connected(inbox, connection->peer, connection->link);
}

/* link 0: the connection to prefer is a proved one, of these the one heard last. While none is proved each has its turn, first the one
 * heard last, then the newest: an impostor who is heard cannot keep handshakes from the peer. */
static bool is_better(const struct tcp_connection *one, const struct tcp_connection *other)
{
    if (one->proved != other->proved) return one->proved;
    if (!one->proved && one->asked != other->asked) return one->asked < other->asked;
    if ((one->frames > 0) != (other->frames > 0)) return one->frames > 0;
    return one->activity > other->activity;
}

static struct tcp_connection *find_connection(struct tcp *tcp, uint32_t peer, uint64_t link)
{
    struct tcp_connection *best = NULL;
    for (uint32_t i = 0; i < tcp->connection_count; i++) {
        struct tcp_connection *one = tcp->connections[i];
        if (one->state != TCP_OPEN || one->peer != peer || (link != 0 ? one->link != link : one->broken != 0)) continue;
        if (best == NULL || is_better(one, best)) best = one;
    }
    return best;
}

static int32_t hook_send(void *context, uint32_t peer, uint64_t link, const uint8_t *bytes, uint64_t length)
{
    struct tcp *tcp = context;
    if (bytes == NULL || length == 0) return context_fail(tcp->context, FATE_E_ARGUMENT, "a frame has at least one byte");
    if (length > TRANSPORT_FRAME_LIMIT)
        return context_fail(tcp->context, FATE_E_LIMIT, "a frame of %llu bytes is above the limit of %d", (unsigned long long)length,
                            TRANSPORT_FRAME_LIMIT);
    if (tcp_find_peer(tcp, peer) == NULL) return context_fail(tcp->context, FATE_E_ARGUMENT, "party %u was not added as a peer", peer);
    struct tcp_connection *connection = find_connection(tcp, peer, link);
    if (connection == NULL) return FATE_OK;
    if (link == 0) connection->asked = ++tcp->activity;
    int32_t result = tcp_connection_send(connection, bytes, length);
    return result == FATE_E_MEMORY ? context_out_of_memory(tcp->context) : result;
}

/* Offers every whole frame that has arrived. */
static int32_t deliver(struct tcp *tcp, struct tcp_connection *connection, fate_inbox *inbox)
{
    const uint8_t *bytes;
    uint64_t length;
    connection->blocked = false;
    for (;;) {
        int32_t result = tcp_input_frame(&connection->input, &bytes, &length);
        if (result == FATE_E_FORMAT) tcp_connection_close(connection, EPROTO);
        if (result != FATE_OK) return FATE_OK;
        result = fate_inbox_frame(inbox, connection->peer, connection->link, bytes, length);
        connection->blocked = result == FATE_AGAIN;
        if (result != FATE_OK) return result < 0 ? result : FATE_OK;
        tcp_input_drop(&connection->input);
        connection->frames++;
        connection->activity = ++tcp->activity;
        struct tcp_peer *peer = connection->dialled ? tcp_find_peer(tcp, connection->peer) : NULL;
        result = peer != NULL ? tcp_dial_proved(peer, inbox) : FATE_OK;
        if (result != FATE_OK) return result;
    }
}

static int32_t receive(struct tcp *tcp, struct tcp_connection *connection, fate_inbox *inbox)
{
    uint64_t length, total = 0;
    int32_t result = deliver(tcp, connection, inbox);
    while (result == FATE_OK && connection->state == TCP_OPEN && !connection->blocked && total < TCP_READS) {
        result = tcp_connection_read(connection, TCP_READS, &length);
        if (result == FATE_EMPTY) return FATE_OK;
        total += length;
        if (result == FATE_OK) result = deliver(tcp, connection, inbox);
    }
    return result;
}

/* Tells of connections that are closed, and frees them. */
static int32_t sweep(struct tcp *tcp, uint64_t now, fate_inbox *inbox)
{
    int32_t result = FATE_OK;
    for (uint32_t i = 0; i < tcp->connection_count && result == FATE_OK;) {
        struct tcp_connection *one = tcp->connections[i];
        if (one->state != TCP_CLOSED) {
            i++;
            continue;
        }
        tcp->connections[i] = tcp->connections[--tcp->connection_count];
        struct tcp_peer *peer = one->dialled ? tcp_find_peer(tcp, one->peer) : NULL;
        if (one->announced) result = fate_inbox_disconnected(inbox, one->peer, one->link);
        if (peer != NULL && peer->dialled == one) {
            int32_t lost = tcp_dial_lost(tcp, peer, &one->remote, one->error, now, inbox);
            if (result == FATE_OK) result = lost;
        }
        tcp_connection_free(one);
    }
    return result;
}

static int32_t poll_all(struct tcp *tcp, fate_inbox *inbox)
{
    uint64_t now = transport_now();
    int32_t result = tcp_accept(tcp, now, inbox);
    for (uint32_t i = 0; i < tcp->peer_count && result == FATE_OK; i++) result = tcp_dial(tcp, &tcp->peers[i], now, inbox);
    for (uint32_t i = 0; i < tcp->connection_count && result == FATE_OK; i++) {
        struct tcp_connection *one = tcp->connections[i];
        if (one->state != TCP_OPEN) continue;
        tcp_connection_write(one);
        if (one->state == TCP_OPEN) result = receive(tcp, one, inbox);
    }
    return result == FATE_OK ? sweep(tcp, now, inbox) : result;
}

static int32_t hook_poll(void *context, fate_inbox *inbox)
{
    struct tcp *tcp = context;
    int32_t result = poll_all(tcp, inbox);
    return result == FATE_E_MEMORY ? context_out_of_memory(tcp->context) : result;
}

/* The earliest of the transport's own times, as milliseconds from now, at most most. */
static uint64_t next_time(const struct tcp *tcp, uint64_t most)
{
    uint64_t now = transport_now(), next = now + (most > INT32_MAX ? INT32_MAX : most);
    if (tcp->accept_at > now && tcp->accept_at < next) next = tcp->accept_at;
    for (uint32_t i = 0; i < tcp->peer_count; i++) {
        const struct tcp_peer *peer = &tcp->peers[i];
        if (peer->text != NULL && peer->dialled == NULL && peer->dial_at < next) next = peer->dial_at;
    }
    for (uint32_t i = 0; i < tcp->connection_count; i++) {
        const struct tcp_connection *one = tcp->connections[i];
        if (one->state == TCP_CLOSED) return 0;
        if (one->state != TCP_OPEN && one->deadline < next) next = one->deadline;
    }
    return next > now ? next - now : 0;
}

static short wanted_events(const struct tcp_connection *connection)
{
    if (connection->state == TCP_CONNECTING) return POLLOUT;
    int events = connection->blocked ? 0 : POLLIN;
    if (tcp_connection_waiting(connection) > 0 && connection->state == TCP_OPEN) events |= POLLOUT;
    return (short)events;
}

static int32_t hook_wait(void *context, uint64_t milliseconds)
{
    struct tcp *tcp = context;
    uint32_t count = 0;
    bool accepts = transport_now() >= tcp->accept_at;
    tcp->polled[count++] = (struct pollfd){.fd = tcp->wakeup.reader, .events = POLLIN};
    for (uint32_t i = 0; i < tcp->listener_count && accepts; i++)
        tcp->polled[count++] = (struct pollfd){.fd = tcp->listeners[i], .events = POLLIN};
    for (uint32_t i = 0; i < tcp->connection_count; i++) {
        short events = wanted_events(tcp->connections[i]);
        /* A connection of which nothing is wanted is left out altogether: its end would be reported without end. */
        if (events != 0 && tcp->connections[i]->state != TCP_CLOSED)
            tcp->polled[count++] = (struct pollfd){.fd = tcp->connections[i]->descriptor, .events = events};
    }
    if (poll(tcp->polled, count, wakeup_timeout(next_time(tcp, milliseconds))) > 0 && tcp->polled[0].revents != 0)
        wakeup_drain(&tcp->wakeup);
    return FATE_OK;
}

static uint64_t hook_now(void *context)
{
    (void)context;
    return transport_now();
}

static int32_t hook_close(void *context, uint32_t peer, uint64_t link)
{
    struct tcp *tcp = context;
    struct tcp_connection *connection = link == 0 ? NULL : find_connection(tcp, peer, link);
    if (connection != NULL) tcp_connection_close(connection, 0);
    return FATE_OK;
}

static int32_t hook_proved(void *context, uint32_t peer, uint64_t link)
{
    struct tcp *tcp = context;
    struct tcp_connection *connection = link == 0 ? NULL : find_connection(tcp, peer, link);
    if (connection != NULL) tcp_prove(tcp, connection);
    return FATE_OK;
}

static void hook_wake(void *context)
{
    const struct tcp *tcp = context;
    wakeup_signal(&tcp->wakeup);
}

/* Waits until some open connection of which events are wanted has them; false when there is none or the time is over. */
static bool wait_for_open(struct tcp *tcp, short events, uint64_t end)
{
    uint32_t count = 0;
    uint64_t now = transport_now();
    for (uint32_t i = 0; i < tcp->connection_count; i++) {
        const struct tcp_connection *one = tcp->connections[i];
        if (one->state != TCP_OPEN || (events == POLLOUT && tcp_connection_waiting(one) == 0)) continue;
        tcp->polled[count++] = (struct pollfd){.fd = one->descriptor, .events = events};
    }
    if (count == 0 || now >= end) return false;
    int ready = poll(tcp->polled, count, wakeup_timeout(end - now));
    return ready > 0 || (ready < 0 && errno == EINTR);
}

static int32_t hook_flush(void *context, uint64_t milliseconds)
{
    struct tcp *tcp = context;
    uint64_t end = transport_now() + (milliseconds > INT32_MAX ? INT32_MAX : milliseconds);
    do {
        for (uint32_t i = 0; i < tcp->connection_count; i++) tcp_connection_write(tcp->connections[i]);
    } while (wait_for_open(tcp, POLLOUT, end));
    return FATE_OK;
}

/* Ends the sending half of each connection and reads until the peer ends its own, for a moment at most. */
static void say_farewell(struct tcp *tcp)
{
    uint8_t bytes[4096];
    uint64_t end = transport_now() + FAREWELL;
    for (uint32_t i = 0; i < tcp->connection_count; i++)
        if (tcp->connections[i]->state == TCP_OPEN) (void)shutdown(tcp->connections[i]->descriptor, SHUT_WR);
    while (wait_for_open(tcp, POLLIN, end)) {
        for (uint32_t i = 0; i < tcp->connection_count; i++) {
            struct tcp_connection *one = tcp->connections[i];
            if (one->state != TCP_OPEN) continue;
            ssize_t count = recv(one->descriptor, bytes, sizeof bytes, 0);
            bool nothing_yet = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
            if (count <= 0 && !nothing_yet) tcp_connection_close(one, 0);
        }
    }
}

static void hook_free(void *context)
{
    struct tcp *tcp = context;
    fate_context *owner = tcp->context;
    say_farewell(tcp);
    for (uint32_t i = 0; i < tcp->connection_count; i++) tcp_connection_free(tcp->connections[i]);
    for (uint32_t i = 0; i < tcp->listener_count; i++) close(tcp->listeners[i]);
    for (uint32_t i = 0; i < tcp->peer_count; i++) {
        memory_free(owner, tcp->peers[i].name);
        memory_free(owner, tcp->peers[i].text);
    }
    wakeup_close(&tcp->wakeup);
    memory_free(owner, tcp->connections);
    memory_free(owner, tcp->polled);
    memory_free(owner, tcp->peers);
    memory_free(owner, tcp);
    fate_context_free(owner);
}

static const fate_transport tcp_face = {
    .struct_size = sizeof(fate_transport),
    .abi_version = FATE_ABI_VERSION,
    .send = hook_send,
    .poll = hook_poll,
    .wait = hook_wait,
    .now = hook_now,
    .close = hook_close,
    .wake = hook_wake,
    .flush = hook_flush,
    .free = hook_free,
    .proved = hook_proved,
};

int32_t fate_tcp_new(fate_context *context, fate_transport **transport, uint32_t party, const char *listen)
{
    char text[128];
    if (context == NULL || transport == NULL) return context_bad_argument(context, "fate_tcp_new: transport is NULL");
    *transport = NULL;
    struct tcp *tcp = memory_zeroed(context, 1, sizeof *tcp);
    if (tcp == NULL) return context_out_of_memory(context);
    tcp->face = tcp_face;
    tcp->face.context = tcp;
    tcp->context = context_hold(context);
    tcp->party = party;
    tcp->wakeup = (struct wakeup){-1, -1};
    tcp->polled = memory_allocate(context, 1 + TCP_ADDRESS_ENDPOINTS, sizeof *tcp->polled);
    int32_t result = FATE_OK;
    if (tcp->polled == NULL)
        result = context_out_of_memory(context);
    else if (!wakeup_open(&tcp->wakeup))
        result = context_fail(context, FATE_E_NETWORK, "cannot make a pipe: %s", tcp_reason(errno, text));
    else if (listen != NULL)
        result = tcp_listen(tcp, listen);
    if (result != FATE_OK) {
        hook_free(tcp);
        return result;
    }
    *transport = &tcp->face;
    return FATE_OK;
}

static struct tcp *tcp_of(const fate_transport *transport)
{
    return transport != NULL && transport->free == hook_free ? transport->context : NULL;
}

int32_t fate_tcp_add_peer(fate_transport *transport, uint32_t peer, const char *name, const char *address)
{
    struct tcp *tcp = tcp_of(transport);
    if (tcp == NULL) return FATE_E_ARGUMENT;
    if (name == NULL) return context_bad_argument(tcp->context, "fate_tcp_add_peer: name is NULL");
    if (peer == tcp->party || tcp_find_peer(tcp, peer) != NULL)
        return context_fail(tcp->context, FATE_E_ARGUMENT, "%s: party %u is %s", name, peer,
                            peer == tcp->party ? "this party itself" : "a peer already");
    struct tcp_peer made = {.number = peer};
    if (address != NULL && (!tcp_address_parse(&made.address, address) || made.address.host[0] == 0 || made.address.port == 0))
        return context_fail(tcp->context, FATE_E_NETWORK,
                            "cannot dial %s at \"%s\": an address reads \"host:port\" or \"[v6]:port\", with a port from 1 to 65535", name,
                            address);
    struct tcp_peer *peers = memory_resize(tcp->context, tcp->peers, (uint64_t)tcp->peer_count + 1, sizeof *peers);
    if (peers == NULL) return context_out_of_memory(tcp->context);
    tcp->peers = peers;
    made.name = memory_text(tcp->context, name);
    made.text = address == NULL ? NULL : memory_text(tcp->context, address);
    if (made.name == NULL || (address != NULL && made.text == NULL)) {
        memory_free(tcp->context, made.name);
        memory_free(tcp->context, made.text);
        return context_out_of_memory(tcp->context);
    }
    tcp->peers[tcp->peer_count++] = made;
    return FATE_OK;
}

uint32_t fate_tcp_port(const fate_transport *transport)
{
    const struct tcp *tcp = tcp_of(transport);
    return tcp == NULL ? 0 : tcp->port;
}
