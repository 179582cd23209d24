/* Networks as a kind of model; see network_kind.h. */
#include "src/models/rounds/network_kind.h"

#include <string.h>

#include "lib/context.h"
#include <fate/model.h>

#include "src/models/horizontal/model.h"
#include "src/models/horizontal/parameters.h"
#include "src/models/horizontal/names.h"

struct network_state {
    fate_context *context;
    struct horizontal_parameters parameters; /* network.inputs: 0 until it is settled */
    struct buffer layout;                    /* the names of columns, as settled: each ends with a zero byte */
    struct examples_column *columns;         /* their names lie in layout */
    bool scaled;                             /* columns have been standardised */
    const fate_table *table, *validation;
    struct examples examples, held_out;
    struct training *training; /* the round under way */
    const fate_model *earlier;
};

int32_t network_kind_check(fate_context *context, const fate_job *job)
{
    struct horizontal_parameters parameters;
    return horizontal_parameters_read(context, &parameters, job);
}

/* ---- the state ---- */

static int32_t start(fate_turn *turn, void **made)
{
    fate_context *context = fate_turn_context(turn);
    struct network_state *state = memory_zeroed(context, 1, sizeof *state);
    if (state == NULL) return context_out_of_memory(context);
    *made = state;
    state->context = state->examples.context = state->held_out.context = context;
    buffer_init(&state->layout, context);
    state->table = fate_turn_table(turn, FATE_TABLE_DATA);
    state->validation = fate_turn_table(turn, FATE_TABLE_VALIDATION);
    state->earlier = fate_turn_model(turn);
    bool client = strcmp(fate_job_party_role(fate_turn_job(turn), fate_turn_party(turn)), "client") == 0;
    if (!client) state->table = state->validation = NULL;
    if (client && state->table == NULL) return context_fail(context, FATE_E_TABLE, "a client needs a table to train on");
    return horizontal_parameters_read(context, &state->parameters, fate_turn_job(turn));
}

static void stop(fate_context *context, void *made)
{
    struct network_state *state = made;
    if (state->training != NULL) training_free(state->training);
    examples_free(&state->examples);
    examples_free(&state->held_out);
    buffer_free(&state->layout);
    memory_free(context, state->columns);
    memory_free(context, state);
}

/* ---- columns ---- */

/* Clients may have them in any order. */
static int32_t layout(const void *made, struct buffer *out)
{
    const struct network_state *state = made;
    return names_write(state->context, state->table, out);
}

static int32_t split_layout(struct network_state *state)
{
    uint32_t count = names_split(state->layout.bytes, state->layout.length, NULL);
    const char **names = memory_zeroed(state->context, (uint64_t)count + 1, sizeof *names);
    state->columns = memory_zeroed(state->context, (uint64_t)count + 1, sizeof *state->columns);
    if (names != NULL && state->columns != NULL) {
        (void)names_split(state->layout.bytes, state->layout.length, names);
        for (uint32_t i = 0; i < count; i++) state->columns[i] = (struct examples_column){names[i], 0.0, 1.0};
    }
    bool failed = names == NULL || state->columns == NULL;
    memory_free(state->context, names);
    state->parameters.network.inputs = count;
    return failed ? context_out_of_memory(state->context) : count > 0 ? FATE_OK : FATE_E_FORMAT;
}

static int32_t make_examples(struct network_state *state)
{
    if (state->table == NULL) return FATE_OK;
    uint32_t count = state->parameters.network.inputs;
    examples_free(&state->examples);
    examples_free(&state->held_out);
    int32_t result = examples_make(state->context, &state->examples, state->table, state->columns, count, &state->parameters.network, true);
    if (result == FATE_OK && state->validation != NULL)
        result =
            examples_make(state->context, &state->held_out, state->validation, state->columns, count, &state->parameters.network, true);
    return result;
}

static int32_t settle(fate_turn *turn, void *made, const uint8_t *bytes, uint64_t length, struct kind_size *size)
{
    struct network_state *state = made;
    int32_t result = names_check(state->context, fate_turn_job(turn), bytes, length);
    if (result != FATE_OK) return state->table == NULL && result == FATE_E_TABLE ? FATE_E_FORMAT : result;
    /* What a client said before that was refused does not count. */
    memory_free(state->context, state->columns);
    state->columns = NULL;
    buffer_clear(&state->layout);
    buffer_append(&state->layout, bytes, length);
    if (state->layout.failed) return context_out_of_memory(state->context);
    result = split_layout(state);
    if (result != FATE_OK) return result;
    if (network_check(state->context, &state->parameters.network, FATE_E_FORMAT) != FATE_OK) return FATE_E_FORMAT;
    size->weights = network_parameters(&state->parameters.network);
    size->length = state->parameters.training.scaffold ? 2 * size->weights : size->weights;
    size->right = state->parameters.network.loss == NETWORK_LOGISTIC || state->parameters.network.loss == NETWORK_SOFTMAX ? "accuracy"
                                                                                                                          : "squared error";
    return make_examples(state);
}

static uint32_t count_columns(const void *made)
{
    return ((const struct network_state *)made)->parameters.network.inputs;
}

static const double *column(const void *made, uint32_t number, uint64_t *rows)
{
    const struct network_state *state = made;
    return names_column(state->table, state->columns[number].name, rows);
}

static int32_t standardise(fate_turn *turn, void *made, const double *means, const double *factors)
{
    struct network_state *state = made;
    (void)turn;
    bool changed = !state->scaled;
    for (uint32_t i = 0; i < state->parameters.network.inputs; i++) {
        struct examples_column *own = &state->columns[i];
        changed = changed || own->mean < means[i] || own->mean > means[i] || own->factor < factors[i] || own->factor > factors[i];
        own->mean = means[i];
        own->factor = factors[i];
    }
    state->scaled = true;
    return changed ? make_examples(state) : FATE_OK;
}

/* ---- weights ---- */

static int32_t take_earlier(const struct network_state *state, float *weights)
{
    struct horizontal_model model;
    const uint8_t *bytes;
    uint64_t length;
    int32_t result = fate_model_body(state->earlier, &bytes, &length);
    if (result == FATE_OK) result = horizontal_model_read(&model, state->context, bytes, length);
    if (result != FATE_OK) return result;
    result = horizontal_model_continue(&model, &state->parameters.network, state->columns, weights);
    horizontal_model_free(&model);
    return result;
}

static int32_t first(fate_turn *turn, void *made, const uint8_t *seed, float *weights)
{
    struct network_state *state = made;
    (void)turn;
    if (state->earlier != NULL) return take_earlier(state, weights);
    network_initialise(&state->parameters.network, weights, seed);
    return FATE_OK;
}

/* ---- a client's work ---- */

static double weight_of(const struct examples *examples)
{
    double sum = 0;
    if (examples->weights == NULL) return (double)examples->rows;
    for (uint64_t row = 0; row < examples->rows; row++) sum += (double)examples->weights[row];
    return sum;
}

static int32_t measure(struct network_state *state, const struct kind_round *round, struct kind_update *update)
{
    struct training_measure measured;
    const struct examples *examples = state->validation != NULL ? &state->held_out : &state->examples;
    int32_t result = training_evaluate(state->context, &measured, &state->parameters.network, round->broadcast, examples);
    if (result != FATE_OK) return result;
    update->measured = measured.weight;
    update->loss = measured.loss;
    update->right = measured.right;
    return FATE_OK;
}

static int32_t begin_work(struct network_state *state, const struct kind_round *round, struct kind_update *update)
{
    uint64_t count = network_parameters(&state->parameters.network);
    bool scaffold = state->parameters.training.scaffold;
    if (state->training != NULL) training_free(state->training);
    state->training = NULL;
    int32_t result = measure(state, round, update);
    if (result != FATE_OK || round->measure) return result;
    update->examples = weight_of(&state->examples);
    return training_new(state->context, &state->training, &state->parameters.network, &state->parameters.training, &state->examples,
                        schedule_rate(&state->parameters.schedule, round->round - 1), round->broadcast,
                        scaffold ? round->broadcast + count : NULL, scaffold ? round->own_control : NULL, round->seed);
}

/* So many steps make a piece of some milliseconds. */
static uint64_t steps_of_a_piece(const struct network_state *state)
{
    uint64_t work = network_parameters(&state->parameters.network) *
                    (state->parameters.training.batch < state->examples.rows ? state->parameters.training.batch : state->examples.rows + 1);
    return UINT64_C(4000000) / work + 1;
}

static int32_t work(fate_turn *turn, void *made, const struct kind_round *round, bool begins, struct kind_update *update)
{
    struct network_state *state = made;
    struct training_report report;
    (void)turn;
    if (begins) {
        int32_t result = begin_work(state, round, update);
        return result != FATE_OK || round->measure ? result : FATE_AGAIN;
    }
    bool more = true;
    for (uint64_t steps = steps_of_a_piece(state); steps > 0 && more; steps--) more = training_step(state->training);
    if (more) return FATE_AGAIN;
    float *control = state->parameters.training.scaffold ? update->change + network_parameters(&state->parameters.network) : NULL;
    int32_t result = training_finish(state->training, update->change, control, &report);
    training_free(state->training);
    state->training = NULL;
    return result;
}

static int32_t model(fate_turn *turn, const void *made, const float *weights, struct buffer *out)
{
    const struct network_state *state = made;
    struct horizontal_model model;
    (void)turn;
    int32_t result = horizontal_model_init(&model, state->context, &state->parameters.network, 0);
    if (result != FATE_OK) return context_out_of_memory(state->context);
    for (uint32_t i = 0; i < state->parameters.network.inputs && result == FATE_OK; i++)
        result = horizontal_model_set_column(&model, i, state->columns[i].name, state->columns[i].mean, state->columns[i].factor);
    memcpy(model.parameters, weights, model.count * sizeof *weights);
    if (result == FATE_OK) result = horizontal_model_write(&model, out);
    horizontal_model_free(&model);
    return result == FATE_E_MEMORY ? context_out_of_memory(state->context) : result;
}

const struct kind network_kind = {start, stop, layout, settle, count_columns, column, standardise, first, work, model};
