/* Tables from record batches of the Arrow C data interface. */
#include "src/data/arrow_column.h"
#include "src/data/quote.h"
#include "src/data/rows.h"
#include "src/data/table.h"
#include <string.h>

static int32_t check_schema(fate_context *context, const struct ArrowSchema *schema)
{
    if (!schema->release) return context_fail(context, FATE_E_ARGUMENT, "the Arrow schema has been released");
    if (!schema->format || strcmp(schema->format, "+s") != 0)
        return context_fail(context, FATE_E_UNSUPPORTED, "the Arrow schema is not that of a record batch, which has the format \"+s\"");
    if (schema->n_children < 0 || (schema->n_children > 0 && !schema->children))
        return context_fail(context, FATE_E_FORMAT, "the Arrow schema has a negative number of children, or none where it says so");
    if (schema->n_children > TABLE_MOST_COLUMNS)
        return context_fail(context, FATE_E_LIMIT, "there are more than %d columns", (int)TABLE_MOST_COLUMNS);
    for (int64_t i = 0; i < schema->n_children; i++)
        if (!schema->children[i] || !schema->children[i]->release)
            return context_fail(context, FATE_E_FORMAT, "column %u of the Arrow schema is NULL or has been released", (uint32_t)i + 1);
    return FATE_OK;
}

/* What is wrong with a batch, its columns left aside; NULL when nothing is. */
static const char *defect_of(const struct ArrowArray *batch, const struct ArrowSchema *schema)
{
    if (batch->length < 0 || batch->offset < 0) return "has a negative length or offset";
    if (batch->n_children != schema->n_children) return "has another number of columns than its schema";
    if (batch->n_children > 0 && !batch->children) return "has no columns where it says so";
    if (batch->n_buffers != 1 || !batch->buffers) return "has another number of buffers than 1";
    if (batch->dictionary) return "has a dictionary";
    if (batch->null_count < -1 || batch->null_count > batch->length || (batch->null_count > 0 && !batch->buffers[0]))
        return "has a null count that is not possible";
    for (int64_t i = 0; i < batch->n_children; i++)
        if (!batch->children[i]) return "has a column that is NULL";
    return NULL;
}

/* Rows cannot be null as a whole. */
static bool has_null_rows(const struct ArrowArray *batch)
{
    const uint8_t *validity = batch->null_count == 0 ? NULL : batch->buffers[0];
    struct arrow_values rows = {ARROW_BOOL, (uint64_t)batch->offset, (uint64_t)batch->length, validity, NULL, NULL};
    for (uint64_t row = 0; validity && row < rows.count; row++)
        if (arrow_is_null(&rows, row)) return true;
    return false;
}

static int32_t check_batch(fate_context *context, const struct ArrowArray *batch, const struct ArrowSchema *schema, uint64_t number)
{
    if (!batch->release) return context_fail(context, FATE_E_ARGUMENT, "record batch %llu has been released", (unsigned long long)number);
    const char *defect = defect_of(batch, schema);
    if (defect)
        return context_fail(context, FATE_E_FORMAT,
                            "record batch %llu %s; this is against the Arrow C data interface: correct its producer",
                            (unsigned long long)number, defect);
    if ((uint64_t)batch->length > table_most_rows)
        return context_fail(context, FATE_E_LIMIT, "there are more than %llu rows", (unsigned long long)table_most_rows);
    if (has_null_rows(batch))
        return context_fail(context, FATE_E_TABLE, "record batch %llu has rows that are null as a whole; leave them out",
                            (unsigned long long)number);
    return FATE_OK;
}

/* The type of column i can be what its role asks for. */
static int32_t check_type(const struct rows *rows, uint32_t i, const struct ArrowSchema *schema)
{
    char name[QUOTE_TEXT], type[QUOTE_TEXT];
    int32_t role = rows->columns[i].role, kind = schema->format ? arrow_type(schema->format) : 0;
    bool is_number = !schema->dictionary && kind != 0 && !arrow_is_text(kind);
    bool is_name = schema->dictionary || arrow_is_text(kind) || arrow_is_integer(kind) || (role == ROWS_CATEGORY && kind == ARROW_BOOL);
    if (kind == 0 || kind == ARROW_NULL || (role == ROWS_ID || role == ROWS_CATEGORY ? is_name : is_number)) return FATE_OK;
    return context_fail(rows->context, FATE_E_UNSUPPORTED, "column %s is of the Arrow type %s; %s", quote_text(name, rows->columns[i].name),
                        quote_text(type, schema->format),
                        role == ROWS_ID         ? "ids are texts or integers: cast it"
                        : role == ROWS_CATEGORY ? "categories are texts, integers or bools: cast it"
                        : role == ROWS_NUMBER
                            ? "list it under \"categorical\" in the job, make it a dictionary of texts or cast it to numbers"
                            : "labels and weights are numbers: cast it");
}

/* Names and roles of all columns. */
static int32_t set_columns(struct rows *rows, const struct ArrowSchema *schema)
{
    uint64_t count = (uint64_t)schema->n_children;
    struct rows_field *names = memory_zeroed(rows->context, count, sizeof *names);
    if (!names) return context_out_of_memory(rows->context);
    for (uint64_t i = 0; i < count; i++)
        if (schema->children[i]->name)
            names[i] = (struct rows_field){(const uint8_t *)schema->children[i]->name, strlen(schema->children[i]->name)};
    int32_t result = rows_set_columns(rows, names, count);
    memory_free(rows->context, names);
    for (uint32_t i = 0; i < count && result == FATE_OK; i++) {
        struct rows_column *column = &rows->columns[i];
        if (column->role == ROWS_NUMBER && schema->children[i]->dictionary) {
            column->role = ROWS_CATEGORY;
            dictionary_init(&column->dictionary, rows->context);
        }
        result = check_type(rows, i, schema->children[i]);
    }
    return result;
}

static int32_t fail_cell(const struct rows *rows, uint32_t column, const char *reason)
{
    char name[QUOTE_TEXT];
    return context_fail(rows->context, FATE_E_FORMAT, "row %llu, column %s: %s; this is against the Arrow C data interface",
                        (unsigned long long)rows->count, quote_text(name, rows->columns[column].name), reason);
}

/* An id or a category. */
static int32_t add_text(struct rows *rows, uint32_t number, const struct arrow_column *column, uint64_t row)
{
    char digits[ARROW_INTEGER_TEXT];
    struct rows_field field = {(const uint8_t *)digits, 0};
    const struct arrow_values *values = &column->own;
    if (column->is_encoded) {
        if (!arrow_index(column, row, &row)) return fail_cell(rows, number, "the index lies outside the dictionary");
        values = &column->dictionary;
        if (arrow_is_null(values, row)) return rows_add_missing(rows, number);
    }
    if (!arrow_is_text(values->type))
        field.length = arrow_integer_text(values, row, digits);
    else if (!arrow_text(values, row, &field.text, &field.length))
        return fail_cell(rows, number, "the offsets of the text are negative or descend");
    return rows_add_text(rows, number, field);
}

static int32_t add_row(struct rows *rows, const struct arrow_column *columns, uint64_t row)
{
    int32_t result = rows_begin(rows, rows->count + 1);
    for (uint32_t i = 0; i < rows->column_count && result == FATE_OK; i++) {
        int32_t role = rows->columns[i].role;
        result = arrow_is_null(&columns[i].own, row)        ? rows_add_missing(rows, i)
                 : role == ROWS_ID || role == ROWS_CATEGORY ? add_text(rows, i, &columns[i], row)
                                                            : rows_add_number(rows, i, arrow_number(&columns[i].own, row));
    }
    return result;
}

static int32_t open_columns(const struct rows *rows, struct arrow_column *columns, const struct ArrowSchema *schema,
                            const struct ArrowArray *batch)
{
    int32_t result = FATE_OK;
    for (uint32_t i = 0; i < rows->column_count && result == FATE_OK; i++)
        result = arrow_column_open(rows->context, &columns[i], schema->children[i], batch->children[i], (uint64_t)batch->offset,
                                   (uint64_t)batch->length, rows->columns[i].name);
    return result;
}

static int32_t add_batch(struct rows *rows, struct arrow_column *columns, const struct ArrowSchema *schema, const struct ArrowArray *batch)
{
    int32_t result = open_columns(rows, columns, schema, batch);
    for (uint64_t row = 0; row < (uint64_t)batch->length && result == FATE_OK; row++) result = add_row(rows, columns, row);
    return result;
}

static int32_t add_batches(struct rows *rows, const struct ArrowSchema *schema, const struct ArrowArray *batches, uint64_t count)
{
    uint64_t total = 0;
    for (uint64_t i = 0; i < count; i++) {
        int32_t result = check_batch(rows->context, &batches[i], schema, i + 1);
        if (result != FATE_OK) return result;
        total += (uint64_t)batches[i].length;
        if (total > table_most_rows)
            return context_fail(rows->context, FATE_E_LIMIT, "there are more than %llu rows", (unsigned long long)table_most_rows);
    }
    int32_t result = set_columns(rows, schema);
    if (result != FATE_OK) return result;
    struct arrow_column *columns = memory_zeroed(rows->context, rows->column_count, sizeof *columns);
    if (!columns) return context_out_of_memory(rows->context);
    for (uint64_t i = 0; i < count && result == FATE_OK; i++) result = open_columns(rows, columns, schema, &batches[i]);
    if (result == FATE_OK && total > 0) result = rows_reserve(rows, total); /* not before it is known that columns have so many */
    for (uint64_t i = 0; i < count && result == FATE_OK; i++) result = add_batch(rows, columns, schema, &batches[i]);
    memory_free(rows->context, columns);
    return result;
}

FATE_API int32_t fate_table_import_arrow(fate_context *context, fate_table **table, const struct ArrowSchema *arrow_schema,
                                         struct ArrowArray *batches, uint64_t count, const fate_schema *schema)
{
    struct rows rows;
    if (table) *table = NULL;
    if (!context || !table || !arrow_schema || (!batches && count > 0) || !schema)
        return context_bad_argument(context, "fate_table_import_arrow: context, table, arrow_schema, batches or schema is NULL");
    int32_t result = check_schema(context, arrow_schema);
    if (result != FATE_OK) return result;
    rows_init(&rows, context, schema, NULL);
    result = add_batches(&rows, arrow_schema, batches, count);
    if (result == FATE_OK) result = rows_finish(&rows, table);
    rows_free(&rows);
    for (uint64_t i = 0; i < count && result == FATE_OK; i++) batches[i].release(&batches[i]);
    return result;
}
