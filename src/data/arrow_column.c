/* One column of an Arrow record batch. Buffers need not be aligned: every element is copied out. */
#include "src/data/arrow_column.h"
#include "src/data/quote.h"
#include <stdio.h>
#include <string.h>

static const uint64_t most_elements = INT64_MAX / 16; /* so that no position in a buffer overflows */

int32_t arrow_type(const char *format)
{
    static const struct {
        char format[2];
        int32_t type;
    } types[] = {{"n", ARROW_NULL},  {"b", ARROW_BOOL},   {"c", ARROW_INT8},       {"C", ARROW_UINT8},
                 {"s", ARROW_INT16}, {"S", ARROW_UINT16}, {"i", ARROW_INT32},      {"I", ARROW_UINT32},
                 {"l", ARROW_INT64}, {"L", ARROW_UINT64}, {"f", ARROW_FLOAT},      {"g", ARROW_DOUBLE},
                 {"u", ARROW_TEXT},  {"z", ARROW_TEXT},   {"U", ARROW_LARGE_TEXT}, {"Z", ARROW_LARGE_TEXT}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].format, format) == 0) return types[i].type;
    return 0;
}

bool arrow_is_integer(int32_t type)
{
    return type >= ARROW_INT8 && type <= ARROW_UINT64;
}

bool arrow_is_text(int32_t type)
{
    return type == ARROW_TEXT || type == ARROW_LARGE_TEXT;
}

static int32_t fail(fate_context *context, const char *name, const char *reason)
{
    char text[QUOTE_TEXT];
    return context_fail(context, FATE_E_FORMAT, "column %s %s; this is against the Arrow C data interface: correct its producer",
                        quote_text(text, name), reason);
}

/* What is wrong with an array of that type, of which count elements from first are wanted; NULL when nothing is. */
static const char *defect_of(const struct ArrowArray *array, int32_t type, uint64_t first, uint64_t count)
{
    int64_t buffers = type == ARROW_NULL ? 0 : arrow_is_text(type) ? 3 : 2;
    if (!array->release) return "has been released";
    if (array->length < 0 || array->offset < 0) return "has a negative length or offset";
    if (array->null_count < -1 || array->null_count > array->length) return "has a null count that is not possible";
    if (first > (uint64_t)array->length || count > (uint64_t)array->length - first) return "is shorter than the record batch";
    if ((uint64_t)array->offset > most_elements || (uint64_t)array->length > most_elements)
        return "has an offset or length that is not possible";
    if (array->n_children != 0) return "has children, which its type has not";
    if (array->n_buffers != buffers || (buffers > 0 && !array->buffers)) return "has another number of buffers than its type";
    if (type == ARROW_NULL || count == 0) return NULL;
    if (!array->buffers[1]) return "has no buffer of values";
    if (array->null_count > 0 && !array->buffers[0]) return "has nulls but no validity bitmap";
    return NULL;
}

/* FATE_OK, and the values when nothing is wrong. */
static int32_t open_values(fate_context *context, struct arrow_values *values, const struct ArrowArray *array, int32_t type, uint64_t first,
                           uint64_t count, const char *name)
{
    const char *defect = defect_of(array, type, first, count);
    if (defect) return fail(context, name, defect);
    bool has_buffers = type != ARROW_NULL && count > 0;
    values->type = type;
    values->first = first + (uint64_t)array->offset;
    values->count = count;
    values->validity = has_buffers && array->null_count != 0 ? array->buffers[0] : NULL;
    values->values = has_buffers ? array->buffers[1] : NULL;
    values->text = has_buffers && arrow_is_text(type) ? array->buffers[2] : NULL;
    return FATE_OK;
}

static int32_t unsupported(fate_context *context, const char *name, const char *format)
{
    char text[QUOTE_TEXT], type[QUOTE_TEXT];
    return context_fail(context, FATE_E_UNSUPPORTED,
                        "column %s is of the Arrow type %s, which is not read; cast it to a number, bool, utf8 or a dictionary of utf8, "
                        "or leave it out",
                        quote_text(text, name), quote_text(type, format));
}

int32_t arrow_column_open(fate_context *context, struct arrow_column *column, const struct ArrowSchema *schema,
                          const struct ArrowArray *array, uint64_t first, uint64_t count, const char *name)
{
    memset(column, 0, sizeof *column);
    if (!schema->format) return fail(context, name, "has no format");
    int32_t type = arrow_type(schema->format);
    if (!type) return unsupported(context, name, schema->format);
    if (schema->n_children != 0) return fail(context, name, "has children, which its type has not");
    if ((schema->dictionary != NULL) != (array->dictionary != NULL)) return fail(context, name, "has a dictionary in one structure only");
    int32_t result = open_values(context, &column->own, array, type, first, count, name);
    if (result != FATE_OK || !schema->dictionary) return result;
    const struct ArrowSchema *entries = schema->dictionary;
    if (!arrow_is_integer(type)) return fail(context, name, "has a dictionary, but its indices are no integers");
    if (!entries->format) return fail(context, name, "has a dictionary without a format");
    if (!arrow_is_text(arrow_type(entries->format)) || entries->dictionary || array->dictionary->dictionary)
        return unsupported(context, name, entries->format);
    if (array->dictionary->length < 0) return fail(context, name, "has a dictionary of negative length");
    column->is_encoded = true;
    return open_values(context, &column->dictionary, array->dictionary, arrow_type(entries->format), 0, (uint64_t)array->dictionary->length,
                       name);
}

static bool bit(const uint8_t *bits, uint64_t position)
{
    return (bits[position / 8] >> (position % 8) & 1) != 0;
}

bool arrow_is_null(const struct arrow_values *values, uint64_t row)
{
    return values->type == ARROW_NULL || (values->validity && !bit(values->validity, values->first + row));
}

/* An integer as its sign and 64 bits in two's complement; true when it is negative. */
static bool load_integer(const struct arrow_values *values, uint64_t row, uint64_t *bits)
{
    static const uint8_t sizes[] = {[ARROW_INT8] = 1,  [ARROW_UINT8] = 1,  [ARROW_INT16] = 2, [ARROW_UINT16] = 2,
                                    [ARROW_INT32] = 4, [ARROW_UINT32] = 4, [ARROW_INT64] = 8, [ARROW_UINT64] = 8};
    union {
        int8_t i8;
        uint8_t u8;
        int16_t i16;
        uint16_t u16;
        int32_t i32;
        uint32_t u32;
        int64_t i64;
        uint64_t u64;
    } element;
    uint64_t size = sizes[values->type];
    memcpy(&element, values->values + (values->first + row) * size, size);
    int64_t number = values->type == ARROW_INT8    ? element.i8
                     : values->type == ARROW_INT16 ? element.i16
                     : values->type == ARROW_INT32 ? element.i32
                     : values->type == ARROW_INT64 ? element.i64
                                                   : 0;
    *bits = values->type == ARROW_UINT8    ? element.u8
            : values->type == ARROW_UINT16 ? element.u16
            : values->type == ARROW_UINT32 ? element.u32
            : values->type == ARROW_UINT64 ? element.u64
                                           : (uint64_t)number;
    return number < 0;
}

double arrow_number(const struct arrow_values *values, uint64_t row)
{
    uint64_t position = values->first + row, bits;
    float single;
    double number;
    switch (values->type) {
    case ARROW_BOOL: return bit(values->values, position) ? 1 : 0;
    case ARROW_FLOAT: memcpy(&single, values->values + position * sizeof single, sizeof single); return (double)single;
    case ARROW_DOUBLE: memcpy(&number, values->values + position * sizeof number, sizeof number); return number;
    default: return load_integer(values, row, &bits) ? (double)(int64_t)bits : (double)bits;
    }
}

uint64_t arrow_integer_text(const struct arrow_values *values, uint64_t row, char *text)
{
    uint64_t bits;
    if (values->type == ARROW_BOOL)
        return (uint64_t)snprintf(text, ARROW_INTEGER_TEXT, "%s", bit(values->values, values->first + row) ? "true" : "false");
    bool is_negative = load_integer(values, row, &bits);
    return (uint64_t)snprintf(text, ARROW_INTEGER_TEXT, "%s%llu", is_negative ? "-" : "",
                              (unsigned long long)(is_negative ? 0 - bits : bits));
}

bool arrow_text(const struct arrow_values *values, uint64_t row, const uint8_t **bytes, uint64_t *length)
{
    uint64_t position = values->first + row;
    int64_t offsets[2];
    if (values->type == ARROW_TEXT) {
        int32_t narrow[2];
        memcpy(narrow, values->values + position * sizeof *narrow, sizeof narrow);
        offsets[0] = narrow[0];
        offsets[1] = narrow[1];
    } else {
        memcpy(offsets, values->values + position * sizeof *offsets, sizeof offsets);
    }
    if (offsets[0] < 0 || offsets[1] < offsets[0] || (offsets[1] > offsets[0] && !values->text)) return false;
    *length = (uint64_t)(offsets[1] - offsets[0]);
    *bytes = *length > 0 ? values->text + offsets[0] : (const uint8_t *)"";
    return true;
}

bool arrow_index(const struct arrow_column *column, uint64_t row, uint64_t *index)
{
    return !load_integer(&column->own, row, index) && *index < column->dictionary.count;
}
