/* The blocking calls: train, predict, and the pooled run that a federated one must equal. Each makes a session, drives it through the given
 * hooks to its end, and frees it. For options (time-outs, "restart"), counters and cancelling make the session yourself: fate/session.h,
 * fate/observer.h. Sentences of errors are on the context. */
#ifndef FATE_TRAIN_H
#define FATE_TRAIN_H

#include <fate/observer.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Runs one party of a training job to its end. Blocks; uses the context's threads.
 *
 * TIME. It ends with FATE_E_TIMEOUT when a peer was not reached within 45 seconds, or was silent for 600 seconds after that ("contact_timeout"
 * and "loss_timeout" of fate_session_set_option). How long a peer computes is not limited. To bound that too, let the observer's tick or
 * progress return FATE_E_CANCELLED when it has been long enough, or make the session yourself (fate_session_new), set its options, call
 * fate_drive, and fate_session_cancel from elsewhere. A party that is done stays reachable until its peers are done too, for 10 seconds
 * ("linger_timeout") or as long as a live peer still misses something; so does a rerun with the kept state of a job that has ended.
 *
 * model       out: the party's model, NULL after an error; free with fate_model_free
 * job         in: used during the call
 * party       in: the name of this party in the job
 * identity    in: the one that the job pins for it
 * table       in: its finished training table, read with fate_job_schema; used during the call; NULL for those that have none: the aggregator of
 *             jobs that begin with horizontal-, and, where it needs none, any party of horizontal-custom
 * validation  in: its validation table, or NULL; all parties have one or none has (in jobs that begin with horizontal-: any client may have one)
 * transport, store, observer  in: as fate_drive; store and observer may be NULL. With a store the same call, after an interruption,
 *             continues the job, and after its end gives the model again
 * Returns FATE_OK; what fate_session_new and fate_drive return; FATE_E_UNSUPPORTED also when the algorithm makes no model; FATE_E_JOB
 * when the job has folds (fate_cross_validate);
 * FATE_E_ARGUMENT when another argument is NULL. */
FATE_API int32_t fate_train(fate_context *context, fate_model **model, const fate_job *job, const char *party,
                            const fate_identity *identity, const fate_table *table, const fate_table *validation,
                            const fate_transport *transport, const fate_store *store, const fate_observer *observer);

/* The same from an earlier model (warm start): its trees come first, unchanged, and new ones are added. The parameter "trees" counts all of them,
 * so that on the same tables, with the same parameters but "trees", the model equals the one of a single training of that length. Other tables,
 * and other parameters of growth such as learning_rate, are allowed.
 * from  in: this party's part of the earlier model; all parties give theirs; used during the call. In algorithm vertical-boosting; in
 *       those that begin with horizontal- the weights are those that training goes on from, and only the aggregator's counts. After an
 *           interruption, the same one
 * The others as fate_train.
 * Returns as fate_train; FATE_E_MODEL when the models of the parties do not belong together, some have none, objective, base_score, classes,
 * multi_strategy or the job's parties are not the earlier ones; FATE_E_STORE when the stored state began from another model; FATE_E_JOB when the earlier model has as many
 * trees as the job or more, or the job has folds; FATE_E_TABLE when a column of the earlier model is missing, is of another kind, or has other
 * categories; FATE_E_LIMIT when that model has more than about 7 million leaves; FATE_E_UNSUPPORTED for another algorithm. */
FATE_API int32_t fate_train_from(fate_context *context, fate_model **model, const fate_job *job, const char *party,
                                 const fate_identity *identity, const fate_table *table, const fate_table *validation,
                                 const fate_model *from, const fate_transport *transport, const fate_store *store,
                                 const fate_observer *observer);

typedef struct fate_scores fate_scores;

/* Runs one party of a scoring job to its end. Blocks; uses the context's threads.
 * scores  out: NULL after an error; free with fate_scores_free. The party that is to get scores gets them; for the others it has no rows
 * model   in: this party's, of this job
 * table   in: the rows to score, finished, read with fate_job_schema for FATE_PURPOSE_PREDICT; all parties' tables hold the same ids
 * The others as fate_train.
 * Returns as fate_train; FATE_E_MODEL when the model is not of this job and party (the sentence is then on the context that the model was
 * made from); FATE_E_UNSUPPORTED for horizontal training, whose models fate_predict_alone scores with. */
FATE_API int32_t fate_predict(fate_context *context, fate_scores **scores, const fate_job *job, const char *party,
                              const fate_identity *identity, const fate_model *model, const fate_table *table,
                              const fate_transport *transport, const fate_store *store, const fate_observer *observer);

/* The same with the leaves of rows: columns "leaf_1", "leaf_2", ... stand behind those of the scores, one for each tree; each number is that of
 * the row's leaf among the tree's nodes, as fate_model_dump numbers them. */
FATE_API int32_t fate_predict_leaves(fate_context *context, fate_scores **scores, const fate_job *job, const char *party,
                                     const fate_identity *identity, const fate_model *model, const fate_table *table,
                                     const fate_transport *transport, const fate_store *store, const fate_observer *observer);

/* The scores of a session that an application drove itself, after FATE_FINISHED: all columns of results that have as many rows as the
 * session's data table; no rows when it has none. scores: out, a new object, NULL after an error.
 * Returns FATE_OK; FATE_E_STATE before the session is finished; FATE_E_ARGUMENT; FATE_E_MEMORY. The sentence is on the session. */
FATE_API int32_t fate_session_scores(fate_session *session, fate_scores **scores);

/* Runs one party of a cross-validation to its end: a training job with the parameter "folds". The rows are dealt into folds by the job's seed,
 * alike at all parties; each fold's rows are scored by trees that were grown on the others. No model is made.
 * scores  out: for the party that has the labels, the columns of scores as fate_predict's, of each row when it was held out, and a column "fold"
 *              with the row's fold, from 1: measures of each fold are then a matter of fate/metrics.h. No rows for the others
 * The others as fate_train. The observer's metric gets the job's measure of each fold: "held-out auc", round being the fold.
 * Returns as fate_train; FATE_E_JOB when the job has no folds. */
FATE_API int32_t fate_cross_validate(fate_context *context, fate_scores **scores, const fate_job *job, const char *party,
                                     const fate_identity *identity, const fate_table *table, const fate_transport *transport,
                                     const fate_store *store, const fate_observer *observer);
/* The same pooled: equal numbers. tables and observer as fate_train_pooled's. Returns as that; FATE_E_JOB when the job has no folds. */
FATE_API int32_t fate_cross_validate_pooled(fate_context *context, fate_scores **scores, const fate_job *job,
                                            const fate_table *const *tables, const fate_observer *observer);

/* Pooled training: all parties' tables in one process, no encryption, no messages. What nobody is allowed to do, and what tests compare with:
 * models equal those of a federated run byte for byte. No identity is needed.
 * models       out: an array of as many pointers as the job has parties, all NULL after an error; each is freed with fate_model_free
 * tables       in: as many tables, in the job's order; validations likewise, or NULL. Of horizontal training: the clients', and NULL for those that
 *              are left out; their rows are trained on as if they were one client's, for as many rounds as the job says
 * observer     in: progress, metric and tick are called; an error or FATE_E_CANCELLED ends the run and comes back. NULL: nobody watches
 * Returns FATE_OK; FATE_E_ROWS_DIFFER; FATE_E_TABLE; FATE_E_JOB when the job asks for early stopping without validation tables, or has folds;
 * FATE_E_UNSUPPORTED when the algorithm has no pooled form; FATE_E_ARGUMENT when a table is missing; FATE_E_VERSION for an observer of
 * another version; FATE_E_MEMORY; the observer's own code. */
FATE_API int32_t fate_train_pooled(fate_context *context, fate_model **models, const fate_job *job, const fate_table *const *tables,
                                   const fate_table *const *validations, const fate_observer *observer);
/* The same from an earlier model, as fate_train_from. from: an array of as many models as the job has parties, in the job's order; those of a
 * federated and of a pooled run are alike. Returns as both; FATE_E_ARGUMENT also when a model is missing. */
FATE_API int32_t fate_train_pooled_from(fate_context *context, fate_model **models, const fate_job *job, const fate_table *const *tables,
                                        const fate_table *const *validations, const fate_model *const *from, const fate_observer *observer);
/* Pooled scoring with the models of all parties: scores equal those of a federated run byte for byte.
 * scores  out: NULL after an error; free with fate_scores_free
 * models  in: as many as the job has parties, in the job's order
 * tables  in: likewise
 * Returns FATE_OK; FATE_E_ROWS_DIFFER; FATE_E_TABLE; FATE_E_MODEL; FATE_E_UNSUPPORTED; FATE_E_ARGUMENT when a table or model is missing;
 * FATE_E_MEMORY. */
FATE_API int32_t fate_predict_pooled(fate_context *context, fate_scores **scores, const fate_job *job, const fate_model *const *models,
                                     const fate_table *const *tables);
/* The same with the leaves of rows, as fate_predict_leaves gives them. */
FATE_API int32_t fate_predict_pooled_leaves(fate_context *context, fate_scores **scores, const fate_job *job,
                                            const fate_model *const *models, const fate_table *const *tables);

/* Scoring with a model that is whole at every party (horizontal-linear, horizontal-neural): nothing is sent and no other party is needed.
 * scores  out: "score", or for several classes "score_0" and so on; NULL after an error; free with fate_scores_free
 * model   in: of any party of the job
 * table   in: with the columns of training; others, and a label, do no harm
 * Returns FATE_OK; FATE_E_TABLE when a column is missing or of another kind; FATE_E_MODEL when the model is not of this job, or an application's
 * own; FATE_E_UNSUPPORTED when the algorithm's models need the other parties; FATE_E_FORMAT; FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_predict_alone(fate_context *context, fate_scores **scores, const fate_job *job, const fate_model *model,
                                    const fate_table *table);

/* Scores: rows in the table's order (bytewise by id), one column or more. 0 or NULL for NULL and out of range.
 * column_name  borrowed from scores: "score"
 * values       fate_scores_rows numbers, borrowed from scores */
FATE_API uint64_t fate_scores_rows(const fate_scores *scores);
FATE_API uint32_t fate_scores_columns(const fate_scores *scores);
FATE_API const char *fate_scores_column_name(const fate_scores *scores, uint32_t column);
FATE_API const double *fate_scores_values(const fate_scores *scores, uint32_t column);
/* Writes CSV: the id column under its name in the job, then the scores with as many digits as needed to read the same double back.
 * Written beside, flushed and renamed over path.
 * table  in: the one that was scored
 * Returns FATE_OK; FATE_E_FILE; FATE_E_ARGUMENT, also when the table has another number of rows; FATE_E_MEMORY. */
FATE_API int32_t fate_scores_write_csv(const fate_scores *scores, const fate_table *table, const char *path);
/* NULL is accepted. */
FATE_API void fate_scores_free(fate_scores *scores);

#ifdef __cplusplus
}
#endif
#endif
