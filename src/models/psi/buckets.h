/* Items that do not fit into memory, in the party's store: they come in any order, are stored in runs, each run cut into buckets by the items'
 * first bytes, and come back bucket by bucket, each sorted. So at no time more than a run or a bucket is in memory. Of what is stored, lengths
 * and digests are part of the party's state. */
#ifndef SRC_MODELS_PSI_BUCKETS_H
#define SRC_MODELS_PSI_BUCKETS_H

#include <fate/protocol.h>

#include "lib/bytes.h"

enum {
    BUCKETS_NAME = 48,
    BUCKETS_DIGEST = 32,
    BUCKETS_CHUNK = 2048, /* the most items that come at once */
    BUCKETS_MOST = 1024,  /* buckets, and runs but one; a lower limit on memory than that takes is not kept */
    BUCKETS_SORTED =
        8 /* items of at least so many bytes are sorted; smaller ones have one bucket and stay in the order in which they came */
};

/* What stands in the store under one name; nothing when count is 0. */
struct buckets_piece {
    uint32_t count;
    uint8_t digest[BUCKETS_DIGEST];
};

struct buckets {
    fate_context *context;
    char name[BUCKETS_NAME];
    uint32_t size; /* of an item */
    uint32_t count, most_runs;
    uint64_t total;     /* items at most */
    uint64_t run_items; /* a run is stored when it has so many */
    uint32_t runs;      /* stored */
    struct buckets_piece *pieces;
    uint8_t *items; /* of the run that is being made */
    uint64_t filled;
    bool asked; /* an access to the store is under way */
    uint32_t at;
    uint8_t *loaded; /* a bucket */
    uint32_t *order;
    uint64_t loaded_count, read;
    uint32_t which; /* which, and whether it is complete */
    bool complete;
};

/* memory: about how many bytes may be used; total: how many items there will be at most. FATE_E_MEMORY. Free also after an error. */
int32_t buckets_init(struct buckets *buckets, fate_context *context, const char *name, uint32_t size, uint64_t memory, uint64_t total);
void buckets_free(struct buckets *buckets);

/* Room for up to BUCKETS_CHUNK further items of the run, which is not full; NULL: out of memory. What was written there counts by adding to filled. */
uint8_t *buckets_room(struct buckets *buckets);
bool buckets_full(const struct buckets *buckets);
/* Stores the run. FATE_AGAIN: return it, and call this again; FATE_OK: stored, or there was none. Other results as of fate_turn_put. */
int32_t buckets_store(fate_turn *turn, struct buckets *buckets);

/* How many items a bucket has, of runs that are stored. */
uint64_t buckets_items(const struct buckets *buckets, uint32_t which);
/* Brings a bucket into memory in place of the one before. FATE_AGAIN as above; FATE_E_STORE when the store has lost it or holds something else. */
int32_t buckets_load(fate_turn *turn, struct buckets *buckets, uint32_t which);
/* The item at a place of the bucket in memory. */
const uint8_t *buckets_item(const struct buckets *buckets, uint64_t place);
/* The bucket in memory is not needed any more. */
void buckets_unload(struct buckets *buckets);

/* The name of a piece in the store: BUCKETS_NAME + 24 bytes at most. */
void buckets_piece_name(char *text, size_t room, const char *name, uint32_t run, uint32_t which);
/* Whether these bytes are the piece. */
bool buckets_piece_is(const struct buckets_piece *piece, uint32_t size, const uint8_t *bytes, uint64_t length);

/* What is stored, and the run that is being made, as bytes and back, into one that buckets_init has made alike. FATE_E_FORMAT; FATE_E_MEMORY. */
void buckets_write(const struct buckets *buckets, struct buffer *out);
int32_t buckets_read(struct buckets *buckets, struct reader *in);

#endif
