/* What a client gives to a secure sum: its table's numbers as fixed-point numbers of a ring; and the sums as numbers again. */
#ifndef SRC_MODELS_AGGREGATION_CONTRIBUTION_H
#define SRC_MODELS_AGGREGATION_CONTRIBUTION_H

#include <fate/table.h>

#include "lib/bytes.h"
#include "src/models/aggregation/parameters.h"

enum { LAYOUT_DIGEST = 32 };

/* The columns that are summed: all but the one of weights. count of them; the column at a place among them. */
uint32_t contribution_columns(const struct aggregation_parameters *parameters, const fate_table *table);
uint32_t contribution_column(const struct aggregation_parameters *parameters, const fate_table *table, uint32_t place);
/* How many numbers of the ring a table makes: each column's rows one after the other; of a mean, last the rows' weights. */
uint64_t contribution_count(const struct aggregation_parameters *parameters, const fate_table *table);
/* A digest of the names of rows and columns: clients whose digests are equal can be summed. */
void contribution_layout(uint8_t *digest, const fate_table *table);
/* values: contribution_count times the ring's width bytes. FATE_OK; FATE_E_TABLE names row and column of a value that is missing or out of bounds,
 * or says that there is nothing to sum. */
int32_t contribution_make(fate_context *context, uint8_t *values, const struct aggregation_parameters *parameters, const fate_table *table);
/* out: the sums, or means, of a table's columns, as many as its numbers; NaN for a mean over no weight. sums: as contribution_make. */
void contribution_read(double *out, uint64_t numbers, uint64_t rows, const uint8_t *sums, const struct aggregation_parameters *parameters);

#endif
