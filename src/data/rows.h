/* Builds a table row by row from fields; the readers of CSV, of row callbacks and of Arrow share it. */
#ifndef SRC_DATA_ROWS_H
#define SRC_DATA_ROWS_H

#include <fate/table.h>
#include "lib/bytes.h"
#include "src/data/dictionary.h"
#include "src/data/schema.h"

static const uint64_t rows_longest_field = UINT64_C(16) << 20;

enum rows_role { ROWS_ID = 1, ROWS_LABEL, ROWS_WEIGHT, ROWS_NUMBER, ROWS_CATEGORY, ROWS_UNUSED };

struct rows_column {
    char *name;
    int32_t role;                 /* enum rows_role */
    uint32_t id_part;             /* which part of the id, where it is one */
    void *values;                 /* doubles; codes (uint32_t) of categorical columns; NULL for the id */
    struct dictionary dictionary; /* of categorical columns */
};

struct rows {
    fate_context *context;
    const fate_schema *schema;
    const char *name; /* of the file, for sentences; NULL: rows come from callbacks */
    struct rows_column *columns;
    uint32_t column_count;
    uint64_t count;    /* rows begun */
    uint64_t capacity; /* of every array of rows */
    struct buffer ids;
    struct buffer parts[SCHEMA_IDS]; /* of the current row's id, when it has several */
    uint32_t parts_given;
    uint64_t *offsets;   /* where the id of each row starts */
    uint64_t *positions; /* line or number of each row */
};

/* schema and name are borrowed. */
void rows_init(struct rows *rows, fate_context *context, const fate_schema *schema, const char *name);
void rows_free(struct rows *rows);

/* One field of text; NULL is missing. */
struct rows_field {
    const uint8_t *text;
    uint64_t length;
};

/* Names the columns, once and before the first row. FATE_E_TABLE, FATE_E_LIMIT, FATE_E_ARGUMENT, FATE_E_MEMORY. */
int32_t rows_set_columns(struct rows *rows, const struct rows_field *names, uint64_t count);
/* Room for so many rows, when their number is known before the first. FATE_E_MEMORY. */
int32_t rows_reserve(struct rows *rows, uint64_t capacity);
/* Begins a row; position is its line in the file, or its number from 1. Then every column gets one field. */
int32_t rows_begin(struct rows *rows, uint64_t position);
int32_t rows_add(struct rows *rows, uint32_t column, struct rows_field field);
/* The same for a field that is no text to be understood: one that is missing, a text as it stands for an id or a category, a number for
 * a label, a weight or a feature. */
int32_t rows_add_missing(struct rows *rows, uint32_t column);
int32_t rows_add_text(struct rows *rows, uint32_t column, struct rows_field field);
int32_t rows_add_number(struct rows *rows, uint32_t column, double number);
/* Makes the finished table; rows may only be freed afterwards. */
int32_t rows_finish(struct rows *rows, fate_table **table);

#endif
