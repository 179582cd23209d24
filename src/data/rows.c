/* Builds a table row by row from fields of text. */
#include "src/data/rows.h"
#include "lib/number.h"
#include "src/data/normalise.h"
#include "src/data/quote.h"
#include "src/data/schema.h"
#include "src/data/table.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

void rows_init(struct rows *rows, fate_context *context, const fate_schema *schema, const char *name)
{
    memset(rows, 0, sizeof *rows);
    rows->context = context;
    rows->schema = schema;
    rows->name = name;
    buffer_init(&rows->ids, context);
    for (uint32_t i = 0; i < SCHEMA_IDS; i++) buffer_init(&rows->parts[i], context);
}

void rows_free(struct rows *rows)
{
    for (uint32_t i = 0; i < rows->column_count; i++) {
        memory_free(rows->context, rows->columns[i].name);
        memory_free(rows->context, rows->columns[i].values);
        dictionary_free(&rows->columns[i].dictionary);
    }
    memory_free(rows->context, rows->columns);
    memory_free(rows->context, rows->offsets);
    memory_free(rows->context, rows->positions);
    buffer_free(&rows->ids);
    for (uint32_t i = 0; i < SCHEMA_IDS; i++) buffer_free(&rows->parts[i]);
}

static const char *separator(const struct rows *rows)
{
    return rows->name ? ": " : "";
}

static const char *file_name(const struct rows *rows)
{
    return rows->name ? rows->name : "";
}

static bool is_named(const struct rows_column *column, const char *name)
{
    return name && strcmp(column->name, name) == 0;
}

static int32_t role_of(const struct rows *rows, const struct rows_column *column)
{
    const fate_schema *schema = rows->schema;
    return column->id_part < schema->id_count               ? ROWS_ID
           : schema->ids_only                               ? ROWS_UNUSED
           : is_named(column, schema->label)                ? ROWS_LABEL
           : is_named(column, schema->weight)               ? ROWS_WEIGHT
           : schema_lists_categorical(schema, column->name) ? ROWS_CATEGORY
                                                            : ROWS_NUMBER;
}

/* Sets the name and role of column i; names holds those before it. */
static int32_t set_column(struct rows *rows, struct dictionary *names, uint32_t i, struct rows_field name)
{
    char text[QUOTE_TEXT];
    struct rows_column *column = &rows->columns[i];
    uint32_t same;
    if (name.length == 0 || memchr(name.text, 0, (size_t)name.length))
        return context_fail(rows->context, FATE_E_TABLE, "%s%scolumn %u %s; the first line must name every column", file_name(rows),
                            separator(rows), i + 1, name.length == 0 ? "has no name" : "has a zero byte in its name");
    if (name.length > rows_longest_field)
        return context_fail(rows->context, FATE_E_LIMIT, "%s%sthe name of column %u is longer than 16 MiB", file_name(rows),
                            separator(rows), i + 1);
    if (!dictionary_code(names, name.text, name.length, &same)) return context_out_of_memory(rows->context);
    if (same != i)
        return context_fail(rows->context, FATE_E_TABLE, "%s%scolumns %u and %u are both named %s; give each a name of its own",
                            file_name(rows), separator(rows), same + 1, i + 1, quote_bytes(text, name.text, name.length));
    column->name = memory_copy(rows->context, dictionary_text(names, i), name.length + 1);
    if (!column->name) return context_out_of_memory(rows->context);
    column->id_part = schema_id_part(rows->schema, column->name);
    column->role = role_of(rows, column);
    if (column->role == ROWS_CATEGORY) dictionary_init(&column->dictionary, rows->context);
    return FATE_OK;
}

/* The names of the columns that there are, as far as they fit. */
static void list_names(const struct rows *rows, char *list, size_t size)
{
    char text[QUOTE_TEXT];
    size_t used = 0;
    list[0] = 0;
    for (uint32_t i = 0; i < rows->column_count; i++) {
        quote_text(text, rows->columns[i].name);
        if (used + strlen(text) + 8 > size) {
            snprintf(list + used, size - used, ", ...");
            return;
        }
        used += (size_t)snprintf(list + used, size - used, "%s%s", i ? ", " : "", text);
    }
}

/* FATE_OK when the column of that name, which the schema has for something, is there. */
static int32_t require(const struct rows *rows, const char *name, const char *what)
{
    char text[QUOTE_TEXT], list[400];
    for (uint32_t i = 0; i < rows->column_count; i++)
        if (strcmp(rows->columns[i].name, name) == 0) return FATE_OK;
    list_names(rows, list, sizeof list);
    bool other_separator = rows->column_count == 1 && strpbrk(rows->columns[0].name, ";\t|") != NULL;
    return context_fail(rows->context, FATE_E_TABLE, "%s%sthere is no column %s, which the job names as the %s; %s %s%s", file_name(rows),
                        separator(rows), quote_text(text, name), what, rows->column_count == 1 ? "the only column is" : "the columns are",
                        list, other_separator ? ": separate the fields by commas" : "");
}

static int32_t require_columns(const struct rows *rows)
{
    const fate_schema *schema = rows->schema;
    /* A table that is to be scored may come without label, and then without weight. */
    bool scoring = schema->label && !schema->label_required;
    int32_t result = FATE_OK;
    for (uint32_t i = 0; i < schema->id_count && result == FATE_OK; i++) result = require(rows, schema->ids[i].column, "id");
    if (schema->ids_only) return result;
    if (result == FATE_OK && schema->label && !scoring) result = require(rows, schema->label, "label");
    if (result == FATE_OK && schema->weight && !scoring) result = require(rows, schema->weight, "weight");
    return result;
}

int32_t rows_set_columns(struct rows *rows, const struct rows_field *names, uint64_t count)
{
    struct dictionary known;
    int32_t result = schema_check(rows->context, rows->schema);
    if (result != FATE_OK) return result;
    if (count > TABLE_MOST_COLUMNS)
        return context_fail(rows->context, FATE_E_LIMIT, "%s%sthere are more than %d columns", file_name(rows), separator(rows),
                            (int)TABLE_MOST_COLUMNS);
    rows->columns = memory_zeroed(rows->context, count, sizeof *rows->columns);
    if (!rows->columns) return context_out_of_memory(rows->context);
    rows->column_count = (uint32_t)count;
    dictionary_init(&known, rows->context);
    for (uint32_t i = 0; i < count && result == FATE_OK; i++) result = set_column(rows, &known, i, names[i]);
    dictionary_free(&known);
    return result == FATE_OK ? require_columns(rows) : result;
}

/* The array with room for capacity items in *array; false: out of memory, *array is as before. */
static bool grow_values(const struct rows *rows, void **array, uint64_t capacity, uint64_t size)
{
    void *larger = memory_resize(rows->context, *array, capacity, size);
    if (larger) *array = larger;
    return larger != NULL;
}

static bool grow_positions(const struct rows *rows, uint64_t **array, uint64_t capacity)
{
    void *values = *array;
    bool done = grow_values(rows, &values, capacity, sizeof **array);
    *array = values;
    return done;
}

static uint64_t value_size(const struct rows_column *column)
{
    return column->role == ROWS_CATEGORY ? sizeof(uint32_t) : sizeof(double);
}

int32_t rows_reserve(struct rows *rows, uint64_t capacity)
{
    /* one offset more than rows: the table needs the end of the last id */
    bool done = grow_positions(rows, &rows->offsets, capacity + 1) && grow_positions(rows, &rows->positions, capacity);
    for (uint32_t i = 0; i < rows->column_count && done; i++)
        if (rows->columns[i].role != ROWS_ID && rows->columns[i].role != ROWS_UNUSED)
            done = grow_values(rows, &rows->columns[i].values, capacity, value_size(&rows->columns[i]));
    if (!done) return context_out_of_memory(rows->context);
    rows->capacity = capacity;
    return FATE_OK;
}

/* More room in every array of rows. */
static int32_t grow(struct rows *rows)
{
    return rows_reserve(rows, rows->capacity ? rows->capacity + rows->capacity / 2 : 64);
}

int32_t rows_begin(struct rows *rows, uint64_t position)
{
    if (rows->count == table_most_rows)
        return context_fail(rows->context, FATE_E_LIMIT, "%s%sthere are more than %llu rows", file_name(rows), separator(rows),
                            (unsigned long long)table_most_rows);
    int32_t result = rows->count == rows->capacity ? grow(rows) : FATE_OK;
    if (result != FATE_OK) return result;
    rows->offsets[rows->count] = rows->ids.length;
    rows->positions[rows->count] = position;
    rows->count++;
    rows->parts_given = 0;
    return FATE_OK;
}

/* A sentence about a field of the current row: place, column, then what is wrong and what to do. */
static int32_t fail_at(const struct rows *rows, uint32_t column, int32_t code, const char *reason, const char *remedy)
{
    char name[QUOTE_TEXT];
    return context_fail(rows->context, code, "%s%s%s %llu, column %s: %s; %s", file_name(rows), rows->name ? ", " : "",
                        rows->name ? "line" : "row", (unsigned long long)rows->positions[rows->count - 1],
                        quote_text(name, rows->columns[column].name), reason, remedy);
}

/* The same about the text of the field: "abc" is not ... */
static int32_t fail_text(const struct rows *rows, uint32_t column, struct rows_field field, const char *reason, const char *remedy)
{
    char text[QUOTE_TEXT], whole[2 * QUOTE_TEXT];
    snprintf(whole, sizeof whole, "%s %s", quote_bytes(text, field.text, field.length), reason);
    return fail_at(rows, column, FATE_E_TABLE, whole, remedy);
}

static bool is_missing(struct rows_field field)
{
    static const char *const marks[] = {"NA", "N/A", "NaN", "null", "NULL", "None", "?"};
    if (!field.text || field.length == 0) return true;
    for (size_t i = 0; i < sizeof marks / sizeof *marks && field.length <= 4; i++)
        if (strlen(marks[i]) == field.length && memcmp(marks[i], field.text, (size_t)field.length) == 0) return true;
    return false;
}

static struct rows_field without_blanks(struct rows_field field)
{
    while (field.length > 0 && (*field.text == ' ' || *field.text == '\t')) {
        field.text++;
        field.length--;
    }
    while (field.length > 0 && (field.text[field.length - 1] == ' ' || field.text[field.length - 1] == '\t')) field.length--;
    return field;
}

int32_t rows_add_missing(struct rows *rows, uint32_t column)
{
    struct rows_column *own = &rows->columns[column];
    if (own->role == ROWS_UNUSED) return FATE_OK;
    if (own->role == ROWS_ID) return fail_at(rows, column, FATE_E_TABLE, "the id is missing", "give the row an id or leave it out");
    if (own->role == ROWS_LABEL || own->role == ROWS_WEIGHT)
        return fail_at(rows, column, FATE_E_TABLE, own->role == ROWS_LABEL ? "the label is missing" : "the weight is missing",
                       own->role == ROWS_LABEL ? "give the row a label or leave it out" : "give the row a weight or leave it out");
    if (own->role == ROWS_CATEGORY)
        ((uint32_t *)own->values)[rows->count - 1] = UINT32_MAX;
    else
        ((double *)own->values)[rows->count - 1] = table_number((double)NAN);
    return FATE_OK;
}

/* The parts of an id with "|" between them; "\\" before what would be read as one. */
static void join_parts(struct rows *rows)
{
    for (uint32_t i = 0; i < rows->schema->id_count; i++) {
        const struct buffer *part = &rows->parts[i];
        if (i > 0) buffer_u8(&rows->ids, '|');
        for (uint64_t at = 0; at < part->length; at++) {
            if (part->bytes[at] == '|' || part->bytes[at] == '\\') buffer_u8(&rows->ids, '\\');
            buffer_u8(&rows->ids, part->bytes[at]);
        }
    }
}

static int32_t add_id(struct rows *rows, uint32_t column, struct rows_field field)
{
    const fate_schema *schema = rows->schema;
    uint32_t part = rows->columns[column].id_part;
    struct buffer *to = schema->id_count == 1 ? &rows->ids : &rows->parts[part];
    if (schema->id_count > 1) buffer_clear(to);
    if (field.length == 0) return rows_add_missing(rows, column);
    if (!buffer_reserve(to, field.length)) return context_out_of_memory(rows->context);
    memcpy(to->bytes + to->length, field.text, (size_t)field.length);
    uint64_t kept = normalise_bytes(schema->ids[part].normalise, to->bytes + to->length, field.length);
    if (kept == 0) return fail_text(rows, column, field, "is empty after the job's normalisers", "correct the id or leave the row out");
    to->length += kept;
    if (schema->id_count > 1 && ++rows->parts_given == schema->id_count) join_parts(rows);
    return rows->ids.failed ? context_out_of_memory(rows->context) : FATE_OK;
}

int32_t rows_add_text(struct rows *rows, uint32_t column, struct rows_field field)
{
    struct rows_column *own = &rows->columns[column];
    if (field.length > rows_longest_field) return fail_at(rows, column, FATE_E_LIMIT, "the field is longer than 16 MiB", "shorten it");
    if (own->role == ROWS_UNUSED) return FATE_OK;
    if (own->role == ROWS_ID) return add_id(rows, column, field);
    if (field.length > 0 && memchr(field.text, 0, (size_t)field.length))
        return fail_text(rows, column, field, "holds a zero byte", "a category is a text");
    uint32_t *code = (uint32_t *)own->values + (rows->count - 1);
    return dictionary_code(&own->dictionary, field.text, field.length, code) ? FATE_OK : context_out_of_memory(rows->context);
}

int32_t rows_add_number(struct rows *rows, uint32_t column, double number)
{
    struct rows_column *own = &rows->columns[column];
    char text[NUMBER_TEXT];
    if (own->role == ROWS_UNUSED) return FATE_OK;
    if (isnan(number)) return rows_add_missing(rows, column);
    if (isinf(number)) return fail_at(rows, column, FATE_E_TABLE, "the value is infinite", "correct it or leave the row out");
    if (own->role == ROWS_WEIGHT && number < 0) {
        number_write(text, number);
        return fail_text(rows, column, (struct rows_field){(const uint8_t *)text, strlen(text)}, "is negative",
                         "a weight is 0 or more: correct the value");
    }
    ((double *)own->values)[rows->count - 1] = table_number(number);
    return FATE_OK;
}

static int32_t add_number_text(struct rows *rows, uint32_t column, struct rows_field field)
{
    int32_t role = rows->columns[column].role;
    double number = 0;
    field = without_blanks(field);
    if (is_missing(field)) return rows_add_missing(rows, column);
    const bool read = number_read((const char *)field.text, field.length, &number);
    if (isinf(number)) return fail_text(rows, column, field, "is too large for a double", "correct it or leave the row out");
    if (!read)
        return fail_text(rows, column, field, "is not a number",
                         role == ROWS_NUMBER  ? "list the column under \"categorical\" in the job or correct the value"
                         : role == ROWS_LABEL ? "labels are numbers: correct the value"
                                              : "weights are numbers: correct the value");
    return rows_add_number(rows, column, number);
}

int32_t rows_add(struct rows *rows, uint32_t column, struct rows_field field)
{
    if (!field.text) field.length = 0;
    if (field.length > rows_longest_field) return fail_at(rows, column, FATE_E_LIMIT, "the field is longer than 16 MiB", "shorten it");
    int32_t role = rows->columns[column].role;
    if (role == ROWS_UNUSED) return FATE_OK;
    if (role != ROWS_ID && role != ROWS_CATEGORY) return add_number_text(rows, column, field);
    return is_missing(field) ? rows_add_missing(rows, column) : rows_add_text(rows, column, field);
}

/* Hands the codes and categories of a column over to the table's column. */
static int32_t move_categories(struct rows *rows, fate_table *table, struct table_column *to, struct rows_column *from)
{
    uint32_t count = from->dictionary.count;
    const char **categories = memory_allocate(rows->context, count, sizeof *categories);
    if (!categories) return context_out_of_memory(rows->context);
    for (uint32_t i = 0; i < count; i++) categories[i] = dictionary_text(&from->dictionary, i);
    int32_t result = table_set_codes(table, to, from->values, categories, count);
    if (result == FATE_OK) from->values = NULL;
    memory_free(rows->context, categories);
    return result;
}

/* Moves one column into the table; what fails to move stays with rows. */
static int32_t move_column(struct rows *rows, fate_table *table, struct rows_column *from)
{
    if (from->role == ROWS_LABEL || from->role == ROWS_WEIGHT) {
        *(from->role == ROWS_LABEL ? &table->label : &table->weight) = from->values;
        from->values = NULL;
    }
    if (from->role != ROWS_NUMBER && from->role != ROWS_CATEGORY) return FATE_OK;
    struct table_column *to = table_new_column(table);
    if (!to) return context_out_of_memory(rows->context);
    to->name = from->name;
    from->name = NULL;
    to->kind = from->role == ROWS_CATEGORY ? FATE_COLUMN_CATEGORY : FATE_COLUMN_NUMBER;
    if (from->role == ROWS_CATEGORY) return move_categories(rows, table, to, from);
    to->numbers = from->values;
    from->values = NULL;
    return FATE_OK;
}

int32_t rows_finish(struct rows *rows, fate_table **table)
{
    struct table_origin origin = {rows->name, rows->name ? "line" : "row", rows->positions, rows->schema->duplicates,
                                  rows->schema->ids_only};
    fate_table *made;
    uint64_t length;
    int32_t result = rows->capacity == 0 ? grow(rows) : FATE_OK; /* without rows there are arrays all the same */
    if (result == FATE_OK) result = fate_table_new(rows->context, &made, rows->count);
    if (result != FATE_OK) return result;
    rows->offsets[rows->count] = rows->ids.length;
    made->offsets = rows->offsets;
    rows->offsets = NULL;
    made->ids = buffer_take(&rows->ids, &length);
    if (!made->ids) result = context_out_of_memory(rows->context);
    for (uint32_t i = 0; i < rows->column_count && result == FATE_OK; i++) result = move_column(rows, made, &rows->columns[i]);
    if (result == FATE_OK) result = table_finish(made, &origin);
    if (result == FATE_OK)
        *table = made;
    else
        fate_table_free(made);
    return result;
}
