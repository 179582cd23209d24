/* The same operations by libfate, with one kernel. */
#ifndef BENCH_HE_OPERATIONS_H
#define BENCH_HE_OPERATIONS_H

#include "bench/he_textbook.h"

#include <fate/encryption.h>

enum { GATHER_ITEMS = 100000, MOST_ITEMS = 65536, MOST_LONG = MOST_ITEMS / 64, BINS = 32, MATRIX_ROWS = 8, MATRIX_COLUMNS = 1024 };

struct library {
    fate_context *context;
    const char *scheme;
    uint32_t bits;
    fate_secret_key *secret, *scanning; /* scanning: with the option scan_tables, made when it is first used */
    fate_public_key *public_key;
    uint64_t each;  /* bytes of a ciphertext */
    uint8_t *bytes; /* of MOST_ITEMS ciphertexts */
    uint64_t *values, *back;
    int64_t *factors;
    int64_t *matrix; /* MATRIX_ROWS rows of MATRIX_COLUMNS, of MATRIX_BITS bits and both signs */
    uint32_t *index; /* of GATHER_ITEMS */
    uint8_t seed[32];
    fate_ciphertexts *vector, *other; /* what library_prepare made */
    uint64_t items;
};

/* These exit with a sentence when something fails. */
void library_init(struct library *library, const char *scheme, uint32_t bits, const char *kernel);
void library_free(struct library *library);
/* Makes the vectors for an operation on so many items: GATHER_ITEMS for GATHER_ADD, MATRIX_COLUMNS for
 * MATRIX, else up to MOST_ITEMS. */
void library_prepare(struct library *library, enum operation operation, uint64_t items);
/* The operation on them. */
void library_run(struct library *library, enum operation operation);

/* Whether the kernel's sums, products and decryptions are what they must be, and its ciphertexts have the bytes that the portable code
 * makes. */
bool library_is_right(const char *scheme, uint32_t bits, const char *kernel);

#endif
