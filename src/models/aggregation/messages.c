/* Messages of secure aggregation; see messages.h. */
#include "src/models/aggregation/messages.h"

#include <string.h>

void list_begin(struct buffer *out, uint64_t round)
{
    buffer_u64(out, round);
}

void list_add(struct buffer *out, uint32_t party, const uint8_t *bytes, uint32_t size)
{
    buffer_u32(out, party);
    buffer_append(out, bytes, size);
}

bool list_read(struct list *list, uint64_t *round, const uint8_t *bytes, uint64_t length, uint32_t size, uint32_t parties)
{
    uint64_t item = 4 + (uint64_t)size;
    if (length < ROUND_HEAD || (length - ROUND_HEAD) % item != 0 || (length - ROUND_HEAD) / item > parties) return false;
    *round = bytes_load_u64(bytes);
    list->items = bytes + ROUND_HEAD;
    list->count = (uint32_t)((length - ROUND_HEAD) / item);
    list->size = size;
    for (uint32_t i = 0; i < list->count; i++)
        if (list_party(list, i) >= parties || (i > 0 && list_party(list, i) <= list_party(list, i - 1))) return false;
    return true;
}

uint32_t list_party(const struct list *list, uint32_t index)
{
    return bytes_load_u32(list->items + (uint64_t)index * (4 + list->size));
}

const uint8_t *list_item(const struct list *list, uint32_t index)
{
    return list->items + (uint64_t)index * (4 + list->size) + 4;
}

const uint8_t *list_find(const struct list *list, uint32_t party)
{
    uint32_t low = 0, high = list->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2, found = list_party(list, middle);
        if (found == party) return list_item(list, middle);
        if (found < party)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

void keys_text(uint8_t *text, uint64_t round, const uint8_t *item)
{
    bytes_store_u64(text, round);
    memcpy(text + ROUND_HEAD, item, 3 * ROUND_KEY);
}

void keys_write(uint8_t *item, const struct round_keys *keys)
{
    memcpy(item, keys->letter, ROUND_KEY);
    memcpy(item + ROUND_KEY, keys->mask, ROUND_KEY);
    memcpy(item + 2 * ROUND_KEY, keys->commitment, ROUND_KEY);
}

void keys_read(struct round_keys *keys, const uint8_t *item)
{
    memcpy(keys->letter, item, ROUND_KEY);
    memcpy(keys->mask, item + ROUND_KEY, ROUND_KEY);
    memcpy(keys->commitment, item + 2 * ROUND_KEY, ROUND_KEY);
}
