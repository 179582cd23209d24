/* The guest's state between trees, stored and read again. The key is not in it: it follows from the run's seed. */
#include <string.h>
#include "src/models/boosting/body.h"
#include "src/models/boosting/guest_lattice.h"

enum { STATE_VERSION = 5, MODEL_LIMIT = 1 << 30 };

static void save_party(const struct guest_party *party, struct buffer *bytes)
{
    buffer_u32(bytes, party->count);
    buffer_u32(bytes, party->model_numbers);
    for (uint32_t i = 0; i < party->count; i++) {
        buffer_u8(bytes, (uint8_t)party->shapes[i].kind);
        buffer_u32(bytes, party->shapes[i].bins);
        buffer_u32(bytes, party->shapes[i].value_bins);
        buffer_u8(bytes, (uint8_t)(party->shapes[i].direction + 1));
        buffer_u32(bytes, party->model_number[i]);
    }
}

int32_t guest_save(fate_turn *turn, const void *state)
{
    const struct guest *guest = state;
    struct buffer bytes, model;
    buffer_init(&bytes, guest->context);
    buffer_init(&model, guest->context);
    bytes.secret = true;
    buffer_u32(&bytes, STATE_VERSION);
    buffer_append(&bytes, guest->earlier.digest, sizeof guest->earlier.digest);
    buffer_u32(&bytes, guest->tree);
    buffer_u8(&bytes, guest->stopped);
    buffer_u32(&bytes, guest->stopping.best_round);
    buffer_double(&bytes, guest->stopping.best);
    buffer_u64(&bytes, guest->rows_done);
    margins_save(&guest->margins, &bytes);
    margins_save(&guest->validation_margins, &bytes);
    folds_save(&guest->folds, &guest->parameters, &bytes);
    for (uint32_t p = 0; p < guest->party_count; p++) {
        if (!guest->parties[p].own) {
            save_party(&guest->parties[p], &bytes);
        }
    }
    if (guest->lattice != NULL) {
        guest_lattice_save(guest, &bytes);
    }
    int32_t result = boosting_model_write(&guest->model, &model);
    if (result == FATE_OK) {
        buffer_u64(&bytes, model.length);
        buffer_append(&bytes, model.bytes, model.length);
        result = bytes.failed ? context_out_of_memory(guest->context) : fate_turn_save(turn, bytes.bytes, bytes.length);
    }
    buffer_free(&bytes);
    buffer_free(&model);
    return result;
}

static int32_t damaged(const struct guest *guest)
{
    return context_fail(guest->context, FATE_E_STORE,
                        "the stored state of the training is damaged: begin anew with the option \"restart\"");
}

static bool load_column(struct reader *reader, const struct guest *guest, const struct guest_party *party, struct column_shape *shape,
                        uint32_t *number)
{
    shape->kind = reader_u8(reader);
    shape->bins = reader_u32(reader);
    shape->value_bins = reader_u32(reader);
    shape->direction = (int32_t)reader_u8(reader) - 1;
    *number = reader_u32(reader);
    return !reader->failed && gain_shape_valid(shape, guest->parameters.bins) && *number <= party->model_numbers;
}

static int32_t load_party(struct reader *reader, struct guest *guest, struct guest_party *party)
{
    enum { COLUMN_BYTES = 14 };
    uint32_t count = reader_u32(reader);
    party->model_numbers = reader_u32(reader);
    if (reader->failed || count > reader_left(reader) / COLUMN_BYTES || party->model_numbers > count) {
        return damaged(guest);
    }
    struct column_shape *shapes = memory_zeroed(guest->context, count, sizeof *shapes);
    uint32_t *numbers = memory_zeroed(guest->context, count, sizeof *numbers);
    int32_t result = shapes == NULL || numbers == NULL ? context_out_of_memory(guest->context) : FATE_OK;
    for (uint32_t i = 0; i < count && result == FATE_OK; i++) {
        result = load_column(reader, guest, party, &shapes[i], &numbers[i]) ? FATE_OK : damaged(guest);
    }
    if (result == FATE_OK) {
        result = guest_set_columns(guest, party, shapes, count);
    }
    if (result == FATE_OK && count > 0) {
        memcpy(party->model_number, numbers, count * sizeof *numbers);
    }
    memory_free(guest->context, shapes);
    memory_free(guest->context, numbers);
    return result;
}

static int32_t load_model(struct reader *reader, struct guest *guest)
{
    uint64_t length = reader_u64(reader);
    const uint8_t *body = length > MODEL_LIMIT ? NULL : reader_bytes(reader, length);
    if (body == NULL || !reader_finished(reader)) {
        return damaged(guest);
    }
    struct boosting_model model;
    int32_t result = boosting_model_read(&model, guest->context, body, length);
    if (result != FATE_OK) {
        return result == FATE_E_MEMORY ? result : damaged(guest);
    }
    boosting_model_free(&guest->model);
    guest->model = model;
    return guest->model.guest && guest->model.tree_count == guest->tree && guest->model.party_count == guest->party_count ? FATE_OK
                                                                                                                          : damaged(guest);
}

/* Its own columns are binned again: that gives the same bins. */
static int32_t load_columns(struct reader *reader, struct guest *guest)
{
    int32_t result = FATE_AGAIN;
    while (result == FATE_AGAIN) {
        result = columns_bin(&guest->columns, &guest->parameters);
    }
    if (result == FATE_OK) {
        result = guest_set_columns(guest, &guest->parties[guest->own], guest->columns.shapes, guest->columns.count);
    }
    for (uint32_t p = 0; p < guest->party_count && result == FATE_OK; p++) {
        if (!guest->parties[p].own) {
            result = load_party(reader, guest, &guest->parties[p]);
        }
    }
    return result == FATE_OK ? guest_make_scratch(guest) : result;
}

int32_t guest_load(fate_turn *turn, void *state, const uint8_t *bytes, uint64_t length)
{
    struct guest *guest = state;
    struct reader reader;
    reader_init(&reader, bytes, length);
    uint32_t version = reader_u32(&reader);
    const uint8_t *digest = reader_bytes(&reader, sizeof guest->earlier.digest);
    guest->tree = reader_u32(&reader);
    guest->stopped = reader_u8(&reader) != 0;
    guest->stopping.best_round = reader_u32(&reader);
    guest->stopping.best = reader_double(&reader);
    guest->rows_done = reader_u64(&reader);
    if (reader.failed || version != STATE_VERSION || guest->tree > guest->parameters.trees || guest->stopping.best_round > guest->tree ||
        !margins_load(&guest->margins, &reader) || !margins_load(&guest->validation_margins, &reader) ||
        !folds_load(&guest->folds, &guest->parameters, &reader)) {
        return damaged(guest);
    }
    int32_t result = earlier_check_digest(&guest->earlier, digest);
    if (result == FATE_OK) {
        result = load_columns(&reader, guest);
    }
    if (result == FATE_OK && guest->parameters.lattice != NULL && guest->host_count > 0) {
        result = guest_lattice_load(guest, &reader);
    }
    if (result == FATE_OK) {
        result = load_model(&reader, guest);
    }
    if (result == FATE_OK && guest->host_count > 0 && guest->lattice == NULL) {
        result = guest_make_key(turn, guest);
    }
    return result;
}
