/* Local training: minibatches in a drawn order, slopes with all that is added to them, steps. */
#include "src/models/horizontal/training.h"

#include <math.h>
#include <string.h>

#include "lib/random.h"
#include "src/models/horizontal/loss.h"
#include "src/models/horizontal/matrix.h"
#include "src/models/horizontal/propagation.h"

/* Rows that are evaluated together. */
enum { TRAINING_ROWS = 256 };

struct training {
    fate_context *context;
    const struct network *network;
    const struct training_options *options;
    const struct examples *examples;
    double rate;
    uint64_t count; /* of parameters */
    float *start;   /* the weights of the round */
    float *weights, *slopes;
    float *control;    /* SCAFFOLD: the common control variate; else NULL */
    float *correction; /* SCAFFOLD: added to slopes, the common control variate less the own one; else NULL */
    struct optimiser optimiser;
    struct propagation propagation;
    uint8_t order_key[RANDOM_KEY], dropout_key[RANDOM_KEY];
    uint32_t *order; /* of rows in this epoch */
    uint64_t place;  /* in order */
    uint64_t epoch;
    float *inputs, *labels, *row_weights; /* of a minibatch */
    struct training_report report;
};

/* ---- minibatches ---- */

/* Fisher and Yates, from one stream for each epoch. */
static void shuffle(struct training *training)
{
    struct random_stream stream;
    random_stream_init(&stream, training->order_key, training->epoch);
    for (uint64_t i = 0; i < training->examples->rows; i++) training->order[i] = (uint32_t)i;
    for (uint64_t i = training->examples->rows; i > 1; i--) {
        uint64_t other = random_stream_below(&stream, i);
        uint32_t kept = training->order[i - 1];
        training->order[i - 1] = training->order[other];
        training->order[other] = kept;
    }
    random_stream_wipe(&stream);
}

/* Copies the rows of the next minibatch together; how many there are. */
static uint32_t gather(struct training *training)
{
    const struct examples *examples = training->examples;
    uint64_t left = examples->rows - training->place, columns = examples->columns;
    uint32_t rows = left < training->propagation.most ? (uint32_t)left : training->propagation.most;
    for (uint32_t i = 0; i < rows; i++) {
        uint64_t row = training->order[training->place + i];
        memcpy(training->inputs + i * columns, examples->inputs + row * columns, (size_t)columns * sizeof(float));
        training->labels[i] = examples->labels[row];
        if (examples->weights != NULL) training->row_weights[i] = examples->weights[row];
    }
    return rows;
}

/* ---- what is added to slopes ---- */

static void each_layer(struct training *training, double factor, void (*visit)(struct training *, const struct network_layer *, float))
{
    for (uint32_t i = 0; i <= training->network->hidden_count; i++) {
        struct network_layer layer = network_layer(training->network, i);
        visit(training, &layer, (float)factor);
    }
}

static void decay(struct training *training, const struct network_layer *layer, float factor)
{
    matrix_add(training->slopes + layer->weights, factor, training->weights + layer->weights, layer->biases - layer->weights);
}

static void shrink(struct training *training, const struct network_layer *layer, float factor)
{
    optimiser_shrink(training->weights + layer->weights, layer->biases - layer->weights, factor);
}

static void add_to_slopes(struct training *training)
{
    const struct training_options *options = training->options;
    if (options->l2 > 0) each_layer(training, options->l2, decay);
    if (options->proximal > 0) {
        matrix_add(training->slopes, (float)options->proximal, training->weights, training->count);
        matrix_add(training->slopes, (float)-options->proximal, training->start, training->count);
    }
    if (training->correction != NULL) matrix_add(training->slopes, 1.0f, training->correction, training->count);
}

/* ---- a round ---- */

static bool allocate(struct training *training, uint32_t most)
{
    fate_context *context = training->context;
    uint64_t rows = training->examples->rows;
    training->start = memory_allocate(context, training->count, sizeof(float));
    training->weights = memory_allocate(context, training->count, sizeof(float));
    training->slopes = memory_allocate(context, training->count, sizeof(float));
    training->order = memory_allocate(context, rows, sizeof(uint32_t));
    training->inputs = memory_allocate(context, most, (uint64_t)training->examples->columns * sizeof(float));
    training->labels = memory_allocate(context, most, sizeof(float));
    training->row_weights = memory_allocate(context, most, sizeof(float));
    if (training->options->scaffold) {
        training->control = memory_allocate(context, training->count, sizeof(float));
        training->correction = memory_allocate(context, training->count, sizeof(float));
    }
    return training->start != NULL && training->weights != NULL && training->slopes != NULL && training->order != NULL &&
           training->inputs != NULL && training->labels != NULL && training->row_weights != NULL &&
           (!training->options->scaffold || (training->control != NULL && training->correction != NULL));
}

static void begin(struct training *training, const float *weights, const float *control, const float *own_control, const uint8_t *key)
{
    memcpy(training->start, weights, (size_t)training->count * sizeof(float));
    memcpy(training->weights, weights, (size_t)training->count * sizeof(float));
    for (uint64_t i = 0; i < training->count && training->correction != NULL; i++) {
        training->control[i] = control[i];
        training->correction[i] = control[i] - own_control[i];
    }
    random_derive(training->order_key, key, "order of rows", 0);
    random_derive(training->dropout_key, key, "dropout", 0);
    training->report.rows = training->examples->rows;
    shuffle(training);
}

int32_t training_new(fate_context *context, struct training **training, const struct network *network,
                     const struct training_options *options, const struct examples *examples, double rate, const float *weights,
                     const float *control, const float *own_control, const uint8_t *key)
{
    uint32_t most = examples->rows < options->batch ? (uint32_t)examples->rows : options->batch;
    struct training *made = memory_zeroed(context, 1, sizeof *made);
    *training = NULL;
    if (made == NULL) return context_out_of_memory(context);
    made->context = context;
    made->network = network;
    made->options = options;
    made->examples = examples;
    made->rate = rate;
    made->count = network_parameters(network);
    int32_t result = propagation_init(&made->propagation, context, network, most);
    if (result == FATE_OK) result = optimiser_init(&made->optimiser, context, &options->optimiser, made->count);
    if (result == FATE_OK && !allocate(made, most)) result = context_out_of_memory(context);
    if (result != FATE_OK) {
        training_free(made);
        return result;
    }
    begin(made, weights, control, own_control, key);
    *training = made;
    return FATE_OK;
}

void training_free(struct training *training)
{
    if (training == NULL) return;
    fate_context *context = training->context;
    float *const arrays[] = {training->start,  training->weights,     training->slopes,  training->inputs,
                             training->labels, training->row_weights, training->control, training->correction};
    if (training->propagation.context != NULL) propagation_free(&training->propagation);
    if (training->optimiser.context != NULL) optimiser_free(&training->optimiser);
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) memory_free(context, arrays[i]);
    memory_free(context, training->order);
    memory_free_secret(context, training, sizeof *training);
}

static bool is_done(const struct training *training)
{
    return training->options->epochs > 0 ? training->epoch >= training->options->epochs
                                         : training->report.steps >= training->options->steps;
}

bool training_step(struct training *training)
{
    struct propagation *propagation = &training->propagation;
    if (training->examples->rows == 0 || is_done(training)) return false;
    uint32_t rows = gather(training);
    const float *weights = training->examples->weights == NULL ? NULL : training->row_weights;
    double weight = 0;
    propagation_forward(propagation, training->weights, training->inputs, rows, training->dropout_key, training->report.steps);
    training->report.loss +=
        loss_sum(training->network, propagation->margins, training->labels, weights, rows, propagation->delta[0], &weight);
    training->report.weight += weight;
    propagation_backward(propagation, training->weights, training->inputs, rows, training->slopes);
    add_to_slopes(training);
    optimiser_step(&training->optimiser, training->weights, training->slopes, training->rate);
    if (training->options->l1 > 0) each_layer(training, training->options->l1 * training->rate, shrink);
    training->report.steps++;
    training->place += rows;
    if (training->place == training->examples->rows) {
        training->place = 0;
        training->epoch++;
        if (!is_done(training)) shuffle(training);
    }
    return !is_done(training);
}

/* SCAFFOLD, option II: the new control variate is the old one less the common one plus the mean slope on the way, (start - weights) / (steps rate). */
static void finish_control(const struct training *training, float *changes)
{
    double way = (double)training->report.steps * training->rate;
    for (uint64_t i = 0; i < training->count; i++) {
        double mean = way > 0 ? ((double)training->start[i] - (double)training->weights[i]) / way : (double)training->control[i];
        changes[i] = (float)(mean - (double)training->control[i]);
    }
}

int32_t training_finish(const struct training *training, float *change, float *control_change, struct training_report *report)
{
    for (uint64_t i = 0; i < training->count; i++) {
        change[i] = training->weights[i] - training->start[i];
        if (!isfinite(change[i]))
            return context_fail(
                training->context, FATE_E_RANGE,
                "training left the range of numbers after %llu steps: choose a lower learning_rate, or standardise the columns",
                (unsigned long long)training->report.steps);
    }
    if (training->correction != NULL) finish_control(training, control_change);
    *report = training->report;
    return FATE_OK;
}

/* ---- measures ---- */

static double right_of(const struct network *network, const float *margins, double label)
{
    double score = 0;
    if (network->loss == NETWORK_SOFTMAX) {
        uint32_t best = 0;
        for (uint32_t i = 1; i < network->outputs; i++) best = margins[i] > margins[best] ? i : best;
        return best == (uint32_t)label ? 1.0 : 0.0;
    }
    if (network->loss == NETWORK_LOGISTIC) return (margins[0] > 0.0f) == (label > 0.5) ? 1.0 : 0.0;
    loss_scores(network, margins, &score);
    return (score - label) * (score - label);
}

int32_t training_evaluate(fate_context *context, struct training_measure *measure, const struct network *network, const float *parameters,
                          const struct examples *examples)
{
    struct propagation propagation;
    *measure = (struct training_measure){.rows = examples->rows};
    int32_t result = propagation_init(&propagation, context, network, TRAINING_ROWS);
    for (uint64_t begin = 0; begin < examples->rows && result == FATE_OK; begin += TRAINING_ROWS) {
        uint32_t rows = (uint32_t)(examples->rows - begin < TRAINING_ROWS ? examples->rows - begin : TRAINING_ROWS);
        const float *labels = examples->labels + begin, *weights = examples->weights == NULL ? NULL : examples->weights + begin;
        double weight = 0;
        propagation_forward(&propagation, parameters, examples->inputs + begin * examples->columns, rows, NULL, 0);
        measure->loss += loss_sum(network, propagation.margins, labels, weights, rows, NULL, &weight);
        measure->weight += weight;
        for (uint32_t i = 0; i < rows; i++)
            measure->right += (weights == NULL ? 1.0 : (double)weights[i]) *
                              right_of(network, propagation.margins + (uint64_t)i * network->outputs, (double)labels[i]);
    }
    if (result == FATE_OK) propagation_free(&propagation);
    return result;
}
