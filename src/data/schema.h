/* The inside of a schema. */
#ifndef SRC_DATA_SCHEMA_H
#define SRC_DATA_SCHEMA_H

#include <fate/table.h>
#include "lib/memory.h"

enum { SCHEMA_IDS = 16 };

/* Rows whose id stood in a row before. */
enum schema_duplicates { DUPLICATES_ERROR = 0, DUPLICATES_FIRST = 1, DUPLICATES_MANY = 2 };

/* A column of the id. */
struct schema_id {
    char *column;
    uint32_t normalise; /* enum normalise */
};

struct fate_schema {
    fate_context *context;
    struct schema_id *ids;
    uint32_t id_count;  /* 0: not set */
    int32_t duplicates; /* enum schema_duplicates */
    bool ids_only;
    char *label;  /* NULL: none */
    char *weight; /* NULL: none */
    bool label_required;
    char **categorical;
    uint32_t categorical_count;
};

/* "error", "first", "many"; false: none of them. */
bool schema_read_duplicates(const char *rule, int32_t *duplicates);
/* Which part of the id a column is; id_count when it is none. */
uint32_t schema_id_part(const fate_schema *schema, const char *column);
/* Whether a column is listed as categorical. */
bool schema_lists_categorical(const fate_schema *schema, const char *column);
/* FATE_OK when the schema can be used: an id is named, and id, label and weight are three columns. FATE_E_ARGUMENT. */
int32_t schema_check(fate_context *context, const fate_schema *schema);

#endif
