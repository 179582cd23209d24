/* Scores: columns of numbers, one for each row of a table, and their CSV file. */
#include "src/models/scores.h"

#include <string.h>
#include "lib/bytes.h"
#include "lib/file.h"
#include "lib/number.h"
#include "src/data/csv_field.h"

struct scores_column {
    char *name;
    double *values;
};

struct fate_scores {
    fate_context *context;
    char *id;
    uint64_t rows;
    struct scores_column *columns;
    uint32_t column_count;
};

int32_t scores_new(fate_context *context, fate_scores **scores, const char *id, uint64_t rows)
{
    *scores = NULL;
    fate_scores *made = memory_zeroed(context, 1, sizeof *made);
    char *name = memory_text(context, id);
    if (made == NULL || name == NULL) {
        memory_free(context, made);
        memory_free(context, name);
        return context_out_of_memory(context);
    }
    made->context = context_hold(context);
    made->id = name;
    made->rows = rows;
    *scores = made;
    return FATE_OK;
}

int32_t scores_add(fate_scores *scores, const char *name, const double *values)
{
    fate_context *context = scores->context;
    struct scores_column *columns = memory_resize(context, scores->columns, (uint64_t)scores->column_count + 1, sizeof *columns);
    if (columns == NULL) {
        return context_out_of_memory(context);
    }
    scores->columns = columns;
    struct scores_column column = {.name = memory_text(context, name), .values = memory_allocate(context, scores->rows, sizeof *values)};
    if (column.name == NULL || column.values == NULL) {
        memory_free(context, column.name);
        memory_free(context, column.values);
        return context_out_of_memory(context);
    }
    if (scores->rows > 0) {
        memcpy(column.values, values, scores->rows * sizeof *values);
    }
    columns[scores->column_count++] = column;
    return FATE_OK;
}

void fate_scores_free(fate_scores *scores)
{
    if (scores == NULL) {
        return;
    }
    fate_context *context = scores->context;
    for (uint32_t i = 0; i < scores->column_count; i++) {
        memory_free(context, scores->columns[i].name);
        memory_free(context, scores->columns[i].values);
    }
    memory_free(context, scores->columns);
    memory_free(context, scores->id);
    memory_free(context, scores);
    fate_context_free(context);
}

fate_context *scores_context(const fate_scores *scores)
{
    return scores->context;
}

const char *scores_id(const fate_scores *scores)
{
    return scores->id;
}

uint64_t fate_scores_rows(const fate_scores *scores)
{
    return scores == NULL ? 0 : scores->rows;
}

uint32_t fate_scores_columns(const fate_scores *scores)
{
    return scores == NULL ? 0 : scores->column_count;
}

const char *fate_scores_column_name(const fate_scores *scores, uint32_t column)
{
    return scores == NULL || column >= scores->column_count ? NULL : scores->columns[column].name;
}

const double *fate_scores_values(const fate_scores *scores, uint32_t column)
{
    return scores == NULL || column >= scores->column_count ? NULL : scores->columns[column].values;
}

static void write_rows(const fate_scores *scores, const fate_table *table, struct buffer *csv)
{
    csv_field_write(csv, (const uint8_t *)scores->id, strlen(scores->id));
    for (uint32_t i = 0; i < scores->column_count; i++) {
        buffer_u8(csv, ',');
        csv_field_write(csv, (const uint8_t *)scores->columns[i].name, strlen(scores->columns[i].name));
    }
    buffer_u8(csv, '\n');
    for (uint64_t row = 0; row < scores->rows; row++) {
        uint64_t length = 0;
        const uint8_t *id = fate_table_row_id(table, row, &length);
        csv_field_write(csv, id, length);
        for (uint32_t i = 0; i < scores->column_count; i++) {
            char text[NUMBER_TEXT];
            number_write(text, scores->columns[i].values[row]);
            buffer_u8(csv, ',');
            buffer_text(csv, text);
        }
        buffer_u8(csv, '\n');
    }
}

int32_t fate_scores_write_csv(const fate_scores *scores, const fate_table *table, const char *path)
{
    if (scores == NULL) {
        return FATE_E_ARGUMENT;
    }
    if (table == NULL || path == NULL || fate_table_rows(table) != scores->rows) {
        return context_fail(scores->context, FATE_E_ARGUMENT,
                            "fate_scores_write_csv: path or table is NULL, or the table is not the one that was scored");
    }
    struct buffer csv;
    buffer_init(&csv, scores->context);
    write_rows(scores, table, &csv);
    int32_t result = csv.failed ? context_out_of_memory(scores->context) : file_replace(scores->context, path, csv.bytes, csv.length);
    buffer_free(&csv);
    return result;
}
