/* What an encryption scheme offers to the public functions: one table of functions. Keys, ciphertext vectors and their checks
 * (src/crypto/keys.c, src/crypto/ciphertexts.c) know a scheme through this table alone, so that another scheme, or another kernel
 * of the same one, is a further table. */
#ifndef CRYPTO_SCHEME_H
#define CRYPTO_SCHEME_H

#include "lib/bytes.h"
#include <fate/encryption.h>

struct scheme;
struct group;
struct units;

/* The public half of a key: shared by key handles, secret keys and vectors, which each hold it. Never changes once it is made,
 * but for `retired`.
 * A scheme's own structure begins with it. */
struct scheme_key {
    atomic_uint references;
    fate_context *context; /* held */
    const struct scheme *scheme;
    const struct group *group; /* whose elements its ciphertexts are; the key's own */
    uint32_t bits;
    uint32_t plaintext_bits;
    uint32_t ciphertext_bytes;
    uint32_t obfuscator_bits; /* longest exponent of an obfuscator */
    bool scan_tables;         /* tables of obfuscators are read whole */
    atomic_bool retired;      /* the secret half decrypts no more: see fate_secret_key_decrypt */
};

struct fate_public_key {
    struct scheme_key *key; /* held */
};

/* The secret half. A scheme's own structure begins with it. */
struct fate_secret_key {
    struct scheme_key *key; /* held */
};

/* Items of a vector: memory in a layout that only the scheme knows. */
struct fate_ciphertexts {
    struct scheme_key *key; /* held */
    uint64_t count;
    uint64_t bytes; /* of items */
    void *items;
};

/* Plaintexts of an encryption. With numbers NULL: count values of `words` words. Else count doubles at a scale. */
struct scheme_plaintexts {
    const uint64_t *values;
    uint32_t words;
    const double *numbers;
    uint32_t scale_bits;
};

/* All arguments were checked by the caller: pointers, keys of the same kind, ranges inside vectors, values below the bound. Functions
 * set the context's sentence and use its threads. Vectors are unchanged after an error. */
struct scheme {
    const char *name;

    /* Lengths of obfuscators' exponents in a key of so many bits: what a key has unless another is chosen, and the shortest that is
     * allowed; and the choice, before anything was encrypted. */
    uint32_t (*obfuscator_default)(uint32_t bits);
    uint32_t (*obfuscator_least)(uint32_t bits);
    void (*choose)(struct scheme_key *key, uint32_t obfuscator_bits, bool scan_tables);

    /* Makes a key, with default options; seed: 32 bytes, never NULL. FATE_E_KEY when bits is not offered. */
    int32_t (*generate)(fate_context *context, fate_secret_key **secret, uint32_t bits, const uint8_t *seed);
    /* The scheme's own part of exported keys; bits stands before it. The reader must be finished after an import. */
    void (*secret_export)(const fate_secret_key *secret, struct buffer *buffer);
    int32_t (*secret_import)(fate_context *context, fate_secret_key **secret, uint32_t bits, struct reader *reader);
    void (*public_export)(const struct scheme_key *key, struct buffer *buffer);
    int32_t (*public_import)(fate_context *context, struct scheme_key **key, uint32_t bits, struct reader *reader);
    /* Frees all but the held context (of the key) or the held key (of the secret). */
    void (*key_free)(struct scheme_key *key, fate_context *context);
    void (*secret_free)(fate_secret_key *secret, fate_context *context);
    bool (*same)(const struct scheme_key *left, const struct scheme_key *right);

    /* Bytes of a vector of count items; 0 when that overflows. */
    uint64_t (*items_bytes)(const struct scheme_key *key, uint64_t count);
    void (*set_zero)(struct fate_ciphertexts *vector);
    /* secret: NULL, or the owner's key, which gives the same bytes sooner. FATE_E_RANGE for numbers. */
    int32_t (*encrypt)(const fate_secret_key *secret, struct fate_ciphertexts *vector, uint64_t first, uint64_t count,
                       const struct scheme_plaintexts *plaintexts, const uint8_t *seed);
    /* FATE_E_RANGE, and values wiped, when a plaintext needs more words (numbers: more than 62 bits). FATE_E_KEY, and values wiped, when
     * it is beyond the key's bound and to answer would give the key away: the key is then retired. */
    int32_t (*decrypt)(const fate_secret_key *secret, const struct fate_ciphertexts *vector, uint64_t first, uint64_t count,
                       uint64_t *values, uint32_t words);
    int32_t (*decrypt_numbers)(const fate_secret_key *secret, const struct fate_ciphertexts *vector, uint64_t first, uint64_t count,
                               double *values, uint32_t scale_bits);
    /* vector[first + i] += other[other_first + i], count of them. */
    int32_t (*add)(struct fate_ciphertexts *vector, uint64_t first, const struct fate_ciphertexts *other, uint64_t other_first,
                   uint64_t count);
    int32_t (*subtract)(struct fate_ciphertexts *vector, const struct fate_ciphertexts *other);
    int32_t (*negate)(struct fate_ciphertexts *vector);
    int32_t (*multiply)(struct fate_ciphertexts *vector, const int64_t *factors);
    /* source: of each row, its value; NULL: they follow each other from first. */
    int32_t (*gather_add)(struct fate_ciphertexts *bins, const struct fate_ciphertexts *values, const uint32_t *source, uint64_t first,
                          uint64_t count, const uint32_t *index);
    /* sums[i] = 1 * buckets[i] + 2 * buckets[count + i] + ..., where count is that of sums; that of buckets is a multiple of it; neither
     * is 0. */
    int32_t (*weigh)(struct fate_ciphertexts *sums, const struct fate_ciphertexts *buckets);
    /* slot_bits: 0 adds the items of each group of slots. */
    int32_t (*pack)(const struct fate_ciphertexts *vector, struct fate_ciphertexts *packed, uint32_t slot_bits, uint32_t slots);
    int32_t (*rerandomise)(struct fate_ciphertexts *vector, const uint8_t *seed);
    int32_t (*write)(const struct fate_ciphertexts *vector, uint64_t first, uint64_t count, uint8_t *bytes);
    int32_t (*read)(struct fate_ciphertexts *vector, uint64_t first, uint64_t count, const uint8_t *bytes);
    /* What read holds numbers against, but for their bytes and length: see src/crypto/units.h. */
    void (*units)(const struct scheme_key *key, struct units *units);
};

extern const struct scheme scheme_paillier, scheme_okamoto_uchiyama;

/* A vector of encryptions of zero, as fate_ciphertexts_new makes it. FATE_E_MEMORY. */
int32_t ciphertexts_new(struct scheme_key *key, fate_ciphertexts **vector, uint64_t count);

/* Security level of a modulus of so many bits: 112, 128 or 152; 0 for shorter ones, of tests. */
uint32_t scheme_security(uint32_t bits);

/* The scheme of that name, or NULL. */
const struct scheme *scheme_find(const char *name, uint64_t length);

/* One more hold on a key, and giving it up; NULL is accepted. */
struct scheme_key *scheme_key_hold(struct scheme_key *key);
void scheme_key_free(struct scheme_key *key);
/* Whether two keys are the same one, or equal, in options too. */
bool scheme_key_same(const struct scheme_key *left, const struct scheme_key *right);
/* FATE_E_KEY, with the sentence for a secret key that is retired. */
int32_t scheme_key_refuse_retired(const struct scheme_key *key);

#endif
