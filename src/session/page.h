/* Plain text of at most PAGE_WIDTH columns: headings, labels, and paragraphs that wrap beside them. */
#ifndef SRC_SESSION_PAGE_H
#define SRC_SESSION_PAGE_H

#include "lib/bytes.h"

enum { PAGE_WIDTH = 100 };

/* Appends an empty line (except at the very top), and a line of its own at column. */
void page_title(struct buffer *page, uint32_t column, const char *title);

/* Appends label at column label_column, and text, wrapped at words, from text_column on. A label that reaches text_column stands on a
 * line of its own. Control characters in text count as blanks. */
void page_paragraph(struct buffer *page, uint32_t label_column, const char *label, uint32_t text_column, const char *text);

#endif
