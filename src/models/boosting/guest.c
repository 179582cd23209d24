/* The guest of a training run: its state, what comes before the first tree, and the beginning of each. */
#include "src/models/boosting/guest.h"

#include <sodium.h>
#include <string.h>
#include "src/models/boosting/exposure.h"
#include "src/models/boosting/guest_lattice.h"
#include "src/models/boosting/peer.h"
#include "src/models/boosting/protocol.h"

/* Okamoto-Uchiyama has a third of the room for plaintexts. */
enum { TEST_KEY_BITS = 256, TEST_KEY_BITS_LONGER = 768 };

static void free_party(fate_context *context, struct guest_party *party)
{
    memory_free(context, party->shapes);
    memory_free(context, party->bins);
    memory_free(context, party->offsets);
    memory_free(context, party->sampled);
    memory_free(context, party->sums);
    memory_free(context, party->parent_sums);
    memory_free(context, party->model_number);
    memory_free(context, party->outcomes);
    memory_free(context, party->fullest);
}

void guest_stop(fate_context *context, void *state)
{
    struct guest *guest = state;
    if (guest == NULL) {
        return;
    }
    guest_lattice_free(guest);
    for (uint32_t i = 0; i < guest->party_count; i++) {
        free_party(context, &guest->parties[i]);
    }
    uint64_t rows = fate_table_rows(guest->table);
    memory_free(context, guest->parties);
    columns_free(&guest->columns);
    growth_free(&guest->growth);
    conditions_free(&guest->conditions);
    earlier_close(&guest->earlier);
    boosting_model_free(&guest->model);
    margins_free(&guest->margins);
    margins_free(&guest->validation_margins);
    folds_free(&guest->folds);
    memory_free_secret(context, guest->pairs, rows * guest->parameters.tree_outputs * sizeof *guest->pairs);
    fate_secret_key_free(guest->key);
    fate_public_key_free(guest->public_key);
    memory_free(context, guest->nodes);
    memory_free(context, guest->totals);
    memory_free(context, guest->taken);
    memory_free(context, guest->ties);
    memory_free(context, guest->order);
    memory_free(context, guest->left);
    memory_free(context, guest->goes_left);
    fate_ciphertexts_free(guest->part);
    memory_free(context, guest);
}

static int32_t make_parties(fate_turn *turn, struct guest *guest)
{
    const fate_job *job = fate_turn_job(turn);
    uint32_t count = fate_job_party_count(job);
    guest->parties = memory_zeroed(guest->context, count, sizeof *guest->parties);
    const char **names = memory_zeroed(guest->context, count, sizeof *names);
    if (guest->parties == NULL || names == NULL) {
        memory_free(guest->context, names);
        return context_out_of_memory(guest->context);
    }
    guest->party_count = count;
    for (uint32_t party = 0; party < count; party++) {
        names[party] = fate_job_party_name(job, party);
        guest->parties[party].party = party;
        guest->parties[party].own = party == fate_turn_party(turn);
    }
    guest->own = fate_turn_party(turn);
    guest->host_count = count - 1;
    int32_t result = boosting_model_init(&guest->model, guest->context, true, names, count);
    memory_free(guest->context, names);
    if (result == FATE_OK) {
        boosting_model_describe(&guest->model, &guest->parameters);
        result = earlier_read(&guest->earlier, &guest->model, fate_turn_model(turn), &guest->parameters);
    }
    return result;
}

static int32_t make_rows(struct guest *guest)
{
    uint64_t rows = fate_table_rows(guest->table);
    int32_t result = margins_init(&guest->margins, guest->context, &guest->parameters, rows);
    if (result == FATE_OK) {
        result = margins_init(&guest->validation_margins, guest->context, &guest->parameters, fate_table_rows(guest->validation));
    }
    if (result == FATE_OK) {
        result = folds_init(&guest->folds, guest->context, &guest->parameters, rows, true);
    }
    if (result != FATE_OK) {
        return result;
    }
    guest->pairs = memory_zeroed(guest->context, rows, guest->parameters.tree_outputs * sizeof *guest->pairs);
    guest->goes_left = memory_zeroed(guest->context, rows, 1);
    if (guest->pairs == NULL || guest->goes_left == NULL) {
        return context_out_of_memory(guest->context);
    }
    result = growth_init(&guest->growth, guest->context, rows);
    if (result != FATE_OK) {
        return result;
    }
    conditions_init(&guest->conditions, guest->context);
    early_stopping_init(&guest->stopping, guest->parameters.early_stopping_rounds);
    return columns_init(&guest->columns, guest->context, guest->table, guest->validation);
}

static int32_t check_tables(fate_turn *turn, struct guest *guest)
{
    if (guest->table == NULL) {
        return context_fail(guest->context, FATE_E_TABLE, "there is no training table: give one before the job begins");
    }
    const fate_schema *schema = fate_job_schema(fate_turn_job(turn), fate_turn_party(turn), FATE_PURPOSE_TRAIN);
    int32_t result = peer_check_rows(guest->context, guest->table, "training table");
    if (result == FATE_OK) {
        result = peer_check_rows(guest->context, guest->validation, "validation table");
    }
    if (result == FATE_OK) {
        result = parameters_read(guest->context, &guest->parameters, fate_turn_job(turn));
    }
    if (result == FATE_OK) {
        result = parameters_check_validation(guest->context, &guest->parameters, guest->validation != NULL);
    }
    if (result == FATE_OK) {
        result = objective_check(guest->context, &guest->parameters, guest->table, schema, "table");
    }
    if (result == FATE_OK && guest->validation != NULL) {
        result = objective_check(guest->context, &guest->parameters, guest->validation, schema, "validation table");
    }
    return result;
}

int32_t guest_start(fate_turn *turn, void **state)
{
    fate_context *context = fate_turn_context(turn);
    struct guest *guest = memory_zeroed(context, 1, sizeof *guest);
    if (guest == NULL) {
        return context_out_of_memory(context);
    }
    guest->context = context;
    guest->table = fate_turn_table(turn, FATE_TABLE_DATA);
    guest->validation = fate_turn_table(turn, FATE_TABLE_VALIDATION);
    int32_t result = check_tables(turn, guest);
    if (result == FATE_OK) {
        result = make_parties(turn, guest);
    }
    if (result == FATE_OK) {
        result = make_rows(guest);
    }
    if (result != FATE_OK) {
        guest_stop(context, guest);
        return result;
    }
    *state = guest;
    return FATE_OK;
}

int32_t guest_set_columns(struct guest *guest, struct guest_party *party, const struct column_shape *shapes, uint32_t count)
{
    party->shapes = memory_copy(guest->context, shapes, count * sizeof *shapes);
    party->bins = memory_allocate(guest->context, count, sizeof *party->bins);
    party->offsets = memory_allocate(guest->context, count, sizeof *party->offsets);
    party->sampled = memory_zeroed(guest->context, count, 1);
    party->model_number = memory_zeroed(guest->context, count, sizeof *party->model_number);
    if (party->shapes == NULL || party->bins == NULL || party->offsets == NULL || party->sampled == NULL || party->model_number == NULL) {
        return context_out_of_memory(guest->context);
    }
    party->count = count;
    party->total_bins = 0;
    for (uint32_t i = 0; i < count; i++) {
        party->bins[i] = shapes[i].bins;
        party->offsets[i] = party->total_bins;
        party->total_bins += shapes[i].bins;
    }
    return FATE_OK;
}

int32_t guest_make_scratch(struct guest *guest)
{
    uint32_t most = 1;
    for (uint32_t p = 0; p < guest->party_count; p++) {
        for (uint32_t i = 0; i < guest->parties[p].count; i++) {
            most = guest->parties[p].bins[i] > most ? guest->parties[p].bins[i] : most;
            guest->directed = guest->directed || guest->parties[p].shapes[i].direction != 0;
        }
    }
    guest->order = memory_allocate(guest->context, most, sizeof *guest->order);
    guest->left = memory_allocate(guest->context, most, 1);
    return guest->order == NULL || guest->left == NULL ? context_out_of_memory(guest->context) : FATE_OK;
}

int32_t guest_bin(fate_turn *turn, void *state)
{
    (void)turn;
    struct guest *guest = state;
    int32_t result = columns_bin(&guest->columns, &guest->parameters);
    for (uint32_t i = 0; i < guest->columns.count && result == FATE_OK; i++) {
        result = earlier_check_column(&guest->earlier, &guest->model, guest->table, i, &guest->columns.bins[i]);
    }
    if (result != FATE_OK) {
        return result;
    }
    return guest_set_columns(guest, &guest->parties[guest->own], guest->columns.shapes, guest->columns.count);
}

static int32_t compare_table(fate_turn *turn, uint32_t host, const fate_table *table, const char *label, const char *name, uint64_t rows,
                             const ProtobufCBinaryData *digest)
{
    uint8_t own[MESSAGE_DIGEST];
    int32_t result = peer_id_digest(turn, table, label, own);
    if (result != FATE_OK) {
        return result;
    }
    if (rows != fate_table_rows(table) || sodium_memcmp(own, digest->data, sizeof own) != 0) {
        return peer_rows_differ(turn, host, name, fate_table_rows(table), rows);
    }
    return FATE_OK;
}

static int32_t compare_rows(fate_turn *turn, const struct guest *guest, uint32_t host, const message_columns *message)
{
    int32_t result = compare_table(turn, host, guest->table, "ids", "training table", message->rows, &message->id_digest);
    if (result != FATE_OK) {
        return result;
    }
    if ((message->has_validation != 0) != (guest->validation != NULL)) {
        const char *sentence = "one party has a validation table and another has none: give one to all or to none";
        return fate_turn_fail(turn, FATE_E_ROWS_DIFFER, sentence, sentence);
    }
    if (guest->validation == NULL) {
        return FATE_OK;
    }
    return compare_table(turn, host, guest->validation, "validation ids", "validation table", message->validation_rows,
                         &message->validation_digest);
}

static int32_t take_columns(fate_turn *turn, struct guest *guest, struct guest_party *host)
{
    const uint8_t *bytes;
    uint64_t length;
    message_columns *message = NULL;
    int32_t result = fate_turn_received(turn, host->party, &bytes, &length);
    if (result == FATE_OK) {
        result = peer_checked(turn, host->party, message_decode_columns(guest->context, &message, bytes, length, guest->parameters.bins));
    }
    if (result == FATE_OK) {
        result = compare_rows(turn, guest, host->party, message);
    }
    if (result == FATE_OK) {
        uint32_t count = (uint32_t)message->n_columns;
        struct column_shape *shapes = memory_zeroed(guest->context, count, sizeof *shapes);
        for (uint32_t i = 0; shapes != NULL && i < count; i++) {
            const message_column *column = message->columns[i];
            shapes[i] = (struct column_shape){
                .kind = (int32_t)column->kind, .bins = column->bins, .value_bins = column->value_bins, .direction = column->direction};
        }
        result = shapes == NULL ? context_out_of_memory(guest->context) : guest_set_columns(guest, host, shapes, count);
        memory_free(guest->context, shapes);
    }
    if (result == FATE_OK) {
        result = guest_compare_earlier(turn, guest, host, message);
    }
    if (message != NULL) {
        message_free(guest->context, &message->base);
    }
    return result;
}

int32_t guest_compare(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    for (uint32_t i = 0; i < guest->party_count; i++) {
        if (!guest->parties[i].own) {
            int32_t result = take_columns(turn, guest, &guest->parties[i]);
            if (result != FATE_OK) {
                return result;
            }
        }
    }
    int32_t result = FATE_OK;
    if (guest->host_count > 0) {
        result = exposure_warn(turn, &guest->parameters, fate_table_rows(guest->table), "hosts' columns");
    }
    return result == FATE_OK ? guest_make_scratch(guest) : result;
}

static uint32_t key_bits(const struct guest *guest)
{
#ifdef FATE_TEST_BUILD
    if (guest->context->accepts_small_keys) {
        return strcmp(guest->parameters.cipher, "paillier") == 0 ? TEST_KEY_BITS : TEST_KEY_BITS_LONGER;
    }
#endif
    return guest->parameters.key_bits;
}

int32_t guest_make_key(fate_turn *turn, struct guest *guest)
{
    uint8_t seed[32];
    if (guest->key != NULL) {
        return FATE_OK;
    }
    int32_t result = fate_turn_seed(turn, "key", 0, seed);
    if (result == FATE_OK) {
        result = fate_secret_key_generate(guest->context, &guest->key, guest->parameters.cipher, key_bits(guest), seed);
    }
    sodium_memzero(seed, sizeof seed);
    if (result == FATE_OK) {
        result = fate_secret_key_public(guest->key, &guest->public_key);
    }
    if (result != FATE_OK) {
        return result;
    }
    if (!packing_make(&guest->packing, OBJECTIVE_BITS, guest->parameters.tree_outputs, fate_table_rows(guest->table),
                      fate_public_key_plaintext_bits(guest->public_key))) {
        return context_fail(guest->context, FATE_E_LIMIT,
                            "the table has too many rows for sums to fit into a ciphertext: choose longer key_bits or the cipher paillier");
    }
    return FATE_OK;
}

static int32_t send_setup(fate_turn *turn, struct guest *guest)
{
    int32_t result = guest_make_key(turn, guest);
    uint8_t *bytes = NULL;
    uint64_t length = 0;
    if (result == FATE_OK) {
        result = fate_public_key_export(guest->public_key, &bytes, &length);
    }
    message_setup setup = BOOSTING_MESSAGE__SETUP__INIT;
    setup.public_key = (ProtobufCBinaryData){.len = length, .data = bytes};
    setup.value_bits = guest->packing.value_bits;
    for (uint32_t i = 0; i < guest->party_count && result == FATE_OK; i++) {
        if (!guest->parties[i].own) {
            result = peer_send_message(turn, MESSAGE_SETUP, i, &setup.base);
        }
    }
    fate_free(guest->context, bytes);
    return result;
}

int32_t guest_begin_trees(fate_turn *turn, struct guest *guest)
{
    if (guest->earlier.trees == 0) {
        return fate_turn_go_to(turn, GUEST_BEGIN);
    }
    int32_t result = earlier_open(&guest->earlier, &guest->model, guest->table, guest->validation);
    if (result == FATE_OK) {
        result = earlier_collect(&guest->earlier);
    }
    return result == FATE_OK ? fate_turn_go_to(turn, GUEST_EARLIER) : result;
}

int32_t guest_setup(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    if (guest->host_count > 0 && guest->parameters.lattice != NULL) {
        int32_t result = guest_lattice_make(guest);
        return result == FATE_OK ? fate_turn_go_to(turn, guest->parameters.lattice_vectors > 0 ? GUEST_HELD : GUEST_COMMITMENTS) : result;
    }
    int32_t result = guest->host_count > 0 ? send_setup(turn, guest) : FATE_OK;
    return result == FATE_OK ? guest_begin_trees(turn, guest) : result;
}

/* Draws the sample of a tree and begins it. */
static int32_t begin_growth(struct guest *guest)
{
    uint64_t rows = fate_table_rows(guest->table);
    bool folded = guest->parameters.folds > 0;
    if (!(guest->parameters.goss_top > 0) && !folded) {
        return growth_begin(&guest->growth, &guest->parameters, guest->tree, NULL);
    }
    uint8_t *sampled = memory_zeroed(guest->context, rows, 1);
    int32_t result = sampled == NULL ? context_out_of_memory(guest->context) : FATE_OK;
    if (result == FATE_OK && folded) {
        result = folds_sample(&guest->folds, &guest->parameters, guest->tree, sampled);
    } else if (result == FATE_OK) {
        result = objective_sample(guest->context, &guest->parameters, sampled, guest->tree, guest->margins.values,
                                  fate_table_label(guest->table), fate_table_weight(guest->table), rows);
    }
    if (result == FATE_OK) {
        result = growth_begin(&guest->growth, &guest->parameters, guest->tree, sampled);
    }
    memory_free(guest->context, sampled);
    return result;
}

/* Ready for a tree: its sample, its gradients, what the root's sums are. */
static int32_t begin_tree(struct guest *guest)
{
    struct gradient_scale scale;
    int32_t result = begin_growth(guest);
    if (result == FATE_OK) {
        result = objective_gradients(guest->context, &guest->parameters, guest->pairs, &scale, guest->tree, guest->margins.values,
                                     fate_table_label(guest->table), fate_table_weight(guest->table), guest->growth.sampled,
                                     fate_table_rows(guest->table));
    }
    if (result != FATE_OK) {
        return result;
    }
    guest->terms = gain_terms_make(&guest->parameters, scale);
    guest->shared = guest->host_count > 0 && !folds_guest_alone(&guest->parameters, guest->tree);
    if (guest->shared && guest->lattice != NULL) {
        guest_lattice_begin_tree(guest);
    }
    conditions_clear(&guest->conditions);
    for (uint32_t i = 0; i < guest->party_count; i++) {
        guest->parties[i].conditions = 0;
    }
    return boosting_model_add_tree(&guest->model);
}

int32_t guest_reserve_nodes(struct guest *guest, uint64_t count)
{
    if (count <= guest->node_capacity) {
        return FATE_OK;
    }
    struct guest_node *nodes = memory_resize(guest->context, guest->nodes, 2 * count, sizeof *nodes);
    if (nodes == NULL) {
        return context_out_of_memory(guest->context);
    }
    guest->nodes = nodes;
    struct bin_sum *totals = memory_resize(guest->context, guest->totals, 2 * count, guest->parameters.tree_outputs * sizeof *totals);
    if (totals == NULL) {
        return context_out_of_memory(guest->context);
    }
    guest->totals = totals;
    guest->node_capacity = 2 * count;
    return FATE_OK;
}

struct bin_sum *guest_total(const struct guest *guest, uint32_t node)
{
    return guest->totals + (uint64_t)node * guest->parameters.tree_outputs;
}

void guest_add_total(struct guest *guest, uint32_t node)
{
    uint64_t count;
    const uint32_t *rows = tree_rows_of(&guest->growth.rows, node, &count);
    histogram_total(guest_total(guest, node), guest->pairs, guest->parameters.tree_outputs, guest->growth.sampled, rows, count);
}

static int32_t root_node(struct guest *guest)
{
    int32_t result = guest_reserve_nodes(guest, 1);
    if (result == FATE_OK) {
        guest->nodes[0] = (struct guest_node){.range = gain_any_weight()};
        guest_add_total(guest, 0);
    }
    return result;
}

/* Tells the hosts that a tree begins, and which rows it is grown on where they cannot draw them themselves. */
static int32_t announce_tree(fate_turn *turn, const struct guest *guest)
{
    uint64_t rows = guest->parameters.goss_top > 0 && guest->lattice == NULL ? fate_table_rows(guest->table) : 0;
    uint8_t *sample = memory_zeroed(guest->context, message_bit_bytes(rows), 1);
    int32_t result = sample == NULL ? context_out_of_memory(guest->context) : FATE_OK;
    for (uint64_t row = 0; row < rows && result == FATE_OK; row++) {
        if (guest->growth.sampled[row] != 0) {
            message_set_bit(sample, row);
        }
    }
    message_round round = BOOSTING_MESSAGE__ROUND__INIT;
    round.kind = BOOSTING_MESSAGE__ROUND__KIND__SHARED;
    round.tree = guest->tree;
    round.sample = (ProtobufCBinaryData){.len = message_bit_bytes(rows), .data = sample};
    for (uint32_t i = 0; i < guest->party_count && result == FATE_OK; i++) {
        if (!guest->parties[i].own) {
            result = peer_send_message(turn, MESSAGE_ROUND, i, &round.base);
        }
    }
    memory_free(guest->context, sample);
    return result;
}

int32_t guest_begin(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    if (guest->stopped || guest->tree == guest->parameters.trees) {
        return fate_turn_go_to(turn, GUEST_END);
    }
    int32_t result = guest->lattice != NULL ? guest_lattice_fetch(turn, guest) : FATE_OK;
    if (result == FATE_OK) {
        result = begin_tree(guest);
    }
    if (result == FATE_OK) {
        result = root_node(guest);
    }
    if (result == FATE_OK) {
        result = guest_begin_level(turn, guest);
    }
    if (result != FATE_OK || !guest->shared) {
        return result;
    }
    result = announce_tree(turn, guest);
    return result == FATE_OK && guest->lattice != NULL ? fate_turn_go_to(turn, GUEST_VECTORS) : result;
}

int32_t guest_progress(fate_turn *turn, const struct guest *guest)
{
    return fate_turn_progress(turn, guest->tree + 1, guest->parameters.trees, guest->growth.level + 1, guest->parameters.depth,
                              guest->rows_done);
}
