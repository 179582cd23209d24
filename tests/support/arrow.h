/* Arrow structures for tests: record batches on the stack, whose releases are counted. */
#ifndef TESTS_SUPPORT_ARROW_H
#define TESTS_SUPPORT_ARROW_H

#include <fate/arrow.h>

enum { ARROW_TEST_COLUMNS = 8 };

struct arrow_batch {
    struct ArrowSchema schema, columns[ARROW_TEST_COLUMNS], entries[ARROW_TEST_COLUMNS];
    struct ArrowSchema *schema_pointers[ARROW_TEST_COLUMNS];
    struct ArrowArray array, values[ARROW_TEST_COLUMNS], dictionaries[ARROW_TEST_COLUMNS];
    struct ArrowArray *pointers[ARROW_TEST_COLUMNS];
    const void *buffers[ARROW_TEST_COLUMNS][3], *dictionary_buffers[ARROW_TEST_COLUMNS][3], *none[1];
};

static int arrow_releases;

static inline void arrow_release(struct ArrowArray *array)
{
    arrow_releases++;
    array->release = NULL;
}

static inline void arrow_release_schema(struct ArrowSchema *released)
{
    released->release = NULL;
}

/* A batch of rows without columns. */
static inline void arrow_begin(struct arrow_batch *batch, int64_t rows)
{
    memset(batch, 0, sizeof *batch);
    batch->schema.format = "+s";
    batch->schema.release = arrow_release_schema;
    batch->schema.children = batch->schema_pointers;
    batch->array.length = rows;
    batch->array.n_buffers = 1;
    batch->array.buffers = batch->none;
    batch->array.children = batch->pointers;
    batch->array.release = arrow_release;
}

static inline void arrow_fill(struct ArrowArray *array, const void **buffers, int64_t rows, const void *validity, const void *values,
                              const void *text)
{
    buffers[0] = validity;
    buffers[1] = values;
    buffers[2] = text;
    array->length = rows;
    array->null_count = validity ? -1 : 0;
    array->n_buffers = text ? 3 : values ? 2 : 0;
    array->buffers = buffers;
    array->release = arrow_release;
}

/* Adds a column. text: NULL for types that have none. */
static inline void arrow_add(struct arrow_batch *batch, const char *name, const char *format, const void *validity, const void *values,
                             const void *text)
{
    int64_t i = batch->schema.n_children++;
    batch->array.n_children++;
    batch->schema_pointers[i] = &batch->columns[i];
    batch->pointers[i] = &batch->values[i];
    batch->columns[i].name = name;
    batch->columns[i].format = format;
    batch->columns[i].release = arrow_release_schema;
    arrow_fill(&batch->values[i], batch->buffers[i], batch->array.length, validity, values, text);
}

/* Makes the last column one of indices into these entries. */
static inline void arrow_encode(struct arrow_batch *batch, const char *format, int64_t count, const void *validity, const void *offsets,
                                const void *text)
{
    int64_t i = batch->schema.n_children - 1;
    batch->columns[i].dictionary = &batch->entries[i];
    batch->values[i].dictionary = &batch->dictionaries[i];
    batch->entries[i].format = format;
    batch->entries[i].release = arrow_release_schema;
    arrow_fill(&batch->dictionaries[i], batch->dictionary_buffers[i], count, validity, offsets, text);
}

#endif
