/* Public functions on ciphertext vectors: they check arguments, then call the key's scheme. */
#include "src/crypto/scheme.h"
#include <string.h>

static int32_t refuse(const struct scheme_key *key, const char *function, const char *what)
{
    return context_fail(key->context, FATE_E_ARGUMENT, "%s: %s", function, what);
}

static bool inside(const fate_ciphertexts *vector, uint64_t first, uint64_t count)
{
    return first <= vector->count && count <= vector->count - first;
}

int32_t ciphertexts_new(struct scheme_key *key, fate_ciphertexts **vector, uint64_t count)
{
    uint64_t bytes = key->scheme->items_bytes(key, count);
    fate_ciphertexts *made = memory_allocate(key->context, 1, sizeof *made);
    void *items = bytes == 0 && count != 0 ? NULL : memory_allocate(key->context, bytes, 1);
    if (made == NULL || items == NULL) {
        memory_free(key->context, made);
        memory_free(key->context, items);
        return context_out_of_memory(key->context);
    }
    *made = (fate_ciphertexts){.key = scheme_key_hold(key), .count = count, .bytes = bytes, .items = items};
    key->scheme->set_zero(made);
    *vector = made;
    return FATE_OK;
}

int32_t fate_ciphertexts_new(const fate_public_key *key, fate_ciphertexts **vector, uint64_t count)
{
    if (vector != NULL) *vector = NULL;
    if (key == NULL) return FATE_E_ARGUMENT;
    if (vector == NULL) return refuse(key->key, "fate_ciphertexts_new", "vector must not be NULL");
    return ciphertexts_new(key->key, vector, count);
}

void fate_ciphertexts_free(fate_ciphertexts *vector)
{
    if (vector == NULL) return;
    struct scheme_key *key = vector->key;
    memory_free(key->context, vector->items);
    memory_free(key->context, vector);
    scheme_key_free(key);
}

uint64_t fate_ciphertexts_count(const fate_ciphertexts *vector)
{
    return vector == NULL ? 0 : vector->count;
}

/* FATE_E_RANGE when a value is not below 2^bits. Looks at all words of all values, so that time tells nothing. */
static int32_t check_values(const struct scheme_key *key, const uint64_t *values, uint64_t count, uint32_t words)
{
    uint32_t bits = key->plaintext_bits;
    uint64_t above = 0;
    for (uint32_t word = bits / 64; word < words; word++) {
        uint64_t mask = word == bits / 64 ? ~(uint64_t)0 << (bits % 64) : ~(uint64_t)0;
        for (uint64_t i = 0; i < count; i++) above |= values[i * words + word] & mask;
    }
    if (above == 0) return FATE_OK;
    return context_fail(key->context, FATE_E_RANGE, "a plaintext is not below 2^%u, the bound of this %u-bit key", (unsigned)bits,
                        (unsigned)key->bits);
}

enum { MOST_WORDS = 64 };

static int32_t encrypt(const struct scheme_key *key, const fate_secret_key *secret, fate_ciphertexts *vector, uint64_t first,
                       uint64_t count, const struct scheme_plaintexts *plaintexts, const uint8_t *seed, const char *function)
{
    if (vector == NULL || seed == NULL || (count != 0 && plaintexts->values == NULL && plaintexts->numbers == NULL))
        return refuse(key, function, "vector, values and seed must not be NULL");
    if (!scheme_key_same(key, vector->key)) return refuse(key, function, "the vector belongs to another key");
    if (!inside(vector, first, count)) return refuse(key, function, "the items to encrypt reach beyond the end of the vector");
    return key->scheme->encrypt(secret, vector, first, count, plaintexts, seed);
}

static int32_t encrypt_values(const struct scheme_key *key, const fate_secret_key *secret, fate_ciphertexts *vector, uint64_t first,
                              uint64_t count, const uint64_t *values, uint32_t words, const uint8_t *seed, const char *function)
{
    if (words == 0 || words > MOST_WORDS) return refuse(key, function, "words must be 1 to 64");
    if (vector != NULL && values != NULL && inside(vector, first, count)) {
        int32_t result = check_values(key, values, count, words);
        if (result != FATE_OK) return result;
    }
    struct scheme_plaintexts plaintexts = {.values = values, .words = words};
    return encrypt(key, secret, vector, first, count, &plaintexts, seed, function);
}

int32_t fate_public_key_encrypt(const fate_public_key *key, fate_ciphertexts *vector, uint64_t first, uint64_t count,
                                const uint64_t *values, uint32_t words, const uint8_t *seed)
{
    if (key == NULL) return FATE_E_ARGUMENT;
    return encrypt_values(key->key, NULL, vector, first, count, values, words, seed, "fate_public_key_encrypt");
}

int32_t fate_secret_key_encrypt(const fate_secret_key *key, fate_ciphertexts *vector, uint64_t first, uint64_t count,
                                const uint64_t *values, uint32_t words, const uint8_t *seed)
{
    if (key == NULL) return FATE_E_ARGUMENT;
    return encrypt_values(key->key, key, vector, first, count, values, words, seed, "fate_secret_key_encrypt");
}

enum { MOST_SCALE = 1000 };

static int32_t encrypt_numbers(const struct scheme_key *key, const fate_secret_key *secret, fate_ciphertexts *vector, uint64_t first,
                               uint64_t count, const double *values, uint32_t scale_bits, const uint8_t *seed, const char *function)
{
    if (scale_bits > MOST_SCALE) return refuse(key, function, "scale_bits must be at most 1000");
    struct scheme_plaintexts plaintexts = {.numbers = values, .scale_bits = scale_bits};
    return encrypt(key, secret, vector, first, count, &plaintexts, seed, function);
}

int32_t fate_public_key_encrypt_numbers(const fate_public_key *key, fate_ciphertexts *vector, uint64_t first, uint64_t count,
                                        const double *values, uint32_t scale_bits, const uint8_t *seed)
{
    if (key == NULL) return FATE_E_ARGUMENT;
    return encrypt_numbers(key->key, NULL, vector, first, count, values, scale_bits, seed, "fate_public_key_encrypt_numbers");
}

int32_t fate_secret_key_encrypt_numbers(const fate_secret_key *key, fate_ciphertexts *vector, uint64_t first, uint64_t count,
                                        const double *values, uint32_t scale_bits, const uint8_t *seed)
{
    if (key == NULL) return FATE_E_ARGUMENT;
    return encrypt_numbers(key->key, key, vector, first, count, values, scale_bits, seed, "fate_secret_key_encrypt_numbers");
}

static int32_t check_decrypt(const fate_secret_key *key, const fate_ciphertexts *vector, uint64_t first, uint64_t count, const void *values,
                             const char *function)
{
    if (vector == NULL || (values == NULL && count != 0)) return refuse(key->key, function, "vector and values must not be NULL");
    if (!scheme_key_same(key->key, vector->key)) return refuse(key->key, function, "the vector belongs to another key");
    if (!inside(vector, first, count)) return refuse(key->key, function, "the items to decrypt reach beyond the end of the vector");
    return atomic_load(&key->key->retired) ? scheme_key_refuse_retired(key->key) : FATE_OK;
}

int32_t fate_secret_key_decrypt(const fate_secret_key *key, const fate_ciphertexts *vector, uint64_t first, uint64_t count,
                                uint64_t *values, uint32_t words)
{
    if (key == NULL) return FATE_E_ARGUMENT;
    if (words == 0 || words > MOST_WORDS) return refuse(key->key, "fate_secret_key_decrypt", "words must be 1 to 64");
    int32_t result = check_decrypt(key, vector, first, count, values, "fate_secret_key_decrypt");
    return result == FATE_OK ? key->key->scheme->decrypt(key, vector, first, count, values, words) : result;
}

int32_t fate_secret_key_decrypt_numbers(const fate_secret_key *key, const fate_ciphertexts *vector, uint64_t first, uint64_t count,
                                        double *values, uint32_t scale_bits)
{
    if (key == NULL) return FATE_E_ARGUMENT;
    if (scale_bits > MOST_SCALE) return refuse(key->key, "fate_secret_key_decrypt_numbers", "scale_bits must be at most 1000");
    int32_t result = check_decrypt(key, vector, first, count, values, "fate_secret_key_decrypt_numbers");
    return result == FATE_OK ? key->key->scheme->decrypt_numbers(key, vector, first, count, values, scale_bits) : result;
}

static int32_t check_pair(const fate_ciphertexts *vector, const fate_ciphertexts *other, const char *function)
{
    if (other == NULL) return refuse(vector->key, function, "the other vector must not be NULL");
    if (!scheme_key_same(vector->key, other->key)) return refuse(vector->key, function, "the two vectors belong to different keys");
    if (vector->count != other->count) return refuse(vector->key, function, "the two vectors differ in length");
    return FATE_OK;
}

int32_t fate_ciphertexts_add(fate_ciphertexts *vector, const fate_ciphertexts *other)
{
    if (vector == NULL) return FATE_E_ARGUMENT;
    int32_t result = check_pair(vector, other, "fate_ciphertexts_add");
    return result == FATE_OK ? vector->key->scheme->add(vector, 0, other, 0, vector->count) : result;
}

int32_t fate_ciphertexts_subtract(fate_ciphertexts *vector, const fate_ciphertexts *other)
{
    if (vector == NULL) return FATE_E_ARGUMENT;
    int32_t result = check_pair(vector, other, "fate_ciphertexts_subtract");
    return result == FATE_OK ? vector->key->scheme->subtract(vector, other) : result;
}

int32_t fate_ciphertexts_negate(fate_ciphertexts *vector)
{
    if (vector == NULL) return FATE_E_ARGUMENT;
    return vector->key->scheme->negate(vector);
}

int32_t fate_ciphertexts_multiply(fate_ciphertexts *vector, const int64_t *factors)
{
    if (vector == NULL) return FATE_E_ARGUMENT;
    if (factors == NULL && vector->count != 0) return refuse(vector->key, "fate_ciphertexts_multiply", "factors must not be NULL");
    return vector->key->scheme->multiply(vector, factors);
}

static int32_t check_gather(const fate_ciphertexts *bins, const fate_ciphertexts *values, uint64_t count, const uint32_t *index,
                            const char *function)
{
    if (values == NULL || (index == NULL && count != 0)) return refuse(bins->key, function, "values and index must not be NULL");
    if (bins == values) return refuse(bins->key, function, "bins and values must be different vectors");
    if (!scheme_key_same(bins->key, values->key)) return refuse(bins->key, function, "bins and values belong to different keys");
    for (uint64_t i = 0; i < count; i++)
        if (index[i] >= bins->count && index[i] != UINT32_MAX)
            return context_fail(bins->key->context, FATE_E_ARGUMENT, "%s: index %llu is %lu; there are %llu bins", function,
                                (unsigned long long)i, (unsigned long)index[i], (unsigned long long)bins->count);
    return FATE_OK;
}

int32_t fate_ciphertexts_gather_add(fate_ciphertexts *bins, const fate_ciphertexts *values, uint64_t first, uint64_t count,
                                    const uint32_t *index)
{
    static const char function[] = "fate_ciphertexts_gather_add";
    if (bins == NULL) return FATE_E_ARGUMENT;
    if (values != NULL && !inside(values, first, count)) return refuse(bins->key, function, "the rows reach beyond the end of values");
    int32_t result = check_gather(bins, values, count, index, function);
    return result == FATE_OK ? bins->key->scheme->gather_add(bins, values, NULL, first, count, index) : result;
}

int32_t fate_ciphertexts_gather_add_rows(fate_ciphertexts *bins, const fate_ciphertexts *values, const uint32_t *rows,
                                         const uint32_t *index, uint64_t count)
{
    static const char function[] = "fate_ciphertexts_gather_add_rows";
    if (bins == NULL) return FATE_E_ARGUMENT;
    if (rows == NULL && count != 0) return refuse(bins->key, function, "rows must not be NULL");
    int32_t result = check_gather(bins, values, count, index, function);
    for (uint64_t i = 0; i < count && result == FATE_OK; i++)
        if (rows[i] >= values->count)
            result = context_fail(bins->key->context, FATE_E_ARGUMENT, "%s: row %llu is %lu; there are %llu values", function,
                                  (unsigned long long)i, (unsigned long)rows[i], (unsigned long long)values->count);
    return result == FATE_OK ? bins->key->scheme->gather_add(bins, values, rows, 0, count, index) : result;
}

int32_t fate_ciphertexts_pack(const fate_ciphertexts *vector, fate_ciphertexts **packed, uint32_t slot_bits, uint32_t slots)
{
    if (packed != NULL) *packed = NULL;
    if (vector == NULL) return FATE_E_ARGUMENT;
    if (packed == NULL || slots == 0 || slot_bits == 0)
        return refuse(vector->key, "fate_ciphertexts_pack", "packed must not be NULL, slots and slot_bits not 0");
    if ((uint64_t)slots * slot_bits > vector->key->plaintext_bits)
        return refuse(vector->key, "fate_ciphertexts_pack", "slots*slot_bits exceeds the key's plaintext bits");
    fate_ciphertexts *made = NULL;
    int32_t result = ciphertexts_new(vector->key, &made, vector->count / slots + (vector->count % slots != 0));
    if (result == FATE_OK) result = vector->key->scheme->pack(vector, made, slot_bits, slots);
    if (result == FATE_OK)
        *packed = made;
    else
        fate_ciphertexts_free(made);
    return result;
}

/* A tree: each round adds groups of GROUP items, next to each other, into a vector of its own. */
int32_t fate_ciphertexts_sum(const fate_ciphertexts *vector, fate_ciphertexts **sum)
{
    enum { GROUP = 16 };
    if (sum != NULL) *sum = NULL;
    if (vector == NULL) return FATE_E_ARGUMENT;
    if (sum == NULL) return refuse(vector->key, "fate_ciphertexts_sum", "sum must not be NULL");
    if (vector->count == 0) return ciphertexts_new(vector->key, sum, 1);
    fate_ciphertexts *before = NULL, *made = NULL;
    int32_t result = FATE_OK;
    do {
        const fate_ciphertexts *items = before == NULL ? vector : before;
        result = ciphertexts_new(vector->key, &made, items->count / GROUP + (items->count % GROUP != 0));
        if (result == FATE_OK) result = vector->key->scheme->pack(items, made, 0, GROUP);
        fate_ciphertexts_free(before);
        before = made;
        made = NULL;
    } while (result == FATE_OK && before->count > 1);
    if (result == FATE_OK)
        *sum = before;
    else
        fate_ciphertexts_free(before);
    return result;
}

int32_t fate_ciphertexts_rerandomise(fate_ciphertexts *vector, const uint8_t *seed)
{
    if (vector == NULL) return FATE_E_ARGUMENT;
    if (seed == NULL) return refuse(vector->key, "fate_ciphertexts_rerandomise", "seed must not be NULL");
    return vector->key->scheme->rerandomise(vector, seed);
}

int32_t fate_ciphertexts_write(const fate_ciphertexts *vector, uint64_t first, uint64_t count, uint8_t *bytes)
{
    if (vector == NULL) return FATE_E_ARGUMENT;
    if (bytes == NULL && count != 0) return refuse(vector->key, "fate_ciphertexts_write", "bytes must not be NULL");
    if (!inside(vector, first, count))
        return refuse(vector->key, "fate_ciphertexts_write", "the items to write reach beyond the end of the vector");
    return vector->key->scheme->write(vector, first, count, bytes);
}

int32_t fate_ciphertexts_read(fate_ciphertexts *vector, uint64_t first, uint64_t count, const uint8_t *bytes, uint64_t length)
{
    if (vector == NULL) return FATE_E_ARGUMENT;
    const struct scheme_key *key = vector->key;
    if (bytes == NULL && count != 0) return refuse(key, "fate_ciphertexts_read", "bytes must not be NULL");
    if (!inside(vector, first, count)) return refuse(key, "fate_ciphertexts_read", "the items to read reach beyond the end of the vector");
    if (length / key->ciphertext_bytes != count || length % key->ciphertext_bytes != 0)
        return context_fail(key->context, FATE_E_FORMAT, "%llu ciphertexts of this key take %lu bytes each; %llu bytes were given",
                            (unsigned long long)count, (unsigned long)key->ciphertext_bytes, (unsigned long long)length);
    return key->scheme->read(vector, first, count, bytes);
}
