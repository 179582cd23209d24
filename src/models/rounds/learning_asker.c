/* The aggregator's side of training over rounds; see learning.h. */
#include <math.h>
#include <string.h>

#include "lib/context.h"
#include "lib/random.h"
#include "src/models/aggregation/ring.h"
#include "src/models/rounds/columns.h"
#include "src/models/rounds/floats.h"
#include "src/models/rounds/learning.h"

struct trainer {
    fate_context *context;
    const struct aggregation_parameters *common;
    struct learning_parameters parameters;
    const struct kind *kind;
    void *model; /* the kind's state */
    struct kind_size size;
    int32_t next; /* enum learning_question: what is asked next; 0: nothing any more */
    uint32_t round;
    uint32_t columns;
    int32_t *exponents; /* by column */
    double *counts;     /* by column: values that are not missing */
    struct scaling scaling;
    struct server server;
    bool served; /* server is made */
    float *best; /* weights of the lowest loss; NULL without early stopping */
    double best_loss;
    uint32_t best_round;
};

/* ---- the state ---- */

static int32_t start(fate_turn *turn, const struct aggregation_parameters *common, void **state)
{
    fate_context *context = fate_turn_context(turn);
    struct trainer *trainer = memory_zeroed(context, 1, sizeof *trainer);
    if (trainer == NULL) return context_out_of_memory(context);
    *state = trainer;
    trainer->context = trainer->scaling.context = context;
    trainer->common = common;
    trainer->kind = learning_kind(fate_turn_job(turn));
    trainer->round = 1;
    int32_t result = learning_parameters_read(context, &trainer->parameters, common, fate_turn_job(turn), trainer->kind);
    trainer->next = trainer->parameters.standardise ? QUESTION_MAGNITUDES : QUESTION_ROUND;
    return result == FATE_OK ? trainer->kind->start(turn, &trainer->model) : result;
}

static void stop(fate_context *context, void *state)
{
    struct trainer *trainer = state;
    if (trainer->model != NULL) trainer->kind->stop(context, trainer->model);
    if (trainer->served) server_free(&trainer->server);
    scaling_free(&trainer->scaling);
    memory_free(context, trainer->exponents);
    memory_free(context, trainer->counts);
    memory_free(context, trainer->best);
    memory_free(context, trainer);
}

static int32_t settle(fate_turn *turn, void *state, const uint8_t *layout, uint64_t length)
{
    struct trainer *trainer = state;
    int32_t result = trainer->kind->settle(turn, trainer->model, layout, length, &trainer->size);
    if (result != FATE_OK || !trainer->parameters.standardise) return result;
    trainer->columns = trainer->kind->columns(trainer->model);
    trainer->exponents = memory_zeroed(trainer->context, (uint64_t)trainer->columns + 1, sizeof *trainer->exponents);
    trainer->counts = memory_zeroed(trainer->context, (uint64_t)trainer->columns + 1, sizeof *trainer->counts);
    return trainer->exponents == NULL || trainer->counts == NULL ? context_out_of_memory(trainer->context) : FATE_OK;
}

static int32_t make_server(struct trainer *trainer, const float *weights)
{
    int32_t result = server_init(&trainer->server, trainer->context, &trainer->parameters.server, weights, trainer->size.weights);
    if (result != FATE_OK) return context_out_of_memory(trainer->context);
    trainer->served = true;
    return FATE_OK;
}

static void save(const void *state, struct buffer *out)
{
    const struct trainer *trainer = state;
    buffer_u32(out, (uint32_t)trainer->next);
    buffer_u32(out, trainer->round);
    for (uint32_t i = 0; i < trainer->columns; i++) {
        buffer_u32(out, (uint32_t)trainer->exponents[i]);
        buffer_double(out, trainer->counts[i]);
    }
    scaling_write(&trainer->scaling, out);
    buffer_u8(out, trainer->served);
    if (trainer->served) server_save(&trainer->server, out);
    buffer_u8(out, trainer->best != NULL);
    if (trainer->best == NULL) return;
    floats_write(out, trainer->best, trainer->size.weights);
    buffer_double(out, trainer->best_loss);
    buffer_u32(out, trainer->best_round);
}

static int32_t load_best(struct trainer *trainer, struct reader *in)
{
    if (reader_u8(in) != 1) return FATE_OK;
    trainer->best = memory_zeroed(trainer->context, trainer->size.weights + 1, sizeof *trainer->best);
    if (trainer->best == NULL) return FATE_E_MEMORY;
    if (!floats_read(in, trainer->best, trainer->size.weights)) return FATE_E_FORMAT;
    trainer->best_loss = reader_double(in);
    trainer->best_round = reader_u32(in);
    return FATE_OK;
}

static int32_t load_server(struct trainer *trainer, struct reader *in)
{
    if (reader_u8(in) != 1) return FATE_OK;
    float *weights = memory_zeroed(trainer->context, trainer->size.weights + 1, sizeof *weights);
    if (weights == NULL) return FATE_E_MEMORY;
    int32_t result = make_server(trainer, weights);
    memory_free(trainer->context, weights);
    return result == FATE_OK ? server_load(&trainer->server, in) : FATE_E_MEMORY;
}

static int32_t load(fate_turn *turn, void *state, struct reader *in)
{
    struct trainer *trainer = state;
    trainer->next = (int32_t)reader_u32(in);
    trainer->round = reader_u32(in);
    for (uint32_t i = 0; i < trainer->columns; i++) {
        trainer->exponents[i] = (int32_t)reader_u32(in);
        trainer->counts[i] = reader_double(in);
    }
    int32_t result = scaling_read(&trainer->scaling, in, trainer->columns);
    if (result == FATE_OK && trainer->next >= QUESTION_ROUND && trainer->scaling.count > 0)
        result = trainer->kind->standardise(turn, trainer->model, trainer->scaling.means, trainer->scaling.factors);
    if (result == FATE_OK) result = load_server(trainer, in);
    if (result == FATE_OK) result = load_best(trainer, in);
    bool wrong = in->failed || trainer->next < 0 || trainer->next > QUESTION_MEASURE;
    return result == FATE_OK && wrong ? FATE_E_FORMAT : result;
}

/* ---- questions ---- */

/* The first weights, before the first round. */
static int32_t begin_rounds(fate_turn *turn, struct trainer *trainer)
{
    uint8_t seed[RANDOM_KEY];
    float *weights = memory_zeroed(trainer->context, trainer->size.weights + 1, sizeof *weights);
    if (weights == NULL) return context_out_of_memory(trainer->context);
    random_derive(seed, trainer->parameters.rounds_parameters.seed, "first weights", 0);
    int32_t result = trainer->kind->first(turn, trainer->model, seed, weights);
    if (result == FATE_OK) result = make_server(trainer, weights);
    memory_free(trainer->context, weights);
    return result;
}

static int32_t ask(fate_turn *turn, void *state, struct buffer *question, uint64_t *count)
{
    struct trainer *trainer = state;
    if (trainer->next == 0) return FATE_FINISHED;
    buffer_u8(question, (uint8_t)trainer->next);
    *count = trainer->next == QUESTION_MAGNITUDES ? (uint64_t)trainer->columns * MAGNITUDES : trainer->columns;
    for (uint32_t i = 0; i < trainer->columns && trainer->next >= QUESTION_MEANS && trainer->next <= QUESTION_SPREADS; i++) {
        buffer_u32(question, (uint32_t)trainer->exponents[i]);
        if (trainer->next == QUESTION_SPREADS) buffer_double(question, trainer->scaling.means[i]);
    }
    if (trainer->next < QUESTION_ROUND) return FATE_OK;
    int32_t result = trainer->served ? FATE_OK : begin_rounds(turn, trainer);
    if (result != FATE_OK) return result;
    *count = (trainer->next == QUESTION_ROUND ? trainer->size.length : 0) + LEARNING_SUMS;
    buffer_u32(question, trainer->round);
    scaling_write(&trainer->scaling, question);
    floats_write(question, trainer->server.broadcast, trainer->size.length);
    return fate_turn_progress(turn, trainer->round, trainer->parameters.rounds + 1, 0, 0, 0);
}

/* ---- sums ---- */

static void take_magnitudes(struct trainer *trainer, const uint8_t *sums)
{
    int64_t counts[MAGNITUDES];
    for (uint32_t column = 0; column < trainer->columns; column++) {
        for (uint32_t i = 0; i < MAGNITUDES; i++) counts[i] = ring_get(sums, (uint64_t)column * MAGNITUDES + i, trainer->common->width);
        trainer->counts[column] = (double)columns_count(counts, &trainer->exponents[column]);
    }
}

static double sum_at(const struct trainer *trainer, const uint8_t *sums, uint64_t at, int32_t bits)
{
    return ring_number(ring_get(sums, at, trainer->common->width), bits);
}

static int32_t take_means(struct trainer *trainer, const uint8_t *sums)
{
    if (scaling_init(&trainer->scaling, trainer->context, trainer->columns) != FATE_OK) return context_out_of_memory(trainer->context);
    for (uint32_t i = 0; i < trainer->columns; i++) {
        double sum = ldexp(sum_at(trainer, sums, i, trainer->parameters.examples_bits), trainer->exponents[i]);
        trainer->scaling.means[i] = trainer->counts[i] > 0 ? sum / trainer->counts[i] : 0.0;
    }
    return FATE_OK;
}

static int32_t take_spreads(fate_turn *turn, struct trainer *trainer, const uint8_t *sums)
{
    int32_t bits =
        ring_fraction(4 * trainer->parameters.rounds_parameters.examples_bound, trainer->common->clients, trainer->common->width, 0);
    for (uint32_t i = 0; i < trainer->columns; i++) {
        double spread = trainer->counts[i] > 0 ? sum_at(trainer, sums, i, bits) / trainer->counts[i] : 0.0;
        double deviation = ldexp(sqrt(spread < 0 ? 0 : spread), trainer->exponents[i]);
        trainer->scaling.factors[i] = deviation > 0 && isfinite(1.0 / deviation) ? 1.0 / deviation : 1.0;
    }
    return trainer->kind->standardise(turn, trainer->model, trainer->scaling.means, trainer->scaling.factors);
}

/* Keeps the weights of the lowest loss. true: there was none for long. */
static int32_t watch(struct trainer *trainer, double loss, bool *over)
{
    uint64_t bytes = trainer->size.weights * sizeof(float);
    *over = false;
    if (trainer->parameters.early_stopping_rounds == 0) return FATE_OK;
    if (trainer->best == NULL || loss < trainer->best_loss) {
        if (trainer->best == NULL) trainer->best = memory_allocate(trainer->context, bytes + 1, 1);
        if (trainer->best == NULL) return context_out_of_memory(trainer->context);
        memcpy(trainer->best, trainer->server.broadcast, bytes);
        trainer->best_loss = loss;
        trainer->best_round = trainer->round;
    }
    *over = trainer->round - trainer->best_round >= trainer->parameters.early_stopping_rounds;
    return FATE_OK;
}

/* How good the weights were that went out: those after the round before. */
static int32_t take_measures(fate_turn *turn, struct trainer *trainer, const uint8_t *sums, uint64_t at, bool *over)
{
    double measured = sum_at(trainer, sums, at + SUM_MEASURED, trainer->parameters.examples_bits);
    double loss = sum_at(trainer, sums, at + SUM_LOSS, trainer->parameters.loss_bits) / measured;
    double right = sum_at(trainer, sums, at + SUM_RIGHT, trainer->parameters.loss_bits) / measured;
    *over = false;
    if (!(measured > 0)) return FATE_OK;
    int32_t result = fate_turn_metric(turn, "loss", trainer->round - 1, loss);
    if (result == FATE_OK && trainer->size.right != NULL && right > 0)
        result = fate_turn_metric(turn, trainer->size.right, trainer->round - 1, right);
    return result == FATE_OK ? watch(trainer, loss, over) : result;
}

static int32_t apply(fate_turn *turn, struct trainer *trainer, const uint8_t *sums, double share)
{
    double examples = sum_at(trainer, sums, trainer->size.length + SUM_EXAMPLES, trainer->parameters.examples_bits);
    if (!(examples > 0)) return fate_turn_warn(turn, "a round brought no change: no client had examples");
    double *mean = memory_allocate(trainer->context, trainer->size.length + 1, sizeof *mean);
    if (mean == NULL) return context_out_of_memory(trainer->context);
    for (uint64_t i = 0; i < trainer->size.length; i++) mean[i] = sum_at(trainer, sums, i, trainer->parameters.change_bits) / examples;
    int32_t result = server_apply(&trainer->server, mean, share);
    memory_free(trainer->context, mean);
    if (result == FATE_E_RANGE)
        return fate_turn_fail(turn, result, "a weight is no longer finite: the learning rate is too large",
                              "the training diverged: the learning rate is too large");
    return result;
}

static int32_t take_round(fate_turn *turn, struct trainer *trainer, const uint8_t *sums, double share)
{
    bool measure = trainer->next == QUESTION_MEASURE, over;
    int32_t result = take_measures(turn, trainer, sums, measure ? 0 : trainer->size.length, &over);
    if (result == FATE_OK && !measure && !over) result = apply(turn, trainer, sums, share);
    trainer->round++;
    if (measure || over)
        trainer->next = 0;
    else if (trainer->round > trainer->parameters.rounds)
        trainer->next = QUESTION_MEASURE;
    return result;
}

static int32_t take(fate_turn *turn, void *state, const uint8_t *sums, double share)
{
    struct trainer *trainer = state;
    int32_t result = FATE_OK;
    if (trainer->next >= QUESTION_ROUND) return take_round(turn, trainer, sums, share);
    if (trainer->next == QUESTION_MAGNITUDES) take_magnitudes(trainer, sums);
    if (trainer->next == QUESTION_MEANS) result = take_means(trainer, sums);
    if (trainer->next == QUESTION_SPREADS) result = take_spreads(turn, trainer, sums);
    trainer->next++;
    return result;
}

/* ---- the end ---- */

static int32_t end(fate_turn *turn, void *state, struct buffer *result_bytes)
{
    struct trainer *trainer = state;
    const float *weights = trainer->best != NULL ? trainer->best : trainer->server.broadcast;
    scaling_write(&trainer->scaling, result_bytes);
    floats_write(result_bytes, weights, trainer->size.weights);
    return floats_deliver(turn, trainer->kind, trainer->model, weights, trainer->size.weights);
}

const struct inquiry_asker learning_asker = {start, stop, save, load, settle, ask, take, end};
