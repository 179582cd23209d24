/* Layout of gradient pairs inside a plaintext: g made non-negative by an offset, h above it, and many such pairs side by side.
 *
 * One row is one pair: (h << sum_bits) | (g + 2^(value_bits-1)). Widths leave room for the sum over all rows of the job, so that sums
 * of pairs never run into their neighbours. A sum over `count` rows holds the sum of g and count times the offset. */
#ifndef SRC_MODELS_BOOSTING_PACKING_H
#define SRC_MODELS_BOOSTING_PACKING_H

#include <stdbool.h>
#include <stdint.h>

struct packing {
    uint32_t value_bits;      /* |g| is below 2^(value_bits-1), h below 2^value_bits */
    uint32_t sum_bits;        /* width of each of the two parts: at most 62 */
    uint32_t pair_bits;       /* of both */
    uint32_t pairs;           /* how many fit one plaintext: at least 1 */
    uint32_t pair_words;      /* 64-bit words of a plaintext with one pair */
    uint32_t plaintext_words; /* 64-bit words of a plaintext with all pairs */
};

/* Widths for sums over at most rows rows under a key of plaintext_bits. false: value_bits is 0, a sum would need more than 62 bits, or
 * not one pair fits the key. */
bool packing_make(struct packing *packing, uint32_t value_bits, uint64_t rows, uint32_t plaintext_bits);

/* Ciphertexts that hold the sums of cells bins. */
uint64_t packing_ciphertexts(const struct packing *packing, uint64_t cells);

/* Writes one row's pair into pair_words words. false: g or h is outside its bounds. */
bool packing_write(const struct packing *packing, int64_t g, int64_t h, uint64_t *words);

/* Reads the sums of cells pairs from a plaintext of plaintext_words words. counts: rows in each cell.
 * false: a sum is outside what that many rows can give, or bits above the last pair are set: no honest party packed it. */
bool packing_read(const struct packing *packing, const uint64_t *words, uint32_t cells, const uint32_t *counts, int64_t *g, int64_t *h);

#endif
