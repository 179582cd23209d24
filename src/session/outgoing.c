/* Frames that a transport could not take yet. */
#include "src/session/outgoing.h"

#include <string.h>

struct outgoing_frame {
    struct outgoing_frame *next;
    uint64_t link;
    uint64_t length;
    uint32_t peer;
    uint8_t bytes[];
};

void outgoing_init(struct outgoing *outgoing, fate_context *context)
{
    memset(outgoing, 0, sizeof *outgoing);
    outgoing->context = context;
}

void outgoing_free(struct outgoing *outgoing)
{
    while (outgoing->first != NULL) {
        struct outgoing_frame *frame = outgoing->first;
        outgoing->first = frame->next;
        memory_free(outgoing->context, frame);
    }
    outgoing_init(outgoing, outgoing->context);
}

static bool holds(const struct outgoing *outgoing, uint32_t peer, uint64_t link)
{
    for (const struct outgoing_frame *frame = outgoing->first; frame != NULL; frame = frame->next)
        if (frame->peer == peer && frame->link == link) return true;
    return false;
}

static int32_t keep(struct outgoing *outgoing, uint32_t peer, uint64_t link, const uint8_t *bytes, uint64_t length)
{
    if (outgoing->count >= OUTGOING_FRAMES || outgoing->bytes + length > OUTGOING_BYTES) return FATE_OK;
    struct outgoing_frame *frame = memory_allocate(outgoing->context, sizeof *frame + length, 1);
    if (frame == NULL) return context_out_of_memory(outgoing->context);
    frame->next = NULL;
    frame->peer = peer;
    frame->link = link;
    frame->length = length;
    memcpy(frame->bytes, bytes, length);
    if (outgoing->last == NULL)
        outgoing->first = frame;
    else
        outgoing->last->next = frame;
    outgoing->last = frame;
    outgoing->bytes += length;
    outgoing->count++;
    return FATE_OK;
}

int32_t outgoing_send(struct outgoing *outgoing, const fate_transport *transport, uint32_t peer, uint64_t link, const uint8_t *bytes,
                      uint64_t length)
{
    if (holds(outgoing, peer, link)) return keep(outgoing, peer, link, bytes, length);
    int32_t result = transport->send(transport->context, peer, link, bytes, length);
    if (result == FATE_AGAIN) return keep(outgoing, peer, link, bytes, length);
    return result < 0 ? result : FATE_OK;
}

/* The links that took nothing in this round. */
struct blocked {
    uint32_t count;
    uint32_t peers[OUTGOING_BLOCKED];
    uint64_t links[OUTGOING_BLOCKED];
};

static bool is_blocked(const struct blocked *blocked, const struct outgoing_frame *frame)
{
    if (blocked->count == OUTGOING_BLOCKED) return true;
    for (uint32_t i = 0; i < blocked->count; i++)
        if (blocked->peers[i] == frame->peer && blocked->links[i] == frame->link) return true;
    return false;
}

int32_t outgoing_offer(struct outgoing *outgoing, const fate_transport *transport)
{
    struct blocked blocked = {.count = 0};
    struct outgoing_frame **place = &outgoing->first, *before = NULL;
    while (*place != NULL) {
        struct outgoing_frame *frame = *place;
        int32_t result = FATE_AGAIN;
        if (!is_blocked(&blocked, frame)) {
            result = transport->send(transport->context, frame->peer, frame->link, frame->bytes, frame->length);
            if (result < 0) return result;
            if (result == FATE_AGAIN) {
                blocked.peers[blocked.count] = frame->peer;
                blocked.links[blocked.count++] = frame->link;
            }
        }
        if (result == FATE_AGAIN) {
            before = frame;
            place = &frame->next;
            continue;
        }
        *place = frame->next;
        if (outgoing->last == frame) outgoing->last = before;
        outgoing->bytes -= frame->length;
        outgoing->count--;
        memory_free(outgoing->context, frame);
    }
    return FATE_OK;
}
