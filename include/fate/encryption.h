/* Additively homomorphic encryption on vectors: keys, ciphertext vectors, and operations over n items.
 *
 * A plaintext is a non-negative number below 2^fate_public_key_plaintext_bits(key), given as 64-bit words, least significant
 * first. Sums and products are taken modulo the key's own modulus: the caller keeps them below the bound. Seeds are 32 bytes;
 * the same seed and index give the same ciphertext, so that a restarted party rebuilds the same bytes. A seed must be secret,
 * and must never be used for two different plaintext vectors.
 *
 * Scheme "paillier": P. Paillier, Eurocrypt 1999, with g = n+1; obfuscators h_s^r with h_s = (-x^2)^n mod n^2 and r of |n|/2
 * bits: Damgard, Jurik, Nielsen, "A generalization of Paillier's public-key system", 2010, section 4.2 and 5.
 */
#ifndef FATE_ENCRYPTION_H
#define FATE_ENCRYPTION_H

#include <fate/context.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fate_secret_key fate_secret_key;
typedef struct fate_public_key fate_public_key;
typedef struct fate_ciphertexts fate_ciphertexts;

/* Makes a key pair.
 * key     out: NULL after an error; free with fate_secret_key_free
 * scheme  in: "paillier"
 * bits    length of the modulus: 2048 or 3072; smaller ones are refused
 * seed    in: 32 secret random bytes from which all of the key follows, or NULL for the system's random numbers
 * Returns FATE_OK; FATE_E_UNSUPPORTED for an unknown scheme; FATE_E_KEY when bits is not offered; FATE_E_ARGUMENT; FATE_E_MEMORY.
 * Primes: Miller-Rabin with the rounds of FIPS 186-5, table B.1. */
FATE_API int32_t fate_secret_key_generate(fate_context *context, fate_secret_key **key, const char *scheme, uint32_t bits,
                                          const uint8_t *seed);

/* The public half, a new object; free with fate_public_key_free. */
FATE_API int32_t fate_secret_key_public(const fate_secret_key *key, fate_public_key **public_key);

/* Keys as versioned bytes. export: *bytes are freed with fate_free (wipe those of a secret key first).
 * A public key that comes from elsewhere is checked: size, odd, no small factor, not a perfect power, base in range and a unit:
 * FATE_E_KEY; FATE_E_FORMAT; FATE_E_VERSION; FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_secret_key_export(const fate_secret_key *key, uint8_t **bytes, uint64_t *length);
FATE_API int32_t fate_secret_key_import(fate_context *context, fate_secret_key **key, const uint8_t *bytes, uint64_t length);
FATE_API int32_t fate_public_key_export(const fate_public_key *key, uint8_t **bytes, uint64_t *length);
FATE_API int32_t fate_public_key_import(fate_context *context, fate_public_key **key, const uint8_t *bytes, uint64_t length);

/* Facts of a key; 0 or NULL when key is NULL. Plaintexts are below 2^plaintext_bits; a ciphertext on the wire has ciphertext_bytes. */
FATE_API const char *fate_public_key_scheme(const fate_public_key *key);
FATE_API uint32_t fate_public_key_bits(const fate_public_key *key);
FATE_API uint32_t fate_public_key_plaintext_bits(const fate_public_key *key);
FATE_API uint32_t fate_public_key_ciphertext_bytes(const fate_public_key *key);

/* secret keys are wiped; vectors keep what they need of a public key, which may be freed first. NULL is accepted. */
FATE_API void fate_secret_key_free(fate_secret_key *key);
FATE_API void fate_public_key_free(fate_public_key *key);

/* Makes a vector of count encryptions of zero (without obfuscator: not to be sent before fate_ciphertexts_rerandomise). */
FATE_API int32_t fate_ciphertexts_new(const fate_public_key *key, fate_ciphertexts **vector, uint64_t count);
FATE_API void fate_ciphertexts_free(fate_ciphertexts *vector);
FATE_API uint64_t fate_ciphertexts_count(const fate_ciphertexts *vector);

/* Encrypts into vector[first .. first+count).
 * values  in: count plaintexts of `words` 64-bit words each
 * words   words of one plaintext, 1 to 64
 * seed    in: 32 secret bytes; item i uses its number first+i
 * Returns FATE_OK; FATE_E_RANGE when a value is not below the bound; FATE_E_ARGUMENT; FATE_E_MEMORY. The vector is unchanged after
 * an error. Uses the context's threads. With the secret key (owner) it is faster and gives the same bytes. */
FATE_API int32_t fate_public_key_encrypt(const fate_public_key *key, fate_ciphertexts *vector, uint64_t first, uint64_t count,
                                         const uint64_t *values, uint32_t words, const uint8_t *seed);
FATE_API int32_t fate_secret_key_encrypt(const fate_secret_key *key, fate_ciphertexts *vector, uint64_t first, uint64_t count,
                                         const uint64_t *values, uint32_t words, const uint8_t *seed);

/* Decrypts vector[first .. first+count) into values, count plaintexts of `words` words each.
 * Returns FATE_E_RANGE when a plaintext needs more words (all values are then wiped); FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_secret_key_decrypt(const fate_secret_key *key, const fate_ciphertexts *vector, uint64_t first, uint64_t count,
                                         uint64_t *values, uint32_t words);

/* Fixed point for doubles: a number x is the integer round(x * 2^scale_bits), negative ones modulo n. Returns FATE_E_RANGE when
 * |x| * 2^scale_bits is not below 2^62 (encrypt) or a sum is outside the 62 bits (decrypt); NaN and infinities are FATE_E_RANGE too. */
FATE_API int32_t fate_public_key_encrypt_numbers(const fate_public_key *key, fate_ciphertexts *vector, uint64_t first, uint64_t count,
                                                 const double *values, uint32_t scale_bits, const uint8_t *seed);
FATE_API int32_t fate_secret_key_decrypt_numbers(const fate_secret_key *key, const fate_ciphertexts *vector, uint64_t first,
                                                 uint64_t count, double *values, uint32_t scale_bits);

/* vector[i] += other[i] (subtract: -=) for all i. Same key and count, else FATE_E_ARGUMENT. */
FATE_API int32_t fate_ciphertexts_add(fate_ciphertexts *vector, const fate_ciphertexts *other);
FATE_API int32_t fate_ciphertexts_subtract(fate_ciphertexts *vector, const fate_ciphertexts *other);

/* vector[i] *= factors[i]; factors: count signed numbers. */
FATE_API int32_t fate_ciphertexts_multiply(fate_ciphertexts *vector, const int64_t *factors);

/* Adds ciphertexts into bins: bins[index[i]] += values[first + i] for each i below count. The histogram step of boosting.
 * bins    in/out: vector of any length, same key as values
 * index   in: count numbers, each below the length of bins; UINT32_MAX skips the row
 * Returns FATE_OK; FATE_E_ARGUMENT when keys differ, a range is outside or an index is out of range (bins is then unchanged);
 * FATE_E_MEMORY. The order of additions does not change the bytes. Uses the context's threads. Cost: one modular product a row. */
FATE_API int32_t fate_ciphertexts_gather_add(fate_ciphertexts *bins, const fate_ciphertexts *values, uint64_t first, uint64_t count,
                                             const uint32_t *index);

/* Packs many small plaintexts into few: packed[j] = sum over i of vector[j*slots + i] * 2^(i*slot_bits).
 * packed  out: new vector of ceil(count/slots) items; free with fate_ciphertexts_free
 * Returns FATE_E_ARGUMENT when slots*slot_bits exceeds the plaintext bits. Cost: slot_bits squarings an item. */
FATE_API int32_t fate_ciphertexts_pack(const fate_ciphertexts *vector, fate_ciphertexts **packed, uint32_t slot_bits, uint32_t slots);

/* Multiplies every item by a fresh obfuscator, so that who knows the inputs cannot test guesses of what was summed.
 * seed  in: 32 secret bytes */
FATE_API int32_t fate_ciphertexts_rerandomise(fate_ciphertexts *vector, const uint8_t *seed);

/* Canonical bytes: count * fate_public_key_ciphertext_bytes(key), little-endian, first item first.
 * read checks that every item is below n^2, not zero modulo n and a unit: FATE_E_FORMAT names the first bad item; the vector is then
 * unchanged. length must be exactly that of count items. */
FATE_API int32_t fate_ciphertexts_write(const fate_ciphertexts *vector, uint64_t first, uint64_t count, uint8_t *bytes);
FATE_API int32_t fate_ciphertexts_read(fate_ciphertexts *vector, uint64_t first, uint64_t count, const uint8_t *bytes, uint64_t length);

#ifdef __cplusplus
}
#endif
#endif
