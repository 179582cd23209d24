/* Rows of a CSV file in another order, from file to file with bounded memory. */
#ifndef SRC_DATA_CSV_ROWS_H
#define SRC_DATA_CSV_ROWS_H

#include "lib/memory.h"

/* Writes the first line of from, then for each i the record rows[i] (from 0; the first line is none), or empty fields for UINT32_MAX. A
 * record may stand there more than once. numbered: a first column "row" has the number of the row, with as many digits in each. most: bytes
 * of text in memory at once, about.
 * FATE_E_FILE; FATE_E_TABLE when the file is no table or has no such record; FATE_E_LIMIT; FATE_E_MEMORY. */
int32_t csv_rows_write(fate_context *context, const char *from, const char *to, const uint32_t *rows, uint64_t count, bool numbered,
                       uint64_t most);

#endif
