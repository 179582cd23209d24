/* A host of a training run: its state, what comes before the first tree, and the beginning of each. */
#include "src/models/boosting/host.h"

#include <sodium.h>
#include <string.h>
#include "lib/random.h"
#include "src/models/boosting/body.h"
#include "src/models/boosting/exposure.h"
#include "src/models/boosting/host_lattice.h"
#include "src/models/boosting/peer.h"
#include "src/models/boosting/protocol.h"
#include "src/models/boosting/sampling.h"
#include "src/models/boosting/scoring.h"

void host_stop(fate_context *context, void *state)
{
    struct host *host = state;
    if (host == NULL) {
        return;
    }
    host_free_level(host);
    host_lattice_free(host);
    memory_free_secret(context, host->real, host->columns.count * sizeof *host->real);
    memory_free(context, host->bins);
    memory_free(context, host->sampled);
    columns_free(&host->columns);
    growth_free(&host->growth);
    folds_free(&host->folds);
    conditions_free(&host->conditions);
    earlier_close(&host->earlier);
    boosting_model_free(&host->model);
    fate_public_key_free(host->key);
    memory_free(context, host->key_bytes);
    fate_ciphertexts_free(host->gradients);
    memory_free(context, host->goes_left);
    memory_free_secret(context, host, sizeof *host);
}

static int32_t make_state(fate_turn *turn, struct host *host)
{
    if (host->table == NULL) {
        return context_fail(host->context, FATE_E_TABLE, "there is no training table: give one before the job begins");
    }
    int32_t result = peer_check_rows(host->context, host->table, "training table");
    if (result == FATE_OK) {
        result = peer_check_rows(host->context, host->validation, "validation table");
    }
    if (result == FATE_OK) {
        result = parameters_read(host->context, &host->parameters, fate_turn_job(turn));
    }
    if (result == FATE_OK) {
        result = parameters_check_validation(host->context, &host->parameters, host->validation != NULL);
    }
    if (result == FATE_OK) {
        /* With the lattice cipher a host does not learn which rows are in nodes and samples: its trees have none. */
        result = growth_init(&host->growth, host->context, host->parameters.lattice == NULL ? fate_table_rows(host->table) : 0);
    }
    if (result == FATE_OK) {
        result = folds_init(&host->folds, host->context, &host->parameters, fate_table_rows(host->table), false);
    }
    if (result == FATE_OK) {
        result = columns_init(&host->columns, host->context, host->table, host->validation);
    }
    if (result == FATE_OK) {
        result = boosting_model_init(&host->model, host->context, false, NULL, 0);
    }
    if (result == FATE_OK) {
        result = earlier_read(&host->earlier, &host->model, fate_turn_model(turn), &host->parameters);
    }
    if (result != FATE_OK) {
        return result;
    }
    uint32_t count = host->columns.count;
    host->real = memory_zeroed(host->context, count, sizeof *host->real);
    host->bins = memory_zeroed(host->context, count, sizeof *host->bins);
    host->sampled = memory_zeroed(host->context, count, 1);
    host->goes_left = memory_zeroed(host->context, fate_table_rows(host->table), 1);
    if (host->real == NULL || host->bins == NULL || host->sampled == NULL || host->goes_left == NULL) {
        return context_out_of_memory(host->context);
    }
    return FATE_OK;
}

int32_t host_start(fate_turn *turn, void **state)
{
    fate_context *context = fate_turn_context(turn);
    struct host *host = memory_zeroed(context, 1, sizeof *host);
    if (host == NULL) {
        return context_out_of_memory(context);
    }
    host->context = context;
    host->table = fate_turn_table(turn, FATE_TABLE_DATA);
    host->validation = fate_turn_table(turn, FATE_TABLE_VALIDATION);
    host->guest = peer_next(turn, ROLE_GUEST, 0);
    conditions_init(&host->conditions, context);
    int32_t result = make_state(turn, host);
    if (result != FATE_OK) {
        host_stop(context, host);
        return result;
    }
    *state = host;
    return FATE_OK;
}

void host_number_columns(struct host *host)
{
    struct random_stream stream;
    random_stream_init(&stream, host->numbering, 0);
    for (uint32_t i = 0; i < host->columns.count; i++) {
        uint32_t other = (uint32_t)random_stream_below(&stream, (uint64_t)i + 1);
        host->real[i] = host->real[other];
        host->real[other] = i;
    }
    random_stream_wipe(&stream);
    for (uint32_t number = 0; number < host->columns.count; number++) {
        host->bins[number] = host->columns.shapes[host->real[number]].bins;
    }
}

static int32_t fill_digests(fate_turn *turn, const struct host *host, message_columns *message, uint8_t *digest, uint8_t *validation)
{
    int32_t result = peer_id_digest(turn, host->table, "ids", digest);
    if (result == FATE_OK && host->validation != NULL) {
        result = peer_id_digest(turn, host->validation, "validation ids", validation);
    }
    message->rows = fate_table_rows(host->table);
    message->id_digest = (ProtobufCBinaryData){.len = MESSAGE_DIGEST, .data = digest};
    if (host->validation != NULL) {
        message->has_validation = 1;
        message->validation_rows = fate_table_rows(host->validation);
        message->validation_digest = (ProtobufCBinaryData){.len = MESSAGE_DIGEST, .data = validation};
    }
    return result;
}

static int32_t send_columns(fate_turn *turn, const struct host *host)
{
    uint8_t digest[MESSAGE_DIGEST], validation[MESSAGE_DIGEST], trees[MESSAGE_DIGEST];
    uint32_t count = host->columns.count;
    message_columns message = BOOSTING_MESSAGE__COLUMNS__INIT;
    int32_t result = fill_digests(turn, host, &message, digest, validation);
    if (result == FATE_OK && host->earlier.trees > 0) {
        result = scoring_trees_digest(turn, &host->model, trees);
        message.earlier_digest = (ProtobufCBinaryData){.len = sizeof trees, .data = trees};
    }
    message_column *columns = memory_zeroed(host->context, count, sizeof *columns);
    message_column **pointers = memory_zeroed(host->context, count, sizeof *pointers);
    if (result == FATE_OK && (columns == NULL || pointers == NULL)) {
        result = context_out_of_memory(host->context);
    }
    for (uint32_t i = 0; i < count && result == FATE_OK; i++) {
        const struct column_shape *shape = &host->columns.shapes[host->real[i]];
        boosting_message__column_summary__init(&columns[i]);
        columns[i].kind = (uint32_t)shape->kind;
        columns[i].bins = shape->bins;
        columns[i].value_bins = shape->value_bins;
        columns[i].direction = shape->direction;
        columns[i].earlier = earlier_number(&host->model, fate_table_column_name(host->table, host->real[i]));
        pointers[i] = &columns[i];
    }
    message.n_columns = count;
    message.columns = pointers;
    if (result == FATE_OK) {
        result = peer_send_message(turn, MESSAGE_COLUMNS, host->guest, &message.base);
    }
    memory_free(host->context, columns);
    memory_free(host->context, pointers);
    return result;
}

int32_t host_bin(fate_turn *turn, void *state)
{
    struct host *host = state;
    int32_t result = columns_bin(&host->columns, &host->parameters);
    if (result == FATE_OK) {
        result = fate_turn_seed(turn, "columns", 0, host->numbering);
    }
    if (result == FATE_OK && host->parameters.lattice_vectors > 0) {
        result = host_lattice_find(turn, host);
    }
    for (uint32_t i = 0; i < host->columns.count && result == FATE_OK; i++) {
        result = earlier_check_column(&host->earlier, &host->model, host->table, i, &host->columns.bins[i]);
    }
    if (result == FATE_OK && host->earlier.trees > 0) {
        result = earlier_open(&host->earlier, &host->model, host->table, host->validation);
    }
    if (result == FATE_OK) {
        host_number_columns(host);
        result = host->columns.count == 0 ? FATE_OK
                                          : exposure_warn(turn, &host->parameters, fate_table_rows(host->table), "this party's columns");
    }
    if (result == FATE_OK && host->parameters.lattice != NULL) {
        result = host_lattice_make(host);
    }
    if (result == FATE_OK) {
        result = send_columns(turn, host);
    }
    if (result != FATE_OK || host->lattice == NULL) {
        return result;
    }
    return host->parameters.lattice_vectors > 0 ? host_lattice_say(turn, host) : fate_turn_go_to(turn, HOST_COMMIT);
}

/* Whether the job asks for keys of this length. */
static bool key_fits(const struct host *host, uint32_t bits)
{
#ifdef FATE_TEST_BUILD
    if (host->context->accepts_small_keys) {
        return true;
    }
#endif
    return bits == host->parameters.key_bits;
}

int32_t host_take_key(struct host *host, const uint8_t *bytes, uint64_t length)
{
    int32_t result = fate_public_key_import(host->context, &host->key, bytes, length);
    if (result != FATE_OK) {
        return result;
    }
    if (strcmp(fate_public_key_scheme(host->key), host->parameters.cipher) != 0) {
        return context_fail(host->context, FATE_E_KEY, "the key is of the scheme \"%s\", but the job's cipher is \"%s\"",
                            fate_public_key_scheme(host->key), host->parameters.cipher);
    }
    if (!key_fits(host, fate_public_key_bits(host->key)) ||
        !packing_make(&host->packing, OBJECTIVE_BITS, host->parameters.tree_outputs, fate_table_rows(host->table),
                      fate_public_key_plaintext_bits(host->key))) {
        return context_fail(host->context, FATE_E_KEY, "the key has not the length that the job says, or is too short for the table");
    }
    host->key_bytes = memory_copy(host->context, bytes, length);
    host->key_length = length;
    return host->key_bytes == NULL ? context_out_of_memory(host->context) : FATE_OK;
}

int32_t host_setup(fate_turn *turn, void *state)
{
    struct host *host = state;
    const uint8_t *bytes;
    uint64_t length;
    message_setup *setup = NULL;
    int32_t result = fate_turn_received(turn, host->guest, &bytes, &length);
    if (result == FATE_OK) {
        result = peer_checked(turn, host->guest, message_decode_setup(host->context, &setup, bytes, length));
    }
    if (result == FATE_OK && setup->value_bits != OBJECTIVE_BITS) {
        result = peer_violation(turn, host->guest, "gradients of a width that this version does not know");
    }
    if (result == FATE_OK) {
        result = peer_checked(turn, host->guest, host_take_key(host, setup->public_key.data, setup->public_key.len));
    }
    if (setup != NULL) {
        message_free(host->context, &setup->base);
    }
    return result == FATE_OK && host->earlier.trees == 0 ? fate_turn_go_to(turn, HOST_ROUND) : result;
}

/* A tree of the guest's own: only its shape becomes known. */
static int32_t take_shape(fate_turn *turn, struct host *host, const message_round *round)
{
    struct tree tree;
    int32_t result = tree_init(&tree, host->context);
    if (result != FATE_OK) {
        return result;
    }
    result = boosting_model_add_tree(&host->model);
    for (uint32_t node = 0; node < tree.count && result == FATE_OK; node++) {
        if (!message_bit(round->shape.data, node)) {
            continue;
        }
        if (tree.nodes[node].depth >= host->parameters.depth) {
            result = peer_violation(turn, host->guest, "a tree that is deeper than the job says");
            break;
        }
        result = tree_split(&tree, node);
        if (result == FATE_OK) {
            result = boosting_model_split(&host->model, node, 0, 0);
        }
    }
    tree_free(&tree);
    if (result != FATE_OK) {
        return result;
    }
    host->tree++;
    result = fate_turn_checkpoint(turn);
    return result == FATE_OK ? fate_turn_go_to(turn, HOST_ROUND) : result;
}

static int32_t take_end(fate_turn *turn, struct host *host, const message_round *round)
{
    struct buffer body;
    int32_t result = host->parameters.lattice_vectors > 0 ? host_lattice_end(turn, host) : FATE_OK;
    if (result != FATE_OK) {
        return result;
    }
    if (host->parameters.folds > 0) {
        return fate_turn_finish(turn); /* a cross-validation keeps no model */
    }
    buffer_init(&body, host->context);
    boosting_model_keep(&host->model, round->tree);
    result = boosting_model_number_columns(&host->model);
    if (result == FATE_OK) {
        result = boosting_model_write(&host->model, &body);
    }
    if (result == FATE_OK) {
        result = fate_turn_set_model(turn, body.bytes, body.length);
    }
    buffer_free(&body);
    return result == FATE_OK ? fate_turn_finish(turn) : result;
}

/* Begins a tree on the rows that follow from the seed, or on those that the guest names. */
static int32_t begin_growth(fate_turn *turn, struct host *host, const message_round *round)
{
    uint64_t rows = fate_table_rows(host->table), drawn = 0;
    bool named = host->parameters.goss_top > 0 && host->lattice == NULL;
    if (!message_has_bits(&round->sample, named ? rows : 0)) {
        return peer_violation(turn, host->guest, "a sample that is not one of this job's rows");
    }
    if (!named && (host->parameters.folds == 0 || host->lattice != NULL)) {
        return growth_begin(&host->growth, &host->parameters, host->tree, NULL);
    }
    uint8_t *sampled = memory_zeroed(host->context, rows, 1);
    if (sampled == NULL) {
        return context_out_of_memory(host->context);
    }
    if (!named) {
        int32_t result = folds_sample(&host->folds, &host->parameters, host->tree, sampled);
        if (result == FATE_OK) {
            result = growth_begin(&host->growth, &host->parameters, host->tree, sampled);
        }
        memory_free(host->context, sampled);
        return result;
    }
    for (uint64_t row = 0; row < rows; row++) {
        sampled[row] = message_bit(round->sample.data, row);
        drawn += sampled[row];
    }
    int32_t result = drawn == sampling_gradients_count(rows, host->parameters.goss_top, host->parameters.goss_other)
                         ? growth_begin(&host->growth, &host->parameters, host->tree, sampled)
                         : peer_violation(turn, host->guest, "a sample of too few or too many rows");
    memory_free(host->context, sampled);
    return result;
}

static int32_t take_tree(fate_turn *turn, struct host *host, const message_round *round)
{
    int32_t result = begin_growth(turn, host, round);
    if (result == FATE_OK) {
        result = boosting_model_add_tree(&host->model);
    }
    conditions_clear(&host->conditions);
    fate_ciphertexts_free(host->gradients);
    host->gradients = NULL;
    host->gradient_rows = 0;
    if (result == FATE_OK && host->lattice == NULL) {
        result = fate_ciphertexts_new(host->key, &host->gradients, host->growth.sample_count * host->packing.row_ciphertexts);
    }
    if (result == FATE_OK) {
        result = host_begin_level(turn, host);
    }
    return result == FATE_OK && host->lattice != NULL ? fate_turn_go_to(turn, HOST_VECTORS) : result;
}

static int32_t take_round(fate_turn *turn, struct host *host, const message_round *round)
{
    if (round->kind == BOOSTING_MESSAGE__ROUND__KIND__END) {
        return take_end(turn, host, round);
    }
    bool own = round->kind == BOOSTING_MESSAGE__ROUND__KIND__OWN;
    if (host->tree >= host->parameters.trees || own != folds_guest_alone(&host->parameters, host->tree)) {
        return peer_violation(turn, host->guest, "more trees than the job says, or a tree of the wrong kind");
    }
    return own ? take_shape(turn, host, round) : take_tree(turn, host, round);
}

int32_t host_round(fate_turn *turn, void *state)
{
    struct host *host = state;
    const uint8_t *bytes;
    uint64_t length;
    message_round *round = NULL;
    int32_t result = fate_turn_received(turn, host->guest, &bytes, &length);
    if (result == FATE_OK) {
        result = peer_checked(turn, host->guest, message_decode_round(host->context, &round, bytes, length, host->tree));
    }
    if (result == FATE_OK) {
        result = take_round(turn, host, round);
    }
    if (round != NULL) {
        message_free(host->context, &round->base);
    }
    return result;
}
