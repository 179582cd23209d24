/* Network addresses as people write them, and what they resolve to. */
#include "src/transport/tcp_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* Digits only, 0 to 65535. */
static bool parse_port(uint32_t *port, const char *text)
{
    uint32_t value = 0;
    if (*text == 0) return false;
    for (; *text != 0; text++) {
        if (*text < '0' || *text > '9') return false;
        value = value * 10 + (uint32_t)(*text - '0');
        if (value > 65535) return false;
    }
    *port = value;
    return true;
}

bool tcp_address_parse(struct tcp_address *address, const char *text)
{
    const char *colon = strrchr(text, ':');
    if (colon == NULL) return false;
    const char *host = text;
    size_t length = (size_t)(colon - text);
    if (length > 0 && host[0] == '[') {
        if (length < 3 || host[length - 1] != ']') return false;
        host++;
        length -= 2;
    } else if (memchr(host, ':', length) != NULL) {
        return false;
    }
    if (length >= sizeof address->host || memchr(host, '[', length) != NULL || memchr(host, ']', length) != NULL) return false;
    memcpy(address->host, host, length);
    address->host[length] = 0;
    return parse_port(&address->port, colon + 1);
}

const char *tcp_address_resolve(const struct tcp_address *address, bool listen, struct tcp_endpoints *endpoints)
{
    struct addrinfo hints, *found = NULL;
    char port[8];
    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV | (listen ? AI_PASSIVE : 0);
    snprintf(port, sizeof port, "%u", (unsigned)address->port);
    endpoints->count = 0;
    int failure = getaddrinfo(address->host[0] == 0 ? NULL : address->host, port, &hints, &found);
    if (failure != 0) return gai_strerror(failure);
    for (const struct addrinfo *one = found; one != NULL && endpoints->count < TCP_ADDRESS_ENDPOINTS; one = one->ai_next) {
        if (one->ai_family != AF_INET && one->ai_family != AF_INET6) continue;
        struct tcp_endpoint *endpoint = &endpoints->items[endpoints->count++];
        memset(endpoint, 0, sizeof *endpoint);
        memcpy(&endpoint->address, one->ai_addr, one->ai_addrlen);
        endpoint->length = one->ai_addrlen;
    }
    freeaddrinfo(found);
    return endpoints->count > 0 ? NULL : "no IPv4 or IPv6 address";
}

void tcp_endpoint_text(const struct tcp_endpoint *endpoint, char *text)
{
    char host[INET6_ADDRSTRLEN] = "?";
    bool six = endpoint->address.ss_family == AF_INET6;
    const void *bytes = six ? (const void *)&((const struct sockaddr_in6 *)&endpoint->address)->sin6_addr
                            : (const void *)&((const struct sockaddr_in *)&endpoint->address)->sin_addr;
    inet_ntop(endpoint->address.ss_family, bytes, host, sizeof host);
    snprintf(text, TCP_ADDRESS_TEXT, six ? "[%s]:%u" : "%s:%u", host, (unsigned)tcp_endpoint_port(endpoint));
}

uint32_t tcp_endpoint_port(const struct tcp_endpoint *endpoint)
{
    if (endpoint->address.ss_family == AF_INET6) return ntohs(((const struct sockaddr_in6 *)&endpoint->address)->sin6_port);
    return ntohs(((const struct sockaddr_in *)&endpoint->address)->sin_port);
}

void tcp_endpoint_set_port(struct tcp_endpoint *endpoint, uint32_t port)
{
    if (endpoint->address.ss_family == AF_INET6)
        ((struct sockaddr_in6 *)&endpoint->address)->sin6_port = htons((uint16_t)port);
    else
        ((struct sockaddr_in *)&endpoint->address)->sin_port = htons((uint16_t)port);
}
