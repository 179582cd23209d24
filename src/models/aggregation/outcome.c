/* What comes of a secure sum or mean; see outcome.h. */
#include "src/models/aggregation/outcome.h"

#include <fate/model.h>

#include <math.h>
#include <string.h>

#include "lib/context.h"
#include "lib/number.h"
#include "proto/aggregation.pb-c.h"
#include "src/session/protobuf.h"

static int32_t name_rows(Fate__Aggregate *body, const struct aggregation_parameters *parameters, const fate_table *table,
                         fate_context *context)
{
    uint64_t rows = fate_table_rows(table);
    uint32_t columns = contribution_columns(parameters, table);
    body->columns = memory_zeroed(context, (uint64_t)columns + 1, sizeof *body->columns);
    body->ids = memory_zeroed(context, rows + 1, sizeof *body->ids);
    if (body->columns == NULL || body->ids == NULL) return context_out_of_memory(context);
    body->n_columns = columns;
    body->n_ids = rows;
    for (uint32_t i = 0; i < body->n_columns; i++)
        body->columns[i] = (char *)(uintptr_t)fate_table_column_name(table, contribution_column(parameters, table, i));
    for (uint64_t row = 0; row < rows; row++) {
        uint64_t length;
        body->ids[row].data = (uint8_t *)(uintptr_t)fate_table_row_id(table, row, &length);
        body->ids[row].len = length;
    }
    return FATE_OK;
}

static int32_t deliver_model(fate_turn *turn, const struct aggregation_parameters *parameters, const fate_table *table, uint32_t clients,
                             double *values, uint64_t count)
{
    fate_context *context = fate_turn_context(turn);
    Fate__Aggregate body = FATE__AGGREGATE__INIT;
    body.mean = parameters->mean;
    body.clients = clients;
    body.values = values;
    body.n_values = count;
    int32_t result = table == NULL ? FATE_OK : name_rows(&body, parameters, table, context);
    uint64_t length = result == FATE_OK ? protobuf_c_message_get_packed_size(&body.base) : 0;
    uint8_t *bytes = memory_allocate(context, length + 1, 1);
    if (result == FATE_OK && bytes == NULL) result = context_out_of_memory(context);
    if (result == FATE_OK) {
        protobuf_c_message_pack(&body.base, bytes);
        result = fate_turn_set_model(turn, bytes, length);
    }
    memory_free(context, bytes);
    memory_free(context, body.columns);
    memory_free(context, body.ids);
    return result;
}

int32_t outcome_deliver(fate_turn *turn, const struct aggregation_parameters *parameters, const fate_table *table, uint32_t clients,
                        const uint8_t *sums, uint64_t count)
{
    fate_context *context = fate_turn_context(turn);
    double there = clients;
    uint64_t rows = table == NULL ? count : fate_table_rows(table);
    uint64_t numbers = table == NULL ? count : rows * contribution_columns(parameters, table);
    struct aggregation_parameters plain = *parameters;
    if (table == NULL) plain.mean = false; /* where the weights begin is not known here: what is delivered are sums */
    double *values = memory_allocate(context, numbers + 1, sizeof *values);
    if (values == NULL) return context_out_of_memory(context);
    contribution_read(values, numbers, rows, sums, &plain);
    int32_t result = fate_turn_set_result(turn, "clients", &there, 1);
    if (table == NULL && result == FATE_OK) result = fate_turn_set_result(turn, "values", values, numbers);
    for (uint32_t place = 0; table != NULL && place < contribution_columns(parameters, table) && result == FATE_OK; place++)
        result = fate_turn_set_result(turn, fate_table_column_name(table, contribution_column(parameters, table, place)),
                                      values + place * rows, rows);
    if (result == FATE_OK) result = deliver_model(turn, &plain, table, clients, values, numbers);
    memory_free(context, values);
    return result;
}

/* ---- as text ---- */

static void write_number(struct buffer *out, double value)
{
    char text[NUMBER_TEXT];
    if (isnan(value)) {
        buffer_text(out, "null");
        return;
    }
    number_write(text, value);
    buffer_text(out, text);
}

static void write_json_text(struct buffer *out, const uint8_t *text, uint64_t length)
{
    buffer_u8(out, '"');
    for (uint64_t i = 0; i < length; i++) {
        if (text[i] == '"' || text[i] == '\\' || text[i] < ' ')
            buffer_format(out, "\\u%04x", (unsigned)text[i]);
        else
            buffer_u8(out, text[i]);
    }
    buffer_u8(out, '"');
}

static const char *kind_of(const Fate__Aggregate *body)
{
    return body->statistics ? "statistics" : body->mean ? "mean" : "sum";
}

static void write_json(const Fate__Aggregate *body, struct buffer *out)
{
    buffer_format(out, "{\"kind\": \"%s\", \"clients\": %u, \"ids\": [", kind_of(body), (unsigned)body->clients);
    for (size_t i = 0; i < body->n_ids; i++) {
        if (i > 0) buffer_text(out, ", ");
        write_json_text(out, body->ids[i].data, body->ids[i].len);
    }
    buffer_text(out, "], \"columns\": {");
    uint64_t rows = body->n_columns == 0 ? body->n_values : body->n_ids;
    for (size_t column = 0; column < (body->n_columns == 0 ? 1 : body->n_columns); column++) {
        const char *name = body->n_columns == 0 ? "values" : body->columns[column];
        if (column > 0) buffer_text(out, ", ");
        write_json_text(out, (const uint8_t *)name, strlen(name));
        buffer_text(out, ": [");
        for (uint64_t row = 0; row < rows; row++) {
            if (row > 0) buffer_text(out, ", ");
            write_number(out, body->values[column * rows + row]);
        }
        buffer_text(out, "]");
    }
    buffer_text(out, "}}\n");
}

static void write_text(const Fate__Aggregate *body, struct buffer *out)
{
    buffer_format(out, "%s over %u clients\n", kind_of(body), (unsigned)body->clients);
    uint64_t rows = body->n_columns == 0 ? body->n_values : body->n_ids;
    for (size_t column = 0; column < (body->n_columns == 0 ? 1 : body->n_columns); column++)
        for (uint64_t row = 0; row < rows; row++) {
            buffer_text(out, body->n_columns == 0 ? "values" : body->columns[column]);
            buffer_u8(out, ' ');
            if (body->n_ids > 0) buffer_append(out, body->ids[row].data, body->ids[row].len);
            buffer_u8(out, ' ');
            write_number(out, body->values[column * rows + row]);
            buffer_u8(out, '\n');
        }
}

static bool fits(const Fate__Aggregate *body)
{
    if (body->n_columns == 0) return body->n_ids == 0;
    return body->n_ids > 0 && body->n_values / body->n_columns == body->n_ids && body->n_values % body->n_columns == 0;
}

int32_t outcome_dump(fate_context *context, const fate_model *const *models, uint32_t count, const char *format, char **text)
{
    struct protobuf_memory memory;
    struct buffer out;
    const uint8_t *bytes;
    uint64_t length;
    *text = NULL;
    (void)count; /* all parties have the same */
    protobuf_memory_init(&memory, context);
    int32_t result = fate_model_body(models[0], &bytes, &length);
    if (result != FATE_OK) return result;
    Fate__Aggregate *body = fate__aggregate__unpack(&memory.allocator, length, bytes);
    if (body == NULL && memory.failed) return context_out_of_memory(context);
    if (body == NULL || !fits(body)) {
        if (body != NULL) fate__aggregate__free_unpacked(body, &memory.allocator);
        return context_fail(context, FATE_E_FORMAT, "the body of the model is damaged");
    }
    buffer_init(&out, context);
    if (strcmp(format, "json") == 0)
        write_json(body, &out);
    else
        write_text(body, &out);
    fate__aggregate__free_unpacked(body, &memory.allocator);
    *text = (char *)buffer_take(&out, &length);
    buffer_free(&out);
    return *text == NULL ? context_out_of_memory(context) : FATE_OK;
}
