/* What operations on ciphertexts cost on all processors at once, in large calls, for bench/boosting/run: microseconds an item, medians. */
#include <fate/encryption.h>
#include <fate/fate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ITEMS = 8192, FEW = 1024, BINS = 32, ROUNDS = 3 };
enum operation { ENCRYPT, ADD, PACK, RERANDOMISE, DECRYPT, OPERATIONS };

static const char *const names[OPERATIONS] = {"encrypt", "add", "pack", "rerandomise", "decrypt"};

struct rates {
    fate_context *context;
    fate_secret_key *key;
    fate_public_key *public_key;
    fate_ciphertexts *values, *few, *bins;
    uint32_t slot_bits, slots, words;
    uint64_t plain[ITEMS * 2], *back;
    uint32_t index[ITEMS];
    uint8_t seed[32];
};

static double microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void check(const struct rates *rates, int32_t result)
{
    if (result == FATE_OK) return;
    fprintf(stderr, "rates: %s\n", fate_context_error(rates->context));
    exit(1);
}

/* Seconds of one large call, over its items. */
static double run(struct rates *rates, enum operation operation)
{
    fate_ciphertexts *packed = NULL;
    uint64_t items = operation == ENCRYPT || operation == ADD ? ITEMS : FEW;
    int32_t result = FATE_OK;
    double began = microseconds();
    if (operation == ENCRYPT)
        result = fate_secret_key_encrypt(rates->key, rates->values, 0, items, rates->plain, 2, rates->seed);
    else if (operation == ADD)
        result = fate_ciphertexts_gather_add(rates->bins, rates->values, 0, items, rates->index);
    else if (operation == PACK)
        result = fate_ciphertexts_pack(rates->few, &packed, rates->slot_bits, rates->slots);
    else if (operation == RERANDOMISE)
        result = fate_ciphertexts_rerandomise(rates->few, rates->seed);
    else
        result = fate_secret_key_decrypt(rates->key, rates->few, 0, items, rates->back, rates->words);
    double spent = microseconds() - began;
    check(rates, result);
    fate_ciphertexts_free(packed);
    return spent / (double)items;
}

static void prepare(struct rates *rates, char **words)
{
    uint32_t bits = (uint32_t)atoi(words[2]);
    check(rates, fate_context_new(&rates->context, NULL));
    check(rates, fate_context_set_threads(rates->context, 0));
    if (strcmp(words[3], "best") != 0) check(rates, fate_context_set_kernel(rates->context, words[3]));
    rates->slot_bits = (uint32_t)atoi(words[4]);
    rates->slots = (uint32_t)atoi(words[5]);
    rates->words = 64;
    uint64_t state = 1;
    for (uint32_t i = 0; i < ITEMS; i++) {
        state = state * UINT64_C(6364136223846793005) + 1;
        rates->index[i] = (uint32_t)(state >> 40) % BINS;
        rates->plain[2 * i] = state >> 20;
    }
    rates->back = calloc((size_t)FEW * rates->words, sizeof *rates->back);
    if (rates->back == NULL) exit(1);
    check(rates, fate_secret_key_generate(rates->context, &rates->key, words[1], bits, NULL));
    check(rates, fate_secret_key_public(rates->key, &rates->public_key));
    check(rates, fate_ciphertexts_new(rates->public_key, &rates->values, ITEMS));
    check(rates, fate_ciphertexts_new(rates->public_key, &rates->few, FEW));
    check(rates, fate_ciphertexts_new(rates->public_key, &rates->bins, BINS));
    run(rates, ENCRYPT); /* makes the tables */
    run(rates, RERANDOMISE);
}

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

int main(int count, char **words)
{
    static struct rates rates;
    double spent[OPERATIONS][ROUNDS];
    if (count != 6) {
        fprintf(stderr, "usage: rates SCHEME BITS KERNEL SLOT-BITS SLOTS\n");
        return 2;
    }
    prepare(&rates, words);
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < OPERATIONS; i++) spent[i][round] = run(&rates, (enum operation)i);
    printf("{");
    for (int i = 0; i < OPERATIONS; i++) {
        qsort(spent[i], ROUNDS, sizeof spent[i][0], by_size);
        printf("%s\"%s\": %.5f", i > 0 ? ", " : "", names[i], spent[i][ROUNDS / 2]);
    }
    printf("}\n");
    free(rates.back);
    fate_ciphertexts_free(rates.values);
    fate_ciphertexts_free(rates.few);
    fate_ciphertexts_free(rates.bins);
    fate_public_key_free(rates.public_key);
    fate_secret_key_free(rates.key);
    fate_context_free(rates.context);
    return 0;
}
