/* Numbers to text and back, whatever the process's locale is. */
#ifndef LIB_NUMBER_H
#define LIB_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

enum { NUMBER_TEXT = 32 };

/* Shortest text that reads back as the same double ("0.1", "1e-07", "nan", "inf"); integers without a point. text: NUMBER_TEXT bytes. */
void number_write(char *text, double value);
/* Reads a whole decimal number: optional blanks around it, sign, digits, point, exponent, correctly rounded. false when it is not one
 * (hexadecimal, "nan" and "inf" are none); also when no double is large enough, and then *value is infinite. Else *value stays. */
bool number_read(const char *text, uint64_t length, double *value);

#endif
