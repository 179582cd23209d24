/* The blocking calls: train, predict, and the pooled run that a federated one must equal. */
#ifndef FATE_TRAIN_H
#define FATE_TRAIN_H

#include <fate/observer.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Runs one party of a training job to its end.
 * model       out: the party's model, NULL after an error; free with fate_model_free
 * party       in: the name of this party in the job
 * table       in: its finished training table
 * validation  in: its validation table, or NULL; all parties have one or none has
 * transport, store, observer  in: as fate_drive
 * Returns FATE_OK; what fate_session_new and fate_drive return; the sentence is on the context. */
FATE_API int32_t fate_train(fate_context *context, fate_model **model, const fate_job *job, const char *party,
                            const fate_identity *identity, const fate_table *table, const fate_table *validation,
                            const fate_transport *transport, const fate_store *store, const fate_observer *observer);

typedef struct fate_scores fate_scores;

/* Runs one party of a scoring job to its end. The party that is to get scores gets them; for the others *scores has no rows.
 * Returns as fate_train; FATE_E_MODEL when the model is not of this job and party. */
FATE_API int32_t fate_predict(fate_context *context, fate_scores **scores, const fate_job *job, const char *party,
                              const fate_identity *identity, const fate_model *model, const fate_table *table,
                              const fate_transport *transport, const fate_store *store, const fate_observer *observer);

/* Pooled: all parties' tables in one process, no encryption, no messages. What nobody is allowed to do, and what tests compare with.
 * models       out: an array of as many pointers as the job has parties; each is freed with fate_model_free
 * tables       in: as many tables, in the job's order; validations likewise, or NULL
 * Returns FATE_OK; FATE_E_ROWS_DIFFER; FATE_E_TABLE; FATE_E_UNSUPPORTED when the algorithm has no pooled form; FATE_E_MEMORY. */
FATE_API int32_t fate_train_pooled(fate_context *context, fate_model **models, const fate_job *job, const fate_table *const *tables,
                                   const fate_table *const *validations, const fate_observer *observer);
FATE_API int32_t fate_predict_pooled(fate_context *context, fate_scores **scores, const fate_job *job, const fate_model *const *models,
                                     const fate_table *const *tables);

/* Scores: rows in the table's order (bytewise by id), one column or more. */
FATE_API uint64_t fate_scores_rows(const fate_scores *scores);
FATE_API uint32_t fate_scores_columns(const fate_scores *scores);
FATE_API const char *fate_scores_column_name(const fate_scores *scores, uint32_t column); /* "score" */
FATE_API const double *fate_scores_values(const fate_scores *scores, uint32_t column);
/* Writes CSV: the id column under its name in the job, then the scores with as many digits as needed to read the same double back.
 * Written beside and renamed. table: the one that was scored. */
FATE_API int32_t fate_scores_write_csv(const fate_scores *scores, const fate_table *table, const char *path);
FATE_API void fate_scores_free(fate_scores *scores);

#ifdef __cplusplus
}
#endif
#endif
