/* Layout of gradient pairs inside plaintexts: g made non-negative by an offset, h above it, and many such pairs side by side.
 *
 * One row is one pair for each of the tree's outputs, side by side, the first lowest; where they do not fit one plaintext, they are dealt out evenly
 * to as few as hold them, and a plaintext then holds pairs of one row or cell alone. A pair is (h << sum_bits) | (g + 2^(value_bits-1)). Widths leave
 * room for the sum over all rows of the job, so that sums of pairs never run into their neighbours. A sum over `count` rows holds the sum of g and
 * count times the offset. */
#ifndef SRC_MODELS_BOOSTING_PACKING_H
#define SRC_MODELS_BOOSTING_PACKING_H

#include "src/models/boosting/histogram.h"

struct packing {
    uint32_t value_bits;      /* |g| is below 2^(value_bits-1), h below 2^value_bits */
    uint32_t sum_bits;        /* width of each of the two parts: at most 62 */
    uint32_t outputs;         /* pairs of a row */
    uint32_t row_ciphertexts; /* of a row, or of a cell's sums before they are packed: at least 1 */
    uint32_t part_outputs;    /* pairs of a row in each of them; the last may have fewer */
    uint32_t pair_bits;       /* of both parts, of part_outputs: of what one row has in a plaintext */
    uint32_t pairs;           /* how many such fit one plaintext: at least 1; 1 when row_ciphertexts is above 1 */
    uint32_t pair_words;      /* 64-bit words of a plaintext with one row's */
    uint32_t plaintext_words; /* 64-bit words of a plaintext with all that fit */
};

/* Widths for sums over at most rows rows under a key of plaintext_bits. false: value_bits or outputs is 0, a sum would need more than 62 bits,
 * not one pair fits the key, or all rows would have 2^32 ciphertexts or more. */
bool packing_make(struct packing *packing, uint32_t value_bits, uint32_t outputs, uint64_t rows, uint32_t plaintext_bits);

/* Ciphertexts that hold the sums of cells bins. */
uint64_t packing_ciphertexts(const struct packing *packing, uint64_t cells);

/* Writes one row's pairs, outputs of them, into row_ciphertexts plaintexts of pair_words words each. false: a g or h is outside its bounds. */
bool packing_write(const struct packing *packing, const struct gradient_pair *pairs, uint64_t *words);

/* Reads the sums of cells, at most pairs of them, from row_ciphertexts plaintexts of plaintext_words words each: outputs sums a cell, cell after
 * cell. counts: rows in each cell.
 * false: a sum is outside what that many rows can give, or bits above the last pair are set: no honest party packed it. */
bool packing_read(const struct packing *packing, const uint64_t *words, uint32_t cells, const uint32_t *counts, struct bin_sum *sums);

#endif
