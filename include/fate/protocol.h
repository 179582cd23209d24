/* Protocols as tables: write your own federated algorithm on the interface that the library's own are written on.
 *
 * A protocol is a list of roles, each a table of steps, and a list of messages: who sends, who receives, what it carries and
 * why the receiver may see it. The engine waits, sends again, checkpoints, times and audits; a step is ordinary C over a
 * state of yours and never blocks. What is not declared cannot be sent. fate_describe prints the tables that run.
 *
 * A step names what it waits for and is called when that has arrived. It ends with
 *   FATE_OK      go to the next row of the table, or to the row that fate_turn_go_to named, or end after fate_turn_finish
 *   FATE_AGAIN   call this step again: the way to do long work in pieces of some milliseconds, and to send long vectors part by
 *                part (the engine calls again once the outgoing window has room)
 *   an error     the job ends here with that error, an application's own code (at or below FATE_E_APPLICATION) among them; peers are told
 *                the code and the sentence of fate_turn_fail, nothing else
 * Messages of one peer are taken in the order in which it sent them; any other message than the awaited one is an error. A step is not
 * called while more than a window waits to be sent to some peer, so that memory stays bounded.
 *
 * Parties that come and go. A role whose may_vanish is 1 (phones, branches) may have parties that never come, are lost in the middle, and
 * come back, also as if for the first time. Nobody waits for them by name: who receives from such a role does so in steps with FATE_WAIT_ANY,
 * which are called for whatever message comes next and, with fate_turn_wake, when time is over. What such a party does wrong ends its own
 * part in the job (fate_turn_expel), not the job.
 *
 * An interrupted party begins again: start, then load with what save wrote at the last checkpoint, then the step after it. So a step must
 * send the same bytes when it is run again on the same state and messages: everything random comes from fate_turn_seed. What does not
 * follow from state and messages alone (time was over, an application's callback) is stored before it goes out: fate_turn_checkpoint_first.
 *
 * The least there is, one asks and the other answers (examples/own_protocol.c is a whole one; fate/simulator.h runs it in a test):
 *
 *   enum { ASKER, ANSWERER };                                            roles and messages, by their places in the tables
 *   enum { QUESTION, ANSWER };
 *   int32_t start(fate_turn *turn, void **state)
 *   {
 *       *state = fate_allocate(fate_turn_context(turn), 8);
 *       return *state == NULL ? FATE_E_MEMORY : FATE_OK;
 *   }
 *   void stop(fate_context *context, void *state) { fate_free(context, state); }
 *   int32_t ask(fate_turn *turn, void *state) { return fate_turn_send_all(turn, QUESTION, (const uint8_t *)"?", 1, 1); }
 *   int32_t answer(fate_turn *turn, void *state)
 *   {
 *       int32_t result = fate_turn_send_all(turn, ANSWER, (const uint8_t *)"!", 1, 1);
 *       return result == FATE_OK ? fate_turn_finish(turn) : result;
 *   }
 *   int32_t hear(fate_turn *turn, void *state)                            what came: fate_turn_received, and check it
 *   {
 *       return fate_turn_finish(turn);
 *   }
 *   const fate_protocol_message messages[] = {{"question", ASKER, ANSWERER, 0, "what it carries", "why it may be seen"},
 *                                             {"answer", ANSWERER, ASKER, 0, "what it carries", "why it may be seen"}};
 *   const fate_protocol_step asks[] = {{"ask", FATE_WAIT_NOTHING, 0, ask}, {"hear", FATE_WAIT_ALL, ANSWER, hear}};
 *   const fate_protocol_step answers[] = {{"answer", FATE_WAIT_ALL, QUESTION, answer}};
 *   const fate_protocol_role roles[] = {
 *       {"asker", 1, 1, "the answer", asks, sizeof *asks, 2, start, NULL, NULL, stop, 0},
 *       {"answerer", 1, 1, "the question", answers, sizeof *answers, 1, start, NULL, NULL, stop, 0}};
 *   const fate_protocol protocol = {sizeof protocol, FATE_ABI_VERSION, "ask", FATE_PURPOSE_TRAIN, "What it does.", "What it does not guard.",
 *       NULL, roles, sizeof *roles, 2, messages, sizeof *messages, 2, NULL, 0, 0, NULL, NULL, NULL};
 *   fate_protocol_register(context, &protocol);                           before a job with "algorithm": "ask" is read
 */
#ifndef FATE_PROTOCOL_H
#define FATE_PROTOCOL_H

#include <fate/job.h>
#include <fate/task.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fate_turn fate_turn;
typedef struct fate_model fate_model;

/* What a session is for. */
enum fate_purpose {
    FATE_PURPOSE_TRAIN = 1,
    FATE_PURPOSE_PREDICT = 2,
    FATE_PURPOSE_ALIGN = 3,
    FATE_PURPOSE_SERVE = 4,
    FATE_PURPOSE_ALIGN_VALIDATION = 5 /* FATE_PURPOSE_ALIGN's protocol once more, for the validation tables of the same training job */
};

/* What a step waits for. */
enum fate_wait {
    FATE_WAIT_NOTHING = 0,  /* run at once */
    FATE_WAIT_ALL = 1,      /* one whole message from every party of its sending role; none when there is no such party */
    FATE_WAIT_PART = 2,     /* called for each part as it comes, from any party of the sending role; the engine moves on when
                              the last part of every such party has been taken. Skipped when there is no such party. */
    FATE_WAIT_QUESTION = 4, /* until the application asks something (fate_session_ask), or says that nothing more will be asked */
    FATE_WAIT_ANY = 3       /* called for each part of any message from any party, in turn from one party after the other, and, with
                              fate_turn_from UINT32_MAX, when the time that fate_turn_wake named is over and when a party has gone
                              (fate_turn_present). Stays on this row until the step says otherwise with fate_turn_go_to or fate_turn_finish. */
};

/* Which of a party's tables. */
enum fate_table_use {
    FATE_TABLE_DATA = 0, /* training data, or the rows to score */
    FATE_TABLE_VALIDATION = 1
};

/* Kinds of a parameter. */
enum fate_parameter_kind { FATE_PARAMETER_INTEGER = 1, FATE_PARAMETER_NUMBER = 2, FATE_PARAMETER_TEXT = 3 };

/* A row of the message table. All strings are static or live as long as the context. */
typedef struct fate_protocol_message {
    const char *name;    /* "gradients" */
    uint32_t sender;     /* role, an index into the protocol's roles */
    uint32_t receiver;   /* role */
    uint64_t limit;      /* longest whole message in bytes that a receiver accepts; 0: 64 MiB. Parts are at most FATE_PART_LIMIT. */
    const char *carries; /* what it carries, one sentence */
    const char *reason;  /* why the receiver may see it, one sentence */
} fate_protocol_message;

/* A step: see the top of this file. state is what start made. Called on the thread that called run; may use the context's threads through
 * the library's functions, which fork and join inside. */
typedef int32_t (*fate_step_function)(fate_turn *turn, void *state);

/* A row of a role's step table. */
typedef struct fate_protocol_step {
    const char *name; /* "choose splits" */
    uint32_t wait;    /* enum fate_wait */
    uint32_t message; /* index of the awaited message; ignored with FATE_WAIT_NOTHING and FATE_WAIT_ANY */
    fate_step_function run;
} fate_protocol_step;

/* A role of a protocol. */
typedef struct fate_protocol_role {
    const char *name;   /* "guest" */
    uint32_t minimum;   /* how many parties of this role a job must have */
    uint32_t maximum;   /* and may have */
    const char *learns; /* what a party of this role learns in the end, one or more sentences */
    const fate_protocol_step *steps;
    uint32_t step_size; /* sizeof(fate_protocol_step) */
    uint32_t step_count;
    /* Makes the state and checks everything that can be checked alone, before any peer is spoken to. Nothing can be sent here.
     * state  out: stop gets it, also after an error if it is not NULL */
    int32_t (*start)(fate_turn *turn, void **state);
    /* Writes the state with fate_turn_save; reads what save wrote into a state that start made (sealed by the engine, so no peer wrote it,
     * but perhaps another version of the protocol: check it). NULL, both: the role cannot resume and begins anew. save is called only
     * where a step asked for fate_turn_checkpoint and the session keeps state. */
    int32_t (*save)(fate_turn *turn, const void *state);
    int32_t (*load)(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length);
    /* Frees the state; wipes secrets. state may be NULL. */
    void (*stop)(fate_context *context, void *state);
    /* 1: parties of this role may be missing, vanish and come back while the others go on; 0: the job needs every one. */
    uint32_t may_vanish;
} fate_protocol_role;

/* A parameter that a job may give; see fate_job_integer, fate_job_number, fate_job_text. */
typedef struct fate_protocol_parameter {
    const char *name;
    uint32_t kind;      /* enum fate_parameter_kind */
    const char *preset; /* the default as JSON text: "10", "0.3", "\"logistic\""; NULL: a job must give it */
    double minimum;     /* integers and numbers: least and greatest accepted value */
    double maximum;
    const char *choices; /* text: the accepted values, separated by one blank; NULL: any */
    const char *help;    /* one sentence */
} fate_protocol_parameter;

/* A protocol. The tables carry the size of their elements, so that they can grow in later versions. */
typedef struct fate_protocol {
    uint32_t struct_size;   /* sizeof(fate_protocol) */
    uint32_t abi_version;   /* FATE_ABI_VERSION */
    const char *name;       /* the "algorithm" of a job */
    int32_t purpose;        /* enum fate_purpose; one protocol for each purpose may have the same name */
    const char *summary;    /* one sentence */
    const char *limits;     /* what it does not protect against, sentences */
    const char *label_role; /* name of the role whose table has the label and weight; NULL: none has */
    const fate_protocol_role *roles;
    uint32_t role_size; /* sizeof(fate_protocol_role) */
    uint32_t role_count;
    const fate_protocol_message *messages;
    uint32_t message_size; /* sizeof(fate_protocol_message) */
    uint32_t message_count;
    const fate_protocol_parameter *parameters; /* those of FATE_PURPOSE_TRAIN hold for all purposes of that name; a
                                                  job that says "align" has those of that protocol too */
    uint32_t parameter_size;                   /* sizeof(fate_protocol_parameter) */
    uint32_t parameter_count;
    /* Checks what parameters mean together, when a job is read; NULL: nothing to check. Sets the sentence with fate_context_fail. Returns
     * FATE_OK, FATE_E_JOB, or another error, which fate_job_read then returns. */
    int32_t (*check)(fate_context *context, const fate_job *job);
    /* Makes readable text of models of this protocol; NULL: only the head of the file can be shown.
     * models  in: count models of one job, of different parties; with all parties' models the dump is complete
     * format  in: "text" or "json"
     * text    out: allocated with fate_allocate, ends with a zero byte
     * Returns FATE_OK, FATE_E_FORMAT when a body is damaged, FATE_E_MEMORY. */
    int32_t (*dump)(fate_context *context, const fate_model *const *models, uint32_t count, const char *format, char **text);
    /* Says how far a job goes in what parties learn, with the numbers of its parameters: some sentences, which fate_job_describe shows; NULL: nothing
     * to say beyond the tables.
     * text    out: allocated with fate_allocate, ends with a zero byte
     * Returns FATE_OK, FATE_E_MEMORY. */
    int32_t (*outlook)(fate_context *context, const fate_job *job, char **text);
    /* Whether a job, with its parameters, can send that message, an index into messages: 1 or 0. fate_job_describe leaves out those that it
     * cannot. NULL: any can be sent. */
    int32_t (*sends)(const fate_job *job, uint32_t message);
} fate_protocol;

/* The longest part of a message, in bytes. */
enum fate_protocol_limits { FATE_PART_LIMIT = 1000000 };

/* Registers a protocol with a context: all of the tables is copied but not the strings and functions.
 *
 * Names of protocols, roles and parameters are 1 to 64 of the characters A-Z a-z 0-9 . _ -; names of steps and messages may also have
 * blanks and other printable ASCII but quotes and backslashes; each is unique in its table. A table has at most 16 roles, 256 steps a role,
 * 256 messages, 128 parameters. start and stop of a role must be given, save and load both or neither; a step can wait only for a message
 * that its role receives, and for one of a role that may vanish only with FATE_WAIT_ANY; one role at least may not vanish; every text but label_role, preset and choices must be given; defaults must be values that would be accepted.
 * Returns FATE_OK; FATE_E_EXISTS when that name and purpose are taken; FATE_E_ARGUMENT when a table is inconsistent (the sentence says
 * where); FATE_E_VERSION; FATE_E_MEMORY. */
FATE_API int32_t fate_protocol_register(fate_context *context, const fate_protocol *protocol);

/* Names of the registered algorithms: index from 0; NULL after the last. Each name once. Static, or as long as the protocol's owner keeps
 * it. */
FATE_API const char *fate_protocol_name(const fate_context *context, uint32_t index);

/* Writes what an algorithm does, round by round, what is sent and what each party learns, from its tables.
 * algorithm  in: a registered name
 * text       out: plain text in lines, ends with a zero byte; NULL after an error; free with fate_free
 * Returns FATE_OK; FATE_E_UNSUPPORTED for an unknown name (the sentence names the nearest); FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_describe(fate_context *context, const char *algorithm, char **text);

/* The same for one party of a job before it starts: who the peers are, what will leave this party, what each party learns.
 * purpose  in: enum fate_purpose
 * text     out: as fate_describe
 * Returns FATE_OK; FATE_E_UNSUPPORTED when the algorithm has no protocol for that purpose; FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_job_describe(const fate_job *job, uint32_t party, int32_t purpose, char **text);

/* For protocols' own code: memory from the context's allocator (zeroed, aligned for any type; NULL when there is none; freed with
 * fate_free), and the sentence of an error. fate_context_fail copies the sentence (cut at 1023 bytes; NULL counts as "") and returns
 * result. Not for worker threads. */
FATE_API void *fate_allocate(fate_context *context, uint64_t bytes);
FATE_API int32_t fate_context_fail(fate_context *context, int32_t result, const char *sentence);

/* ---- what a step may do. All of these are valid only inside start, step, save and load. ----
 * Those that return a result give FATE_OK, FATE_E_ARGUMENT when a pointer is NULL or a number out of range, FATE_E_MEMORY, and what they
 * say. Those that return a thing give NULL, or UINT32_MAX, where there is none. What they show is borrowed; it lives as long as the session
 * unless said otherwise. */

/* The session's own context: constructors called from a step use this one. */
FATE_API fate_context *fate_turn_context(fate_turn *turn);
FATE_API const fate_job *fate_turn_job(const fate_turn *turn);
/* This party, as the job numbers it; the role index of a party in this protocol. */
FATE_API uint32_t fate_turn_party(const fate_turn *turn);
FATE_API uint32_t fate_turn_role(const fate_turn *turn, uint32_t party);
/* What the session is for: enum fate_purpose; 0 when turn is NULL. */
FATE_API int32_t fate_turn_purpose(const fate_turn *turn);
/* The party's table; NULL when the application gave none. use: enum fate_table_use. */
FATE_API const fate_table *fate_turn_table(const fate_turn *turn, int32_t use);
/* The model that the application gave (scoring, warm start); NULL when none. */
FATE_API const fate_model *fate_turn_model(const fate_turn *turn);

/* An option of the session that is the protocol's matter (fate_session_set_option): "leaves". value: out. FATE_E_ARGUMENT for another name. */
FATE_API int32_t fate_turn_option(const fate_turn *turn, const char *name, int64_t *value);

/* Sends a part of a message to a party; last 1 ends the message. A message of one part is sent with last 1 at once.
 * message  in: index into the protocol's messages
 * bytes    in: length bytes, copied; NULL when length is 0
 * Returns FATE_OK; FATE_E_ARGUMENT when the message is not declared for these roles, a message to that party is unfinished and
 * another one is begun, or length is above FATE_PART_LIMIT; FATE_E_STATE outside of a step; FATE_E_STORE when the party has once received
 * another record in this place, because state was restored from an older copy; FATE_E_MEMORY. Parts beyond the window wait inside the
 * session. */
FATE_API int32_t fate_turn_send(fate_turn *turn, uint32_t message, uint32_t party, const uint8_t *bytes, uint64_t length, int32_t last);
/* The same to every party of the message's receiving role, in the job's order; after an error some of them may have got it. */
FATE_API int32_t fate_turn_send_all(fate_turn *turn, uint32_t message, const uint8_t *bytes, uint64_t length, int32_t last);

/* With FATE_WAIT_QUESTION: what the application asks, a table of one row; *row NULL: nothing more will be asked. Borrowed until the answer.
 * FATE_EMPTY when nothing is asked now. */
FATE_API int32_t fate_turn_question(fate_turn *turn, const fate_table **row);
/* Answers it: count numbers, copied; 0: this row has no answer. The application gets a FATE_EVENT_ANSWER. */
FATE_API int32_t fate_turn_answer(fate_turn *turn, const double *values, uint64_t count);

/* Leaves work to the application (fate/task.h). FATE_AGAIN: it was asked; return FATE_AGAIN too, and the step is called again when the application is
 * done. FATE_OK: what came of it, borrowed until the next call; store what goes out in consequence first (fate_turn_checkpoint_first), for it may not
 * come the same again.
 * task  in: copied; struct_size and, but with FATE_TASK_FIRST, weights are set. When the answer is there it is not looked at
 * done  out: as fate_session_complete_task has checked it: values count floats, or NULL with FATE_TASK_MEASURE
 * Returns also FATE_E_ARGUMENT; FATE_E_MEMORY; the error that the application gave, its sentence set. In steps alone. */
FATE_API int32_t fate_turn_task(fate_turn *turn, const fate_task *task, const fate_task_result **done);

/* What the step waited for. With FATE_WAIT_ALL: the message of party. With FATE_WAIT_PART: the part; party must be fate_turn_from.
 * bytes, length  out: what it sent; from a peer, so check it. Borrowed until the step returns FATE_OK; after FATE_AGAIN it is there again
 * FATE_E_ARGUMENT when party sent nothing for this step. */
FATE_API int32_t fate_turn_received(fate_turn *turn, uint32_t party, const uint8_t **bytes, uint64_t *length);
/* FATE_WAIT_PART and FATE_WAIT_ANY: who sent this part, UINT32_MAX in other steps and when time is over; and whether it is the last part
 * of its message (1) or not (0). */
FATE_API uint32_t fate_turn_from(const fate_turn *turn);
FATE_API int32_t fate_turn_last(const fate_turn *turn);
/* FATE_WAIT_ANY: which message the part belongs to, UINT32_MAX when time is over; and whether it is its first part (1) or not (0). A party
 * that may vanish and comes back anew begins with a first part, whatever was unfinished before. */
FATE_API uint32_t fate_turn_message(const fate_turn *turn);
FATE_API int32_t fate_turn_first(const fate_turn *turn);
/* FATE_WAIT_ANY without a part: 1 when the time that fate_turn_wake named is over, 0 when a party has gone. */
FATE_API int32_t fate_turn_time_over(const fate_turn *turn);

/* Calls a step with FATE_WAIT_ANY when so many milliseconds of the application's clock are over, if the role is at such a step then or later;
 * once. A second call replaces the first; UINT64_MAX: never. The time is not part of stored state: load names it anew. In start, steps and
 * load. */
FATE_API int32_t fate_turn_wake(fate_turn *turn, uint64_t milliseconds);

/* hold 1: steps with FATE_WAIT_ANY get nothing of that party until hold is 0 again; what it sends waits with it, and in this party's window. In
 * start and steps; not part of stored state. */
FATE_API int32_t fate_turn_hold(fate_turn *turn, uint32_t party, int32_t hold);
/* How much each peer may send ahead of what steps have taken: the lesser of this and of the session's option "window", but at least 64 KiB. For
 * roles with many peers. In start alone. No part of a message to this party may be longer than half of it. */
FATE_API int32_t fate_turn_window(fate_turn *turn, uint64_t bytes);

/* Whether a party has come and not gone, as far as is known: 1 or 0. It has gone when its connection is cut, when it has been silent for 15 s, or
 * when it was expelled. After a restart of this party those that had come before count as present until they have been silent for so long. And
 * how many bytes wait to be sent to it. */
FATE_API int32_t fate_turn_present(const fate_turn *turn, uint32_t party);
FATE_API uint64_t fate_turn_backlog(const fate_turn *turn, uint32_t party);

/* Ends a party's part in the job: nothing is taken from it any more, what is sent to it is dropped, and it is told the sentence; the
 * application gets it as a warning. For parties whose role may vanish; FATE_E_ARGUMENT for others.
 * sentence  in: what it did, without private data ("sent a share that does not belong to its key"); cut at 599 bytes */
FATE_API int32_t fate_turn_expel(fate_turn *turn, uint32_t party, const char *sentence);

/* The next step is that row of this role's table, instead of the following one. */
FATE_API int32_t fate_turn_go_to(fate_turn *turn, uint32_t step);
/* After this step the party is done; its model and results are delivered. */
FATE_API int32_t fate_turn_finish(fate_turn *turn);
/* After this step, store the state, if the session keeps any. Put it where a role has little state and its peers are at the same point:
 * what was sent and not yet acknowledged as stored becomes part of it. With FATE_WAIT_PART also after a part that is not the last; and in a call
 * that returns FATE_AGAIN: a restarted party is then at this step again, with what save wrote there, and gets an untaken part again. */
FATE_API int32_t fate_turn_checkpoint(fate_turn *turn);
/* The same, and what this call of the step sends goes out only when the state has been stored: for what could not be made again byte for
 * byte. */
FATE_API int32_t fate_turn_checkpoint_first(fate_turn *turn);
/* In save: appends bytes to the stored state. FATE_E_STATE elsewhere. */
FATE_API int32_t fate_turn_save(fate_turn *turn, const uint8_t *bytes, uint64_t length);

/* Values that the protocol keeps in the party's store, also beyond this job, under names of its own: 1 to 80 of a-z 0-9 . - _. The store's keys are
 * "kept-" and the name. Values are sealed under the identity, each for its protocol and name, and not part of stored state: a step that is run
 * again after a restart finds what it has stored before. A step asks for one access, gets FATE_AGAIN, and returns it; it is called again when
 * the access is over, asks for the same, and gets the result. What it sends before may reach peers before a value is stored.
 * bytes  put: length bytes, copied; NULL when length is 0. get: out, borrowed until the next access or the end of the step
 * Return FATE_AGAIN; FATE_OK; get also FATE_EMPTY when there is no such value; FATE_E_STATE outside of a step, when the session keeps nothing
 * (fate_turn_keeps), and when another access is under way; FATE_E_ARGUMENT; FATE_E_MEMORY. An error of the store, and a value that cannot be
 * opened (FATE_E_STORE), end the session. */
FATE_API int32_t fate_turn_put(fate_turn *turn, const char *name, const uint8_t *bytes, uint64_t length);
FATE_API int32_t fate_turn_get(fate_turn *turn, const char *name, const uint8_t **bytes, uint64_t *length);
FATE_API int32_t fate_turn_delete(fate_turn *turn, const char *name);
/* 1: the session keeps state, and values can be kept; 0. Also in start. */
FATE_API int32_t fate_turn_keeps(const fate_turn *turn);
/* The date that the application gave (session option "date"): seconds since 1970; 0: not known. By it what is kept grows old. */
FATE_API uint64_t fate_turn_date(const fate_turn *turn);

/* 32 secret bytes of this party and run: the same label and number give the same bytes, also after a restart; everything random
 * that goes into messages comes from these. Never use one pair for two purposes. BLAKE2b keyed by the run's secret, over label and number.
 * seed  out: 32 bytes; wipe them after use */
FATE_API int32_t fate_turn_seed(fate_turn *turn, const char *label, uint64_t number, uint8_t *seed);

/* 32 bytes that all parties of this run share and nobody outside of it knows: the key of keyed digests. The label separates uses.
 * seed  out: 32 bytes. FATE_E_STATE in start, before the parties have agreed on a run. */
FATE_API int32_t fate_turn_common_seed(fate_turn *turn, const char *label, uint8_t *seed);

/* Signs bytes as this party, for the other parties of this run, with the key that the job pins (Ed25519 over a digest of run, label and bytes).
 * signature  out: 64 bytes. FATE_E_STATE in start, before the parties have agreed on a run. */
FATE_API int32_t fate_turn_sign(fate_turn *turn, const char *label, const uint8_t *bytes, uint64_t length, uint8_t *signature);
/* Whether that party of the job, a peer or not, has signed these bytes under this label in this run: FATE_OK, or FATE_E_PROTOCOL when it has
 * not. FATE_E_STATE as above. */
FATE_API int32_t fate_turn_verify(fate_turn *turn, uint32_t party, const char *label, const uint8_t *bytes, uint64_t length,
                                  const uint8_t *signature);

/* Reports to the application. round of rounds and level of levels, from 1, 0 when not known; rows: rows worked on so far. */
FATE_API int32_t fate_turn_progress(fate_turn *turn, uint32_t round, uint32_t rounds, uint32_t level, uint32_t levels, uint64_t rows);
/* A measure of a round: name, such as "validation auc", and value. For the application of this party alone, never sent. Both texts are
 * copied, and cut at 639 bytes. */
FATE_API int32_t fate_turn_metric(fate_turn *turn, const char *name, uint32_t round, double value);
FATE_API int32_t fate_turn_warn(fate_turn *turn, const char *sentence);

/* Sets the sentence of an error that this step is about to return, and returns result.
 * sentence   in: for this party; NULL leaves the one that is there
 * for_peers  in: a sentence without private data that all peers may read (cut at 599 bytes), or NULL (they then get the code alone) */
FATE_API int32_t fate_turn_fail(fate_turn *turn, int32_t result, const char *sentence, const char *for_peers);

/* The party's model: body is the protocol's own encoding; copied. Delivered when the party is done. A second call replaces the first. */
FATE_API int32_t fate_turn_set_model(fate_turn *turn, const uint8_t *body, uint64_t length);
/* A column of numbers as the job's result (scores, a mean); copied; delivered when the party is done. A second one of that name replaces
 * the first. */
FATE_API int32_t fate_turn_set_result(fate_turn *turn, const char *name, const double *values, uint64_t count);

#ifdef __cplusplus
}
#endif
#endif
