/* Scoring, both roles. */
#include "src/models/boosting/scoring.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <fate/model.h>
#include "src/models/boosting/body.h"
#include "src/models/boosting/peer.h"
#include "src/models/boosting/protocol.h"
#include "src/models/boosting/results.h"

enum { BLOCK_BYTES = 262144, BLOCK_ROWS = 4096, MASK_BYTES_MOST = 900000 };

void scoring_stop(fate_context *context, void *state)
{
    struct scoring *scoring = state;
    if (scoring == NULL) {
        return;
    }
    for (uint64_t i = 0; scoring->blocks != NULL && i < scoring->block_count; i++) {
        memory_free(context, scoring->blocks[i].masks);
    }
    if (scoring->predictor_ready) {
        predictor_free(&scoring->predictor);
    }
    if (scoring->model_ready) {
        boosting_model_free(&scoring->model);
    }
    memory_free(context, scoring->blocks);
    memory_free(context, scoring->taken);
    memory_free(context, scoring->scores);
    memory_free(context, scoring->leaves);
    memory_free(context, scoring);
}

int32_t scoring_read_model(fate_turn *turn, struct boosting_model *model)
{
    fate_context *context = fate_turn_context(turn);
    const fate_model *given = fate_turn_model(turn);
    const uint8_t *body;
    uint64_t length;
    if (given == NULL) {
        return context_fail(context, FATE_E_MODEL, "scoring needs a model: give one before the job begins");
    }
    int32_t result = fate_model_check(given, fate_turn_job(turn), fate_turn_party(turn));
    if (result == FATE_OK) {
        result = fate_model_body(given, &body, &length);
    }
    if (result == FATE_OK) {
        result = boosting_model_read(model, context, body, length);
    }
    bool guest = fate_turn_role(turn, fate_turn_party(turn)) == ROLE_GUEST;
    if (result == FATE_OK && model->guest != guest) {
        boosting_model_free(model);
        return context_fail(context, FATE_E_MODEL, "the model is not that of a %s", guest ? "guest" : "host");
    }
    return result;
}

static int32_t read_model(fate_turn *turn, struct scoring *scoring)
{
    if (scoring->table == NULL) {
        return context_fail(scoring->context, FATE_E_TABLE, "scoring needs a table and a model");
    }
    int32_t result = scoring_read_model(turn, &scoring->model);
    scoring->model_ready = result == FATE_OK;
    if (result == FATE_OK) {
        result = predictor_init(&scoring->predictor, scoring->context, &scoring->model, scoring->table);
        scoring->predictor_ready = result == FATE_OK;
    }
    return result;
}

static int32_t make_blocks(fate_turn *turn, struct scoring *scoring)
{
    uint64_t mask = scoring->predictor.mask_bytes;
    if (mask > MASK_BYTES_MOST) {
        return context_fail(scoring->context, FATE_E_LIMIT, "the model has so many leaves that one row's mask is longer than %d bytes",
                            (int)MASK_BYTES_MOST);
    }
    uint64_t fitting = mask == 0 ? BLOCK_ROWS : BLOCK_BYTES / mask;
    scoring->block_rows = fitting > BLOCK_ROWS ? BLOCK_ROWS : fitting > 0 ? fitting : 1;
    scoring->block_count = scoring->rows / scoring->block_rows + (scoring->rows % scoring->block_rows != 0);
    if (fate_turn_role(turn, fate_turn_party(turn)) != ROLE_GUEST) {
        return FATE_OK;
    }
    scoring->blocks = memory_zeroed(scoring->context, scoring->block_count, sizeof *scoring->blocks);
    scoring->taken = memory_zeroed(scoring->context, fate_job_party_count(fate_turn_job(turn)), sizeof *scoring->taken);
    scoring->scores = memory_zeroed(scoring->context, scoring->rows, scoring->model.outputs * sizeof *scoring->scores);
    int64_t leaves = 0;
    int32_t result = fate_turn_option(turn, "leaves", &leaves);
    if (result == FATE_OK && leaves != 0) {
        scoring->leaves = memory_zeroed(scoring->context, scoring->rows, scoring->model.tree_count * sizeof *scoring->leaves);
        result = scoring->leaves == NULL ? context_out_of_memory(scoring->context) : FATE_OK;
    }
    bool made = scoring->blocks != NULL && scoring->taken != NULL && scoring->scores != NULL;
    return made ? result : context_out_of_memory(scoring->context);
}

int32_t scoring_start(fate_turn *turn, void **state)
{
    fate_context *context = fate_turn_context(turn);
    struct scoring *scoring = memory_zeroed(context, 1, sizeof *scoring);
    if (scoring == NULL) {
        return context_out_of_memory(context);
    }
    scoring->context = context;
    scoring->table = fate_turn_table(turn, FATE_TABLE_DATA);
    scoring->rows = fate_table_rows(scoring->table);
    scoring->guest = peer_next(turn, ROLE_GUEST, 0);
    scoring->host_count = peer_count(turn, ROLE_HOST);
    int32_t result = read_model(turn, scoring);
    if (result == FATE_OK) {
        result = make_blocks(turn, scoring);
    }
    if (result != FATE_OK) {
        scoring_stop(context, scoring);
        return result;
    }
    *state = scoring;
    return FATE_OK;
}

/* ---- do all parties score the same rows with models of one training? ---- */

int32_t scoring_trees_digest(fate_turn *turn, const struct boosting_model *model, uint8_t *digest)
{
    uint8_t key[MESSAGE_DIGEST];
    struct buffer shapes;
    buffer_init(&shapes, model->context);
    buffer_u32(&shapes, model->tree_count);
    for (uint32_t tree = 0; tree < model->tree_count; tree++) {
        buffer_u32(&shapes, model->trees[tree].count);
        for (uint32_t node = 0; node < model->trees[tree].count; node++) {
            buffer_u32(&shapes, model->trees[tree].nodes[node].left);
        }
    }
    int32_t result = shapes.failed ? context_out_of_memory(model->context) : fate_turn_common_seed(turn, "scoring trees", key);
    if (result == FATE_OK) {
        crypto_generichash(digest, MESSAGE_DIGEST, shapes.bytes, shapes.length, key, sizeof key);
        sodium_memzero(key, sizeof key);
    }
    buffer_free(&shapes);
    return result;
}

static int32_t send_rows(fate_turn *turn, const struct scoring *scoring, uint32_t message, uint32_t party)
{
    uint8_t ids[MESSAGE_DIGEST], trees[MESSAGE_DIGEST];
    message_rows rows = BOOSTING_MESSAGE__ROWS__INIT;
    int32_t result = peer_id_digest(turn, scoring->table, "scoring ids", ids);
    if (result == FATE_OK) {
        result = scoring_trees_digest(turn, &scoring->model, trees);
    }
    rows.rows = scoring->rows;
    rows.id_digest = (ProtobufCBinaryData){.len = sizeof ids, .data = ids};
    rows.trees_digest = (ProtobufCBinaryData){.len = sizeof trees, .data = trees};
    return result == FATE_OK ? peer_send_message(turn, message, party, &rows.base) : result;
}

int32_t scoring_models_differ(fate_turn *turn, uint32_t party)
{
    const fate_job *job = fate_turn_job(turn);
    char sentence[CONTEXT_SENTENCE];
    snprintf(sentence, sizeof sentence, "the models of %.200s and %.200s have trees of different shapes: use the models of one training",
             fate_job_party_name(job, fate_turn_party(turn)), fate_job_party_name(job, party));
    return fate_turn_fail(turn, FATE_E_MODEL, sentence, sentence);
}

static int32_t compare(fate_turn *turn, const struct scoring *scoring, uint32_t party, const message_rows *rows)
{
    uint8_t ids[MESSAGE_DIGEST], trees[MESSAGE_DIGEST];
    int32_t result = peer_id_digest(turn, scoring->table, "scoring ids", ids);
    if (result == FATE_OK) {
        result = scoring_trees_digest(turn, &scoring->model, trees);
    }
    if (result != FATE_OK) {
        return result;
    }
    if (rows->rows != scoring->rows || sodium_memcmp(ids, rows->id_digest.data, sizeof ids) != 0) {
        return peer_rows_differ(turn, party, "table", scoring->rows, rows->rows);
    }
    if (sodium_memcmp(trees, rows->trees_digest.data, sizeof trees) != 0) {
        return scoring_models_differ(turn, party);
    }
    return FATE_OK;
}

static int32_t take_rows(fate_turn *turn, const struct scoring *scoring, uint32_t party)
{
    const uint8_t *bytes;
    uint64_t length;
    message_rows *rows = NULL;
    int32_t result = fate_turn_received(turn, party, &bytes, &length);
    if (result == FATE_OK) {
        result = peer_checked(turn, party, message_decode_rows(scoring->context, &rows, bytes, length));
    }
    if (result == FATE_OK) {
        result = compare(turn, scoring, party, rows);
    }
    if (rows != NULL) {
        message_free(scoring->context, &rows->base);
    }
    return result;
}

int32_t scoring_ask(fate_turn *turn, void *state)
{
    const struct scoring *scoring = state;
    int32_t result = FATE_OK;
    for (uint32_t host = peer_next(turn, ROLE_HOST, 0); host != UINT32_MAX && result == FATE_OK;
         host = peer_next(turn, ROLE_HOST, host + 1)) {
        result = send_rows(turn, scoring, MESSAGE_REQUEST, host);
    }
    return result;
}

int32_t scoring_compare(fate_turn *turn, void *state)
{
    const struct scoring *scoring = state;
    int32_t result = FATE_OK;
    for (uint32_t host = peer_next(turn, ROLE_HOST, 0); host != UINT32_MAX && result == FATE_OK;
         host = peer_next(turn, ROLE_HOST, host + 1)) {
        result = take_rows(turn, scoring, host);
    }
    return result;
}

int32_t scoring_announce(fate_turn *turn, void *state)
{
    const struct scoring *scoring = state;
    return send_rows(turn, scoring, MESSAGE_ROWS, scoring->guest);
}

int32_t scoring_agree(fate_turn *turn, void *state)
{
    const struct scoring *scoring = state;
    return take_rows(turn, scoring, scoring->guest);
}

/* ---- masks ---- */

static uint64_t block_length(const struct scoring *scoring, uint64_t first)
{
    uint64_t left = scoring->rows - first;
    return left < scoring->block_rows ? left : scoring->block_rows;
}

int32_t scoring_send(fate_turn *turn, void *state)
{
    struct scoring *scoring = state;
    struct outcome_part part = {.first = scoring->position, .count = block_length(scoring, scoring->position)};
    uint64_t length = part.count * scoring->predictor.mask_bytes;
    struct buffer bytes;
    buffer_init(&bytes, scoring->context);
    outcome_part_head(&bytes, &part);
    if (!buffer_reserve(&bytes, length)) {
        buffer_free(&bytes);
        return context_out_of_memory(scoring->context);
    }
    predictor_masks(&scoring->predictor, part.first, part.count, bytes.bytes + bytes.length);
    bytes.length += length;
    scoring->position += part.count;
    bool last = scoring->position == scoring->rows;
    int32_t result = fate_turn_send(turn, MESSAGE_LEAVES, scoring->guest, bytes.bytes, bytes.length, last);
    buffer_free(&bytes);
    if (result == FATE_OK) {
        result = fate_turn_progress(turn, 1, 1, 0, 0, scoring->position);
    }
    if (result != FATE_OK || !last) {
        return result == FATE_OK ? FATE_AGAIN : result;
    }
    return fate_turn_finish(turn);
}

/* The guest's own masks of a block, to begin with. */
static int32_t begin_block(const struct scoring *scoring, struct scoring_block *block, uint64_t first)
{
    uint64_t count = block_length(scoring, first);
    block->masks = memory_allocate(scoring->context, count, scoring->predictor.mask_bytes);
    if (block->masks == NULL) {
        return context_out_of_memory(scoring->context);
    }
    predictor_masks(&scoring->predictor, first, count, block->masks);
    return FATE_OK;
}

/* Scores a block when all hosts have sent theirs. */
static int32_t end_block(struct scoring *scoring, struct scoring_block *block, uint64_t first)
{
    if (block->hosts < scoring->host_count) {
        return FATE_OK;
    }
    int32_t result = predictor_scores(&scoring->predictor, first, block_length(scoring, first), block->masks,
                                      scoring->scores + first * scoring->model.outputs);
    if (result == FATE_OK && scoring->leaves != NULL) {
        result = predictor_leaves(&scoring->predictor, first, block_length(scoring, first), block->masks, scoring->leaves + first,
                                  scoring->rows);
    }
    memory_free(scoring->context, block->masks);
    block->masks = NULL;
    return result;
}

static int32_t take_block(struct scoring *scoring, const struct outcome_part *part)
{
    struct scoring_block *block = &scoring->blocks[part->first / scoring->block_rows];
    int32_t result = block->masks == NULL ? begin_block(scoring, block, part->first) : FATE_OK;
    if (result != FATE_OK) {
        return result;
    }
    predictor_intersect(block->masks, part->bits, part->count * scoring->predictor.mask_bytes);
    block->hosts++;
    return end_block(scoring, block, part->first);
}

/* Where there is one host only, it is its masks that do not fit. Peers are not told which row. */
static int32_t name_host(fate_turn *turn, const struct scoring *scoring, uint32_t host, int32_t result)
{
    char sentence[CONTEXT_SENTENCE];
    if (result != FATE_E_PROTOCOL || scoring->host_count != 1) {
        return result;
    }
    snprintf(sentence, sizeof sentence, "the masks of leaves of %.200s do not fit: %.700s", fate_job_party_name(fate_turn_job(turn), host),
             fate_context_error(scoring->context));
    return fate_turn_fail(turn, result, sentence, "the masks of leaves do not fit the guest's model");
}

int32_t scoring_collect(fate_turn *turn, void *state)
{
    struct scoring *scoring = state;
    uint32_t host = fate_turn_from(turn);
    uint64_t *taken = &scoring->taken[host], length;
    const uint8_t *bytes;
    struct outcome_part part;
    int32_t result = fate_turn_received(turn, host, &bytes, &length);
    if (result != FATE_OK) {
        return result;
    }
    if (!outcome_part_read(&part, bytes, length, *taken, scoring->rows, scoring->predictor.mask_bytes) ||
        part.count != block_length(scoring, part.first)) {
        return peer_violation(turn, host, "masks of leaves that do not follow or have a wrong length");
    }
    if (part.count > 0) {
        result = name_host(turn, scoring, host, take_block(scoring, &part));
    }
    *taken += part.count;
    if (result != FATE_OK) {
        return result;
    }
    if (fate_turn_last(turn) != 0 && *taken != scoring->rows) {
        return peer_violation(turn, host, "masks of leaves for too few rows");
    }
    return fate_turn_progress(turn, 1, 1, 0, 0, *taken);
}

/* Each output is a column of results, and the leaves of each tree, where they are asked for. */
static int32_t set_scores(fate_turn *turn, const struct scoring *scoring)
{
    int32_t result = results_scores(scoring->context, results_to_turn, turn, scoring->scores, scoring->rows, scoring->model.outputs);
    if (result == FATE_OK && scoring->leaves != NULL) {
        result = results_leaves(results_to_turn, turn, scoring->leaves, scoring->rows, scoring->model.tree_count);
    }
    return result;
}

int32_t scoring_finish(fate_turn *turn, void *state)
{
    struct scoring *scoring = state;
    if (scoring->host_count == 0 && scoring->position < scoring->rows) {
        uint64_t first = scoring->position;
        struct scoring_block *block = &scoring->blocks[first / scoring->block_rows];
        int32_t result = begin_block(scoring, block, first);
        if (result == FATE_OK) {
            result = end_block(scoring, block, first);
        }
        scoring->position += block_length(scoring, first);
        return result == FATE_OK ? FATE_AGAIN : result;
    }
    int32_t result = set_scores(turn, scoring);
    return result == FATE_OK ? fate_turn_finish(turn) : result;
}
