/* Public keys from a peer: whatever is accepted must export the same meaning and be able to encrypt. */
#include "lib/context.h"
#include <fate/encryption.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(fate_context *context, fate_public_key *key)
{
    static const uint8_t seed[32] = {1};
    const uint64_t value = 5;
    uint8_t *bytes = NULL;
    uint64_t length = 0;
    fate_public_key *again = NULL;
    fate_ciphertexts *vector = NULL;
    if (fate_public_key_export(key, &bytes, &length) != FATE_OK || fate_public_key_import(context, &again, bytes, length) != FATE_OK)
        abort();
    if (fate_ciphertexts_new(again, &vector, 1) != FATE_OK || fate_public_key_encrypt(key, vector, 0, 1, &value, 1, seed) != FATE_OK)
        abort();
    fate_ciphertexts_free(vector);
    fate_public_key_free(again);
    fate_free(context, bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fate_context *context = NULL;
    fate_public_key *key = NULL;
    if (context_new(&context, NULL) != FATE_OK) return 0;
    context->accepts_small_keys = true;
    if (fate_public_key_import(context, &key, data, size) == FATE_OK) use(context, key);
    fate_public_key_free(key);
    fate_context_free(context);
    return 0;
}
