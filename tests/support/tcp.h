/* Two TCP transports on this machine, and strangers that connect to one: what the tests of TCP share. */
#ifndef TESTS_SUPPORT_TCP_H
#define TESTS_SUPPORT_TCP_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include "src/transport/tcp.h"
#include "tests/support/inbox.h"

static inline struct tcp *test_tcp(const struct test_side *side)
{
    return side->transport->context;
}

/* Party 0 listens, party 1 dials it. */
static inline int32_t test_tcp_listener(fate_context *context, struct test_side *side, const char *address)
{
    side->transport = NULL;
    int32_t result = fate_tcp_new(context, &side->transport, 0, address);
    return result == FATE_OK ? fate_tcp_add_peer(side->transport, 1, "telecom", NULL) : result;
}

static inline int32_t test_tcp_dialler(fate_context *context, struct test_side *side, const char *host, uint32_t port)
{
    char address[64];
    snprintf(address, sizeof address, "%s:%u", host, (unsigned)port);
    side->transport = NULL;
    int32_t result = fate_tcp_new(context, &side->transport, 1, NULL);
    return result == FATE_OK ? fate_tcp_add_peer(side->transport, 0, "bank", address) : result;
}

/* Polls both sides until *value is at least goal. */
static inline bool test_until(const struct test_side *one, const struct test_side *other, const uint64_t *value, uint64_t goal)
{
    for (int round = 0; round < TEST_ROUNDS && *value < goal; round++) {
        if (one->transport != NULL && (test_poll(one) != FATE_OK || (round % 2 == 0 && test_wait(one, 5) != FATE_OK))) return false;
        if (other->transport != NULL && (test_poll(other) != FATE_OK || (round % 2 == 1 && test_wait(other, 5) != FATE_OK))) return false;
    }
    return *value >= goal;
}

/* A blocking connection of a stranger's to the port; -1 when refused. */
static inline int test_stranger(uint32_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address) == 0) return descriptor;
    close(descriptor);
    return -1;
}

/* The same, with a preamble that claims to be a party. */
static inline int test_impostor(uint32_t port, uint32_t from, uint32_t to)
{
    uint8_t bytes[TCP_PREAMBLE];
    int descriptor = test_stranger(port);
    tcp_preamble_write(bytes, &(struct tcp_preamble){.from = from, .to = to});
    if (descriptor >= 0 && send(descriptor, bytes, sizeof bytes, MSG_NOSIGNAL) == (ssize_t)sizeof bytes) return descriptor;
    return -1;
}

/* Polls the side until the other end of the stranger's connection is closed; false when it stays open. */
static inline bool test_is_sent_away(const struct test_side *side, int descriptor)
{
    char byte;
    for (int round = 0; round < TEST_ROUNDS; round++) {
        if (test_poll(side) != FATE_OK) return false;
        ssize_t count = recv(descriptor, &byte, 1, MSG_DONTWAIT);
        if (count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK)) return true;
        test_wait(side, 1);
    }
    return false;
}

#endif
