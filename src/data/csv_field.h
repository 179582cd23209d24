/* A field of a CSV file (RFC 4180) as it is written: in quotes where a reader would otherwise take it for something else. */
#ifndef SRC_DATA_CSV_FIELD_H
#define SRC_DATA_CSV_FIELD_H

#include "lib/bytes.h"

void csv_field_write(struct buffer *csv, const uint8_t *bytes, uint64_t length);

#endif
