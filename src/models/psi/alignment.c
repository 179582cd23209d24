/* Alignments, and their bytes; see alignment.h. */
#include "src/models/psi/alignment.h"

#include <string.h>

enum { VERSION = 1, FLAG_ROWS = 1, FLAG_LEFT = 2, HEAD = 2 + 3 * 8 + ALIGNMENT_DIGEST + TABLE_TAG + 8 };

int32_t alignment_init(struct alignment *alignment, fate_context *context, const fate_table *table)
{
    static const uint8_t key[32] = "fate alignment 1";
    memset(alignment, 0, sizeof *alignment);
    alignment->context = context;
    return fate_table_id_digest(table, alignment->ids, key);
}

void alignment_free(struct alignment *alignment)
{
    if (alignment->context != NULL) memory_free(alignment->context, alignment->rows);
    alignment->rows = NULL;
}

int32_t alignment_reserve(struct alignment *alignment, uint64_t count)
{
    alignment->rows = memory_allocate(alignment->context, count, sizeof *alignment->rows);
    if (alignment->rows == NULL) return context_out_of_memory(alignment->context);
    alignment->count = count;
    alignment->has_rows = true;
    return FATE_OK;
}

void alignment_write(const struct alignment *alignment, struct buffer *body)
{
    uint64_t count = alignment->has_rows ? alignment->count : 0;
    if (!buffer_reserve(body, HEAD + 4 * count)) return;
    buffer_u8(body, VERSION);
    buffer_u8(body, (uint8_t)((alignment->has_rows ? FLAG_ROWS : 0) | (alignment->left ? FLAG_LEFT : 0)));
    buffer_u64(body, alignment->own);
    buffer_u64(body, alignment->peer);
    buffer_u64(body, alignment->intersection);
    buffer_append(body, alignment->ids, ALIGNMENT_DIGEST);
    buffer_append(body, alignment->tag, TABLE_TAG);
    buffer_u64(body, count);
    for (uint64_t i = 0; i < count; i++) buffer_u32(body, alignment->rows[i]);
}

static void read_digest(struct reader *reader, uint8_t *to, uint64_t length)
{
    const uint8_t *bytes = reader_bytes(reader, length);
    if (bytes != NULL) memcpy(to, bytes, (size_t)length);
}

static int32_t damaged(fate_context *context)
{
    return context_fail(context, FATE_E_FORMAT, "the alignment is damaged: align the tables again");
}

int32_t alignment_read(struct alignment *alignment, fate_context *context, const uint8_t *body, uint64_t length)
{
    struct reader reader;
    memset(alignment, 0, sizeof *alignment);
    alignment->context = context;
    reader_init(&reader, body, length);
    uint8_t version = reader_u8(&reader), flags = reader_u8(&reader);
    alignment->own = reader_u64(&reader);
    alignment->peer = reader_u64(&reader);
    alignment->intersection = reader_u64(&reader);
    read_digest(&reader, alignment->ids, ALIGNMENT_DIGEST);
    read_digest(&reader, alignment->tag, TABLE_TAG);
    uint64_t count = reader_u64(&reader);
    if (!reader.failed && version > VERSION)
        return context_fail(context, FATE_E_VERSION, "the alignment has version %u, and this library reads up to %d", version,
                            (int)VERSION);
    bool fits = !reader.failed && version == VERSION && flags <= (FLAG_ROWS | FLAG_LEFT) && count == reader_left(&reader) / 4 &&
                reader_left(&reader) % 4 == 0 && count <= table_most_rows;
    if (!fits || ((flags & FLAG_ROWS) == 0 && count > 0)) return damaged(context);
    alignment->left = (flags & FLAG_LEFT) != 0;
    if ((flags & FLAG_ROWS) == 0) return FATE_OK;
    int32_t result = alignment_reserve(alignment, count);
    for (uint64_t i = 0; i < count && result == FATE_OK; i++) alignment->rows[i] = reader_u32(&reader);
    return result;
}

int32_t alignment_check(const struct alignment *alignment, const fate_table *table)
{
    struct alignment other;
    fate_context *context = alignment->context;
    int32_t result = alignment_init(&other, context, table);
    if (result != FATE_OK) return result;
    if (memcmp(other.ids, alignment->ids, ALIGNMENT_DIGEST) != 0)
        return context_fail(context, FATE_E_TABLE, "the table does not hold the ids that were aligned: align it anew");
    if (!alignment->has_rows)
        return context_fail(context, FATE_E_MODEL,
                            "the alignment tells this party no rows: the job says \"learn\": \"count\" or \"guest\"");
    for (uint64_t i = 0; i < alignment->count; i++)
        if (alignment->rows[i] >= fate_table_rows(table) && !(alignment->left && alignment->rows[i] == TABLE_NO_ROW))
            return damaged(context);
    return FATE_OK;
}
