/* What the lattice cipher draws: ternary and binomial polynomials, uniform ones, floods. All from streams under keys that belong to one use
 * alone. Constant-time in what is drawn. */
#ifndef CRYPTO_LATTICE_SAMPLE_H
#define CRYPTO_LATTICE_SAMPLE_H

#include "lib/random.h"
#include "src/crypto/lattice_ring.h"

/* A key that depends on all that will be done with what is drawn under it: whoever derives it for other content gets another key. So no secret,
 * noise or flood is ever used twice for different things, whatever a caller counts, stores or forgets. */
struct lattice_digest {
    uint8_t secret[LATTICE_SEED];
    void *state; /* of libsodium */
    fate_context *context;
    uint64_t length;
};

/* secret: LATTICE_SEED bytes. label: which use. FATE_E_MEMORY. */
int32_t lattice_digest_begin(fate_context *context, struct lattice_digest *digest, const uint8_t *secret, const char *label);
void lattice_digest_add(struct lattice_digest *digest, const void *bytes, uint64_t length);
/* Adds numbers, and how many; faster than their bytes. Returns what they add up to in size. */
uint64_t lattice_digest_add_numbers(struct lattice_digest *digest, const struct lattice_kernel *kernel, const int32_t *numbers,
                                    uint64_t count);
/* key: RANDOM_KEY bytes; NULL: gives up. Ends the digest in any case. */
void lattice_digest_end(struct lattice_digest *digest, uint8_t *key);

/* count numbers -1, 0, 1, each within 2^-120 of one third; count a multiple of 4. */
void lattice_ternary(int8_t *out, uint32_t count, const uint8_t *key, uint64_t number);
/* count numbers of deviation 3.24, by the kernel; count a multiple of 64, at most 8192. */
void lattice_binomial(const struct lattice_kernel *kernel, int8_t *out, uint32_t count, const uint8_t *key, uint64_t number);
/* As lattice_binomial, drawn again until it is short: neither the positive numbers nor the negative ones add up to more than 13 count/8 in size, nor
 * the squares to more than 16 count. Of 4096 numbers that is refused with a chance of 2^-90. How often something was refused shows in the time
 * taken, and says nothing of what was taken. number: below 2^56. */
void lattice_binomial_short(const struct lattice_kernel *kernel, int8_t *out, uint32_t count, const uint8_t *key, uint64_t number);
/* count Gaussian numbers of deviation 8, at most 63, drawn again until their squares add up to at most 80 count: refused with a chance of 2^-79 for
 * 4096. number: below 2^56. */
void lattice_gaussian_short(const struct lattice_kernel *kernel, int8_t *out, uint32_t count, const uint8_t *key, uint64_t number);
/* A Gaussian number of deviation D/20, modulo 2^128: a sum of multiples of such as have a deviation of 8, of which none is more than four times that
 * of the one before it (Micciancio and Walter, CRYPTO 2017); beyond 11 D/40 a quarter of it. scale: LATTICE_LEAST_SCALE to 62. number: of the
 * reply, below 2^60. */
lattice_wide lattice_flood_gaussian(const struct lattice_kernel *kernel, const uint8_t *key, uint64_t number, uint32_t scale);
/* count numbers below 2^128. Public. */
void lattice_uniform(struct lattice_word *out, uint32_t count, const uint8_t *key, uint64_t number);
/* The sum of three uniform numbers from -D/8 up to, not including, D/8, modulo 2^128; D = 2^scale. number: of the reply, below 2^60. */
lattice_wide lattice_flood(const uint8_t *key, uint64_t number, uint32_t scale);

#endif
