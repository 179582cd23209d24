/* For tests of Paillier: the known answers of tests/vectors/paillier.txt, keys from given primes, single items by number. */
#ifndef TESTS_SUPPORT_PAILLIER_H
#define TESTS_SUPPORT_PAILLIER_H

#include "tests/support/crypto.h"
#include <stdio.h>

enum { PAILLIER_TEST_LIMBS = 600, PAILLIER_TEST_ITCH = 8192 };

static inline fate_secret_key *paillier_test_key_mpz(fate_context *context, uint32_t bits, const mpz_t p, const mpz_t q, const mpz_t x)
{
    mp_limb_t primes[2][PAILLIER_TEST_LIMBS], unit[PAILLIER_TEST_LIMBS];
    fate_secret_key *key = NULL;
    crypto_from_mpz(primes[0], PAILLIER_TEST_LIMBS, p);
    crypto_from_mpz(primes[1], PAILLIER_TEST_LIMBS, q);
    crypto_from_mpz(unit, PAILLIER_TEST_LIMBS, x);
    assert_int_equal(paillier_secret_from_primes(context, &key, bits, primes[0], primes[1], unit), FATE_OK);
    return key;
}

static inline fate_secret_key *paillier_test_key(fate_context *context, uint32_t bits, uint64_t p, uint64_t q, uint64_t x)
{
    mpz_t numbers[3];
    mpz_init_set_ui(numbers[0], p);
    mpz_init_set_ui(numbers[1], q);
    mpz_init_set_ui(numbers[2], x);
    fate_secret_key *key = paillier_test_key_mpz(context, bits, numbers[0], numbers[1], numbers[2]);
    for (int i = 0; i < 3; i++) mpz_clear(numbers[i]);
    return key;
}

/* An item from a canonical pair in Montgomery's form, and back. */
static inline void paillier_test_put_pair(fate_ciphertexts *vector, uint64_t item, const mp_limb_t *pair)
{
    static mp_limb_t scratch[8 * PAILLIER_TEST_ITCH];
    mp_limb_t *to = paillier_items(vector, item);
    assert_true(paillier_pairs_itch(paillier_key_of(vector->key)) <= 8 * PAILLIER_TEST_ITCH);
    paillier_from_pairs(paillier_key_of(vector->key), &to, &pair, 1, scratch);
}

static inline void paillier_test_get_pair(const fate_ciphertexts *vector, uint64_t item, mp_limb_t *pair)
{
    static mp_limb_t scratch[8 * PAILLIER_TEST_ITCH];
    const mp_limb_t *from = paillier_items(vector, item);
    assert_true(paillier_pairs_itch(paillier_key_of(vector->key)) <= 8 * PAILLIER_TEST_ITCH);
    paillier_to_pairs(paillier_key_of(vector->key), &pair, &from, 1, scratch);
}

/* Encrypts a message below n with a given exponent, by the owner's path or the public one. */
static inline void paillier_test_encrypt_limbs(fate_secret_key *secret, int owner, fate_ciphertexts *vector, uint64_t item,
                                               const mp_limb_t *message, const mp_limb_t *exponent)
{
    const struct paillier_key *key = paillier_key_of(secret->key);
    static mp_limb_t items[KERNEL_MOST_LANES][PAILLIER_TEST_LIMBS], scratch[4 * PAILLIER_TEST_ITCH];
    mp_limb_t *out[KERNEL_MOST_LANES];
    const mp_limb_t *messages[KERNEL_MOST_LANES], *exponents[KERNEL_MOST_LANES];
    for (int i = 0; i < KERNEL_MOST_LANES; i++) {
        out[i] = i == 0 ? paillier_items(vector, item) : items[i];
        messages[i] = message;
        exponents[i] = exponent;
    }
    struct paillier_tables tables;
    assert_true(paillier_powers_itch(key) <= 4 * PAILLIER_TEST_ITCH);
    assert_int_equal(paillier_tables_get(&tables, secret->key, owner ? secret : NULL, item % 2 == 0 ? 1 : UINT64_MAX), FATE_OK);
    paillier_powers(&tables, out, exponents, messages, 1, scratch);
}

static inline void paillier_test_encrypt(fate_secret_key *secret, int owner, fate_ciphertexts *vector, uint64_t item, const mpz_t message,
                                         const mpz_t exponent)
{
    mp_limb_t limbs[2][PAILLIER_TEST_LIMBS];
    crypto_from_mpz(limbs[0], PAILLIER_TEST_LIMBS, message);
    crypto_from_mpz(limbs[1], PAILLIER_TEST_LIMBS, exponent);
    paillier_test_encrypt_limbs(secret, owner, vector, item, limbs[0], limbs[1]);
}

static inline void paillier_test_encrypt_small(fate_secret_key *secret, int owner, fate_ciphertexts *vector, uint64_t item,
                                               mp_limb_t message, mp_limb_t exponent)
{
    paillier_test_encrypt_limbs(secret, owner, vector, item, &message, &exponent);
}

static inline void paillier_test_put_small(fate_ciphertexts *vector, uint64_t item, uint64_t number)
{
    mp_limb_t limbs[PAILLIER_TEST_LIMBS] = {number}, scratch[PAILLIER_TEST_LIMBS];
    pair_enter(&paillier_key_of(vector->key)->ring, limbs, limbs, scratch);
    paillier_test_put_pair(vector, item, limbs);
}

static inline uint64_t paillier_test_get_small(const fate_ciphertexts *vector, uint64_t item)
{
    mp_limb_t limbs[PAILLIER_TEST_LIMBS], scratch[PAILLIER_TEST_LIMBS];
    paillier_test_get_pair(vector, item, limbs);
    pair_leave(&paillier_key_of(vector->key)->ring, limbs, limbs, scratch);
    return limbs[0];
}

static inline uint64_t paillier_test_decrypt_small(fate_secret_key *secret, const fate_ciphertexts *vector, uint64_t item)
{
    static mp_limb_t message[4], scratch[8 * PAILLIER_TEST_ITCH];
    paillier_decrypt_item(paillier_secret_of(secret), message, paillier_items(vector, item), 2, scratch);
    return message[0];
}

/* The lines of the known answers, one by one: see crypto_vectors. */
static inline fate_secret_key *paillier_vectors_key(fate_context *context, uint32_t bits, mpz_t *numbers)
{
    fate_secret_key *made = paillier_test_key_mpz(context, bits, numbers[0], numbers[1], numbers[2]);
    const struct paillier_key *key = paillier_key_of(made->key);
    mp_limb_t base[PAILLIER_TEST_LIMBS], plain[PAILLIER_TEST_LIMBS], scratch[2 * PAILLIER_TEST_LIMBS];
    crypto_from_mpz(base, PAILLIER_TEST_LIMBS, numbers[3]);
    pair_leave(&key->ring, plain, key->base, scratch);
    assert_int_equal(mpn_cmp(base, plain, key->ring.size), 0);
    return made;
}

static inline void paillier_vectors_open(struct crypto_vectors *vectors, fate_context *context)
{
    crypto_vectors_open(vectors, context, "tests/vectors/paillier.txt", 4, paillier_vectors_key);
}

#endif
