/* Plaintexts that were packed, taken apart without a branch on a value. */
#include "lib/context.h"
#include <fate/encryption.h>
#include <sodium.h>

enum { MOST_WORDS = 64 };

/* Bits from..from+63 of a plaintext; zeros above its end. */
static uint64_t word_at(const uint64_t *packed, uint32_t words, uint64_t from)
{
    uint64_t at = from / 64, shift = from % 64;
    uint64_t low = at < words ? packed[at] >> shift : 0;
    return shift != 0 && at + 1 < words ? low | packed[at + 1] << (64 - shift) : low;
}

/* Bits from..end of a plaintext as so many words. Returns what does not fit: not zero. */
static uint64_t take(uint64_t *value, uint32_t words, const uint64_t *packed, uint32_t packed_words, uint64_t from, uint64_t end)
{
    uint64_t above = 0;
    for (uint32_t i = 0; i < words; i++) value[i] = 0;
    for (uint64_t i = 0; from < end; i++, from += 64) {
        uint64_t word = word_at(packed, packed_words, from);
        if (end - from < 64) word &= (UINT64_C(1) << (end - from)) - 1;
        if (i < words)
            value[i] = word;
        else
            above |= word;
    }
    return above;
}

/* 1 when value is above most: the borrow of most - value. */
static uint64_t exceeds(const uint64_t *value, const uint64_t *most, uint32_t words)
{
    uint64_t borrow = 0;
    for (uint32_t i = 0; i < words; i++) {
        uint64_t difference = most[i] - value[i], next = (~most[i] & value[i]) | ((~most[i] | value[i]) & difference);
        /* With a borrow from below the difference is one less, which borrows when it was zero. */
        borrow = (next >> 63) | (borrow & (((difference | (0 - difference)) >> 63) ^ 1));
    }
    return borrow;
}

struct layout {
    uint32_t words, packed_words, slot_bits, slots;
    const uint64_t *most;
};

/* Not zero when a value is out of range, or when a bit is set above the last slot: that alone shows, in the caller. */
static __attribute__((noinline)) uint64_t unpack_all(const struct layout *layout, uint64_t *values, uint64_t count, const uint64_t *packed)
{
    uint64_t wrong = 0, rest[MOST_WORDS];
    for (uint64_t i = 0; i < count; i++) {
        const uint64_t *from = packed + i / layout->slots * layout->packed_words;
        uint64_t slot = i % layout->slots, begin = slot * layout->slot_bits, end = begin + layout->slot_bits;
        uint64_t *value = values + i * layout->words;
        wrong |= take(value, layout->words, from, layout->packed_words, begin, end);
        if (layout->most != NULL) wrong |= exceeds(value, layout->most, layout->words);
        if (slot + 1 < layout->slots && i + 1 < count) continue;
        take(rest, MOST_WORDS, from, layout->packed_words, end, 64 * (uint64_t)layout->packed_words);
        for (int j = 0; j < MOST_WORDS; j++) wrong |= rest[j];
    }
    sodium_memzero(rest, sizeof rest);
    return wrong;
}

int32_t fate_plaintexts_unpack(fate_context *context, uint64_t *values, uint64_t count, uint32_t words, const uint64_t *packed,
                               uint32_t packed_words, uint32_t slot_bits, uint32_t slots, const uint64_t *most)
{
    static const char function[] = "fate_plaintexts_unpack";
    if (context == NULL) return FATE_E_ARGUMENT;
    if (count != 0 && (values == NULL || packed == NULL))
        return context_fail(context, FATE_E_ARGUMENT, "%s: values and packed must not be NULL", function);
    if (words == 0 || words > MOST_WORDS || packed_words == 0 || packed_words > MOST_WORDS)
        return context_fail(context, FATE_E_ARGUMENT, "%s: words and packed_words must be 1 to 64", function);
    if (slot_bits == 0 || slots == 0 || (uint64_t)slot_bits * slots > 64 * (uint64_t)packed_words)
        return context_fail(context, FATE_E_ARGUMENT, "%s: %lu slots of %lu bits do not fit into %lu words", function, (unsigned long)slots,
                            (unsigned long)slot_bits, (unsigned long)packed_words);
    const struct layout layout = {words, packed_words, slot_bits, slots, most};
    if (count == 0 || unpack_all(&layout, values, count, packed) == 0) return FATE_OK;
    sodium_memzero(values, (size_t)(count * words * sizeof *values));
    return context_fail(
        context, FATE_E_RANGE,
        "a packed plaintext holds more than its %lu slots of %lu bits may: a sum has overflowed its bound, or was not packed "
        "as agreed",
        (unsigned long)slots, (unsigned long)slot_bits);
}
