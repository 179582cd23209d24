/* Secret keys from a file: whatever is accepted must decrypt what it encrypts. */
#include "lib/context.h"
#include <fate/encryption.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(fate_secret_key *key)
{
    static const uint8_t seed[32] = {1};
    const uint64_t value = 5;
    uint64_t back = 0;
    fate_public_key *public_key = NULL;
    fate_ciphertexts *vector = NULL;
    if (fate_secret_key_public(key, &public_key) != FATE_OK || fate_ciphertexts_new(public_key, &vector, 1) != FATE_OK) abort();
    if (fate_secret_key_encrypt(key, vector, 0, 1, &value, 1, seed) != FATE_OK ||
        fate_secret_key_decrypt(key, vector, 0, 1, &back, 1) != FATE_OK || back != value)
        abort();
    fate_ciphertexts_free(vector);
    fate_public_key_free(public_key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fate_context *context = NULL;
    fate_secret_key *key = NULL;
    if (context_new(&context, NULL) != FATE_OK) return 0;
    context->accepts_small_keys = true;
    if (fate_secret_key_import(context, &key, data, size) == FATE_OK) use(key);
    fate_secret_key_free(key);
    fate_context_free(context);
    return 0;
}
