/* A client of secure aggregation: one stage after the other, as the aggregator's messages come (Bonawitz et al., CCS 2017, figure 4). What is summed, and
 * what for, is the matter of the role whose state begins with this one. */
#ifndef SRC_MODELS_AGGREGATION_CLIENT_H
#define SRC_MODELS_AGGREGATION_CLIENT_H

#include "src/models/aggregation/parameters.h"
#include "src/models/aggregation/messages.h"

enum client_stage {
    CLIENT_IDLE = 0, /* waits for a round, or the result */
    CLIENT_KEYS,     /* has sent its keys: waits for those of its neighbours */
    CLIENT_SHARED,   /* has sent its letters: waits for those to it */
    CLIENT_UPLOADED, /* has sent its masked vector: waits to hear who else has */
    CLIENT_AGREED,   /* has signed who has: waits for the others' signatures */
    CLIENT_REVEALED  /* has told the shares that take the masks away */
};

/* Stands first in the state of a client's role. */
struct client {
    struct aggregation_parameters parameters;
    fate_context *context;
    int32_t stage; /* enum client_stage */
    uint64_t round;
    uint32_t party, parties, threshold;
    struct round_secrets secrets;
    struct round_keys keys;
    /* Bytes as they came, and what they are: lists of this round. */
    struct buffer neighbours, roster, letters, survivors;
    uint8_t *values; /* what this client gives, in the ring; NULL: nothing yet, and no sum begins */
    uint64_t count;
};

/* parameters are set. */
void client_init(fate_turn *turn, struct client *client);
void client_free(struct client *client);
/* The vector that the next sum takes: count numbers of the ring, from memory_zeroed with at least a byte more; the client frees it. NULL, 0: none. */
void client_give(struct client *client, uint8_t *values, uint64_t count);
void client_save(const struct client *client, struct buffer *out);
/* FATE_OK; FATE_E_FORMAT; FATE_E_MEMORY. */
int32_t client_load(fate_turn *turn, struct client *client, struct reader *in);
int32_t client_loaded(const struct client *client, int32_t result);

/* Takes the turn's message, one of secure aggregation's own; too late ones are warned of. */
int32_t client_take(fate_turn *turn, struct client *client, const uint8_t *bytes, uint64_t length);
/* Ends with FATE_E_PROTOCOL: the aggregator did what the text says. */
int32_t client_broken(fate_turn *turn, const char *what);

#endif
