/* A party's own columns, binned. */
#include "src/models/boosting/columns.h"

#include <string.h>
#include "src/models/boosting/objective.h"
#include "src/models/boosting/renewal.h"
#include "src/models/boosting/sampling.h"

static int32_t find_places(struct columns *columns)
{
    for (uint32_t i = 0; i < columns->count; i++) {
        const char *name = fate_table_column_name(columns->table, i);
        uint32_t place = 0;
        while (place < fate_table_columns(columns->validation) && strcmp(fate_table_column_name(columns->validation, place), name) != 0) {
            place++;
        }
        if (place == fate_table_columns(columns->validation)) {
            return context_fail(columns->context, FATE_E_TABLE,
                                "the validation table has no column \"%.200s\", which the training table has", name);
        }
        if (fate_table_column_kind(columns->validation, place) != fate_table_column_kind(columns->table, i)) {
            return context_fail(columns->context, FATE_E_TABLE,
                                "column \"%.200s\" is numeric in one of the training and validation tables and categorical in the other",
                                name);
        }
        columns->place[i] = place;
    }
    return FATE_OK;
}

int32_t columns_init(struct columns *columns, fate_context *context, const fate_table *table, const fate_table *validation)
{
    memset(columns, 0, sizeof *columns);
    uint32_t count = fate_table_columns(table);
    columns->context = context;
    columns->table = table;
    columns->validation = validation;
    columns->bins = memory_zeroed(context, count, sizeof *columns->bins);
    columns->shapes = memory_zeroed(context, count, sizeof *columns->shapes);
    columns->data = memory_zeroed(context, count, sizeof *columns->data);
    columns->validation_data = memory_zeroed(context, count, sizeof *columns->validation_data);
    columns->place = memory_zeroed(context, count, sizeof *columns->place);
    if (columns->bins == NULL || columns->shapes == NULL || columns->data == NULL || columns->validation_data == NULL ||
        columns->place == NULL) {
        return context_out_of_memory(context);
    }
    columns->count = count;
    return validation == NULL ? FATE_OK : find_places(columns);
}

void columns_free(struct columns *columns)
{
    if (columns->context == NULL) {
        return;
    }
    for (uint32_t i = 0; i < columns->count; i++) {
        if (i < columns->ready) {
            binning_free(&columns->bins[i]);
        }
        memory_free(columns->context, columns->data[i]);
        memory_free(columns->context, columns->validation_data[i]);
    }
    memory_free(columns->context, columns->bins);
    memory_free(columns->context, columns->shapes);
    memory_free(columns->context, columns->data);
    memory_free(columns->context, columns->validation_data);
    memory_free(columns->context, columns->place);
    memset(columns, 0, sizeof *columns);
}

static int32_t assign(struct columns *columns, uint32_t column, const fate_table *table, uint32_t place, uint16_t **out)
{
    *out = memory_allocate(columns->context, fate_table_rows(table), sizeof **out);
    if (*out == NULL) {
        return context_out_of_memory(columns->context);
    }
    return binning_assign(&columns->bins[column], table, place, *out);
}

int32_t columns_shape(fate_context *context, struct column_shape *shape, const struct column_bins *bins,
                      const struct boosting_parameters *parameters, const fate_table *table, uint32_t column)
{
    *shape = (struct column_shape){
        .kind = bins->kind, .bins = bins->bins, .value_bins = bins->value_bins, .direction = fate_table_direction(table, column)};
    if (shape->direction != 0 && renewal_applies(parameters->objective)) {
        return context_fail(context, FATE_E_JOB,
                            "column \"%.200s\" has a direction, which the objective \"%s\" does not keep: its leaves are quantiles of "
                            "what rows still lack; take the direction away or choose another objective",
                            fate_table_column_name(table, column), objective_name(parameters->objective));
    }
    if (shape->direction != 0 && parameters->outputs > 1) {
        return context_fail(context, FATE_E_JOB,
                            "column \"%.200s\" has a direction, which means nothing where there are several classes: take it away",
                            fate_table_column_name(table, column));
    }
    return FATE_OK;
}

int32_t columns_bin(struct columns *columns, const struct boosting_parameters *parameters)
{
    uint32_t column = columns->ready;
    if (column == columns->count) {
        return FATE_OK;
    }
    int32_t result =
        binning_make(columns->context, &columns->bins[column], columns->table, column, parameters->bins, parameters->min_bin_rows);
    if (result != FATE_OK) {
        return result;
    }
    columns->ready++;
    const struct column_bins *bins = &columns->bins[column];
    result = columns_shape(columns->context, &columns->shapes[column], bins, parameters, columns->table, column);
    if (result == FATE_OK) {
        result = assign(columns, column, columns->table, column, &columns->data[column]);
    }
    if (result == FATE_OK && columns->validation != NULL) {
        result = assign(columns, column, columns->validation, columns->place[column], &columns->validation_data[column]);
    }
    if (result != FATE_OK) {
        return result;
    }
    return columns->ready < columns->count ? FATE_AGAIN : FATE_OK;
}

bool columns_by_level(const struct boosting_parameters *parameters)
{
    return parameters->colsample_bylevel < 1;
}

uint64_t columns_drawn(const struct boosting_parameters *parameters, uint32_t count)
{
    return sampling_count(parameters->colsample_bylevel, sampling_count(parameters->colsample_bytree, count));
}

int32_t columns_draw(fate_context *context, uint8_t *sampled, const struct boosting_parameters *parameters, uint32_t tree, uint32_t level,
                     uint32_t party, uint32_t count)
{
    int32_t result = sampling_columns(context, sampled, parameters->seed, tree, party, count, parameters->colsample_bytree);
    if (result != FATE_OK || !columns_by_level(parameters)) {
        return result;
    }
    return sampling_level(context, sampled, parameters->seed, tree, level, party, count, parameters->colsample_bylevel);
}
