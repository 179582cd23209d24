/* The messages of secure aggregation as bytes. All but "join" begin with the round. Lists are in ascending order of their parties. */
#ifndef SRC_MODELS_AGGREGATION_MESSAGES_H
#define SRC_MODELS_AGGREGATION_MESSAGES_H

#include "lib/bytes.h"
#include "src/models/aggregation/round_keys.h"

enum { SIGNATURE = 64, ROUND_HEAD = 8 };

/* What signatures are over, beside run and label: round and keys; the list of survivors. */
#define AGGREGATION_SIGNS_KEYS "aggregation keys"
#define AGGREGATION_SIGNS_SURVIVORS "aggregation survivors"
enum { SIGNED_KEYS = ROUND_HEAD + 3 * ROUND_KEY };

/* An item of a list: of which party, and its bytes. */
struct list {
    const uint8_t *items; /* count times 4 + size bytes */
    uint32_t count, size;
};

enum {
    ITEM_NOTHING = 0,
    ITEM_KEYS = 3 * ROUND_KEY + SIGNATURE,
    ITEM_LETTER = ROUND_SEALED,
    ITEM_SIGNATURE = SIGNATURE,
    ITEM_SHARE = 1 + SHARING_SECRET,
    ITEM_NOTE = ROUND_NOTE
};
enum reveal { REVEAL_OWN = 1, REVEAL_MASK = 2 };

void list_begin(struct buffer *out, uint64_t round);
void list_add(struct buffer *out, uint32_t party, const uint8_t *bytes, uint32_t size);
/* Reads a round and a list of items of that size. false: malformed, or not in ascending order, or a party from parties on. */
bool list_read(struct list *list, uint64_t *round, const uint8_t *bytes, uint64_t length, uint32_t size, uint32_t parties);
uint32_t list_party(const struct list *list, uint32_t index);
const uint8_t *list_item(const struct list *list, uint32_t index);
/* The bytes of a party's item; NULL when it has none. */
const uint8_t *list_find(const struct list *list, uint32_t party);

/* The text that the signature of keys is over: SIGNED_KEYS bytes. */
void keys_text(uint8_t *text, uint64_t round, const uint8_t *item);
void keys_write(uint8_t *item, const struct round_keys *keys);
void keys_read(struct round_keys *keys, const uint8_t *item);

#endif
