/* Runs of vertical boosting in the simulator in which one party's step is replaced: for parties that do not follow the protocol, and for
 * looking inside. */
#ifndef TESTS_SUPPORT_BOOSTING_HOSTILE_H
#define TESTS_SUPPORT_BOOSTING_HOSTILE_H

#include "src/models/boosting/guest.h"
#include "src/models/boosting/host.h"
#include "src/models/boosting/messages.h"
#include "src/models/boosting/protocol.h"
#include "src/models/boosting/scoring.h"
#include "src/models/boosting/serving.h"
#include "tests/support/boosting_tables.h"

/* One step of a role that runs otherwise. */
struct replacement {
    int32_t purpose;
    uint32_t role, step;
    fate_step_function run;
};

/* A context in which the library's protocols are registered with some steps replaced, or with one; NULL run: none. */
fate_context *hostile_contexts(const struct replacement *replacements, uint32_t count);
fate_context *hostile_context(struct replacement replacement);

/* The same with training's save and load of a role replaced. */
fate_context *hostile_state_context(uint32_t role, int32_t (*save)(fate_turn *turn, const void *state),
                                    int32_t (*load)(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length));

/* A simulator with the tables of a case; party 0 is the guest. Tables are freed by hostile_end. */
struct hostile_run {
    fate_context *context;
    fate_simulator *simulator;
    fate_table *tables[BOOSTING_PARTIES_MOST], *validations[BOOSTING_PARTIES_MOST];
    uint32_t count;
};
void hostile_begin(struct hostile_run *run, fate_context *context, const struct boosting_case *from);
/* Frees everything, the context too. */
void hostile_end(struct hostile_run *run);

/* Runs a case with one training step replaced. Asserts that it ends with `expected`, and that the sentence of `party` has `part` in it. */
void hostile_expect(const struct boosting_case *from, struct replacement replacement, int32_t expected, uint32_t party, const char *part);

/* After a good end: how the length of the guest's model compares to the pooled one's; 0: they are equal bytes. Other bytes of one length fail. */
int hostile_compare(const struct hostile_run *run);

/* Sends a whole message of any bytes. */
int32_t hostile_send(fate_turn *turn, uint32_t message, uint32_t party, const void *bytes, uint64_t length);

#endif
