/* Model files: what is accepted is written back byte for byte. The checksum is filled in where the file is otherwise well formed, so
 * that what lies behind it is reached. */
#include <sodium.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bytes.h"
#include "proto/model.pb-c.h"
#include "src/session/model.h"

enum { LARGEST = 65536 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) abort();
}

static void try_file(fate_context *context, const uint8_t *data, size_t size)
{
    fate_model *model = NULL;
    uint8_t *bytes = NULL, digest[MODEL_DIGEST];
    uint64_t length = 0;
    if (fate_model_import(context, &model, data, size) != FATE_OK) {
        require(model == NULL);
        return;
    }
    require(fate_model_export(model, &bytes, &length) == FATE_OK && length == size && memcmp(bytes, data, size) == 0);
    require(strlen(fate_model_algorithm(model)) > 0 && strlen(fate_model_party(model)) > 0 && strlen(fate_model_role(model)) > 0);
    require(fate_model_job_digest(model, digest) == FATE_OK);
    fate_free(context, bytes);
    fate_model_free(model);
}

static void checksum(const Fate__ModelFile *file, uint8_t *sum)
{
    uint8_t version[8];
    crypto_generichash_state state;
    bytes_store_u32(version, file->major);
    bytes_store_u32(version + 4, file->minor);
    crypto_generichash_init(&state, NULL, 0, MODEL_DIGEST);
    crypto_generichash_update(&state, (const uint8_t *)"fate model file 1", 18);
    crypto_generichash_update(&state, version, sizeof version);
    crypto_generichash_update(&state, file->content.data, file->content.len);
    crypto_generichash_final(&state, sum, MODEL_DIGEST);
}

static void try_mended(fate_context *context, const uint8_t *data, size_t size)
{
    Fate__ModelFile *file = fate__model_file__unpack(NULL, size, data);
    if (file == NULL) return;
    if (file->checksum.len == MODEL_DIGEST) {
        uint8_t *mended = malloc(LARGEST + 64);
        require(mended != NULL);
        checksum(file, file->checksum.data);
        const size_t length = fate__model_file__get_packed_size(file);
        if (length <= LARGEST) try_file(context, mended, fate__model_file__pack(file, mended));
        free(mended);
    }
    fate__model_file__free_unpacked(file, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fate_context *context = NULL;
    if (size > LARGEST) return 0;
    require(context_new(&context, NULL) == FATE_OK);
    try_file(context, data, size);
    try_mended(context, data, size);
    fate_context_free(context);
    return 0;
}
