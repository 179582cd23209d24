/* Record batches of any structure. The interface tells no lengths of buffers, so that these are as long as any offset that is accepted
 * can reach; everything else comes from the bytes. What is accepted is a table; batches are released once or not at all. */
#include <fate/arrow.h>
#include "lib/context.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COLUMNS = 5, ROWS = 16, REACH = 64, BUFFER = (2 * REACH + ROWS + 1) * 8, TEXT = 256 };

struct input {
    const uint8_t *bytes;
    size_t left;
};

static int released;

static void release(struct ArrowArray *array)
{
    if (array->release == NULL) abort();
    array->release = NULL;
    released++;
}

static void release_schema(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

static uint8_t take(struct input *input)
{
    if (input->left == 0) return 0;
    input->left--;
    return *input->bytes++;
}

/* Mostly a small number, sometimes one that must be refused. */
static int64_t number(struct input *input, int64_t usual)
{
    static const int64_t odd[] = {-1, INT64_MIN, INT64_MAX, INT64_MAX / 8, 0, 1, 2, 3};
    uint8_t choice = take(input);
    return choice < 224 ? usual : odd[choice % 8];
}

struct column {
    struct ArrowSchema schema, entries;
    struct ArrowArray array, dictionary;
    uint8_t buffers[2][3][BUFFER];
    const void *pointers[2][3];
};

/* Offsets of texts stay inside the text, or are negative. */
static void tame_offsets(uint8_t *buffer, bool wide)
{
    for (size_t i = 0; i < BUFFER; i += 4) {
        int32_t value;
        memcpy(&value, buffer + i, 4);
        value = wide && i % 8 == 4 ? (value < 0 ? -1 : 0) : value < 0 && !wide ? value : value & (TEXT - 1);
        memcpy(buffer + i, &value, 4);
    }
}

static void make_array(struct input *input, struct ArrowArray *array, const void **pointers, uint8_t buffers[3][BUFFER], const char *format)
{
    bool is_text = strchr("uzUZ", *format) != NULL && *format;
    int64_t offset = number(input, take(input) % 4), length = number(input, ROWS);
    array->offset = offset > REACH && offset < INT64_MAX / 16 ? 1 : offset;
    array->length = length;
    array->null_count = number(input, take(input) % 2 ? -1 : 0);
    array->n_buffers = number(input, *format == 'n' ? 0 : is_text ? 3 : 2);
    array->buffers = pointers;
    array->release = take(input) < 250 ? release : NULL;
    for (int i = 0; i < 3; i++) {
        for (size_t at = 0; at < 96; at++) buffers[i][at] = take(input);
        pointers[i] = take(input) < 240 ? buffers[i] : NULL;
    }
    if (is_text) tame_offsets(buffers[1], *format == 'U' || *format == 'Z');
}

static void make_column(struct input *input, struct column *column, const char *name)
{
    static const char *const formats[] = {"u", "g", "i", "c", "b", "n", "U", "z", "L", "f", "s", "Z", "e", "tdD", ""};
    const char *format = formats[take(input) % (sizeof formats / sizeof *formats)];
    memset(column, 0, sizeof *column);
    column->schema.format = take(input) < 250 ? format : NULL;
    column->schema.name = take(input) < 250 ? name : NULL;
    column->schema.release = release_schema;
    make_array(input, &column->array, column->pointers[0], column->buffers[0], format);
    if (take(input) % 4 != 0) return;
    const char *entries = formats[take(input) % 8];
    column->entries.format = entries;
    column->entries.release = release_schema;
    make_array(input, &column->dictionary, column->pointers[1], column->buffers[1], entries);
    if (column->dictionary.length > ROWS) column->dictionary.length = ROWS;
    if (take(input) < 250) column->schema.dictionary = &column->entries;
    if (take(input) < 250) column->array.dictionary = &column->dictionary;
}

static void import(fate_context *context, const fate_schema *schema, struct input *input, struct column *columns)
{
    static const char *const names[COLUMNS] = {"id", "y", "w", "c", "n"};
    struct ArrowSchema *schemas[COLUMNS], whole = {.format = "+s", .children = schemas, .release = release_schema};
    struct ArrowArray *arrays[COLUMNS], batch = {.children = arrays, .release = release};
    const void *none[1] = {NULL};
    fate_table *table;
    for (int i = 0; i < COLUMNS; i++) {
        make_column(input, &columns[i], names[i]);
        schemas[i] = &columns[i].schema;
        arrays[i] = &columns[i].array;
    }
    whole.n_children = batch.n_children = take(input) % (COLUMNS + 1);
    batch.length = number(input, take(input) % (ROWS + 1));
    batch.offset = number(input, 0);
    batch.null_count = number(input, 0);
    batch.n_buffers = number(input, 1);
    batch.buffers = none;
    released = 0;
    int32_t result = fate_table_import_arrow(context, &table, &whole, &batch, 1, schema);
    if ((result == FATE_OK) != (released == 1) || (result == FATE_OK) != (table != NULL) || released > 1) abort();
    if (result == FATE_OK && fate_table_rows(table) != (uint64_t)batch.length) abort();
    if (result != FATE_OK && *fate_context_error(context) == 0) abort();
    fate_table_free(table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    fate_context *context;
    fate_schema *schema;
    struct column *columns = calloc(COLUMNS, sizeof *columns);
    if (columns == NULL || context_new(&context, NULL) != FATE_OK || fate_schema_new(context, &schema) != FATE_OK) abort();
    if (fate_schema_set_id(schema, "id") != FATE_OK || fate_schema_set_label(schema, "y", 0) != FATE_OK ||
        fate_schema_set_weight(schema, "w") != FATE_OK || fate_schema_add_categorical(schema, "c") != FATE_OK)
        abort();
    import(context, schema, &input, columns);
    fate_schema_free(schema);
    fate_context_free(context);
    free(columns);
    return 0;
}
