/* The aggregator of a job over rounds: waits for clients, asks those that it draws, lets secure aggregation sum the answers of those who were ready in
 * time, hands the sum to the inquiry, and asks again. A sum that too few got through is tried again. */
#ifndef SRC_MODELS_ROUNDS_ASKER_H
#define SRC_MODELS_ROUNDS_ASKER_H

#include "src/models/aggregation/aggregator.h"
#include "src/models/rounds/inquiry.h"
#include "src/models/rounds/parameters.h"

/* A client as the rounds see it. */
struct asked {
    bool known;           /* has said that it is there, and its layout is that of the others */
    bool came;            /* has ever said so */
    bool asked;           /* this question */
    bool busy;            /* with this question or an earlier one */
    struct buffer layout; /* as far as it has come */
};

struct asker {
    struct aggregator aggregator; /* first: the core of secure aggregation casts */
    struct rounds_parameters parameters;
    const struct inquiry_asker *inquiry;
    void *state;
    struct asked *clients; /* by party */
    struct buffer layout;  /* of the first client that came; length 0: none has */
    bool out;              /* a question is out: clients work on it */
    uint64_t question;     /* its number, or the last one's */
    uint64_t count;        /* of its answer */
    uint32_t failures;     /* in a row */
};

int32_t asker_start(fate_turn *turn, void **state);
int32_t asker_save(fate_turn *turn, const void *state);
int32_t asker_load(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length);
void asker_stop(fate_context *context, void *state);
/* Steps. */
int32_t asker_listen(fate_turn *turn, void *state);
int32_t asker_ask(fate_turn *turn, void *state);

#endif
