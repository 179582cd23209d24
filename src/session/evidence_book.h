/* The evidence that a session keeps: its chain, what still has to be appended, and what peers have signed.
 *
 * Records are collected while the session runs and handed to the application as one event; until it has completed that event, no last
 * part of a message goes out of which the record is not kept, and no state is stored. evidence_book.c makes the records,
 * evidence_seal.c exchanges signatures with peers. */
#ifndef SRC_SESSION_EVIDENCE_BOOK_H
#define SRC_SESSION_EVIDENCE_BOOK_H

#include <fate/session.h>
#include "src/session/evidence_record.h"
#include "src/session/stream.h"

/* Messages one way between this party and a peer. */
struct evidence_run {
    uint64_t next;  /* number in the stream of the first record that was not looked at */
    uint64_t first; /* of the message that is open: below next */
    uint64_t bytes;
    uint8_t digest[EVIDENCE_DIGEST];
};

struct evidence_peer {
    uint8_t sign_key[EVIDENCE_KEY];
    uint8_t key[EVIDENCE_KEY]; /* secret, of digests */
    struct evidence_run sent, received;
    uint64_t handed; /* records of the stream of which the evidence is with the application */

    bool keeps;            /* the peer keeps evidence too */
    uint64_t sealed_count; /* of our log the peer has sealed */
    uint64_t told_count;   /* of our log it was told the head */
    uint8_t told_head[EVIDENCE_DIGEST];
    uint64_t told_due, told_pause; /* when it is told again */

    bool answer;              /* a seal is due */
    bool final;               /* what it told is its last */
    uint64_t witnessed_count; /* of its log it has told us the head */
    uint64_t witnessed_at;    /* number of our record of that */
    uint8_t witnessed_head[EVIDENCE_DIGEST];
};

struct evidence_book {
    bool on;
    bool opened;           /* the first record of this start is there */
    bool ended;            /* the outcome is */
    bool broken;           /* appending failed */
    struct buffer given;   /* the log before this start, until it has been looked through */
    struct buffer pending; /* entries that the application has not seen */
    uint64_t count;        /* records */
    uint8_t head[EVIDENCE_DIGEST];
    uint64_t skipped; /* the next record speaks of torn bytes before it */
    uint8_t skipped_digest[EVIDENCE_DIGEST];

    bool in_flight, completed;    /* an event is with the application; it has been completed */
    uint64_t identifier, earlier; /* earlier: of an event that was with the application when the session failed */
    int32_t result;
    uint64_t handed, kept; /* records of which the entries are with the application, and appended */

    bool put_held; /* a put that is asked for when the first put_needs records are kept */
    uint64_t put_needs;
    char put_key[128];
    struct buffer put_bytes;

    uint64_t checkpoint; /* records that the state knew which this start went on from */
    uint8_t checkpoint_head[EVIDENCE_DIGEST];

    uint64_t signed_count; /* of the last signature of our own; 0: none */
    uint8_t signed_head[EVIDENCE_DIGEST], signature[EVIDENCE_SIGNATURE];
    bool final;
};

/* session and state.c */
void evidence_init(fate_session *session);
void evidence_free(fate_session *session);
/* A run begins anew: FATE_E_EXISTS when the log is not empty. */
int32_t evidence_begin(fate_session *session);
/* A run goes on from stored state: the log must be its own. FATE_E_STORE; FATE_E_MEMORY. */
int32_t evidence_resume(fate_session *session);
void evidence_save(const fate_session *session, struct buffer *out);
/* FATE_OK; FATE_E_FORMAT; FATE_E_STORE when the run was begun with evidence and goes on without, or the other way round. */
int32_t evidence_restore(fate_session *session, struct reader *in);

/* engine.c, turn.c, peers.c: what happened. All FATE_OK or FATE_E_MEMORY, and do nothing without evidence. */
int32_t evidence_open(fate_session *session);
int32_t evidence_sent(fate_session *session, uint32_t party, uint32_t message, const uint8_t *part, uint64_t length, bool last);
int32_t evidence_received(fate_session *session, uint32_t party);
int32_t evidence_sign(fate_session *session);
int32_t evidence_conclude(fate_session *session, int32_t outcome);

/* session.c: before and after the parts of a run. */
int32_t evidence_settle(fate_session *session);
int32_t evidence_hand_over(fate_session *session);
/* Whether an identifier was evidence's; takes the result. */
bool evidence_complete(fate_session *session, uint64_t identifier, int32_t result);
/* A put waits until all is kept that was recorded; the bytes are taken. FATE_OK or FATE_E_MEMORY. */
int32_t evidence_hold_put(fate_session *session, const char *key, struct buffer *bytes);
/* All that was recorded is kept. */
bool evidence_kept(const fate_session *session);

/* ---- evidence_seal.c ---- */

/* Appends a record; FATE_OK or FATE_E_MEMORY. */
int32_t evidence_write(fate_session *session, Fate__EvidenceRecord *record);
/* A content has come. wrong: what the peer did that the protocol does not allow; NULL when nothing. */
int32_t evidence_receive(fate_session *session, uint32_t party, uint8_t kind, const uint8_t *bytes, uint64_t length, const char **wrong);
/* Sends the seal and the head that are due for a peer now. FATE_OK or FATE_E_MEMORY. */
int32_t evidence_transmit(fate_session *session, uint32_t party);
uint64_t evidence_deadline(const fate_session *session, uint32_t party);
/* Nothing is to be told to or heard from a peer that is finished. */
bool evidence_settled_with(const fate_session *session, uint32_t party);

#endif
