/* Which column of a table is the id, the label, the weight, and which are categorical. */
#include "src/data/schema.h"
#include "src/data/normalise.h"
#include "src/data/quote.h"
#include <string.h>

FATE_API int32_t fate_schema_new(fate_context *context, fate_schema **schema)
{
    if (!context || !schema) return context_bad_argument(context, "fate_schema_new: schema is NULL");
    *schema = memory_zeroed(context, 1, sizeof **schema);
    if (!*schema) return context_out_of_memory(context);
    (*schema)->context = context_hold(context);
    return FATE_OK;
}

/* Replaces a name by a copy; column NULL removes it. */
static int32_t set_name(fate_schema *schema, char **name, const char *column, const char *what)
{
    if (column && !*column) return context_fail(schema->context, FATE_E_ARGUMENT, "the name of the %s column is empty", what);
    char *copy = column ? memory_text(schema->context, column) : NULL;
    if (column && !copy) return context_out_of_memory(schema->context);
    memory_free(schema->context, *name);
    *name = copy;
    return FATE_OK;
}

static void free_ids(fate_schema *schema)
{
    for (uint32_t i = 0; i < schema->id_count; i++) memory_free(schema->context, schema->ids[i].column);
    memory_free(schema->context, schema->ids);
    schema->ids = NULL;
    schema->id_count = 0;
}

FATE_API int32_t fate_schema_add_id(fate_schema *schema, const char *column, const char *normalise)
{
    struct schema_id added = {.column = NULL};
    if (!schema) return FATE_E_ARGUMENT;
    if (!column || !*column || !normalise)
        return context_fail(schema->context, FATE_E_ARGUMENT, "fate_schema_add_id: column is NULL or empty, or normalise is NULL");
    if (!normalise_read(normalise, &added.normalise))
        return context_fail(schema->context, FATE_E_ARGUMENT, "fate_schema_add_id: normalisers are trim, fold and digits, each once");
    if (schema->id_count == SCHEMA_IDS || schema_id_part(schema, column) < schema->id_count)
        return context_fail(schema->context, FATE_E_ARGUMENT, "fate_schema_add_id: an id has at most %d columns, each named once",
                            (int)SCHEMA_IDS);
    struct schema_id *ids = memory_resize(schema->context, schema->ids, schema->id_count + UINT64_C(1), sizeof *ids);
    if (!ids) return context_out_of_memory(schema->context);
    schema->ids = ids;
    added.column = memory_text(schema->context, column);
    if (!added.column) return context_out_of_memory(schema->context);
    ids[schema->id_count++] = added;
    return FATE_OK;
}

FATE_API int32_t fate_schema_set_id(fate_schema *schema, const char *column)
{
    if (!schema) return FATE_E_ARGUMENT;
    if (!column)
        return context_fail(schema->context, FATE_E_ARGUMENT, "fate_schema_set_id: column is NULL; every table needs an id column");
    if (!*column) return context_fail(schema->context, FATE_E_ARGUMENT, "the name of the id column is empty");
    free_ids(schema);
    return fate_schema_add_id(schema, column, "");
}

bool schema_read_duplicates(const char *rule, int32_t *duplicates)
{
    static const char *const rules[] = {[DUPLICATES_ERROR] = "error", [DUPLICATES_FIRST] = "first", [DUPLICATES_MANY] = "many"};
    for (int32_t i = 0; i < 3; i++) {
        if (strcmp(rules[i], rule) != 0) continue;
        *duplicates = i;
        return true;
    }
    return false;
}

FATE_API int32_t fate_schema_set_duplicates(fate_schema *schema, const char *rule)
{
    if (!schema) return FATE_E_ARGUMENT;
    if (!rule || !schema_read_duplicates(rule, &schema->duplicates))
        return context_fail(schema->context, FATE_E_ARGUMENT, "fate_schema_set_duplicates: the rule is error, first or many");
    return FATE_OK;
}

FATE_API int32_t fate_schema_set_ids_only(fate_schema *schema, int32_t only)
{
    if (!schema) return FATE_E_ARGUMENT;
    schema->ids_only = only != 0;
    return FATE_OK;
}

uint32_t schema_id_part(const fate_schema *schema, const char *column)
{
    uint32_t part = 0;
    while (part < schema->id_count && strcmp(schema->ids[part].column, column) != 0) part++;
    return part;
}

FATE_API int32_t fate_schema_set_label(fate_schema *schema, const char *column, int32_t required)
{
    if (!schema) return FATE_E_ARGUMENT;
    int32_t result = set_name(schema, &schema->label, column, "label");
    if (result == FATE_OK) schema->label_required = required != 0;
    return result;
}

FATE_API int32_t fate_schema_set_weight(fate_schema *schema, const char *column)
{
    return schema ? set_name(schema, &schema->weight, column, "weight") : FATE_E_ARGUMENT;
}

FATE_API int32_t fate_schema_add_categorical(fate_schema *schema, const char *column)
{
    if (!schema) return FATE_E_ARGUMENT;
    if (!column || !*column) return context_fail(schema->context, FATE_E_ARGUMENT, "fate_schema_add_categorical: column is NULL or empty");
    if (schema_lists_categorical(schema, column)) return FATE_OK;
    char **names = memory_resize(schema->context, schema->categorical, schema->categorical_count + UINT64_C(1), sizeof *names);
    if (!names) return context_out_of_memory(schema->context);
    schema->categorical = names;
    names[schema->categorical_count] = memory_text(schema->context, column);
    if (!names[schema->categorical_count]) return context_out_of_memory(schema->context);
    schema->categorical_count++;
    return FATE_OK;
}

FATE_API void fate_schema_free(fate_schema *schema)
{
    if (!schema) return;
    fate_context *context = schema->context;
    for (uint32_t i = 0; i < schema->categorical_count; i++) memory_free(context, schema->categorical[i]);
    memory_free(context, schema->categorical);
    free_ids(schema);
    memory_free(context, schema->label);
    memory_free(context, schema->weight);
    memory_free(context, schema);
    fate_context_free(context);
}

bool schema_lists_categorical(const fate_schema *schema, const char *column)
{
    for (uint32_t i = 0; i < schema->categorical_count; i++)
        if (strcmp(schema->categorical[i], column) == 0) return true;
    return false;
}

static bool same(const char *one, const char *other)
{
    return one && other && strcmp(one, other) == 0;
}

int32_t schema_check(fate_context *context, const fate_schema *schema)
{
    char text[QUOTE_TEXT];
    if (schema->id_count == 0) return context_fail(context, FATE_E_ARGUMENT, "the schema names no id column; call fate_schema_set_id");
    bool label_is_id = schema->label && schema_id_part(schema, schema->label) < schema->id_count;
    bool weight_is_id = schema->weight && schema_id_part(schema, schema->weight) < schema->id_count;
    if (label_is_id || weight_is_id || same(schema->label, schema->weight))
        return context_fail(context, FATE_E_ARGUMENT, "id, label and weight must be different columns; %s is named for two of them",
                            quote_text(text, label_is_id ? schema->label : schema->weight));
    return FATE_OK;
}
