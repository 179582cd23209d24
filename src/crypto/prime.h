/* Random primes that are 3 modulo 4, and the test behind them. */
#ifndef CRYPTO_PRIME_H
#define CRYPTO_PRIME_H

#include "src/crypto/limbs.h"

/* Small primes below this bound are tried as divisors first. */
enum { PRIME_TRIAL_BOUND = 8192 };

/* Makes a prime of exactly so many bits (at least 3), the two highest of them set, 3 modulo 4, from the stream alone. prime has
 * limbs_for_bits(bits) limbs. Candidates are drawn afresh until one passes, on the context's threads; that takes as long as it takes, but how long says nothing
 * about the one that passed. FATE_E_MEMORY. */
int32_t prime_generate(fate_context *context, mp_limb_t *prime, uint64_t bits, struct random_stream *stream);

/* *is_prime: whether the number, odd, above 2, of exactly so many bits and 3 modulo 4, is prime: exactly so up to 32 bits; else with
 * an error below 2^-100 for random numbers. FATE_E_MEMORY. */
int32_t prime_test(fate_context *context, bool *is_prime, const mp_limb_t *number, uint64_t bits, struct random_stream *stream);

/* An odd prime below PRIME_TRIAL_BOUND that divides a number of more than 32 bits, or 0. */
uint32_t prime_small_factor(const mp_limb_t *number, mp_size_t size);

#endif
