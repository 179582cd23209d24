/* Fixed-point contributions; see contribution.h. */
#include "src/models/aggregation/contribution.h"

#include <math.h>
#include <sodium.h>
#include <string.h>

#include "lib/context.h"
#include "lib/number.h"
#include "src/models/aggregation/ring.h"

/* UINT32_MAX: none. */
static uint32_t weight_column(const struct aggregation_parameters *parameters, const fate_table *table)
{
    for (uint32_t column = 0; parameters->mean && column < fate_table_columns(table); column++)
        if (strcmp(fate_table_column_name(table, column), parameters->weight) == 0) return column;
    return UINT32_MAX;
}

uint32_t contribution_columns(const struct aggregation_parameters *parameters, const fate_table *table)
{
    return fate_table_columns(table) - (weight_column(parameters, table) != UINT32_MAX ? 1 : 0);
}

uint32_t contribution_column(const struct aggregation_parameters *parameters, const fate_table *table, uint32_t place)
{
    return place + (place >= weight_column(parameters, table) ? 1 : 0);
}

uint64_t contribution_count(const struct aggregation_parameters *parameters, const fate_table *table)
{
    return fate_table_rows(table) * ((uint64_t)contribution_columns(parameters, table) + (parameters->mean ? 1 : 0));
}

static void add_text(crypto_generichash_state *state, const uint8_t *text, uint64_t length)
{
    uint8_t size[8];
    bytes_store_u64(size, length);
    crypto_generichash_update(state, size, sizeof size);
    crypto_generichash_update(state, text, length);
}

void contribution_layout(uint8_t *digest, const fate_table *table)
{
    crypto_generichash_state state;
    uint64_t rows = fate_table_rows(table), length = 0;
    crypto_generichash_init(&state, NULL, 0, LAYOUT_DIGEST);
    for (uint32_t column = 0; column < fate_table_columns(table); column++) {
        const char *name = fate_table_column_name(table, column);
        add_text(&state, (const uint8_t *)name, strlen(name));
    }
    add_text(&state, NULL, 0);
    for (uint64_t row = 0; row < rows; row++) {
        const uint8_t *id = fate_table_row_id(table, row, &length);
        add_text(&state, id, length);
    }
    crypto_generichash_final(&state, digest, LAYOUT_DIGEST);
}

static int32_t out_of_bounds(fate_context *context, const fate_table *table, const char *column, uint64_t row, double value, double bound)
{
    uint64_t length;
    const uint8_t *id = fate_table_row_id(table, row, &length);
    int shown = length < 80 ? (int)length : 80;
    char limit[NUMBER_TEXT];
    number_write(limit, bound);
    if (isnan(value))
        return context_fail(context, FATE_E_TABLE,
                            "row \"%.*s\", column \"%s\": the value is missing; sums take every value of every client", shown,
                            (const char *)id, column);
    return context_fail(context, FATE_E_TABLE, "row \"%.*s\", column \"%s\": the value is beyond the job's bound of %s", shown,
                        (const char *)id, column, limit);
}

static int32_t check_columns(fate_context *context, const struct aggregation_parameters *parameters, const fate_table *table)
{
    if (parameters->mean && parameters->weight[0] != 0 && weight_column(parameters, table) == UINT32_MAX)
        return context_fail(context, FATE_E_TABLE, "the table has no column \"%s\", which the job names for weights", parameters->weight);
    if (contribution_columns(parameters, table) == 0 || fate_table_rows(table) == 0)
        return context_fail(context, FATE_E_TABLE, "the table has no numbers to add up");
    for (uint32_t column = 0; column < fate_table_columns(table); column++)
        if (fate_table_numbers(table, column) == NULL)
            return context_fail(context, FATE_E_TABLE, "column \"%s\" has no numbers: only numbers can be added up",
                                fate_table_column_name(table, column));
    return FATE_OK;
}

static int32_t put_column(fate_context *context, uint8_t *values, const struct aggregation_parameters *parameters, const fate_table *table,
                          uint32_t column, const double *weights)
{
    const double *numbers = fate_table_numbers(table, column);
    for (uint64_t row = 0; row < fate_table_rows(table); row++) {
        if (!(fabs(numbers[row]) <= parameters->bound))
            return out_of_bounds(context, table, fate_table_column_name(table, column), row, numbers[row], parameters->bound);
        double weighted = weights == NULL ? numbers[row] : numbers[row] * weights[row];
        ring_put(values, row, ring_round(weighted, (int32_t)parameters->fraction), parameters->width);
    }
    return FATE_OK;
}

/* weights: NULL where all are 1. */
static int32_t put_weights(fate_context *context, uint8_t *values, const struct aggregation_parameters *parameters, const fate_table *table,
                           const double *weights)
{
    for (uint64_t row = 0; row < fate_table_rows(table); row++) {
        double weight = weights == NULL ? 1.0 : weights[row];
        if (!(weight >= 0.0 && weight <= parameters->weight_bound))
            return out_of_bounds(context, table, parameters->weight, row, weight, parameters->weight_bound);
        ring_put(values, row, ring_round(weight, (int32_t)parameters->weight_fraction), parameters->width);
    }
    return FATE_OK;
}

int32_t contribution_make(fate_context *context, uint8_t *values, const struct aggregation_parameters *parameters, const fate_table *table)
{
    int32_t result = check_columns(context, parameters, table);
    if (result != FATE_OK) return result;
    uint64_t bytes = fate_table_rows(table) * parameters->width;
    uint32_t columns = contribution_columns(parameters, table), weight = weight_column(parameters, table);
    const double *weights = weight == UINT32_MAX ? NULL : fate_table_numbers(table, weight);
    if (parameters->mean) result = put_weights(context, values + columns * bytes, parameters, table, weights);
    for (uint32_t place = 0; place < columns && result == FATE_OK; place++)
        result = put_column(context, values + place * bytes, parameters, table, contribution_column(parameters, table, place), weights);
    return result;
}

void contribution_read(double *out, uint64_t numbers, uint64_t rows, const uint8_t *sums, const struct aggregation_parameters *parameters)
{
    for (uint64_t i = 0; i < numbers; i++) {
        out[i] = ring_number(ring_get(sums, i, parameters->width), (int32_t)parameters->fraction);
        if (!parameters->mean) continue;
        int64_t weight = ring_get(sums, numbers + i % rows, parameters->width);
        out[i] = weight > 0 ? out[i] / ring_number(weight, (int32_t)parameters->weight_fraction) : (double)NAN;
    }
}
