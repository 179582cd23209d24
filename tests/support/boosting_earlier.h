/* An earlier training, and one that goes on from its model. */
#ifndef TESTS_SUPPORT_BOOSTING_EARLIER_H
#define TESTS_SUPPORT_BOOSTING_EARLIER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/support/boosting_world.h"

struct pair {
    struct world before, whole;
    struct boosting_case before_case, whole_case;
};

/* before: some of whole's trees, trained pooled. */
static inline void pair_make(struct pair *pair, const struct boosting_case *from, const char *before, uint32_t guest)
{
    pair->before_case = pair->whole_case = *from;
    pair->before_case.parameters = before;
    world_make(&pair->before, &pair->before_case, guest, 1);
    world_make(&pair->whole, &pair->whole_case, guest, 1 + from->hosts % 2);
    /* The simulator fills in the keys of the job. */
    fate_simulator *simulator = world_simulate(&pair->before, FATE_PURPOSE_TRAIN, network_good, false);
    assert_int_equal(fate_train_pooled(pair->before.context, pair->before.pooled, fate_simulator_job(simulator),
                                       (const fate_table *const *)pair->before.tables,
                                       from->validation_rows > 0 ? (const fate_table *const *)pair->before.validations : NULL, NULL),
                     FATE_OK);
    fate_simulator_free(simulator);
}

static inline void pair_free(struct pair *pair)
{
    world_free(&pair->before);
    world_free(&pair->whole);
}

static inline fate_simulator *pair_simulate(const struct pair *pair, bool durable)
{
    fate_simulator *simulator = world_simulate(&pair->whole, FATE_PURPOSE_TRAIN, network_good, durable);
    for (uint32_t party = 0; party < pair->whole.count; party++) {
        assert_int_equal(fate_session_set_model(fate_simulator_session(simulator, party), pair->before.pooled[party]), FATE_OK);
    }
    return simulator;
}

#endif
