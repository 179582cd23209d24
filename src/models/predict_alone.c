/* Scoring with a model that is whole at every party. */
#include <fate/train.h>

#include <string.h>

#include "src/models/boosting/results.h"
#include "src/models/horizontal/model.h"
#include "src/models/scores.h"
#include "src/session/job.h"
#include "src/session/model.h"

static int32_t check(fate_context *context, const fate_job *job, const fate_model *model)
{
    const char *algorithm = fate_job_algorithm(job);
    uint32_t party = 0;
    if (strncmp(algorithm, "horizontal-", strlen("horizontal-")) != 0)
        return context_fail(context, FATE_E_UNSUPPORTED, "a model of %s is in parts, one at each party: all of them score together",
                            algorithm);
    if (fate_job_find_party(job, fate_model_party(model), &party) != FATE_OK)
        return context_fail(context, FATE_E_MODEL, "the model is of %s, which is no party of this job", fate_model_party(model));
    int32_t result = fate_model_check(model, job, party);
    return result == FATE_OK || model_context(model) == context
               ? result
               : context_fail(context, result, "%s", fate_context_error(model_context(model)));
}

static int32_t score(fate_context *context, fate_scores *scores, const struct horizontal_model *model, const fate_table *table)
{
    uint64_t rows = fate_table_rows(table);
    uint32_t outputs = model->network.outputs;
    double *values = memory_allocate(context, rows, (outputs + 1) * sizeof *values);
    int32_t result = values == NULL ? context_out_of_memory(context) : horizontal_model_score(model, table, values);
    if (result == FATE_OK) result = results_scores(context, results_to_scores, scores, values, rows, outputs);
    memory_free(context, values);
    return result;
}

FATE_API int32_t fate_predict_alone(fate_context *context, fate_scores **scores, const fate_job *job, const fate_model *model,
                                    const fate_table *table)
{
    const uint8_t *body = NULL;
    uint64_t length = 0;
    struct horizontal_model read;
    if (scores != NULL) *scores = NULL;
    if (context == NULL || scores == NULL || job == NULL || model == NULL || table == NULL)
        return context_bad_argument(context, "fate_predict_alone: scores, job, model or table is NULL");
    int32_t result = check(context, job, model);
    if (result == FATE_OK) result = fate_model_body(model, &body, &length);
    if (result == FATE_OK) result = horizontal_model_read(&read, context, body, length);
    if (result != FATE_OK) return result;
    result = scores_new(context, scores, job->id, fate_table_rows(table));
    if (result == FATE_OK) result = score(context, *scores, &read, table);
    if (result != FATE_OK) {
        fate_scores_free(*scores);
        *scores = NULL;
    }
    horizontal_model_free(&read);
    return result;
}
