/* Rows of a table as floats. */
#include "src/models/horizontal/examples.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/memory.h"
#include "lib/number.h"
#include "src/data/quote.h"
#include "src/models/horizontal/loss.h"

/* Values beyond it are mistakes rather than data; the square of a sum of them is still a float. */
static const double MOST = 1e15;

/* The number of the table's column of that name, or that of the columns. */
static uint32_t find_column(const fate_table *table, const char *name, uint32_t guess)
{
    uint32_t count = fate_table_columns(table);
    if (guess < count && strcmp(fate_table_column_name(table, guess), name) == 0) return guess;
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(fate_table_column_name(table, i), name) == 0) return i;
    return count;
}

/* The row as the table orders it means nothing to who wrote the file: its id does. */
static int32_t refuse_row(const struct examples *examples, const fate_table *table, uint64_t row, const char *what, const char *named,
                          const char *reason)
{
    char text[QUOTE_TEXT];
    uint64_t length;
    const uint8_t *id = fate_table_row_id(table, row, &length);
    return context_fail(examples->context, FATE_E_TABLE, "the row with the id %s: %s%s%s", quote_bytes(text, id, length), what, named,
                        reason);
}

static int32_t fill_column(struct examples *examples, const fate_table *table, const struct examples_column *column, uint32_t number)
{
    char name[QUOTE_TEXT];
    uint32_t place = find_column(table, column->name, number);
    quote_text(name, column->name);
    if (place == fate_table_columns(table)) return context_fail(examples->context, FATE_E_TABLE, "the table has no column %s", name);
    const double *values = fate_table_numbers(table, place);
    if (values == NULL)
        return context_fail(
            examples->context, FATE_E_TABLE,
            "column %s holds categories, and this algorithm takes numbers: give a column of 0 and 1 for each category, or leave it out",
            name);
    for (uint64_t row = 0; row < examples->rows; row++) {
        double value = isnan(values[row]) ? 0.0 : (values[row] - column->mean) * column->factor;
        if (!(fabs(value) <= MOST))
            return refuse_row(examples, table, row, "the number in column ", name, " is too large for training: scale the column");
        examples->inputs[row * examples->columns + number] = (float)value;
    }
    return FATE_OK;
}

static int32_t refuse_label(const struct examples *examples, const fate_table *table, uint64_t row, const struct network *network)
{
    char reason[96], number[NUMBER_TEXT];
    number_write(number, fate_table_label(table)[row]);
    snprintf(reason, sizeof reason, " does not fit the loss %s%s", network_loss_name(network->loss),
             network->loss == NETWORK_LOGISTIC  ? ", which takes 0 and 1"
             : network->loss == NETWORK_SOFTMAX ? ", which takes 0, 1, 2, ... below parameters.classes"
             : network->loss == NETWORK_POISSON ? ", which takes numbers from 0 on"
                                                : "");
    return refuse_row(examples, table, row, "the label ", number, reason);
}

static int32_t fill_labels(struct examples *examples, const fate_table *table, const struct network *network)
{
    const double *labels = fate_table_label(table), *weights = fate_table_weight(table);
    if (labels == NULL)
        return context_fail(examples->context, FATE_E_TABLE, "the table has no label: the job's \"label\" names its column");
    for (uint64_t row = 0; row < examples->rows; row++) {
        if (!loss_accepts(network, labels[row])) return refuse_label(examples, table, row, network);
        examples->labels[row] = (float)labels[row];
        if (weights != NULL) {
            if (!(weights[row] >= 0 && weights[row] <= MOST))
                return refuse_row(examples, table, row, "the weight is not a number from 0 to 1e15", "", "");
            examples->weights[row] = (float)weights[row];
        }
    }
    return FATE_OK;
}

int32_t examples_make(fate_context *context, struct examples *examples, const fate_table *table, const struct examples_column *columns,
                      uint32_t count, const struct network *network, bool labels)
{
    *examples = (struct examples){.context = context, .rows = fate_table_rows(table), .columns = count};
    int32_t result = FATE_OK;
    bool weighted = labels && fate_table_weight(table) != NULL;
    examples->inputs = memory_allocate(context, examples->rows, (uint64_t)count * sizeof(float));
    if (labels) examples->labels = memory_allocate(context, examples->rows, sizeof(float));
    if (weighted) examples->weights = memory_allocate(context, examples->rows, sizeof(float));
    if (examples->inputs == NULL || (labels && examples->labels == NULL) || (weighted && examples->weights == NULL))
        result = context_out_of_memory(context);
    for (uint32_t i = 0; i < count && result == FATE_OK; i++) result = fill_column(examples, table, &columns[i], i);
    if (labels && result == FATE_OK) result = fill_labels(examples, table, network);
    if (result != FATE_OK) examples_free(examples);
    return result;
}

void examples_free(struct examples *examples)
{
    memory_free(examples->context, examples->inputs);
    memory_free(examples->context, examples->labels);
    memory_free(examples->context, examples->weights);
    *examples = (struct examples){.context = examples->context};
}
