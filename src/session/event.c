/* Events and their accessors; see event.h and fate/session.h. */
#include "src/session/event.h"

#include <string.h>

static void event_free(fate_context *context, struct fate_event *event)
{
    if (event == NULL) return;
    if (event->secret)
        memory_free_secret(context, event->bytes, event->length);
    else
        memory_free(context, event->bytes);
    memory_free(context, event);
}

void event_queue_init(struct event_queue *queue, fate_context *context)
{
    memset(queue, 0, sizeof *queue);
    queue->context = context;
}

void event_forget_shown(struct event_queue *queue)
{
    event_free(queue->context, queue->shown);
    queue->shown = NULL;
}

void event_queue_free(struct event_queue *queue)
{
    event_forget_shown(queue);
    while (queue->first != NULL) {
        struct fate_event *event = queue->first;
        queue->first = event->next;
        event_free(queue->context, event);
    }
    queue->end = NULL;
}

struct fate_event *event_add(struct event_queue *queue, int32_t kind)
{
    struct fate_event *event = memory_zeroed(queue->context, 1, sizeof *event);
    if (event == NULL) return NULL;
    event->kind = kind;
    if (queue->first == NULL)
        queue->first = event;
    else
        queue->end->next = event;
    queue->end = event;
    return event;
}

struct fate_event *event_add_bytes(struct event_queue *queue, int32_t kind, struct buffer *bytes)
{
    uint64_t length = 0;
    bool secret = bytes->secret;
    uint8_t *taken = buffer_take(bytes, &length);
    if (taken == NULL) return NULL;
    struct fate_event *event = event_add(queue, kind);
    if (event == NULL) {
        if (secret)
            memory_free_secret(queue->context, taken, length);
        else
            memory_free(queue->context, taken);
        return NULL;
    }
    event->bytes = taken;
    event->length = length;
    event->secret = secret;
    return event;
}

int32_t fate_event_kind(const fate_event *event)
{
    return event == NULL ? 0 : event->kind;
}

uint32_t fate_event_peer(const fate_event *event)
{
    return event == NULL ? 0 : event->peer;
}

uint64_t fate_event_link(const fate_event *event)
{
    return event == NULL ? 0 : event->link;
}

const uint8_t *fate_event_bytes(const fate_event *event, uint64_t *length)
{
    if (length != NULL) *length = event == NULL ? 0 : event->length;
    return event == NULL ? NULL : event->bytes;
}

uint64_t fate_event_identifier(const fate_event *event)
{
    return event == NULL ? 0 : event->identifier;
}

const char *fate_event_key(const fate_event *event)
{
    if (event == NULL || event->kind < FATE_EVENT_PUT || event->kind > FATE_EVENT_LIST) return NULL;
    return event->text;
}

const char *fate_event_text(const fate_event *event)
{
    if (event == NULL || (event->kind != FATE_EVENT_METRIC && event->kind != FATE_EVENT_WARNING)) return NULL;
    return event->text;
}

uint32_t fate_event_round(const fate_event *event)
{
    return event == NULL ? 0 : event->round;
}

double fate_event_value(const fate_event *event)
{
    return event == NULL ? 0.0 : event->value;
}

int32_t fate_event_progress(const fate_event *event, fate_progress *progress)
{
    if (event == NULL || progress == NULL || event->kind != FATE_EVENT_PROGRESS) return FATE_E_ARGUMENT;
    uint32_t size = progress->struct_size;
    if (size < sizeof size) return FATE_E_ARGUMENT;
    memcpy(progress, &event->progress, size < sizeof *progress ? size : sizeof *progress);
    progress->struct_size = size;
    return FATE_OK;
}
