/* The inside of a schema. */
#ifndef SRC_DATA_SCHEMA_H
#define SRC_DATA_SCHEMA_H

#include <fate/table.h>
#include "lib/memory.h"

struct fate_schema {
    fate_context *context;
    char *id;     /* NULL: not set */
    char *label;  /* NULL: none */
    char *weight; /* NULL: none */
    bool label_required;
    char **categorical;
    uint32_t categorical_count;
};

/* Whether a column is listed as categorical. */
bool schema_lists_categorical(const fate_schema *schema, const char *column);
/* FATE_OK when the schema can be used: an id is named, and id, label and weight are three columns. FATE_E_ARGUMENT. */
int32_t schema_check(fate_context *context, const fate_schema *schema);

#endif
