/* The inside of a session: the object that the engine's parts share.
 *
 * session.c   making it, options, events out, frames in, results
 * peers.c     the network side: records, acknowledgements, timers
 * hello.c     what two parties tell each other first
 * engine.c    the phases of a run, and the step tables
 * turn.c      what a step may do
 * vanish.c    parties that may vanish
 * tasks.c     work that is left to the application
 * state.c     stored state: made, read back
 * value.c     what protocols keep beyond a job
 * evidence_book.c, evidence_seal.c  the evidence of what was sent and received */
#ifndef SRC_SESSION_SESSION_H
#define SRC_SESSION_SESSION_H

#include <fate/session.h>
#include <stdatomic.h>
#include "lib/random.h"
#include "src/session/control.h"
#include "src/session/event.h"
#include "src/session/evidence_book.h"
#include "src/session/identity.h"
#include "src/session/link.h"
#include "src/session/stream.h"

enum phase {
    PHASE_NEW = 0,    /* nothing has run */
    PHASE_LOADING,    /* waits for stored state */
    PHASE_SEEDING,    /* waits until the secret seed is stored */
    PHASE_CONNECTING, /* waits for the peers and the run */
    PHASE_RUNNING,    /* steps */
    PHASE_STORING,    /* waits until a checkpoint is stored */
    PHASE_CONCLUDING, /* waits until the result is stored */
    PHASE_LINGERING,  /* done; reachable for peers that are not */
    PHASE_FINISHED,
    PHASE_FAILED
};

enum { WINDOW_LEAST = 65536, WINDOW_MOST = 1 << 30 };

struct waiting_frame {
    struct waiting_frame *next;
    uint64_t link;
    uint64_t length;
    uint8_t bytes[];
};

struct received_message {
    const uint8_t *bytes;
    uint64_t length;
    uint64_t records; /* to be taken when the step is done; 0: nothing here */
    uint8_t *joined;  /* owned copy when it came in several parts */
};

struct traffic {
    uint64_t messages, bytes;
};

enum { NO_PEER = -1 };

struct peer {
    uint32_t party, role;
    bool contacted; /* has ever proved its identity */
    bool ready;     /* its hello has arrived on the present channel */
    bool heard;     /* it has heard ours */
    bool finished;  /* it says that it is done */
    bool over;      /* and all that it ever sent has come */
    bool told;      /* it was told on the present channel that this party is done */
    bool lost;      /* reported as lost */
    bool apart;     /* its connection was cut, and nothing was heard since */
    bool may_vanish, expelled;
    bool held; /* FATE_WAIT_ANY: nothing of it is taken */
    bool tell; /* an acknowledgement is due */
    bool durable;
    bool run_told; /* our hello with the run has gone out on the present channel */
    uint8_t incarnation[CONTROL_RUN];
    uint64_t last_heard;
    uint64_t hello_due, hello_pause;
    uint64_t ping_due, ping_pause;
    int64_t open_message; /* message that is sent in parts and not yet ended; -1 */
    struct received_message received;
    bool part_done;          /* FATE_WAIT_PART: its last part has been taken in this step */
    bool in_message;         /* FATE_WAIT_ANY: the last part that was taken ended no message */
    uint64_t message_bytes;  /* and of that message were taken so many */
    struct traffic *traffic; /* [message][0 received, 1 sent] */
    struct link link;
    struct stream stream;
    struct evidence_peer evidence;
    struct waiting_frame *frames, **frames_end;
    uint64_t frame_bytes;
};

struct fate_turn {
    fate_session *session;
    bool in_step; /* sending is allowed */
    bool in_save;
    int64_t from; /* FATE_WAIT_PART and FATE_WAIT_ANY: who; -1 */
    bool first, last;
    uint32_t message;
    bool woken, timed; /* FATE_WAIT_ANY: time is over (timed), or a party has gone */
    int64_t go_to;     /* -1: the following row */
    bool finish;
    bool checkpoint, checkpoint_first;
    struct buffer *save;
    struct payload *recent; /* what was sent last in this step; NULL */
    char for_peers[CONTROL_SENTENCE];
};

enum { VALUE_NAME = 80 };

/* A value that a step wants stored, read or deleted. */
struct value_access {
    bool asked; /* it is under way */
    bool done;  /* and now it is over: the step gets the result when it asks again */
    int32_t kind, result;
    char name[VALUE_NAME + 1];
    struct buffer bytes; /* what was read */
};

struct session_result {
    struct session_result *next;
    char *name;
    double *values;
    uint64_t count;
};

/* What the application asks, and the last answer. */
struct question {
    bool asked, answered;
    bool fresh;            /* asked since the last run */
    const fate_table *row; /* NULL: nothing more will be asked */
    double *values;
    uint64_t count;
};

/* What the application is to do, and what it has done. */
struct task {
    bool asked, done;
    bool fresh;    /* done since the last run */
    uint64_t next; /* identifiers so far */
    fate_task task;
    float *weights;
    int32_t result;
    fate_task_result answer;
    float *values;
};

struct fate_session {
    fate_context *context; /* the session's own child: memory, threads, sentence */
    const fate_job *job;
    uint32_t party, party_count;
    int32_t purpose;
    const fate_protocol *protocol;
    const fate_protocol_role *role;
    uint32_t role_index;
    fate_identity *identity;
    const fate_table *tables[2];
    const fate_model *model;
    uint8_t job_digest[CONTROL_DIGEST];
    uint8_t table_digest[2][CONTROL_DIGEST]; /* zero where there is no table */

    uint64_t contact_timeout, loss_timeout, linger_timeout, window;
    bool durable, restart, leaves;

    enum phase phase;
    enum phase failed_in;
    int32_t failure; /* after PHASE_FAILED */
    uint32_t failure_party;
    uint64_t now, started, concluded;
    bool has_run; /* the first run has been */
    bool running; /* inside run */
    bool driven, in_hook;
    atomic_bool cancelled;

    bool simulated; /* random numbers follow from a seed */
    struct random_stream random;

    uint8_t secret[RANDOM_KEY]; /* all randomness in messages follows from it */
    uint8_t incarnation[CONTROL_RUN];
    bool run_known, run_stored;
    uint8_t run[CONTROL_RUN], run_secret[CONTROL_SECRET];

    struct peer *peers; /* those that this party exchanges messages with, in the job's order */
    uint32_t peer_count;
    int32_t *places; /* of each party in peers; NO_PEER */
    void *state;     /* the protocol's */
    bool state_made;
    uint32_t step;
    uint64_t wake_at;  /* FATE_WAIT_ANY */
    uint64_t overtime; /* parts taken since that time */
    uint32_t any_next; /* place among the peers where the search for the next part begins */
    bool departed;     /* a party has gone, and the step was not told */
    uint64_t pieces;   /* calls of steps so far */
    struct fate_turn turn;

    struct event_queue events;
    fate_progress progress; /* the last that was told */
    uint64_t store_identifier, store_next;
    int32_t store_kind; /* the event that is waited for; 0: none */
    bool store_done;
    int32_t store_result;
    struct buffer store_bytes;
    struct value_access value;
    uint64_t date; /* seconds since 1970; 0: not known */
    struct evidence_book evidence;

    uint8_t *model_body;
    uint64_t model_length;
    bool model_made;
    struct session_result *results;
    struct question question;
    struct task task;

    uint64_t run_bytes; /* of frames that this run has made */
    uint64_t frames_sent, frames_received, bytes_sent, bytes_received, records_resent;
};

/* Ends the session with an error whose sentence is already on its context. party: whom it concerns, UINT32_MAX for none. */
int32_t session_fail(fate_session *session, int32_t result, uint32_t party);
/* The same with a sentence. */
int32_t session_fail_with(fate_session *session, int32_t result, uint32_t party, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
const char *session_name(const fate_session *session, uint32_t party);
/* Fresh random bytes: the system's, or the simulator's. */
void session_random(fate_session *session, void *out, uint64_t length);
/* The simulator's entry: all random numbers of the session follow from this key. Before the first run. */
void session_simulate(fate_session *session, const uint8_t *key);
int32_t session_emit_warning(fate_session *session, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Asks the application for a store access; FATE_OK or FATE_E_MEMORY. bytes may be NULL; is emptied. */
int32_t session_ask_store(fate_session *session, int32_t kind, const char *key, struct buffer *bytes);
void session_free_results(fate_session *session);
/* NULL for a party that this one exchanges no messages with. */
struct peer *session_peer(const fate_session *session, uint32_t party);
void session_count(struct peer *peer, uint32_t message, bool outgoing, uint64_t bytes, bool last);

/* Entering from a hook of this session's drive, or from a step. */
bool session_entered(const fate_session *session);
/* For fate_drive: only one drive at a time; while a hook runs, calls that enter the session are FATE_E_REENTERED. */
bool session_drive_begin(fate_session *session);
void session_drive_end(fate_session *session);
void session_hook_begin(fate_session *session);
void session_hook_end(fate_session *session);

/* peers.c */
int32_t peers_receive(fate_session *session);  /* works off the frames that have arrived */
int32_t peers_maintain(fate_session *session); /* handshakes, hellos, pings, time-outs */
int32_t peers_transmit(fate_session *session); /* records and acknowledgements that may go */
uint64_t peers_deadline(const fate_session *session);
bool peers_cut_short(const fate_session *session); /* records wait for the next run */
bool peers_ready(const fate_session *session);
void peers_abort(fate_session *session, int32_t code, const char *sentence);
int32_t peers_tell_abort(fate_session *session, uint32_t party, int32_t code, const char *sentence);
int32_t peers_send(fate_session *session, uint32_t party, const struct buffer *content); /* one sealed content */

uint64_t peers_grant(const fate_session *session, struct peer *peer); /* what it may send up to; told to it */

/* hello.c */
enum { HELLO_PAUSE = 250, HELLO_PAUSE_MOST = 4000, PING_PAUSE = 1000 };
int32_t hello_send(fate_session *session, uint32_t party);
int32_t hello_receive(fate_session *session, uint32_t party, const uint8_t *bytes, uint64_t length);

/* engine.c */
int32_t engine_run(fate_session *session, uint64_t budget, bool *more);
/* When a party that is done stops waiting for its peers: after a while, and after a while of silence of a peer that still misses records. */
uint64_t engine_linger_end(const fate_session *session);
bool engine_may_leave(const fate_session *session); /* lingers no longer */

/* turn.c */
void turn_begin(fate_session *session);
void turn_reset(fate_session *session);

/* value.c: a store access that a step has asked for is over. */
int32_t value_complete(fate_session *session, int32_t kind, int32_t result);

/* vanish.c
 * vanish_fault ends the session with an error for which a peer is to blame (that error), or, when the peer may vanish, that peer's part in
 * the job alone (FATE_EMPTY; FATE_E_MEMORY). for_peers of the turn is what is told. */
int32_t vanish_fault(fate_session *session, int32_t code, uint32_t party, const char *format, ...) __attribute__((format(printf, 4, 5)));
int32_t vanish_expel(fate_session *session, struct peer *peer, int32_t code, const char *sentence, const char *for_peer);
int32_t vanish_renew(fate_session *session, struct peer *peer); /* it has begun anew without its state */
void vanish_clear(fate_session *session);                       /* no step holds anything of the expelled any more */

/* tasks.c */
void task_free(fate_session *session);

/* state.c
 * state_name is the key in the store: the states of alignments stand beside that of the training that follows.
 * state_store asks the application to keep the state: everything that is needed to go on from here. application: what the protocol
 * saved, or NULL. state_load reads it back: FATE_E_STORE when it is damaged, or of another run, job, party, table or identity. */
const char *state_name(const fate_session *session);
int32_t state_store(fate_session *session, enum phase phase, struct buffer *application);
int32_t state_load(fate_session *session, const uint8_t *bytes, uint64_t length, enum phase *phase, struct buffer *application);

#endif
