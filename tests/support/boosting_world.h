/* Jobs of vertical boosting in the simulator, held against the pooled run. */
#ifndef TESTS_SUPPORT_BOOSTING_WORLD_H
#define TESTS_SUPPORT_BOOSTING_WORLD_H

#include <fate/simulator.h>
#include <fate/train.h>
#include "tests/support/boosting_tables.h"

struct network {
    uint64_t delay_most, loss, repeat, reconnect;
};

/* One case: its job, tables, and what the pooled run gives. */
struct world {
    const struct boosting_case *from;
    fate_context *context;
    char text[4096];
    uint32_t guest, count;
    fate_table *tables[BOOSTING_PARTIES_MOST], *validations[BOOSTING_PARTIES_MOST];
    fate_model *pooled[BOOSTING_PARTIES_MOST], *models[BOOSTING_PARTIES_MOST];
};

extern const struct network network_good;

void world_make(struct world *world, const struct boosting_case *from, uint32_t guest, uint32_t threads);
void world_free(struct world *world);
/* Gives a party of a simulator its tables and models. */
void world_equip(fate_simulator *simulator, const struct world *world, uint32_t party, int32_t purpose, bool durable);
fate_simulator *world_simulate(const struct world *world, int32_t purpose, struct network network, bool durable);
/* Runs to the end, which must be a good one. */
void world_finish(fate_simulator *simulator, const struct world *world);
/* Trains pooled too, and holds the models of all parties against those. */
void world_take_models(struct world *world, fate_simulator *simulator);
void world_train(struct world *world, struct network network);
/* The same with parties that are killed one after the other every step ticks, six times, and go on from what they have stored. */
void world_train_killed(struct world *world, uint32_t step);
/* Scores the validation tables, or the training tables: equal to the pooled scores. */
void world_predict(struct world *world, struct network network);
/* All of it. */
void world_check(const struct boosting_case *from, uint32_t guest, uint32_t threads, struct network network);
/* Trains with parties that are killed at many moments: every first, first+stride, ... ticks below end. */
void world_check_killed(const struct boosting_case *from, uint32_t first, uint32_t end, uint32_t stride);

#endif
