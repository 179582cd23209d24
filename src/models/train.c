/* The blocking calls: one party of a job, from its tables to its model or its scores. */
#include <fate/align.h>

#include <string.h>
#include "src/data/table.h"
#include "src/models/scores.h"
#include "src/session/job.h"
#include "src/session/session.h"

/* One party's run and what it needs. */
struct run {
    fate_context *context;
    const fate_job *job;
    const char *party;
    const fate_identity *identity;
    int32_t purpose;
    const fate_table *table, *validation;
    const fate_model *model;
    const fate_transport *transport;
    const fate_store *store;
    const fate_observer *observer;
    bool leaves;
};

static struct run run_make(fate_context *context, const fate_job *job, const char *party, const fate_identity *identity, int32_t purpose,
                           const fate_table *table, const fate_transport *transport, const fate_store *store, const fate_observer *observer)
{
    return (struct run){.context = context,
                        .job = job,
                        .party = party,
                        .identity = identity,
                        .purpose = purpose,
                        .table = table,
                        .transport = transport,
                        .store = store,
                        .observer = observer};
}

/* Jobs over rounds (src/models/rounds): an aggregator has no table of its own, an own training none that the library knows. */
static bool is_horizontal(const fate_job *job)
{
    return strncmp(fate_job_algorithm(job), "horizontal-", strlen("horizontal-")) == 0;
}

/* Whether what every call needs was given, and what this one needs besides; rule: the sentence that says what that is. */
static int32_t run_check(const struct run *run, bool besides, const char *rule)
{
    bool complete = run->job != NULL && run->party != NULL && run->identity != NULL && run->transport != NULL;
    complete = complete && (run->table != NULL || is_horizontal(run->job));
    return run->context != NULL && complete && besides ? FATE_OK : context_bad_argument(run->context, rule);
}

/* The session's sentence outlives the session on the context. */
static int32_t keep_sentence(fate_context *context, const fate_session *session, int32_t result)
{
    return context_fail(context, result, "%s", fate_session_error(session));
}

static int32_t prepare(fate_session *session, const struct run *run)
{
    int32_t result = fate_session_set_table(session, FATE_TABLE_DATA, run->table);
    if (result == FATE_OK) {
        result = fate_session_set_table(session, FATE_TABLE_VALIDATION, run->validation);
    }
    if (result == FATE_OK) {
        result = fate_session_set_model(session, run->model);
    }
    if (result == FATE_OK && run->store != NULL) {
        result = fate_session_set_option(session, "durable", 1);
    }
    if (result == FATE_OK && run->leaves) {
        result = fate_session_set_option(session, "leaves", 1);
    }
    return result;
}

/* Drives a session to its end; *session is NULL after an error. */
static int32_t drive(const struct run *run, fate_session **session)
{
    int32_t result = fate_session_new(run->context, session, run->job, run->party, run->identity, run->purpose);
    if (result != FATE_OK) {
        return result;
    }
    result = prepare(*session, run);
    if (result == FATE_OK) {
        result = fate_drive(*session, run->transport, run->store, run->observer);
    }
    if (result != FATE_OK) {
        result = keep_sentence(run->context, *session, result);
        fate_session_free(*session);
        *session = NULL;
    }
    return result;
}

/* The model of a run to its end. */
static int32_t drive_to_model(const struct run *run, fate_model **model)
{
    fate_session *session = NULL;
    int32_t result = drive(run, &session);
    if (result != FATE_OK) {
        return result;
    }
    result = fate_session_model(session, model);
    if (result == FATE_EMPTY) {
        result = context_fail(run->context, FATE_E_UNSUPPORTED, "the algorithm %s makes no model", session->protocol->name);
    } else if (result != FATE_OK) {
        result = keep_sentence(run->context, session, result);
    }
    fate_session_free(session);
    return result;
}

/* Where the job says so and it was not done yet, a table is aligned first. *aligned is the new table, to be freed, or NULL. */
static int32_t align_first(const struct run *run, int32_t purpose, const fate_table **table, fate_table **aligned)
{
    struct run first = *run;
    fate_model *alignment = NULL;
    *aligned = NULL;
    if (run->job->align == NULL || *table == NULL || (*table)->aligned) {
        return FATE_OK;
    }
    first.purpose = purpose;
    first.table = *table;
    first.validation = NULL;
    first.model = NULL;
    int32_t result = drive_to_model(&first, &alignment);
    if (result == FATE_OK) {
        result = fate_table_align(*table, aligned, alignment);
    }
    if (result == FATE_OK) {
        *table = *aligned;
    }
    fate_model_free(alignment);
    return result;
}

int32_t fate_align(fate_context *context, fate_model **alignment, const fate_job *job, const char *party, const fate_identity *identity,
                   const fate_table *table, const fate_transport *transport, const fate_store *store, const fate_observer *observer)
{
    if (alignment != NULL) *alignment = NULL;
    struct run run = run_make(context, job, party, identity, FATE_PURPOSE_ALIGN, table, transport, store, observer);
    int32_t result = run_check(&run, alignment != NULL, "fate_align: only store and observer may be NULL");
    return result == FATE_OK ? drive_to_model(&run, alignment) : result;
}

/* A log holds one run, and here there would be several. */
static int32_t check_recorder(const struct run *run)
{
    const fate_observer *observer = run->observer;
    bool records = observer != NULL && observer->struct_size >= offsetof(fate_observer, recorder) + sizeof observer->recorder &&
                   observer->recorder != NULL;
    bool aligns = run->job->align != NULL && (!run->table->aligned || (run->validation != NULL && !run->validation->aligned));
    if (!records || !aligns) return FATE_OK;
    return context_fail(run->context, FATE_E_ARGUMENT,
                        "evidence is kept of one run in one log: align the tables first (fate_align with a recorder of its own, "
                        "fate_table_align), then train on these");
}

/* It would end without a model. */
static int32_t check_folds(const struct run *run)
{
    int64_t folds = 0;
    if (strcmp(fate_job_algorithm(run->job), "vertical-boosting") != 0) return FATE_OK;
    int32_t result = fate_job_integer(run->job, "folds", &folds);
    if (result == FATE_OK && folds > 0)
        result =
            context_fail(run->context, FATE_E_JOB,
                         "parameters.folds asks for a cross-validation, which makes no model: set it to 0, or call fate_cross_validate");
    return result;
}

/* One party's training, after its alignments where the job has them. */
static int32_t train(struct run *run, fate_model **model)
{
    fate_table *aligned[2] = {NULL, NULL};
    int32_t result = check_folds(run);
    if (result == FATE_OK) result = check_recorder(run);
    if (result == FATE_OK) result = align_first(run, FATE_PURPOSE_ALIGN, &run->table, &aligned[0]);
    if (result == FATE_OK) {
        result = align_first(run, FATE_PURPOSE_ALIGN_VALIDATION, &run->validation, &aligned[1]);
    }
    if (result == FATE_OK) {
        result = drive_to_model(run, model);
    }
    fate_table_free(aligned[0]);
    fate_table_free(aligned[1]);
    return result;
}

int32_t fate_train(fate_context *context, fate_model **model, const fate_job *job, const char *party, const fate_identity *identity,
                   const fate_table *table, const fate_table *validation, const fate_transport *transport, const fate_store *store,
                   const fate_observer *observer)
{
    if (model != NULL) *model = NULL;
    struct run run = run_make(context, job, party, identity, FATE_PURPOSE_TRAIN, table, transport, store, observer);
    run.validation = validation;
    int32_t result = run_check(&run, model != NULL, "fate_train: only validation, store and observer may be NULL");
    return result == FATE_OK ? train(&run, model) : result;
}

int32_t fate_train_from(fate_context *context, fate_model **model, const fate_job *job, const char *party, const fate_identity *identity,
                        const fate_table *table, const fate_table *validation, const fate_model *from, const fate_transport *transport,
                        const fate_store *store, const fate_observer *observer)
{
    if (model != NULL) *model = NULL;
    struct run run = run_make(context, job, party, identity, FATE_PURPOSE_TRAIN, table, transport, store, observer);
    run.validation = validation;
    run.model = from;
    int32_t result = run_check(&run, model != NULL && from != NULL, "fate_train_from: only validation, store and observer may be NULL");
    if (result != FATE_OK) return result;
    if (strcmp(fate_job_algorithm(job), "vertical-boosting") != 0 && !is_horizontal(job))
        return context_fail(context, FATE_E_UNSUPPORTED, "the algorithm %s cannot start from an earlier model", fate_job_algorithm(job));
    return train(&run, model);
}

int32_t fate_session_scores(fate_session *session, fate_scores **scores)
{
    if (scores != NULL) *scores = NULL;
    if (session == NULL) return FATE_E_ARGUMENT;
    if (scores == NULL) return context_bad_argument(session->context, "fate_session_scores: scores is NULL");
    if (session->phase != PHASE_FINISHED)
        return context_fail(session->context, FATE_E_STATE, "the session is not finished: it has no scores");
    uint64_t rows = fate_table_rows(session->tables[FATE_TABLE_DATA]);
    bool has_scores = fate_session_result_name(session, 0) != NULL;
    fate_context *owner = session->context->parent; /* on which an error of the scores' own functions is looked for */
    int32_t result = scores_new(owner, scores, session->job->id, has_scores ? rows : 0);
    const char *name;
    for (uint32_t i = 0; result == FATE_OK && (name = fate_session_result_name(session, i)) != NULL; i++) {
        const double *values;
        uint64_t count;
        result = fate_session_result(session, name, &values, &count);
        if (result == FATE_OK && count == rows) result = scores_add(*scores, name, values);
    }
    if (result != FATE_OK) {
        context_copy_sentence(session->context, owner);
        fate_scores_free(*scores);
        *scores = NULL;
    }
    return result;
}

/* Runs a session to its end and takes its results. */
static int32_t collect(const struct run *run, fate_scores **scores)
{
    fate_session *session = NULL;
    int32_t result = drive(run, &session);
    if (result == FATE_OK) {
        result = fate_session_scores(session, scores);
        if (result != FATE_OK) result = keep_sentence(run->context, session, result);
    }
    fate_session_free(session);
    return result;
}

static int32_t predict(struct run *run, fate_scores **scores, const fate_model *model, const char *rule)
{
    uint32_t number;
    if (scores != NULL) *scores = NULL;
    run->model = model;
    int32_t result = run_check(run, scores != NULL && model != NULL, rule);
    if (result == FATE_OK) {
        result = fate_job_find_party(run->job, run->party, &number);
    }
    if (result == FATE_OK) {
        result = fate_model_check(model, run->job, number);
    }
    return result == FATE_OK ? collect(run, scores) : result;
}

int32_t fate_predict(fate_context *context, fate_scores **scores, const fate_job *job, const char *party, const fate_identity *identity,
                     const fate_model *model, const fate_table *table, const fate_transport *transport, const fate_store *store,
                     const fate_observer *observer)
{
    struct run run = run_make(context, job, party, identity, FATE_PURPOSE_PREDICT, table, transport, store, observer);
    return predict(&run, scores, model, "fate_predict: only store and observer may be NULL");
}

int32_t fate_predict_leaves(fate_context *context, fate_scores **scores, const fate_job *job, const char *party,
                            const fate_identity *identity, const fate_model *model, const fate_table *table,
                            const fate_transport *transport, const fate_store *store, const fate_observer *observer)
{
    struct run run = run_make(context, job, party, identity, FATE_PURPOSE_PREDICT, table, transport, store, observer);
    run.leaves = true;
    return predict(&run, scores, model, "fate_predict_leaves: only store and observer may be NULL");
}

int32_t fate_cross_validate(fate_context *context, fate_scores **scores, const fate_job *job, const char *party,
                            const fate_identity *identity, const fate_table *table, const fate_transport *transport,
                            const fate_store *store, const fate_observer *observer)
{
    int64_t folds = 0;
    if (scores != NULL) *scores = NULL;
    struct run run = run_make(context, job, party, identity, FATE_PURPOSE_TRAIN, table, transport, store, observer);
    int32_t result = run_check(&run, scores != NULL, "fate_cross_validate: only store and observer may be NULL");
    if (result != FATE_OK) return result;
    if (fate_job_integer(job, "folds", &folds) != FATE_OK || folds == 0)
        return context_fail(context, FATE_E_JOB, "the job has no folds: a cross-validation needs the parameter \"folds\", 2 or more");
    return collect(&run, scores);
}
