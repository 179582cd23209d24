/* The aggregator: leads rounds of secure aggregation stage by stage, with a time for each, and learns the sum alone. */
#ifndef SRC_MODELS_AGGREGATION_AGGREGATOR_H
#define SRC_MODELS_AGGREGATION_AGGREGATOR_H

#include "src/models/aggregation/contribution.h"
#include "src/models/aggregation/disputes.h"
#include "src/models/aggregation/members.h"

enum aggregator_stage { STAGE_JOIN, STAGE_KEYS, STAGE_LETTERS, STAGE_UPLOAD, STAGE_AGREE, STAGE_REVEAL };

/* How many clients send their vectors at a time: what bounds memory. */
enum { UPLOADS = 16 };

struct aggregator;

/* What the sums are for: the part of an aggregator that is not secure aggregation. All functions return FATE_OK or an error. */
struct aggregator_use {
    /* A part of the message "join", at any time, or of one that the sums do not know; it lies in the turn. */
    int32_t (*take)(fate_turn *turn, struct aggregator *aggregator, uint32_t from, const uint8_t *bytes, uint64_t length);
    /* STAGE_JOIN: whether anybody who may still answer has not; and what is done when nobody is missing or time is over. */
    bool (*missing)(fate_turn *turn, const struct aggregator *aggregator);
    int32_t (*gathered)(fate_turn *turn, struct aggregator *aggregator);
    /* The sum of so many clients is there, without masks. */
    int32_t (*summed)(fate_turn *turn, struct aggregator *aggregator, uint32_t clients);
    /* The sum has failed: too few clients go on with it (FATE_E_TIMEOUT), or too many of them tell false shares (FATE_E_PROTOCOL); the sentence
     * says so. Ends the job with that code, or tries again. */
    int32_t (*failed)(fate_turn *turn, struct aggregator *aggregator, int32_t code, const char *sentence);
};

/* Stands first in the state of an aggregator's role. */
struct aggregator {
    const struct aggregator_use *use;
    struct aggregation_parameters parameters;
    fate_context *context;
    int32_t stage; /* enum aggregator_stage */
    uint64_t round;
    uint32_t party, parties;
    struct members members;
    bool advanced;  /* something was uploaded since the time began */
    uint64_t count; /* numbers of the vectors that are summed */
    uint8_t *sum;   /* of the vectors that came whole; NULL before the first round */
};

/* use and parameters are set. FATE_OK; FATE_E_MEMORY. */
int32_t aggregator_init(fate_turn *turn, struct aggregator *aggregator);
void aggregator_free(struct aggregator *aggregator);
void aggregator_save(const struct aggregator *aggregator, struct buffer *out);
/* FATE_OK; FATE_E_FORMAT; FATE_E_MEMORY. */
int32_t aggregator_load(fate_turn *turn, struct aggregator *aggregator, struct reader *in);
/* What a role's load and save return for the above. */
int32_t aggregation_loaded(const struct aggregator *aggregator, int32_t result);

/* The step: a message, or the end of time. */
int32_t aggregator_listen(fate_turn *turn, void *state);

/* Sums count numbers of all members that have joined and are wanted[]: begins the exchange of keys. */
int32_t aggregator_begin(fate_turn *turn, struct aggregator *aggregator, const bool *wanted, uint64_t count);
/* Sends a message of length bytes, in parts, to all parties that to[] says: each part goes to all before the next, so that it is kept once. The
 * head, unless NULL, is a part of its own before the bytes. */
int32_t aggregator_tell(fate_turn *turn, const struct aggregator *aggregator, uint32_t message, const bool *to, const struct buffer *head,
                        const uint8_t *bytes, uint64_t length);
/* The sum under way, if any, is over: nobody takes part in it or has joined the next one. */
int32_t aggregator_reset(fate_turn *turn, struct aggregator *aggregator);
/* The job ends. */
int32_t aggregator_give_up(fate_turn *turn, struct aggregator *aggregator, int32_t code, const char *sentence);

/* aggregator_stages.c: the end of a stage and the begin of the next. */
int32_t aggregator_advance(fate_turn *turn, struct aggregator *aggregator);
/* Lets as many clients send their vectors as may at a time. */
int32_t aggregator_let_upload(fate_turn *turn, struct aggregator *aggregator);

/* What a member is told of who stays. */
void aggregator_write_survivors(const struct aggregator *aggregator, uint32_t to, struct buffer *out);

/* unmasking.c: whether enough shares were revealed; and takes the masks from the sum then. Shares that do not fit what their owner has published
 * are noted as disputes. FATE_OK; FATE_EMPTY when too many do not: *owner is then whose; FATE_E_MEMORY. */
bool aggregator_can_unmask(const struct aggregator *aggregator);
int32_t aggregator_unmask(struct aggregator *aggregator, struct disputes *disputes, uint32_t *owner);

#endif
