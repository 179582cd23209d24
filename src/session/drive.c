/* The loop that drives a session through hooks: run, hand its events to the hooks, hand the transport's findings to it, wait. */
#include "src/session/drive.h"

#include <string.h>
#include "lib/bytes.h"
#include "lib/hooks.h"
#include "src/session/outgoing.h"
#include "src/session/session.h"
#include "src/store/file_recorder.h"
#include "src/store/split.h"
#include "src/transport/transport.h"

struct drive {
    fate_session *session;
    fate_context *context; /* the session's own: its sentence is fate_session_error's */
    fate_transport transport;
    fate_store store;
    fate_observer observer;
    fate_recorder recorder;
    bool stores;
    bool records;
    bool asks;            /* ends with an answer */
    bool answered;        /* it is there */
    uint64_t task;        /* that the session has for the application; 0: none */
    fate_task work;       /* what it is */
    bool active;          /* something came that the session has not seen in a run */
    int32_t stopped;      /* the observer's result that ends the drive; FATE_OK: none */
    int32_t store_failed; /* the store's error that ended the session; FATE_OK: none */
    int32_t inbox_failed; /* the error that the inbox gave to the transport; FATE_OK: none */
    struct outgoing outgoing;
};

/* Takes an observer's result: the first one that is not FATE_OK cancels the session. */
static void observe(struct drive *drive, int32_t result)
{
    if (result == FATE_OK || drive->stopped != FATE_OK) return;
    drive->stopped = result < 0 ? result : FATE_E_CANCELLED;
    fate_session_cancel(drive->session);
}

/* ---- what the transport finds ---- */

/* poll is a hook, but what it hands to the inbox enters the session rightly. */
static int32_t inbox_result(struct drive *drive, int32_t result)
{
    session_hook_begin(drive->session);
    if (result == FATE_OK) drive->active = true;
    if (result < 0 && drive->inbox_failed == FATE_OK) drive->inbox_failed = result;
    return result;
}

static int32_t inbox_frame(void *context, uint32_t peer, uint64_t link, const uint8_t *bytes, uint64_t length)
{
    struct drive *drive = context;
    session_hook_end(drive->session);
    return inbox_result(drive, fate_session_receive(drive->session, peer, link, bytes, length));
}

static int32_t inbox_connected(void *context, uint32_t peer, uint64_t link)
{
    struct drive *drive = context;
    session_hook_end(drive->session);
    return inbox_result(drive, fate_session_connected(drive->session, peer, link));
}

static int32_t inbox_disconnected(void *context, uint32_t peer, uint64_t link)
{
    struct drive *drive = context;
    session_hook_end(drive->session);
    return inbox_result(drive, fate_session_disconnected(drive->session, peer, link));
}

static int32_t inbox_notice(void *context, uint32_t peer, const char *sentence)
{
    struct drive *drive = context;
    (void)peer;
    if (drive->observer.warning != NULL && drive->stopped == FATE_OK)
        observe(drive, drive->observer.warning(drive->observer.context, sentence));
    return FATE_OK;
}

static int32_t poll_transport(struct drive *drive)
{
    fate_inbox inbox = {drive, inbox_frame, inbox_connected, inbox_disconnected, inbox_notice};
    session_hook_begin(drive->session);
    int32_t result = drive->transport.poll(drive->transport.context, &inbox);
    session_hook_end(drive->session);
    return result < 0 ? result : drive->inbox_failed;
}

/* ---- what the session wants ---- */

/* Answers put, get, delete and list. A result that the hook must not give is an error of the store. */
static int32_t call_store(const struct drive *drive, const fate_event *event, struct buffer *answer)
{
    const fate_store *store = &drive->store;
    const char *key = fate_event_key(event);
    int32_t kind = fate_event_kind(event), result;
    uint64_t length;
    const uint8_t *bytes = fate_event_bytes(event, &length);
    fate_reply reply = {.answer = answer, .names = kind == FATE_EVENT_LIST};
    if (!drive->stores) return kind == FATE_EVENT_GET ? FATE_EMPTY : FATE_OK;
    if (kind == FATE_EVENT_PUT)
        result = store->put(store->context, key, bytes, length);
    else if (kind == FATE_EVENT_GET)
        result = store->get(store->context, key, &reply);
    else if (kind == FATE_EVENT_DELETE)
        result = store->delete_(store->context, key);
    else
        result = store->list(store->context, key, &reply);
    if (result < 0) return result;
    if (answer->failed) return context_out_of_memory(drive->context);
    if (kind == FATE_EVENT_GET && result == FATE_EMPTY) return FATE_EMPTY;
    if (result == FATE_OK && (kind != FATE_EVENT_GET || reply.answered)) return FATE_OK;
    return context_fail(drive->context, FATE_E_STORE, "the store's answer for \"%s\" is none that the hook may give (%d)", key,
                        (int)result);
}

static int32_t handle_store(struct drive *drive, const fate_event *event)
{
    struct buffer answer;
    buffer_init(&answer, drive->context);
    answer.secret = true;
    uint64_t identifier = fate_event_identifier(event);
    session_hook_begin(drive->session);
    int32_t result = call_store(drive, event, &answer);
    session_hook_end(drive->session);
    if (result < 0 && drive->store_failed == FATE_OK) drive->store_failed = result;
    result = fate_session_complete(drive->session, identifier, result, answer.bytes, result == FATE_OK ? answer.length : 0);
    buffer_free(&answer);
    drive->active = true;
    return result;
}

static int32_t handle_evidence(struct drive *drive, const fate_event *event)
{
    uint64_t length;
    const uint8_t *bytes = fate_event_bytes(event, &length);
    session_hook_begin(drive->session);
    int32_t result = drive->recorder.append(drive->recorder.context, bytes, length);
    session_hook_end(drive->session);
    drive->active = true;
    return fate_session_complete(drive->session, fate_event_identifier(event), result > 0 ? FATE_E_STORE : result, NULL, 0);
}

static int32_t handle_connected(struct drive *drive, const fate_event *event)
{
    uint32_t peer = fate_event_peer(event);
    uint64_t link = fate_event_link(event);
    const fate_observer *observer = &drive->observer;
    if (observer->peer_changed != NULL && drive->stopped == FATE_OK) observe(drive, observer->peer_changed(observer->context, peer, 1));
    if (link == 0 || drive->transport.proved == NULL) return FATE_OK;
    int32_t result = drive->transport.proved(drive->transport.context, peer, link);
    return result < 0 ? result : FATE_OK;
}

static int32_t handle_close(struct drive *drive, const fate_event *event)
{
    if (drive->transport.close == NULL) return FATE_OK;
    int32_t result = drive->transport.close(drive->transport.context, fate_event_peer(event), fate_event_link(event));
    return result < 0 ? result : FATE_OK;
}

/* Tells the observer of an event; a stopped one hears no more. */
static void tell(struct drive *drive, const fate_event *event)
{
    const fate_observer *observer = &drive->observer;
    int32_t kind = fate_event_kind(event), result = FATE_OK;
    fate_progress progress = {.struct_size = sizeof progress};
    if (drive->stopped != FATE_OK) return;
    if (kind == FATE_EVENT_PROGRESS && observer->progress != NULL) {
        result = fate_event_progress(event, &progress);
        if (result == FATE_OK) result = observer->progress(observer->context, &progress);
    } else if (kind == FATE_EVENT_METRIC && observer->metric != NULL) {
        result = observer->metric(observer->context, fate_event_text(event), fate_event_round(event), fate_event_value(event));
    } else if (kind == FATE_EVENT_WARNING && observer->warning != NULL) {
        result = observer->warning(observer->context, fate_event_text(event));
    } else if (kind == FATE_EVENT_LOST && observer->peer_changed != NULL) {
        result = observer->peer_changed(observer->context, fate_event_peer(event), 0);
    }
    observe(drive, result);
}

/* Hands an event that needs no answer to its hook. */
static int32_t hand_over(struct drive *drive, const fate_event *event)
{
    uint64_t length;
    const uint8_t *bytes;
    switch (fate_event_kind(event)) {
    case FATE_EVENT_SEND:
        bytes = fate_event_bytes(event, &length);
        return outgoing_send(&drive->outgoing, &drive->transport, fate_event_peer(event), fate_event_link(event), bytes, length);
    case FATE_EVENT_CLOSE: return handle_close(drive, event);
    case FATE_EVENT_CONNECTED: return handle_connected(drive, event);
    case FATE_EVENT_ANSWER: drive->answered = true; return FATE_OK;
    case FATE_EVENT_TASK:
        drive->task = fate_event_identifier(event);
        drive->work.struct_size = sizeof drive->work;
        return fate_event_task(event, &drive->work);
    default: tell(drive, event); return FATE_OK;
    }
}

static int32_t handle_event(struct drive *drive, const fate_event *event)
{
    int32_t kind = fate_event_kind(event);
    if (kind == FATE_EVENT_PUT || kind == FATE_EVENT_GET || kind == FATE_EVENT_DELETE || kind == FATE_EVENT_LIST)
        return handle_store(drive, event);
    if (kind == FATE_EVENT_EVIDENCE) return handle_evidence(drive, event);
    session_hook_begin(drive->session);
    int32_t result = hand_over(drive, event);
    session_hook_end(drive->session);
    return result;
}

static int32_t handle_events(struct drive *drive)
{
    const fate_event *event;
    int32_t result = FATE_OK;
    while (result == FATE_OK && fate_session_next(drive->session, &event) == FATE_OK) result = handle_event(drive, event);
    return result;
}

/* Lets the application do what it is asked for, or a piece of it. */
static int32_t do_task(struct drive *drive)
{
    fate_task_result done = {.struct_size = sizeof done, .abi_version = FATE_ABI_VERSION};
    if (drive->task == 0 || drive->stopped != FATE_OK) return FATE_OK;
    int32_t result = FATE_E_UNSUPPORTED;
    if (drive->observer.task != NULL) {
        session_hook_begin(drive->session);
        result = drive->observer.task(drive->observer.context, &drive->work, &done);
        session_hook_end(drive->session);
    }
    drive->active = true;
    if (result == FATE_AGAIN) return FATE_OK;
    uint64_t task = drive->task;
    drive->task = 0;
    return fate_session_complete_task(drive->session, task, result > 0 ? FATE_E_CANCELLED : result, &done);
}

/* ---- the loop ---- */

static uint64_t now(const struct drive *drive)
{
    session_hook_begin(drive->session);
    uint64_t time = drive->transport.now(drive->transport.context);
    session_hook_end(drive->session);
    return time;
}

static int32_t pause_for(const struct drive *drive, uint64_t milliseconds)
{
    session_hook_begin(drive->session);
    int32_t result = drive->transport.wait(drive->transport.context, milliseconds);
    session_hook_end(drive->session);
    return result < 0 ? result : FATE_OK;
}

static int32_t wait_for_session(const struct drive *drive)
{
    uint64_t time = now(drive), deadline = fate_session_deadline(drive->session);
    uint64_t left = deadline > time ? deadline - time : 0;
    return pause_for(drive, left < DRIVE_SLICE ? left : DRIVE_SLICE);
}

/* Offers the frames that are kept. */
static int32_t offer(struct drive *drive)
{
    session_hook_begin(drive->session);
    int32_t result = outgoing_offer(&drive->outgoing, &drive->transport);
    session_hook_end(drive->session);
    return result;
}

static void tick(struct drive *drive)
{
    if (drive->observer.tick == NULL || drive->stopped != FATE_OK) return;
    session_hook_begin(drive->session);
    observe(drive, drive->observer.tick(drive->observer.context));
    session_hook_end(drive->session);
}

static int32_t flush_transport(const struct drive *drive, uint64_t milliseconds)
{
    if (drive->transport.flush == NULL) return FATE_OK;
    session_hook_begin(drive->session);
    int32_t result = drive->transport.flush(drive->transport.context, milliseconds);
    session_hook_end(drive->session);
    return result < 0 ? result : FATE_OK;
}

/* Gets out what the session said last. What still comes in is taken, or wait would not wait. */
static int32_t flush(struct drive *drive)
{
    uint64_t end = now(drive) + DRIVE_FLUSH;
    for (;;) {
        int32_t result = offer(drive);
        uint64_t time = now(drive), left = time < end ? end - time : 0;
        if (result == FATE_OK) result = flush_transport(drive, left);
        if (result != FATE_OK || drive->outgoing.first == NULL || left == 0) return result;
        result = poll_transport(drive);
        if (result == FATE_OK) result = pause_for(drive, left < DRIVE_SLICE / 10 ? left : DRIVE_SLICE / 10);
        if (result != FATE_OK) return result;
    }
}

/* A transport's error ends the drive but not the session, which may be driven on over another one. */
static int32_t explain(const struct drive *drive, int32_t result)
{
    if (result == FATE_E_MEMORY) return context_out_of_memory(drive->context);
    if (result <= FATE_E_APPLICATION)
        return context_fail(drive->context, result, "a hook of the application ended the drive with its own code %d", (int)result);
    return context_fail(drive->context, result, "the transport failed: %s", fate_result_text(result));
}

/* The session has ended with state: what fate_drive returns. */
static int32_t finish(struct drive *drive, int32_t state)
{
    int32_t result = flush(drive);
    /* Cancelled when all was done and only peers were waited for: the job is finished. */
    if (drive->stopped == FATE_E_CANCELLED && state == FATE_FINISHED) drive->stopped = FATE_OK;
    if (drive->stopped == FATE_E_CANCELLED) return context_fail(drive->context, drive->stopped, "the observer cancelled the job");
    if (drive->stopped != FATE_OK)
        return context_fail(drive->context, drive->stopped, "the observer ended the job with its own code %d", (int)drive->stopped);
    if (state < 0 && drive->store_failed != FATE_OK) {
        const char *sentence = drive->stores ? split_sentence(&drive->store) : "";
        if (sentence[0] != 0) (void)context_fail(drive->context, state, "%s", sentence);
        return drive->store_failed;
    }
    if (state < 0 && drive->records && drive->session->evidence.broken) {
        const char *sentence = file_recorder_sentence(&drive->recorder);
        if (sentence[0] != 0) (void)context_fail(drive->context, state, "%s", sentence);
    }
    if (state < 0) return state;
    return result == FATE_OK ? FATE_OK : explain(drive, result);
}

static int32_t drive_loop(struct drive *drive)
{
    /* A drive that a transport's error ended may have left events, which must be fetched before the next run. */
    int32_t result = handle_events(drive);
    while (result == FATE_OK) {
        int32_t state = fate_session_run(drive->session, now(drive), DRIVE_BUDGET);
        drive->active = state == FATE_AGAIN;
        result = handle_events(drive);
        if (result != FATE_OK) break;
        if (state != FATE_OK && state != FATE_AGAIN) return finish(drive, state);
        tick(drive);
        if (drive->stopped != FATE_OK) continue;
        result = do_task(drive);
        if (result == FATE_OK) result = offer(drive);
        if (result == FATE_OK && drive->asks && drive->answered) return FATE_OK;
        if (result == FATE_OK) result = poll_transport(drive);
        if (result == FATE_OK && !drive->active && drive->stopped == FATE_OK) result = wait_for_session(drive);
    }
    return explain(drive, result);
}

#define WRONG_TABLE                                                                                                                        \
    "the %s's table of functions is not one of this version of libfate: struct_size is its sizeof, abi_version FATE_ABI_VERSION, and the " \
    "rest is zero where nothing is set"

/* Copies the hook tables. Sets the session's sentence. */
static int32_t take_hooks(struct drive *drive, const fate_transport *transport, const fate_store *store, const fate_observer *observer)
{
    fate_context *context = drive->context;
    if (transport == NULL) return context_fail(context, FATE_E_ARGUMENT, "a session is driven over a transport, and none is given");
    if (!hooks_copy(&drive->transport, sizeof drive->transport, transport, offsetof(fate_transport, context)))
        return context_fail(context, FATE_E_VERSION, WRONG_TABLE, "transport");
    if (store != NULL && !hooks_copy(&drive->store, sizeof drive->store, store, offsetof(fate_store, context)))
        return context_fail(context, FATE_E_VERSION, WRONG_TABLE, "store");
    if (observer != NULL && !hooks_copy(&drive->observer, sizeof drive->observer, observer, offsetof(fate_observer, context)))
        return context_fail(context, FATE_E_VERSION, WRONG_TABLE, "observer");
    const fate_transport *t = &drive->transport;
    if (t->send == NULL || t->poll == NULL || t->wait == NULL || t->now == NULL)
        return context_fail(context, FATE_E_ARGUMENT, "a transport has at least the functions send, poll, wait and now");
    if (drive->observer.recorder != NULL &&
        !hooks_copy(&drive->recorder, sizeof drive->recorder, drive->observer.recorder, offsetof(fate_recorder, context)))
        return context_fail(context, FATE_E_VERSION, WRONG_TABLE, "recorder");
    drive->records = drive->observer.recorder != NULL;
    if (drive->records && (drive->recorder.read == NULL || drive->recorder.append == NULL))
        return context_fail(context, FATE_E_ARGUMENT, "a recorder has at least the functions read and append");
    drive->stores = store != NULL;
    const fate_store *s = &drive->store;
    if (drive->stores && (s->put == NULL || s->get == NULL || s->delete_ == NULL || s->list == NULL))
        return context_fail(context, FATE_E_ARGUMENT, "a store has at least the functions put, get, delete_ and list");
    return FATE_OK;
}

/* A store keeps state, and knows the date. A session that has run before is driven on as it is. */
static int32_t set_store(const struct drive *drive)
{
    int32_t result = fate_session_set_option(drive->session, "durable", 1);
    if (result != FATE_OK || drive->store.date == NULL) return result == FATE_E_STATE ? FATE_OK : result;
    session_hook_begin(drive->session);
    uint64_t date = drive->store.date(drive->store.context);
    session_hook_end(drive->session);
    return fate_session_set_option(drive->session, "date", date <= INT64_MAX ? (int64_t)date : 0);
}

/* Gives the session the log that the recorder has, unless it has run before. */
static int32_t take_log(struct drive *drive)
{
    struct buffer log;
    fate_session *session = drive->session;
    if (!drive->records && session->evidence.on)
        return context_fail(drive->context, FATE_E_ARGUMENT, "the session keeps evidence: its observer needs a recorder");
    if (!drive->records || session->has_run) return FATE_OK;
    buffer_init(&log, drive->context);
    fate_reply reply = {.answer = &log};
    session_hook_begin(session);
    int32_t result = drive->recorder.read(drive->recorder.context, &reply);
    session_hook_end(session);
    if (result < 0) {
        const char *sentence = file_recorder_sentence(&drive->recorder);
        (void)context_fail(drive->context, result, "%s", sentence[0] != 0 ? sentence : "the evidence log cannot be read");
    } else {
        result = fate_session_set_evidence(session, log.bytes, log.length);
    }
    buffer_free(&log);
    return result;
}

static int32_t run_drive(fate_session *session, const fate_transport *transport, const fate_store *store, const fate_observer *observer,
                         bool asks)
{
    struct drive drive;
    if (!session_drive_begin(session)) return FATE_E_REENTERED;
    memset(&drive, 0, sizeof drive);
    drive.session = session;
    drive.asks = asks;
    drive.context = session->context;
    outgoing_init(&drive.outgoing, drive.context);
    int32_t result = take_hooks(&drive, transport, store, observer);
    if (result == FATE_OK && drive.stores) result = set_store(&drive);
    if (result == FATE_OK) result = take_log(&drive);
    if (result == FATE_OK) result = drive_loop(&drive);
    outgoing_free(&drive.outgoing);
    session_drive_end(session);
    return result;
}

int32_t fate_drive(fate_session *session, const fate_transport *transport, const fate_store *store, const fate_observer *observer)
{
    return session == NULL ? FATE_E_ARGUMENT : run_drive(session, transport, store, observer, false);
}

int32_t fate_ask(fate_session *session, const fate_transport *transport, const fate_observer *observer, const fate_table *row,
                 const double **values, uint64_t *count)
{
    if (values != NULL) *values = NULL;
    if (count != NULL) *count = 0;
    if (session == NULL) return FATE_E_ARGUMENT;
    if (values == NULL || count == NULL) return context_bad_argument(session->context, "fate_ask: values or count is NULL");
    int32_t result = fate_session_ask(session, row);
    if (result == FATE_OK) result = run_drive(session, transport, NULL, observer, row != NULL);
    return result == FATE_OK && row != NULL ? fate_session_answer(session, values, count) : result;
}
