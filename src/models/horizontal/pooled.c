/* Pooled training of linear models and networks. */
#include "src/models/horizontal/pooled.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/hooks.h"
#include "lib/random.h"
#include "src/models/early_stopping.h"
#include "src/models/horizontal/model.h"
#include "src/models/horizontal/names.h"
#include "src/models/horizontal/parameters.h"

struct pooled_run {
    fate_context *context;
    struct horizontal_parameters parameters;
    uint32_t rounds;
    uint8_t seed[RANDOM_KEY];
    struct examples_column *columns; /* names are the first table's */
    struct examples rows, validation;
    float *weights, *best, *change;
    uint64_t count;
    struct early_stopping stopping;
    fate_observer observer;
};

/* ---- columns ---- */

static int compare_columns(const void *one, const void *other)
{
    return strcmp(((const struct examples_column *)one)->name, ((const struct examples_column *)other)->name);
}

static bool is_client(const fate_job *job, uint32_t party)
{
    return strcmp(fate_job_party_role(job, party), "client") == 0;
}

static const double *numbers_of(const fate_table *table, const char *name)
{
    for (uint32_t i = 0; i < fate_table_columns(table); i++)
        if (strcmp(fate_table_column_name(table, i), name) == 0) return fate_table_numbers(table, i);
    return NULL;
}

/* Mean and deviation over the rows that have a value; tables without the column are refused when their rows are taken. */
static void standardise(struct examples_column *column, const fate_job *job, const fate_table *const *tables)
{
    double sums[2] = {0, 0}, mean = 0, rows = 0;
    for (int pass = 0; pass < 2; pass++) {
        rows = 0;
        for (uint32_t party = 0; party < fate_job_party_count(job); party++) {
            const double *values = tables[party] != NULL && is_client(job, party) ? numbers_of(tables[party], column->name) : NULL;
            for (uint64_t row = 0; values != NULL && row < fate_table_rows(tables[party]); row++) {
                if (isnan(values[row])) continue;
                rows++;
                sums[pass] += pass == 0 ? values[row] : (values[row] - mean) * (values[row] - mean);
            }
        }
        if (pass == 0 && rows > 0) mean = sums[0] / rows;
    }
    double deviation = rows > 0 ? sqrt(sums[1] / rows) : 0;
    column->mean = mean;
    column->factor = deviation > 0 ? 1 / deviation : 1;
}

static int32_t check_columns(struct pooled_run *run, const fate_job *job, const fate_table *table)
{
    struct buffer names;
    buffer_init(&names, run->context);
    int32_t result = names_write(run->context, table, &names);
    if (result == FATE_OK && names.failed) result = context_out_of_memory(run->context);
    if (result == FATE_OK) result = names_check(run->context, job, names.bytes, names.length);
    buffer_free(&names);
    return result;
}

static int32_t make_columns(struct pooled_run *run, const fate_job *job, const fate_table *const *tables)
{
    const fate_table *first = NULL;
    for (uint32_t party = 0; party < fate_job_party_count(job) && first == NULL; party++)
        if (is_client(job, party)) first = tables[party];
    if (first == NULL) return context_fail(run->context, FATE_E_ARGUMENT, "a pooled run needs the table of one client at least");
    int32_t result = check_columns(run, job, first);
    if (result != FATE_OK) return result;
    uint32_t count = fate_table_columns(first);
    run->columns = memory_zeroed(run->context, count, sizeof *run->columns);
    if (run->columns == NULL) return context_out_of_memory(run->context);
    for (uint32_t i = 0; i < count; i++) run->columns[i] = (struct examples_column){fate_table_column_name(first, i), 0, 1};
    qsort(run->columns, count, sizeof *run->columns, compare_columns);
    for (uint32_t i = 0; i < count && run->parameters.standardise; i++) standardise(&run->columns[i], job, tables);
    run->parameters.network.inputs = count;
    return network_check(run->context, &run->parameters.network, FATE_E_TABLE);
}

/* ---- rows ---- */

static int32_t append(struct examples *all, struct examples *more)
{
    fate_context *context = all->context;
    uint64_t rows = all->rows + more->rows;
    if (rows > UINT32_MAX) return context_fail(context, FATE_E_LIMIT, "all tables together have more than 2^32 rows");
    float *inputs = memory_resize(context, all->inputs, rows, (uint64_t)more->columns * sizeof(float));
    if (inputs != NULL) all->inputs = inputs;
    float *labels = memory_resize(context, all->labels, rows, sizeof(float));
    if (labels != NULL) all->labels = labels;
    float *weights = memory_resize(context, all->weights, rows, sizeof(float));
    if (weights != NULL) all->weights = weights;
    if (inputs == NULL || labels == NULL || weights == NULL) return context_out_of_memory(context);
    memcpy(inputs + all->rows * more->columns, more->inputs, (size_t)more->rows * more->columns * sizeof(float));
    memcpy(labels + all->rows, more->labels, (size_t)more->rows * sizeof(float));
    for (uint64_t i = 0; i < more->rows; i++) weights[all->rows + i] = more->weights == NULL ? 1.0f : more->weights[i];
    all->rows = rows;
    all->columns = more->columns;
    return FATE_OK;
}

static int32_t take_rows(struct pooled_run *run, struct examples *all, const fate_job *job, const fate_table *const *tables)
{
    int32_t result = FATE_OK;
    for (uint32_t party = 0; party < fate_job_party_count(job) && result == FATE_OK; party++) {
        struct examples own;
        if (tables[party] == NULL || !is_client(job, party)) continue;
        result =
            examples_make(run->context, &own, tables[party], run->columns, run->parameters.network.inputs, &run->parameters.network, true);
        if (result == FATE_OK) {
            result = append(all, &own);
            examples_free(&own);
        }
    }
    return result;
}

/* ---- rounds ---- */

static int32_t train_round(struct pooled_run *run, uint32_t round)
{
    struct training *training = NULL;
    struct training_report report;
    uint8_t key[RANDOM_KEY];
    random_derive(key, run->seed, "pooled round", round);
    int32_t result = training_new(run->context, &training, &run->parameters.network, &run->parameters.training, &run->rows,
                                  schedule_rate(&run->parameters.schedule, round), run->weights, NULL, NULL, key);
    if (result != FATE_OK) return result;
    while (training_step(training)) continue;
    result = training_finish(training, run->change, NULL, &report);
    training_free(training);
    for (uint64_t i = 0; i < run->count && result == FATE_OK; i++) run->weights[i] += run->change[i];
    return result;
}

static int32_t tell(struct pooled_run *run, uint32_t round, double loss)
{
    const fate_observer *observer = &run->observer;
    fate_progress progress = {.struct_size = sizeof progress, .round = round, .rounds = run->rounds, .rows = run->rows.rows};
    progress.fraction = (double)round / run->rounds;
    int32_t result = FATE_OK;
    if (observer->progress != NULL) result = observer->progress(observer->context, &progress);
    if (result == FATE_OK && observer->tick != NULL) result = observer->tick(observer->context);
    if (result == FATE_OK && observer->metric != NULL)
        result = observer->metric(observer->context, run->validation.rows > 0 ? "validation loss" : "loss", round, loss);
    return result;
}

/* Measures the round's weights and keeps them when they are the best. */
static int32_t judge(struct pooled_run *run, uint32_t round, bool *stop)
{
    struct training_measure measure;
    const struct examples *examples = run->validation.rows > 0 ? &run->validation : &run->rows;
    int32_t result = training_evaluate(run->context, &measure, &run->parameters.network, run->weights, examples);
    if (result != FATE_OK) return result;
    double loss = measure.weight > 0 ? measure.loss / measure.weight : 0;
    *stop = early_stopping_update(&run->stopping, round, loss);
    if (run->stopping.rounds == 0 || run->stopping.best_round == round) memcpy(run->best, run->weights, (size_t)run->count * sizeof(float));
    return tell(run, round, loss);
}

static int32_t first_weights(struct pooled_run *run, const fate_model *from)
{
    struct horizontal_model earlier;
    const uint8_t *body = NULL;
    uint64_t length = 0;
    uint8_t key[RANDOM_KEY];
    if (from == NULL) {
        random_derive(key, run->seed, "pooled first weights", 0);
        network_initialise(&run->parameters.network, run->weights, key);
        return FATE_OK;
    }
    int32_t result = fate_model_body(from, &body, &length);
    if (result == FATE_OK) result = horizontal_model_read(&earlier, run->context, body, length);
    if (result != FATE_OK) return result;
    result = horizontal_model_continue(&earlier, &run->parameters.network, run->columns, run->weights);
    horizontal_model_free(&earlier);
    return result;
}

static int32_t train(struct pooled_run *run, const fate_model *from)
{
    bool stop = false;
    run->count = network_parameters(&run->parameters.network);
    run->weights = memory_zeroed(run->context, run->count, sizeof(float));
    run->best = memory_zeroed(run->context, run->count, sizeof(float));
    run->change = memory_zeroed(run->context, run->count, sizeof(float));
    if (run->weights == NULL || run->best == NULL || run->change == NULL) return context_out_of_memory(run->context);
    int32_t result = first_weights(run, from);
    for (uint32_t round = 0; round < run->rounds && !stop && result == FATE_OK; round++) {
        result = train_round(run, round);
        if (result == FATE_OK) result = judge(run, round + 1, &stop);
    }
    return result;
}

static int32_t write_model(struct pooled_run *run, struct buffer *body)
{
    struct horizontal_model model;
    int32_t result = horizontal_model_init(&model, run->context, &run->parameters.network, 0);
    if (result != FATE_OK) return result;
    for (uint32_t i = 0; i < run->parameters.network.inputs && result == FATE_OK; i++)
        result = horizontal_model_set_column(&model, i, run->columns[i].name, run->columns[i].mean, run->columns[i].factor);
    memcpy(model.parameters, run->best, (size_t)run->count * sizeof(float));
    if (result == FATE_OK) result = horizontal_model_write(&model, body);
    horizontal_model_free(&model);
    return result;
}

static int32_t open_run(struct pooled_run *run, const fate_job *job, const fate_observer *observer)
{
    int64_t rounds = 0, seed = 0, early = 0;
    if (strcmp(fate_job_algorithm(job), "horizontal-linear") != 0 && strcmp(fate_job_algorithm(job), "horizontal-neural") != 0)
        return context_fail(run->context, FATE_E_UNSUPPORTED, "the algorithm %s has no pooled form", fate_job_algorithm(job));
    if (observer != NULL && !hooks_copy(&run->observer, sizeof run->observer, observer, offsetof(fate_observer, progress)))
        return context_fail(run->context, FATE_E_VERSION, "the observer's struct_size or abi_version is not one of this library");
    int32_t result = horizontal_parameters_read(run->context, &run->parameters, job);
    if (result == FATE_OK) result = fate_job_integer(job, "rounds", &rounds);
    if (result == FATE_OK) result = fate_job_integer(job, "seed", &seed);
    if (result == FATE_OK) result = fate_job_integer(job, "early_stopping_rounds", &early);
    run->parameters.training.scaffold = false; /* of one client it changes nothing */
    run->rounds = (uint32_t)rounds;
    bytes_store_u64(run->seed, (uint64_t)seed);
    early_stopping_init(&run->stopping, (uint32_t)early);
    return result;
}

int32_t horizontal_pooled_train(fate_context *context, struct buffer *body, const fate_job *job, const fate_table *const *tables,
                                const fate_table *const *validations, const fate_model *from, const fate_observer *observer)
{
    struct pooled_run run = {.context = context, .rows = {.context = context}, .validation = {.context = context}};
    int32_t result = open_run(&run, job, observer);
    if (result == FATE_OK) result = make_columns(&run, job, tables);
    if (result == FATE_OK) result = take_rows(&run, &run.rows, job, tables);
    if (result == FATE_OK && validations != NULL) result = take_rows(&run, &run.validation, job, validations);
    if (result == FATE_OK) result = train(&run, from);
    if (result == FATE_OK) result = write_model(&run, body);
    examples_free(&run.rows);
    examples_free(&run.validation);
    memory_free(context, run.columns);
    memory_free(context, run.weights);
    memory_free(context, run.best);
    memory_free(context, run.change);
    return result;
}
