/* The bytes of records: what is sent to many parties is kept once, in memory and in stored state. */
#ifndef SRC_SESSION_PAYLOAD_H
#define SRC_SESSION_PAYLOAD_H

#include "lib/bytes.h"

struct payload {
    uint64_t references; /* by records, and whoever else holds it; of one session, so of one thread at a time */
    uint64_t length;
    uint64_t place; /* in the state that is being written, from 1; 0: not written yet */
    uint8_t bytes[];
};

/* Held once; NULL when there is no memory. */
struct payload *payload_new(fate_context *context, const uint8_t *bytes, uint64_t length);
struct payload *payload_hold(struct payload *payload);
void payload_release(fate_context *context, struct payload *payload);
bool payload_is(const struct payload *payload, const uint8_t *bytes, uint64_t length);

/* Payloads of a state that is being written or read, by their places; those of one that is read are held. */
struct payload_book {
    fate_context *context;
    struct payload **items; /* read */
    uint64_t count, room;
};

void payload_book_init(struct payload_book *book, fate_context *context);
void payload_book_free(struct payload_book *book);
/* The bytes when they are written for the first time, after that their place. Before a book's first writing all places are 0. */
void payload_write(struct payload *payload, struct payload_book *book, struct buffer *out);
/* FATE_OK, *payload is held for the caller; FATE_E_FORMAT; FATE_E_MEMORY. */
int32_t payload_read(struct payload **payload, struct payload_book *book, struct reader *in);

#endif
