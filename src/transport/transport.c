/* The transport hook's own functions: findings handed to an inbox, and the free that reaches the hook's. */
#include "src/transport/transport.h"

#include <time.h>

int32_t fate_inbox_frame(fate_inbox *inbox, uint32_t peer, uint64_t link, const uint8_t *bytes, uint64_t length)
{
    if (inbox == NULL || (bytes == NULL && length > 0)) return FATE_E_ARGUMENT;
    return inbox->frame(inbox->context, peer, link, bytes, length);
}

int32_t fate_inbox_connected(fate_inbox *inbox, uint32_t peer, uint64_t link)
{
    if (inbox == NULL) return FATE_E_ARGUMENT;
    return inbox->connected(inbox->context, peer, link);
}

int32_t fate_inbox_disconnected(fate_inbox *inbox, uint32_t peer, uint64_t link)
{
    if (inbox == NULL) return FATE_E_ARGUMENT;
    return inbox->disconnected(inbox->context, peer, link);
}

int32_t fate_inbox_notice(fate_inbox *inbox, uint32_t peer, const char *sentence)
{
    if (inbox == NULL || sentence == NULL) return FATE_E_ARGUMENT;
    return inbox->notice(inbox->context, peer, sentence);
}

void fate_transport_free(fate_transport *transport)
{
    if (transport == NULL) return;
    if (transport->struct_size < offsetof(fate_transport, free) + sizeof transport->free) return;
    if (transport->free != NULL) transport->free(transport->context);
}

uint64_t transport_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}
