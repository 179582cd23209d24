/* Splits CSV (RFC 4180) into records, from bytes that arrive in pieces of any size. */
#ifndef SRC_DATA_CSV_H
#define SRC_DATA_CSV_H

#include <fate/table.h>
#include "lib/bytes.h"

struct csv {
    fate_context *context;
    const char *name; /* of the file, for sentences; borrowed */
    int32_t state;
    uint32_t mark;       /* bytes of the byte order mark seen so far */
    uint64_t line;       /* current line, from 1 */
    uint64_t first_line; /* where the current record begins */
    uint64_t quote_line; /* where the current quoted field begins */
    struct buffer text;  /* the fields of the current record, end to end */
    uint64_t *ends;      /* of each field in text */
    uint32_t count;      /* fields of the current record */
    uint32_t capacity;   /* of ends */
    bool quoted;         /* the current record has a quote: it is no empty line */
    /* Called for each record that is not an empty line; the fields are those of text and ends. */
    int32_t (*record)(void *receiver, const struct csv *csv);
    void *receiver;
};

void csv_init(struct csv *csv, fate_context *context, const char *name, int32_t (*record)(void *receiver, const struct csv *csv),
              void *receiver);
void csv_free(struct csv *csv);
/* Takes the next bytes. FATE_E_TABLE, FATE_E_LIMIT, FATE_E_MEMORY with a sentence, and record's own results. */
int32_t csv_feed(struct csv *csv, const uint8_t *bytes, uint64_t length);
/* The same for a whole file, and its end; FATE_E_FILE too. name and record are those of csv_init. */
int32_t csv_read_file(struct csv *csv, const char *path);
/* Ends the last record, which may lack its line end. */
int32_t csv_end(struct csv *csv);

#endif
