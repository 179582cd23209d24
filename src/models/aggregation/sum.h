/* The roles of secure-sum and secure-mean: what a table gives to the sum, and what comes of it. */
#ifndef SRC_MODELS_AGGREGATION_SUM_H
#define SRC_MODELS_AGGREGATION_SUM_H

#include "src/models/aggregation/aggregator.h"
#include "src/models/aggregation/client.h"
#include "src/models/aggregation/contribution.h"

struct sum_aggregator {
    struct aggregator aggregator;
    bool laid_out;                 /* what is summed is known */
    uint8_t layout[LAYOUT_DIGEST]; /* from the aggregator's own table, or the first client's */
    uint64_t count;
    const fate_table *table;
};

struct sum_client {
    struct client client;
    struct buffer outcome; /* as far as it has come */
    const fate_table *table;
};

int32_t sum_aggregator_start(fate_turn *turn, void **state);
int32_t sum_aggregator_save(fate_turn *turn, const void *state);
int32_t sum_aggregator_load(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length);
void sum_aggregator_stop(fate_context *context, void *state);

int32_t sum_client_start(fate_turn *turn, void **state);
int32_t sum_client_save(fate_turn *turn, const void *state);
int32_t sum_client_load(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length);
void sum_client_stop(fate_context *context, void *state);
/* Steps. */
int32_t sum_client_join(fate_turn *turn, void *state);
int32_t sum_client_listen(fate_turn *turn, void *state);

#endif
