/* A hash table with open addressing over byte strings that are laid end to end. */
#include "src/data/dictionary.h"
#include "lib/random.h"
#include <sodium.h>
#include <string.h>

_Static_assert(sizeof((struct dictionary *)0)->key == crypto_shorthash_KEYBYTES, "size of the hash's key");

void dictionary_init(struct dictionary *dictionary, fate_context *context)
{
    memset(dictionary, 0, sizeof *dictionary);
    dictionary->context = context;
    buffer_init(&dictionary->text, context);
    random_system(dictionary->key, sizeof dictionary->key);
}

void dictionary_free(struct dictionary *dictionary)
{
    if (!dictionary->context) return; /* never initialised */
    buffer_free(&dictionary->text);
    memory_free(dictionary->context, dictionary->starts);
    memory_free(dictionary->context, dictionary->slots);
    memset(dictionary, 0, sizeof *dictionary);
}

const char *dictionary_text(const struct dictionary *dictionary, uint32_t code)
{
    return (const char *)dictionary->text.bytes + dictionary->starts[code];
}

static uint64_t entry_length(const struct dictionary *dictionary, uint32_t code)
{
    return dictionary->starts[code + 1] - dictionary->starts[code] - 1;
}

static uint64_t hash_slot(const struct dictionary *dictionary, const void *bytes, uint64_t length, uint64_t slot_count)
{
    uint8_t hash[crypto_shorthash_BYTES];
    crypto_shorthash(hash, bytes, length, dictionary->key);
    return bytes_load_u64(hash) & (slot_count - 1);
}

/* Makes room for one more entry: slots stay at most half full. */
static bool grow(struct dictionary *dictionary)
{
    if (dictionary->count + UINT64_C(2) > dictionary->capacity) {
        uint64_t capacity = dictionary->capacity ? 2 * dictionary->capacity : 16;
        uint64_t *starts = memory_resize(dictionary->context, dictionary->starts, capacity, sizeof *starts);
        if (!starts) return false;
        dictionary->starts = starts;
        dictionary->capacity = capacity;
        starts[dictionary->count] = dictionary->text.length;
    }
    if ((dictionary->count + UINT64_C(1)) * 2 <= dictionary->slot_count) return true;
    uint64_t slot_count = dictionary->slot_count ? 2 * dictionary->slot_count : 32;
    uint32_t *slots = memory_zeroed(dictionary->context, slot_count, sizeof *slots);
    if (!slots) return false;
    for (uint32_t code = 0; code < dictionary->count; code++) {
        uint64_t slot = hash_slot(dictionary, dictionary_text(dictionary, code), entry_length(dictionary, code), slot_count);
        while (slots[slot]) slot = (slot + 1) & (slot_count - 1);
        slots[slot] = code + 1;
    }
    memory_free(dictionary->context, dictionary->slots);
    dictionary->slots = slots;
    dictionary->slot_count = slot_count;
    return true;
}

bool dictionary_code(struct dictionary *dictionary, const void *bytes, uint64_t length, uint32_t *code)
{
    if (!grow(dictionary)) return false;
    uint64_t slot = hash_slot(dictionary, bytes, length, dictionary->slot_count);
    while (dictionary->slots[slot]) {
        uint32_t other = dictionary->slots[slot] - 1;
        if (entry_length(dictionary, other) == length && memcmp(dictionary_text(dictionary, other), bytes, (size_t)length) == 0) {
            *code = other;
            return true;
        }
        slot = (slot + 1) & (dictionary->slot_count - 1);
    }
    if (!buffer_reserve(&dictionary->text, length + 1)) return false;
    buffer_append(&dictionary->text, bytes, length);
    buffer_u8(&dictionary->text, 0);
    *code = dictionary->count++;
    dictionary->starts[dictionary->count] = dictionary->text.length;
    dictionary->slots[slot] = dictionary->count;
    return true;
}
