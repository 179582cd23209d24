/* The pooled run: all parties' tables in one process, no encryption, no messages. */
#include "tools/pooled.h"
#include "tools/alignment.h"
#include "tools/inputs.h"
#include "tools/message.h"
#include "tools/progress.h"
#include "tools/signals.h"
#include "tools/target.h"

#include <stdlib.h>

struct pooled {
    struct inputs inputs;
    uint32_t parties;
    char **paths; /* of the model files */
    fate_table **tables;
    fate_table **validations;
    fate_model **models;
    fate_model **from; /* earlier ones that training starts from */
};

static int make_paths(struct pooled *pooled, const char *directory)
{
    for (uint32_t i = 0; i < pooled->parties; i++) {
        pooled->paths[i] = target_model_path(directory, fate_job_party_name(pooled->inputs.job, i));
        if (!pooled->paths[i]) return message_failed(FATE_E_MEMORY, NULL);
    }
    return 0;
}

static int pooled_open(struct pooled *pooled, const struct arguments *arguments)
{
    int code = inputs_open(&pooled->inputs, arguments);
    if (code) return code;
    uint32_t count = fate_job_party_count(pooled->inputs.job);
    pooled->paths = calloc(count, sizeof *pooled->paths);
    pooled->tables = calloc(count, sizeof *pooled->tables);
    pooled->validations = calloc(count, sizeof *pooled->validations);
    pooled->models = calloc(count, sizeof *pooled->models);
    pooled->from = calloc(count, sizeof *pooled->from);
    if (!pooled->paths || !pooled->tables || !pooled->validations || !pooled->models || !pooled->from)
        return message_failed(FATE_E_MEMORY, NULL);
    pooled->parties = count;
    return make_paths(pooled, options_text(arguments, "model"));
}

static void pooled_close(struct pooled *pooled)
{
    for (uint32_t i = 0; i < pooled->parties; i++) {
        fate_model_free(pooled->models[i]);
        fate_model_free(pooled->from[i]);
        fate_table_free(pooled->validations[i]);
        fate_table_free(pooled->tables[i]);
        free(pooled->paths[i]);
    }
    free(pooled->models);
    free(pooled->from);
    free(pooled->validations);
    free(pooled->tables);
    free(pooled->paths);
    inputs_close(&pooled->inputs);
}

/* *complete: 1 when every party's model of this job is there already. */
static int check_models(const struct pooled *pooled, const char *directory, int *complete)
{
    int code = target_make_directory(directory);
    *complete = 1;
    for (uint32_t i = 0; i < pooled->parties && !code; i++) {
        int present;
        code = target_check_model(pooled->inputs.context, pooled->paths[i], pooled->inputs.job, i, &present);
        *complete = *complete && present;
    }
    return code;
}

static int run_training(struct pooled *pooled, const char *directory, int has_validations, int has_earlier)
{
    struct progress progress;
    fate_observer observer;
    signals_install();
    progress_begin(&progress, &observer, pooled->inputs.job);
    const fate_table *const *validations = has_validations ? (const fate_table *const *)pooled->validations : NULL;
    int32_t result = has_earlier ? fate_train_pooled_from(pooled->inputs.context, pooled->models, pooled->inputs.job,
                                                          (const fate_table *const *)pooled->tables, validations,
                                                          (const fate_model *const *)pooled->from, &observer)
                                 : fate_train_pooled(pooled->inputs.context, pooled->models, pooled->inputs.job,
                                                     (const fate_table *const *)pooled->tables, validations, &observer);
    progress_hide(&progress);
    if (result == FATE_E_CANCELLED) return message_failed(result, "cancelled; no model was written.");
    if (result != FATE_OK) return message_context(pooled->inputs.context, result);
    int code = 0;
    for (uint32_t i = 0; i < pooled->parties; i++) {
        int failed = target_write_model(pooled->inputs.context, pooled->models[i], pooled->paths[i]);
        code = code ? code : failed;
    }
    if (!code && progress.terminal) message_note("done; the models are in %s.", directory);
    return code;
}

static int train_pooled(struct pooled *pooled, const struct arguments *arguments)
{
    const char *directory = options_text(arguments, "model");
    int complete = 0, has_validations = options_given(arguments, "validation"), has_earlier = options_given(arguments, "from");
    int code = pooled_open(pooled, arguments);
    if (!code) code = check_models(pooled, directory, &complete);
    if (!code && complete && !options_given(arguments, "restart")) {
        message_note("%s holds the models of this job already; nothing to do. --restart trains again.", directory);
        return 0;
    }
    if (!code) code = inputs_read_tables(&pooled->inputs, pooled->tables, arguments, "table", FATE_PURPOSE_TRAIN);
    if (!code) code = inputs_set_directions(&pooled->inputs, pooled->tables, 1, arguments);
    if (!code) code = alignment_pooled(&pooled->inputs, pooled->tables);
    if (!code && has_validations)
        code = inputs_read_tables(&pooled->inputs, pooled->validations, arguments, "validation", FATE_PURPOSE_TRAIN);
    if (!code && has_validations) code = alignment_pooled(&pooled->inputs, pooled->validations);
    if (!code && has_earlier) code = inputs_read_earlier_of_all(&pooled->inputs, pooled->from, arguments);
    return code ? code : run_training(pooled, directory, has_validations, has_earlier);
}

int pooled_train(const struct arguments *arguments)
{
    static const char *const required[] = {"job", "table", "model", NULL};
    static const char *const forbidden[] = {"party", "key",    "state",    "listen",    "timeout", "link", "delay",
                                            "ask",   "report", "evidence", "alignment", "sets",    NULL};
    int code = options_require(arguments, required);
    if (!code) code = options_forbid(arguments, forbidden, "with --pooled");
    if (code) return code;
    struct pooled pooled = {0};
    code = train_pooled(&pooled, arguments);
    pooled_close(&pooled);
    return code;
}

static uint32_t party_with_label(const struct pooled *pooled)
{
    for (uint32_t i = 0; i < pooled->parties; i++)
        if (fate_table_label(pooled->tables[i])) return i;
    return 0;
}

static int run_prediction(struct pooled *pooled, const char *output, int leaves)
{
    fate_scores *scores = NULL;
    int32_t result = FATE_OK;
    for (uint32_t i = 0; i < pooled->parties && result == FATE_OK; i++) {
        result = fate_model_read(pooled->inputs.context, &pooled->models[i], pooled->paths[i]);
        if (result == FATE_OK) result = fate_model_check(pooled->models[i], pooled->inputs.job, i);
    }
    if (result == FATE_OK)
        result = (leaves ? fate_predict_pooled_leaves : fate_predict_pooled)(pooled->inputs.context, &scores, pooled->inputs.job,
                                                                             (const fate_model *const *)pooled->models,
                                                                             (const fate_table *const *)pooled->tables);
    if (result == FATE_OK) result = fate_scores_write_csv(scores, pooled->tables[party_with_label(pooled)], output);
    fate_scores_free(scores);
    return result == FATE_OK ? 0 : message_context(pooled->inputs.context, result);
}

int pooled_predict(const struct arguments *arguments)
{
    static const char *const required[] = {"job", "table", "model", "output", NULL};
    static const char *const forbidden[] = {"party", "key", "listen", "ask", "alignment", "sets", NULL};
    int code = options_require(arguments, required);
    if (!code) code = options_forbid(arguments, forbidden, "with --pooled");
    if (code) return code;
    struct pooled pooled = {0};
    code = target_check_writable(options_text(arguments, "output"));
    if (!code) code = pooled_open(&pooled, arguments);
    if (!code) code = inputs_read_tables(&pooled.inputs, pooled.tables, arguments, "table", FATE_PURPOSE_PREDICT);
    if (!code) code = alignment_pooled(&pooled.inputs, pooled.tables);
    if (!code) code = run_prediction(&pooled, options_text(arguments, "output"), options_given(arguments, "leaves"));
    pooled_close(&pooled);
    return code;
}
