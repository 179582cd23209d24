/* What the tests of encryption share: contexts that accept small keys, keys from numbered seeds, numbers of GMP as the oracle. */
#ifndef TESTS_SUPPORT_CRYPTO_H
#define TESTS_SUPPORT_CRYPTO_H

#include "src/crypto/kernel.h"
#include "src/crypto/paillier_gather.h"
#include "src/crypto/paillier_vector.h"
#include "tests/support/allocator.h"

/* The kernels of all machines. */
static const char *const crypto_kernels[] = {"portable", "plain", "avx2", "avx512"};
enum { CRYPTO_KERNELS = 4 };
/* The kernel of contexts that are made from now on; NULL: what the machine would choose. */
static const char *crypto_kernel;

/* Chooses a kernel; false when the machine lacks it. */
static inline bool crypto_choose_kernel(const char *name)
{
    bool here = strcmp(name, "portable") == 0 || kernel_find(name) != NULL;
    crypto_kernel = here ? name : NULL;
    return here;
}

/* Lanes in plain C take their time: of what long loops try, they try one of so many. */
static inline uint64_t crypto_stride(uint64_t stride)
{
    return crypto_kernel != NULL && strcmp(crypto_kernel, "plain") == 0 ? stride : 1;
}

static inline fate_context *crypto_context(struct test_allocator *test, long long fail, uint32_t threads)
{
    fate_allocator allocator = test_allocator(test, -1);
    fate_context *context = NULL;
    assert_int_equal(context_new(&context, &allocator), FATE_OK);
    context->threads = threads;
    context->accepts_small_keys = true;
    context->kernel = crypto_kernel;
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

/* The same canonical bytes. */
static inline bool crypto_same_items(const fate_ciphertexts *left, const fate_ciphertexts *right)
{
    uint64_t length = left->key->ciphertext_bytes, count = left->count;
    if (right->key->ciphertext_bytes != length || right->count != count) return false;
    uint8_t *bytes = malloc((size_t)(2 * count * length + 1));
    assert_non_null(bytes);
    assert_int_equal(fate_ciphertexts_write(left, 0, count, bytes), FATE_OK);
    assert_int_equal(fate_ciphertexts_write(right, 0, count, bytes + count * length), FATE_OK);
    bool same = memcmp(bytes, bytes + count * length, (size_t)(count * length)) == 0;
    free(bytes);
    return same;
}

/* Whether left[i] and right[j] are the same. */
static inline bool crypto_same_item(const fate_ciphertexts *left, uint64_t i, const fate_ciphertexts *right, uint64_t j)
{
    uint8_t bytes[2][2048];
    assert_true(left->key->ciphertext_bytes <= sizeof bytes[0]);
    assert_int_equal(fate_ciphertexts_write(left, i, 1, bytes[0]), FATE_OK);
    assert_int_equal(fate_ciphertexts_write(right, j, 1, bytes[1]), FATE_OK);
    return memcmp(bytes[0], bytes[1], left->key->ciphertext_bytes) == 0;
}

/* Items of a Paillier vector as they stand. */
static inline void crypto_copy_items(fate_ciphertexts *to, uint64_t first, const fate_ciphertexts *from, uint64_t item, uint64_t count)
{
    uint64_t limbs = paillier_item_limbs(paillier_key_of(to->key));
    memcpy(paillier_items(to, first), paillier_items(from, item), (size_t)(count * limbs * sizeof(mp_limb_t)));
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
