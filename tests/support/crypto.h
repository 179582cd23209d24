/* What the tests of encryption share: contexts that accept small keys, keys from numbered seeds, numbers of GMP as the oracle. */
#ifndef TESTS_SUPPORT_CRYPTO_H
#define TESTS_SUPPORT_CRYPTO_H

#include "src/crypto/paillier_gather.h"
#include "src/crypto/paillier_vector.h"
#include "tests/support/allocator.h"

static inline fate_context *crypto_context(struct test_allocator *test, long long fail, uint32_t threads)
{
    fate_allocator allocator = test_allocator(test, -1);
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, &allocator), FATE_OK);
    context->threads = threads;
    context->accepts_small_keys = true;
    atomic_store(&test->calls, 0);
    test->fail = fail;
    return context;
}

/* A 32-byte seed that follows from a number. */
static inline const uint8_t *crypto_seed(uint8_t *seed, uint64_t number)
{
    memset(seed, 0, RANDOM_KEY);
    bytes_store_u64(seed, number + 1);
    return seed;
}

static inline fate_secret_key *crypto_scheme_key(fate_context *context, const char *scheme, uint32_t bits, uint64_t number)
{
    uint8_t seed[RANDOM_KEY];
    fate_secret_key *key = NULL;
    assert_int_equal(fate_secret_key_generate(context, &key, scheme, bits, crypto_seed(seed, number)), FATE_OK);
    return key;
}

static inline fate_secret_key *crypto_key(fate_context *context, uint32_t bits, uint64_t number)
{
    return crypto_scheme_key(context, "paillier", bits, number);
}

static inline fate_ciphertexts *crypto_vector(fate_secret_key *key, uint64_t count)
{
    fate_public_key *public_key = NULL;
    fate_ciphertexts *vector = NULL;
    assert_int_equal(fate_secret_key_public(key, &public_key), FATE_OK);
    assert_int_equal(fate_ciphertexts_new(public_key, &vector, count), FATE_OK);
    fate_public_key_free(public_key);
    return vector;
}

/* count encryptions of one-word values. */
static inline fate_ciphertexts *crypto_encrypted(fate_secret_key *key, const uint64_t *values, uint64_t count, uint64_t seed_number)
{
    uint8_t seed[RANDOM_KEY];
    fate_ciphertexts *vector = crypto_vector(key, count);
    assert_int_equal(fate_secret_key_encrypt(key, vector, 0, count, values, 1, crypto_seed(seed, seed_number)), FATE_OK);
    return vector;
}

static inline bool crypto_same_items(const fate_ciphertexts *left, const fate_ciphertexts *right)
{
    return left->bytes == right->bytes && memcmp(left->items, right->items, left->bytes) == 0;
}

static inline void crypto_from_mpz(mp_limb_t *limbs, mp_size_t size, const mpz_t number)
{
    assert_true((mp_size_t)mpz_size(number) <= size);
    for (mp_size_t i = 0; i < size; i++) limbs[i] = mpz_getlimbn(number, i);
}

static inline void crypto_to_mpz(mpz_t number, const mp_limb_t *limbs, mp_size_t size)
{
    mpz_import(number, (size_t)size, -1, sizeof *limbs, 0, 0, limbs);
}

#endif
