/* Different byte strings, numbered in the order of their first appearance. */
#ifndef SRC_DATA_DICTIONARY_H
#define SRC_DATA_DICTIONARY_H

#include "lib/bytes.h"

struct dictionary {
    fate_context *context;
    struct buffer text; /* the entries, a zero byte after each */
    uint64_t *starts;   /* of entry i in text; starts[count] is the end */
    uint32_t count;
    uint64_t capacity;   /* of starts */
    uint32_t *slots;     /* hash table: 0 is free, else number of the entry plus one */
    uint64_t slot_count; /* a power of two */
    uint8_t key[16];     /* drawn at random, so that no file can be made in which all entries collide */
};

void dictionary_init(struct dictionary *dictionary, fate_context *context);
void dictionary_free(struct dictionary *dictionary);
/* Number of the entry, which is added when it is new. At most 2^32-2 entries. false: out of memory. */
bool dictionary_code(struct dictionary *dictionary, const void *bytes, uint64_t length, uint32_t *code);
/* Text of an entry; a zero byte stands behind it. Borrowed until the next dictionary_code. */
const char *dictionary_text(const struct dictionary *dictionary, uint32_t code);

#endif
