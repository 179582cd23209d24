/* Which of the known names a mistyped one was probably meant to be. */
#ifndef SRC_SESSION_NEAREST_H
#define SRC_SESSION_NEAREST_H

#include <stddef.h>
#include <stdint.h>

/* Writes into text (size bytes, cut to fit) up to three of the count known names, the nearest first, each in quotes:
 * `"trees" or "depth"`; "" when there is none. given may be any text. */
void nearest_names(char *text, size_t size, const char *given, const char *const *known, uint32_t count);

#endif
