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

/* Encrypts a message below the bound with a given exponent. */
static inline void okamoto_test_encrypt_limbs(fate_secret_key *secret, fate_ciphertexts *vector, uint64_t item, const mp_limb_t *message,
                                              const mp_limb_t *exponent)
{
    static mp_limb_t limbs[OKAMOTO_TEST_ITCH];
    const struct group *group = &okamoto_key_of(secret->key)->group;
    const mp_limb_t *messages[GROUP_MOST_LANES], *exponents[GROUP_MOST_LANES];
    struct okamoto_tables tables;
    mp_limb_t *power = group_align(limbs), *scratch = power + group->bundle;
    assert_true(group->bundle + okamoto_power_itch(okamoto_key_of(secret->key)) + GROUP_ALIGNMENT <= OKAMOTO_TEST_ITCH);
    assert_int_equal(okamoto_tables_get(&tables, secret->key), FATE_OK);
    for (uint32_t lane = 0; lane < group->lanes; lane++) {
        messages[lane] = message;
        exponents[lane] = exponent;
    }
    okamoto_power(&tables, power, messages, secret->key->plaintext_bits, exponents, scratch);
    group_store_items(group, vector, item, item + 1, power, scratch);
}

static inline void okamoto_test_encrypt(fate_secret_key *secret, fate_ciphertexts *vector, uint64_t item, const mpz_t message,
                                        const mpz_t exponent)
{
    mp_limb_t limbs[2][OKAMOTO_TEST_LIMBS];
    crypto_from_mpz(limbs[0], OKAMOTO_TEST_LIMBS, message);
    crypto_from_mpz(limbs[1], OKAMOTO_TEST_LIMBS, exponent);
    okamoto_test_encrypt_limbs(secret, vector, item, limbs[0], limbs[1]);
}

static inline void okamoto_test_bytes(const fate_ciphertexts *vector, uint8_t *bytes, const mpz_t number)
{
    mp_limb_t limbs[OKAMOTO_TEST_LIMBS];
    crypto_from_mpz(limbs, OKAMOTO_TEST_LIMBS, number);
    limbs_store(bytes, vector->key->ciphertext_bytes, limbs, OKAMOTO_TEST_LIMBS);
}

static inline void okamoto_test_put(fate_ciphertexts *vector, uint64_t item, const mpz_t number)
{
    uint8_t bytes[8 * OKAMOTO_TEST_LIMBS];
    okamoto_test_bytes(vector, bytes, number);
    assert_int_equal(fate_ciphertexts_read(vector, item, 1, bytes, vector->key->ciphertext_bytes), FATE_OK);
}

/* The item is exactly this number. */
static inline void okamoto_test_expect(const fate_ciphertexts *vector, uint64_t item, const mpz_t number)
{
    uint8_t bytes[8 * OKAMOTO_TEST_LIMBS], wanted[8 * OKAMOTO_TEST_LIMBS];
    okamoto_test_bytes(vector, wanted, number);
    assert_int_equal(fate_ciphertexts_write(vector, item, 1, bytes), FATE_OK);
    assert_memory_equal(bytes, wanted, vector->key->ciphertext_bytes);
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

/* to[i] = from[j]. */
static inline void okamoto_test_copy(fate_ciphertexts *to, uint64_t i, const fate_ciphertexts *from, uint64_t j)
{
    mpn_copyi(okamoto_items(to, i), okamoto_items(from, j), okamoto_key_of(to->key)->group.row);
}

static inline void okamoto_test_decrypts(fate_secret_key *secret, const fate_ciphertexts *vector, uint64_t item, const mpz_t message)
{
    uint64_t words[64];
    mp_limb_t wanted[64];
    crypto_from_mpz(wanted, 64, message);
    assert_int_equal(fate_secret_key_decrypt(secret, vector, item, 1, words, 64), FATE_OK);
    for (int i = 0; i < 64; i++) assert_true(words[i] == wanted[i]);
}

/* Without the bound on plaintexts. */
static inline uint64_t okamoto_test_decrypt_small(fate_secret_key *secret, const fate_ciphertexts *vector, uint64_t item)
{
    static mp_limb_t numbers[GROUP_MOST_LANES][4], scratch[OKAMOTO_TEST_ITCH];
    const struct group *group = &okamoto_key_of(secret->key)->group;
    mp_limb_t *messages[GROUP_MOST_LANES];
    const mp_limb_t *items[GROUP_MOST_LANES];
    assert_true(okamoto_decrypt_itch(okamoto_secret_of(secret)) <= OKAMOTO_TEST_ITCH);
    for (uint32_t lane = 0; lane < group->lanes; lane++) {
        messages[lane] = numbers[lane];
        items[lane] = okamoto_items(vector, item);
    }
    okamoto_decrypt_items(okamoto_secret_of(secret), messages, items, scratch);
    return numbers[0][0];
}

/* The lines of the file, one by one; "key" lines are taken in silence and make the key. */
struct okamoto_vectors {
    fate_context *context;
    FILE *file;
    fate_secret_key *key;
    char word[16];
    mpz_t numbers[3]; /* as they stand on the line */
    int64_t factor;   /* of "multiply", whose numbers are then two */
};

static inline void okamoto_vectors_open(struct okamoto_vectors *vectors, fate_context *context)
{
    *vectors = (struct okamoto_vectors){.context = context, .file = fopen("tests/vectors/okamoto_uchiyama.txt", "r")};
    assert_non_null(vectors->file);
    for (int i = 0; i < 3; i++) mpz_init(vectors->numbers[i]);
}

static inline void okamoto_vectors_read(struct okamoto_vectors *vectors, int from, int count)
{
    for (int i = from; i < from + count; i++) assert_true(mpz_inp_str(vectors->numbers[i], vectors->file, 16) != 0);
}

static inline bool okamoto_vectors_next(struct okamoto_vectors *vectors)
{
    unsigned bits;
    long long factor;
    if (fscanf(vectors->file, "%15s", vectors->word) != 1) return false;
    if (strcmp(vectors->word, "key") == 0) {
        assert_int_equal(fscanf(vectors->file, "%u", &bits), 1);
        okamoto_vectors_read(vectors, 0, 3);
        fate_secret_key_free(vectors->key);
        vectors->key = okamoto_test_key_mpz(vectors->context, bits, vectors->numbers[0], vectors->numbers[1], vectors->numbers[2]);
        return okamoto_vectors_next(vectors);
    }
    if (strcmp(vectors->word, "multiply") == 0) {
        okamoto_vectors_read(vectors, 0, 1);
        assert_int_equal(fscanf(vectors->file, "%lld", &factor), 1);
        vectors->factor = factor;
        okamoto_vectors_read(vectors, 1, 1);
    } else {
        okamoto_vectors_read(vectors, 0, strcmp(vectors->word, "decrypt") == 0 ? 2 : 3);
    }
    return true;
}

static inline void okamoto_vectors_close(struct okamoto_vectors *vectors)
{
    fate_secret_key_free(vectors->key);
    fclose(vectors->file);
    for (int i = 0; i < 3; i++) mpz_clear(vectors->numbers[i]);
}

#endif
