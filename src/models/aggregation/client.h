/* A client of secure aggregation: one stage after the other, as the aggregator's messages come (Bonawitz et al., CCS 2017, figure 4). */
#ifndef SRC_MODELS_AGGREGATION_CLIENT_H
#define SRC_MODELS_AGGREGATION_CLIENT_H

#include "src/models/aggregation/contribution.h"
#include "src/models/aggregation/messages.h"

enum client_stage {
    CLIENT_IDLE = 0, /* waits for a round, or the result */
    CLIENT_KEYS,     /* has sent its keys: waits for those of its neighbours */
    CLIENT_SHARED,   /* has sent its letters: waits for those to it */
    CLIENT_UPLOADED, /* has sent its masked vector: waits to hear who else has */
    CLIENT_AGREED,   /* has signed who has: waits for the others' signatures */
    CLIENT_REVEALED  /* has told the shares that take the masks away */
};

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
    struct buffer outcome; /* as far as it has come */
    const fate_table *table;
    uint8_t *values; /* the table's numbers in the ring */
    uint64_t count;
};

int32_t client_start(fate_turn *turn, void **state);
int32_t client_save(fate_turn *turn, const void *state);
int32_t client_load(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length);
void client_stop(fate_context *context, void *state);

/* Steps. */
int32_t client_join(fate_turn *turn, void *state);
int32_t client_listen(fate_turn *turn, void *state);

#endif
