/* Additively homomorphic encryption on vectors: keys, ciphertext vectors, and operations over n items.
 *
 * A plaintext is a non-negative number below 2^fate_public_key_plaintext_bits(key), given as 64-bit words, least significant
 * first. Sums and products are taken modulo the key's own modulus: the caller keeps them below the bound, since a sum that has wrapped
 * cannot be told from another. The sum of k plaintexts below 2^b needs b + log2(k) bits.
 *
 * Scheme "paillier": P. Paillier, "Public-key cryptosystems based on composite degree residuosity classes", Eurocrypt 1999, with g = n+1: a
 * ciphertext of m is (1 + m*n) * h_s^r mod n^2, with h_s = (-x^2)^n mod n^2 and r of |n|/2 bits: I. Damgard, M. Jurik, J. Nielsen, "A
 * generalization of Paillier's public-key system with applications to electronic voting", 2010, sections 4.2 and 5. Whoever has only the
 * public key learns nothing about plaintexts but their number, as long as two assumptions hold: decisional composite residuosity, and that
 * powers of h_s with exponents of "obfuscator_bits" bits cannot be told from random n-th powers. For |n|/2 bits the paper of 2010 states
 * the second one; for fewer bits it is a stronger one (below). The scheme hides, it does not authenticate: anyone with the public key can
 * change a sum.
 *
 * Scheme "okamoto-uchiyama": T. Okamoto, S. Uchiyama, "A new public-key cryptosystem as secure as factoring", Eurocrypt 1998: n = p^2*q, a
 * ciphertext of m is g^m * h^r mod n with h = g^n mod n: half the bytes of Paillier's and a fraction of its time. It hides as long as the
 * p-subgroup assumption holds, and powers of h with exponents r of 224 bits (2048-bit keys), 256 (3072) or 304 (4096), twice the security
 * level, cannot be told from those with any exponent (a kangaroo finds one of b bits in 2^(b/2) steps). p is secret, so a sum that reaches
 * p wraps where nobody sees it, and A DECRYPTOR THAT ANSWERS FOR A PLAINTEXT OF p OR MORE GIVES p AWAY to whoever made that plaintext. So
 * plaintexts leave 128 bits of p unused (fate_public_key_plaintext_bits), and a decrypted value at or above that bound is not answered: the
 * call ends with FATE_E_KEY and the secret key is retired, it decrypts nothing more. Keep sums below the bound, and differences at or above
 * zero: only fate_secret_key_decrypt_numbers takes negative ones. For parties that follow the protocol; where a party may cheat, use
 * "paillier".
 *
 * SEEDS. Obfuscators follow from a seed of 32 secret bytes and the item's number in its vector, so that a restarted party rebuilds the
 * same bytes. A seed must come from a cryptographic generator, stay secret, and serve one vector of plaintexts: two different
 * plaintexts under the same seed and number show their difference to anyone. The library draws none: take getrandom() of <sys/random.h>, or
 * what the system or a cryptographic library offers, anew for each vector.
 *
 * TIME. Operations take the same time for all plaintexts, factors of one length and secret keys of one length, and touch the same memory,
 * with named exceptions: the tables of obfuscators are read at addresses that depend on r, which is random and used for one ciphertext (the
 * option "scan_tables" reads them whole); the matrix of fate_ciphertexts_multiply_matrix decides what is added where; making a key shows
 * how many candidates for primes were rejected. Tables for plaintexts (okamoto-uchiyama) are read whole, always. Whether a call returned
 * FATE_E_RANGE or FATE_E_KEY, and the lengths of vectors, are not hidden. SECURITY.md has the list, and the test that holds it.
 *
 * TABLES. The first encryption or re-randomisation under a key builds tables that stay with the key: for 2048 bits 37 MB and 0.2 s; for
 * the owner's own path the same again, a bit faster. With okamoto-uchiyama 3 MB and 0.02 s, and for the owner's about the same again.
 *
 * THREADS. Functions on vectors use the context's threads; results have equal bytes for every number of them. Keys never change once they
 * are made (but that one can be retired): any number of threads may use one key, on different vectors.
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

/* Chooses the machine code that keys made from the context afterwards compute with, and the curves of set intersection, for tests and
 * measurements. All give equal bytes; vectors of keys with different ones do not mix, as if the keys were different.
 * name  in: "avx512" (AVX-512 IFMA, 8 numbers at once), "avx2" (AVX2 and FMA, 4 at once), "portable" (everywhere), "plain" (the vector
 *       code in plain C: slow, for tests); NULL for the fastest that this machine has, which is the default
 * Returns FATE_OK; FATE_E_UNSUPPORTED for an unknown name or one that this machine lacks (the choice stays as it was);
 * FATE_E_ARGUMENT when context is NULL. */
FATE_API int32_t fate_context_set_kernel(fate_context *context, const char *name);

/* Makes a key pair.
 * key     out: NULL after an error; free with fate_secret_key_free
 * scheme  in: "paillier" or "okamoto-uchiyama"
 * bits    length of the modulus: 2048, 3072 or 4096; others are refused
 * seed    in: 32 secret random bytes from which all of the key follows, the same in every version, or NULL for the system's
 *         random numbers
 * Returns FATE_OK; FATE_E_UNSUPPORTED for an unknown scheme; FATE_E_KEY when bits is not offered; FATE_E_ARGUMENT; FATE_E_MEMORY.
 * Primes are 3 modulo 4, of equal length (okamoto-uchiyama: |n|/3, the second one up to two bits shorter); Miller-Rabin with the rounds of
 * FIPS 186-5, table B.1: 5 for primes of 1024 bits (error below 2^-112), 4 from 1536 bits on (2^-128), 40 for shorter ones. Takes a fraction
 * of a second, which varies. */
FATE_API int32_t fate_secret_key_generate(fate_context *context, fate_secret_key **key, const char *scheme, uint32_t bits,
                                          const uint8_t *seed);

/* The same with options, which become part of the key and of its bytes.
 * names   in: count of them, for each a value in values; what is not named has its default. NULL when count is 0
 *   "obfuscator_bits"  length of the exponent r of an obfuscator, up to bits. Default for paillier: bits/2, the assumption that the paper of
 *                      2010 states. From 448 (2048 bits), 512 (3072) or 608 (4096) on it can be chosen shorter, which makes encryption
 *                      faster in proportion, on a stronger assumption: powers of h_s with exponents of so many bits, four times the
 *                      security level, cannot be told from those with any exponent. Default and least for okamoto-uchiyama: above
 *   "scan_tables"      1: tables of obfuscators are read whole, so that no address depends on r; slower. Default 0
 * Returns as fate_secret_key_generate; FATE_E_ARGUMENT for an unknown name; FATE_E_KEY when a value is out of its range. */
FATE_API int32_t fate_secret_key_generate_with(fate_context *context, fate_secret_key **key, const char *scheme, uint32_t bits,
                                               const char *const *names, const uint64_t *values, uint32_t count, const uint8_t *seed);

/* The public half.
 * public_key  out: a new object, which may outlive the secret key; NULL after an error; free with fate_public_key_free
 * Returns FATE_OK; FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_secret_key_public(const fate_secret_key *key, fate_public_key **public_key);

/* Keys as versioned bytes, the same for equal keys.
 * bytes   export, out: free with fate_free (wipe those of a secret key first: they are the key itself, not encrypted);
 *         NULL after an error
 * length  export, out: 788 for a public key of 2048 bits, 788 too for a secret one; 1172 for 3072 bits, 1556 for 4096; okamoto-uchiyama:
 *         540 and 456; 796 and 668; 1052 and 882; 5 more with options
 * key     import, out: NULL after an error; belongs to context
 * bytes   import, in: from anyone; every field is checked before it is used
 * Returns FATE_OK; FATE_E_ARGUMENT; FATE_E_MEMORY; for import also FATE_E_FORMAT when bytes are no key, one of the other kind, truncated
 * or too long; FATE_E_VERSION when a newer major version made them; FATE_E_KEY when the scheme or length is not offered, or the numbers
 * are no key: public: the modulus has the stated length, is odd, without a prime factor below 8192, no power of another number, and the
 * base is below its square, a unit and not 1; secret: both primes are prime, 3 modulo 4 and of the right length, and the base is an n-th
 * power; okamoto-uchiyama: the same of n and g, and p divides the order of g; and for export when a secret key is retired. Bytes have no
 * checksum: a damaged base of okamoto-uchiyama may pass, and what is decrypted is then wrong; keep keys where damage is noticed. What cannot be
 * checked: whether a public modulus is the product of just two primes, and its base an n-th power. An owner who cheats there weakens what
 * others encrypt to that key, and can see through their re-randomisation. */
FATE_API int32_t fate_secret_key_export(const fate_secret_key *key, uint8_t **bytes, uint64_t *length);
FATE_API int32_t fate_secret_key_import(fate_context *context, fate_secret_key **key, const uint8_t *bytes, uint64_t length);
FATE_API int32_t fate_public_key_export(const fate_public_key *key, uint8_t **bytes, uint64_t *length);
FATE_API int32_t fate_public_key_import(fate_context *context, fate_public_key **key, const uint8_t *bytes, uint64_t length);

/* Facts of a key; 0 or NULL when key is NULL. The name is static. bits: of the modulus. Plaintexts are below 2^plaintext_bits: bits - 1
 * for paillier; 554, 895, 1237 for okamoto-uchiyama with 2048, 3072, 4096 bits. A ciphertext on the wire has ciphertext_bytes: bits/4 for
 * paillier, bits/8 for okamoto-uchiyama. */
FATE_API const char *fate_public_key_scheme(const fate_public_key *key);
FATE_API uint32_t fate_public_key_bits(const fate_public_key *key);
FATE_API uint32_t fate_public_key_plaintext_bits(const fate_public_key *key);
FATE_API uint32_t fate_public_key_ciphertext_bytes(const fate_public_key *key);

/* The value of an option by its name, as fate_secret_key_generate_with says. Returns FATE_OK; FATE_E_ARGUMENT. */
FATE_API int32_t fate_public_key_option(const fate_public_key *key, const char *name, uint64_t *value);

/* Secret keys are wiped; vectors keep what they need of a public key, which may be freed first. NULL is accepted. */
FATE_API void fate_secret_key_free(fate_secret_key *key);
FATE_API void fate_public_key_free(fate_public_key *key);

/* Makes a vector of count encryptions of zero (without obfuscator: not to be sent before fate_ciphertexts_rerandomise).
 * vector  out: NULL after an error; free with fate_ciphertexts_free. Its items keep a layout of the library's own, about
 *         ciphertext_bytes each; only fate_ciphertexts_write gives bytes that mean something elsewhere
 * count   may be 0
 * Returns FATE_OK; FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_ciphertexts_new(const fate_public_key *key, fate_ciphertexts **vector, uint64_t count);
/* NULL is accepted. */
FATE_API void fate_ciphertexts_free(fate_ciphertexts *vector);
/* The number of items; 0 when vector is NULL. */
FATE_API uint64_t fate_ciphertexts_count(const fate_ciphertexts *vector);

/* Encrypts into vector[first .. first+count).
 * values  in: count plaintexts of `words` 64-bit words each; NULL when count is 0
 * words   words of one plaintext, 1 to 64
 * seed    in: 32 secret bytes; item i uses its number first+i, so parts of a vector may share a seed
 * Returns FATE_OK; FATE_E_RANGE when a value is not below the bound; FATE_E_ARGUMENT when a pointer is NULL, the vector belongs to
 * another key or the range reaches beyond it; FATE_E_MEMORY. The vector is unchanged after an error. With the secret key (owner) it
 * gives the same bytes sooner, by the Chinese remainder theorem. Cost at 2048 bits: about 120 products modulo n^2 an item with paillier, for
 * the owner as many modulo squares of primes, half the time; with okamoto-uchiyama about 30 modulo n and one for every 5 bits of `words`, for
 * the owner two thirds to all of that time, as the kernel is. */
FATE_API int32_t fate_public_key_encrypt(const fate_public_key *key, fate_ciphertexts *vector, uint64_t first, uint64_t count,
                                         const uint64_t *values, uint32_t words, const uint8_t *seed);
FATE_API int32_t fate_secret_key_encrypt(const fate_secret_key *key, fate_ciphertexts *vector, uint64_t first, uint64_t count,
                                         const uint64_t *values, uint32_t words, const uint8_t *seed);

/* Decrypts vector[first .. first+count).
 * values  out: count plaintexts of `words` words each; NULL when count is 0
 * words   1 to 64
 * Returns FATE_OK; FATE_E_RANGE when a plaintext needs more words (all values are then zero); FATE_E_KEY when a plaintext is not below
 * 2^fate_public_key_plaintext_bits, for okamoto-uchiyama alone: all values are then zero and the key is retired: every further
 * call ends so; FATE_E_ARGUMENT; FATE_E_MEMORY.
 * paillier: by the Chinese remainder theorem, with exponents p-1 and q-1 (Paillier 1999, section 7); up to a quarter of n's bits (8 words at 2048
 * bits) come from p alone, in half the time: a longer plaintext that passed for a short one could be made only by who can factor n
 * (Howgrave-Graham, Approximate integer common divisors, CaLC 2001). okamoto-uchiyama: modulo p^2. */
FATE_API int32_t fate_secret_key_decrypt(const fate_secret_key *key, const fate_ciphertexts *vector, uint64_t first, uint64_t count,
                                         uint64_t *values, uint32_t words);

/* Fixed point for doubles: a number x is the integer nearest to x * 2^scale_bits (halves away from zero), negative ones modulo n (or p).
 * What is encrypted is below 2^62 in size, and what is decrypted too: a sum beyond that is an error, never another number, as no sum of fewer
 * than 2^(fate_public_key_plaintext_bits - 63) of them reaches half of the modulus. A factor of fate_ciphertexts_multiply adds its own bits: keep
 * 62 and all factors' bits together below plaintext_bits - 1, beyond which sums wrap unseen. Up to 2^53 in size a sum comes back exactly, a larger
 * one as the nearest double.
 * With the secret key encryption gives the same bytes sooner, as fate_secret_key_encrypt.
 * values      in or out: count numbers; NULL when count is 0
 * scale_bits  0 to 1000; sums keep it, fate_ciphertexts_multiply leaves it as it is
 * Returns FATE_OK; FATE_E_RANGE when |x| * 2^scale_bits is not below 2^62 (encrypt; NaN and infinities are so too; the vector is
 * unchanged) or a sum is outside the 62 bits (decrypt; all values are then zero); FATE_E_KEY as for fate_secret_key_decrypt,
 * of the number's size; FATE_E_ARGUMENT; FATE_E_MEMORY. */
FATE_API int32_t fate_public_key_encrypt_numbers(const fate_public_key *key, fate_ciphertexts *vector, uint64_t first, uint64_t count,
                                                 const double *values, uint32_t scale_bits, const uint8_t *seed);
FATE_API int32_t fate_secret_key_encrypt_numbers(const fate_secret_key *key, fate_ciphertexts *vector, uint64_t first, uint64_t count,
                                                 const double *values, uint32_t scale_bits, const uint8_t *seed);
FATE_API int32_t fate_secret_key_decrypt_numbers(const fate_secret_key *key, const fate_ciphertexts *vector, uint64_t first, uint64_t count,
                                                 double *values, uint32_t scale_bits);

/* vector[i] += other[i] (subtract: -=) for all i; other may be vector itself.
 * Returns FATE_OK; FATE_E_ARGUMENT when keys or counts differ; FATE_E_MEMORY. The vector is unchanged after an error. Cost: one product
 * an item; four and a share of an inversion for subtract (P. Montgomery's simultaneous inversion, 1987). */
FATE_API int32_t fate_ciphertexts_add(fate_ciphertexts *vector, const fate_ciphertexts *other);
FATE_API int32_t fate_ciphertexts_subtract(fate_ciphertexts *vector, const fate_ciphertexts *other);

/* vector[i] = -vector[i] for all i: modulo n for paillier, modulo p for okamoto-uchiyama. A negative sum is read by
 * fate_secret_key_decrypt_numbers; okamoto-uchiyama has no other way (above).
 * vector  in/out: of any length
 * Returns FATE_OK; FATE_E_ARGUMENT when vector is NULL; FATE_E_MEMORY. The vector is unchanged after an error. Cost: three products an item
 * and a share of an inversion (P. Montgomery's simultaneous inversion, 1987). */
FATE_API int32_t fate_ciphertexts_negate(fate_ciphertexts *vector);

/* The sum of all items.
 * vector  in: of any length; the sum of none is an encryption of zero without obfuscator
 * sum     out: new vector of one item; NULL after an error; free with fate_ciphertexts_free
 * Returns FATE_OK; FATE_E_ARGUMENT when vector or sum is NULL; FATE_E_MEMORY. Cost: one product an item, and memory for a sixteenth of the
 * vector. Paillier 1999, section 8. */
FATE_API int32_t fate_ciphertexts_sum(const fate_ciphertexts *vector, fate_ciphertexts **sum);

/* vector[i] *= factors[i] for all i.
 * factors  in: one signed number an item
 * Returns FATE_OK; FATE_E_ARGUMENT; FATE_E_MEMORY. The vector is unchanged after an error. The time depends on the length of the longest
 * factor of all and on whether any is negative, on nothing else. A factor of 0 gives an item without obfuscator. Cost: about 1.5 products
 * a bit. */
FATE_API int32_t fate_ciphertexts_multiply(fate_ciphertexts *vector, const int64_t *factors);

/* A matrix of signed integers times the vector: products[i] = the sum over j of matrix[i*count + j] * vector[j], count being the vector's.
 * vector      in: of up to 2^32 - 1 items; those of none give encryptions of zero
 * products    out: new vector of `rows` items; NULL after an error; free with fate_ciphertexts_free. Not to be sent before
 *             fate_ciphertexts_rerandomise: who made the inputs could test guesses of the matrix
 * matrix      in: rows * count numbers, row after row; NULL when there is none
 * value_bits  the caller's bound: all plaintexts of vector are between -2^value_bits and 2^value_bits, exclusive
 * Returns FATE_OK; FATE_E_RANGE when a row could reach 2^(fate_public_key_plaintext_bits - 1), half of the range: the sum of its magnitudes
 * times 2^value_bits exceeds that (the sentence names the row), so nothing wraps; FATE_E_ARGUMENT; FATE_E_MEMORY. A negative product is
 * read by fate_secret_key_decrypt_numbers, or is that many below n (paillier).
 * Time and the memory that is touched depend on the matrix, which belongs to the caller. Cost: for many columns about one product an entry
 * and 8 bits of the longest one; 1.5 products a bit with few. N. Pippenger, "On the evaluation of powers and related problems", FOCS 1976. */
FATE_API int32_t fate_ciphertexts_multiply_matrix(const fate_ciphertexts *vector, fate_ciphertexts **products, const int64_t *matrix,
                                                  uint64_t rows, uint32_t value_bits);

/* Adds ciphertexts into bins: bins[index[i]] += values[first + i] for each i below count. The histogram step of boosting.
 * bins    in/out: vector of any length, same key as values, another vector
 * index   in: count numbers, each below the length of bins; UINT32_MAX skips the row
 * Returns FATE_OK; FATE_E_ARGUMENT when keys differ, a range is outside or an index is out of range (bins is then unchanged);
 * FATE_E_MEMORY (unchanged too). The order of additions does not change the bytes. With several threads, rows are sorted by bin first,
 * eight bytes a row, and shared evenly however full single bins are. Cost: one modular product a row. Paillier 1999, section 8. */
FATE_API int32_t fate_ciphertexts_gather_add(fate_ciphertexts *bins, const fate_ciphertexts *values, uint64_t first, uint64_t count,
                                             const uint32_t *index);

/* The same for values in any order: bins[index[i]] += values[rows[i]] for each i below count. One large call is faster than several small
 * ones: rows of several histograms may go into one vector of bins.
 * rows    in: count numbers, each below the length of values; a value may occur again
 * Returns and cost as fate_ciphertexts_gather_add. */
FATE_API int32_t fate_ciphertexts_gather_add_rows(fate_ciphertexts *bins, const fate_ciphertexts *values, const uint32_t *rows,
                                                  const uint32_t *index, uint64_t count);

/* Packs many small plaintexts into few: packed[j] = sum over i of vector[j*slots + i] * 2^(i*slot_bits).
 * packed     out: new vector of ceil(count/slots) items; NULL after an error; free with fate_ciphertexts_free
 * slot_bits  length of a slot: the caller keeps plaintexts below 2^slot_bits, or they run into the next slot
 * Returns FATE_OK; FATE_E_ARGUMENT when slots or slot_bits is 0 or slots*slot_bits exceeds the plaintext bits; FATE_E_MEMORY.
 * Cost: slot_bits squarings an item, so keep slots narrow. */
FATE_API int32_t fate_ciphertexts_pack(const fate_ciphertexts *vector, fate_ciphertexts **packed, uint32_t slot_bits, uint32_t slots);

/* The inverse of fate_ciphertexts_pack, on what was decrypted: values[j*slots + i] = bits i*slot_bits to (i+1)*slot_bits - 1 of packed[j].
 * values        out: count plaintexts of `words` words each; NULL when count is 0
 * count         how many were packed: packed has ceil(count/slots), of which the last may have fewer slots
 * words         1 to 64
 * packed        in: plaintexts of packed_words words each, as fate_secret_key_decrypt gives them; NULL when count is 0
 * packed_words  1 to 64: slots*slot_bits is at most 64 times that
 * most          in: the largest that a value can be, `words` words; NULL for 2^slot_bits - 1. For sums over k plaintexts below 2^b: k*(2^b - 1)
 * Returns FATE_OK; FATE_E_RANGE, and all values are then zero, when a value needs more words or is above `most`, or when something stands above the
 * last slot: a sum has overflowed its slot, or was not packed as agreed. A slot that overflowed into the next leaves too little in itself and one
 * too many above it, which only `most` and the last slot can show: choose slot_bits so that `most` fits. FATE_E_ARGUMENT. The time depends on
 * numbers of items, words and bits alone. */
FATE_API int32_t fate_plaintexts_unpack(fate_context *context, uint64_t *values, uint64_t count, uint32_t words, const uint64_t *packed,
                                        uint32_t packed_words, uint32_t slot_bits, uint32_t slots, const uint64_t *most);

/* Multiplies every item by a fresh obfuscator, so that who knows the inputs cannot test guesses of what was summed.
 * seed  in: 32 secret bytes; item i uses its number i
 * Returns FATE_OK; FATE_E_ARGUMENT; FATE_E_MEMORY. The vector is unchanged after an error. Costs as much as encrypting without the secret
 * key. */
FATE_API int32_t fate_ciphertexts_rerandomise(fate_ciphertexts *vector, const uint8_t *seed);

/* Canonical bytes: count * fate_public_key_ciphertext_bytes(key), little-endian, first item first.
 * bytes   write, out; read, in: NULL when count is 0
 * length  of bytes: exactly that of count items, else FATE_E_FORMAT
 * Returns FATE_OK; FATE_E_ARGUMENT when a pointer is NULL or the range reaches beyond the vector; FATE_E_MEMORY. read checks that every
 * item is below n^2 (okamoto-uchiyama: n), not zero modulo n and a unit: FATE_E_FORMAT names the first bad item, counted from 0 in bytes;
 * the vector is then unchanged. Cost: half a product an item for write, about three for read. */
FATE_API int32_t fate_ciphertexts_write(const fate_ciphertexts *vector, uint64_t first, uint64_t count, uint8_t *bytes);
FATE_API int32_t fate_ciphertexts_read(fate_ciphertexts *vector, uint64_t first, uint64_t count, const uint8_t *bytes, uint64_t length);

#ifdef __cplusplus
}
#endif
#endif
