/* A table in memory: filled column by column, brought into the order of its ids, then read. */
#include "src/data/table.h"
#include "src/data/order.h"
#include "src/data/quote.h"
#include "src/data/schema.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

FATE_API int32_t fate_table_new(fate_context *context, fate_table **table, uint64_t rows)
{
    if (!context || !table) return context_bad_argument(context, "fate_table_new: table is NULL");
    *table = NULL;
    if (rows > table_most_rows)
        return context_fail(context, FATE_E_LIMIT, "a table has at most %llu rows; %llu were asked for",
                            (unsigned long long)table_most_rows, (unsigned long long)rows);
    fate_table *made = memory_zeroed(context, 1, sizeof *made);
    if (!made) return context_out_of_memory(context);
    made->context = context_hold(context);
    made->rows = rows;
    *table = made;
    return FATE_OK;
}

static void free_column(fate_context *context, struct table_column *column)
{
    memory_free(context, column->name);
    memory_free(context, column->numbers);
    memory_free(context, column->codes);
    memory_free(context, column->categories);
    memory_free(context, column->category_text);
}

FATE_API void fate_table_free(fate_table *table)
{
    if (!table) return;
    fate_context *context = table->context;
    for (uint32_t i = 0; i < table->column_count; i++) free_column(context, &table->columns[i]);
    memory_free(context, table->columns);
    memory_free(context, table->ids);
    memory_free(context, table->offsets);
    memory_free(context, table->label);
    memory_free(context, table->weight);
    memory_free(context, table->source);
    memory_free(context, table->order_tag);
    memory_free(context, table);
    fate_context_free(context);
}

double table_number(double value)
{
    return isnan(value) ? (double)NAN : value + 0.0;
}

/* FATE_OK when the table may be filled with these values. */
static int32_t check_open(const fate_table *table, const void *values)
{
    if (!table) return FATE_E_ARGUMENT;
    if (table->finished) return context_fail(table->context, FATE_E_STATE, "the table is finished and does not change any more");
    if (!values && table->rows > 0)
        return context_fail(table->context, FATE_E_ARGUMENT, "the values are NULL, but the table has %llu rows",
                            (unsigned long long)table->rows);
    return FATE_OK;
}

static int32_t check_new_name(const fate_table *table, const char *name)
{
    char text[QUOTE_TEXT];
    if (!name || !*name) return context_fail(table->context, FATE_E_ARGUMENT, "column %u has no name", table->column_count + 1);
    if (table->column_count == TABLE_MOST_COLUMNS)
        return context_fail(table->context, FATE_E_LIMIT, "a table has at most %d columns; column %s is one too many",
                            (int)TABLE_MOST_COLUMNS, quote_text(text, name));
    for (uint32_t i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return context_fail(table->context, FATE_E_TABLE, "two columns are named %s; give each a name of its own",
                                quote_text(text, name));
    return FATE_OK;
}

struct table_column *table_new_column(fate_table *table)
{
    if (table->column_count == table->column_capacity) {
        uint64_t capacity = table->column_capacity ? 2 * table->column_capacity : 16;
        struct table_column *columns = memory_resize(table->context, table->columns, capacity, sizeof *columns);
        if (!columns) return NULL;
        table->columns = columns;
        table->column_capacity = capacity;
    }
    struct table_column *column = &table->columns[table->column_count++];
    memset(column, 0, sizeof *column);
    return column;
}

/* A new column with its name; NULL: out of memory, the table is as before. */
static struct table_column *named_column(fate_table *table, const char *name, int32_t kind)
{
    struct table_column *column = table_new_column(table);
    if (!column) return NULL;
    column->kind = kind;
    column->name = memory_text(table->context, name);
    if (!column->name) table->column_count--;
    return column->name ? column : NULL;
}

static void remove_last_column(fate_table *table)
{
    free_column(table->context, &table->columns[--table->column_count]);
}

FATE_API int32_t fate_table_set_ids(fate_table *table, const uint8_t *bytes, const uint64_t *offsets)
{
    int32_t result = check_open(table, bytes);
    if (result != FATE_OK) return result;
    if (table->rows == 0) return FATE_OK;
    if (!offsets) return context_fail(table->context, FATE_E_ARGUMENT, "the offsets of the ids are NULL");
    for (uint64_t row = 0; row < table->rows; row++)
        if (offsets[row + 1] <= offsets[row])
            return context_fail(table->context, FATE_E_TABLE, "the id of row %llu (counted from 1) is empty or its offsets descend",
                                (unsigned long long)row + 1);
    uint64_t length = offsets[table->rows] - offsets[0];
    uint8_t *ids = memory_copy(table->context, bytes + offsets[0], length);
    uint64_t *starts = memory_allocate(table->context, table->rows + 1, sizeof *starts);
    if (!ids || !starts) {
        memory_free(table->context, ids);
        memory_free(table->context, starts);
        return context_out_of_memory(table->context);
    }
    for (uint64_t row = 0; row <= table->rows; row++) starts[row] = offsets[row] - offsets[0];
    memory_free(table->context, table->ids);
    memory_free(table->context, table->offsets);
    table->ids = ids;
    table->offsets = starts;
    return FATE_OK;
}

/* A copy of rows doubles in *copy. what names them in a sentence. */
static int32_t copy_numbers(fate_table *table, double **copy, const double *values, bool missing, bool negative, const char *what)
{
    for (uint64_t row = 0; row < table->rows; row++) {
        const char *reason = isinf(values[row])               ? "is infinite"
                             : isnan(values[row]) && !missing ? "is missing"
                             : values[row] < 0 && !negative   ? "is negative"
                                                              : NULL;
        if (reason)
            return context_fail(table->context, FATE_E_TABLE,
                                "row %llu (counted from 1), %s: the value %s; correct it or leave the row out", (unsigned long long)row + 1,
                                what, reason);
    }
    *copy = memory_allocate(table->context, table->rows, sizeof **copy);
    if (!*copy) return context_out_of_memory(table->context);
    for (uint64_t row = 0; row < table->rows; row++) (*copy)[row] = table_number(values[row]);
    return FATE_OK;
}

FATE_API int32_t fate_table_add_numbers(fate_table *table, const char *column, const double *values)
{
    char text[QUOTE_TEXT], what[QUOTE_TEXT + 8];
    double *copy = NULL;
    int32_t result = check_open(table, values);
    if (result == FATE_OK) result = check_new_name(table, column);
    if (result != FATE_OK) return result;
    snprintf(what, sizeof what, "column %s", quote_text(text, column));
    result = copy_numbers(table, &copy, values, true, true, what);
    if (result != FATE_OK) return result;
    struct table_column *added = named_column(table, column, FATE_COLUMN_NUMBER);
    if (!added) {
        memory_free(table->context, copy);
        return context_out_of_memory(table->context);
    }
    added->numbers = copy;
    return FATE_OK;
}

static int32_t compare_categories(const void *argument, uint32_t left, uint32_t right)
{
    const char *const *categories = argument;
    return strcmp(categories[left], categories[right]);
}

/* Copies the categories into the column in the given order; new_code, of count, receives the new number of each. */
static bool copy_categories(fate_context *context, struct table_column *column, uint32_t *new_code, const char *const *categories,
                            const uint32_t *order, uint32_t count)
{
    uint64_t length = 0;
    for (uint32_t i = 0; i < count; i++) length += strlen(categories[i]) + 1;
    column->category_text = memory_allocate(context, length, 1);
    column->categories = memory_allocate(context, count, sizeof *column->categories);
    if (!column->category_text || !column->categories) return false; /* freed with the column */
    char *at = column->category_text;
    for (uint32_t i = 0; i < count; i++) {
        size_t size = strlen(categories[order[i]]) + 1;
        column->categories[i] = memcpy(at, categories[order[i]], size);
        at += size;
        new_code[order[i]] = i;
    }
    column->category_count = count;
    return true;
}

int32_t table_set_codes(fate_table *table, struct table_column *column, uint32_t *codes, const char *const *categories, uint32_t count)
{
    char text[QUOTE_TEXT], name[QUOTE_TEXT];
    uint32_t *order = order_new(table->context, count, compare_categories, categories);
    uint32_t *new_code = memory_allocate(table->context, count, sizeof *new_code);
    int32_t result = order && new_code ? FATE_OK : context_out_of_memory(table->context);
    for (uint32_t i = 1; i < count && result == FATE_OK; i++)
        if (strcmp(categories[order[i - 1]], categories[order[i]]) == 0)
            result = context_fail(table->context, FATE_E_TABLE, "column %s: the category %s is listed twice",
                                  quote_text(name, column->name), quote_text(text, categories[order[i]]));
    if (result == FATE_OK && !copy_categories(table->context, column, new_code, categories, order, count))
        result = context_out_of_memory(table->context);
    if (result == FATE_OK) {
        for (uint64_t row = 0; row < table->rows; row++)
            if (codes[row] != UINT32_MAX) codes[row] = new_code[codes[row]];
        column->codes = codes;
    }
    memory_free(table->context, order);
    memory_free(table->context, new_code);
    return result;
}

/* FATE_OK when every code has a category and every category a text. */
static int32_t check_codes(const fate_table *table, const char *column, const uint32_t *codes, const char *const *categories,
                           uint32_t count)
{
    char text[QUOTE_TEXT];
    if (count > 0 && !categories)
        return context_fail(table->context, FATE_E_ARGUMENT, "column %s: the list of categories is NULL", quote_text(text, column));
    for (uint32_t i = 0; i < count; i++)
        if (!categories[i])
            return context_fail(table->context, FATE_E_ARGUMENT, "column %s: category %u is NULL", quote_text(text, column), i);
    for (uint64_t row = 0; row < table->rows; row++)
        if (codes[row] >= count && codes[row] != UINT32_MAX)
            return context_fail(table->context, FATE_E_TABLE, "row %llu (counted from 1), column %s: code %u, but there are %u categories",
                                (unsigned long long)row + 1, quote_text(text, column), codes[row], count);
    return FATE_OK;
}

FATE_API int32_t fate_table_add_categories(fate_table *table, const char *column, const uint32_t *codes, const char *const *categories,
                                           uint32_t category_count)
{
    int32_t result = check_open(table, codes);
    if (result == FATE_OK) result = check_new_name(table, column);
    if (result == FATE_OK) result = check_codes(table, column, codes, categories, category_count);
    if (result != FATE_OK) return result;
    uint32_t *copy = memory_copy(table->context, codes, table->rows * sizeof *copy);
    struct table_column *added = copy ? named_column(table, column, FATE_COLUMN_CATEGORY) : NULL;
    if (!added) {
        memory_free(table->context, copy);
        return context_out_of_memory(table->context);
    }
    result = table_set_codes(table, added, copy, categories, category_count);
    if (result != FATE_OK) {
        memory_free(table->context, copy);
        remove_last_column(table);
    }
    return result;
}

/* Replaces the labels or weights by a copy of values. */
static int32_t set_values(fate_table *table, double **own, const double *values, bool negative, const char *what)
{
    double *copy = NULL;
    int32_t result = copy_numbers(table, &copy, values, false, negative, what);
    if (result != FATE_OK) return result;
    memory_free(table->context, *own);
    *own = copy;
    return FATE_OK;
}

FATE_API int32_t fate_table_set_label(fate_table *table, const double *values)
{
    int32_t result = check_open(table, values);
    return result == FATE_OK ? set_values(table, &table->label, values, true, "label") : result;
}

FATE_API int32_t fate_table_set_weight(fate_table *table, const double *values)
{
    int32_t result = check_open(table, values);
    return result == FATE_OK ? set_values(table, &table->weight, values, false, "weight") : result;
}

static int32_t compare_ids(const void *argument, uint32_t left, uint32_t right)
{
    const fate_table *table = argument;
    uint64_t left_length = table->offsets[left + 1] - table->offsets[left];
    uint64_t right_length = table->offsets[right + 1] - table->offsets[right];
    uint64_t common = left_length < right_length ? left_length : right_length;
    int order = memcmp(table->ids + table->offsets[left], table->ids + table->offsets[right], (size_t)common);
    return order != 0 ? order : left_length < right_length ? -1 : left_length > right_length;
}

/* Takes out of order all but the first of rows with the same id; returns how many remain. */
static uint64_t keep_first(const fate_table *table, uint32_t *order)
{
    uint64_t kept = 1;
    for (uint64_t i = 1; i < table->rows; i++)
        if (compare_ids(table, order[kept - 1], order[i]) != 0) order[kept++] = order[i];
    return kept;
}

static int32_t check_different(const fate_table *table, const uint32_t *order, const struct table_origin *origin)
{
    char text[QUOTE_TEXT];
    for (uint64_t i = 1; i < table->rows; i++) {
        uint32_t one = order[i - 1], other = order[i];
        if (compare_ids(table, one, other) != 0) continue;
        quote_bytes(text, table->ids + table->offsets[one], table->offsets[one + 1] - table->offsets[one]);
        if (!origin)
            return context_fail(table->context, FATE_E_TABLE,
                                "rows %u and %u (counted from 1) have the same id %s; every id occurs once: leave one of the rows out",
                                one + 1, other + 1, text);
        return context_fail(
            table->context, FATE_E_TABLE,
            "%s%s%ss %llu and %llu have the same id %s; every id occurs once, unless the job says \"duplicates\": \"first\"",
            origin->name ? origin->name : "", origin->name ? ", " : "", origin->unit, (unsigned long long)origin->positions[one],
            (unsigned long long)origin->positions[other], text);
    }
    return FATE_OK;
}

/* Brings an array of rows items, of 4 or 8 bytes each, into the order. scratch holds rows items of 8 bytes. */
static void reorder(const fate_table *table, const uint32_t *order, void *items, size_t size, void *scratch)
{
    uint8_t *from = items, *to = scratch;
    if (!items) return;
    for (uint64_t row = 0; row < table->rows; row++) memcpy(to + row * size, from + order[row] * size, size);
    memcpy(items, scratch, (size_t)table->rows * size);
}

/* The ids in order; false: out of memory. */
static bool reorder_ids(fate_table *table, const uint32_t *order)
{
    uint64_t total = 0, at = 0;
    for (uint64_t row = 0; row < table->rows; row++) total += table->offsets[order[row] + UINT64_C(1)] - table->offsets[order[row]];
    uint8_t *ids = memory_allocate(table->context, total, 1);
    uint64_t *offsets = memory_allocate(table->context, table->rows + 1, sizeof *offsets);
    if (!ids || !offsets) {
        memory_free(table->context, ids);
        memory_free(table->context, offsets);
        return false;
    }
    for (uint64_t row = 0; row < table->rows; row++) {
        uint64_t start = table->offsets[order[row]], length = table->offsets[order[row] + UINT64_C(1)] - start;
        offsets[row] = at;
        memcpy(ids + at, table->ids + start, (size_t)length);
        at += length;
    }
    offsets[table->rows] = at;
    memory_free(table->context, table->ids);
    memory_free(table->context, table->offsets);
    table->ids = ids;
    table->offsets = offsets;
    return true;
}

static int32_t bring_into_order(fate_table *table, const uint32_t *order)
{
    void *scratch = memory_allocate(table->context, table->rows, sizeof(double));
    if (!scratch || !reorder_ids(table, order)) {
        memory_free(table->context, scratch);
        return context_out_of_memory(table->context);
    }
    for (uint32_t i = 0; i < table->column_count; i++) {
        reorder(table, order, table->columns[i].numbers, sizeof(double), scratch);
        reorder(table, order, table->columns[i].codes, sizeof(uint32_t), scratch);
    }
    reorder(table, order, table->label, sizeof(double), scratch);
    reorder(table, order, table->weight, sizeof(double), scratch);
    memory_free(table->context, scratch);
    table->finished = true;
    return FATE_OK;
}

int32_t table_finish(fate_table *table, const struct table_origin *origin)
{
    if (table->finished) return context_fail(table->context, FATE_E_STATE, "the table is finished already");
    if (table->rows == 0) {
        table->finished = true;
        return FATE_OK;
    }
    if (!table->ids)
        return context_fail(table->context, FATE_E_TABLE, "the table has %llu rows but no ids; call fate_table_set_ids",
                            (unsigned long long)table->rows);
    uint32_t *order = order_new(table->context, table->rows, compare_ids, table);
    if (!order) return context_out_of_memory(table->context);
    int32_t duplicates = origin ? origin->duplicates : DUPLICATES_ERROR;
    int32_t result = duplicates == DUPLICATES_ERROR ? check_different(table, order, origin) : FATE_OK;
    if (duplicates == DUPLICATES_FIRST) table->rows = keep_first(table, order);
    if (result == FATE_OK) result = bring_into_order(table, order);
    if (result == FATE_OK && origin && origin->keep_source) {
        table->source = order;
        return FATE_OK;
    }
    memory_free(table->context, order);
    return result;
}

FATE_API int32_t fate_table_finish(fate_table *table)
{
    return table ? table_finish(table, NULL) : FATE_E_ARGUMENT;
}
