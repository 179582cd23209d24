/* Normalisers of ids: what a job names is done to every party's ids alike before they are compared. */
#ifndef SRC_DATA_NORMALISE_H
#define SRC_DATA_NORMALISE_H

#include <stdbool.h>
#include <stdint.h>

/* In the order in which they are done. */
enum normalise {
    NORMALISE_TRIM = 1,  /* blanks, tabs and line ends at both ends */
    NORMALISE_FOLD = 2,  /* A to Z become a to z; other bytes stay */
    NORMALISE_DIGITS = 4 /* all but 0 to 9 is taken out */
};

enum { NORMALISE_TEXT = 32 };

/* Reads names separated by one blank: "trim fold". false: another name, or one twice. */
bool normalise_read(const char *text, uint32_t *normalisers);
/* The names in their order; "" for none. text: NORMALISE_TEXT bytes. */
void normalise_write(char *text, uint32_t normalisers);
/* Normalises in place; returns the new length. */
uint64_t normalise_bytes(uint32_t normalisers, uint8_t *bytes, uint64_t length);

#endif
