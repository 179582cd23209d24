/* Tables from CSV files and from CSV in memory. */
#include "src/data/csv.h"
#include "src/data/rows.h"
#include <string.h>

enum { LONGEST_NAME = 200 };

struct csv_table {
    struct rows rows;
    struct csv csv;
    bool has_names;
};

/* Every sentence has room for the reason: of a long name only its end is shown. */
static const char *short_name(const char *name)
{
    size_t length = strlen(name);
    return length > LONGEST_NAME ? name + (length - LONGEST_NAME) : name;
}

static struct rows_field field_of(const struct csv *csv, uint32_t field)
{
    uint64_t start = field ? csv->ends[field - 1] : 0;
    static const uint8_t nothing[1] = {0};
    return (struct rows_field){csv->text.bytes ? csv->text.bytes + start : nothing, csv->ends[field] - start};
}

static int32_t take_names(struct csv_table *reading, const struct csv *csv)
{
    struct rows_field *names = memory_allocate(csv->context, csv->count, sizeof *names);
    if (!names) return context_out_of_memory(csv->context);
    for (uint32_t i = 0; i < csv->count; i++) names[i] = field_of(csv, i);
    int32_t result = rows_set_columns(&reading->rows, names, csv->count);
    memory_free(csv->context, names);
    reading->has_names = true;
    return result;
}

static int32_t take_record(void *receiver, const struct csv *csv)
{
    struct csv_table *reading = receiver;
    if (!reading->has_names) return take_names(reading, csv);
    if (csv->count != reading->rows.column_count)
        return context_fail(csv->context, FATE_E_TABLE,
                            "%s, line %llu: the number of fields is %u, but the first line names %u columns; check commas and quotes",
                            csv->name, (unsigned long long)csv->first_line, csv->count, reading->rows.column_count);
    int32_t result = rows_begin(&reading->rows, csv->first_line);
    for (uint32_t i = 0; i < csv->count && result == FATE_OK; i++) result = rows_add(&reading->rows, i, field_of(csv, i));
    return result;
}

static void start(struct csv_table *reading, fate_context *context, const char *name, const fate_schema *schema)
{
    memset(reading, 0, sizeof *reading);
    rows_init(&reading->rows, context, schema, short_name(name));
    csv_init(&reading->csv, context, short_name(name), take_record, reading);
}

/* Makes the table when all bytes were taken with success, and frees everything else. */
static int32_t finish(struct csv_table *reading, fate_table **table, int32_t result)
{
    if (result == FATE_OK) result = csv_end(&reading->csv);
    if (result == FATE_OK && !reading->has_names)
        result = context_fail(reading->csv.context, FATE_E_TABLE, "%s is empty; the first line must name the columns", reading->csv.name);
    if (result == FATE_OK) result = rows_finish(&reading->rows, table);
    csv_free(&reading->csv);
    rows_free(&reading->rows);
    return result;
}

FATE_API int32_t fate_table_parse_csv(fate_context *context, fate_table **table, const char *name, const uint8_t *bytes, uint64_t length,
                                      const fate_schema *schema)
{
    struct csv_table reading;
    if (table) *table = NULL;
    if (!context || !table || !name || !schema || (!bytes && length > 0))
        return context_bad_argument(context, "fate_table_parse_csv: context, table, name, bytes or schema is NULL");
    start(&reading, context, name, schema);
    return finish(&reading, table, csv_feed(&reading.csv, bytes, length));
}

FATE_API int32_t fate_table_read_csv(fate_context *context, fate_table **table, const char *path, const fate_schema *schema)
{
    struct csv_table reading;
    if (table) *table = NULL;
    if (!context || !table || !path || !schema)
        return context_bad_argument(context, "fate_table_read_csv: context, table, path or schema is NULL");
    start(&reading, context, path, schema);
    return finish(&reading, table, csv_read_file(&reading.csv, path));
}
