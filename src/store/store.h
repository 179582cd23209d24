/* What every ready-made store shares: the inside of a reply, and the rule for keys. */
#ifndef SRC_STORE_STORE_H
#define SRC_STORE_STORE_H

#include <fate/store.h>
#include "lib/bytes.h"

enum { STORE_KEY_LIMIT = 100 };

/* Where get and list answer: the bytes, or the names, each followed by a zero byte. */
struct fate_reply {
    struct buffer *answer;
    bool names;    /* it is list that asks, not get */
    bool answered; /* get has given its bytes */
};

/* 1 to 100 of a-z, 0-9, '.', '-' and '_', a letter first. */
bool store_key_valid(const char *key);
/* FATE_OK, or FATE_E_ARGUMENT with its sentence. */
int32_t store_check_key(fate_context *context, const char *key);
/* The date of the system's clock, for the ready-made stores. */
uint64_t store_date(void *context);

#endif
