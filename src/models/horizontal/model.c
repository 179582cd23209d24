/* Models of horizontal training as bytes and back, and what is done with them. */
#include "src/models/horizontal/model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "proto/horizontal.pb-c.h"
#include "src/data/quote.h"
#include "src/models/horizontal/loss.h"
#include "src/models/horizontal/propagation.h"
#include "src/session/protobuf.h"

/* Rows that are scored together. */
enum { SCORED_ROWS = 256 };

int32_t horizontal_model_init(struct horizontal_model *model, fate_context *context, const struct network *network, uint64_t count)
{
    *model = (struct horizontal_model){.context = context, .count = count};
    if (network != NULL) {
        model->network = *network;
        model->count = network_parameters(network);
    }
    model->names = memory_zeroed(context, model->network.inputs, sizeof *model->names);
    model->columns = memory_zeroed(context, model->network.inputs, sizeof *model->columns);
    model->parameters = memory_zeroed(context, model->count, sizeof *model->parameters);
    if (model->names == NULL || model->columns == NULL || model->parameters == NULL) {
        horizontal_model_free(model);
        return context_out_of_memory(context);
    }
    return FATE_OK;
}

int32_t horizontal_model_set_column(struct horizontal_model *model, uint32_t number, const char *name, double mean, double factor)
{
    char *copy = memory_text(model->context, name);
    if (copy == NULL) return context_out_of_memory(model->context);
    memory_free(model->context, model->names[number]);
    model->names[number] = copy;
    model->columns[number] = (struct examples_column){copy, mean, factor};
    return FATE_OK;
}

void horizontal_model_free(struct horizontal_model *model)
{
    for (uint32_t i = 0; i < model->network.inputs && model->names != NULL; i++) memory_free(model->context, model->names[i]);
    memory_free(model->context, model->names);
    memory_free(model->context, model->columns);
    memory_free(model->context, model->parameters);
    *model = (struct horizontal_model){.context = model->context};
}

/* ---- writing ---- */

/* The message with its columns, which point into the model. */
static int32_t pack(const struct horizontal_model *model, Fate__HorizontalModel *message, Fate__HorizontalColumn *columns,
                    Fate__HorizontalColumn **pointers, struct buffer *body)
{
    for (uint32_t i = 0; i < model->network.inputs; i++) {
        fate__horizontal_column__init(&columns[i]);
        columns[i].name = (ProtobufCBinaryData){.len = strlen(model->names[i]), .data = (uint8_t *)model->names[i]};
        columns[i].mean = model->columns[i].mean;
        columns[i].factor = model->columns[i].factor;
        pointers[i] = &columns[i];
    }
    message->n_columns = model->network.inputs;
    message->columns = pointers;
    size_t size = fate__horizontal_model__get_packed_size(message);
    if (buffer_reserve(body, size)) body->length += fate__horizontal_model__pack(message, body->bytes + body->length);
    return body->failed ? context_out_of_memory(model->context) : FATE_OK;
}

int32_t horizontal_model_write(const struct horizontal_model *model, struct buffer *body)
{
    const struct network *network = &model->network;
    fate_context *context = model->context;
    char objective[32], activation[32];
    uint32_t hidden[NETWORK_HIDDEN_MOST];
    Fate__HorizontalModel message;
    Fate__HorizontalColumn *columns = memory_allocate(context, network->inputs, sizeof *columns);
    Fate__HorizontalColumn **pointers = memory_allocate(context, network->inputs, sizeof *pointers);
    struct buffer floats;
    fate__horizontal_model__init(&message);
    buffer_init(&floats, context);
    for (uint64_t i = 0; i < model->count; i++) buffer_float(&floats, model->parameters[i]);
    snprintf(objective, sizeof objective, "%s", network->loss != 0 ? network_loss_name(network->loss) : "");
    snprintf(activation, sizeof activation, "%s", network->hidden_count > 0 ? network_activation_name(network->activation) : "");
    memcpy(hidden, network->hidden, sizeof hidden);
    message.objective = objective;
    message.classes = network->loss == NETWORK_SOFTMAX ? network->outputs : 0;
    message.huber_delta = network->loss == NETWORK_HUBER ? network->huber_delta : 0;
    message.n_hidden = network->hidden_count;
    message.hidden = hidden;
    message.activation = activation;
    message.layer_norm = network->hidden_count > 0 && network->layer_norm;
    message.parameters = (ProtobufCBinaryData){.len = (size_t)floats.length, .data = floats.bytes};
    int32_t result = columns == NULL || pointers == NULL || floats.failed ? context_out_of_memory(context)
                                                                          : pack(model, &message, columns, pointers, body);
    buffer_free(&floats);
    memory_free(context, columns);
    memory_free(context, pointers);
    return result;
}

/* ---- reading ---- */

static int32_t damaged(fate_context *context, const char *why)
{
    return context_fail(context, FATE_E_FORMAT, "the model is damaged: %s", why);
}

static int32_t read_network(fate_context *context, struct network *network, const Fate__HorizontalModel *message)
{
    *network = (struct network){.loss = network_loss_find(message->objective), .layer_norm = message->layer_norm != 0};
    if (message->n_columns > UINT16_MAX || message->n_hidden > NETWORK_HIDDEN_MOST)
        return damaged(context, "it has too many columns or hidden layers");
    network->inputs = (uint32_t)message->n_columns;
    network->hidden_count = (uint32_t)message->n_hidden;
    bool alone = message->objective[0] == 0;
    bool more = (network->loss != NETWORK_SOFTMAX && message->classes != 0) ||
                (network->loss != NETWORK_HUBER && message->huber_delta != 0) ||
                (network->hidden_count == 0 && (message->layer_norm || message->activation[0] != 0)) ||
                (alone && (network->inputs > 0 || network->hidden_count > 0));
    if (more) return damaged(context, "it holds what a model of its kind does not have");
    if (alone) return FATE_OK;
    network->outputs = network->loss == NETWORK_SOFTMAX ? message->classes : 1;
    network->huber_delta = message->huber_delta;
    for (uint32_t i = 0; i < network->hidden_count; i++) network->hidden[i] = message->hidden[i];
    if (network->hidden_count > 0) network->activation = network_activation_find(message->activation);
    return network_check(context, network, FATE_E_FORMAT);
}

static int32_t read_columns(struct horizontal_model *model, const Fate__HorizontalModel *message)
{
    for (uint32_t i = 0; i < model->network.inputs; i++) {
        const Fate__HorizontalColumn *from = message->columns[i];
        if (from->name.len == 0 || memchr(from->name.data, 0, from->name.len) != NULL || !isfinite(from->mean) || !isfinite(from->factor))
            return damaged(model->context, "a column's name or numbers cannot be");
        char *name = memory_allocate(model->context, (uint64_t)from->name.len + 1, 1);
        if (name == NULL) return context_out_of_memory(model->context);
        memcpy(name, from->name.data, from->name.len);
        name[from->name.len] = 0;
        model->names[i] = name;
        model->columns[i] = (struct examples_column){name, from->mean, from->factor};
    }
    return FATE_OK;
}

static int32_t read_parameters(struct horizontal_model *model, const Fate__HorizontalModel *message)
{
    struct reader reader;
    bool finite = true;
    reader_init(&reader, message->parameters.data, message->parameters.len);
    for (uint64_t i = 0; i < model->count; i++) {
        model->parameters[i] = reader_float(&reader);
        finite = finite && isfinite(model->parameters[i]);
    }
    return finite ? FATE_OK : damaged(model->context, "a parameter is not finite");
}

static int32_t read_message(struct horizontal_model *model, fate_context *context, const Fate__HorizontalModel *message)
{
    struct network network;
    int32_t result = read_network(context, &network, message);
    if (result != FATE_OK) return result;
    /* The length is compared before memory of that size is taken. */
    uint64_t length = message->parameters.len, count = length / sizeof(float);
    if (count == 0 || length % sizeof(float) != 0 || (network.loss != 0 && count != network_parameters(&network)))
        return damaged(context, "its parameters are not as many as its shape has");
    result = horizontal_model_init(model, context, network.loss != 0 ? &network : NULL, count);
    if (result != FATE_OK) return result;
    result = read_columns(model, message);
    if (result == FATE_OK) result = read_parameters(model, message);
    if (result != FATE_OK) horizontal_model_free(model);
    return result;
}

int32_t horizontal_model_read(struct horizontal_model *model, fate_context *context, const uint8_t *body, uint64_t length)
{
    struct protobuf_memory memory;
    *model = (struct horizontal_model){.context = context};
    protobuf_memory_init(&memory, context);
    Fate__HorizontalModel *message = fate__horizontal_model__unpack(&memory.allocator, (size_t)length, body);
    if (message == NULL) return memory.failed ? context_out_of_memory(context) : damaged(context, "its bytes are no such message");
    int32_t result = read_message(model, context, message);
    fate__horizontal_model__free_unpacked(message, &memory.allocator);
    return result;
}

/* ---- using ---- */

int32_t horizontal_model_score(const struct horizontal_model *model, const fate_table *table, double *scores)
{
    const struct network *network = &model->network;
    struct examples examples;
    struct propagation propagation;
    if (network->loss == 0)
        return context_fail(model->context, FATE_E_MODEL, "the model is an application's own weights, which it alone can use");
    int32_t result = examples_make(model->context, &examples, table, model->columns, network->inputs, network, false);
    if (result != FATE_OK) return result;
    result = propagation_init(&propagation, model->context, network, SCORED_ROWS);
    for (uint64_t begin = 0; begin < examples.rows && result == FATE_OK; begin += SCORED_ROWS) {
        uint32_t rows = (uint32_t)(examples.rows - begin < SCORED_ROWS ? examples.rows - begin : SCORED_ROWS);
        propagation_forward(&propagation, model->parameters, examples.inputs + begin * examples.columns, rows, NULL, 0);
        for (uint64_t i = 0; i < rows; i++)
            loss_scores(network, propagation.margins + i * network->outputs, scores + (begin + i) * network->outputs);
    }
    if (result == FATE_OK) propagation_free(&propagation);
    examples_free(&examples);
    return result;
}

static bool same_shape(const struct network *a, const struct network *b)
{
    return a->inputs == b->inputs && a->outputs == b->outputs && a->loss == b->loss && a->hidden_count == b->hidden_count &&
           memcmp(a->hidden, b->hidden, a->hidden_count * sizeof *a->hidden) == 0 &&
           (a->hidden_count == 0 || (a->activation == b->activation && a->layer_norm == b->layer_norm));
}

/* With f (x - m) = f/F (F (x - M)) + f (M - m): an input's weights are multiplied by f/F, and f (M - m) times them goes to the biases. */
int32_t horizontal_model_continue(const struct horizontal_model *model, const struct network *network,
                                  const struct examples_column *columns, float *parameters)
{
    struct network_layer layer = network_layer(network, 0);
    if (!same_shape(&model->network, network))
        return context_fail(model->context, FATE_E_MODEL,
                            "the earlier model has another shape or objective than the job: its layers cannot go on");
    memcpy(parameters, model->parameters, (size_t)network_parameters(network) * sizeof *parameters);
    for (uint64_t i = 0; i < network->inputs; i++) {
        const struct examples_column *from = &model->columns[i], *to = &columns[i];
        char name[QUOTE_TEXT];
        if (strcmp(from->name, to->name) != 0)
            return context_fail(model->context, FATE_E_MODEL,
                                "the earlier model was trained on other columns: it has %s where the tables have another",
                                quote_text(name, from->name));
        double ratio = to->factor != 0 ? from->factor / to->factor : 1.0, shift = from->factor * (to->mean - from->mean);
        for (uint64_t j = 0; j < layer.outputs; j++) {
            float *weight = &parameters[layer.weights + i * layer.outputs + j], *bias = &parameters[layer.biases + j];
            *bias = (float)((double)*bias + shift * (double)*weight);
            *weight = (float)(ratio * (double)*weight);
        }
    }
    return FATE_OK;
}
