/* A stored set as bytes: what its owner and its holder keep beyond a job, and the two messages that settle which set counts. The owner masks its
 * ids once, under a key and a domain of the set; the holder keeps the first bytes of the masked ids in their order. */
#ifndef SRC_MODELS_PSI_STORED_H
#define SRC_MODELS_PSI_STORED_H

#include <fate/protocol.h>

#include "src/models/psi/alignment.h"
#include "src/models/psi/exchange.h"

enum {
    STORED_ID = 16,       /* a set is named by random bytes: each new key has its own */
    STORED_NAME = 48,     /* of values in the store, with a number behind them */
    STORED_ITEMS = 65536, /* of one value */
    STORED_OWNED = 2 + STORED_ID + 2 * EXCHANGE_KEY + ALIGNMENT_DIGEST + 4 * 8,
    STORED_HELD = 2 + STORED_ID + EXCHANGE_KEY + 3 * 8,
    STORED_SAID = 2 + STORED_ID,
    STORED_OFFER = 2 + STORED_ID + EXCHANGE_KEY + 8
};

/* What the owner keeps. Its ids' order, which is that of the set, stands beside it in parts. */
struct stored_owned {
    bool complete;
    uint8_t id[STORED_ID];
    uint8_t key[EXCHANGE_KEY]; /* secret: the scalar follows from it */
    uint8_t domain[EXCHANGE_KEY];
    uint8_t ids[ALIGNMENT_DIGEST]; /* of the table */
    uint64_t count, queries, made, parts;
};

/* What the holder keeps. The set stands beside it in parts. */
struct stored_held {
    bool complete;
    uint8_t id[STORED_ID];
    uint8_t domain[EXCHANGE_KEY];
    uint64_t count, taken, parts;
};

/* Holder to owner: which set it holds, if any. */
struct stored_said {
    bool holds;
    uint8_t id[STORED_ID];
};

/* Owner to holder: which set counts in this run. fresh: it comes now. */
struct stored_offer {
    bool fresh;
    uint8_t id[STORED_ID];
    uint8_t domain[EXCHANGE_KEY];
    uint64_t count;
};

/* Each appends as many bytes as its length says; each read takes exactly those and fails on anything else. */
void stored_owned_write(const struct stored_owned *owned, struct buffer *out);
bool stored_owned_read(struct stored_owned *owned, const uint8_t *bytes, uint64_t length);
void stored_held_write(const struct stored_held *held, struct buffer *out);
bool stored_held_read(struct stored_held *held, const uint8_t *bytes, uint64_t length);
void stored_said_write(const struct stored_said *said, struct buffer *out);
bool stored_said_read(struct stored_said *said, const uint8_t *bytes, uint64_t length);
void stored_offer_write(const struct stored_offer *offer, struct buffer *out);
bool stored_offer_read(struct stored_offer *offer, const uint8_t *bytes, uint64_t length);

/* The name of the value that an owner or a holder keeps of the sets that a party shares with a peer under the job's ids. validation: of its
 * validation tables. */
void stored_name(char *name, const fate_job *job, uint32_t peer, bool owner, bool validation);
/* How many parts count items take. */
uint64_t stored_parts(uint64_t count);
/* Keeps part number of a set: count items of size bytes; and reads it again. As fate_turn_put and fate_turn_get; a part that is
 * missing or belongs to another set is FATE_E_STORE. */
int32_t stored_put_part(fate_turn *turn, const char *name, const uint8_t *id, uint64_t number, const uint8_t *items, uint64_t count,
                        uint32_t size);
int32_t stored_get_part(fate_turn *turn, const char *name, const uint8_t *id, uint64_t number, uint64_t count, uint32_t size,
                        const uint8_t **items);
/* Deletes parts from *number up to parts, one a call. */
int32_t stored_delete_parts(fate_turn *turn, const char *name, uint64_t *number, uint64_t parts);
/* Keeps the record of a set under its name. */
int32_t stored_put_record(fate_turn *turn, const char *name, const struct buffer *record);
/* Whether what was kept at a date is too old now. days 0: never. A clock that went back makes it too old. */
bool stored_is_old(uint64_t kept, uint64_t now, uint64_t days);

#endif
