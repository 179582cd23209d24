/* What comes of a secure sum or mean: results for the application, and a model file that can be shown. */
#ifndef SRC_MODELS_AGGREGATION_OUTCOME_H
#define SRC_MODELS_AGGREGATION_OUTCOME_H

#include "src/models/aggregation/contribution.h"

/* Of the message "result": how many clients were summed; then the sums. */
enum { OUTCOME_HEAD = 4 };

/* Delivers the sums of count numbers of the ring. table: names rows and columns; NULL when this party has none: then there is one result,
 * "values". FATE_OK; FATE_E_MEMORY. */
int32_t outcome_deliver(fate_turn *turn, const struct aggregation_parameters *parameters, const fate_table *table, uint32_t clients,
                        const uint8_t *sums, uint64_t count);
/* The protocol's dump. */
int32_t outcome_dump(fate_context *context, const fate_model *const *models, uint32_t count, const char *format, char **text);

#endif
