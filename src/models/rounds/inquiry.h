/* Questions and sums: what a job over rounds asks its clients, one question after the other, and makes of the sums of their answers. A job is two
 * tables of functions, one for each role; the rounds (asker.h, answerer.h) carry questions there and sums back. Answers are numbers of the ring
 * (src/models/aggregation/ring.h). */
#ifndef SRC_MODELS_ROUNDS_INQUIRY_H
#define SRC_MODELS_ROUNDS_INQUIRY_H

#include "lib/bytes.h"
#include "src/models/aggregation/parameters.h"

/* The aggregator's side. All functions return FATE_OK or an error, its sentence set. */
struct inquiry_asker {
    /* stop gets the state also after an error, when it is not NULL. common: lives as long as the state. */
    int32_t (*start)(fate_turn *turn, const struct aggregation_parameters *common, void **state);
    void (*stop)(fate_context *context, void *state);
    void (*save)(const void *state, struct buffer *out);
    /* After settle, when there was one. FATE_E_FORMAT, FATE_E_MEMORY: without a sentence. */
    int32_t (*load)(fate_turn *turn, void *state, struct reader *in);
    /* What the first client that came has told of its table; all others have told the same. FATE_E_FORMAT: it is none, without a sentence. */
    int32_t (*settle)(fate_turn *turn, void *state, const uint8_t *layout, uint64_t length);
    /* The question that is to be asked now, and how many numbers answer it; the same until take has its sums. FATE_FINISHED: there is none
     * any more. FATE_AGAIN: call again. */
    int32_t (*ask)(fate_turn *turn, void *state, struct buffer *question, uint64_t *count);
    /* share: which part of all clients of the job the sums are of */
    int32_t (*take)(fate_turn *turn, void *state, const uint8_t *sums, double share);
    /* The end: sets model and results of this party, and appends what clients need to do the same. */
    int32_t (*end)(fate_turn *turn, void *state, struct buffer *result);
};

/* A client's side. */
struct inquiry_answerer {
    int32_t (*start)(fate_turn *turn, const struct aggregation_parameters *common, void **state);
    void (*stop)(fate_context *context, void *state);
    void (*save)(const void *state, struct buffer *out);
    int32_t (*load)(fate_turn *turn, void *state, struct reader *in);
    int32_t (*layout)(const void *state, struct buffer *layout);
    /* Takes a question, from the aggregator: check it. count: out, numbers of its answer. FATE_E_FORMAT: it is none, without a sentence. */
    int32_t (*hear)(fate_turn *turn, void *state, const uint8_t *question, uint64_t length, uint64_t *count);
    /* Answers it: count numbers of the ring, all zero before. FATE_AGAIN: call again. */
    int32_t (*answer)(fate_turn *turn, void *state, uint8_t *values);
    /* The answer is part of the sum. */
    void (*counted)(void *state);
    /* The end: sets model and results of this party. FATE_E_FORMAT: it is none, without a sentence. */
    int32_t (*end)(fate_turn *turn, void *state, const uint8_t *result, uint64_t length);
};

/* A job over rounds: what its protocol's name stands for. */
struct inquiry {
    const char *algorithm;
    const struct inquiry_asker *asker;
    const struct inquiry_answerer *answerer;
};

/* NULL for another algorithm. protocol.c */
const struct inquiry *inquiry_find(const char *algorithm);

#endif
