/* The loops of the lattice cipher's kernel for AVX2 that are no transforms: as lattice_ring.h says of each. */
#ifndef CRYPTO_LATTICE_LANES_H
#define CRYPTO_LATTICE_LANES_H

#ifdef __x86_64__
#include "src/crypto/lattice_ring.h"

void lattice_lanes_inner(int32_t *out, const int8_t *small, const int16_t *planes, uint32_t plane_count, uint32_t count);
void lattice_lanes_binomial(int8_t *out, const uint8_t *bytes, uint32_t count);
void lattice_lanes_gaussian(int8_t *out, const uint8_t *bytes, uint32_t count);
struct lattice_lengths lattice_lanes_lengths(const int8_t *numbers, uint32_t count);
uint64_t lattice_lanes_hash(uint64_t *sums, const uint32_t *key, const int32_t *numbers, uint32_t count);
void lattice_lanes_write(const struct lattice_profile *profile, uint32_t scale, uint8_t *bytes, const int64_t *integers,
                         const int8_t *noise, const int32_t *values, uint32_t count);
void lattice_lanes_add_rows(uint64_t *cells, const uint64_t *rows, const uint16_t *index, uint64_t row_count, uint32_t columns,
                            uint32_t stride);
#endif

#endif
