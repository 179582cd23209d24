/* A field of a CSV file as it is written; see csv_field.h. */
#include "src/data/csv_field.h"

void csv_field_write(struct buffer *csv, const uint8_t *bytes, uint64_t length)
{
    bool quoted = length == 0 || bytes[0] == ' ' || bytes[0] == '\t' || bytes[length - 1] == ' ' || bytes[length - 1] == '\t';
    for (uint64_t i = 0; i < length && !quoted; i++) quoted = bytes[i] == ',' || bytes[i] == '"' || bytes[i] == '\n' || bytes[i] == '\r';
    if (!quoted) {
        buffer_append(csv, bytes, length);
        return;
    }
    buffer_u8(csv, '"');
    for (uint64_t i = 0; i < length; i++) {
        if (bytes[i] == '"') buffer_u8(csv, '"');
        buffer_u8(csv, bytes[i]);
    }
    buffer_u8(csv, '"');
}
