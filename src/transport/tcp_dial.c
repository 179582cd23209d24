/* Dialling: one connection to each peer that has an address, tried again with growing pauses for as long as it takes. */
#include "src/transport/tcp.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

uint64_t tcp_dial_pause(uint32_t party, uint32_t peer, uint32_t failures)
{
    uint64_t pause = TCP_PAUSE_LEAST;
    for (uint32_t i = 1; i < failures && pause < TCP_PAUSE_MOST; i++) pause *= 2;
    if (pause > TCP_PAUSE_MOST) pause = TCP_PAUSE_MOST;
    uint32_t mixed = (party * 2654435761u) ^ (peer * 2246822519u) ^ (failures * 3266489917u);
    return pause - pause * (mixed >> 24) / 2048;
}

static void count_failure(struct tcp *tcp, struct tcp_peer *peer, uint64_t now)
{
    if (peer->failures++ == 0) peer->failing_since = now;
    peer->dial_at = now + tcp_dial_pause(tcp->party, peer->number, peer->failures);
}

/* Sets when to dial next, and says once, after a while, that the peer cannot be reached. */
static int32_t fail_dial(struct tcp *tcp, struct tcp_peer *peer, const char *where, const char *reason, uint64_t now, fate_inbox *inbox)
{
    char sentence[512];
    count_failure(tcp, peer, now);
    if (peer->failing || now - peer->failing_since < TCP_PATIENCE) return FATE_OK;
    peer->failing = true;
    snprintf(sentence, sizeof sentence, "%s cannot be reached at %s (%s), trying again", peer->name, where, reason);
    return fate_inbox_notice(inbox, peer->number, sentence);
}

int32_t tcp_dial_lost(struct tcp *tcp, struct tcp_peer *peer, const struct tcp_endpoint *endpoint, int error, uint64_t now,
                      fate_inbox *inbox)
{
    char where[TCP_ADDRESS_TEXT], text[128];
    peer->dialled = NULL;
    if (peer->reached) {
        /* A loss is news only when dialling again fails too: jobs end with connections being closed. */
        peer->reached = false;
        peer->failures = 0;
        count_failure(tcp, peer, now);
        return FATE_OK;
    }
    if (peer->next_endpoint < peer->endpoints.count) {
        peer->dial_at = now;
        return FATE_OK;
    }
    tcp_endpoint_text(endpoint, where);
    return fail_dial(tcp, peer, where, error == 0 ? "the connection was closed" : tcp_reason(error, text), now, inbox);
}

int32_t tcp_dial_proved(struct tcp_peer *peer, fate_inbox *inbox)
{
    char sentence[512];
    peer->failures = 0;
    peer->reached = true;
    /* The next dial after a loss begins anew with the first address. */
    peer->next_endpoint = peer->endpoints.count;
    if (!peer->failing) return FATE_OK;
    peer->failing = false;
    snprintf(sentence, sizeof sentence, "%s is reached at %s", peer->name, peer->text);
    return fate_inbox_notice(inbox, peer->number, sentence);
}

/* Makes the socket and begins to connect. *error: errno when that is not possible. */
static int32_t start_connection(struct tcp *tcp, struct tcp_peer *peer, const struct tcp_endpoint *endpoint, uint64_t now, int *error)
{
    uint8_t preamble[TCP_PREAMBLE];
    *error = 0;
    int descriptor = socket(endpoint->address.ss_family, SOCK_STREAM, 0);
    if (descriptor < 0 || !wakeup_prepare(descriptor)) {
        *error = errno;
        if (descriptor >= 0) close(descriptor);
        return FATE_OK;
    }
    struct tcp_connection *connection = tcp_connection_make(tcp->context, descriptor, TCP_CONNECTING);
    if (connection == NULL) return FATE_E_MEMORY;
    connection->dialled = true;
    connection->peer = peer->number;
    connection->remote = *endpoint;
    connection->deadline = now + TCP_DIAL_TIME;
    int32_t result = tcp_keep(tcp, connection);
    if (result != FATE_OK) return result;
    tcp_preamble_write(preamble, &(struct tcp_preamble){.from = tcp->party, .to = peer->number});
    result = tcp_connection_greet(connection, preamble, sizeof preamble);
    if (result != FATE_OK) {
        tcp_connection_close(connection, 0);
        return result;
    }
    peer->dialled = connection;
    if (connect(descriptor, (const struct sockaddr *)&endpoint->address, endpoint->length) != 0 && errno != EINPROGRESS && errno != EINTR)
        tcp_connection_close(connection, errno);
    return FATE_OK;
}

static int32_t start_dial(struct tcp *tcp, struct tcp_peer *peer, uint64_t now, fate_inbox *inbox)
{
    if (peer->next_endpoint >= peer->endpoints.count) {
        const char *reason = tcp_address_resolve(&peer->address, false, &peer->endpoints);
        peer->next_endpoint = 0;
        if (reason != NULL) return fail_dial(tcp, peer, peer->text, reason, now, inbox);
    }
    const struct tcp_endpoint *endpoint = &peer->endpoints.items[peer->next_endpoint++];
    int error;
    int32_t result = start_connection(tcp, peer, endpoint, now, &error);
    if (result == FATE_OK && error != 0) result = tcp_dial_lost(tcp, peer, endpoint, error, now, inbox);
    return result;
}

int32_t tcp_dial(struct tcp *tcp, struct tcp_peer *peer, uint64_t now, fate_inbox *inbox)
{
    if (peer->text == NULL) return FATE_OK;
    if (peer->dialled == NULL) {
        if (now < peer->dial_at) return FATE_OK;
        int32_t result = start_dial(tcp, peer, now, inbox);
        if (result != FATE_OK || peer->dialled == NULL) return result;
    }
    struct tcp_connection *connection = peer->dialled;
    if (connection->state != TCP_CONNECTING) return FATE_OK;
    tcp_connection_finish_dial(connection);
    if (connection->state == TCP_OPEN) return tcp_announce(tcp, connection, inbox);
    if (connection->state == TCP_CONNECTING && now >= connection->deadline) tcp_connection_close(connection, ETIMEDOUT);
    return FATE_OK;
}
