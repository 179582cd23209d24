/* Sorting by distribution: into buckets by the first bits, about as many as there are strings, then each bucket by insertion. */
#include "src/models/psi/sort.h"

#include <stdbool.h>
#include <string.h>

#include "lib/memory.h"

enum { MOST_BITS = 22 };

/* The first 8 bytes: they compare as numbers as the strings do. */
static uint64_t head_of(const uint8_t *bytes)
{
    uint64_t head = 0;
    for (uint32_t i = 0; i < 8; i++) head = head << 8 | bytes[i];
    return head;
}

struct sorting {
    const uint8_t *bytes;
    uint32_t size;
    uint64_t *heads; /* in the places of order */
    uint32_t *order;
};

static bool stands_before(const struct sorting *sorting, uint64_t head, uint32_t number, uint64_t place)
{
    if (head != sorting->heads[place]) return head < sorting->heads[place];
    uint64_t size = sorting->size;
    return memcmp(sorting->bytes + number * size, sorting->bytes + sorting->order[place] * size, (size_t)size) < 0;
}

static void insert_all(const struct sorting *sorting, uint64_t first, uint64_t end)
{
    for (uint64_t i = first + 1; i < end; i++) {
        uint64_t head = sorting->heads[i], place = i;
        uint32_t number = sorting->order[i];
        while (place > first && stands_before(sorting, head, number, place - 1)) {
            sorting->heads[place] = sorting->heads[place - 1];
            sorting->order[place] = sorting->order[place - 1];
            place--;
        }
        sorting->heads[place] = head;
        sorting->order[place] = number;
    }
}

static void distribute(const struct sorting *sorting, uint32_t *ends, uint64_t count, uint32_t bits)
{
    uint64_t buckets = UINT64_C(1) << bits, at = 0;
    for (uint64_t i = 0; i < count; i++) ends[head_of(sorting->bytes + i * sorting->size) >> 1 >> (63 - bits)]++;
    for (uint64_t bucket = 0; bucket < buckets; bucket++) {
        uint32_t here = ends[bucket];
        ends[bucket] = (uint32_t)at;
        at += here;
    }
    for (uint64_t i = 0; i < count; i++) {
        uint64_t head = head_of(sorting->bytes + i * sorting->size);
        uint32_t place = ends[head >> 1 >> (63 - bits)]++;
        sorting->heads[place] = head;
        sorting->order[place] = (uint32_t)i;
    }
    at = 0;
    for (uint64_t bucket = 0; bucket < buckets; at = ends[bucket++]) insert_all(sorting, at, ends[bucket]);
}

uint32_t *psi_sort(fate_context *context, const uint8_t *bytes, uint64_t count, uint32_t size)
{
    uint32_t bits = 0;
    while (bits < MOST_BITS && UINT64_C(1) << bits < count) bits++;
    struct sorting sorting = {.bytes = bytes, .size = size};
    uint32_t *ends = memory_zeroed(context, UINT64_C(1) << bits, sizeof *ends);
    sorting.heads = memory_allocate(context, count, sizeof *sorting.heads);
    sorting.order = memory_allocate(context, count, sizeof *sorting.order);
    if (ends != NULL && sorting.heads != NULL && sorting.order != NULL) {
        distribute(&sorting, ends, count, bits);
    } else {
        memory_free(context, sorting.order);
        sorting.order = NULL;
    }
    memory_free(context, ends);
    memory_free(context, sorting.heads);
    return sorting.order;
}
