/* Public identities and key files: what is accepted is written back as it was read. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "src/session/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) abort();
}

static void try_file(fate_context *context, const uint8_t *data, size_t size)
{
    fate_identity *identity = NULL;
    uint8_t *bytes = NULL;
    uint64_t length = 0;
    if (fate_identity_import(context, &identity, data, size) != FATE_OK) {
        require(identity == NULL);
        return;
    }
    require(fate_identity_export(identity, &bytes, &length) == FATE_OK);
    require(length - size <= 1 && memcmp(bytes, data, size) == 0);
    fate_free(context, bytes);
    fate_identity_free(identity);
}

static void try_text(const uint8_t *data, size_t size)
{
    struct public_identity identity;
    char *text = malloc(size + 1);
    require(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    if (identity_parse_public(&identity, text)) require(strlen(text) == 97);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fate_context *context = NULL;
    require(context_new(&context, NULL) == FATE_OK);
    if (size > 0) try_text(data, size);
    try_file(context, data, size);
    fate_context_free(context);
    return 0;
}
