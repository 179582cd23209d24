/* Names of columns; see names.h. */
#include "src/models/horizontal/names.h"

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

/* The next name of a list; it ends at a comma. NULL: there is none any more. */
static const char *next_wanted(const char **list, size_t *length)
{
    const char *name = *list;
    if (*name == 0) return NULL;
    *length = strcspn(name, ",");
    *list = name + *length + (name[*length] == ',');
    return name;
}

static bool is_wanted(const char *list, const char *name)
{
    size_t length;
    const char *wanted;
    while ((wanted = next_wanted(&list, &length)) != NULL)
        if (strlen(name) == length && memcmp(name, wanted, length) == 0) return true;
    return false;
}

static bool is_there(const uint8_t *bytes, uint64_t length, const char *name, size_t name_length)
{
    for (uint64_t at = 0; at < length; at += strlen((const char *)bytes + at) + 1)
        if (strlen((const char *)bytes + at) == name_length && memcmp(bytes + at, name, name_length) == 0) return true;
    return false;
}

int32_t names_check(fate_context *context, const fate_job *job, const uint8_t *bytes, uint64_t length)
{
    const char *list, *name;
    size_t name_length;
    int32_t result = fate_job_text(job, "columns", &list);
    if (result != FATE_OK || *list == 0) return result;
    if (names_count(bytes, length) == 0) return context_fail(context, FATE_E_TABLE, "a malformed list of columns");
    for (uint64_t at = 0; at < length; at += strlen((const char *)bytes + at) + 1)
        if (!is_wanted(list, (const char *)bytes + at))
            return context_fail(context, FATE_E_TABLE, "column %.80s is none of the job's columns (%.160s): leave it out of the table",
                                (const char *)bytes + at, list);
    for (const char *rest = list; (name = next_wanted(&rest, &name_length)) != NULL;)
        if (!is_there(bytes, length, name, name_length))
            return context_fail(context, FATE_E_TABLE, "column %.*s of the job is not in the table, or is its id, label or weight",
                                (int)(name_length < 80 ? name_length : 80), name);
    return FATE_OK;
}

const double *names_column(const fate_table *table, const char *name, uint64_t *rows)
{
    *rows = fate_table_rows(table);
    for (uint32_t i = 0; i < fate_table_columns(table); i++)
        if (strcmp(fate_table_column_name(table, i), name) == 0) return fate_table_numbers(table, i);
    return NULL;
}
