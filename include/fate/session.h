/* A session runs one party of one job. This is the step interface: no callbacks, no input or output, no clock.
 *
 *   fate_session_new(context, &session, job, "bank", identity, FATE_PURPOSE_TRAIN);
 *   fate_session_set_table(session, FATE_TABLE_DATA, table);
 *   for (;;) {
 *       result = fate_session_run(session, now, 1000);               computes; never blocks, never calls out
 *       while (fate_session_next(session, &event) == FATE_OK)         send, store, progress, ...
 *           handle(event);
 *       if (result != FATE_OK && result != FATE_AGAIN) break;          FATE_FINISHED or an error
 *       if (result == FATE_OK) wait_for_a_frame_or_until(fate_session_deadline(session));
 *       fate_session_receive(session, peer, link, bytes, length);     FATE_AGAIN: window full, nothing was taken
 *   }
 *
 * One session, one thread at a time; different sessions are independent, also when made from one context. Peers are numbered
 * as the job lists its parties. Times are milliseconds of any steady clock of the application's.
 */
#ifndef FATE_SESSION_H
#define FATE_SESSION_H

#include <fate/model.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fate_session fate_session;
typedef struct fate_event fate_event;

/* Makes a session. Nothing is sent yet.
 * job       in: kept, must outlive the session
 * party     in: the name of this party in the job
 * identity  in: copied; must be the one that the job pins (else FATE_E_IDENTITY)
 * purpose   in: enum fate_purpose
 * Returns FATE_OK; FATE_E_ARGUMENT; FATE_E_IDENTITY; FATE_E_UNSUPPORTED when the algorithm has no protocol for that purpose;
 * FATE_E_MEMORY. The sentence is on the context. */
FATE_API int32_t fate_session_new(fate_context *context, fate_session **session, const fate_job *job, const char *party,
                                  const fate_identity *identity, int32_t purpose);
/* Wipes and frees; nothing is sent any more. NULL is accepted. */
FATE_API void fate_session_free(fate_session *session);

/* Before the first run: the party's table (finished; kept, must outlive the session; NULL removes it), a model to score with or
 * start from (kept likewise). FATE_E_STATE after the first run. */
FATE_API int32_t fate_session_set_table(fate_session *session, int32_t use, const fate_table *table);
FATE_API int32_t fate_session_set_model(fate_session *session, const fate_model *model);

/* Options by name, before the first run; FATE_E_ARGUMENT for an unknown name or a value out of range.
 *   "contact_timeout"   milliseconds to the first contact with every peer; 45000
 *   "loss_timeout"      milliseconds without a sign of life of a peer after the first contact; 600000
 *   "linger_timeout"    milliseconds that a finished party stays reachable for peers that are not; 10000
 *   "window"            bytes that a peer may have under way; 4194304 (65536 to 2^30)
 *   "durable"           1: keep state through store events and continue after a restart; 0
 *   "restart"           1: discard stored state and begin anew; 0 */
FATE_API int32_t fate_session_set_option(fate_session *session, const char *name, int64_t value);

/* Works until nothing can be done without a new frame, a completed store access or a later time, or until the budget is used.
 * now     milliseconds, never less than in the call before
 * budget  units of work (a step, or a piece of one: some milliseconds each); 0 means without limit
 * Returns FATE_OK when it waits; FATE_AGAIN when the budget is used and more can be done now; FATE_FINISHED; or the error that
 * ended the session: the same in every later call. Events are to be fetched after every return. FATE_E_STATE while events of the
 * last run are not all fetched. */
FATE_API int32_t fate_session_run(fate_session *session, uint64_t now, uint64_t budget);

/* Time at which run must be called again even if nothing arrives; UINT64_MAX when there is none. */
FATE_API uint64_t fate_session_deadline(const fate_session *session);

/* Hands over a frame.
 * peer  the party that it claims to come from; link  a number of the application's choice for the connection on which it came,
 *       0 where there are no connections: answers name the same link
 * Returns FATE_OK, also for frames that are dropped as duplicates or not authentic; FATE_AGAIN when the window is full and
 * nothing was taken; FATE_E_ARGUMENT; FATE_E_LIMIT when longer than 1 MiB + 4 KiB; FATE_E_MEMORY. Work is left to run. */
FATE_API int32_t fate_session_receive(fate_session *session, uint32_t peer, uint64_t link, const uint8_t *bytes, uint64_t length);

/* Optional: a connection to a peer has come up or gone away. Speeds up handshakes and re-sending; frames may be lost without it too. */
FATE_API int32_t fate_session_connected(fate_session *session, uint32_t peer, uint64_t link);
FATE_API int32_t fate_session_disconnected(fate_session *session, uint32_t peer, uint64_t link);

/* What a session wants or tells. */
enum fate_event_kind {
    FATE_EVENT_SEND = 1,       /* send bytes to peer over link (0: any way there is); may be lost, must not be altered */
    FATE_EVENT_CLOSE = 2,      /* close link to peer: what came over it was not authentic */
    FATE_EVENT_PUT = 3,        /* store bytes under key, durably; complete with FATE_OK */
    FATE_EVENT_GET = 4,        /* complete with FATE_OK and the bytes, or FATE_EMPTY */
    FATE_EVENT_DELETE = 5,     /* complete with FATE_OK, also when there was none */
    FATE_EVENT_LIST = 6,       /* complete with FATE_OK and the names of all keys that begin with key, each followed by a zero byte */
    FATE_EVENT_PROGRESS = 7,   /* fate_event_progress */
    FATE_EVENT_METRIC = 8,     /* fate_event_text is the name, fate_event_round, fate_event_value */
    FATE_EVENT_WARNING = 9,    /* fate_event_text */
    FATE_EVENT_CONNECTED = 10, /* peer has proved its identity, over link */
    FATE_EVENT_LOST = 11       /* peer has not been heard of for a while */
};

/* Takes the next event. *event is borrowed until the next call of this function or of run.
 * Returns FATE_OK, or FATE_EMPTY (then *event is NULL). */
FATE_API int32_t fate_session_next(fate_session *session, const fate_event **event);

/* Members of an event; 0 or NULL where its kind has none. */
FATE_API int32_t fate_event_kind(const fate_event *event);
FATE_API uint32_t fate_event_peer(const fate_event *event);
FATE_API uint64_t fate_event_link(const fate_event *event);
FATE_API const uint8_t *fate_event_bytes(const fate_event *event, uint64_t *length);
FATE_API uint64_t fate_event_identifier(const fate_event *event);
FATE_API const char *fate_event_key(const fate_event *event);
FATE_API const char *fate_event_text(const fate_event *event);
FATE_API uint32_t fate_event_round(const fate_event *event);
FATE_API double fate_event_value(const fate_event *event);

/* How far a job is. */
typedef struct fate_progress {
    uint32_t struct_size;
    uint32_t round; /* from 1: tree */
    uint32_t rounds;
    uint32_t level; /* from 1; 0 when not known */
    uint32_t levels;
    uint32_t reserved;
    uint64_t rows; /* rows worked on since the session began */
    uint64_t bytes_sent;
    uint64_t bytes_received;
    double fraction; /* of the whole job, 0 to 1 */
} fate_progress;

/* Copies the progress of a FATE_EVENT_PROGRESS: progress->struct_size is set by the caller. FATE_E_ARGUMENT for another event. */
FATE_API int32_t fate_event_progress(const fate_event *event, fate_progress *progress);

/* Completes a store event. result: FATE_OK, FATE_EMPTY (get), or an error, which ends the session and comes back unchanged.
 * bytes  in: copied; what get and list answer. FATE_E_ARGUMENT for an unknown identifier. */
FATE_API int32_t fate_session_complete(fate_session *session, uint64_t identifier, int32_t result, const uint8_t *bytes, uint64_t length);

/* Asks the session to end with FATE_E_CANCELLED at the next opportunity. Any thread, or a signal handler; NULL is accepted. */
FATE_API void fate_session_cancel(fate_session *session);

/* The sentence of the session's last error; never NULL; borrowed until the next call on the session. */
FATE_API const char *fate_session_error(const fate_session *session);
/* The party that an error concerns, UINT32_MAX when none. */
FATE_API uint32_t fate_session_error_party(const fate_session *session);

/* After FATE_FINISHED: the party's model, a new object (FATE_EMPTY when the protocol makes none), and columns of results by name
 * (FATE_EMPTY when there is none; values are borrowed from the session). index from 0 lists their names. */
FATE_API int32_t fate_session_model(const fate_session *session, fate_model **model);
FATE_API int32_t fate_session_result(const fate_session *session, const char *name, const double **values, uint64_t *count);
FATE_API const char *fate_session_result_name(const fate_session *session, uint32_t index);

/* Counters of what crossed the seam: "frames_sent", "frames_received", "bytes_sent", "bytes_received", "frames_rejected" (not
 * authentic), "frames_repeated", "records_resent", "handshakes". FATE_E_ARGUMENT for another name. */
FATE_API int32_t fate_session_counter(const fate_session *session, const char *name, uint64_t *value);
/* Payload of each message as its protocol names it, for this party: what left the building. index from 0; FATE_EMPTY after the last. */
FATE_API int32_t fate_session_traffic(const fate_session *session, uint32_t index, const char **message, uint32_t *peer, int32_t *outgoing,
                                      uint64_t *messages, uint64_t *bytes);

#ifdef __cplusplus
}
#endif
#endif
