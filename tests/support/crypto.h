/* What the tests of encryption share: contexts that accept small keys, keys from numbered seeds, numbers of GMP as the oracle. */
#ifndef TESTS_SUPPORT_CRYPTO_H
#define TESTS_SUPPORT_CRYPTO_H

#include <stdio.h>
#include "src/crypto/kernel.h"
#include "src/crypto/group_gather.h"
#include "src/crypto/paillier.h"
#include "tests/support/allocator.h"
#include "tests/support/effort.h"

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

/* Lanes in plain C take their time. */
static inline bool crypto_is_slow(void)
{
    return crypto_kernel != NULL && strcmp(crypto_kernel, "plain") == 0;
}

/* Of what long loops try, slow kernels try one of so many. */
static inline uint64_t crypto_stride(uint64_t stride)
{
    return crypto_is_slow() ? stride * EFFORT_STRIDE : EFFORT_STRIDE;
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

/* Items as they stand. */
static inline void crypto_copy_items(fate_ciphertexts *to, uint64_t first, const fate_ciphertexts *from, uint64_t item, uint64_t count)
{
    const struct group *group = to->key->group;
    memcpy(group_items(group, to, first), group_items(group, from, item), (size_t)(count * (uint64_t)group->row * sizeof(mp_limb_t)));
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

enum { CRYPTO_LIMBS = 256 };

/* A ciphertext as it stands on the wire. */
static inline void crypto_put(fate_ciphertexts *vector, uint64_t item, const mpz_t number)
{
    uint8_t bytes[8 * CRYPTO_LIMBS];
    mp_limb_t limbs[CRYPTO_LIMBS];
    crypto_from_mpz(limbs, CRYPTO_LIMBS, number);
    limbs_store(bytes, vector->key->ciphertext_bytes, limbs, CRYPTO_LIMBS);
    assert_int_equal(fate_ciphertexts_read(vector, item, 1, bytes, vector->key->ciphertext_bytes), FATE_OK);
}

/* The item is exactly this number. */
static inline void crypto_expect(const fate_ciphertexts *vector, uint64_t item, const mpz_t number)
{
    uint8_t bytes[8 * CRYPTO_LIMBS], wanted[8 * CRYPTO_LIMBS];
    mp_limb_t limbs[CRYPTO_LIMBS];
    crypto_from_mpz(limbs, CRYPTO_LIMBS, number);
    limbs_store(wanted, vector->key->ciphertext_bytes, limbs, CRYPTO_LIMBS);
    assert_int_equal(fate_ciphertexts_write(vector, item, 1, bytes), FATE_OK);
    assert_memory_equal(bytes, wanted, vector->key->ciphertext_bytes);
}

static inline void crypto_decrypts(fate_secret_key *secret, const fate_ciphertexts *vector, uint64_t item, const mpz_t message)
{
    uint64_t words[64];
    mp_limb_t wanted[64];
    crypto_from_mpz(wanted, 64, message);
    assert_int_equal(fate_secret_key_decrypt(secret, vector, item, 1, words, 64), FATE_OK);
    for (int i = 0; i < 64; i++) assert_true(words[i] == wanted[i]);
}

/* Known answers, line by line; "key" lines are taken in silence and make the key. */
struct crypto_vectors {
    fate_context *context;
    FILE *file;
    int key_numbers; /* of a "key" line */
    fate_secret_key *(*make_key)(fate_context *context, uint32_t bits, mpz_t *numbers);
    fate_secret_key *key;
    char word[16];
    mpz_t numbers[4]; /* as they stand on the line */
    int64_t factor;   /* of "multiply", whose numbers are then two */
};

static inline void crypto_vectors_open(struct crypto_vectors *vectors, fate_context *context, const char *path, int key_numbers,
                                       fate_secret_key *(*make_key)(fate_context *context, uint32_t bits, mpz_t *numbers))
{
    *vectors = (struct crypto_vectors){.context = context, .file = fopen(path, "r"), .key_numbers = key_numbers, .make_key = make_key};
    assert_non_null(vectors->file);
    for (int i = 0; i < 4; i++) mpz_init(vectors->numbers[i]);
}

static inline void crypto_vectors_read(struct crypto_vectors *vectors, int from, int count)
{
    for (int i = from; i < from + count; i++) assert_true(mpz_inp_str(vectors->numbers[i], vectors->file, 16) != 0);
}

static inline bool crypto_vectors_next(struct crypto_vectors *vectors)
{
    unsigned bits;
    long long factor;
    while (fscanf(vectors->file, "%15s", vectors->word) == 1) {
        if (strcmp(vectors->word, "key") == 0) {
            assert_int_equal(fscanf(vectors->file, "%u", &bits), 1);
            crypto_vectors_read(vectors, 0, vectors->key_numbers);
            fate_secret_key_free(vectors->key);
            vectors->key = vectors->make_key(vectors->context, bits, vectors->numbers);
            continue;
        }
        bool multiply = strcmp(vectors->word, "multiply") == 0;
        crypto_vectors_read(vectors, 0, multiply ? 1 : strcmp(vectors->word, "decrypt") == 0 ? 2 : 3);
        if (!multiply) return true;
        assert_int_equal(fscanf(vectors->file, "%lld", &factor), 1);
        vectors->factor = factor;
        crypto_vectors_read(vectors, 1, 1);
        return true;
    }
    return false;
}

static inline void crypto_vectors_close(struct crypto_vectors *vectors)
{
    fate_secret_key_free(vectors->key);
    fclose(vectors->file);
    for (int i = 0; i < 4; i++) mpz_clear(vectors->numbers[i]);
}

#endif
