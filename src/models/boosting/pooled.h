/* Pooled training and prediction: all parties' tables in one process, no encryption, no messages. What a federated run must equal bit for
 * bit; it shares with it the functions for binning, gradients, sampling, gain and the model, and nothing else. */
#ifndef SRC_MODELS_BOOSTING_POOLED_H
#define SRC_MODELS_BOOSTING_POOLED_H

#include <fate/model.h>
#include <fate/observer.h>
#include "src/models/boosting/folds.h"
#include "src/models/boosting/model.h"

/* One party of a pooled run. */
struct pooled_party {
    const char *name;
    bool guest; /* exactly one is */
    const fate_table *table;
    const fate_table *validation; /* NULL for all or for none */
    const fate_schema *schema;    /* how its tables were to be read; NULL: sentences name no columns */
    const fate_model *from;       /* its part of the earlier model; NULL for all or for none */
};

/* Trains. models: out, party_count models, each to be freed with boosting_model_free; nothing to free after an error.
 * observer: NULL or as fate_train_pooled's. FATE_E_ROWS_DIFFER; FATE_E_TABLE; FATE_E_JOB; FATE_E_MEMORY; an observer's own code. */
int32_t pooled_train(fate_context *context, struct boosting_model *models, const struct boosting_parameters *parameters,
                     const struct pooled_party *parties, uint32_t party_count, const fate_observer *observer);

/* The same with another bound on the histograms that are kept of one level for the subtraction in the next, in bytes; beyond it they are added
 * up again. The model does not depend on it. */
int32_t pooled_train_within(fate_context *context, struct boosting_model *models, const struct boosting_parameters *parameters,
                            const struct pooled_party *parties, uint32_t party_count, const fate_observer *observer,
                            uint64_t histogram_limit);

/* Cross-validates: the job has folds. folds: out, with the scores of all rows; freed with folds_free, also after an error. */
int32_t pooled_cross_validate(fate_context *context, struct folds *folds, const struct boosting_parameters *parameters,
                              const struct pooled_party *parties, uint32_t party_count, const fate_observer *observer);

/* scores: out, as many for each row of the tables as the guest's model has outputs, row after row. models and parties in the same order. */
int32_t pooled_predict(fate_context *context, double *scores, const struct boosting_model *models, const struct pooled_party *parties,
                       uint32_t party_count);
/* The same with leaves: out, NULL or for each tree one number for each row: that of its leaf. */
int32_t pooled_predict_leaves(fate_context *context, double *scores, double *leaves, const struct boosting_model *models,
                              const struct pooled_party *parties, uint32_t party_count);

#endif
