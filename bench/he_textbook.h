/* Paillier and Okamoto-Uchiyama as textbooks write them, on GMP's integers: what libfate is measured against. */
#ifndef BENCH_HE_TEXTBOOK_H
#define BENCH_HE_TEXTBOOK_H

#include <gmp.h>
#include <stdbool.h>
#include <stdint.h>

/* In the order of the table. */
enum operation {
    KEYGEN,
    ENCRYPT,
    ENCRYPT_OWNER,
    ENCRYPT_OWNER_SCAN,
    ADD,
    GATHER_ADD,
    SUBTRACT,
    SCALAR_32,
    MATRIX,
    PACK,
    DECRYPT,
    DECRYPT_LONG,
    SERIALISE,
    DESERIALISE,
    OPERATIONS
};

/* Slots of a packed plaintext; bits of the factors of MATRIX; the factor of SCALAR_32. */
enum { PACK_BITS = 64, PACK_SLOTS = 8, MATRIX_BITS = 20 };
#define SCALAR_FACTOR UINT32_C(0xb504f333)

struct textbook {
    bool okamoto;
    uint32_t bits;
    gmp_randstate_t state;
    mpz_t p, q, n, modulus;                                                /* of ciphertexts: n^2 or n */
    mpz_t g, h, random;                                                    /* Okamoto-Uchiyama: g^m * h^r */
    mpz_t p_square, q_square, p_less, q_less, p_factor, q_factor, inverse; /* for decryption */
    mpz_t message, cipher, sum, at_p, at_q;
    uint8_t *bytes; /* of a ciphertext */
    uint64_t spare; /* bytes there */
};

void textbook_init(struct textbook *book, bool okamoto, uint32_t bits);
void textbook_free(struct textbook *book);
/* One item of an operation. */
void textbook_run(struct textbook *book, enum operation operation);

#endif
