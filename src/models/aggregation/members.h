/* The clients as the aggregator sees them: how far each has come in the round, and what it sent. */
#ifndef SRC_MODELS_AGGREGATION_MEMBERS_H
#define SRC_MODELS_AGGREGATION_MEMBERS_H

#include "src/models/aggregation/messages.h"
#include "src/models/aggregation/neighbours.h"

struct member {
    bool joined;                                  /* wants to take part in rounds */
    bool in;                                      /* takes part in this one, and has not fallen behind */
    bool keyed, shared, masked, agreed, revealed; /* has sent this in the round */
    uint32_t place;                               /* on the circle */
    uint32_t turn;                                /* while the circle is made */
    uint8_t keys[ITEM_KEYS];
    struct buffer letters; /* the message "shares" */
    uint8_t agreement[SIGNATURE];
    struct buffer upload; /* as far as it has come */
    /* Where clients choose their neighbours themselves. */
    uint32_t *chosen;                       /* in ascending order; NULL: not told yet */
    uint32_t *linked, linked_count;         /* those that it has chosen or that have chosen it, in ascending order */
    struct buffer masked_notes, told_notes; /* what it has to say to each, as a list */
    /* Shares of its secret that others revealed: of the own mask when it is masked, else of the mask key. */
    uint32_t share_count;
    uint8_t *places, *shares;
};

struct members {
    fate_context *context;
    uint32_t parties; /* of the job; those that are no clients never join */
    uint32_t count;   /* in this round at its begin */
    uint32_t neighbours, threshold;
    bool chosen;          /* neighbours are how many each client has chosen itself; else the circle decides */
    uint32_t *circle;     /* parties by place */
    struct member *items; /* by party */
};

/* FATE_OK; FATE_E_MEMORY. */
int32_t members_init(struct members *members, fate_context *context, uint32_t parties);
void members_free(struct members *members);

/* Everybody who has joined and is wanted[] takes part in a round; the circle follows from the seed. false: no safe number of neighbours. */
bool members_begin(struct members *members, const bool *wanted, double corrupt, double dropout, double least, const uint8_t *seed);
/* The same where clients choose so many neighbours themselves. false: fewer than two clients. */
bool members_begin_chosen(struct members *members, const bool *wanted, uint32_t chosen, uint32_t threshold);
/* What a client has chosen: numbers as 4 bytes each. FATE_OK; FATE_E_FORMAT: not as many others in ascending order as there must be; FATE_E_MEMORY. */
int32_t members_choose(struct members *members, uint32_t party, const uint8_t *bytes, uint64_t length);
/* All who take part have chosen: who is neighbour of whom. A client that too many have chosen is neighbour of the first of them. FATE_OK; FATE_E_MEMORY. */
int32_t members_link(struct members *members);

/* The neighbours of a party in ascending order, at most NEIGHBOURS_ROOM; returns how many. */
uint32_t members_neighbours(const struct members *members, uint32_t party, uint32_t *neighbours);
/* Those among them who hold shares of its secrets. */
uint32_t members_holders(const struct members *members, uint32_t party, uint32_t *holders);
/* The place of a holder among those who hold shares of the owner's secrets (its neighbours and itself in ascending order); UINT32_MAX when
 * it is none of them. */
uint32_t members_place(const struct members *members, uint32_t owner, uint32_t holder);

/* Takes those out of the round who have too few neighbours left: keyed ones before letters, shared ones (shared true) after. out[]: who was
 * taken out, in addition to what it says. */
void members_thin(struct members *members, bool shared, bool *out);

/* Keeps a share that a holder revealed. false: none to keep, the holder does not hold any. FATE_E_MEMORY through failed. */
bool members_keep_share(struct members *members, uint32_t owner, uint32_t holder, const uint8_t *share, bool *failed);

void members_save(const struct members *members, struct buffer *out);
/* FATE_OK; FATE_E_FORMAT; FATE_E_MEMORY. */
int32_t members_load(struct members *members, struct reader *in);

#endif
