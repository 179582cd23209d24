/* What Paillier costs, against the textbook on GMP's integers: both in one process and in turns, so that a busy machine slows both alike.
 * Prints a table and writes build/bench/he.json. */
#include "lib/context.h"
#include <fate/encryption.h>
#include <gmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

enum { BITS = 2048, ITEMS = 256, TEXTBOOK_ITEMS = 4, ROUNDS = 5, BINS = 32 };

struct textbook {
    mpz_t p, q, n, square, random, message, cipher, sum, p_square, q_square, p_less, q_less, p_factor, q_factor, inverse, at_p, at_q;
};

struct library {
    fate_context *context;
    fate_secret_key *secret;
    fate_public_key *public_key;
    fate_ciphertexts *vector, *other, *bins;
    uint64_t values[ITEMS], back[ITEMS];
    uint32_t index[ITEMS];
    uint8_t seed[32];
};

struct result {
    const char *name;
    double ours, textbook; /* microseconds; 0: no such operation */
};

static double microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return 1e6 * (double)now.tv_sec + 1e-3 * (double)now.tv_nsec;
}

static void check(const struct library *library, int32_t result)
{
    if (result == FATE_OK) return;
    fprintf(stderr, "bench_encryption: %s\n", fate_context_error(library->context));
    exit(1);
}

static void half_init(mpz_t square, mpz_t less, mpz_t factor, const mpz_t prime, const mpz_t other)
{
    mpz_inits(square, less, factor, NULL);
    mpz_mul(square, prime, prime);
    mpz_sub_ui(less, prime, 1);
    mpz_neg(factor, other);
    mpz_invert(factor, factor, prime);
}

static void textbook_init(struct textbook *book)
{
    gmp_randstate_t state;
    gmp_randinit_default(state);
    mpz_inits(book->p, book->q, book->n, book->square, book->random, book->message, book->cipher, book->sum, book->inverse, book->at_p,
              book->at_q, NULL);
    mpz_urandomb(book->p, state, BITS / 2);
    mpz_setbit(book->p, BITS / 2 - 1);
    mpz_nextprime(book->p, book->p);
    mpz_urandomb(book->q, state, BITS / 2);
    mpz_setbit(book->q, BITS / 2 - 1);
    mpz_nextprime(book->q, book->q);
    mpz_mul(book->n, book->p, book->q);
    mpz_mul(book->square, book->n, book->n);
    mpz_urandomm(book->random, state, book->n);
    mpz_set_ui(book->message, 123456789);
    mpz_set_ui(book->sum, 1);
    mpz_invert(book->inverse, book->q, book->p);
    half_init(book->p_square, book->p_less, book->p_factor, book->p, book->q);
    half_init(book->q_square, book->q_less, book->q_factor, book->q, book->p);
    gmp_randclear(state);
}

static void textbook_encrypt(struct textbook *book)
{
    mpz_powm(book->cipher, book->random, book->n, book->square);
    mpz_mul(book->at_p, book->message, book->n);
    mpz_add_ui(book->at_p, book->at_p, 1);
    mpz_mul(book->cipher, book->cipher, book->at_p);
    mpz_mod(book->cipher, book->cipher, book->square);
}

static void textbook_add(struct textbook *book)
{
    mpz_mul(book->sum, book->sum, book->cipher);
    mpz_mod(book->sum, book->sum, book->square);
}

static void textbook_half(mpz_t out, const struct textbook *book, const mpz_t square, const mpz_t less, const mpz_t factor,
                          const mpz_t prime)
{
    mpz_powm(out, book->cipher, less, square);
    mpz_sub_ui(out, out, 1);
    mpz_divexact(out, out, prime);
    mpz_mul(out, out, factor);
    mpz_mod(out, out, prime);
}

static void textbook_decrypt(struct textbook *book)
{
    textbook_half(book->at_p, book, book->p_square, book->p_less, book->p_factor, book->p);
    textbook_half(book->at_q, book, book->q_square, book->q_less, book->q_factor, book->q);
    mpz_sub(book->at_p, book->at_p, book->at_q);
    mpz_mul(book->at_p, book->at_p, book->inverse);
    mpz_mod(book->at_p, book->at_p, book->p);
    mpz_mul(book->at_p, book->at_p, book->q);
    mpz_add(book->at_p, book->at_p, book->at_q);
    if (mpz_cmp(book->at_p, book->message) != 0) abort();
}

static void library_init(struct library *library)
{
    if (context_new(&library->context, NULL) != FATE_OK) exit(1);
    for (uint32_t i = 0; i < ITEMS; i++) {
        library->values[i] = i;
        library->index[i] = i * 7 % BINS;
    }
    library->seed[0] = 1;
    check(library, fate_secret_key_generate(library->context, &library->secret, "paillier", BITS, library->seed));
    check(library, fate_secret_key_public(library->secret, &library->public_key));
    check(library, fate_ciphertexts_new(library->public_key, &library->vector, ITEMS));
    check(library, fate_ciphertexts_new(library->public_key, &library->other, ITEMS));
    check(library, fate_ciphertexts_new(library->public_key, &library->bins, BINS));
    check(library, fate_secret_key_encrypt(library->secret, library->other, 0, ITEMS, library->values, 1, library->seed));
    check(library, fate_public_key_encrypt(library->public_key, library->vector, 0, 1, library->values, 1, library->seed));
}

static void library_free(struct library *library)
{
    fate_ciphertexts_free(library->vector);
    fate_ciphertexts_free(library->other);
    fate_ciphertexts_free(library->bins);
    fate_public_key_free(library->public_key);
    fate_secret_key_free(library->secret);
    fate_context_free(library->context);
}

enum operation { GENERATE, ENCRYPT, ENCRYPT_OWNER, ADD, GATHER, SUBTRACT, DECRYPT, RERANDOMISE, WRITE, READ, OPERATIONS };

static const char *const names[OPERATIONS] = {"generate", "encrypt", "encrypt_owner", "add",   "gather_add",
                                              "subtract", "decrypt", "rerandomise",   "write", "read"};

/* Microseconds an item. */
static double run_library(struct library *library, enum operation operation, uint8_t *bytes)
{
    fate_secret_key *fresh = NULL;
    uint64_t length = (uint64_t)ITEMS * fate_public_key_ciphertext_bytes(library->public_key);
    int32_t result = FATE_OK;
    uint64_t items = operation == DECRYPT ? 16 : operation == GENERATE ? 1 : ITEMS;
    double began = microseconds();
    if (operation == GENERATE)
        result = fate_secret_key_generate(library->context, &fresh, "paillier", BITS, NULL);
    else if (operation == ENCRYPT)
        result = fate_public_key_encrypt(library->public_key, library->vector, 0, items, library->values, 1, library->seed);
    else if (operation == ENCRYPT_OWNER)
        result = fate_secret_key_encrypt(library->secret, library->vector, 0, items, library->values, 1, library->seed);
    else if (operation == ADD)
        result = fate_ciphertexts_add(library->vector, library->other);
    else if (operation == GATHER)
        result = fate_ciphertexts_gather_add(library->bins, library->other, 0, items, library->index);
    else if (operation == SUBTRACT)
        result = fate_ciphertexts_subtract(library->vector, library->other);
    else if (operation == DECRYPT)
        result = fate_secret_key_decrypt(library->secret, library->other, 0, items, library->back, 1);
    else if (operation == RERANDOMISE)
        result = fate_ciphertexts_rerandomise(library->vector, library->seed);
    else if (operation == WRITE)
        result = fate_ciphertexts_write(library->other, 0, items, bytes);
    else
        result = fate_ciphertexts_read(library->vector, 0, items, bytes, length);
    double spent = microseconds() - began;
    check(library, result);
    fate_secret_key_free(fresh);
    return spent / (double)items;
}

static double run_textbook(struct textbook *book, enum operation operation)
{
    int items = operation == ADD || operation == GATHER ? 100 * TEXTBOOK_ITEMS : TEXTBOOK_ITEMS;
    double began = microseconds();
    if (operation == ENCRYPT || operation == ENCRYPT_OWNER)
        for (int i = 0; i < items; i++) textbook_encrypt(book);
    else if (operation == ADD || operation == GATHER)
        for (int i = 0; i < items; i++) textbook_add(book);
    else if (operation == DECRYPT)
        for (int i = 0; i < items; i++) textbook_decrypt(book);
    else
        return 0;
    return (microseconds() - began) / items;
}

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void measure(struct library *library, struct textbook *book, struct result *results)
{
    double ours[OPERATIONS][ROUNDS], theirs[OPERATIONS][ROUNDS];
    uint8_t *bytes = malloc((size_t)ITEMS * fate_public_key_ciphertext_bytes(library->public_key));
    if (bytes == NULL) exit(1);
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < OPERATIONS; i++) {
            ours[i][round] = run_library(library, (enum operation)i, bytes);
            theirs[i][round] = run_textbook(book, (enum operation)i);
        }
    free(bytes);
    for (int i = 0; i < OPERATIONS; i++) {
        qsort(ours[i], ROUNDS, sizeof ours[i][0], by_size);
        qsort(theirs[i], ROUNDS, sizeof theirs[i][0], by_size);
        results[i] = (struct result){names[i], ours[i][ROUNDS / 2], theirs[i][ROUNDS / 2]};
    }
}

static void print(const struct result *results)
{
    printf("paillier, %d bits, one thread, microseconds an item (medians of %d rounds in turns with the textbook)\n", BITS, ROUNDS);
    printf("%-16s %12s %12s %8s\n", "operation", "libfate", "textbook", "ratio");
    for (int i = 0; i < OPERATIONS; i++)
        if (results[i].textbook > 0)
            printf("%-16s %12.2f %12.2f %8.2f\n", results[i].name, results[i].ours, results[i].textbook,
                   results[i].textbook / results[i].ours);
        else
            printf("%-16s %12.2f\n", results[i].name, results[i].ours);
}

static int write_json(const struct result *results)
{
    mkdir("build", 0777);
    mkdir("build/bench", 0777);
    FILE *file = fopen("build/bench/he.json", "w");
    if (file == NULL) return 1;
    fprintf(file, "[\n");
    for (int i = 0; i < OPERATIONS; i++) {
        fprintf(file, "  {\"name\": \"paillier_%d_%s\", \"value\": %.3f, \"unit\": \"us\"}", BITS, results[i].name, results[i].ours);
        if (results[i].textbook > 0)
            fprintf(file, ",\n  {\"name\": \"paillier_%d_%s_speedup\", \"value\": %.3f, \"unit\": \"times the textbook\"}", BITS,
                    results[i].name, results[i].textbook / results[i].ours);
        fprintf(file, i + 1 < OPERATIONS ? ",\n" : "\n");
    }
    fprintf(file, "]\n");
    return fclose(file) != 0;
}

int main(void)
{
    static struct library library;
    static struct textbook book;
    struct result results[OPERATIONS];
    textbook_init(&book);
    library_init(&library);
    measure(&library, &book, results);
    print(results);
    library_free(&library);
    return write_json(results);
}
