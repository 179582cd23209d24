/* What guest and host do alike: mask their own ids, take the peer's, send what both have masked, and compare. The guest speaks with every host, a
 * host with the guest alone. What is done with the intersection stands in guest.c and host.c. */
#ifndef SRC_MODELS_PSI_PARTY_H
#define SRC_MODELS_PSI_PARTY_H

#include <fate/protocol.h>

#include "src/models/psi/alignment.h"
#include "src/models/psi/exchange.h"
#include "src/models/psi/messages.h"
#include "src/models/psi/parameters.h"

/* Of each kind the guest's comes first, then the hosts'. */
enum {
    MESSAGE_SIZE = 0,          /* how many ids there are */
    MESSAGE_MASKED = 2,        /* own ids, masked */
    MESSAGE_RETURNED = 4,      /* the peer's, masked by both */
    MESSAGE_COMMON = 6,        /* how many are common */
    MESSAGE_MATCHES = 8,       /* host to guest: which of the guest's these are */
    MESSAGE_RESULT = 9,        /* guest to host: how many rows the common order has */
    MESSAGE_ROWS = 10,         /* guest to host: the host's rows in it */
    MESSAGE_SAID = 11,         /* with a stored set: which set the holder holds; the guest's comes first in these four too */
    MESSAGE_OFFER = 13,        /* which set counts */
    MESSAGE_STORED = 15,       /* the owner's ids, masked */
    MESSAGE_MASKED_TWICE = 17, /* the holder's, masked by both */
    MESSAGE_PLACES = 19,       /* host to guest: where the guest's ids stand among these */
    MESSAGE_PAIRS = 20,        /* host to guest: which of these are common, and with which of the guest's ids */
    PSI_MESSAGES = 21
};

/* Rows of the step tables to which a step goes on by name. */
enum { GUEST_TELL_COUNT = 7, GUEST_JOIN = 10, GUEST_OWNS = 12, GUEST_HOLDS = 21, GUEST_SPILLS = 30, GUEST_REMOVES = 37 };
enum { HOST_TELL_COUNT = 7, HOST_HEAR_RESULT = 10, HOST_OWNS = 12, HOST_HOLDS = 21, HOST_SPILLS = 30, HOST_REMOVES = 37 };

enum { PSI_GUEST = 0, PSI_HOST = 1 };

/* A peer, and what is known of its set. */
struct psi_peer {
    uint32_t party;
    uint64_t count;                 /* different ids */
    uint64_t taken;                 /* masked ids that have come */
    uint8_t last[EXCHANGE_ELEMENT]; /* the last of them */
    uint8_t *tags;                  /* its ids as both have masked them, in the order of its masked ids */
    uint32_t *order;                /* their order by tag */
    uint64_t returned;              /* own ids that have come back */
    uint8_t last_tag[EXCHANGE_TAG]; /* the last of them */
    uint64_t cursor;                /* how far the comparison is, in order */
    uint32_t *matches;              /* for each common id, by tag, its place among the peer's masked ids */
    uint64_t match_count, match_room;
    uint64_t claimed; /* how many the peer says there are */
    uint32_t *own;    /* guest: for each common id, by tag, its place among this party's masked ids */
    uint64_t own_count;
    uint64_t pairs;         /* how many rows of the host stand in the common order */
    uint64_t returned_rows; /* how many of them were told */
};

struct stored;
struct spill;

struct psi_party {
    fate_context *context;
    uint32_t role;
    struct psi_parameters parameters;
    struct psi_set set;
    struct exchange exchange;
    uint8_t *elements; /* own ids, masked, in the order of the ids; NULL when they are sent */
    uint32_t *order;   /* their order bytewise */
    uint64_t position; /* what a step that goes on has done */
    uint32_t at;       /* and at which peer it is */
    struct psi_peer *peers;
    uint32_t peer_count;
    struct alignment alignment;
    uint32_t *partners;    /* guest: for each peer and own id its place among the peer's masked ids, or TABLE_NO_ROW */
    uint8_t *kept;         /* guest: own ids that are common to all */
    uint32_t *places;      /* guest, left join: the row at each place of the common order */
    struct stored *stored; /* NULL: no set is stored */
    struct spill *spill;   /* NULL: masked ids are in memory */
};

/* The protocol's functions; see fate/protocol.h. */
int32_t party_start(fate_turn *turn, void **state);
int32_t party_save(fate_turn *turn, const void *state);
int32_t party_load(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length);
void party_stop(fate_context *context, void *state);

/* Steps of both roles. */
int32_t party_tell_size(fate_turn *turn, void *state);
int32_t party_hear_sizes(fate_turn *turn, void *state);
int32_t party_mask(fate_turn *turn, void *state);
int32_t party_send(fate_turn *turn, void *state);
int32_t party_take(fate_turn *turn, void *state);
int32_t party_return(fate_turn *turn, void *state);
int32_t party_compare(fate_turn *turn, void *state);
int32_t party_tell_common(fate_turn *turn, void *state);

/* Helpers of the other files of the two roles. message: the guest's of its kind. */
/* The scalar and the domain of this run. */
int32_t party_draw_key(fate_turn *turn, struct psi_party *party);
/* Checks a part of a peer's masked ids, at least one, and multiplies them. */
int32_t party_mask_part(fate_turn *turn, struct psi_party *party, struct psi_peer *peer, const struct psi_part *part, uint8_t *masked);
int32_t party_send_number(fate_turn *turn, uint32_t message, uint32_t to, uint64_t number);
int32_t party_read_number(fate_turn *turn, uint32_t from, uint64_t *number);
/* Checks a part against how many items there must be, and whether it is the last. */
int32_t party_read_part(fate_turn *turn, uint32_t from, struct psi_part *part, uint64_t taken, uint64_t total, uint32_t size);
/* The next part of items in an order, to one peer or (NULL) to all; party->position counts them. Of each item, of item bytes, size bytes go. */
int32_t party_send_part(fate_turn *turn, struct psi_party *party, uint32_t message, const struct psi_peer *to, const uint8_t *items,
                        uint32_t item, uint32_t size, const uint32_t *order, uint64_t count);
/* This role's message of a kind. */
uint32_t party_message(const struct psi_party *party, uint32_t kind);
struct psi_peer *party_peer(struct psi_party *party, uint32_t number);
/* FATE_E_PROTOCOL: the peer sent what the protocol does not allow; what: without private data. */
int32_t party_violation(fate_turn *turn, uint32_t number, const char *what);
/* An error of a limit that the peers may read too. */
int32_t party_refuse(fate_turn *turn, const struct psi_party *party, int32_t result);
/* Takes what every peer says to be common: it must be what was found here. */
int32_t party_hear_common(fate_turn *turn, struct psi_party *party);
/* Hands the alignment over as this party's result and ends the job. */
int32_t party_finish(fate_turn *turn, struct psi_party *party);

#endif
