/* The tables of a pooled run: checks, bins, margins. */
#include "src/models/boosting/pooled_data.h"

#include <string.h>
#include "src/models/boosting/columns.h"

int32_t pooled_data_check_rows(fate_context *context, const struct pooled_party *parties, uint32_t party_count, bool validation)
{
    static const uint8_t key[32] = {0};
    uint8_t first[32];
    uint8_t digest[32];
    for (uint32_t i = 0; i < party_count; i++) {
        const fate_table *table = validation ? parties[i].validation : parties[i].table;
        int32_t result = fate_table_id_digest(table, i == 0 ? first : digest, key);
        if (result != FATE_OK) {
            return result;
        }
        if (i > 0 && memcmp(first, digest, sizeof first) != 0) {
            return context_fail(context, FATE_E_ROWS_DIFFER,
                                "the %s of %s and %s do not hold the same ids (%llu and %llu rows): give all parties the same rows",
                                validation ? "validation tables" : "tables", parties[0].name, parties[i].name,
                                (unsigned long long)fate_table_rows(validation ? parties[0].validation : parties[0].table),
                                (unsigned long long)fate_table_rows(table));
        }
    }
    return FATE_OK;
}

static int32_t check_parties(struct pooled_data *data)
{
    uint32_t guests = 0;
    uint32_t validations = 0;
    for (uint32_t i = 0; i < data->party_count; i++) {
        guests += data->parties[i].guest;
        validations += data->parties[i].validation != NULL;
        data->guest = data->parties[i].guest ? i : data->guest;
        if (data->parties[i].table == NULL) {
            return context_fail(data->context, FATE_E_ARGUMENT, "party %s has no table", data->parties[i].name);
        }
    }
    if (guests != 1 || (validations != 0 && validations != data->party_count)) {
        return context_fail(data->context, FATE_E_ARGUMENT,
                            "a pooled run needs one guest, and validation tables of all parties or of none");
    }
    data->has_validation = validations > 0;
    int32_t result = parameters_check_validation(data->context, data->parameters, data->has_validation);
    const struct pooled_party *guest = &data->parties[data->guest];
    if (result == FATE_OK) {
        result = pooled_data_check_rows(data->context, data->parties, data->party_count, false);
    }
    if (result == FATE_OK) {
        result = objective_check(data->context, data->parameters, guest->table, guest->schema, "table");
    }
    if (result == FATE_OK && data->has_validation) {
        result = pooled_data_check_rows(data->context, data->parties, data->party_count, true);
        if (result == FATE_OK) {
            result = objective_check(data->context, data->parameters, guest->validation, guest->schema, "validation table");
        }
    }
    return result;
}

/* Bins the validation table's column of the same name. */
static int32_t bin_validation(const struct pooled_data *data, struct pooled_column *column)
{
    const struct pooled_party *party = &data->parties[column->party];
    const char *name = fate_table_column_name(party->table, column->number);
    uint32_t count = fate_table_columns(party->validation);
    uint32_t number = 0;
    while (number < count && strcmp(fate_table_column_name(party->validation, number), name) != 0) {
        number++;
    }
    if (number == count) {
        return context_fail(data->context, FATE_E_TABLE, "the validation table of %s has no column %s", party->name, name);
    }
    column->validation = memory_allocate(data->context, data->validation.count, sizeof *column->validation);
    if (column->validation == NULL) {
        return context_out_of_memory(data->context);
    }
    return binning_assign(&column->bins, party->validation, number, column->validation);
}

static int32_t make_column(struct pooled_data *data, struct pooled_column *column)
{
    const struct pooled_party *party = &data->parties[column->party];
    int32_t result =
        binning_make(data->context, &column->bins, party->table, column->number, data->parameters->bins, data->parameters->min_bin_rows);
    if (result != FATE_OK) {
        return result;
    }
    result = columns_shape(data->context, &column->shape, &column->bins, data->parameters, party->table, column->number);
    if (result != FATE_OK) {
        return result;
    }
    data->directed = data->directed || column->shape.direction != 0;
    column->offset = data->total_bins;
    data->total_bins += column->bins.bins;
    data->most_bins = column->bins.bins > data->most_bins ? column->bins.bins : data->most_bins;
    column->rows = memory_allocate(data->context, data->training.count, sizeof *column->rows);
    if (column->rows == NULL) {
        return context_out_of_memory(data->context);
    }
    result = binning_assign(&column->bins, party->table, column->number, column->rows);
    return result == FATE_OK && data->has_validation ? bin_validation(data, column) : result;
}

static int32_t make_columns(struct pooled_data *data)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < data->party_count; i++) {
        count += fate_table_columns(data->parties[i].table);
    }
    data->columns = memory_zeroed(data->context, count, sizeof *data->columns);
    if (data->columns == NULL) {
        return context_out_of_memory(data->context);
    }
    for (uint32_t party = 0; party < data->party_count; party++) {
        uint32_t columns = fate_table_columns(data->parties[party].table);
        for (uint32_t number = 0; number < columns; number++) {
            struct pooled_column *column = &data->columns[data->column_count++];
            column->party = party;
            column->number = number;
            int32_t result = make_column(data, column);
            if (result != FATE_OK) {
                return result;
            }
        }
    }
    return FATE_OK;
}

static int32_t make_rows(struct pooled_data *data, struct pooled_rows *rows, const fate_table *table)
{
    rows->count = fate_table_rows(table);
    rows->labels = fate_table_label(table);
    rows->weights = fate_table_weight(table);
    int32_t result = margins_init(&rows->margins, data->context, data->parameters, rows->count);
    rows->goes_left = memory_allocate(data->context, rows->count, 1);
    if (result != FATE_OK || rows->goes_left == NULL) {
        return context_out_of_memory(data->context);
    }
    return tree_rows_init(&rows->nodes, data->context, rows->count);
}

int32_t pooled_data_make(struct pooled_data *data)
{
    int32_t result = check_parties(data);
    if (result != FATE_OK) {
        return result;
    }
    const struct pooled_party *guest = &data->parties[data->guest];
    result = make_rows(data, &data->training, guest->table);
    if (result == FATE_OK && data->has_validation) {
        result = make_rows(data, &data->validation, guest->validation);
    }
    return result == FATE_OK ? make_columns(data) : result;
}

static void free_rows(struct pooled_data *data, struct pooled_rows *rows)
{
    margins_free(&rows->margins);
    memory_free(data->context, rows->goes_left);
    tree_rows_free(&rows->nodes);
}

void pooled_data_free(struct pooled_data *data)
{
    for (uint32_t i = 0; i < data->column_count; i++) {
        binning_free(&data->columns[i].bins);
        memory_free(data->context, data->columns[i].rows);
        memory_free(data->context, data->columns[i].validation);
    }
    memory_free(data->context, data->columns);
    free_rows(data, &data->training);
    free_rows(data, &data->validation);
}
