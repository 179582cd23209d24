/* Names and numbers in what people and programs read of a model. */
#ifndef SRC_MODELS_TEXT_H
#define SRC_MODELS_TEXT_H

#include "lib/bytes.h"

/* A JSON string; bytes that are no UTF-8 become the replacement character. */
void text_quoted(struct buffer *text, const char *name);
/* Names of ordinary characters stand as they are, others as JSON strings. */
void text_name(struct buffer *text, const char *name);
/* The shortest text that reads back as the same number. */
void text_number(struct buffer *text, double value);

#endif
