/* The queue of events that a session wants handled, in order. */
#ifndef SRC_SESSION_EVENT_H
#define SRC_SESSION_EVENT_H

#include <fate/session.h>
#include "lib/bytes.h"

enum { EVENT_TEXT = 640 };

struct fate_event {
    struct fate_event *next;
    int32_t kind;
    uint32_t peer;
    uint64_t link;
    uint64_t identifier;
    uint32_t round;
    double value;
    uint8_t *bytes; /* owned */
    uint64_t length;
    bool secret; /* bytes are wiped when freed */
    fate_progress progress;
    const fate_task *task; /* the session's */
    char text[EVENT_TEXT]; /* sentence, metric name or store key */
};

struct event_queue {
    fate_context *context;
    struct fate_event *first, *end;
    struct fate_event *shown; /* the one that the application is looking at */
};

void event_queue_init(struct event_queue *queue, fate_context *context);
void event_queue_free(struct event_queue *queue);
/* Appends an empty event; NULL when out of memory. */
struct fate_event *event_add(struct event_queue *queue, int32_t kind);
/* The same; takes over the buffer's bytes (the buffer is empty afterwards, also after a failure). */
struct fate_event *event_add_bytes(struct event_queue *queue, int32_t kind, struct buffer *bytes);
void event_forget_shown(struct event_queue *queue);

#endif
