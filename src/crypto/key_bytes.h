/* What the key formats of several schemes share: fields of limbs, and checks of moduli and primes that were read. */
#ifndef CRYPTO_KEY_BYTES_H
#define CRYPTO_KEY_BYTES_H

#include "lib/bytes.h"
#include "src/crypto/limbs.h"

/* Bytes of a field for numbers of so many bits. */
uint64_t key_field_bytes(uint64_t bits);

/* Appends a number in `length` bytes, little-endian. */
void key_append(struct buffer *buffer, const mp_limb_t *limbs, mp_size_t size, uint64_t length);

/* FATE_E_KEY with the sentence that a key of that scheme is malformed, and what is wrong with it. */
int32_t key_refuse(fate_context *context, const char *scheme, const char *what);

/* Whether all of a fixed-length field fits the number of bits, and has the highest one set. */
bool key_has_exactly(const mp_limb_t *limbs, mp_size_t size, uint64_t bits);

/* FATE_E_FORMAT unless so many bytes are left. */
int32_t key_check_length(fate_context *context, const char *scheme, const struct reader *reader, uint64_t wanted);

/* FATE_E_KEY unless a modulus has exactly so many bits, is odd, has no small factor and is no power of another number. FATE_E_MEMORY. */
int32_t key_check_modulus(fate_context *context, const char *scheme, const mp_limb_t *modulus, uint32_t bits);

/* FATE_E_KEY unless a number is a prime of exactly so many bits that is 3 modulo 4. FATE_E_MEMORY. */
int32_t key_check_prime(fate_context *context, const char *scheme, const mp_limb_t *prime, uint32_t bits);

/* *power: whether an odd number of exactly so many bits is a^k for some k > 1. FATE_E_MEMORY. */
int32_t key_is_perfect_power(fate_context *context, bool *power, const mp_limb_t *number, uint32_t bits);

#endif
