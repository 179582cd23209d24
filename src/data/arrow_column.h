/* One column of an Arrow record batch: its structures checked, then its values read, whatever their type. */
#ifndef SRC_DATA_ARROW_COLUMN_H
#define SRC_DATA_ARROW_COLUMN_H

#include <fate/arrow.h>
#include "lib/memory.h"

enum arrow_type {
    ARROW_NULL = 1,
    ARROW_BOOL,
    ARROW_INT8,
    ARROW_UINT8,
    ARROW_INT16,
    ARROW_UINT16,
    ARROW_INT32,
    ARROW_UINT32,
    ARROW_INT64,
    ARROW_UINT64,
    ARROW_FLOAT,
    ARROW_DOUBLE,
    ARROW_TEXT,      /* offsets of 32 bits */
    ARROW_LARGE_TEXT /* of 64 bits */
};

enum { ARROW_INTEGER_TEXT = 24 };

struct arrow_values {
    int32_t type;   /* enum arrow_type */
    uint64_t first; /* the element that is number 0 of the batch */
    uint64_t count;
    const uint8_t *validity; /* NULL: none is null */
    const uint8_t *values;   /* or the offsets of texts */
    const uint8_t *text;
};

struct arrow_column {
    struct arrow_values own;        /* of an encoded column: indices */
    struct arrow_values dictionary; /* of an encoded column: what the indices stand for */
    bool is_encoded;
};

/* The type of a format string; 0 for one that is not taken here. */
int32_t arrow_type(const char *format);
bool arrow_is_integer(int32_t type);
bool arrow_is_text(int32_t type);

/* Checks one column of a batch against the specification: count rows beginning with first. name is for sentences. Borrows.
 * FATE_E_FORMAT; FATE_E_UNSUPPORTED when the schema's type is not taken. */
int32_t arrow_column_open(fate_context *context, struct arrow_column *column, const struct ArrowSchema *schema,
                          const struct ArrowArray *array, uint64_t first, uint64_t count, const char *name);

bool arrow_is_null(const struct arrow_values *values, uint64_t row);
/* The number of an integer, a float or a bool. */
double arrow_number(const struct arrow_values *values, uint64_t row);
/* The decimal text of an integer, "true" or "false" of a bool; text holds ARROW_INTEGER_TEXT bytes. Returns its length. */
uint64_t arrow_integer_text(const struct arrow_values *values, uint64_t row, char *text);
/* The bytes of a text; false when its offsets are negative or descend. */
bool arrow_text(const struct arrow_values *values, uint64_t row, const uint8_t **bytes, uint64_t *length);
/* The index of an encoded column's row; false when it is negative or beyond the dictionary. */
bool arrow_index(const struct arrow_column *column, uint64_t row, uint64_t *index);

#endif
