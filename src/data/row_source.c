/* Tables from row callbacks, for applications whose data lives elsewhere. */
#include "lib/hooks.h"
#include "src/data/rows.h"
#include <string.h>

/* A callback's own code comes back unchanged; what is neither that nor FATE_OK is a defect of the application. */
static int32_t source_result(fate_context *context, int32_t result, const char *callback)
{
    if (result <= FATE_E_APPLICATION)
        return context_fail(context, result, "the row source's %s failed with its own code %d", callback, result);
    return context_fail(context, FATE_E_ARGUMENT, "the row source's %s returned %d, which is neither FATE_OK nor a code of the application",
                        callback, result);
}

static int32_t read_row(struct rows *rows, const fate_row_source *source, uint64_t number)
{
    int32_t result = rows_begin(rows, number);
    for (uint32_t column = 0; column < rows->column_count && result == FATE_OK; column++) {
        struct rows_field field = {NULL, 0};
        result = source->field(source->context, column, &field.text, &field.length);
        result = result == FATE_OK ? rows_add(rows, column, field) : source_result(rows->context, result, "field");
    }
    return result;
}

static int32_t read_all(struct rows *rows, const fate_row_source *source)
{
    for (uint64_t number = 1;; number++) {
        int32_t result = source->next(source->context);
        if (result == FATE_EMPTY) return FATE_OK;
        result = result == FATE_OK ? read_row(rows, source, number) : source_result(rows->context, result, "next");
        if (result != FATE_OK) return result;
    }
}

/* The names as fields; NULL names stay NULL and are reported as missing. */
static int32_t set_names(struct rows *rows, const char *const *columns, uint32_t count)
{
    struct rows_field *names = memory_zeroed(rows->context, count, sizeof *names);
    if (!names) return context_out_of_memory(rows->context);
    for (uint32_t i = 0; i < count; i++)
        if (columns[i]) names[i] = (struct rows_field){(const uint8_t *)columns[i], strlen(columns[i])};
    int32_t result = rows_set_columns(rows, names, count);
    memory_free(rows->context, names);
    return result;
}

FATE_API int32_t fate_table_read_rows(fate_context *context, fate_table **table, const char *const *columns, uint32_t column_count,
                                      const fate_row_source *source, const fate_schema *schema)
{
    fate_row_source own;
    struct rows rows;
    if (table) *table = NULL;
    if (!context || !table || (!columns && column_count > 0) || !source || !schema)
        return context_bad_argument(context, "fate_table_read_rows: context, table, columns, source or schema is NULL");
    if (!hooks_copy(&own, sizeof own, source, sizeof own))
        return context_fail(context, FATE_E_VERSION, "the row source is of another version: set struct_size and abi_version");
    if (!own.next || !own.field) return context_fail(context, FATE_E_ARGUMENT, "the row source's next or field is NULL");
    rows_init(&rows, context, schema, NULL);
    int32_t result = set_names(&rows, columns, column_count);
    if (result == FATE_OK) result = read_all(&rows, &own);
    if (result == FATE_OK) result = rows_finish(&rows, table);
    rows_free(&rows);
    return result;
}
