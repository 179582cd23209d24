/* Transports joined within one process: a queue for each pair of parties under one lock, and a wakeup for each party. */
#include "src/transport/loopback.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include "src/transport/wakeup.h"

struct loopback_frame {
    struct loopback_frame *next;
    uint64_t length;
    uint8_t bytes[];
};

struct loopback_queue {
    struct loopback_frame *first;
    struct loopback_frame *last;
    uint64_t bytes;
    bool refused; /* its sender was told FATE_AGAIN and waits for room */
};

struct loopback_hub;

struct loopback {
    fate_transport face;
    struct loopback_hub *hub;
    uint32_t party;
    bool open;            /* under the hub's lock */
    struct wakeup wakeup; /* closed with the hub only, since other parties signal it */
};

struct loopback_hub {
    fate_context *context;
    pthread_mutex_t lock;
    uint32_t count;
    uint32_t open;
    struct loopback *parties;
    struct loopback_queue *queues; /* [to * count + from] */
};

static struct loopback_queue *queue_of(struct loopback_hub *hub, uint32_t to, uint32_t from)
{
    return &hub->queues[(uint64_t)to * hub->count + from];
}

/* Takes the first frame off a queue. */
static struct loopback_frame *queue_take(struct loopback_queue *queue)
{
    struct loopback_frame *frame = queue->first;
    queue->first = frame->next;
    if (queue->first == NULL) queue->last = NULL;
    queue->bytes -= frame->length;
    return frame;
}

static void queue_put(struct loopback_queue *queue, struct loopback_frame *frame)
{
    frame->next = NULL;
    if (queue->last == NULL)
        queue->first = frame;
    else
        queue->last->next = frame;
    queue->last = frame;
    queue->bytes += frame->length;
}

static void queue_empty(fate_context *context, struct loopback_queue *queue)
{
    while (queue->first != NULL) memory_free(context, queue_take(queue));
}

static int32_t loopback_send(void *context, uint32_t peer, uint64_t link, const uint8_t *bytes, uint64_t length)
{
    struct loopback *own = context;
    struct loopback_hub *hub = own->hub;
    (void)link;
    if (peer >= hub->count || peer == own->party || (bytes == NULL && length > 0)) return FATE_E_ARGUMENT;
    if (length > TRANSPORT_FRAME_LIMIT) return FATE_E_LIMIT;
    struct loopback_frame *frame = memory_allocate(hub->context, sizeof *frame + length, 1);
    if (frame == NULL) return FATE_E_MEMORY;
    frame->length = length;
    if (length > 0) memcpy(frame->bytes, bytes, length);

    struct loopback_queue *queue = queue_of(hub, peer, own->party);
    struct loopback *other = &hub->parties[peer];
    pthread_mutex_lock(&hub->lock);
    bool there = other->open;
    bool full = there && queue->bytes > 0 && queue->bytes + length > LOOPBACK_WINDOW;
    if (full)
        queue->refused = true;
    else if (there)
        queue_put(queue, frame);
    pthread_mutex_unlock(&hub->lock);

    if (full || !there)
        memory_free(hub->context, frame);
    else
        wakeup_signal(&other->wakeup);
    return full ? FATE_AGAIN : FATE_OK;
}

/* Offers one frame of a queue. FATE_EMPTY when it had none; FATE_AGAIN when the inbox did not take it. */
static int32_t offer_one(struct loopback *own, uint32_t from, fate_inbox *inbox)
{
    struct loopback_hub *hub = own->hub;
    struct loopback_queue *queue = queue_of(hub, own->party, from);
    pthread_mutex_lock(&hub->lock);
    struct loopback_frame *frame = queue->first;
    pthread_mutex_unlock(&hub->lock);
    if (frame == NULL) return FATE_EMPTY;
    /* Only this thread takes frames off its own queues, so the first one stays where it is while the inbox reads it. */
    int32_t result = fate_inbox_frame(inbox, from, 0, frame->bytes, frame->length);
    if (result != FATE_OK) return result;
    pthread_mutex_lock(&hub->lock);
    queue_take(queue);
    bool refused = queue->refused;
    queue->refused = false;
    pthread_mutex_unlock(&hub->lock);
    memory_free(hub->context, frame);
    if (refused) wakeup_signal(&hub->parties[from].wakeup);
    return FATE_OK;
}

static int32_t loopback_poll(void *context, fate_inbox *inbox)
{
    struct loopback *own = context;
    for (uint32_t from = 0; from < own->hub->count; from++) {
        int32_t result;
        do result = offer_one(own, from, inbox);
        while (result == FATE_OK);
        if (result < 0) return result;
    }
    return FATE_OK;
}

static int32_t loopback_wait(void *context, uint64_t milliseconds)
{
    const struct loopback *own = context;
    wakeup_wait(&own->wakeup, milliseconds);
    return FATE_OK;
}

static uint64_t loopback_now(void *context)
{
    (void)context;
    return transport_now();
}

static void loopback_wake(void *context)
{
    const struct loopback *own = context;
    wakeup_signal(&own->wakeup);
}

static void hub_free(struct loopback_hub *hub)
{
    fate_context *context = hub->context;
    for (uint32_t i = 0; i < hub->count; i++) wakeup_close(&hub->parties[i].wakeup);
    pthread_mutex_destroy(&hub->lock);
    memory_free(context, hub->queues);
    memory_free(context, hub->parties);
    memory_free(context, hub);
    fate_context_free(context);
}

static void loopback_free(void *context)
{
    struct loopback *own = context;
    struct loopback_hub *hub = own->hub;
    pthread_mutex_lock(&hub->lock);
    own->open = false;
    for (uint32_t from = 0; from < hub->count; from++) {
        struct loopback_queue *queue = queue_of(hub, own->party, from);
        queue_empty(hub->context, queue);
        if (queue->refused) wakeup_signal(&hub->parties[from].wakeup);
        queue->refused = false;
    }
    bool last = --hub->open == 0;
    pthread_mutex_unlock(&hub->lock);
    if (last) hub_free(hub);
}

static const fate_transport loopback_face = {
    .struct_size = sizeof(fate_transport),
    .abi_version = FATE_ABI_VERSION,
    .send = loopback_send,
    .poll = loopback_poll,
    .wait = loopback_wait,
    .now = loopback_now,
    .wake = loopback_wake,
    .free = loopback_free,
};

/* An empty hub; NULL when memory or the lock is not to be had. */
static struct loopback_hub *hub_make(fate_context *context, uint32_t count)
{
    struct loopback_hub *hub = memory_zeroed(context, 1, sizeof *hub);
    if (hub == NULL) return NULL;
    hub->parties = memory_zeroed(context, count, sizeof *hub->parties);
    hub->queues = memory_zeroed(context, (uint64_t)count * count, sizeof *hub->queues);
    if (hub->parties == NULL || hub->queues == NULL || pthread_mutex_init(&hub->lock, NULL) != 0) {
        memory_free(context, hub->queues);
        memory_free(context, hub->parties);
        memory_free(context, hub);
        return NULL;
    }
    hub->context = context_hold(context);
    hub->count = hub->open = count;
    for (uint32_t i = 0; i < count; i++) hub->parties[i].wakeup = (struct wakeup){-1, -1};
    return hub;
}

int32_t fate_loopback_new(fate_context *context, fate_transport **transports, uint32_t count)
{
    if (context == NULL || transports == NULL || count == 0 || count > LOOPBACK_PARTIES)
        return context_bad_argument(context, "fate_loopback_new: transports is NULL, or count is not 1 to 1024");
    for (uint32_t i = 0; i < count; i++) transports[i] = NULL;
    struct loopback_hub *hub = hub_make(context, count);
    if (hub == NULL) return context_out_of_memory(context);
    for (uint32_t i = 0; i < count; i++) {
        struct loopback *own = &hub->parties[i];
        own->face = loopback_face;
        own->face.context = own;
        own->hub = hub;
        own->party = i;
        own->open = true;
        if (wakeup_open(&own->wakeup)) continue;
        char reason[128];
        if (strerror_r(errno, reason, sizeof reason) != 0) reason[0] = 0;
        hub_free(hub);
        return context_fail(context, FATE_E_NETWORK, "a loopback of %u parties needs %u descriptors, but the system gives no more: %s",
                            count, 2 * count, reason);
    }
    for (uint32_t i = 0; i < count; i++) transports[i] = &hub->parties[i].face;
    return FATE_OK;
}
