/* Reads a CSV file of which only some columns matter: all others are taken as categories, which may be any text. */
#include "tools/columns.h"
#include "tools/message.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_all(FILE *file, uint8_t **bytes, size_t *length)
{
    size_t room = 0;
    for (;;) {
        if (*length == room) {
            room = room ? room * 2 : 65536;
            uint8_t *larger = realloc(*bytes, room);
            if (!larger) return message_failed(FATE_E_MEMORY, NULL);
            *bytes = larger;
        }
        size_t count = fread(*bytes + *length, 1, room - *length, file);
        *length += count;
        if (count == 0) return 0;
    }
}

static int read_file(const char *path, uint8_t **bytes, size_t *length)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        message_error("%s cannot be opened: %s.", path, strerror(errno));
        return EXIT_INPUT;
    }
    int code = read_all(file, bytes, length);
    if (!code && ferror(file)) {
        message_error("%s cannot be read: %s.", path, strerror(errno));
        code = EXIT_INPUT;
    }
    fclose(file);
    return code;
}

/* Length of the first line with its end; a line end between quotes belongs to a field. */
static size_t header_length(const uint8_t *bytes, size_t length)
{
    int quoted = 0;
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] == '"') quoted = !quoted;
        if (bytes[i] == '\n' && !quoted) return i + 1;
    }
    return length;
}

static int32_t make_schema(fate_context *context, fate_schema **schema, const char *id, const char *label, const char *weight)
{
    int32_t result = fate_schema_new(context, schema);
    if (result == FATE_OK) result = fate_schema_set_id(*schema, id);
    if (result == FATE_OK && label) result = fate_schema_set_label(*schema, label, 1);
    if (result == FATE_OK && weight) result = fate_schema_set_weight(*schema, weight);
    return result;
}

/* true for number itself and for number_0, number_1, ... */
static int is_number(const char *name, const char *number)
{
    size_t length = number ? strlen(number) : 0;
    if (!number || strncmp(name, number, length) != 0) return 0;
    const char *rest = name + length;
    return !*rest || (rest[0] == '_' && rest[1] && strspn(rest + 1, "0123456789") == strlen(rest + 1));
}

static int32_t take_other_columns_as_text(fate_schema *schema, const fate_table *header, const char *number)
{
    int32_t result = FATE_OK;
    for (uint32_t i = 0; i < fate_table_columns(header) && result == FATE_OK; i++) {
        const char *name = fate_table_column_name(header, i);
        if (!is_number(name, number)) result = fate_schema_add_categorical(schema, name);
    }
    return result;
}

int columns_read(fate_context *context, fate_table **table, const char *path, const char *id, const char *number, const char *label,
                 const char *weight)
{
    uint8_t *bytes = NULL;
    size_t length = 0;
    fate_schema *schema = NULL;
    fate_table *header = NULL;
    *table = NULL;
    int code = read_file(path, &bytes, &length);
    if (!code) {
        int32_t result = make_schema(context, &schema, id, label, weight);
        if (result == FATE_OK) result = fate_table_parse_csv(context, &header, path, bytes, header_length(bytes, length), schema);
        if (result == FATE_OK) result = take_other_columns_as_text(schema, header, number);
        if (result == FATE_OK) result = fate_table_parse_csv(context, table, path, bytes, length, schema);
        if (result != FATE_OK) code = message_context(context, result);
    }
    fate_table_free(header);
    fate_schema_free(schema);
    free(bytes);
    return code;
}
