/* The textbook on GMP's integers. */
#include "bench/he_textbook.h"

#include <stdlib.h>

/* Both highest bits set, so that n has exactly the length it should have. */
static void random_prime(struct textbook *book, mpz_t prime, uint32_t bits)
{
    do {
        mpz_urandomb(prime, book->state, bits);
        mpz_setbit(prime, bits - 1);
        mpz_setbit(prime, bits - 2);
        mpz_setbit(prime, 1);
        mpz_setbit(prime, 0);
    } while (mpz_probab_prime_p(prime, 25) == 0);
}

static void make_primes(struct textbook *book)
{
    uint32_t parts = book->okamoto ? 3 : 2, bits = book->bits / parts;
    random_prime(book, book->p, bits);
    random_prime(book, book->q, bits);
}

static void make_half(mpz_t square, mpz_t less, const mpz_t prime)
{
    mpz_mul(square, prime, prime);
    mpz_sub_ui(less, prime, 1);
}

static void encrypt_okamoto(struct textbook *book)
{
    mpz_powm(book->at_p, book->g, book->message, book->n);
    mpz_powm(book->cipher, book->h, book->random, book->n);
    mpz_mul(book->cipher, book->cipher, book->at_p);
    mpz_mod(book->cipher, book->cipher, book->n);
}

/* out = (cipher^(p-1) mod p^2 - 1)/p. */
static void logarithm(mpz_t out, const mpz_t base, const mpz_t less, const mpz_t square, const mpz_t prime)
{
    mpz_powm(out, base, less, square);
    mpz_sub_ui(out, out, 1);
    mpz_divexact(out, out, prime);
}

static void init_paillier(struct textbook *book)
{
    mpz_mul(book->n, book->p, book->q);
    mpz_mul(book->modulus, book->n, book->n);
    make_half(book->q_square, book->q_less, book->q);
    mpz_invert(book->inverse, book->q, book->p);
    mpz_neg(book->p_factor, book->q);
    mpz_invert(book->p_factor, book->p_factor, book->p);
    mpz_neg(book->q_factor, book->p);
    mpz_invert(book->q_factor, book->q_factor, book->q);
}

static void init_okamoto(struct textbook *book)
{
    mpz_mul(book->n, book->p, book->p);
    mpz_mul(book->n, book->n, book->q);
    mpz_set(book->modulus, book->n);
    mpz_urandomm(book->g, book->state, book->n);
    mpz_powm(book->h, book->g, book->n, book->n);
    logarithm(book->p_factor, book->g, book->p_less, book->p_square, book->p);
    mpz_invert(book->p_factor, book->p_factor, book->p);
}

void textbook_init(struct textbook *book, bool okamoto, uint32_t bits)
{
    *book = (struct textbook){.okamoto = okamoto, .bits = bits};
    gmp_randinit_default(book->state);
    mpz_inits(book->p, book->q, book->n, book->modulus, book->g, book->h, book->random, book->p_square, book->q_square, book->p_less,
              book->q_less, book->p_factor, book->q_factor, book->inverse, book->message, book->cipher, book->sum, book->at_p, book->at_q,
              NULL);
    make_primes(book);
    make_half(book->p_square, book->p_less, book->p);
    if (okamoto)
        init_okamoto(book);
    else
        init_paillier(book);
    mpz_urandomm(book->random, book->state, book->n);
    mpz_urandomb(book->message, book->state, 64);
    mpz_set_ui(book->sum, 1);
    book->spare = 2 * bits / 8;
    book->bytes = calloc(1, book->spare);
    if (book->bytes == NULL) abort();
    textbook_run(book, ENCRYPT);
    textbook_run(book, SERIALISE);
}

void textbook_free(struct textbook *book)
{
    mpz_clears(book->p, book->q, book->n, book->modulus, book->g, book->h, book->random, book->p_square, book->q_square, book->p_less,
               book->q_less, book->p_factor, book->q_factor, book->inverse, book->message, book->cipher, book->sum, book->at_p, book->at_q,
               NULL);
    gmp_randclear(book->state);
    free(book->bytes);
}

static void encrypt(struct textbook *book)
{
    if (book->okamoto) {
        encrypt_okamoto(book);
        return;
    }
    mpz_powm(book->cipher, book->random, book->n, book->modulus);
    mpz_mul(book->at_p, book->message, book->n);
    mpz_add_ui(book->at_p, book->at_p, 1);
    mpz_mul(book->cipher, book->cipher, book->at_p);
    mpz_mod(book->cipher, book->cipher, book->modulus);
}

static void add(struct textbook *book)
{
    mpz_mul(book->sum, book->sum, book->cipher);
    mpz_mod(book->sum, book->sum, book->modulus);
}

static void subtract(struct textbook *book)
{
    mpz_invert(book->at_p, book->cipher, book->modulus);
    mpz_mul(book->sum, book->sum, book->at_p);
    mpz_mod(book->sum, book->sum, book->modulus);
}

/* One entry: a product by its factor, added. */
static void matrix(struct textbook *book)
{
    mpz_powm_ui(book->at_p, book->cipher, SCALAR_FACTOR >> (32 - MATRIX_BITS), book->modulus);
    mpz_mul(book->sum, book->sum, book->at_p);
    mpz_mod(book->sum, book->sum, book->modulus);
}

/* One slot: shifted, then the next one added. */
static void pack(struct textbook *book)
{
    mpz_set_ui(book->at_p, 0);
    mpz_setbit(book->at_p, PACK_BITS);
    mpz_powm(book->sum, book->sum, book->at_p, book->modulus);
    add(book);
}

static void logarithm_half(mpz_t out, const mpz_t base, const mpz_t less, const mpz_t square, const mpz_t factor, const mpz_t prime)
{
    logarithm(out, base, less, square, prime);
    mpz_mul(out, out, factor);
    mpz_mod(out, out, prime);
}

/* Paillier: by the Chinese remainder theorem. */
static void decrypt(struct textbook *book)
{
    logarithm_half(book->at_p, book->cipher, book->p_less, book->p_square, book->p_factor, book->p);
    if (!book->okamoto) {
        logarithm_half(book->at_q, book->cipher, book->q_less, book->q_square, book->q_factor, book->q);
        mpz_sub(book->at_p, book->at_p, book->at_q);
        mpz_mul(book->at_p, book->at_p, book->inverse);
        mpz_mod(book->at_p, book->at_p, book->p);
        mpz_mul(book->at_p, book->at_p, book->q);
        mpz_add(book->at_p, book->at_p, book->at_q);
    }
    if (mpz_cmp(book->at_p, book->message) != 0) abort();
}

static void deserialise(struct textbook *book)
{
    mpz_import(book->at_p, book->spare, -1, 1, -1, 0, book->bytes);
    if (mpz_cmp(book->at_p, book->modulus) >= 0) abort();
    mpz_gcd(book->at_q, book->at_p, book->n);
    if (mpz_cmp_ui(book->at_q, 1) != 0) abort();
}

void textbook_run(struct textbook *book, enum operation operation)
{
    size_t length;
    mpz_t p, q;
    switch (operation) {
    case KEYGEN:
        mpz_init_set(p, book->p);
        mpz_init_set(q, book->q);
        make_primes(book);
        mpz_swap(book->p, p);
        mpz_swap(book->q, q);
        mpz_clears(p, q, NULL);
        break;
    case ENCRYPT:
    case ENCRYPT_OWNER:
    case ENCRYPT_OWNER_SCAN: encrypt(book); break;
    case ADD:
    case GATHER_ADD: add(book); break;
    case SUBTRACT: subtract(book); break;
    case SCALAR_32: mpz_powm_ui(book->at_p, book->cipher, SCALAR_FACTOR, book->modulus); break;
    case MATRIX: matrix(book); break;
    case PACK: pack(book); break;
    case DECRYPT:
    case DECRYPT_LONG: decrypt(book); break;
    case SERIALISE: mpz_export(book->bytes, &length, -1, 1, -1, 0, book->cipher); break;
    default: deserialise(book); break;
    }
}
