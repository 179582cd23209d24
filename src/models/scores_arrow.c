/* Scores as a record batch of the Arrow C data interface. Every structure holds its own memory, since a consumer may move children out. */
#include <fate/arrow.h>
#include "src/data/quote.h"
#include "src/models/scores.h"

#include <string.h>

/* What a structure's private_data points to. */
struct holding {
    fate_context *context;
    void *pieces[3];        /* freed with the structure */
    const void *buffers[3]; /* of an array */
};

/* Room for size bytes, freed with the structure; NULL: out of memory. */
static void *hold_piece(struct holding *holding, size_t which, uint64_t count, uint64_t size)
{
    holding->pieces[which] = memory_zeroed(holding->context, count, size);
    return holding->pieces[which];
}

static struct holding *holding_new(fate_context *context)
{
    struct holding *holding = memory_zeroed(context, 1, sizeof *holding);
    if (holding != NULL) {
        holding->context = context_hold(context);
    }
    return holding;
}

static void holding_free(struct holding *holding)
{
    fate_context *context = holding->context;
    for (size_t i = 0; i < sizeof holding->pieces / sizeof *holding->pieces; i++) {
        memory_free(context, holding->pieces[i]);
    }
    memory_free(context, holding);
    fate_context_free(context);
}

static void release_schema(struct ArrowSchema *schema)
{
    for (int64_t i = 0; i < schema->n_children; i++) {
        if (schema->children[i]->release != NULL) {
            schema->children[i]->release(schema->children[i]);
        }
    }
    holding_free(schema->private_data);
    schema->release = NULL;
}

static void release_array(struct ArrowArray *array)
{
    for (int64_t i = 0; i < array->n_children; i++) {
        if (array->children[i]->release != NULL) {
            array->children[i]->release(array->children[i]);
        }
    }
    holding_free(array->private_data);
    array->release = NULL;
}

/* format: a literal. When false is returned, schema is released, or was never made. */
static bool make_schema(fate_context *context, struct ArrowSchema *schema, const char *format, const char *name, uint64_t children)
{
    struct holding *holding = holding_new(context);
    if (holding == NULL) {
        return false;
    }
    *schema = (struct ArrowSchema){.format = format, .release = release_schema, .private_data = holding};
    char *own_name = hold_piece(holding, 0, strlen(name) + 1, 1);
    struct ArrowSchema **pointers = hold_piece(holding, 1, children, sizeof(struct ArrowSchema *));
    struct ArrowSchema *structures = hold_piece(holding, 2, children, sizeof *structures);
    if (own_name == NULL || pointers == NULL || structures == NULL) {
        release_schema(schema);
        return false;
    }
    schema->name = memcpy(own_name, name, strlen(name) + 1);
    for (uint64_t i = 0; i < children; i++) {
        pointers[i] = &structures[i];
    }
    schema->children = pointers;
    schema->n_children = (int64_t)children;
    return true;
}

static bool make_array(fate_context *context, struct ArrowArray *array, uint64_t rows, int64_t buffers)
{
    struct holding *holding = holding_new(context);
    if (holding != NULL) {
        *array = (struct ArrowArray){
            .length = (int64_t)rows, .n_buffers = buffers, .buffers = holding->buffers, .release = release_array, .private_data = holding};
    }
    return holding != NULL;
}

static bool make_batch(fate_context *context, struct ArrowArray *array, uint64_t rows, uint64_t children)
{
    if (!make_array(context, array, rows, 1)) {
        return false;
    }
    struct ArrowArray **pointers = hold_piece(array->private_data, 0, children, sizeof(struct ArrowArray *));
    struct ArrowArray *structures = hold_piece(array->private_data, 1, children, sizeof *structures);
    if (pointers == NULL || structures == NULL) {
        release_array(array);
        return false;
    }
    for (uint64_t i = 0; i < children; i++) {
        pointers[i] = &structures[i];
    }
    array->children = pointers;
    array->n_children = (int64_t)children;
    return true;
}

static bool make_numbers(fate_context *context, struct ArrowArray *array, const double *values, uint64_t rows)
{
    if (!make_array(context, array, rows, 2)) {
        return false;
    }
    double *copy = hold_piece(array->private_data, 0, rows, sizeof *copy);
    if (copy == NULL) {
        release_array(array);
        return false;
    }
    if (rows > 0) {
        memcpy(copy, values, rows * sizeof *copy);
    }
    array->buffers[1] = copy;
    return true;
}

/* Offsets of 32 bits, or of 64 for texts that need them, and the ids end to end. */
static bool make_ids(fate_context *context, struct ArrowArray *array, const fate_table *table, uint64_t total, bool is_large)
{
    uint64_t rows = fate_table_rows(table), at = 0;
    if (!make_array(context, array, rows, 3)) {
        return false;
    }
    void *offsets = hold_piece(array->private_data, 0, rows + 1, is_large ? sizeof(int64_t) : sizeof(int32_t));
    uint8_t *text = hold_piece(array->private_data, 1, total, 1);
    if (offsets == NULL || text == NULL) {
        release_array(array);
        return false;
    }
    for (uint64_t row = 0; row < rows; row++) {
        uint64_t length = 0;
        const uint8_t *id = fate_table_row_id(table, row, &length);
        memcpy(text + at, id, length);
        at += length;
        if (is_large) {
            ((int64_t *)offsets)[row + 1] = (int64_t)at;
        } else {
            ((int32_t *)offsets)[row + 1] = (int32_t)at;
        }
    }
    array->buffers[1] = offsets;
    array->buffers[2] = text;
    return true;
}

static bool is_utf8(const uint8_t *bytes, uint64_t length)
{
    uint64_t step = 1;
    for (uint64_t at = 0; at < length && step > 0; at += step) {
        step = bytes[at] < 0x80 ? 1 : quote_character(bytes + at, length - at);
    }
    return step > 0;
}

static const char *id_format(bool is_text, bool is_large)
{
    return is_text ? (is_large ? "U" : "u") : (is_large ? "Z" : "z");
}

/* Length of all ids, and whether each is UTF-8. */
static uint64_t measure_ids(const fate_table *table, bool *is_text)
{
    uint64_t total = 0;
    *is_text = true;
    for (uint64_t row = 0; row < fate_table_rows(table); row++) {
        uint64_t length = 0;
        const uint8_t *id = fate_table_row_id(table, row, &length);
        *is_text = *is_text && is_utf8(id, length);
        total += length;
    }
    return total;
}

static bool export_schema(const fate_scores *scores, struct ArrowSchema *schema, const char *ids)
{
    fate_context *context = scores_context(scores);
    uint32_t columns = fate_scores_columns(scores);
    if (!make_schema(context, schema, "+s", "", (uint64_t)columns + 1)) {
        return false;
    }
    bool done = make_schema(context, schema->children[0], ids, scores_id(scores), 0);
    for (uint32_t i = 0; i < columns && done; i++) {
        done = make_schema(context, schema->children[i + 1], "g", fate_scores_column_name(scores, i), 0);
    }
    if (!done) {
        release_schema(schema);
    }
    return done;
}

static bool export_array(const fate_scores *scores, struct ArrowArray *array, const fate_table *table, uint64_t total, bool is_large)
{
    fate_context *context = scores_context(scores);
    uint32_t columns = fate_scores_columns(scores);
    uint64_t rows = fate_scores_rows(scores);
    if (!make_batch(context, array, rows, (uint64_t)columns + 1)) {
        return false;
    }
    bool done = make_ids(context, array->children[0], table, total, is_large);
    for (uint32_t i = 0; i < columns && done; i++) {
        done = make_numbers(context, array->children[i + 1], fate_scores_values(scores, i), rows);
    }
    if (!done) {
        release_array(array);
    }
    return done;
}

int32_t fate_scores_export_arrow(const fate_scores *scores, const fate_table *table, struct ArrowSchema *arrow_schema,
                                 struct ArrowArray *array)
{
    struct ArrowSchema schema;
    struct ArrowArray batch;
    bool is_text = false;
    if (scores == NULL) {
        return FATE_E_ARGUMENT;
    }
    if (table == NULL || arrow_schema == NULL || array == NULL || fate_table_rows(table) != fate_scores_rows(scores)) {
        return context_fail(scores_context(scores), FATE_E_ARGUMENT,
                            "fate_scores_export_arrow: table, arrow_schema or array is NULL, or the table is not the one that was scored");
    }
    uint64_t total = measure_ids(table, &is_text);
    bool is_large = total > INT32_MAX;
    if (!export_schema(scores, &schema, id_format(is_text, is_large))) {
        return context_out_of_memory(scores_context(scores));
    }
    if (!export_array(scores, &batch, table, total, is_large)) {
        release_schema(&schema);
        return context_out_of_memory(scores_context(scores));
    }
    *arrow_schema = schema;
    *array = batch;
    return FATE_OK;
}
