/* Encrypted vectors of the lattice cipher: made and opened by the party that has the secret seed. */
#ifndef CRYPTO_LATTICE_VECTOR_H
#define CRYPTO_LATTICE_VECTOR_H

#include "src/crypto/lattice_public.h"

/* The secret polynomial of one vector, until its replies are read. */
struct lattice_secret {
    uint32_t degree;
    int8_t *reversed; /* s_0, -s_(n-1), ..., -s_1: its inner product with h is the constant coefficient of h s */
};

/* Encrypts a number for each row. bytes: lattice_items(LATTICE_VECTOR) * profile->bytes of them, b' first. secret_seed: LATTICE_SEED bytes, stored
 * by the caller before anything is sent. number: of the vector, below the plan's vectors, each for one vector alone; attempt: raised and
 * stored by the caller before it sends other content under a number; every attempt that was answered counts as a vector of the plan.
 * The secrets depend on the content besides, so that not even a caller that counts wrong encrypts two contents under one secret; the same content,
 * number and attempt give the same bytes. Constant-time in values. *secret is freed with lattice_secret_free. Uses the context's
 * threads. FATE_E_RANGE: the absolute values add up to 2^bits of the plan or more; FATE_E_LIMIT: number is not below the plan's vectors;
 * FATE_E_MEMORY. */
int32_t lattice_encrypt(fate_context *context, const struct lattice_public *public_part, const uint8_t *secret_seed, uint64_t number,
                        uint32_t attempt, const int32_t *values, uint8_t *bytes, struct lattice_secret *secret);
void lattice_secret_free(fate_context *context, struct lattice_secret *secret);

/* A hint as its receiver keeps it: planes of each bin. */
struct lattice_hint {
    uint64_t bins;
    int16_t *planes;
};

/* An empty hint. FATE_E_MEMORY. */
int32_t lattice_hint_new(fate_context *context, struct lattice_hint *hint, const struct lattice_plan *plan);
void lattice_hint_free(fate_context *context, struct lattice_hint *hint);
/* Takes in count bins from first on, from the body of a part that lattice_head_read has checked. FATE_E_MEMORY. */
int32_t lattice_hint_take(fate_context *context, struct lattice_hint *hint, const struct lattice_plan *plan, uint64_t first, uint64_t count,
                          const uint8_t *body);
/* What is taken away from each reply: pads[vector*count + i] is of bin bins[i]. Needs no reply, so it can be done before they come. Reads the hint
 * once for all vectors. Constant-time in secrets. Uses the context's threads. FATE_E_MEMORY. */
int32_t lattice_pads(fate_context *context, const struct lattice_public *public_part, const struct lattice_hint *hint,
                     const struct lattice_secret *secrets, uint32_t vectors, const uint64_t *bins, uint64_t count,
                     struct lattice_word *pads);
/* The exact sums from count replies and their pads. Constant-time, except for whether it succeeds. FATE_E_PROTOCOL: what is left over when a reply is
 * rounded, or the sum, is beyond its bound: the reply, the hint, or the vector at the other side is not what the protocol makes. */
int32_t lattice_open(fate_context *context, const struct lattice_plan *plan, const struct lattice_word *pads, const uint8_t *replies,
                     uint64_t count, int64_t *sums);

#endif
