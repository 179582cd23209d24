/* The inside of a table, and how readers hand their columns over to it. */
#ifndef SRC_DATA_TABLE_H
#define SRC_DATA_TABLE_H

#include <fate/table.h>
#include "lib/memory.h"

enum { TABLE_MOST_COLUMNS = 65535, TABLE_TAG = 32, TABLE_NO_ROW = UINT32_MAX };
static const uint64_t table_most_rows = UINT32_MAX - UINT64_C(1);

struct table_column {
    char *name;
    int32_t kind;            /* enum fate_column_kind */
    int32_t direction;       /* -1, 0 or 1 */
    double *numbers;         /* rows of them, or NULL */
    uint32_t *codes;         /* rows of them, or NULL */
    const char **categories; /* category_count pointers into category_text, in bytewise order */
    char *category_text;
    uint32_t category_count;
};

struct fate_table {
    fate_context *context;
    uint64_t rows;
    struct table_column *columns;
    uint32_t column_count;
    uint64_t column_capacity;
    uint8_t *ids;       /* end to end; NULL: not set */
    uint64_t *offsets;  /* rows+1; id i is ids[offsets[i]] up to offsets[i+1] */
    double *label;      /* NULL: none */
    double *weight;     /* NULL: none */
    uint32_t *source;   /* of each row its number among the rows that were read, from 0; NULL: not kept */
    uint8_t *order_tag; /* TABLE_TAG bytes: of an order in which not every party knows every id, which names its rows instead; NULL */
    bool finished;
    bool aligned; /* made by fate_table_align */
};

/* Where rows came from, for the sentence about an id that occurs twice, and what is to be done with such rows. */
struct table_origin {
    const char *name;          /* of the file; NULL: none */
    const char *unit;          /* "line" or "row" */
    const uint64_t *positions; /* of each row */
    int32_t duplicates;        /* enum schema_duplicates */
    bool keep_source;
};

/* A column at the end of the table, zeroed, which the caller fills; NULL: out of memory. */
struct table_column *table_new_column(fate_table *table);
/* Gives a column its categories, in bytewise order, and renumbers codes (all below count or UINT32_MAX), which it takes over when it
 * succeeds. FATE_E_TABLE when two categories are equal; FATE_E_MEMORY. */
int32_t table_set_codes(fate_table *table, struct table_column *column, uint32_t *codes, const char *const *categories, uint32_t count);
/* The number that is kept for a cell: one pattern for all NaN and one zero, so that equal cells have equal bytes. */
double table_number(double value);
/* A new finished table with rows of this one: rows[i] for place i, TABLE_NO_ROW for a row of missing values without an id.
 * tag: TABLE_TAG bytes, or NULL. FATE_E_MEMORY. */
int32_t table_pick(const fate_table *table, const uint32_t *rows, uint64_t count, const uint8_t *tag, fate_table **picked);
/* fate_table_finish with the origin of the rows; NULL: they are counted from 1. */
int32_t table_finish(fate_table *table, const struct table_origin *origin);

#endif
