/* Tables from CSV of any bytes: what is accepted can be used, and comes out the same however the bytes are cut. */
#include "src/data/csv.h"
#include "src/data/binning.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    uint64_t records;
    uint64_t fields;
    uint64_t bytes;
};

static int32_t see(void *receiver, const struct csv *csv)
{
    struct seen *seen = receiver;
    seen->records++;
    seen->fields += csv->count;
    seen->bytes += csv->text.length;
    return csv->count > 0 && csv->ends[csv->count - 1] == csv->text.length ? FATE_OK : FATE_E_INTERNAL;
}

static int32_t split(fate_context *context, struct seen *seen, const uint8_t *data, size_t size, size_t step)
{
    struct csv csv;
    int32_t result = FATE_OK;
    memset(seen, 0, sizeof *seen);
    csv_init(&csv, context, "fuzz", see, seen);
    for (size_t at = 0; at < size && result == FATE_OK; at += step) result = csv_feed(&csv, data + at, size - at < step ? size - at : step);
    if (result == FATE_OK) result = csv_end(&csv);
    csv_free(&csv);
    return result;
}

static void use(fate_context *context, const fate_table *table)
{
    uint16_t *out = calloc(fate_table_rows(table) + 1, sizeof *out);
    uint8_t digest[32];
    if (out == NULL || fate_table_digest(table, digest) != FATE_OK) abort();
    for (uint32_t column = 0; column < fate_table_columns(table); column++) {
        struct column_bins bins;
        if (binning_make(context, &bins, table, column, 8, 2) != FATE_OK || binning_assign(&bins, table, column, out) != FATE_OK) abort();
        for (uint64_t row = 0; row < fate_table_rows(table); row++)
            if (out[row] >= bins.bins) abort();
        binning_free(&bins);
    }
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fate_context *context;
    fate_schema *schema;
    fate_table *table;
    struct seen whole, pieces;
    if (context_new(&context, NULL) != FATE_OK || fate_schema_new(context, &schema) != FATE_OK) abort();
    if (fate_schema_set_id(schema, "id") != FATE_OK || fate_schema_set_label(schema, "y", 0) != FATE_OK ||
        fate_schema_set_weight(schema, "w") != FATE_OK || fate_schema_add_categorical(schema, "c") != FATE_OK)
        abort();
    if (split(context, &whole, data, size, size) != split(context, &pieces, data, size, 3) || memcmp(&whole, &pieces, sizeof whole) != 0)
        abort();
    if (fate_table_parse_csv(context, &table, "fuzz", data, size, schema) == FATE_OK)
        use(context, table);
    else if (fate_context_error(context)[0] == 0)
        abort();
    fate_table_free(table);
    fate_schema_free(schema);
    fate_context_free(context);
    return 0;
}
