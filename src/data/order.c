/* A stable merge sort of indices, and a radix sort of numbers. */
#include "src/data/order.h"
#include <string.h>

struct merge {
    order_compare compare;
    const void *argument;
    const uint32_t *from;
    uint32_t *to;
};

/* Merges the sorted stretches [first, middle) and [middle, end). */
static void merge_stretches(const struct merge *merge, uint64_t first, uint64_t middle, uint64_t end)
{
    const uint32_t *from = merge->from;
    uint64_t left = first, right = middle, out = first;
    if (middle == end || merge->compare(merge->argument, from[middle - 1], from[middle]) <= 0) {
        memcpy(merge->to + first, from + first, (size_t)(end - first) * sizeof *from);
        return;
    }
    while (left < middle && right < end)
        merge->to[out++] = merge->compare(merge->argument, from[left], from[right]) <= 0 ? from[left++] : from[right++];
    while (left < middle) merge->to[out++] = from[left++];
    while (right < end) merge->to[out++] = from[right++];
}

bool order_indices(fate_context *context, uint32_t *indices, uint64_t count, order_compare compare, const void *argument)
{
    uint32_t *scratch = memory_allocate(context, count, sizeof *scratch);
    if (!scratch) return false;
    struct merge merge = {compare, argument, indices, scratch};
    for (uint64_t width = 1; width < count; width *= 2) {
        for (uint64_t first = 0; first < count; first += 2 * width) {
            uint64_t middle = count - first < width ? count : first + width;
            uint64_t end = count - middle < width ? count : middle + width;
            merge_stretches(&merge, first, middle, end);
        }
        bool in_scratch = merge.to == scratch;
        merge.from = in_scratch ? scratch : indices;
        merge.to = in_scratch ? indices : scratch;
    }
    if (merge.from == scratch) memcpy(indices, scratch, (size_t)count * sizeof *indices);
    memory_free(context, scratch);
    return true;
}

uint32_t *order_new(fate_context *context, uint64_t count, order_compare compare, const void *argument)
{
    uint32_t *indices = memory_allocate(context, count, sizeof *indices);
    if (!indices) return NULL;
    for (uint64_t i = 0; i < count; i++) indices[i] = (uint32_t)i;
    if (!order_indices(context, indices, count, compare, argument)) {
        memory_free(context, indices);
        return NULL;
    }
    return indices;
}

static const uint64_t sign_bit = UINT64_C(1) << 63;

uint64_t order_key(double value)
{
    uint64_t bits;
    value += 0.0; /* -0 becomes 0 */
    memcpy(&bits, &value, sizeof bits);
    return bits & sign_bit ? ~bits : bits | sign_bit;
}

double order_value(uint64_t key)
{
    uint64_t bits = key & sign_bit ? key & ~sign_bit : ~key;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

enum { DIGITS = 8, DIGIT_VALUES = 256 };

bool order_keys(fate_context *context, uint64_t *keys, uint64_t count)
{
    uint64_t(*starts)[DIGIT_VALUES] = memory_zeroed(context, DIGITS, sizeof *starts);
    uint64_t *scratch = memory_allocate(context, count, sizeof *scratch);
    if (!starts || !scratch) {
        memory_free(context, starts);
        memory_free(context, scratch);
        return false;
    }
    for (uint64_t i = 0; i < count; i++)
        for (uint32_t digit = 0; digit < DIGITS; digit++) starts[digit][keys[i] >> (8 * digit) & 255]++;
    uint64_t *from = keys, *to = scratch;
    for (uint32_t digit = 0; digit < DIGITS && count > 0; digit++) {
        if (starts[digit][keys[0] >> (8 * digit) & 255] == count) continue; /* all keys have this digit */
        uint64_t start = 0;
        for (uint32_t value = 0; value < DIGIT_VALUES; value++) {
            uint64_t here = starts[digit][value];
            starts[digit][value] = start;
            start += here;
        }
        for (uint64_t i = 0; i < count; i++) to[starts[digit][from[i] >> (8 * digit) & 255]++] = from[i];
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    if (from == scratch) memcpy(keys, scratch, (size_t)count * sizeof *keys);
    memory_free(context, starts);
    memory_free(context, scratch);
    return true;
}
