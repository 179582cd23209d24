/* Samples by rank: the numbers with the smallest keyed hashes are drawn, ties by number. */
#include "src/models/boosting/sampling.h"

#include <math.h>
#include <sodium.h>
#include <string.h>
#include "lib/bytes.h"
#include "lib/random.h"

uint64_t sampling_count(double fraction, uint64_t count)
{
    double drawn = ceil(fraction * (double)count);
    if (drawn >= (double)count) {
        return count;
    }
    return drawn < 1 ? 1 : (uint64_t)drawn;
}

/* The k-th smallest (from 0) of count hashes; rearranges them. Hoare's selection; hashes are as good as random, so no pivot is bad for long. */
static uint64_t select_smallest(uint64_t *hashes, uint64_t count, uint64_t k)
{
    uint64_t first = 0;
    uint64_t last = count - 1;
    while (first < last) {
        uint64_t pivot = hashes[first + (last - first) / 2];
        uint64_t low = first;
        uint64_t high = last;
        for (;;) {
            while (hashes[low] < pivot) {
                low++;
            }
            while (hashes[high] > pivot) {
                high--;
            }
            if (low >= high) {
                break;
            }
            uint64_t swapped = hashes[low];
            hashes[low++] = hashes[high];
            hashes[high--] = swapped;
        }
        /* first .. high are at most the pivot, high+1 .. last at least: high < last holds because the pivot stands before last. */
        if (k <= high) {
            last = high;
        } else {
            first = high + 1;
        }
    }
    return hashes[k];
}

static void draw(uint8_t *sampled, const uint64_t *hashes, uint64_t count, uint64_t drawn, uint64_t greatest)
{
    uint64_t ties = drawn;
    for (uint64_t i = 0; i < count; i++) {
        sampled[i] = hashes[i] < greatest;
        ties -= sampled[i];
    }
    for (uint64_t i = 0; i < count && ties > 0; i++) {
        if (hashes[i] == greatest) {
            sampled[i] = 1;
            ties--;
        }
    }
}

static int32_t sample(fate_context *context, uint8_t *sampled, uint64_t count, double fraction, const uint8_t *key)
{
    uint64_t drawn = sampling_count(fraction, count);
    if (drawn == count) {
        memset(sampled, 1, count);
        return FATE_OK;
    }
    uint64_t *hashes = memory_allocate(context, count, 2 * sizeof *hashes);
    if (hashes == NULL) {
        return context_out_of_memory(context);
    }
    for (uint64_t i = 0; i < count; i++) {
        uint8_t number[8];
        uint8_t hash[crypto_shorthash_BYTES];
        bytes_store_u64(number, i);
        (void)crypto_shorthash(hash, number, sizeof number, key);
        hashes[i] = bytes_load_u64(hash);
    }
    memcpy(hashes + count, hashes, count * sizeof *hashes);
    uint64_t greatest = select_smallest(hashes + count, count, drawn - 1);
    draw(sampled, hashes, count, drawn, greatest);
    memory_free(context, hashes);
    return FATE_OK;
}

static void sampling_key(uint8_t *key, uint64_t seed, uint32_t tree, const char *label, uint64_t number)
{
    uint8_t seed_key[RANDOM_KEY] = {0};
    bytes_store_u64(seed_key, seed);
    bytes_store_u32(seed_key + 8, tree);
    random_derive(key, seed_key, label, number);
}

int32_t sampling_rows(fate_context *context, uint8_t *sampled, uint64_t seed, uint32_t tree, uint64_t rows, double fraction)
{
    uint8_t key[RANDOM_KEY];
    sampling_key(key, seed, tree, "boosting rows", 0);
    return sample(context, sampled, rows, fraction, key);
}

int32_t sampling_columns(fate_context *context, uint8_t *sampled, uint64_t seed, uint32_t tree, uint32_t party, uint32_t columns,
                         double fraction)
{
    uint8_t key[RANDOM_KEY];
    sampling_key(key, seed, tree, "boosting columns", party);
    return sample(context, sampled, columns, fraction, key);
}

int32_t sampling_level(fate_context *context, uint8_t *sampled, uint64_t seed, uint32_t tree, uint32_t level, uint32_t party,
                       uint32_t columns, double fraction)
{
    uint8_t key[RANDOM_KEY];
    uint32_t marked = 0;
    for (uint32_t i = 0; i < columns; i++) {
        marked += sampled[i] != 0;
    }
    uint8_t *drawn = memory_zeroed(context, columns, 1);
    if (drawn == NULL) {
        return context_out_of_memory(context);
    }
    /* The level's ranks of the marked ones, one after the other. */
    sampling_key(key, seed, tree, "boosting level columns", (uint64_t)level << 32 | party);
    int32_t result = sample(context, drawn, marked, fraction, key);
    for (uint32_t i = 0, place = 0; i < columns && result == FATE_OK; i++) {
        sampled[i] = sampled[i] != 0 && drawn[place++] != 0;
    }
    memory_free(context, drawn);
    return result;
}

static uint64_t drawn_of_others(uint64_t rows, double top, double other)
{
    uint64_t others = rows - sampling_count(top, rows), drawn = sampling_count(other, rows);
    return drawn < others ? drawn : others;
}

uint64_t sampling_gradients_count(uint64_t rows, double top, double other)
{
    return sampling_count(top, rows) + drawn_of_others(rows, top, other);
}

double sampling_amplification(uint64_t rows, double top, double other)
{
    uint64_t drawn = drawn_of_others(rows, top, other);
    return drawn == 0 ? 1 : (double)(rows - sampling_count(top, rows)) / (double)drawn;
}

/* Marks the `drawn` smallest of count ranks; scratch has room for as many. */
static void draw_smallest(uint8_t *sampled, const uint64_t *ranks, uint64_t *scratch, uint64_t count, uint64_t drawn)
{
    memcpy(scratch, ranks, count * sizeof *ranks);
    draw(sampled, ranks, count, drawn, select_smallest(scratch, count, drawn - 1));
}

int32_t sampling_gradients(fate_context *context, uint8_t *sampled, const double *magnitudes, uint64_t seed, uint32_t tree, uint64_t rows,
                           double top, double other)
{
    uint8_t key[RANDOM_KEY], number[8], hash[crypto_shorthash_BYTES];
    uint64_t others = 0, drawn = drawn_of_others(rows, top, other);
    uint64_t *ranks = memory_allocate(context, rows, 2 * sizeof *ranks);
    uint8_t *small = memory_zeroed(context, rows, 1);
    if (ranks == NULL || small == NULL) {
        memory_free(context, ranks);
        memory_free(context, small);
        return context_out_of_memory(context);
    }
    /* Doubles that are not negative stand in the order of their bits; + 0.0 makes -0 the same as 0. */
    for (uint64_t row = 0; row < rows; row++) {
        double magnitude = magnitudes[row] + 0.0;
        memcpy(&ranks[row], &magnitude, sizeof magnitude);
        ranks[row] = ~ranks[row];
    }
    draw_smallest(sampled, ranks, ranks + rows, rows, sampling_count(top, rows));
    sampling_key(key, seed, tree, "boosting gradients", 0);
    for (uint64_t row = 0; row < rows; row++) {
        if (sampled[row] == 0) {
            bytes_store_u64(number, row);
            (void)crypto_shorthash(hash, number, sizeof number, key);
            ranks[others++] = bytes_load_u64(hash);
        }
    }
    if (drawn > 0) {
        draw_smallest(small, ranks, ranks + rows, others, drawn);
    }
    for (uint64_t row = 0, i = 0; row < rows; row++) {
        if (sampled[row] == 0) {
            sampled[row] = small[i++] != 0 ? SAMPLING_AMPLIFIED : 0;
        }
    }
    memory_free_secret(context, ranks, rows * 2 * sizeof *ranks);
    memory_free(context, small);
    return FATE_OK;
}
