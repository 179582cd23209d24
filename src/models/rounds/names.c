/* Names of columns; see names.h. */
#include "src/models/rounds/names.h"

#include <stdlib.h>
#include <string.h>

#include "lib/context.h"

static int compare_names(const void *one, const void *other)
{
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

int32_t names_write(fate_context *context, const fate_table *table, struct buffer *out)
{
    uint32_t count = fate_table_columns(table);
    const char **names = memory_zeroed(context, (uint64_t)count + 1, sizeof *names);
    if (names == NULL) return context_out_of_memory(context);
    for (uint32_t i = 0; i < count; i++) names[i] = fate_table_column_name(table, i);
    qsort(names, count, sizeof *names, compare_names);
    for (uint32_t i = 0; i < count; i++) buffer_append(out, names[i], strlen(names[i]) + 1);
    memory_free(context, names);
    return count > 0 ? FATE_OK : context_fail(context, FATE_E_TABLE, "the table has no columns beside id, label and weight");
}

static uint32_t names_count(const uint8_t *bytes, uint64_t length)
{
    uint32_t count = 0;
    uint64_t begin = 0;
    for (uint64_t i = 0; i < length; i++) {
        if (bytes[i] != 0) continue;
        if (i == begin) return 0;
        count++;
        begin = i + 1;
    }
    return begin == length ? count : 0;
}

uint32_t names_split(const uint8_t *bytes, uint64_t length, const char **names)
{
    const uint32_t count = names_count(bytes, length);
    uint64_t begin = 0;
    for (uint32_t i = 0; i < count && names != NULL; i++) {
        names[i] = (const char *)bytes + begin;
        begin += strlen(names[i]) + 1;
    }
    return count;
}

const double *names_column(const fate_table *table, const char *name, uint64_t *rows)
{
    *rows = fate_table_rows(table);
    for (uint32_t i = 0; i < fate_table_columns(table); i++)
        if (strcmp(fate_table_column_name(table, i), name) == 0) return fate_table_numbers(table, i);
    return NULL;
}
