/* Wrapping of text. Columns count characters of UTF-8, not bytes. */
#include "src/session/page.h"

#include <string.h>

static uint32_t columns(const char *text, size_t length)
{
    uint32_t count = 0;
    for (size_t i = 0; i < length; i++) count += ((uint8_t)text[i] & 0xc0) == 0x80 ? 0 : 1;
    return count;
}

static void blanks(struct buffer *page, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) buffer_u8(page, ' ');
}

static bool is_blank(char c)
{
    return (uint8_t)c <= ' ' || c == 0x7f;
}

void page_title(struct buffer *page, uint32_t column, const char *title)
{
    if (page->length > 0) buffer_u8(page, '\n');
    blanks(page, column);
    buffer_text(page, title);
    buffer_u8(page, '\n');
}

void page_paragraph(struct buffer *page, uint32_t label_column, const char *label, uint32_t text_column, const char *text)
{
    uint32_t column = label_column + columns(label, strlen(label));
    blanks(page, label[0] == '\0' ? 0 : label_column);
    buffer_text(page, label);
    if (label[0] == '\0') column = 0;
    if (column >= text_column && column > 0) {
        buffer_u8(page, '\n');
        column = 0;
    }
    bool first = true;
    for (const char *at = text; *at != '\0';) {
        size_t length = 0;
        while (at[length] != '\0' && !is_blank(at[length])) length++;
        const uint32_t width = columns(at, length);
        if (length > 0 && !first && column + 1 + width > PAGE_WIDTH) {
            buffer_u8(page, '\n');
            column = 0;
            first = true;
        }
        if (length > 0) {
            blanks(page, first ? text_column - column : 1);
            column = (first ? text_column : column + 1) + width;
            buffer_append(page, at, length);
            first = false;
        }
        at += length + (at[length] == '\0' ? 0 : 1);
    }
    buffer_u8(page, '\n');
}
