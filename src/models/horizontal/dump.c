/* Models of horizontal training for readers and programs. */
#include "src/models/horizontal/dump.h"

#include <string.h>

#include "src/models/text.h"

static void list(struct buffer *text, const float *values, uint64_t count)
{
    buffer_text(text, "[");
    for (uint64_t i = 0; i < count; i++) {
        buffer_text(text, i > 0 ? ", " : "");
        text_number(text, (double)values[i]);
    }
    buffer_text(text, "]");
}

/* An output's weight of a column as it stands in tables. */
static double raw_weight(const struct horizontal_model *model, uint32_t column, uint32_t output)
{
    return (double)model->parameters[(uint64_t)column * model->network.outputs + output] * model->columns[column].factor;
}

static double raw_bias(const struct horizontal_model *model, uint32_t output)
{
    struct network_layer layer = network_layer(&model->network, 0);
    double bias = (double)model->parameters[layer.biases + output];
    for (uint32_t i = 0; i < model->network.inputs; i++) bias -= raw_weight(model, i, output) * model->columns[i].mean;
    return bias;
}

/* ---- text ---- */

static void text_linear(const struct horizontal_model *model, struct buffer *text)
{
    uint32_t outputs = model->network.outputs;
    for (uint32_t output = 0; output < outputs; output++) {
        buffer_text(text, "\n");
        if (outputs > 1) buffer_format(text, "class %u\n", (unsigned)output);
        buffer_text(text, "  bias: ");
        text_number(text, raw_bias(model, output));
        buffer_text(text, "\n");
        for (uint32_t i = 0; i < model->network.inputs; i++) {
            buffer_text(text, "  ");
            text_name(text, model->names[i]);
            buffer_text(text, ": ");
            text_number(text, raw_weight(model, i, output));
            buffer_text(text, "\n");
        }
    }
}

static void text_network(const struct horizontal_model *model, struct buffer *text)
{
    const struct network *network = &model->network;
    buffer_format(text, "\nactivation %s%s\n", network_activation_name(network->activation), network->layer_norm ? ", layer norm" : "");
    for (uint32_t i = 0; i <= network->hidden_count; i++) {
        struct network_layer layer = network_layer(network, i);
        buffer_format(text, "layer %u: %u inputs, %u outputs, %llu parameters\n", (unsigned)i + 1, (unsigned)layer.inputs,
                      (unsigned)layer.outputs, (unsigned long long)(layer.end - layer.weights));
    }
    buffer_text(text, "\ncolumns: mean, factor\n");
    for (uint32_t i = 0; i < network->inputs; i++) {
        buffer_text(text, "  ");
        text_name(text, model->names[i]);
        buffer_text(text, ": ");
        text_number(text, model->columns[i].mean);
        buffer_text(text, ", ");
        text_number(text, model->columns[i].factor);
        buffer_text(text, "\n");
    }
}

static void write_text(const struct horizontal_model *model, struct buffer *text)
{
    const struct network *network = &model->network;
    bool linear = network->hidden_count == 0;
    if (network->loss == 0) {
        buffer_format(text, "an application's own model, %llu parameters\n", (unsigned long long)model->count);
        return;
    }
    buffer_format(text, "%s, objective %s", linear ? "horizontal-linear" : "horizontal-neural", network_loss_name(network->loss));
    if (network->outputs > 1) buffer_format(text, ", %u classes", (unsigned)network->outputs);
    buffer_format(text, ", %u columns, %llu parameters\n", (unsigned)network->inputs, (unsigned long long)model->count);
    if (linear)
        text_linear(model, text);
    else
        text_network(model, text);
}

/* ---- JSON ---- */

static void json_layer(const struct horizontal_model *model, uint32_t number, struct buffer *text)
{
    struct network_layer layer = network_layer(&model->network, number);
    buffer_text(text, "{\"weights\": [");
    for (uint32_t i = 0; i < layer.inputs; i++) {
        buffer_text(text, i > 0 ? ",\n    " : "");
        list(text, model->parameters + layer.weights + (uint64_t)i * layer.outputs, layer.outputs);
    }
    buffer_text(text, "],\n   \"biases\": ");
    list(text, model->parameters + layer.biases, layer.outputs);
    if (layer.norm) {
        buffer_text(text, ",\n   \"gains\": ");
        list(text, model->parameters + layer.gains, layer.outputs);
        buffer_text(text, ",\n   \"shifts\": ");
        list(text, model->parameters + layer.shifts, layer.outputs);
    }
    buffer_text(text, "}");
}

static void write_json(const struct horizontal_model *model, struct buffer *text)
{
    const struct network *network = &model->network;
    if (network->loss == 0) {
        buffer_text(text, "{\"parameters\": ");
        list(text, model->parameters, model->count);
        buffer_text(text, "}\n");
        return;
    }
    buffer_format(text, "{\"algorithm\": \"%s\", \"objective\": \"%s\", ",
                  network->hidden_count == 0 ? "horizontal-linear" : "horizontal-neural", network_loss_name(network->loss));
    if (network->outputs > 1) buffer_format(text, "\"classes\": %u, ", (unsigned)network->outputs);
    if (network->hidden_count > 0)
        buffer_format(text, "\"activation\": \"%s\", \"layer_norm\": %s, ", network_activation_name(network->activation),
                      network->layer_norm ? "true" : "false");
    buffer_text(text, "\n \"columns\": [");
    for (uint32_t i = 0; i < network->inputs; i++) {
        buffer_text(text, i > 0 ? ",\n  {\"column\": " : "{\"column\": ");
        text_quoted(text, model->names[i]);
        buffer_text(text, ", \"mean\": ");
        text_number(text, model->columns[i].mean);
        buffer_text(text, ", \"factor\": ");
        text_number(text, model->columns[i].factor);
        buffer_text(text, "}");
    }
    buffer_text(text, "],\n \"layers\": [");
    for (uint32_t i = 0; i <= network->hidden_count; i++) {
        buffer_text(text, i > 0 ? ",\n  " : "");
        json_layer(model, i, text);
    }
    buffer_text(text, "]}\n");
}

int32_t horizontal_dump(const struct horizontal_model *model, const char *format, struct buffer *text)
{
    if (strcmp(format, "json") == 0)
        write_json(model, text);
    else if (strcmp(format, "text") == 0)
        write_text(model, text);
    else
        return context_fail(model->context, FATE_E_UNSUPPORTED, "there is no dump in the format %s: choose text or json", format);
    return text->failed ? context_out_of_memory(model->context) : FATE_OK;
}

int32_t horizontal_dump_models(fate_context *context, const fate_model *const *models, uint32_t count, const char *format, char **text)
{
    const uint8_t *bytes = NULL;
    uint64_t length = 0;
    struct horizontal_model model;
    struct buffer buffer;
    *text = NULL;
    if (count == 0) return context_fail(context, FATE_E_ARGUMENT, "there is no model to dump");
    int32_t result = fate_model_body(models[0], &bytes, &length);
    if (result == FATE_OK) result = horizontal_model_read(&model, context, bytes, length);
    if (result != FATE_OK) return result;
    buffer_init(&buffer, context);
    result = horizontal_dump(&model, format, &buffer);
    if (result == FATE_OK) {
        *text = (char *)buffer_take(&buffer, &length);
        if (*text == NULL) result = context_out_of_memory(context);
    }
    buffer_free(&buffer);
    horizontal_model_free(&model);
    return result;
}
