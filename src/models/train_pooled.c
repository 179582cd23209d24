/* The public calls of pooled training and prediction: from jobs, tables and model files to the algorithm and back. */
#include <fate/train.h>

#include <string.h>
#include "lib/bytes.h"
#include "src/models/boosting/body.h"
#include "src/models/boosting/pooled.h"
#include "src/models/boosting/results.h"
#include "src/models/horizontal/pooled.h"
#include "src/models/scores.h"
#include "src/session/job.h"
#include "src/session/model.h"

static int32_t check_algorithm(fate_context *context, const fate_job *job)
{
    if (strcmp(fate_job_algorithm(job), "vertical-boosting") != 0) {
        return context_fail(context, FATE_E_UNSUPPORTED, "the algorithm %s has no pooled form", fate_job_algorithm(job));
    }
    return FATE_OK;
}

/* One for each party of the job; freed with memory_free. FATE_E_ARGUMENT when a table is missing. */
static int32_t make_parties(fate_context *context, struct pooled_party **parties, const fate_job *job, const fate_table *const *tables,
                            const fate_table *const *validations)
{
    uint32_t count = fate_job_party_count(job);
    *parties = memory_zeroed(context, count, sizeof **parties);
    if (*parties == NULL) {
        return context_out_of_memory(context);
    }
    for (uint32_t i = 0; i < count; i++) {
        (*parties)[i] = (struct pooled_party){.name = fate_job_party_name(job, i),
                                              .guest = strcmp(fate_job_party_role(job, i), "guest") == 0,
                                              .table = tables[i],
                                              .validation = validations == NULL ? NULL : validations[i],
                                              .schema = fate_job_schema(job, i, FATE_PURPOSE_TRAIN)};
        if (tables[i] == NULL || (validations != NULL && validations[i] == NULL)) {
            memory_free(context, *parties);
            return context_fail(context, FATE_E_ARGUMENT, "a pooled run needs the table of every party: that of %s is missing",
                                fate_job_party_name(job, i));
        }
    }
    return FATE_OK;
}

/* Wraps a body into a model file's object. */
static int32_t finish_model(fate_context *context, fate_model **model, const struct boosting_model *from, const fate_job *job,
                            uint32_t party)
{
    uint8_t digest[MODEL_DIGEST];
    struct buffer body;
    buffer_init(&body, context);
    int32_t result = fate_job_digest(job, digest);
    if (result == FATE_OK) {
        result = boosting_model_write(from, &body);
    }
    if (result == FATE_OK) {
        result = model_new(context, model, fate_job_algorithm(job), fate_job_party_name(job, party), fate_job_party_role(job, party),
                           digest, body.bytes, body.length);
    }
    buffer_free(&body);
    return result;
}

static int32_t train(fate_context *context, fate_model **models, const fate_job *job, const struct boosting_parameters *parameters,
                     const struct pooled_party *parties, const fate_observer *observer)
{
    uint32_t count = fate_job_party_count(job);
    struct boosting_model *bodies = memory_zeroed(context, count, sizeof *bodies);
    if (bodies == NULL) {
        return context_out_of_memory(context);
    }
    int32_t result = pooled_train(context, bodies, parameters, parties, count, observer);
    if (result == FATE_OK) {
        for (uint32_t i = 0; i < count && result == FATE_OK; i++) {
            result = finish_model(context, &models[i], &bodies[i], job, i);
        }
        for (uint32_t i = 0; i < count; i++) {
            boosting_model_free(&bodies[i]);
        }
    }
    for (uint32_t i = 0; i < count && result != FATE_OK; i++) {
        fate_model_free(models[i]);
        models[i] = NULL;
    }
    memory_free(context, bodies);
    return result;
}

/* What a pooled run is made of. parties: freed by the caller, NULL after an error. */
static int32_t prepare(fate_context *context, struct boosting_parameters *parameters, struct pooled_party **parties, const fate_job *job,
                       const fate_table *const *tables, const fate_table *const *validations)
{
    *parties = NULL;
    int32_t result = check_algorithm(context, job);
    if (result == FATE_OK) {
        result = parameters_read(context, parameters, job);
    }
    return result == FATE_OK ? make_parties(context, parties, job, tables, validations) : result;
}

/* Gives the parties their parts of the earlier model. NULL: there is none. */
static int32_t take_from(fate_context *context, struct pooled_party *parties, const fate_job *job, const fate_model *const *from)
{
    for (uint32_t i = 0; from != NULL && i < fate_job_party_count(job); i++) {
        if (from[i] == NULL) {
            return context_fail(context, FATE_E_ARGUMENT, "a pooled run needs the earlier model of every party: that of %s is missing",
                                fate_job_party_name(job, i));
        }
        int32_t result = model_check_party(from[i], job, i);
        if (result != FATE_OK) {
            return model_context(from[i]) == context ? result
                                                     : context_fail(context, result, "%s", fate_context_error(model_context(from[i])));
        }
        parties[i].from = from[i];
    }
    return FATE_OK;
}

/* The model is the same at every party. */
static int32_t train_horizontal(fate_context *context, fate_model **models, const fate_job *job, const fate_table *const *tables,
                                const fate_table *const *validations, const fate_model *const *from, const fate_observer *observer)
{
    const fate_model *earlier = NULL;
    uint8_t digest[MODEL_DIGEST];
    struct buffer body;
    buffer_init(&body, context);
    for (uint32_t i = 0; from != NULL && i < fate_job_party_count(job) && earlier == NULL; i++) earlier = from[i];
    int32_t result = fate_job_digest(job, digest);
    if (result == FATE_OK) result = horizontal_pooled_train(context, &body, job, tables, validations, earlier, observer);
    for (uint32_t i = 0; i < fate_job_party_count(job) && result == FATE_OK; i++)
        result = model_new(context, &models[i], fate_job_algorithm(job), fate_job_party_name(job, i), fate_job_party_role(job, i), digest,
                           body.bytes, body.length);
    for (uint32_t i = 0; i < fate_job_party_count(job) && result != FATE_OK; i++) {
        fate_model_free(models[i]);
        models[i] = NULL;
    }
    buffer_free(&body);
    return result;
}

static int32_t train_pooled(fate_context *context, fate_model **models, const fate_job *job, const fate_table *const *tables,
                            const fate_table *const *validations, const fate_model *const *from, const fate_observer *observer)
{
    struct boosting_parameters parameters;
    struct pooled_party *parties = NULL;
    for (uint32_t i = 0; i < fate_job_party_count(job); i++) {
        models[i] = NULL;
    }
    if (strncmp(fate_job_algorithm(job), "horizontal-", strlen("horizontal-")) == 0)
        return train_horizontal(context, models, job, tables, validations, from, observer);
    int32_t result = prepare(context, &parameters, &parties, job, tables, validations);
    if (result != FATE_OK) {
        return result;
    }
    if (parameters.folds > 0) {
        result = context_fail(context, FATE_E_JOB, "parameters.folds asks for a cross-validation, which makes no model: set it to 0");
    } else {
        result = take_from(context, parties, job, from);
    }
    if (result == FATE_OK) {
        result = train(context, models, job, &parameters, parties, observer);
    }
    memory_free(context, parties);
    return result;
}

int32_t fate_train_pooled(fate_context *context, fate_model **models, const fate_job *job, const fate_table *const *tables,
                          const fate_table *const *validations, const fate_observer *observer)
{
    if (context == NULL || models == NULL || job == NULL || tables == NULL)
        return context_bad_argument(context, "fate_train_pooled: models, job or tables is NULL");
    return train_pooled(context, models, job, tables, validations, NULL, observer);
}

int32_t fate_train_pooled_from(fate_context *context, fate_model **models, const fate_job *job, const fate_table *const *tables,
                               const fate_table *const *validations, const fate_model *const *from, const fate_observer *observer)
{
    if (context == NULL || models == NULL || job == NULL || tables == NULL || from == NULL)
        return context_bad_argument(context, "fate_train_pooled_from: models, job, tables or from is NULL");
    return train_pooled(context, models, job, tables, validations, from, observer);
}

/* Puts what a cross-validation left into an object of scores. */
static int32_t make_fold_scores(fate_context *context, fate_scores **scores, const fate_job *job, const struct folds *folds,
                                uint32_t outputs)
{
    int32_t result = scores_new(context, scores, job->id, folds->rows);
    if (result == FATE_OK) {
        result = results_scores(context, results_to_scores, *scores, folds->scores, folds->rows, outputs);
    }
    if (result == FATE_OK) {
        result = results_folds(context, results_to_scores, *scores, folds->of_row, folds->rows);
    }
    if (result != FATE_OK) {
        fate_scores_free(*scores);
        *scores = NULL;
    }
    return result;
}

int32_t fate_cross_validate_pooled(fate_context *context, fate_scores **scores, const fate_job *job, const fate_table *const *tables,
                                   const fate_observer *observer)
{
    struct boosting_parameters parameters;
    struct pooled_party *parties = NULL;
    struct folds folds = {0};
    if (scores != NULL) *scores = NULL;
    if (context == NULL || scores == NULL || job == NULL || tables == NULL)
        return context_bad_argument(context, "fate_cross_validate_pooled: scores, job or tables is NULL");
    int32_t result = prepare(context, &parameters, &parties, job, tables, NULL);
    if (result == FATE_OK && parameters.folds == 0) {
        result = context_fail(context, FATE_E_JOB, "parameters.folds is 0: a cross-validation needs 2 or more");
    }
    if (result == FATE_OK) {
        result = pooled_cross_validate(context, &folds, &parameters, parties, fate_job_party_count(job), observer);
    }
    if (result == FATE_OK) {
        result = make_fold_scores(context, scores, job, &folds, parameters.outputs);
    }
    folds_free(&folds);
    memory_free(context, parties);
    return result;
}

/* Reads the models of all parties; *made of them are to be freed, also after an error. */
static int32_t read_models(fate_context *context, struct boosting_model *bodies, uint32_t *made, const fate_job *job,
                           const fate_model *const *models)
{
    for (*made = 0; *made < fate_job_party_count(job); ++*made) {
        const uint8_t *bytes = NULL;
        uint64_t length = 0;
        if (models[*made] == NULL) {
            return context_fail(context, FATE_E_ARGUMENT, "a pooled run needs the model of every party: that of %s is missing",
                                fate_job_party_name(job, *made));
        }
        int32_t result = fate_model_check(models[*made], job, *made);
        if (result == FATE_OK) {
            result = fate_model_body(models[*made], &bytes, &length);
        }
        if (result == FATE_OK) {
            result = boosting_model_read(&bodies[*made], context, bytes, length);
        }
        if (result != FATE_OK) {
            return result;
        }
    }
    return FATE_OK;
}

/* The guest's model says how many columns of scores there are. */
static uint32_t outputs_of(const struct boosting_model *bodies, uint32_t count)
{
    uint32_t outputs = 1;
    for (uint32_t i = 0; i < count; i++) {
        outputs = bodies[i].guest ? bodies[i].outputs : outputs;
    }
    return outputs;
}

/* Scores rows with models that were read. */
static int32_t score(fate_context *context, fate_scores *scores, const struct boosting_model *bodies, const struct pooled_party *parties,
                     uint32_t count, bool with_leaves)
{
    uint32_t outputs = outputs_of(bodies, count), trees = with_leaves ? bodies[0].tree_count : 0;
    double *values = memory_allocate(context, fate_scores_rows(scores), outputs * sizeof *values);
    double *leaves = memory_allocate(context, fate_scores_rows(scores), trees * sizeof *leaves);
    int32_t result = values == NULL || leaves == NULL ? context_out_of_memory(context) : FATE_OK;
    if (result == FATE_OK) {
        result = pooled_predict_leaves(context, values, with_leaves ? leaves : NULL, bodies, parties, count);
    }
    if (result == FATE_OK) {
        result = results_scores(context, results_to_scores, scores, values, fate_scores_rows(scores), outputs);
    }
    if (result == FATE_OK) {
        result = results_leaves(results_to_scores, scores, leaves, fate_scores_rows(scores), trees);
    }
    memory_free(context, leaves);
    memory_free(context, values);
    return result;
}

static int32_t predict(fate_context *context, fate_scores **scores, const fate_job *job, const fate_model *const *models,
                       const struct pooled_party *parties, const fate_table *table, bool with_leaves)
{
    uint32_t count = fate_job_party_count(job);
    uint32_t made = 0;
    struct boosting_model *bodies = memory_zeroed(context, count, sizeof *bodies);
    int32_t result = bodies == NULL ? context_out_of_memory(context) : read_models(context, bodies, &made, job, models);
    if (result == FATE_OK) {
        result = scores_new(context, scores, job->id, fate_table_rows(table));
    }
    if (result == FATE_OK) {
        result = score(context, *scores, bodies, parties, count, with_leaves);
    }
    if (result != FATE_OK) {
        fate_scores_free(*scores);
        *scores = NULL;
    }
    while (made > 0) {
        boosting_model_free(&bodies[--made]);
    }
    memory_free(context, bodies);
    return result;
}

static int32_t predict_pooled(fate_context *context, fate_scores **scores, const fate_job *job, const fate_model *const *models,
                              const fate_table *const *tables, bool with_leaves)
{
    struct pooled_party *parties = NULL;
    if (scores != NULL) *scores = NULL;
    if (context == NULL || scores == NULL || job == NULL || models == NULL || tables == NULL)
        return context_bad_argument(context, with_leaves ? "fate_predict_pooled_leaves: scores, job, models or tables is NULL"
                                                         : "fate_predict_pooled: scores, job, models or tables is NULL");
    int32_t result = check_algorithm(context, job);
    if (result == FATE_OK) {
        result = make_parties(context, &parties, job, tables, NULL);
    }
    if (result == FATE_OK) {
        result = predict(context, scores, job, models, parties, tables[0], with_leaves);
        memory_free(context, parties);
    }
    return result;
}

int32_t fate_predict_pooled(fate_context *context, fate_scores **scores, const fate_job *job, const fate_model *const *models,
                            const fate_table *const *tables)
{
    return predict_pooled(context, scores, job, models, tables, false);
}

int32_t fate_predict_pooled_leaves(fate_context *context, fate_scores **scores, const fate_job *job, const fate_model *const *models,
                                   const fate_table *const *tables)
{
    return predict_pooled(context, scores, job, models, tables, true);
}
