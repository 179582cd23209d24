/* A host's state between trees, stored and read again. Bins and the numbers of columns are not in it: they follow from the table and from what is. */
#include <string.h>
#include "src/models/boosting/body.h"
#include "src/models/boosting/host_lattice.h"
#include "src/models/boosting/messages.h"

enum { STATE_VERSION = 3, MODEL_LIMIT = 1 << 30 };

int32_t host_save(fate_turn *turn, const void *state)
{
    const struct host *host = state;
    struct buffer bytes, model;
    buffer_init(&bytes, host->context);
    buffer_init(&model, host->context);
    bytes.secret = true;
    int32_t result = boosting_model_write(&host->model, &model);
    if (result == FATE_OK) {
        buffer_u32(&bytes, STATE_VERSION);
        buffer_append(&bytes, host->earlier.digest, sizeof host->earlier.digest);
        buffer_u32(&bytes, host->tree);
        buffer_u64(&bytes, host->rows_done);
        buffer_append(&bytes, host->numbering, sizeof host->numbering);
        buffer_u64(&bytes, host->key_length);
        buffer_append(&bytes, host->key_bytes, host->key_length);
        buffer_u64(&bytes, model.length);
        buffer_append(&bytes, model.bytes, model.length);
        if (host->lattice != NULL) {
            host_lattice_save(host, &bytes);
        }
        result = bytes.failed ? context_out_of_memory(host->context) : fate_turn_save(turn, bytes.bytes, bytes.length);
    }
    buffer_free(&bytes);
    buffer_free(&model);
    return result;
}

static int32_t damaged(const struct host *host)
{
    return context_fail(host->context, FATE_E_STORE, "the stored state of the training is damaged: begin anew with the option \"restart\"");
}

static int32_t load_model(struct host *host, const uint8_t *body, uint64_t length)
{
    struct boosting_model model;
    int32_t result = boosting_model_read(&model, host->context, body, length);
    if (result != FATE_OK) {
        return result == FATE_E_MEMORY ? result : damaged(host);
    }
    boosting_model_free(&host->model);
    host->model = model;
    return !host->model.guest && host->model.tree_count == host->tree ? FATE_OK : damaged(host);
}

static int32_t load_columns(struct host *host, const uint8_t *numbering)
{
    int32_t result = FATE_AGAIN;
    while (result == FATE_AGAIN) {
        result = columns_bin(&host->columns, &host->parameters);
    }
    memcpy(host->numbering, numbering, sizeof host->numbering);
    if (result == FATE_OK) {
        host_number_columns(host);
    }
    return result;
}

int32_t host_load(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length)
{
    struct host *host = state;
    struct reader reader;
    (void)turn;
    reader_init(&reader, bytes, length);
    uint32_t version = reader_u32(&reader);
    const uint8_t *digest = reader_bytes(&reader, sizeof host->earlier.digest);
    host->tree = reader_u32(&reader);
    host->rows_done = reader_u64(&reader);
    const uint8_t *numbering = reader_bytes(&reader, sizeof host->numbering);
    uint64_t key_length = reader_u64(&reader);
    const uint8_t *key = key_length > MESSAGE_KEY_MOST ? NULL : reader_bytes(&reader, key_length);
    uint64_t model_length = reader_u64(&reader);
    const uint8_t *model = model_length > MODEL_LIMIT ? NULL : reader_bytes(&reader, model_length);
    bool lattice = host->parameters.lattice != NULL;
    if (numbering == NULL || key == NULL || model == NULL || (!lattice && !reader_finished(&reader)) || version != STATE_VERSION ||
        host->tree > host->parameters.trees) {
        return damaged(host);
    }
    int32_t result = earlier_check_digest(&host->earlier, digest);
    if (result == FATE_OK) {
        result = load_columns(host, numbering);
    }
    if (result == FATE_OK) {
        result = load_model(host, model, model_length);
    }
    if (result == FATE_OK && lattice) {
        result = host_lattice_load(host, &reader);
    }
    if (result == FATE_OK && !lattice) {
        result = host_take_key(host, key, key_length);
        result = result == FATE_OK || result == FATE_E_MEMORY ? result : damaged(host);
    }
    return result;
}
