/* Which column of a table is the id, the label, the weight, and which are categorical. */
#include "src/data/schema.h"
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

FATE_API int32_t fate_schema_set_id(fate_schema *schema, const char *column)
{
    if (!schema) return FATE_E_ARGUMENT;
    if (!column)
        return context_fail(schema->context, FATE_E_ARGUMENT, "fate_schema_set_id: column is NULL; every table needs an id column");
    return set_name(schema, &schema->id, column, "id");
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
    memory_free(context, schema->id);
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
    if (!schema->id) return context_fail(context, FATE_E_ARGUMENT, "the schema names no id column; call fate_schema_set_id");
    if (same(schema->id, schema->label) || same(schema->id, schema->weight) || same(schema->label, schema->weight))
        return context_fail(context, FATE_E_ARGUMENT, "id, label and weight must be different columns; %s is named for two of them",
                            quote_text(text, same(schema->label, schema->weight) ? schema->label : schema->id));
    return FATE_OK;
}
