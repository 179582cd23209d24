/* A party's own columns, binned: for its training table and, with the same bins, for its validation table. */
#ifndef SRC_MODELS_BOOSTING_COLUMNS_H
#define SRC_MODELS_BOOSTING_COLUMNS_H

#include "src/data/binning.h"
#include "src/models/boosting/gain.h"

struct columns {
    fate_context *context;
    const fate_table *table, *validation; /* validation may be NULL */
    uint32_t count;
    uint32_t ready; /* columns binned so far */
    struct column_bins *bins;
    struct column_shape *shapes;
    uint16_t **data; /* data[column][row] */
    uint16_t **validation_data;
    uint32_t *place; /* validation's column of that name */
};

/* Notes the tables; every column of the training table must stand in the validation table too, with the same kind: FATE_E_TABLE names it.
 * FATE_E_MEMORY. After any result columns_free may be called. */
int32_t columns_init(struct columns *columns, fate_context *context, const fate_table *table, const fate_table *validation);
void columns_free(struct columns *columns);

/* Bins the next column. FATE_AGAIN: there are more; FATE_OK: all are ready; FATE_E_TABLE; FATE_E_MEMORY. */
int32_t columns_bin(struct columns *columns, const struct boosting_parameters *parameters);

/* What is to be known of a binned column. FATE_E_JOB when it has a direction, which the objective cannot keep. */
int32_t columns_shape(fate_context *context, struct column_shape *shape, const struct column_bins *bins,
                      const struct boosting_parameters *parameters, const fate_table *table, uint32_t column);

/* Marks the columns that a level of a tree may use (colsample_bytree, colsample_bylevel): the same for all parties that ask. count: columns of the
 * party. FATE_E_MEMORY. And how many they are. */
int32_t columns_draw(fate_context *context, uint8_t *sampled, const struct boosting_parameters *parameters, uint32_t tree, uint32_t level,
                     uint32_t party, uint32_t count);
uint64_t columns_drawn(const struct boosting_parameters *parameters, uint32_t count);

/* Whether levels have columns of their own. Then sums are taken for both children of a split: a difference needs the parent's of the same column. */
bool columns_by_level(const struct boosting_parameters *parameters);

#endif
