/* A session runs one party of one job. This is the step interface: no callbacks, no input or output, no clock. fate_drive
 * (fate/observer.h) runs a session through hooks; fate_train and fate_predict (fate/train.h) make one and run it to its end.
 *
 *   fate_session_new(context, &session, job, "bank", identity, FATE_PURPOSE_TRAIN);
 *   fate_session_set_table(session, FATE_TABLE_DATA, table);
 *   for (;;) {
 *       while ((frame = first_of(arrived)) != NULL) {                 frames wait in a list of the application's
 *           taken = fate_session_receive(session, frame->peer, frame->link, frame->bytes, frame->length);
 *           if (taken == FATE_AGAIN) break;                           window full: keep the frame, offer it after the next run
 *           drop_first_of(arrived);
 *       }
 *       result = fate_session_run(session, now(), 1000);              computes; never blocks, never calls out
 *       while (fate_session_next(session, &event) == FATE_OK)         after an error too: peers are told of it
 *           switch (fate_event_kind(event)) {
 *           case FATE_EVENT_SEND:                                     the bytes are borrowed: send them now, or copy them
 *               bytes = fate_event_bytes(event, &length);
 *               send_to(fate_event_peer(event), fate_event_link(event), bytes, length);
 *               break;
 *           case FATE_EVENT_PUT: case FATE_EVENT_GET: ...             only with "durable": fate_session_complete, now or later
 *           }
 *       if (result != FATE_OK && result != FATE_AGAIN) break;         FATE_FINISHED or an error: remember it, run is not called again
 *       if (result == FATE_OK) wait_for_a_frame_or_until(fate_session_deadline(session));
 *   }
 *
 * examples/step.c is this loop for two parties in one process. enum fate_purpose and enum fate_table_use stand in fate/protocol.h.
 *
 * One session, one thread at a time; different sessions are independent, also when made from one context. A session takes the context's
 * allocator, protocols and number of threads as they are when it is made. Peers are numbered as the job lists its parties. Times are
 * milliseconds of any steady clock of the application's.
 *
 * Sentences of errors lie on the session: fate_session_error. A session that has ended with an error stays ended; make a new one.
 * Entering a session from one of its hooks or steps is FATE_E_REENTERED in run, next, receive, complete, connected and disconnected.
 */
#ifndef FATE_SESSION_H
#define FATE_SESSION_H

#include <fate/model.h>
#include <fate/task.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fate_session fate_session;
typedef struct fate_event fate_event;

/* Makes a session. Nothing is sent yet.
 *
 * session   out: NULL after an error; free with fate_session_free
 * job       in: kept, must outlive the session
 * party     in: the name of this party in the job
 * identity  in: copied; must be the one that the job pins
 * purpose   in: enum fate_purpose (fate/protocol.h)
 * Returns FATE_OK; FATE_E_ARGUMENT when an argument is NULL or the job has no such party; FATE_E_IDENTITY when the job pins another key for
 * this party; FATE_E_UNSUPPORTED when the algorithm has no protocol for that purpose, or that has no such role; FATE_E_MEMORY. The sentence
 * is on the context. */
FATE_API int32_t fate_session_new(fate_context *context, fate_session **session, const fate_job *job, const char *party,
                                  const fate_identity *identity, int32_t purpose);
/* Wipes and frees; nothing is sent any more. NULL is accepted. */
FATE_API void fate_session_free(fate_session *session);

/* Gives the session a table of this party. Before the first run; what a protocol needs is checked there.
 * use    in: enum fate_table_use (fate/protocol.h)
 * table  in: finished; kept, must outlive the session; NULL removes it
 * Returns FATE_OK; FATE_E_STATE after the first run; FATE_E_ARGUMENT. */
FATE_API int32_t fate_session_set_table(fate_session *session, int32_t use, const fate_table *table);
/* Gives the session a model to score with, or to start a training from (fate_train_from). Before the first run.
 * model  in: kept, must outlive the session; NULL removes it
 * Returns FATE_OK; FATE_E_STATE after the first run; FATE_E_MODEL when the model is not of this job (a training's: of its algorithm) and party, with the sentence on the
 * context that the model was made from; FATE_E_ARGUMENT. */
FATE_API int32_t fate_session_set_model(fate_session *session, const fate_model *model);

/* Sets an option by name, before the first run.
 * Returns FATE_OK; FATE_E_STATE after the first run; FATE_E_ARGUMENT for an unknown name or a value out of range.
 *   "contact_timeout"   milliseconds to the first contact with every peer; 45000
 *   "loss_timeout"      milliseconds without a sign of life of a peer after the first contact; 600000
 *   "linger_timeout"    milliseconds that a finished party stays reachable for peers that are not; 10000
 *   "window"            bytes that a peer may have under way; 4194304 (65536 to 2^30)
 *   "durable"           1: keep state through store events and continue after a restart; 0. A role that cannot save its state (scoring)
 *                       keeps none, and begins anew.
 *   "restart"           1: discard stored state and begin anew; 0
 *   "leaves"            1: scoring by trees also gives the leaves: results "leaf_1", "leaf_2", ... with, for each row, the number of its leaf in
 *                       that tree, as fate_model_dump numbers nodes; 0. Of the party alone that gets the scores
 *   "date"              seconds since 1970, by which what a protocol keeps beyond a job grows old; 0: not known. fate_drive asks the store */
FATE_API int32_t fate_session_set_option(fate_session *session, const char *name, int64_t value);

/* Keeps evidence (fate/evidence.h) through FATE_EVENT_EVIDENCE events. Before the first run.
 * log  in: length bytes, copied: what was appended to this party's log so far; NULL when length is 0. A run that begins needs a log that is
 *      empty, a run that continues from stored state the log that it was begun with: else the first run returns FATE_E_EXISTS or FATE_E_STORE
 * Returns FATE_OK; FATE_E_STATE after the first run; FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_session_set_evidence(fate_session *session, const uint8_t *log, uint64_t length);

/* Works until nothing can be done without a new frame, a completed store access or a later time, or until the budget is used. Worker
 * threads start and end inside the call.
 * now     milliseconds; a value below an earlier one counts as that one
 * budget  units of work (a step, or a piece of one: some milliseconds each); 0 means without limit
 * Returns FATE_OK when it waits; FATE_AGAIN when the budget is used and more can be done now; FATE_FINISHED; or the error that
 * ended the session, the same in every later call: any code of enum fate_result, or a protocol's or a store's own at or below
 * FATE_E_APPLICATION. Events are to be fetched after every return, also after an error: peers are told of it by frames.
 * FATE_E_STATE while events of the last run are not all fetched; FATE_E_REENTERED; FATE_E_ARGUMENT: the session is then as before. */
FATE_API int32_t fate_session_run(fate_session *session, uint64_t now, uint64_t budget);

/* Time at which run must be called again even if nothing arrives; 0 before the first run; UINT64_MAX when there is none, as while a store
 * access is awaited or when the session has ended. */
FATE_API uint64_t fate_session_deadline(const fate_session *session);

/* Hands over a frame. It is copied, and opened in the next run.
 * peer    in: the party that it claims to come from
 * link    in: a number of the application's choice for the connection on which it came, 0 where there are no connections: answers name
 *         the same link
 * bytes   in: length bytes as they were sent; NULL when length is 0
 * Returns FATE_OK, also for frames that will be dropped as duplicates or not authentic, and after the session has ended; FATE_AGAIN when
 * more than a window of frames waits for a run and nothing was taken: offer it again after run; FATE_E_ARGUMENT, also for a party with
 * which this one exchanges no messages; FATE_E_LIMIT when longer than 1 MiB + 4 KiB; FATE_E_MEMORY; FATE_E_REENTERED. */
FATE_API int32_t fate_session_receive(fate_session *session, uint32_t peer, uint64_t link, const uint8_t *bytes, uint64_t length);

/* Optional: a connection to a peer has come up or gone away. Speeds up handshakes and re-sending; without it a loss is noticed by silence.
 * Returns FATE_OK; FATE_E_ARGUMENT when there is no such peer; FATE_E_REENTERED. */
FATE_API int32_t fate_session_connected(fate_session *session, uint32_t peer, uint64_t link);
FATE_API int32_t fate_session_disconnected(fate_session *session, uint32_t peer, uint64_t link);

/* What a session wants or tells. Events of store accesses (put, get, delete, list) carry an identifier and are answered by
 * fate_session_complete, at once or later; at most one is open at a time, and one evidence event beside it. Frames that depend on a put are handed out only after it was
 * completed. Besides get and put of the state, protocols may get, put and delete values under keys that begin with "kept-"; later versions may
 * ask for list. */
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
    FATE_EVENT_LOST = 11,      /* peer has not been heard of for a while */
    FATE_EVENT_EVIDENCE =
        12,                 /* append bytes to this party's evidence log, durably, before a later event is handled; complete with FATE_OK */
    FATE_EVENT_ANSWER = 13, /* the question is answered: fate_session_answer */
    FATE_EVENT_TASK = 14    /* work for the application: fate_event_task; complete with fate_session_complete_task */
};

/* Takes the next event, in the order in which they arose.
 * event  out: borrowed until the next call of this function, of run or of free; NULL when there is none
 * Returns FATE_OK, FATE_EMPTY, FATE_E_ARGUMENT, FATE_E_REENTERED. */
FATE_API int32_t fate_session_next(fate_session *session, const fate_event **event);

/* Members of an event; 0 or NULL where its kind has none, and for NULL. What they point to lives as long as the event.
 * kind        enum fate_event_kind; skip kinds that you do not know
 * peer        send, close, connected, lost
 * link        send and close: over which connection; 0 for any. connected: over which the peer proved its identity
 * bytes       send, put, evidence; *length is their number (length may be NULL)
 * identifier  put, get, delete, list, evidence: what fate_session_complete wants; task: what fate_session_complete_task wants
 * key         put, get, delete: the key; list: the prefix. As fate/store.h says
 * text        metric: its name; warning: the sentence
 * round       metric: from 1; 0: before the first round, of horizontal training
 * value       metric */
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
    uint32_t struct_size; /* sizeof(fate_progress); set by who owns the structure */
    uint32_t round;       /* from 1: tree */
    uint32_t rounds;      /* how many there will be at most; 0 when not known */
    uint32_t level;       /* from 1; 0 when not known */
    uint32_t levels;
    uint32_t reserved;   /* 0 */
    uint64_t rows;       /* rows worked on in this run, before a restart too */
    uint64_t bytes_sent; /* frames of this session, without what the transport adds */
    uint64_t bytes_received;
    double fraction; /* of the whole job, 0 to 1; 1 comes last, when the party is done */
} fate_progress;

/* Copies the progress of a FATE_EVENT_PROGRESS.
 * progress  in/out: struct_size is set by the caller; as many bytes are written, at most
 * Returns FATE_OK; FATE_E_ARGUMENT for another event, NULL, or a struct_size below 4. */
FATE_API int32_t fate_event_progress(const fate_event *event, fate_progress *progress);

/* Completes a store or evidence event: the next run goes on with it.
 * identifier  in: fate_event_identifier of the event
 * result      in: FATE_OK, FATE_EMPTY (get), or an error, which ends the session and comes back unchanged
 * bytes       in: length bytes, copied; what get and list answer; NULL when length is 0
 * Returns FATE_OK; FATE_E_ARGUMENT for an identifier that is not open; FATE_E_REENTERED. When memory runs out the session ends with
 * FATE_E_MEMORY in the next run. */
FATE_API int32_t fate_session_complete(fate_session *session, uint64_t identifier, int32_t result, const uint8_t *bytes, uint64_t length);

/* Copies the task of a FATE_EVENT_TASK. One is open at a time.
 * task  in/out: struct_size is set by the caller; as many bytes are written, at most; what it points to is borrowed until the task is completed
 * Returns FATE_OK; FATE_E_ARGUMENT for another event, NULL, or a struct_size below 4. */
FATE_API int32_t fate_event_task(const fate_event *event, fate_task *task);

/* Completes a task, at once or in a later round of the loop: the next run goes on with it.
 * result  in: FATE_OK, or an error (FATE_E_UNSUPPORTED, an application's own at or below FATE_E_APPLICATION), which ends the session and comes back
 * done    in: what came of it, copied; may be NULL after an error
 * Returns FATE_OK; FATE_E_ARGUMENT, with a sentence, for an identifier that is not open, a done of another size than the task, or numbers that are
 * not finite: the task then stays open; FATE_E_VERSION; FATE_E_MEMORY; FATE_E_REENTERED. */
FATE_API int32_t fate_session_complete_task(fate_session *session, uint64_t identifier, int32_t result, const fate_task_result *done);

/* Asks the session to end with FATE_E_CANCELLED at the next opportunity: between two units of work, or in the next run. Peers are told. Any
 * thread, or a signal handler, while the session exists; NULL is accepted. */
FATE_API void fate_session_cancel(fate_session *session);

/* The sentence of the session's last error, "" when there was none; never NULL; borrowed until the next call on the session. */
FATE_API const char *fate_session_error(const fate_session *session);
/* The party that an error concerns, UINT32_MAX when none. */
FATE_API uint32_t fate_session_error_party(const fate_session *session);

/* After FATE_FINISHED: the party's model.
 * model  out: a new object that may outlive the session; NULL after an error; free with fate_model_free
 * Returns FATE_OK; FATE_EMPTY when the protocol makes none; FATE_E_STATE before the end; FATE_E_LIMIT above 1 GiB; FATE_E_ARGUMENT;
 * FATE_E_MEMORY. */
FATE_API int32_t fate_session_model(const fate_session *session, fate_model **model);
/* After FATE_FINISHED: a column of results by name: "score" in scoring.
 * values  out: count numbers, borrowed from the session. Those of the data table's rows stand in its order, which is the bytewise order of
 *         the ids (fate_table_row_id), not that of the file
 * count   out: how many there are
 * Returns FATE_OK; FATE_EMPTY when there is none of that name (a party that gets no scores has none); FATE_E_STATE before the end;
 * FATE_E_ARGUMENT. */
FATE_API int32_t fate_session_result(const fate_session *session, const char *name, const double **values, uint64_t *count);
/* The names of the columns of results: index from 0; NULL after the last, and before the end. */
FATE_API const char *fate_session_result_name(const fate_session *session, uint32_t index);

/* A session for FATE_PURPOSE_SERVE stays open and answers questions, one row after the other: the guest of vertical boosting asks for the score of
 * a row whose id hosts know (fate_ask in fate/observer.h does all of it in one call).
 * row  in: a finished table of one row, read as for FATE_PURPOSE_PREDICT; kept until it is answered; NULL: nothing more will be asked, and the
 *      session and those of the peers end with FATE_FINISHED
 * Returns FATE_OK: the next run takes it; FATE_E_STATE when a question is not answered yet, or the session has another purpose;
 * FATE_E_TABLE when row has not one row; FATE_E_ARGUMENT; FATE_E_REENTERED. */
FATE_API int32_t fate_session_ask(fate_session *session, const fate_table *row);
/* The last answer, after FATE_EVENT_ANSWER. values: out: count numbers, the columns of scores; borrowed until the next run.
 * Returns FATE_OK; FATE_EMPTY when a peer does not know the row; FATE_E_STATE when nothing was answered; FATE_E_ARGUMENT. */
FATE_API int32_t fate_session_answer(fate_session *session, const double **values, uint64_t *count);

/* Counters of what crossed the seam since this session was made: "frames_sent", "frames_received", "bytes_sent", "bytes_received",
 * "frames_rejected" (not authentic), "frames_repeated", "records_resent", "handshakes". At any time.
 * Returns FATE_OK; FATE_E_ARGUMENT for another name. */
FATE_API int32_t fate_session_counter(const fate_session *session, const char *name, uint64_t *value);
/* Payload of each message as its protocol names it, for this party since this session was made: what left the building. At any time.
 * index     in: from 0
 * message   out: its name in the protocol's table, borrowed from the session
 * outgoing  out: 1 for what this party sent to peer, 0 for what it received from it
 * messages  out: whole messages; bytes  out: of their parts, without headers and seals
 * Returns FATE_OK; FATE_EMPTY after the last; FATE_E_ARGUMENT. */
FATE_API int32_t fate_session_traffic(const fate_session *session, uint32_t index, const char **message, uint32_t *peer, int32_t *outgoing,
                                      uint64_t *messages, uint64_t *bytes);

#ifdef __cplusplus
}
#endif
#endif
