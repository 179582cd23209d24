/* Readable text of models: the protocol's own, or the head of the file where the protocol has none. */
#include "src/session/model.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "lib/bytes.h"
#include "src/session/registry.h"

static int32_t check_together(fate_context *context, const fate_model *const *models, uint32_t count)
{
    uint8_t first[MODEL_DIGEST], other[MODEL_DIGEST];
    if (fate_model_job_digest(models[0], first) != FATE_OK) return context_bad_argument(context, "fate_model_dump: a model is NULL");
    for (uint32_t i = 1; i < count; i++) {
        if (fate_model_job_digest(models[i], other) != FATE_OK) return context_bad_argument(context, "fate_model_dump: a model is NULL");
        if (memcmp(first, other, sizeof first) != 0 || strcmp(fate_model_algorithm(models[0]), fate_model_algorithm(models[i])) != 0) {
            return context_fail(context, FATE_E_MODEL, "the models of %s and %s are not of one job", fate_model_party(models[0]),
                                fate_model_party(models[i]));
        }
        for (uint32_t j = 0; j < i; j++) {
            if (strcmp(fate_model_party(models[i]), fate_model_party(models[j])) == 0) {
                return context_fail(context, FATE_E_MODEL, "two of the models are of the party %s", fate_model_party(models[i]));
            }
        }
    }
    return FATE_OK;
}

static void write_head(struct buffer *buffer, const fate_model *model, bool json)
{
    uint8_t digest[MODEL_DIGEST];
    char hex[2 * MODEL_DIGEST + 1];
    const uint8_t *body = NULL;
    uint64_t length = 0;
    (void)fate_model_job_digest(model, digest);
    (void)fate_model_body(model, &body, &length);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    /* Names in models are of letters, digits, dot, underscore and hyphen: nothing is to be escaped. */
    const char *algorithm = fate_model_algorithm(model), *party = fate_model_party(model), *role = fate_model_role(model);
    if (json) {
        buffer_format(buffer, "{\"algorithm\":\"%s\",\"party\":\"%s\",\"role\":\"%s\",\"job_digest\":\"%s\",\"body_bytes\":%" PRIu64 "}",
                      algorithm, party, role, hex, length);
    } else {
        buffer_format(buffer, "model of %s\n  party       %s\n  role        %s\n  job digest  %s\n  body        %" PRIu64 " bytes\n",
                      algorithm, party, role, hex, length);
    }
}

static int32_t dump_heads(fate_context *context, const fate_model *const *models, uint32_t count, bool json, char **text)
{
    struct buffer buffer;
    uint64_t length = 0;
    buffer_init(&buffer, context);
    if (json) buffer_text(&buffer, "{\"models\":[");
    for (uint32_t i = 0; i < count; i++) {
        if (json && i > 0) buffer_u8(&buffer, ',');
        write_head(&buffer, models[i], json);
    }
    if (json) buffer_text(&buffer, "]}\n");
    *text = (char *)buffer_take(&buffer, &length);
    buffer_free(&buffer);
    return *text == NULL ? context_out_of_memory(context) : FATE_OK;
}

int32_t fate_model_dump(fate_context *context, const fate_model *const *models, uint32_t count, const char *format, char **text)
{
    if (text != NULL) *text = NULL;
    if (context == NULL || models == NULL || count == 0 || format == NULL || text == NULL)
        return context_bad_argument(context, "fate_model_dump: models, format or text is NULL, or count is 0");
    const bool json = strcmp(format, "json") == 0;
    if (!json && strcmp(format, "text") != 0)
        return context_fail(context, FATE_E_UNSUPPORTED, "models are shown as \"text\" or \"json\" only");
    const int32_t result = check_together(context, models, count);
    if (result != FATE_OK) return result;
    const fate_protocol *protocol = registry_find(context, fate_model_algorithm(models[0]), 0);
    if (protocol == NULL) {
        return context_fail(context, FATE_E_UNSUPPORTED, "the model is of algorithm %s, which is not registered",
                            fate_model_algorithm(models[0]));
    }
    return protocol->dump == NULL ? dump_heads(context, models, count, json, text) : protocol->dump(context, models, count, format, text);
}
