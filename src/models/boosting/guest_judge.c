/* The guest ends a tree: leaf weights, margins, measures, early stopping; and ends the training. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "src/models/boosting/body.h"
#include "src/models/boosting/guest_lattice.h"
#include "src/models/boosting/measure.h"
#include "src/models/boosting/peer.h"
#include "src/models/boosting/protocol.h"
#include "src/models/boosting/renewal.h"
#include "src/models/boosting/results.h"
#include "src/models/boosting/sampling.h"

static int32_t leaf_weights(const struct guest *guest, uint32_t node, double *weights)
{
    uint64_t count;
    const uint32_t *rows = tree_rows_of(&guest->growth.rows, node, &count);
    if (!renewal_applies(guest->parameters.objective)) {
        gain_leaf_weights(&guest->terms, guest_total(guest, node), guest_range(guest, node), weights);
        return FATE_OK;
    }
    return renewal_weight(guest->context, weights, &guest->parameters, guest->margins.values, fate_table_label(guest->table),
                          fate_table_weight(guest->table), guest->growth.sampled,
                          sampling_amplification(fate_table_rows(guest->table), guest->parameters.goss_top, guest->parameters.goss_other),
                          rows, count);
}

/* Gives a leaf its weights and its rows the new margins. */
static int32_t weigh_leaf(struct guest *guest, uint32_t node, double *weights)
{
    uint64_t count;
    const uint32_t *rows = tree_rows_of(&guest->growth.rows, node, &count);
    int32_t result = leaf_weights(guest, node, weights);
    if (result == FATE_OK) {
        result = boosting_model_weigh(&guest->model, node, weights);
    }
    for (uint64_t i = 0; i < count && result == FATE_OK; i++) {
        boosting_model_add(&guest->model, guest->tree, &guest->model.trees[guest->tree].nodes[node], margins_row(&guest->margins, rows[i]));
    }
    return result;
}

static int32_t weigh_leaves(struct guest *guest)
{
    const struct tree *tree = &guest->growth.tree;
    struct boosting_node *nodes = guest->model.trees[guest->tree].nodes;
    double *weights = memory_allocate(guest->context, guest->parameters.tree_outputs, sizeof *weights);
    int32_t result = weights == NULL ? context_out_of_memory(guest->context) : FATE_OK;
    for (uint32_t node = 0; node < tree->count && result == FATE_OK; node++) {
        nodes[node].cover = gain_cover(&guest->terms, guest_total(guest, node));
        result = tree->nodes[node].left == 0 ? weigh_leaf(guest, node, weights) : FATE_OK;
    }
    memory_free(guest->context, weights);
    return result;
}

/* true when the tree is the last of its round: then there is something to measure. */
static bool round_ends(const struct guest *guest)
{
    return (guest->tree + 1) % guest->parameters.round_trees == 0;
}

/* Measures margins of a table's rows and reports it. */
static int32_t report(fate_turn *turn, const struct guest *guest, const char *which, const double *margins, const fate_table *table,
                      double *value)
{
    char name[64];
    snprintf(name, sizeof name, "%s %s", which, measure_name(guest->parameters.measure));
    int32_t result = measure_value(guest->context, value, &guest->parameters, margins, fate_table_label(table), fate_table_weight(table),
                                   fate_table_rows(table));
    /* NaN: not defined for these rows. */
    return result == FATE_OK && !isnan(*value) ? fate_turn_metric(turn, name, (guest->tree + 1) / guest->parameters.round_trees, *value)
                                               : result;
}

/* Tells the hosts the shape of a tree that the guest grew alone: not which rows are where. */
static int32_t send_shape(fate_turn *turn, const struct guest *guest)
{
    const struct tree *tree = &guest->growth.tree;
    uint8_t *shape = memory_zeroed(guest->context, message_bit_bytes(tree->count), 1);
    if (shape == NULL) {
        return context_out_of_memory(guest->context);
    }
    for (uint32_t node = 0; node < tree->count; node++) {
        if (tree->nodes[node].left != 0) {
            message_set_bit(shape, node);
        }
    }
    message_round round = BOOSTING_MESSAGE__ROUND__INIT;
    round.kind = BOOSTING_MESSAGE__ROUND__KIND__OWN;
    round.tree = guest->tree;
    round.shape = (ProtobufCBinaryData){.len = message_bit_bytes(tree->count), .data = shape};
    int32_t result = FATE_OK;
    for (uint32_t p = 0; p < guest->party_count && result == FATE_OK; p++) {
        if (!guest->parties[p].own) {
            result = peer_send_message(turn, MESSAGE_ROUND, guest->parties[p].party, &round.base);
        }
    }
    memory_free(guest->context, shape);
    return result;
}

/* Room for the outcomes of each host's conditions on the validation rows. */
static int32_t expect_outcomes(struct guest *guest)
{
    for (uint32_t p = 0; p < guest->party_count; p++) {
        struct guest_party *party = &guest->parties[p];
        memory_free(guest->context, party->outcomes);
        party->outcomes = NULL;
        party->outcome_rows = 0;
        if (!party->own) {
            party->outcomes = memory_zeroed(guest->context, fate_table_rows(guest->validation), message_bit_bytes(party->conditions));
            if (party->outcomes == NULL) {
                return context_out_of_memory(guest->context);
            }
        }
    }
    return FATE_OK;
}

int32_t guest_leaves(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    double value;
    int32_t result = weigh_leaves(guest);
    if (result == FATE_OK && round_ends(guest)) {
        margins_end_round(&guest->margins);
        /* With folds, training rows and others are the same table: what counts is measured when the fold ends. */
        result = guest->parameters.folds > 0 ? FATE_OK : report(turn, guest, "training", guest->margins.values, guest->table, &value);
    }
    if (result == FATE_OK && !guest->shared && guest->host_count > 0) {
        result = send_shape(turn, guest);
    }
    if (result != FATE_OK) {
        return result;
    }
    if (guest->validation == NULL || !guest->shared) {
        return fate_turn_go_to(turn, GUEST_JUDGE);
    }
    return expect_outcomes(guest);
}

int32_t guest_outcomes(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    struct guest_party *host = &guest->parties[fate_turn_from(turn)];
    uint64_t rows = fate_table_rows(guest->validation), row_bytes = message_bit_bytes(host->conditions), length;
    const uint8_t *bytes;
    struct outcome_part part;
    int32_t result = fate_turn_received(turn, host->party, &bytes, &length);
    if (result != FATE_OK) {
        return result;
    }
    if (!outcome_part_read(&part, bytes, length, host->outcome_rows, rows, row_bytes)) {
        return peer_violation(turn, host->party, "outcomes on the validation table that do not follow or have a wrong length");
    }
    if (part.count > 0 && row_bytes > 0) {
        memcpy(host->outcomes + part.first * row_bytes, part.bits, part.count * row_bytes);
    }
    host->outcome_rows += part.count;
    if (fate_turn_last(turn) != 0 && host->outcome_rows != rows) {
        return peer_violation(turn, host->party, "outcomes for too few rows of the validation table");
    }
    return FATE_OK;
}

static bool goes_left(const struct guest *guest, uint32_t number, uint64_t row)
{
    const struct guest_node *node = &guest->nodes[number];
    if (node->host) {
        const struct guest_party *host = &guest->parties[node->owner];
        return !message_bit(host->outcomes + row * message_bit_bytes(host->conditions), node->condition);
    }
    uint32_t index;
    const struct condition *condition = conditions_find(&guest->conditions, number, &index);
    return condition->left[guest->columns.validation_data[condition->column][row]] != 0;
}

/* Adds the tree to the margins of the validation rows. */
static void score_validation(struct guest *guest)
{
    const struct tree_node *nodes = guest->growth.tree.nodes;
    const struct boosting_node *leaves = guest->model.trees[guest->tree].nodes;
    for (uint64_t row = 0; row < fate_table_rows(guest->validation); row++) {
        uint32_t node = 0;
        while (nodes[node].left != 0) {
            node = goes_left(guest, node, row) ? nodes[node].left : nodes[node].right;
        }
        boosting_model_add(&guest->model, guest->tree, &leaves[node], margins_row(&guest->validation_margins, row));
    }
}

/* Ends a fold with its last tree, and reports how good the scores of its held-out rows are. */
static int32_t end_fold(fate_turn *turn, struct guest *guest)
{
    char name[64];
    bool ended = false;
    double value = 0;
    int32_t result = folds_end_tree(&guest->folds, &guest->parameters, guest->tree, &guest->margins, fate_table_label(guest->table),
                                    fate_table_weight(guest->table), &ended, &value);
    if (result != FATE_OK || !ended || isnan(value)) {
        return result;
    }
    snprintf(name, sizeof name, "held-out %s", measure_name(guest->parameters.measure));
    return fate_turn_metric(turn, name, folds_of_tree(&guest->parameters, guest->tree) + 1, value);
}

int32_t guest_judge(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    int32_t result = FATE_OK;
    if (guest->validation != NULL) {
        score_validation(guest);
    }
    if (guest->validation != NULL && round_ends(guest)) {
        double value = 0;
        margins_end_round(&guest->validation_margins);
        result = report(turn, guest, "validation", guest->validation_margins.values, guest->validation, &value);
        guest->stopped = early_stopping_update(&guest->stopping, guest->tree + 1, measure_loss(guest->parameters.measure, value));
    }
    if (result == FATE_OK) {
        result = end_fold(turn, guest);
    }
    guest->tree++;
    if (result == FATE_OK) {
        result = fate_turn_checkpoint(turn);
    }
    return result == FATE_OK ? fate_turn_go_to(turn, GUEST_BEGIN) : result;
}

/* The model, or what a cross-validation has instead. */
static int32_t deliver(fate_turn *turn, struct guest *guest)
{
    struct buffer body;
    if (guest->parameters.folds > 0) {
        uint64_t rows = guest->folds.rows;
        int32_t result = results_scores(guest->context, results_to_turn, turn, guest->folds.scores, rows, guest->parameters.outputs);
        return result == FATE_OK ? results_folds(guest->context, results_to_turn, turn, guest->folds.of_row, rows) : result;
    }
    buffer_init(&body, guest->context);
    int32_t result = boosting_model_number_columns(&guest->model);
    if (result == FATE_OK) {
        result = boosting_model_write(&guest->model, &body);
    }
    if (result == FATE_OK) {
        result = fate_turn_set_model(turn, body.bytes, body.length);
    }
    buffer_free(&body);
    return result;
}

int32_t guest_end(fate_turn *turn, void *state)
{
    struct guest *guest = state;
    message_round round = BOOSTING_MESSAGE__ROUND__INIT;
    int32_t result = guest->lattice != NULL ? guest_lattice_end(turn, guest) : FATE_OK;
    if (result != FATE_OK) {
        return result;
    }
    round.kind = BOOSTING_MESSAGE__ROUND__KIND__END;
    round.tree = early_stopping_keep(&guest->stopping, guest->tree);
    boosting_model_keep(&guest->model, round.tree);
    result = deliver(turn, guest);
    for (uint32_t p = 0; p < guest->party_count && result == FATE_OK; p++) {
        if (!guest->parties[p].own) {
            result = peer_send_message(turn, MESSAGE_ROUND, guest->parties[p].party, &round.base);
        }
    }
    return result == FATE_OK ? fate_turn_finish(turn) : result;
}
