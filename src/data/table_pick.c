/* A new table from rows of another, in any order, with rows of missing values between them. */
#include <math.h>
#include <string.h>

#include "src/data/table.h"

struct picking {
    const fate_table *from;
    fate_table *to;
    const uint32_t *rows;
};

static bool pick_ids(const struct picking *picking)
{
    const fate_table *from = picking->from;
    fate_table *to = picking->to;
    uint64_t total = 0;
    for (uint64_t i = 0; i < to->rows; i++) {
        uint64_t length = 0;
        if (picking->rows[i] != TABLE_NO_ROW) (void)fate_table_row_id(from, picking->rows[i], &length);
        total += length;
    }
    to->ids = memory_allocate(to->context, total, 1);
    to->offsets = memory_allocate(to->context, to->rows + 1, sizeof *to->offsets);
    if (!to->ids || !to->offsets) return false;
    to->offsets[0] = 0;
    for (uint64_t i = 0; i < to->rows; i++) {
        uint64_t length = 0;
        const uint8_t *id = picking->rows[i] == TABLE_NO_ROW ? NULL : fate_table_row_id(from, picking->rows[i], &length);
        if (length > 0) memcpy(to->ids + to->offsets[i], id, (size_t)length);
        to->offsets[i + 1] = to->offsets[i] + length;
    }
    return true;
}

/* A label or weight that is missing is 0: only a party all of whose rows are there has any. */
static bool pick_numbers(const struct picking *picking, double **to, const double *from, double missing)
{
    if (!from) return true;
    double *values = memory_allocate(picking->to->context, picking->to->rows, sizeof *values);
    if (!values) return false;
    for (uint64_t i = 0; i < picking->to->rows; i++) values[i] = picking->rows[i] == TABLE_NO_ROW ? missing : from[picking->rows[i]];
    *to = values;
    return true;
}

static bool pick_codes(const struct picking *picking, struct table_column *to, const struct table_column *from)
{
    if (!from->codes) return true;
    fate_context *context = picking->to->context;
    uint64_t bytes = 0;
    to->codes = memory_allocate(context, picking->to->rows, sizeof *to->codes);
    for (uint32_t i = 0; i < from->category_count; i++) bytes += strlen(from->categories[i]) + 1;
    to->category_text = memory_allocate(context, bytes, 1);
    to->categories = memory_allocate(context, from->category_count, sizeof *to->categories);
    if (!to->codes || !to->category_text || !to->categories) return false;
    for (uint64_t i = 0; i < picking->to->rows; i++)
        to->codes[i] = picking->rows[i] == TABLE_NO_ROW ? UINT32_MAX : from->codes[picking->rows[i]];
    bytes = 0;
    for (uint32_t i = 0; i < from->category_count; i++) {
        uint64_t length = strlen(from->categories[i]) + 1;
        memcpy(to->category_text + bytes, from->categories[i], (size_t)length);
        to->categories[i] = to->category_text + bytes;
        bytes += length;
    }
    to->category_count = from->category_count;
    return true;
}

static bool pick_column(const struct picking *picking, const struct table_column *from)
{
    struct table_column *to = table_new_column(picking->to);
    if (!to) return false;
    to->kind = from->kind;
    to->direction = from->direction;
    to->direction = from->direction;
    to->name = memory_text(picking->to->context, from->name);
    return to->name && pick_numbers(picking, &to->numbers, from->numbers, table_number((double)NAN)) && pick_codes(picking, to, from);
}

static bool pick_all(const struct picking *picking, const uint8_t *tag)
{
    const fate_table *from = picking->from;
    fate_table *to = picking->to;
    bool done =
        pick_ids(picking) && pick_numbers(picking, &to->label, from->label, 0) && pick_numbers(picking, &to->weight, from->weight, 0);
    for (uint32_t i = 0; i < from->column_count && done; i++) done = pick_column(picking, &from->columns[i]);
    if (done && tag) {
        to->order_tag = memory_copy(to->context, tag, TABLE_TAG);
        done = to->order_tag != NULL;
    }
    return done;
}

int32_t table_pick(const fate_table *table, const uint32_t *rows, uint64_t count, const uint8_t *tag, fate_table **picked)
{
    struct picking picking = {.from = table, .rows = rows};
    int32_t result = fate_table_new(table->context, &picking.to, count);
    if (result != FATE_OK) return result;
    if (!pick_all(&picking, tag)) {
        fate_table_free(picking.to);
        return context_out_of_memory(table->context);
    }
    picking.to->finished = true;
    *picked = picking.to;
    return FATE_OK;
}
