/* Encryption by itself: an owner sends encrypted amounts, a service adds them up by branch without reading one, and the owner reads the sums.
 * Both stand in one process here; what passes between them is bytes. */
#include <fate/fate.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

enum { ROWS = 1000, BRANCHES = 4, SCALE = 20 }; /* amounts are multiples of 2^-20 */

struct bytes {
    uint8_t *bytes;
    uint64_t length;
};

/* A seed is for one vector, and stays secret. */
static int32_t draw(uint8_t seed[32])
{
    return getrandom(seed, 32, 0) == 32 ? FATE_OK : FATE_E_APPLICATION;
}

static int32_t write_all(struct bytes *out, const fate_public_key *key, const fate_ciphertexts *vector)
{
    out->length = fate_ciphertexts_count(vector) * fate_public_key_ciphertext_bytes(key);
    out->bytes = malloc(out->length);
    return out->bytes == NULL ? FATE_E_MEMORY : fate_ciphertexts_write(vector, 0, fate_ciphertexts_count(vector), out->bytes);
}

/* The service has the public key, the ciphertexts, and which branch each belongs to. Whatever it reads is checked. */
static int32_t add_up(struct bytes key_bytes, struct bytes sent, const uint32_t *branches, struct bytes *answer)
{
    fate_context *context = NULL;
    fate_public_key *key = NULL;
    fate_ciphertexts *amounts = NULL, *sums = NULL;
    uint8_t seed[32];
    int32_t result = fate_context_new(&context, NULL);
    if (result == FATE_OK) result = fate_context_set_threads(context, 0); /* all processors */
    if (result == FATE_OK) result = fate_public_key_import(context, &key, key_bytes.bytes, key_bytes.length);
    if (result == FATE_OK) result = fate_ciphertexts_new(key, &amounts, ROWS);
    if (result == FATE_OK) result = fate_ciphertexts_read(amounts, 0, ROWS, sent.bytes, sent.length);
    if (result == FATE_OK) result = fate_ciphertexts_new(key, &sums, BRANCHES);
    if (result == FATE_OK) result = fate_ciphertexts_gather_add(sums, amounts, 0, ROWS, branches);
    if (result == FATE_OK) result = draw(seed);
    if (result == FATE_OK) result = fate_ciphertexts_rerandomise(sums, seed); /* else the owner could see which rows were added */
    if (result == FATE_OK) result = write_all(answer, key, sums);
    if (result != FATE_OK) fprintf(stderr, "the service: %s: %s\n", fate_result_name(result), fate_context_error(context));
    fate_ciphertexts_free(sums);
    fate_ciphertexts_free(amounts);
    fate_public_key_free(key);
    fate_context_free(context);
    return result;
}

int main(void)
{
    fate_context *context = NULL;
    fate_secret_key *secret = NULL;
    fate_public_key *key = NULL;
    fate_ciphertexts *vector = NULL, *sums = NULL;
    struct bytes key_bytes = {0}, sent = {0}, answer = {0};
    double amounts[ROWS], expected[BRANCHES] = {0}, read[BRANCHES] = {0};
    uint32_t branches[ROWS];
    uint8_t seed[32];
    int wrong = 0;
    for (uint32_t i = 0; i < ROWS; i++) {
        amounts[i] = (double)(i * 7919 % 100000) / 64 - 700;
        branches[i] = i * 31 % BRANCHES;
        expected[branches[i]] += amounts[i];
    }
    int32_t result = fate_context_new(&context, NULL);
    if (result == FATE_OK) result = fate_secret_key_generate(context, &secret, "paillier", 2048, NULL);
    if (result == FATE_OK) result = fate_secret_key_public(secret, &key);
    if (result == FATE_OK) result = fate_public_key_export(key, &key_bytes.bytes, &key_bytes.length);
    if (result == FATE_OK) result = fate_ciphertexts_new(key, &vector, ROWS);
    if (result == FATE_OK) result = draw(seed);
    if (result == FATE_OK) result = fate_secret_key_encrypt_numbers(secret, vector, 0, ROWS, amounts, SCALE, seed);
    if (result == FATE_OK) result = write_all(&sent, key, vector);
    if (result == FATE_OK) result = add_up(key_bytes, sent, branches, &answer);
    if (result == FATE_OK) result = fate_ciphertexts_new(key, &sums, BRANCHES);
    if (result == FATE_OK) result = fate_ciphertexts_read(sums, 0, BRANCHES, answer.bytes, answer.length);
    if (result == FATE_OK) result = fate_secret_key_decrypt_numbers(secret, sums, 0, BRANCHES, read, SCALE);
    if (result != FATE_OK) fprintf(stderr, "the owner: %s: %s\n", fate_result_name(result), fate_context_error(context));
    for (int i = 0; i < BRANCHES && result == FATE_OK; i++) {
        printf("branch %d: %.2f\n", i, read[i]);
        wrong |= read[i] < expected[i] || read[i] > expected[i];
    }
    free(answer.bytes);
    free(sent.bytes);
    fate_free(context, key_bytes.bytes);
    fate_ciphertexts_free(sums);
    fate_ciphertexts_free(vector);
    fate_public_key_free(key);
    fate_secret_key_free(secret); /* wiped */
    fate_context_free(context);
    return result == FATE_OK && !wrong ? 0 : 1;
}
