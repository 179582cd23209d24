/* libfate's operations, for the benchmark. */
#include "bench/he_operations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(const struct library *library, int32_t result)
{
    if (result == FATE_OK) return;
    fprintf(stderr, "bench_he: %s\n", fate_context_error(library->context));
    exit(1);
}

static void *room(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL) exit(1);
    return memory;
}

/* Some ciphertexts of the owner, again and again: what they hold does not change the time of anything. */
static void fill_bytes(struct library *library)
{
    enum { DIFFERENT = 64 };
    size_t length = (size_t)(DIFFERENT * library->each);
    library->bytes = room(MOST_ITEMS, (size_t)library->each);
    check(library, fate_ciphertexts_new(library->public_key, &library->vector, DIFFERENT));
    check(library, fate_secret_key_encrypt(library->secret, library->vector, 0, DIFFERENT, library->values, 1, library->seed));
    check(library, fate_ciphertexts_write(library->vector, 0, DIFFERENT, library->bytes));
    for (size_t i = 1; i < MOST_ITEMS / DIFFERENT; i++) memcpy(library->bytes + i * length, library->bytes, length);
}

void library_init(struct library *library, const char *scheme, uint32_t bits, const char *kernel)
{
    *library = (struct library){.scheme = scheme, .bits = bits, .seed = {1}};
    if (fate_context_new(&library->context, NULL) != FATE_OK) exit(1);
    check(library, fate_context_set_kernel(library->context, kernel));
    library->values = room(MOST_ITEMS, sizeof *library->values);
    library->back = room(MOST_ITEMS, sizeof *library->back);
    library->factors = room(MOST_ITEMS, sizeof *library->factors);
    library->matrix = room(MATRIX_ROWS * MATRIX_COLUMNS, sizeof *library->matrix);
    library->index = room(GATHER_ITEMS, sizeof *library->index);
    for (uint64_t i = 0; i < MOST_ITEMS; i++) {
        library->values[i] = i;
        library->factors[i] = SCALAR_FACTOR;
    }
    for (uint64_t i = 0; i < MATRIX_ROWS * MATRIX_COLUMNS; i++) {
        uint64_t mixed = i * UINT64_C(0x9e3779b97f4a7c15) ^ i << 13;
        library->matrix[i] = (int64_t)(mixed >> (64 - MATRIX_BITS)) * (i % 2 == 0 ? 1 : -1);
    }
    for (uint64_t i = 0; i < GATHER_ITEMS; i++) library->index[i] = (uint32_t)((i * UINT64_C(0x9e3779b97f4a7c15)) >> 32) % BINS;
    check(library, fate_secret_key_generate(library->context, &library->secret, scheme, bits, library->seed));
    check(library, fate_secret_key_public(library->secret, &library->public_key));
    library->each = fate_public_key_ciphertext_bytes(library->public_key);
    fill_bytes(library);
}

static void free_vectors(struct library *library)
{
    fate_ciphertexts_free(library->vector);
    fate_ciphertexts_free(library->other);
    library->vector = library->other = NULL;
}

void library_free(struct library *library)
{
    free_vectors(library);
    fate_public_key_free(library->public_key);
    fate_secret_key_free(library->secret);
    fate_secret_key_free(library->scanning);
    fate_context_free(library->context);
    free(library->bytes);
    free(library->values);
    free(library->back);
    free(library->factors);
    free(library->matrix);
    free(library->index);
}

static fate_ciphertexts *make_vector(struct library *library, uint64_t items)
{
    fate_ciphertexts *vector;
    check(library, fate_ciphertexts_new(library->public_key, &vector, items));
    for (uint64_t i = 0; i < items; i += MOST_ITEMS) {
        uint64_t count = items - i < MOST_ITEMS ? items - i : MOST_ITEMS;
        check(library, fate_ciphertexts_read(vector, i, count, library->bytes, count * library->each));
    }
    return vector;
}

/* The same key, but for the option. */
static void prepare_scanning(struct library *library, uint64_t items)
{
    const char *name = "scan_tables";
    const uint64_t value = 1;
    fate_public_key *key;
    if (library->scanning == NULL)
        check(library, fate_secret_key_generate_with(library->context, &library->scanning, library->scheme, library->bits, &name, &value, 1,
                                                     library->seed));
    check(library, fate_secret_key_public(library->scanning, &key));
    check(library, fate_ciphertexts_new(key, &library->vector, items));
    fate_public_key_free(key);
}

void library_prepare(struct library *library, enum operation operation, uint64_t items)
{
    free_vectors(library);
    library->items = items;
    if (operation == ENCRYPT_OWNER_SCAN) {
        prepare_scanning(library, items);
        return;
    }
    library->vector = make_vector(library, operation == GATHER_ADD ? BINS : items);
    library->other = make_vector(library, items);
}

static int32_t generate(struct library *library)
{
    fate_secret_key *fresh;
    int32_t result = fate_secret_key_generate(library->context, &fresh, library->scheme, library->bits, NULL);
    fate_secret_key_free(fresh);
    return result;
}

static int32_t pack(struct library *library)
{
    fate_ciphertexts *packed;
    int32_t result = fate_ciphertexts_pack(library->vector, &packed, PACK_BITS, PACK_SLOTS);
    fate_ciphertexts_free(packed);
    return result;
}

static int32_t multiply_matrix(struct library *library)
{
    fate_ciphertexts *products;
    int32_t result = fate_ciphertexts_multiply_matrix(library->vector, &products, library->matrix, MATRIX_ROWS, 12);
    fate_ciphertexts_free(products);
    return result;
}

static int32_t run(struct library *library, enum operation operation)
{
    fate_ciphertexts *vector = library->vector, *other = library->other;
    const uint64_t items = library->items;
    switch (operation) {
    case KEYGEN: return generate(library);
    case ENCRYPT: return fate_public_key_encrypt(library->public_key, vector, 0, items, library->values, 1, library->seed);
    case ENCRYPT_OWNER: return fate_secret_key_encrypt(library->secret, vector, 0, items, library->values, 1, library->seed);
    case ENCRYPT_OWNER_SCAN: return fate_secret_key_encrypt(library->scanning, vector, 0, items, library->values, 1, library->seed);
    case ADD: return fate_ciphertexts_add(vector, other);
    case GATHER_ADD: return fate_ciphertexts_gather_add(vector, other, 0, items, library->index);
    case SUBTRACT: return fate_ciphertexts_subtract(vector, other);
    case SCALAR_32: return fate_ciphertexts_multiply(vector, library->factors);
    case MATRIX: return multiply_matrix(library);
    case PACK: return pack(library);
    case DECRYPT: return fate_secret_key_decrypt(library->secret, other, 0, items, library->back, 1);
    case DECRYPT_LONG: return fate_secret_key_decrypt(library->secret, other, 0, items, library->back, library->bits / 64);
    case SERIALISE: return fate_ciphertexts_write(other, 0, items, library->bytes);
    default: return fate_ciphertexts_read(vector, 0, items, library->bytes, items * library->each);
    }
}

void library_run(struct library *library, enum operation operation)
{
    check(library, run(library, operation));
}

/* ---- correctness ---- */

enum { TRIED = 24 };

static bool decrypts_to(struct library *library, const fate_ciphertexts *vector, uint64_t times, uint64_t more)
{
    check(library, fate_secret_key_decrypt(library->secret, vector, 0, TRIED, library->back, 1));
    for (uint64_t i = 0; i < TRIED; i++)
        if (library->back[i] != times * library->values[i] + more) return false;
    return true;
}

static bool packs(struct library *library)
{
    fate_ciphertexts *packed;
    check(library, fate_ciphertexts_pack(library->vector, &packed, PACK_BITS, PACK_SLOTS));
    check(library, fate_secret_key_decrypt(library->secret, packed, 0, TRIED / PACK_SLOTS, library->back, PACK_SLOTS));
    fate_ciphertexts_free(packed);
    return memcmp(library->back, library->values, TRIED * sizeof *library->values) == 0;
}

/* Item i of so many holds i; a matrix with rows of as many. */
static bool multiplies(struct library *library)
{
    fate_ciphertexts *items = make_vector(library, TRIED), *products;
    double back[MATRIX_ROWS];
    check(library, fate_ciphertexts_multiply_matrix(items, &products, library->matrix, MATRIX_ROWS, 12));
    check(library, fate_secret_key_decrypt_numbers(library->secret, products, 0, MATRIX_ROWS, back, 0));
    fate_ciphertexts_free(items);
    fate_ciphertexts_free(products);
    bool right = true;
    for (uint64_t row = 0; row < MATRIX_ROWS; row++) {
        int64_t sum = 0;
        for (uint64_t i = 0; i < TRIED; i++) sum += library->matrix[row * TRIED + i] * (int64_t)i;
        right = right && back[row] == (double)sum;
    }
    return right;
}

/* Row i holds i, the bins start with their numbers. */
static bool gathers(struct library *library)
{
    fate_ciphertexts *rows = make_vector(library, TRIED);
    free_vectors(library);
    library->vector = make_vector(library, BINS);
    uint64_t sums[BINS];
    for (uint64_t i = 0; i < BINS; i++) sums[i] = i;
    for (uint64_t i = 0; i < TRIED; i++) sums[library->index[i]] += i;
    check(library, fate_ciphertexts_gather_add(library->vector, rows, 0, TRIED, library->index));
    check(library, fate_secret_key_decrypt(library->secret, library->vector, 0, BINS, library->back, 1));
    fate_ciphertexts_free(rows);
    return memcmp(library->back, sums, sizeof sums) == 0;
}

/* bytes: TRIED ciphertexts of the public path and of the owner with scanned tables. */
static bool operations_are_right(struct library *library, uint8_t *bytes)
{
    library_prepare(library, ENCRYPT_OWNER_SCAN, TRIED);
    library_run(library, ENCRYPT_OWNER_SCAN);
    check(library, fate_ciphertexts_write(library->vector, 0, TRIED, bytes));
    library_prepare(library, ENCRYPT, TRIED);
    library_run(library, ENCRYPT);
    check(library, fate_ciphertexts_write(library->vector, 0, TRIED, bytes + TRIED * library->each));
    bool right = decrypts_to(library, library->vector, 1, 0) && packs(library);
    library_run(library, ADD);
    right = right && decrypts_to(library, library->vector, 2, 0);
    library_run(library, SCALAR_32);
    right = right && decrypts_to(library, library->vector, 2 * (uint64_t)SCALAR_FACTOR, 0);
    library_run(library, SUBTRACT);
    right = right && decrypts_to(library, library->vector, 2 * (uint64_t)SCALAR_FACTOR - 1, 0);
    return right && multiplies(library) && gathers(library);
}

bool library_is_right(const char *scheme, uint32_t bits, const char *kernel)
{
    const char *kernels[2] = {kernel, "portable"};
    uint8_t *bytes[2];
    size_t length = 0;
    bool right = true;
    for (int i = 0; i < 2; i++) {
        struct library library;
        library_init(&library, scheme, bits, kernels[i]);
        length = (size_t)(2 * TRIED * library.each);
        bytes[i] = room(1, length);
        right = operations_are_right(&library, bytes[i]) && right;
        library_free(&library);
    }
    right = right && memcmp(bytes[0], bytes[1], length) == 0;
    free(bytes[0]);
    free(bytes[1]);
    return right;
}
