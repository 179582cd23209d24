/* What a pooled run works on: the tables of all parties, checked, and their columns in bins. */
#ifndef SRC_MODELS_BOOSTING_POOLED_DATA_H
#define SRC_MODELS_BOOSTING_POOLED_DATA_H

#include "src/data/binning.h"
#include "src/models/boosting/gain.h"
#include "src/models/boosting/margins.h"
#include "src/models/boosting/pooled.h"
#include "src/models/boosting/tree.h"

/* A column of any party. All columns stand in the order in which equal gains are decided: parties in job order, columns in table order. */
struct pooled_column {
    uint32_t party;
    uint32_t number; /* in the party's table */
    bool active;     /* may be used by the present tree */
    struct column_bins bins;
    struct column_shape shape;
    uint64_t offset;                     /* of its sums within a node's */
    uint16_t *rows;                      /* bin of each training row */
    uint16_t *validation;                /* of each validation row; NULL without */
    struct split_candidate candidate[2]; /* of the two nodes that are looked at together */
};

/* The rows of the training or validation tables, with the guest's labels and the margins so far. */
struct pooled_rows {
    struct tree_rows nodes;
    const double *labels, *weights;
    struct margins margins;
    uint8_t *goes_left; /* scratch */
    uint64_t count;
};

struct pooled_data {
    fate_context *context;
    const struct boosting_parameters *parameters;
    const struct pooled_party *parties;
    uint32_t party_count;
    uint32_t guest; /* its number */
    bool has_validation;
    struct pooled_column *columns;
    uint32_t column_count;
    uint64_t total_bins; /* of all columns */
    uint32_t most_bins;  /* of one column */
    bool directed;       /* some column has a direction */
    struct pooled_rows training, validation;
};

/* Checks parties and tables and bins all columns. context, parameters, parties and party_count are set by the caller, the rest is zero.
 * pooled_data_free also after an error. */
int32_t pooled_data_make(struct pooled_data *data);
void pooled_data_free(struct pooled_data *data);

/* FATE_E_ROWS_DIFFER, naming two parties, unless the tables (or validation tables) of all parties hold the same ids. */
int32_t pooled_data_check_rows(fate_context *context, const struct pooled_party *parties, uint32_t party_count, bool validation);

#endif
