/* Warm start: the trees of an earlier training, on which a new one builds. Every party has its own part of that model; the guest gets the margins
 * that its rows have after those trees from the masks of leaves of all parties, as in scoring (predict.h). */
#ifndef SRC_MODELS_BOOSTING_EARLIER_H
#define SRC_MODELS_BOOSTING_EARLIER_H

#include <fate/model.h>
#include "src/data/binning.h"
#include "src/models/early_stopping.h"
#include "src/models/boosting/margins.h"
#include "src/models/boosting/predict.h"

enum { EARLIER_DIGEST = 32, EARLIER_TABLES = 2 };

struct earlier {
    fate_context *context;
    uint32_t trees;                              /* 0: there is no earlier model */
    uint8_t digest[EARLIER_DIGEST];              /* of that model's bytes; zeros when there is none */
    struct predictor predictors[EARLIER_TABLES]; /* for the training table and the validation table */
    uint32_t predictor_count;
    uint64_t rows[EARLIER_TABLES], all_rows;
    uint8_t *masks; /* of all rows, validation rows behind training rows */
    uint64_t mask_bytes;
};

/* Reads what a training is to start from in the place of the empty model that it has. given: NULL leaves that as it is. earlier: zeroed before.
 * FATE_E_MODEL when the job says other than the model what is predicted, from which parties, or FATE_E_JOB that there is nothing left to train, or that folds
 * are asked for; FATE_E_FORMAT; FATE_E_MEMORY. */
int32_t earlier_read(struct earlier *earlier, struct boosting_model *model, const fate_model *given,
                     const struct boosting_parameters *parameters);
/* FATE_E_STORE when a stored state that began from the model of this digest is to go on from another, or from none. */
int32_t earlier_check_digest(const struct earlier *earlier, const uint8_t *digest);
/* FATE_E_TABLE when a column of the model had other categories than it has now. bins: of the table's column. */
int32_t earlier_check_column(const struct earlier *earlier, const struct boosting_model *model, const fate_table *table, uint32_t column,
                             const struct column_bins *bins);
/* The number that a column has in the model; 0: none. */
uint32_t earlier_number(const struct boosting_model *model, const char *name);

/* Matches the model to the tables. validation may be NULL. FATE_E_TABLE, FATE_E_LIMIT, FATE_E_MEMORY. */
int32_t earlier_open(struct earlier *earlier, const struct boosting_model *model, const fate_table *table, const fate_table *validation);
/* Masks of rows first .. first+count by this party's conditions, validation rows being numbered behind training rows. */
void earlier_masks(const struct earlier *earlier, uint64_t first, uint64_t count, uint8_t *masks);
/* Begins to collect the masks of all parties with this party's own. FATE_E_MEMORY. */
int32_t earlier_collect(struct earlier *earlier);
/* Another party's masks of rows. */
void earlier_intersect(struct earlier *earlier, uint64_t first, uint64_t count, const uint8_t *masks);
/* Adds the trees to the margins of all rows, round after round, and judges each round as the training would have. labels, weights: of validation
 * rows; stopped: out. FATE_E_PROTOCOL when the masks leave no single leaf; FATE_E_MEMORY. */
int32_t earlier_score(const struct earlier *earlier, const struct boosting_parameters *parameters, struct margins *training,
                      struct margins *validation, const double *labels, const double *weights, struct early_stopping *stopping,
                      bool *stopped);
/* Frees what open and collect made. */
void earlier_close(struct earlier *earlier);

#endif
