/* The messages of private set intersection as bytes; see messages.h. */
#include "src/models/psi/messages.h"

#include <string.h>

#include "src/data/table.h"

enum { VERSION = 1 };

void psi_number_write(struct buffer *out, uint64_t number)
{
    buffer_u8(out, VERSION);
    buffer_u64(out, number);
}

bool psi_number_read(const uint8_t *bytes, uint64_t length, uint64_t *number)
{
    struct reader reader;
    reader_init(&reader, bytes, length);
    uint8_t version = reader_u8(&reader);
    *number = reader_u64(&reader);
    return reader_finished(&reader) && version == VERSION && *number <= table_most_rows;
}

void psi_result_write(struct buffer *out, struct psi_result result)
{
    psi_number_write(out, result.rows);
    buffer_u64(out, result.pairs);
}

bool psi_result_read(const uint8_t *bytes, uint64_t length, struct psi_result *result)
{
    if (length != PSI_RESULT || !psi_number_read(bytes, PSI_NUMBER, &result->rows)) return false;
    result->pairs = bytes_load_u64(bytes + PSI_NUMBER);
    return result->pairs <= result->rows;
}

uint64_t psi_part_items(uint32_t size)
{
    return PSI_PART_BYTES / size;
}

bool psi_part_read(struct psi_part *part, const uint8_t *bytes, uint64_t length, uint64_t taken, uint64_t total, uint32_t size)
{
    if (length < PSI_PART_HEAD || (length - PSI_PART_HEAD) % size != 0) return false;
    part->first = bytes_load_u64(bytes);
    part->count = (length - PSI_PART_HEAD) / size;
    part->items = bytes + PSI_PART_HEAD;
    return part->first == taken && part->count <= total - taken && part->count <= psi_part_items(size);
}

bool psi_part_ascends(const struct psi_part *part, uint32_t size, const uint8_t *last)
{
    for (uint64_t i = 0; i < part->count; i++) {
        const uint8_t *item = part->items + i * size;
        if (last != NULL && memcmp(last, item, size) >= 0) return false;
        last = item;
    }
    return true;
}
