/* A client's side of training over rounds; see learning.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/context.h"
#include "lib/number.h"
#include "lib/random.h"
#include "src/models/aggregation/ring.h"
#include "src/models/rounds/columns.h"
#include "src/models/rounds/floats.h"
#include "src/models/rounds/learning.h"

struct learner {
    fate_context *context;
    const struct aggregation_parameters *common;
    struct learning_parameters parameters;
    const struct kind *kind;
    void *model; /* the kind's state */
    struct buffer layout;
    struct kind_size size;
    uint32_t columns;
    int32_t question;   /* enum learning_question, the one that is worked on */
    int32_t *exponents; /* of that question, by column */
    double *means;
    struct scaling scaling;
    bool begins; /* no piece of the work has been done */
    struct kind_round round;
    struct kind_update update;
    float *broadcast;
    /* SCAFFOLD: this client's control variate, and what it becomes when the last change counts; NULL: none, or no change waits. */
    float *control, *pending;
};

/* ---- the state ---- */

static bool keeps_control(const struct learner *learner)
{
    return learner->size.length > learner->size.weights;
}

static int32_t make_vectors(struct learner *learner)
{
    fate_context *context = learner->context;
    learner->exponents = memory_zeroed(context, (uint64_t)learner->columns + 1, sizeof *learner->exponents);
    learner->means = memory_zeroed(context, (uint64_t)learner->columns + 1, sizeof *learner->means);
    learner->broadcast = memory_zeroed(context, learner->size.length + 1, sizeof *learner->broadcast);
    learner->update.change = memory_zeroed(context, learner->size.length + 1, sizeof *learner->update.change);
    if (keeps_control(learner)) learner->control = memory_zeroed(context, learner->size.weights + 1, sizeof *learner->control);
    bool failed = learner->exponents == NULL || learner->means == NULL || learner->broadcast == NULL || learner->update.change == NULL ||
                  (keeps_control(learner) && learner->control == NULL);
    return failed ? context_out_of_memory(context) : FATE_OK;
}

static int32_t start(fate_turn *turn, const struct aggregation_parameters *common, void **state)
{
    fate_context *context = fate_turn_context(turn);
    struct learner *learner = memory_zeroed(context, 1, sizeof *learner);
    if (learner == NULL) return context_out_of_memory(context);
    *state = learner;
    learner->context = learner->scaling.context = context;
    learner->common = common;
    learner->kind = learning_kind(fate_turn_job(turn));
    buffer_init(&learner->layout, context);
    int32_t result = learning_parameters_read(context, &learner->parameters, common, fate_turn_job(turn), learner->kind);
    if (result == FATE_OK) result = learner->kind->start(turn, &learner->model);
    if (result == FATE_OK) result = learner->kind->layout(learner->model, &learner->layout);
    if (result == FATE_OK && learner->layout.failed) result = context_out_of_memory(context);
    if (result == FATE_OK)
        result = learner->kind->settle(turn, learner->model, learner->layout.bytes, learner->layout.length, &learner->size);
    if (result == FATE_OK && learner->kind->columns != NULL) learner->columns = learner->kind->columns(learner->model);
    return result == FATE_OK ? make_vectors(learner) : result;
}

static void stop(fate_context *context, void *state)
{
    struct learner *learner = state;
    uint64_t weights = learner->size.weights * sizeof(float);
    if (learner->model != NULL) learner->kind->stop(context, learner->model);
    buffer_free(&learner->layout);
    scaling_free(&learner->scaling);
    memory_free(context, learner->exponents);
    memory_free(context, learner->means);
    memory_free(context, learner->broadcast);
    memory_free_secret(context, learner->update.change, learner->update.change == NULL ? 0 : learner->size.length * sizeof(float));
    memory_free_secret(context, learner->control, learner->control == NULL ? 0 : weights);
    memory_free_secret(context, learner->pending, learner->pending == NULL ? 0 : weights);
    memory_free(context, learner);
}

static void save(const void *state, struct buffer *out)
{
    const struct learner *learner = state;
    if (!keeps_control(learner)) return;
    floats_write(out, learner->control, learner->size.weights);
    buffer_u8(out, learner->pending != NULL);
    if (learner->pending != NULL) floats_write(out, learner->pending, learner->size.weights);
}

static int32_t load(fate_turn *turn, void *state, struct reader *in)
{
    struct learner *learner = state;
    (void)turn;
    if (!keeps_control(learner)) return FATE_OK;
    if (!floats_read(in, learner->control, learner->size.weights)) return FATE_E_FORMAT;
    if (reader_u8(in) != 1) return in->failed ? FATE_E_FORMAT : FATE_OK;
    learner->pending = memory_zeroed(learner->context, learner->size.weights + 1, sizeof *learner->pending);
    if (learner->pending == NULL) return FATE_E_MEMORY;
    return floats_read(in, learner->pending, learner->size.weights) ? FATE_OK : FATE_E_FORMAT;
}

static int32_t layout(const void *state, struct buffer *out)
{
    const struct learner *learner = state;
    buffer_append(out, learner->layout.bytes, learner->layout.length);
    return FATE_OK;
}

/* ---- questions ---- */

static void begin_round(fate_turn *turn, struct learner *learner, uint32_t round)
{
    uint8_t key[RANDOM_KEY];
    memset(learner->update.change, 0, learner->size.length * sizeof(float));
    learner->update = (struct kind_update){.change = learner->update.change};
    learner->round = (struct kind_round){.round = round,
                                         .rounds = learner->parameters.rounds,
                                         .broadcast = learner->broadcast,
                                         .measure = learner->question == QUESTION_MEASURE,
                                         .own_control = learner->control};
    random_derive(key, learner->parameters.rounds_parameters.seed, "work of a round", round);
    random_derive(learner->round.seed, key, "client", fate_turn_party(turn));
    learner->begins = true;
}

static int32_t hear_round(fate_turn *turn, struct learner *learner, struct reader *in)
{
    uint32_t round = reader_u32(in);
    if (round == 0 || round > learner->parameters.rounds + 1) return FATE_E_FORMAT;
    int32_t result = scaling_read(&learner->scaling, in, learner->columns);
    if (result == FATE_E_MEMORY) return context_out_of_memory(learner->context);
    if (result != FATE_OK || learner->parameters.standardise != (learner->scaling.count > 0)) return FATE_E_FORMAT;
    if (!floats_read(in, learner->broadcast, learner->size.length) || !reader_finished(in)) return FATE_E_FORMAT;
    if (learner->scaling.count > 0)
        result = learner->kind->standardise(turn, learner->model, learner->scaling.means, learner->scaling.factors);
    if (result != FATE_OK) return result;
    begin_round(turn, learner, round);
    return fate_turn_progress(turn, round, learner->parameters.rounds + 1, 0, 0, 0);
}

static int32_t hear(fate_turn *turn, void *state, const uint8_t *question, uint64_t length, uint64_t *count)
{
    struct learner *learner = state;
    struct reader in;
    reader_init(&in, question, length);
    learner->question = reader_u8(&in);
    if (learner->question >= QUESTION_ROUND && learner->question <= QUESTION_MEASURE) {
        *count = (learner->question == QUESTION_ROUND ? learner->size.length : 0) + LEARNING_SUMS;
        return hear_round(turn, learner, &in);
    }
    if (!learner->parameters.standardise || learner->question < QUESTION_MAGNITUDES || learner->question > QUESTION_SPREADS)
        return FATE_E_FORMAT;
    *count = learner->question == QUESTION_MAGNITUDES ? (uint64_t)learner->columns * MAGNITUDES : learner->columns;
    for (uint32_t i = 0; i < learner->columns && learner->question >= QUESTION_MEANS; i++) {
        learner->exponents[i] = (int32_t)reader_u32(&in);
        if (learner->exponents[i] < -127 || learner->exponents[i] > 128) return FATE_E_FORMAT;
        if (learner->question == QUESTION_SPREADS) learner->means[i] = reader_double(&in);
    }
    return reader_finished(&in) ? FATE_OK : FATE_E_FORMAT;
}

/* ---- answers ---- */

static int32_t answer_magnitudes(const struct learner *learner, uint8_t *values)
{
    for (uint32_t column = 0; column < learner->columns; column++) {
        int64_t counts[MAGNITUDES] = {0};
        uint64_t rows;
        const double *numbers = learner->kind->column(learner->model, column, &rows);
        if ((double)rows > learner->parameters.rounds_parameters.examples_bound)
            return context_fail(learner->context, FATE_E_TABLE,
                                "the table has %llu rows, more than the job's examples_bound allows: raise it", (unsigned long long)rows);
        if (!columns_magnitudes(counts, numbers, rows))
            return context_fail(learner->context, FATE_E_TABLE, "column %u has a value that is infinite or above 2^128",
                                (unsigned)column + 1);
        for (uint32_t i = 0; i < MAGNITUDES; i++) ring_put(values, (uint64_t)column * MAGNITUDES + i, counts[i], learner->common->width);
    }
    return FATE_OK;
}

/* What a lying aggregator asks for with a wrong exponent or mean is kept in bounds. */
static int32_t answer_sums(const struct learner *learner, uint8_t *values)
{
    bool spreads = learner->question == QUESTION_SPREADS;
    double most = (spreads ? 4 : 1) * learner->parameters.rounds_parameters.examples_bound;
    int32_t bits = ring_fraction(most, learner->common->clients, learner->common->width, 0);
    for (uint32_t column = 0; column < learner->columns; column++) {
        uint64_t rows;
        const double *numbers = learner->kind->column(learner->model, column, &rows);
        double sum = spreads ? columns_spread(numbers, rows, learner->exponents[column], learner->means[column])
                             : columns_sum(numbers, rows, learner->exponents[column]);
        if (!(fabs(sum) <= most)) return context_fail(learner->context, FATE_E_PROTOCOL, "the aggregator asked for sums that do not fit");
        ring_put(values, column, ring_round(sum, bits), learner->common->width);
    }
    return FATE_OK;
}

static int32_t out_of_bound(const struct learner *learner, double change)
{
    char bound[NUMBER_TEXT], found[NUMBER_TEXT];
    number_write(bound, learner->parameters.bound);
    number_write(found, change);
    return context_fail(learner->context, FATE_E_RANGE,
                        "round %u: a weight changed by %s, beyond the job's bound of %s: lower the learning rate, or raise the bound",
                        (unsigned)learner->round.round, found, bound);
}

/* And most for NaN. */
static double within(double value, double most)
{
    if (value < -most) return -most;
    return value < most ? value : most;
}

static int32_t put_sums(const struct learner *learner, uint8_t *values, uint64_t at)
{
    const struct kind_update *update = &learner->update;
    const struct learning_parameters *parameters = &learner->parameters;
    double most = parameters->rounds_parameters.examples_bound, examples = at == 0 ? 0 : update->examples;
    uint32_t width = learner->common->width;
    if (!(examples >= 0 && examples <= most) || !(update->measured >= 0 && update->measured <= most))
        return context_fail(learner->context, FATE_E_TABLE,
                            "the rows, or the sum of their weights, are more than the job's examples_bound, or below 0");
    ring_put(values, at + SUM_EXAMPLES, ring_round(examples, parameters->examples_bits), width);
    ring_put(values, at + SUM_MEASURED, ring_round(update->measured, parameters->examples_bits), width);
    most = LOSS_BOUND * update->measured;
    ring_put(values, at + SUM_LOSS, ring_round(within(update->loss, most), parameters->loss_bits), width);
    ring_put(values, at + SUM_RIGHT, ring_round(within(update->right, most), parameters->loss_bits), width);
    return FATE_OK;
}

static int32_t keep_control(struct learner *learner)
{
    uint64_t count = learner->size.weights;
    if (learner->pending == NULL) learner->pending = memory_zeroed(learner->context, count + 1, sizeof *learner->pending);
    if (learner->pending == NULL) return context_out_of_memory(learner->context);
    for (uint64_t i = 0; i < count; i++) learner->pending[i] = learner->control[i] + learner->update.change[count + i];
    return FATE_OK;
}

static int32_t put_round(fate_turn *turn, struct learner *learner, uint8_t *values)
{
    const struct kind_update *update = &learner->update;
    uint64_t length = learner->size.length;
    int32_t result = put_sums(learner, values, length);
    for (uint64_t i = 0; i < length && result == FATE_OK; i++) {
        double change = (double)update->change[i];
        if (!(fabs(change) <= learner->parameters.bound)) return out_of_bound(learner, change);
        ring_put(values, i, ring_round(change * update->examples, learner->parameters.change_bits), learner->common->width);
    }
    if (result == FATE_OK && keeps_control(learner)) result = keep_control(learner);
    if (result == FATE_OK && update->measured > 0)
        result = fate_turn_metric(turn, "own loss", learner->round.round - 1, update->loss / update->measured);
    return result;
}

static int32_t answer(fate_turn *turn, void *state, uint8_t *values)
{
    struct learner *learner = state;
    if (learner->question == QUESTION_MAGNITUDES) return answer_magnitudes(learner, values);
    if (learner->question < QUESTION_ROUND) return answer_sums(learner, values);
    bool begins = learner->begins;
    learner->begins = false;
    int32_t result = learner->kind->work(turn, learner->model, &learner->round, begins, &learner->update);
    if (result != FATE_OK) return result;
    return learner->question == QUESTION_MEASURE ? put_sums(learner, values, 0) : put_round(turn, learner, values);
}

static void counted(void *state)
{
    struct learner *learner = state;
    if (learner->pending == NULL) return;
    memory_free_secret(learner->context, learner->control, learner->size.weights * sizeof(float));
    learner->control = learner->pending;
    learner->pending = NULL;
}

/* ---- the end ---- */

static int32_t end(fate_turn *turn, void *state, const uint8_t *result_bytes, uint64_t length)
{
    struct learner *learner = state;
    struct reader in;
    reader_init(&in, result_bytes, length);
    int32_t result = scaling_read(&learner->scaling, &in, learner->columns);
    if (result == FATE_E_MEMORY) return context_out_of_memory(learner->context);
    if (result != FATE_OK || learner->parameters.standardise != (learner->scaling.count > 0)) return FATE_E_FORMAT;
    if (!floats_read(&in, learner->broadcast, learner->size.weights) || !reader_finished(&in)) return FATE_E_FORMAT;
    if (learner->scaling.count > 0)
        result = learner->kind->standardise(turn, learner->model, learner->scaling.means, learner->scaling.factors);
    if (result != FATE_OK) return result;
    return floats_deliver(turn, learner->kind, learner->model, learner->broadcast, learner->size.weights);
}

const struct inquiry_answerer learning_answerer = {start, stop, save, load, layout, hear, answer, counted, end};
