/* Network addresses as people write them ("host:port", "[v6]:port", ":port"), and what they resolve to. */
#ifndef SRC_TRANSPORT_TCP_ADDRESS_H
#define SRC_TRANSPORT_TCP_ADDRESS_H

#include <sys/socket.h>
#include "lib/context.h"

enum { TCP_ADDRESS_HOST = 256, TCP_ADDRESS_ENDPOINTS = 8, TCP_ADDRESS_TEXT = 80 };

struct tcp_address {
    char host[TCP_ADDRESS_HOST]; /* "" when none is given */
    uint32_t port;
};

struct tcp_endpoint {
    struct sockaddr_storage address;
    socklen_t length;
};

struct tcp_endpoints {
    struct tcp_endpoint items[TCP_ADDRESS_ENDPOINTS];
    uint32_t count;
};

/* false when the text is not of the three forms. */
bool tcp_address_parse(struct tcp_address *address, const char *text);
/* Asks the system's resolver, which may block for names that are no numbers. NULL on success, else the reason as a static string. */
const char *tcp_address_resolve(const struct tcp_address *address, bool listen, struct tcp_endpoints *endpoints);

/* "10.0.0.7:9001", "[::1]:9001"; text is TCP_ADDRESS_TEXT bytes. */
void tcp_endpoint_text(const struct tcp_endpoint *endpoint, char *text);
uint32_t tcp_endpoint_port(const struct tcp_endpoint *endpoint);
void tcp_endpoint_set_port(struct tcp_endpoint *endpoint, uint32_t port);

#endif
