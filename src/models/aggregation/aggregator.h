/* The aggregator: leads rounds of secure aggregation stage by stage, with a time for each, and learns the sum alone. */
#ifndef SRC_MODELS_AGGREGATION_AGGREGATOR_H
#define SRC_MODELS_AGGREGATION_AGGREGATOR_H

#include "src/models/aggregation/contribution.h"
#include "src/models/aggregation/members.h"

enum aggregator_stage { STAGE_JOIN, STAGE_KEYS, STAGE_LETTERS, STAGE_UPLOAD, STAGE_AGREE, STAGE_REVEAL };

/* How many clients send their vectors at a time: what bounds memory. */
enum { UPLOADS = 16 };

struct aggregator {
    struct aggregation_parameters parameters;
    fate_context *context;
    int32_t stage; /* enum aggregator_stage */
    uint64_t round;
    uint32_t party, parties;
    struct members members;
    bool waits;                    /* the time of the stage is running */
    bool advanced;                 /* something was uploaded since the time began */
    bool laid_out;                 /* what is summed is known */
    uint8_t layout[LAYOUT_DIGEST]; /* from the aggregator's own table, or the first client's */
    uint64_t count;
    uint8_t *sum; /* of the vectors that came whole; NULL before the first round */
    const fate_table *table;
};

int32_t aggregator_start(fate_turn *turn, void **state);
int32_t aggregator_save(fate_turn *turn, const void *state);
int32_t aggregator_load(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length);
void aggregator_stop(fate_context *context, void *state);

/* The step: a message, or the end of time. */
int32_t aggregator_listen(fate_turn *turn, void *state);

/* aggregator_stages.c: the end of a stage and the begin of the next. */
int32_t aggregator_advance(fate_turn *turn, struct aggregator *aggregator);
/* Lets as many clients send their vectors as may at a time. */
int32_t aggregator_let_upload(fate_turn *turn, struct aggregator *aggregator);

/* unmasking.c: takes the masks from the sum. FATE_OK; FATE_E_PROTOCOL when shares do not fit; FATE_E_TIMEOUT when too few were revealed. */
int32_t aggregator_unmask(fate_turn *turn, struct aggregator *aggregator);

#endif
