/* The public polynomials of the lattice cipher: a coin toss between all parties, and the expansion of what came out. */
#ifndef CRYPTO_LATTICE_PUBLIC_H
#define CRYPTO_LATTICE_PUBLIC_H

#include "src/crypto/lattice_ring.h"

/* A coin toss. Each party draws a nonce of LATTICE_SEED bytes, sends its commitment, and opens it when it has all others'. subject: a digest of
 * all that the toss is about (job, parameters, row ids), LATTICE_SEED bytes; party: its number in the job. commitment: LATTICE_SEED bytes. */
void lattice_coin_commit(uint8_t *commitment, const uint8_t *nonce, const uint8_t *subject, uint32_t party);
/* FATE_E_PROTOCOL: the nonce is not what the party committed to. */
int32_t lattice_coin_check(fate_context *context, const uint8_t *commitment, const uint8_t *nonce, const uint8_t *subject, uint32_t party);
/* The joint seed: of the nonces of all parties, count times LATTICE_SEED bytes, in the order of their numbers. */
void lattice_coin_seed(uint8_t *seed, const uint8_t *nonces, uint32_t count, const uint8_t *subject);

/* a of each block and, last, a': transformed, by digits. */
struct lattice_public {
    const struct lattice_plan *plan; /* the caller's */
    struct lattice_ring ring;
    uint8_t seed[LATTICE_SEED];
    uint64_t *transformed; /* (blocks + 1) * digits polynomials */
};

/* plan must outlive it. kernel: NULL for the context's. Uses the context's threads. FATE_E_MEMORY; FATE_E_PROTOCOL: the seed is
 * one of those that lattice_digits_fit is against. */
int32_t lattice_public_make(fate_context *context, struct lattice_public *made, const struct lattice_plan *plan, const uint8_t *seed,
                            const struct lattice_kernel *kernel);
void lattice_public_free(fate_context *context, struct lattice_public *public_part);
/* The digits of a polynomial: block below plan->blocks, or plan->blocks for a'. */
const uint64_t *lattice_public_block(const struct lattice_public *public_part, uint32_t block);
/* What sums of products stand for: sums, a transformed polynomial for each digit, which are destroyed, as integers, a polynomial for each digit. */
void lattice_public_leave(const struct lattice_public *public_part, int64_t *integers, uint64_t *sums);
/* Adds to count words, modulo 2^128, the coefficients from first on of what left. */
void lattice_public_join(const struct lattice_profile *profile, struct lattice_word *words, const int64_t *integers, uint32_t first,
                         uint32_t count);

#endif
