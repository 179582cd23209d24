/* Names and numbers as readable text. */
#include "src/models/text.h"

#include <string.h>
#include "lib/number.h"

/* Length of the well-formed UTF-8 sequence of more than one byte that begins here; 0 when there is none. */
static uint32_t utf8_length(const uint8_t *bytes)
{
    uint32_t length = bytes[0] >= 0xf0 && bytes[0] <= 0xf4  ? 4
                      : bytes[0] >= 0xe0 && bytes[0] < 0xf0 ? 3
                      : bytes[0] >= 0xc2 && bytes[0] < 0xe0 ? 2
                                                            : 0;
    for (uint32_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (bytes[0] == 0xe0 && bytes[1] < 0xa0) || (bytes[0] == 0xf0 && bytes[1] < 0x90);
    bool outside = (bytes[0] == 0xed && bytes[1] >= 0xa0) || (bytes[0] == 0xf4 && bytes[1] >= 0x90);
    return overlong || outside ? 0 : length;
}

void text_quoted(struct buffer *text, const char *name)
{
    const uint8_t *bytes = (const uint8_t *)name;
    buffer_u8(text, '"');
    while (*bytes != 0) {
        uint32_t length = *bytes >= 0x80 ? utf8_length(bytes) : 1;
        if (length == 0) {
            buffer_text(text, "\\ufffd");
            length = 1;
        } else if (*bytes == '"' || *bytes == '\\') {
            buffer_format(text, "\\%c", *bytes);
        } else if (*bytes < 0x20 || *bytes == 0x7f) {
            buffer_format(text, "\\u%04x", *bytes);
        } else {
            buffer_append(text, bytes, length);
        }
        bytes += length;
    }
    buffer_u8(text, '"');
}

void text_name(struct buffer *text, const char *name)
{
    static const char ordinary[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    if (*name != '\0' && name[strspn(name, ordinary)] == '\0') {
        buffer_text(text, name);
    } else {
        text_quoted(text, name);
    }
}

void text_number(struct buffer *text, double value)
{
    char digits[NUMBER_TEXT];
    number_write(digits, value);
    buffer_text(text, digits);
}
