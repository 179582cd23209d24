/* What a finished table shows: counts, columns, ids and digests. */
#include "src/data/table.h"
#include "lib/bytes.h"
#include <sodium.h>
#include <string.h>

FATE_API uint64_t fate_table_rows(const fate_table *table)
{
    return table ? table->rows : 0;
}

FATE_API uint32_t fate_table_columns(const fate_table *table)
{
    return table ? table->column_count : 0;
}

static const struct table_column *find(const fate_table *table, uint32_t column)
{
    return table && column < table->column_count ? &table->columns[column] : NULL;
}

FATE_API const char *fate_table_column_name(const fate_table *table, uint32_t column)
{
    const struct table_column *found = find(table, column);
    return found ? found->name : NULL;
}

FATE_API int32_t fate_table_column_kind(const fate_table *table, uint32_t column)
{
    const struct table_column *found = find(table, column);
    return found ? found->kind : 0;
}

FATE_API const double *fate_table_numbers(const fate_table *table, uint32_t column)
{
    const struct table_column *found = find(table, column);
    return found ? found->numbers : NULL;
}

FATE_API const uint32_t *fate_table_codes(const fate_table *table, uint32_t column)
{
    const struct table_column *found = find(table, column);
    return found ? found->codes : NULL;
}

FATE_API uint32_t fate_table_category_count(const fate_table *table, uint32_t column)
{
    const struct table_column *found = find(table, column);
    return found ? found->category_count : 0;
}

FATE_API const char *fate_table_category(const fate_table *table, uint32_t column, uint32_t code)
{
    const struct table_column *found = find(table, column);
    return found && code < found->category_count ? found->categories[code] : NULL;
}

FATE_API const double *fate_table_label(const fate_table *table)
{
    return table ? table->label : NULL;
}

FATE_API const double *fate_table_weight(const fate_table *table)
{
    return table ? table->weight : NULL;
}

FATE_API const uint8_t *fate_table_row_id(const fate_table *table, uint64_t row, uint64_t *length)
{
    bool there = table && table->offsets && row < table->rows;
    if (length) *length = there ? table->offsets[row + 1] - table->offsets[row] : 0;
    return there ? table->ids + table->offsets[row] : NULL;
}

typedef crypto_generichash_state hash_state;

static void hash_u64(hash_state *state, uint64_t value)
{
    uint8_t bytes[8];
    bytes_store_u64(bytes, value);
    crypto_generichash_update(state, bytes, sizeof bytes);
}

static void hash_text(hash_state *state, const char *text)
{
    uint64_t length = strlen(text);
    hash_u64(state, length);
    crypto_generichash_update(state, (const uint8_t *)text, length);
}

static void hash_ids(hash_state *state, const fate_table *table)
{
    hash_u64(state, table->rows);
    for (uint64_t row = 0; row < table->rows; row++) {
        uint64_t length = 0;
        const uint8_t *id = fate_table_row_id(table, row, &length);
        hash_u64(state, length);
        crypto_generichash_update(state, id, length);
    }
}

enum { HASH_STEP = 256 };

static void hash_numbers(hash_state *state, const double *values, uint64_t count)
{
    uint8_t bytes[8 * HASH_STEP];
    for (uint64_t first = 0; first < count; first += HASH_STEP) {
        uint64_t step = count - first < HASH_STEP ? count - first : HASH_STEP;
        for (uint64_t i = 0; i < step; i++) {
            uint64_t bits;
            memcpy(&bits, &values[first + i], sizeof bits);
            bytes_store_u64(bytes + 8 * i, bits);
        }
        crypto_generichash_update(state, bytes, 8 * step);
    }
}

static void hash_codes(hash_state *state, const uint32_t *codes, uint64_t count)
{
    uint8_t bytes[4 * HASH_STEP];
    for (uint64_t first = 0; first < count; first += HASH_STEP) {
        uint64_t step = count - first < HASH_STEP ? count - first : HASH_STEP;
        for (uint64_t i = 0; i < step; i++) bytes_store_u32(bytes + 4 * i, codes[first + i]);
        crypto_generichash_update(state, bytes, 4 * step);
    }
}

static void hash_column(hash_state *state, const fate_table *table, const struct table_column *column)
{
    hash_text(state, column->name);
    hash_u64(state, (uint64_t)column->kind + ((uint64_t)(column->direction & 3) << 8)); /* 0, 1, 3 */
    if (column->kind == FATE_COLUMN_NUMBER) {
        hash_numbers(state, column->numbers, table->rows);
        return;
    }
    hash_u64(state, column->category_count);
    for (uint32_t i = 0; i < column->category_count; i++) hash_text(state, column->categories[i]);
    hash_codes(state, column->codes, table->rows);
}

static int32_t fail_unfinished(const fate_table *table)
{
    return context_fail(table->context, FATE_E_STATE, "the table has no digest before fate_table_finish");
}

FATE_API int32_t fate_table_id_digest(const fate_table *table, uint8_t *digest, const uint8_t *key)
{
    hash_state state;
    if (!table) return FATE_E_ARGUMENT;
    if (!digest || !key) return context_bad_argument(table->context, "fate_table_id_digest: digest or key is NULL");
    if (!table->finished) return fail_unfinished(table);
    crypto_generichash_init(&state, key, 32, 32);
    if (table->order_tag) {
        hash_u64(&state, table->rows);
        crypto_generichash_update(&state, table->order_tag, TABLE_TAG);
    } else {
        hash_ids(&state, table);
    }
    crypto_generichash_final(&state, digest, 32);
    return FATE_OK;
}

FATE_API int32_t fate_table_digest(const fate_table *table, uint8_t *digest)
{
    hash_state state;
    if (!table) return FATE_E_ARGUMENT;
    if (!digest) return context_bad_argument(table->context, "fate_table_digest: digest is NULL");
    if (!table->finished) return fail_unfinished(table);
    crypto_generichash_init(&state, NULL, 0, 32);
    hash_text(&state, "fate table 1");
    hash_ids(&state, table);
    hash_u64(&state, table->column_count);
    for (uint32_t i = 0; i < table->column_count; i++) hash_column(&state, table, &table->columns[i]);
    hash_u64(&state, table->label != NULL);
    if (table->label) hash_numbers(&state, table->label, table->rows);
    hash_u64(&state, table->weight != NULL);
    if (table->weight) hash_numbers(&state, table->weight, table->rows);
    if (table->order_tag) crypto_generichash_update(&state, table->order_tag, TABLE_TAG);
    crypto_generichash_final(&state, digest, 32);
    return FATE_OK;
}
