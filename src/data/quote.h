/* Bytes of a table as readable text for an error's sentence: in quotes, shortened, valid UTF-8 without control characters. */
#ifndef SRC_DATA_QUOTE_H
#define SRC_DATA_QUOTE_H

#include <stdint.h>

enum { QUOTE_TEXT = 96 };

/* Writes at most QUOTE_TEXT bytes, the zero byte included, and returns out. Other bytes are written as \xNN. */
const char *quote_bytes(char *out, const void *bytes, uint64_t length);
/* The same for a text that ends with a zero byte; NULL is written as "". */
const char *quote_text(char *out, const char *text);
/* Length of the UTF-8 character of more than one byte at the start of bytes, of which there is at least one; 0 when there is none. */
uint32_t quote_character(const uint8_t *bytes, uint64_t left);

#endif
