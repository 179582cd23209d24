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
    uint8_t keys[ITEM_KEYS];
    struct buffer letters; /* the message "shares" */
    uint8_t agreement[SIGNATURE];
    struct buffer upload; /* as far as it has come */
    /* Shares of its secret that others revealed: of the own mask when it is masked, else of the mask key. */
    uint32_t share_count;
    uint8_t *places, *shares;
};

struct members {
    fate_context *context;
    uint32_t parties; /* of the job; those that are no clients never join */
    uint32_t count;   /* in this round at its begin */
    uint32_t neighbours, threshold;
    uint32_t *circle;     /* parties by place */
    struct member *items; /* by party */
};

/* FATE_OK; FATE_E_MEMORY. */
int32_t members_init(struct members *members, fate_context *context, uint32_t parties);
void members_free(struct members *members);

/* Everybody who has joined and is wanted[] takes part in a round; the circle follows from the seed. false: no safe number of neighbours. */
bool members_begin(struct members *members, const bool *wanted, double corrupt, double dropout, double least, const uint8_t *seed);

/* The neighbours of a party in ascending order, at most NEIGHBOURS_MOST; returns how many. */
uint32_t members_neighbours(const struct members *members, uint32_t party, uint32_t *neighbours);
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
