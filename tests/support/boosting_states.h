/* The stored state of a role of vertical boosting: a run that is restarted over and over, with damaged states before each good one. */
#ifndef TESTS_SUPPORT_BOOSTING_STATES_H
#define TESTS_SUPPORT_BOOSTING_STATES_H

#include "tests/support/boosting_hostile.h"

/* A role, and the party that has it in a job of a guest and one host. */
struct stateful_role {
    uint32_t role, party;
    int32_t (*start)(fate_turn *turn, void **state);
    int32_t (*save)(fate_turn *turn, const void *state);
    int32_t (*load)(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length);
    void (*stop)(fate_context *context, void *state);
};

/* What a test's main returns. */
int boosting_states_test(const struct stateful_role *tested);

#endif
