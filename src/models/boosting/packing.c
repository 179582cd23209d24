/* Layout of gradient pairs inside a plaintext. */
#include "src/models/boosting/packing.h"

#include <string.h>

static uint32_t bit_length(uint64_t value)
{
    uint32_t bits = 0;
    while (value > 0) {
        bits++;
        value >>= 1;
    }
    return bits;
}

bool packing_make(struct packing *packing, uint32_t value_bits, uint32_t outputs, uint64_t rows, uint32_t plaintext_bits)
{
    memset(packing, 0, sizeof *packing);
    /* rows < 2^row_bits and both summands are below 2^value_bits, so sums stay below 2^sum_bits. */
    uint32_t row_bits = bit_length(rows);
    if (value_bits == 0 || value_bits > 62 || value_bits + row_bits > 62 || outputs == 0) {
        return false;
    }
    packing->value_bits = value_bits;
    packing->sum_bits = value_bits + row_bits;
    packing->outputs = outputs;
    uint32_t room = plaintext_bits / (2 * packing->sum_bits);
    if (room == 0) {
        return false;
    }
    packing->row_ciphertexts = outputs / room + (outputs % room != 0);
    if (rows > UINT32_MAX / packing->row_ciphertexts) {
        return false;
    }
    packing->part_outputs = outputs / packing->row_ciphertexts + (outputs % packing->row_ciphertexts != 0);
    packing->pair_bits = 2 * packing->sum_bits * packing->part_outputs;
    packing->pairs = plaintext_bits / packing->pair_bits;
    packing->pair_words = (packing->pair_bits + 63) / 64;
    packing->plaintext_words = (packing->pairs * packing->pair_bits + 63) / 64;
    return true;
}

uint64_t packing_ciphertexts(const struct packing *packing, uint64_t cells)
{
    return packing->row_ciphertexts * (cells / packing->pairs + (cells % packing->pairs != 0));
}

/* Adds value, width bits long, at bit position; the bits there are zero. */
static void put_bits(uint64_t *words, uint32_t position, uint64_t value, uint32_t width)
{
    uint32_t word = position / 64, shift = position % 64;
    words[word] |= value << shift;
    if (shift + width > 64) {
        words[word + 1] |= value >> (64 - shift);
    }
}

static uint64_t get_bits(const uint64_t *words, uint32_t position, uint32_t width)
{
    uint32_t word = position / 64, shift = position % 64;
    uint64_t value = words[word] >> shift;
    if (shift + width > 64) {
        value |= words[word + 1] << (64 - shift);
    }
    return width == 64 ? value : value & ((UINT64_C(1) << width) - 1);
}

bool packing_write(const struct packing *packing, const struct gradient_pair *pairs, uint64_t *words)
{
    int64_t offset = INT64_C(1) << (packing->value_bits - 1);
    memset(words, 0, (uint64_t)packing->row_ciphertexts * packing->pair_words * sizeof *words);
    for (uint32_t i = 0; i < packing->outputs; i++) {
        int64_t g = pairs[i].gradient, h = pairs[i].hessian;
        uint64_t *part = words + (uint64_t)(i / packing->part_outputs) * packing->pair_words;
        uint32_t position = 2 * (i % packing->part_outputs) * packing->sum_bits;
        if (g <= -offset || g >= offset || h < 0 || h >= 2 * offset) {
            return false;
        }
        put_bits(part, position, (uint64_t)(g + offset), packing->sum_bits);
        put_bits(part, position + packing->sum_bits, (uint64_t)h, packing->sum_bits);
    }
    return true;
}

/* Reads the sum of one output of one cell; pair: its number in the plaintext. */
static bool read_pair(const struct packing *packing, const uint64_t *words, uint32_t pair, uint32_t count, struct bin_sum *sum)
{
    uint32_t position = 2 * pair * packing->sum_bits;
    uint64_t low = get_bits(words, position, packing->sum_bits);
    uint64_t high = get_bits(words, position + packing->sum_bits, packing->sum_bits);
    if (bit_length(count) > packing->sum_bits - packing->value_bits) {
        return false;
    }
    /* Each row gave 1 to 2^value_bits - 1 below and 0 to 2^value_bits - 1 above; most is below 2^sum_bits. */
    uint64_t offset = (uint64_t)count << (packing->value_bits - 1);
    uint64_t most = 2 * offset - count;
    if (low < count || low > most || high > most) {
        return false;
    }
    *sum = (struct bin_sum){.gradient = (int64_t)low - (int64_t)offset, .hessian = (int64_t)high, .count = count};
    return true;
}

/* Reads one plaintext: of cells cells outputs sums each. */
static bool read_plaintext(const struct packing *packing, const uint64_t *words, uint32_t outputs, uint32_t cells, const uint32_t *counts,
                           struct bin_sum *sums)
{
    for (uint32_t pair = 0; pair < cells * outputs; pair++) {
        if (!read_pair(packing, words, pair, counts[pair / outputs], &sums[pair])) {
            return false;
        }
    }
    for (uint32_t bit = cells * outputs * 2 * packing->sum_bits; bit < packing->plaintext_words * 64;) {
        uint32_t width = 64 - bit % 64;
        if (get_bits(words, bit, width) != 0) {
            return false;
        }
        bit += width;
    }
    return true;
}

bool packing_read(const struct packing *packing, const uint64_t *words, uint32_t cells, const uint32_t *counts, struct bin_sum *sums)
{
    if (cells > packing->pairs) {
        return false;
    }
    for (uint32_t part = 0; part < packing->row_ciphertexts; part++) {
        uint32_t first = part * packing->part_outputs, left = packing->outputs - first;
        uint32_t outputs = left < packing->part_outputs ? left : packing->part_outputs;
        if (!read_plaintext(packing, words + (uint64_t)part * packing->plaintext_words, outputs, cells, counts, sums + first)) {
            return false;
        }
    }
    return true;
}
