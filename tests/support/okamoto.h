/* For tests of Okamoto-Uchiyama: the known answers of tests/vectors/okamoto_uchiyama.txt, keys from given primes, single items by number. */
#ifndef TESTS_SUPPORT_OKAMOTO_H
#define TESTS_SUPPORT_OKAMOTO_H

#include <stdio.h>
#include "src/crypto/group_vector.h"
#include "src/crypto/okamoto.h"
#include "tests/support/crypto.h"

enum { OKAMOTO_TEST_LIMBS = 80, OKAMOTO_TEST_ITCH = 16384 };

static inline fate_secret_key *okamoto_key(fate_context *context, uint32_t bits, uint64_t number)
{
    return crypto_scheme_key(context, "okamoto-uchiyama", bits, number);
}

static inline fate_secret_key *okamoto_test_key_mpz(fate_context *context, uint32_t bits, const mpz_t p, const mpz_t q,
                                                    const mpz_t generator)
{
    mp_limb_t limbs[3][OKAMOTO_TEST_LIMBS];
    fate_secret_key *key = NULL;
    crypto_from_mpz(limbs[0], OKAMOTO_TEST_LIMBS, p);
    crypto_from_mpz(limbs[1], OKAMOTO_TEST_LIMBS, q);
    crypto_from_mpz(limbs[2], OKAMOTO_TEST_LIMBS, generator);
    assert_int_equal(okamoto_secret_from_primes(context, &key, bits, limbs[0], limbs[1], limbs[2]), FATE_OK);
    return key;
}

static inline fate_secret_key *okamoto_test_key(fate_context *context, uint32_t bits, mp_limb_t p, mp_limb_t q, mp_limb_t generator)
{
    fate_secret_key *key = NULL;
    assert_int_equal(okamoto_secret_from_primes(context, &key, bits, &p, &q, &generator), FATE_OK);
    return key;
}

/* The plain number of a row. */
static inline void okamoto_test_row(mpz_t number, const struct group *group, const mp_limb_t *row)
{
    static mp_limb_t limbs[OKAMOTO_TEST_ITCH], plain[GROUP_MOST_LANES][OKAMOTO_TEST_LIMBS];
    mp_limb_t *bundle = group_align(limbs), *numbers[GROUP_MOST_LANES];
    assert_true(group->bundle + group->itch + GROUP_ALIGNMENT <= OKAMOTO_TEST_ITCH);
    for (uint32_t lane = 0; lane < group->lanes; lane++) numbers[lane] = plain[lane];
    group_spread(group, bundle, row);
    group->leave(group->ring, numbers, bundle, bundle + group->bundle);
    crypto_to_mpz(number, plain[0], group->words);
}

/* Encrypts a message below the bound with a given exponent, by the owner's path or the public one. */
static inline void okamoto_test_encrypt_limbs(fate_secret_key *secret, bool owner, fate_ciphertexts *vector, uint64_t item,
                                              const mp_limb_t *message, const mp_limb_t *exponent)
{
    static mp_limb_t limbs[OKAMOTO_TEST_ITCH], plain[GROUP_MOST_LANES][OKAMOTO_TEST_LIMBS];
    const struct okamoto_key *key = okamoto_key_of(secret->key);
    const struct okamoto_owner *own = okamoto_secret_of(secret)->owner;
    const struct group *group = secret->key->group;
    const mp_limb_t *messages[GROUP_MOST_LANES], *exponents[GROUP_MOST_LANES];
    mp_limb_t *power = group_align(limbs), *scratch = power + group->bundle, *numbers[GROUP_MOST_LANES];
    const mp_size_t itch = owner ? okamoto_owner_itch(own) : okamoto_power_itch(&key->ring);
    assert_true(group->bundle + (itch > group->itch ? itch : group->itch) + GROUP_ALIGNMENT <= OKAMOTO_TEST_ITCH);
    for (uint32_t lane = 0; lane < group->lanes; lane++) {
        messages[lane] = message;
        exponents[lane] = exponent;
        numbers[lane] = plain[lane];
    }
    const struct okamoto_exponents powers = {messages, exponents, secret->key->plaintext_bits, false};
    struct okamoto_tables tables;
    struct okamoto_owner_tables owner_tables;
    if (owner) {
        assert_int_equal(okamoto_owner_tables_get(&owner_tables, own, secret->key), FATE_OK);
        okamoto_owner_power(&owner_tables, numbers, &powers, scratch);
        group->enter(group->ring, power, (const mp_limb_t *const *)numbers, scratch);
    } else {
        assert_int_equal(okamoto_tables_get(&tables, &key->ring, secret->key), FATE_OK);
        okamoto_power(&tables, power, &powers, scratch);
    }
    group_store_items(group, vector, item, item + 1, power, scratch);
}

static inline void okamoto_test_encrypt(fate_secret_key *secret, bool owner, fate_ciphertexts *vector, uint64_t item, const mpz_t message,
                                        const mpz_t exponent)
{
    mp_limb_t limbs[2][OKAMOTO_TEST_LIMBS];
    crypto_from_mpz(limbs[0], OKAMOTO_TEST_LIMBS, message);
    crypto_from_mpz(limbs[1], OKAMOTO_TEST_LIMBS, exponent);
    okamoto_test_encrypt_limbs(secret, owner, vector, item, limbs[0], limbs[1]);
}

static inline void okamoto_test_put_small(fate_ciphertexts *vector, uint64_t item, mp_limb_t number)
{
    uint8_t bytes[8 * OKAMOTO_TEST_LIMBS];
    limbs_store(bytes, vector->key->ciphertext_bytes, &number, 1);
    assert_int_equal(fate_ciphertexts_read(vector, item, 1, bytes, vector->key->ciphertext_bytes), FATE_OK);
}

static inline uint64_t okamoto_test_get_small(const fate_ciphertexts *vector, uint64_t item)
{
    uint8_t bytes[8 * OKAMOTO_TEST_LIMBS];
    mp_limb_t number;
    assert_int_equal(fate_ciphertexts_write(vector, item, 1, bytes), FATE_OK);
    limbs_load(&number, 1, bytes, vector->key->ciphertext_bytes);
    return number;
}

/* Plaintexts of all items, without their bound. */
static inline void okamoto_test_decrypt_all(fate_secret_key *secret, const fate_ciphertexts *vector, uint64_t *values)
{
    static mp_limb_t numbers[GROUP_MOST_LANES][4], scratch[OKAMOTO_TEST_ITCH];
    const struct group *group = secret->key->group;
    mp_limb_t *messages[GROUP_MOST_LANES];
    const mp_limb_t *items[GROUP_MOST_LANES];
    assert_true(okamoto_decrypt_itch(okamoto_secret_of(secret)) <= OKAMOTO_TEST_ITCH);
    for (uint64_t i = 0; i < vector->count; i += group->lanes) {
        for (uint32_t lane = 0; lane < group->lanes; lane++) {
            messages[lane] = numbers[lane];
            items[lane] = okamoto_items(vector, i + lane < vector->count ? i + lane : i);
        }
        okamoto_decrypt_items(okamoto_secret_of(secret), messages, items, scratch);
        for (uint32_t lane = 0; lane < group->lanes && i + lane < vector->count; lane++) values[i + lane] = numbers[lane][0];
    }
}

static inline uint64_t okamoto_test_decrypt_small(fate_secret_key *secret, const fate_ciphertexts *vector, uint64_t item)
{
    uint64_t value;
    fate_ciphertexts *single = crypto_vector(secret, 1);
    crypto_copy_items(single, 0, vector, item, 1);
    okamoto_test_decrypt_all(secret, single, &value);
    fate_ciphertexts_free(single);
    return value;
}

/* The lines of the known answers, one by one: see crypto_vectors. */
static inline fate_secret_key *okamoto_vectors_key(fate_context *context, uint32_t bits, mpz_t *numbers)
{
    return okamoto_test_key_mpz(context, bits, numbers[0], numbers[1], numbers[2]);
}

static inline void okamoto_vectors_open(struct crypto_vectors *vectors, fate_context *context)
{
    crypto_vectors_open(vectors, context, "tests/vectors/okamoto_uchiyama.txt", 3, okamoto_vectors_key);
}

#endif
