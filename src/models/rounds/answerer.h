/* A client of a job over rounds: says that it is there, works on the questions that come, and takes part in the sum of the answers. */
#ifndef SRC_MODELS_ROUNDS_ANSWERER_H
#define SRC_MODELS_ROUNDS_ANSWERER_H

#include "src/models/aggregation/client.h"
#include "src/models/rounds/inquiry.h"

struct answerer {
    struct client client;
    const struct inquiry_answerer *inquiry;
    void *state;
    struct buffer incoming; /* a question or the result, as far as it has come */
    uint64_t question;      /* the last one's number */
    uint8_t *values;        /* its answer, as far as it is made; then the client's */
    uint64_t count;
};

int32_t answerer_start(fate_turn *turn, void **state);
int32_t answerer_save(fate_turn *turn, const void *state);
int32_t answerer_load(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length);
void answerer_stop(fate_context *context, void *state);
/* Steps. */
int32_t answerer_join(fate_turn *turn, void *state);
int32_t answerer_listen(fate_turn *turn, void *state);
int32_t answerer_work(fate_turn *turn, void *state);

#endif
