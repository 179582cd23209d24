/* One peer's two sequences of records: those to be sent, kept until the peer will not ask again, and those received, kept until a
 * step takes them. Sequences outlive channels; a chain of digests binds each record to its number. */
#ifndef SRC_SESSION_STREAM_H
#define SRC_SESSION_STREAM_H

#include "src/session/payload.h"

enum { STREAM_CHAIN = 32, STREAM_OVERHEAD = 64 };

struct record {
    struct record *next;
    uint64_t number;
    uint64_t bytes_after; /* bytes of all records up to and including this one (payload plus STREAM_OVERHEAD each) */
    uint64_t sent_at;     /* time of the last sending */
    uint32_t message;
    bool last;                   /* last part of its message */
    bool sent;                   /* on the present channel */
    uint8_t chain[STREAM_CHAIN]; /* digest of this record and all before it */
    uint64_t length;
    const uint8_t *payload; /* of what is shared with other records, maybe of other streams */
    struct payload *shared;
};

struct record_list {
    struct record *first, *end;
};

struct stream {
    fate_context *context;

    struct record_list outgoing; /* not yet safe with the peer, in order */
    uint64_t out_next;           /* number of the next record */
    uint64_t out_bytes;          /* of all records made */
    uint8_t out_chain[STREAM_CHAIN];
    uint64_t out_acknowledged;           /* the peer has all below */
    uint64_t out_durable;                /* the peer will never ask for those below again */
    uint64_t out_unsent_bytes;           /* of records not yet sent on the present channel */
    uint64_t credit;                     /* records may be sent while bytes_after is not above */
    uint64_t out_kept;                   /* the last part of a message is not sent unless below: its evidence is not kept yet */
    uint64_t out_held;                   /* no record is sent unless below: the state that it follows from is not stored yet */
    uint64_t out_piece, out_piece_first; /* the call of a step that made the last records, and the first of them */
    bool peer_durable;
    uint64_t check_number; /* when out_next reaches this, out_chain must be check_chain; 0: nothing to check */
    uint8_t check_chain[STREAM_CHAIN];

    struct record_list incoming; /* received, not taken; sorted, may have gaps */
    uint64_t in_next;            /* all below have been received */
    uint64_t in_taken;           /* all below have been taken by steps */
    uint64_t in_durable;         /* all below are part of stored state */
    uint64_t in_bytes_taken;
    uint64_t in_held_bytes;               /* in the incoming list */
    uint64_t in_granted;                  /* highest credit told to the peer */
    uint8_t in_chain[STREAM_CHAIN];       /* at in_next */
    uint8_t in_taken_chain[STREAM_CHAIN]; /* at in_taken */
};

void stream_init(struct stream *stream, fate_context *context);
void stream_free(struct stream *stream);

/* Appends a record to be sent; it holds the payload. FATE_OK; FATE_E_MEMORY; FATE_E_STORE when the peer has once received another record of this number. */
int32_t stream_push(struct stream *stream, uint32_t message, struct payload *payload, bool last);
/* The next record that may be sent now, NULL when none; stream_sent marks it. */
struct record *stream_sendable(struct stream *stream);
void stream_sent(struct stream *stream, struct record *record, uint64_t now);
/* Bytes that wait for credit or a channel. */
uint64_t stream_backlog(const struct stream *stream);
/* The peer's acknowledgement; false when it claims what was never sent. Numbers that go back are ignored. */
bool stream_acknowledged(struct stream *stream, uint64_t received, uint64_t durable, uint64_t credit);
/* Marks [from, to) for sending again, unless sent less than `quiet` ago. Returns how many. */
uint64_t stream_resend(struct stream *stream, uint64_t from, uint64_t to, uint64_t now, uint64_t quiet);
/* A new channel to a peer that has `received` records with this chain: everything after goes again.
 * FATE_OK; FATE_E_STORE when the peer is behind what it once acknowledged, or has other records. */
int32_t stream_reopen(struct stream *stream, uint64_t received, const uint8_t *chain, uint64_t durable, uint64_t credit);

/* A record has arrived. FATE_OK; FATE_EMPTY for a repeat; FATE_E_PROTOCOL above the credit; FATE_E_MEMORY. */
int32_t stream_receive(struct stream *stream, uint64_t number, uint32_t message, bool last, const uint8_t *payload, uint64_t length);
/* Forgets records behind a gap: on a new channel they come again. A peer that was started again may not have made them yet; kept, they would join what
 * it sends, and more be acknowledged than it knows of. */
void stream_drop_early(struct stream *stream);
/* The first number after the gap at in_next; in_next when there is no gap. */
uint64_t stream_gap_end(const struct stream *stream);
/* The first record that steps have not taken, NULL when it has not arrived. */
struct record *stream_head(const struct stream *stream);
/* The first records make up a whole message: their number and length; 0 when not complete yet. */
uint64_t stream_whole(const struct stream *stream, uint64_t *length);
/* Bytes of the records that belong to the first message. */
uint64_t stream_head_bytes(const struct stream *stream);
/* Takes and frees the first record. */
void stream_take(struct stream *stream);

/* The part of a checkpoint: sequences, and the records the peer might ask for again. The book is that of all streams of the checkpoint;
 * before it is begun, stream_unplace forgets the places of all payloads. */
void stream_unplace(struct stream *stream);
void stream_save(const struct stream *stream, struct payload_book *book, struct buffer *out);
/* FATE_OK; FATE_E_FORMAT; FATE_E_MEMORY. */
int32_t stream_load(struct stream *stream, struct payload_book *book, struct reader *in);

#endif
