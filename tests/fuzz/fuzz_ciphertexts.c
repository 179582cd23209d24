/* Ciphertexts from a peer, after one byte that chooses the key's scheme and length: what is read is written back unchanged and can be used. */
#include "lib/context.h"
#include <fate/encryption.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(fate_secret_key *key, fate_ciphertexts *vector, const uint8_t *bytes, uint64_t length)
{
    uint64_t count = fate_ciphertexts_count(vector), *values = calloc(count + 1, 64);
    uint8_t *back = calloc(length + 1, 1);
    if (values == NULL || back == NULL) exit(2);
    if (fate_ciphertexts_write(vector, 0, count, back) != FATE_OK || memcmp(back, bytes, length) != 0) abort();
    /* FATE_E_KEY: a plaintext beyond the bound, after which nothing is decrypted. */
    int32_t result = fate_secret_key_decrypt(key, vector, 0, count, values, 8);
    if (result != FATE_OK && (result != FATE_E_KEY || fate_secret_key_decrypt(key, vector, 0, 0, NULL, 8) != FATE_E_KEY)) abort();
    if (fate_ciphertexts_subtract(vector, vector) != FATE_OK) abort();
    free(values);
    free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint32_t lengths[] = {16, 18, 64, 66, 128, 256}, longer[] = {24, 25, 64, 66, 192, 386};
    static const uint8_t seed[32] = {1};
    fate_context *context = NULL;
    fate_secret_key *key = NULL;
    fate_public_key *public_key = NULL;
    fate_ciphertexts *vector = NULL;
    if (size == 0 || context_new(&context, NULL) != FATE_OK) return 0;
    context->accepts_small_keys = true;
    uint32_t choice = data[0] % (sizeof lengths / sizeof lengths[0]);
    bool other = data[0] >= 128;
    if (fate_secret_key_generate(context, &key, other ? "okamoto-uchiyama" : "paillier", other ? longer[choice] : lengths[choice], seed) !=
            FATE_OK ||
        fate_secret_key_public(key, &public_key) != FATE_OK ||
        fate_ciphertexts_new(public_key, &vector, (size - 1) / fate_public_key_ciphertext_bytes(public_key)) != FATE_OK)
        abort();
    if (fate_ciphertexts_read(vector, 0, fate_ciphertexts_count(vector), data + 1, size - 1) == FATE_OK)
        use(key, vector, data + 1, size - 1);
    fate_ciphertexts_free(vector);
    fate_public_key_free(public_key);
    fate_secret_key_free(key);
    fate_context_free(context);
    return 0;
}
